"""The online shop's orders as Haravan shows them, and what they amount to."""

from collections.abc import Mapping

import numpy as np

from include.sandbox.people import spell_phone
from include.sandbox.places import street, written
from include.sandbox.seasons import NEVER, utc_text
from include.sandbox.trade import FREE_SHIPPING, POS
from include.sandbox.vocabulary import GATEWAYS, ORDER_SOURCES
from include.sandbox.world import World

ORDER_ID, CUSTOMER_ID, PRODUCT_ID, VARIANT_ID, LINE_ID = (
    1_140_000_000, 1_036_000_000, 1_028_000_000, 1_061_000_000, 1_160_000_000,
)  # fmt: skip
FIRST_NUMBER = 100_001
SHIPPING_FEE = 30_000
ORDER_TIMES = (
    "created_at", "confirmed_at", "paid_at", "shipped_at", "delivered_at", "returned_at",
    "cancelled_at", "refunded_at", "closed_at",
)  # fmt: skip


class OrderBook:
    """All online orders: their amounts, and each as it stood at any time."""

    def __init__(self, world: World) -> None:
        self._world = world
        orders, lines, count = world.orders, world.order_lines, len(world.orders)
        self._first = np.searchsorted(lines.order, np.arange(count + 1))

        def summed(values: np.ndarray) -> np.ndarray:
            return np.bincount(lines.order, values, count).astype(np.int64)

        self.subtotal = summed(lines.net)
        self._gross = summed(lines.quantity * lines.price)
        self.tax = np.where(orders.has_invoice, self.subtotal * 8 // 100, 0)
        is_free = (orders.source == POS) | (self.subtotal >= FREE_SHIPPING)
        self.shipping = np.where(is_free, 0, SHIPPING_FEE)
        self.total = self.subtotal + self.tax + self.shipping
        self.refunded = self._refunds()

    def _refunds(self) -> np.ndarray:
        """Return the merchandise value that each order's refund gives back, now or later."""
        lines, orders = self._world.order_lines, self._world.orders
        first = self._first[:-1]
        one_unit = lines.net[first] // lines.quantity[first]
        is_whole = orders.is_refunded_whole | (one_unit == self.subtotal)
        amount = np.where(is_whole, self.subtotal, one_unit)
        return np.where(orders.refunded_at != NEVER, amount, 0)

    def record(self, row: int, now: int) -> dict:
        """Return an order as it stood at NOW."""
        world, orders = self._world, self._world.orders
        times = {name: int(getattr(orders, name)[row]) for name in ORDER_TIMES}
        past = {name: utc_text(at) if at <= now else None for name, at in times.items()}
        order_id, lines = ORDER_ID + row, self._lines(row)
        code, gateway, _ = GATEWAYS[orders.gateway[row]]
        number = f"#{FIRST_NUMBER + row}"
        is_pos, refund = orders.source[row] == POS, self._refund(row, past["refunded_at"], gateway)
        paid = [
            _transaction(1_055_000_000 + row, order_id, self.total[row], "capture", gateway, past["paid_at"])
        ]
        account = int(world.order_account[row])
        email, address = self._contact(row, account)
        source = ORDER_SOURCES[orders.source[row]][0]
        return {
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
            "customer": identity(world, account) if account >= 0 else None,
            "email": email, "phone": address and address["phone"], "contact_email": email,
            "billing_address": address, "shipping_address": address,
            "tags": None, "note": None,
            "note_attributes": [] if is_pos else [
                {"name": "promised_at", "value": utc_text(orders.promised_at[row])}
            ],
        }  # fmt: skip

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
        phone = (
            spell_phone(person.phone_at(int(self._world.orders.created_at[row])), row)
            if row % 7 or account < 0
            else None
        )
        return email, address_of(name, phone, person.place, row)


def identity(world: World, account: int) -> dict:
    """Return what an order and a customer's own record say of an account."""
    accounts = world.accounts
    last, _, first = accounts.names[account].rpartition(" ")
    is_staff = world.people[accounts.person[account]].is_staff
    return {
        "id": CUSTOMER_ID + account, "email": accounts.emails[account],
        "phone": accounts.phones[account], "first_name": first, "last_name": last or None,
        "tags": "staff" if is_staff else None,
        "created_at": utc_text(accounts.created_at[account]),
    }  # fmt: skip


def address_of(name: str, phone: str | None, place: int, lot: int) -> dict:
    """Return an address; LOT picks the street."""
    at = written(place, lot)
    return {
        "name": name, "phone": phone, "address1": street(lot),
        "province": at.province, "province_code": at.code, "district": at.district, "ward": at.ward,
        "country": "Vietnam", "country_code": "VN",
    }  # fmt: skip


def _transaction(identity: int, order_id: int, amount: int, kind: str, gateway: str, at: str | None) -> dict:
    return {
        "id": identity, "order_id": order_id, "amount": float(amount), "kind": kind,
        "gateway": gateway, "created_at": at, "currency": "VND", "status": "Thành công",
    }  # fmt: skip
