"""The online shop's orders, customers and products as Haravan's API shows them."""

from collections.abc import Mapping

import numpy as np
import orjson

from include.sandbox import defects
from include.sandbox.people import Profiles, spell_phone
from include.sandbox.seasons import DAY, NEVER, utc_text
from include.sandbox.shelf import Shelf
from include.sandbox.trade import FREE_SHIPPING, POS, Lines
from include.sandbox.vocabulary import GATEWAYS, ORDER_SOURCES, PLACES, STREETS
from include.sandbox.world import World

ORDER_ID, CUSTOMER_ID, PRODUCT_ID, VARIANT_ID, LINE_ID = (
    1_140_000_000, 1_036_000_000, 1_028_000_000, 1_061_000_000, 1_160_000_000,
)  # fmt: skip
FIRST_NUMBER = 100_001
SHIPPING_FEE = 30_000
ORDER_TIMES = ("created_at", "confirmed_at", "paid_at", "shipped_at", "delivered_at", "returned_at",
               "cancelled_at", "refunded_at", "closed_at")  # fmt: skip


class Haravan:
    """Three shelves over the world; `marked` holds the defects that each record carries."""

    def __init__(self, world: World) -> None:
        self._world = world
        orders, lines = world.orders, world.order_lines
        count = len(orders)
        self._first = np.searchsorted(lines.order, np.arange(count + 1))
        self.subtotal = _sums(lines, lines.net, count)
        self._gross = _sums(lines, lines.quantity * lines.price, count)
        self.tax = np.where(orders.has_invoice, self.subtotal * 8 // 100, 0)
        is_free = (orders.source == POS) | (self.subtotal >= FREE_SHIPPING)
        self.shipping = np.where(is_free, 0, SHIPPING_FEE)
        self.total = self.subtotal + self.tax + self.shipping
        self.refunded = self._refunds()
        owned = np.flatnonzero(world.order_account >= 0)
        self._owned = owned[np.argsort(world.order_account[owned], kind="stable")]
        self._owner = world.order_account[self._owned]
        self.marked: dict[str, dict[int, list[str]]] = {}
        self.shelves: Mapping[str, Shelf] = {
            "orders": Shelf(ORDER_ID + np.arange(count), orders.created_at, self._order),
            "customers": Shelf(
                CUSTOMER_ID + np.arange(len(world.accounts)),
                world.accounts.created_at,
                self._customer,
            ),
            "products": Shelf(
                PRODUCT_ID + np.arange(len(world.products)),
                np.full(len(world.products), world.start - 30 * DAY),
                self._product,
            ),
        }

    def stand(self, now: int, hidden: np.ndarray) -> None:
        """Show everything as it is at NOW, without the orders whose rows are HIDDEN."""
        orders, accounts = self._world.orders, self._world.accounts
        times = np.stack([getattr(orders, name) for name in ORDER_TIMES])
        updated_at = np.where(times <= now, times, 0).max(axis=0)
        updated_at[(orders.created_at > now) | hidden] = 0
        self.shelves["orders"].stand(updated_at)
        # the accounts of before the history were imported on its first day
        imported = self._world.start + np.arange(len(accounts)) % DAY
        changed = np.maximum(
            accounts.created_at, np.where(accounts.created_at < self._world.start, imported, 0)
        )
        bought = orders.created_at[self._owned]
        seen = (bought <= now) & ~hidden[self._owned]
        np.maximum.at(changed, self._owner[seen], bought[seen])
        self.shelves["customers"].stand(np.where(accounts.created_at <= now, changed, 0))
        self.shelves["products"].stand(self._world.start + np.arange(len(self._world.products)))

    def _refunds(self) -> np.ndarray:
        """Return the merchandise value that each order's refund gives back, now or later."""
        lines, orders = self._world.order_lines, self._world.orders
        first = self._first[:-1]
        one_unit = lines.net[first] // lines.quantity[first]
        is_whole = orders.is_refunded_whole | (one_unit == self.subtotal)
        amount = np.where(is_whole, self.subtotal, one_unit)
        return np.where(orders.refunded_at != NEVER, amount, 0)

    def _render(self, stream: str, row: int, record: dict) -> bytes:
        names = self.marked.get(stream, {}).get(row)
        if not names:
            return orjson.dumps(record)
        defects.spoil(record, row, names, f"haravan.{stream}")
        return defects.as_bytes(orjson.dumps(record))

    def _order(self, row: int, now: int) -> bytes:
        world, orders = self._world, self._world.orders
        times = {name: int(getattr(orders, name)[row]) for name in ORDER_TIMES}
        past = {name: utc_text(at) if at <= now else None for name, at in times.items()}
        order_id, lines = ORDER_ID + row, self._lines(row)
        code, gateway, _ = GATEWAYS[orders.gateway[row]]
        number = f"#{FIRST_NUMBER + row}"
        is_pos, refund = orders.source[row] == POS, self._refund(row, past["refunded_at"], gateway)
        paid = [
            _transaction(
                1_055_000_000 + row, order_id, self.total[row], "capture", gateway, past["paid_at"]
            )
        ]
        account = int(world.order_account[row])
        email, address = self._contact(row, account)
        source = ORDER_SOURCES[orders.source[row]][0]
        record = {
            "id": order_id, "name": number, "number": FIRST_NUMBER + row, "order_number": number,
            "created_at": past["created_at"], "updated_at": utc_text(now),
            "confirmed_at": past["confirmed_at"], "cancelled_at": past["cancelled_at"],
            "cancel_reason": "customer" if past["cancelled_at"] else None,
            "closed_at": past["closed_at"],
            "confirmed_status": "confirmed" if past["confirmed_at"] else "unconfirmed",
            "cancelled_status": "cancelled" if past["cancelled_at"] else "uncancelled",
            "closed_status": "closed" if past["closed_at"] else "unclosed",
            "financial_status": self._financial_status(row, past),
            "fulfillment_status": "fulfilled" if past["shipped_at"] or is_pos else "notfulfilled",
            "gateway": gateway, "gateway_code": code, "source_name": source, "source": source,
            "currency": "VND", "total_line_items_price": float(self._gross[row]),
            "total_discounts": float(self._gross[row] - self.subtotal[row]),
            "subtotal_price": float(self.subtotal[row]), "total_tax": float(self.tax[row]),
            "taxes_included": not orders.has_invoice[row], "total_price": float(self.total[row]),
            "shipping_lines": [] if is_pos else [
                {"code": None, "title": "Giao hàng tiêu chuẩn", "price": float(self.shipping[row]),
                 "source": None}
            ],
            "line_items": lines, "refunds": refund,
            "transactions": paid if past["paid_at"] else [],
            "fulfillments": self._fulfillments(row, past),
            "customer": self._identity(account) if account >= 0 else None,
            "email": email, "phone": address and address["phone"], "contact_email": email,
            "billing_address": address, "shipping_address": address,
            "tags": None, "note": None,
            "note_attributes": [] if is_pos else [
                {"name": "promised_at", "value": utc_text(orders.promised_at[row])}
            ],
        }  # fmt: skip
        return self._render("orders", row, record)

    def _lines(self, row: int) -> list[dict]:
        lines, records = self._world.order_lines, []
        for line in range(self._first[row], self._first[row + 1]):
            product = int(lines.product[line])
            article = self._world.products[product]
            records.append({
                "id": LINE_ID + line, "product_id": PRODUCT_ID + product,
                "variant_id": VARIANT_ID + product, "sku": article.sku, "title": article.title,
                "name": article.title, "type": article.category, "vendor": "Nhà An",
                "quantity": int(lines.quantity[line]), "price": float(lines.price[line]),
                "total_discount": float(lines.discount[line]),
            })  # fmt: skip
        return records

    def _refund(self, row: int, at: str | None, gateway: str) -> list[dict]:
        if at is None:
            return []
        lines, order_id = self._world.order_lines, ORDER_ID + row
        span = range(self._first[row], self._first[row + 1])
        is_whole = self.refunded[row] == self.subtotal[row]
        returned = [(line, int(lines.quantity[line]), float(lines.net[line])) for line in span]
        if not is_whole:
            returned = [(span[0], 1, float(self.refunded[row]))]
        is_cancelled = self._world.orders.cancelled_at[row] != NEVER
        amount = self.total[row] if is_cancelled else self.refunded[row]
        return [{
            "id": 1_011_000_000 + row, "order_id": order_id, "created_at": at,
            "note": "Hủy đơn" if is_cancelled else "Đổi trả",
            "refund_line_items": [
                {"id": 1_013_000_000 + line, "line_item_id": LINE_ID + line, "quantity": quantity,
                 "subtotal": subtotal}
                for line, quantity, subtotal in returned
            ],
            "transactions": [
                _transaction(1_094_000_000 + row, order_id, -amount, "refund", gateway, at)
            ],
        }]  # fmt: skip

    def _financial_status(self, row: int, past: Mapping[str, str | None]) -> str:
        if past["refunded_at"]:
            is_whole = self.refunded[row] == self.subtotal[row]
            return "refunded" if is_whole else "partially_refunded"
        if past["paid_at"]:
            return "paid"
        return "voided" if past["cancelled_at"] else "pending"

    def _fulfillments(self, row: int, past: Mapping[str, str | None]) -> list[dict]:
        if not past["shipped_at"]:
            return []
        code, name = "delivering", "Đang giao hàng"
        if past["delivered_at"]:
            code, name = "delivered", "Đã giao hàng"
        if past["returned_at"]:
            code, name = "return", "Chuyển hoàn"
        changed = past["delivered_at"] or past["returned_at"] or past["shipped_at"]
        return [{
            "id": 1_017_000_000 + row, "order_id": ORDER_ID + row, "created_at": past["shipped_at"],
            "updated_at": changed, "status": "success", "tracking_company": "Giao Hàng Nhanh",
            "tracking_number": f"GHN{ORDER_ID + row}", "carrier_status_code": code,
            "carrier_status_name": name, "delivered_date": past["delivered_at"],
        }]  # fmt: skip

    def _contact(self, row: int, account: int) -> tuple[str | None, dict | None]:
        """Return the e-mail and the address of an order; a sale at the till has neither."""
        index = int(self._world.orders.person[row])
        if index < 0:
            return None, None
        person, accounts = self._world.people[index], self._world.accounts
        if account >= 0:
            name, email = accounts.names[account], accounts.emails[account]
        else:
            name = f"{person.family} {person.middle} {person.given}"
            email = person.email if row % 5 < 2 else None
        phone = spell_phone(person.phone, row) if row % 7 or account < 0 else None
        return email, _address(name, phone, person.place, row)

    def _identity(self, account: int) -> dict:
        accounts: Profiles = self._world.accounts
        last, _, first = accounts.names[account].rpartition(" ")
        is_staff = self._world.people[accounts.person[account]].is_staff
        return {
            "id": CUSTOMER_ID + account, "email": accounts.emails[account],
            "phone": accounts.phones[account], "first_name": first, "last_name": last or None,
            "tags": "staff" if is_staff else None,
            "created_at": utc_text(accounts.created_at[account]),
        }  # fmt: skip

    def _customer(self, row: int, now: int) -> bytes:
        accounts, orders = self._world.accounts, self._world.orders
        person = self._world.people[accounts.person[row]]
        own = self._owned[slice(*np.searchsorted(self._owner, [row, row + 1]))]
        own = own[orders.created_at[own] <= now]
        last, year = (int(own[-1]) if len(own) else None), accounts.birth_years[row]
        record = self._identity(row) | {
            "birthday": f"{year}-01-01T00:00:00Z" if year else None, "gender": person.gender,
            "note": None, "state": "enabled", "verified_email": bool(row % 3),
            "accepts_marketing": bool(row % 2),
            "orders_count": len(own), "total_spent": float(self.total[own].sum()),
            "last_order_id": None if last is None else ORDER_ID + last,
            "last_order_name": None if last is None else f"#{FIRST_NUMBER + last}",
            "last_order_date": None if last is None else utc_text(orders.created_at[last]),
            "default_address": _address(
                accounts.names[row], accounts.phones[row], person.place, row
            ),
            "updated_at": utc_text(now),
        }  # fmt: skip
        return self._render("customers", row, record)

    def _product(self, row: int, now: int) -> bytes:
        product = self._world.products[row]
        created_at = utc_text(self._world.start - 30 * DAY)
        record = {
            "id": PRODUCT_ID + row, "title": product.title, "product_type": product.category,
            "vendor": "Nhà An", "tags": None, "created_at": created_at, "updated_at": utc_text(now),
            "published_at": created_at,
            "variants": [
                {"id": VARIANT_ID + row, "product_id": PRODUCT_ID + row, "sku": product.sku,
                 "title": "Default Title", "price": float(product.price)}
            ],
        }  # fmt: skip
        return self._render("products", row, record)


def _sums(lines: Lines, values: np.ndarray, orders: int) -> np.ndarray:
    return np.bincount(lines.order, values, orders).astype(np.int64)


def _address(name: str, phone: str | None, place: int, lot: int) -> dict:
    province, code, district, ward, _ = PLACES[place]
    return {
        "name": name, "phone": phone, "address1": f"{lot % 200 + 1} {STREETS[lot % len(STREETS)]}",
        "province": province, "province_code": code, "district": district, "ward": ward,
        "country": "Vietnam", "country_code": "VN",
    }  # fmt: skip


def _transaction(
    identity: int, order_id: int, amount: int, kind: str, gateway: str, at: str | None
) -> dict:
    return {
        "id": identity, "order_id": order_id, "amount": float(amount), "kind": kind,
        "gateway": gateway, "created_at": at, "currency": "VND", "status": "Thành công",
    }  # fmt: skip
