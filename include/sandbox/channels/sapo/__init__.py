"""A shop with a website and a till as Sapo shows it: orders, customers, products, abandoned checkouts."""

import base64
import hashlib
from collections.abc import Mapping

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.channels.haravan.orders import address_of
from include.sandbox.channels.sapo import endpoints
from include.sandbox.channels.sapo.store import ARTICLES, Store
from include.sandbox.desk import Desk
from include.sandbox.people import spell_phone
from include.sandbox.seasons import DAY, NEVER, midnight, utc_text
from include.sandbox.shelf import Shelf
from include.sandbox.trade import COD, POS, Lines
from include.sandbox.vocabulary import GATEWAYS
from include.sandbox.world import World

APP_KEY = "9b1f6c0e4d7a4e0f8a52c3d7f1e6b894"
"""Key of the private app, whose secret is the token."""
ORDER_ID, CUSTOMER_ID, PRODUCT_ID, VARIANT_ID, LINE_ID, CHECKOUT_ID = (
    60_100_000, 40_200_000, 20_300_000, 30_400_000, 90_500_000, 70_600_000,
)  # fmt: skip
TRANSACTION_ID, REFUND_ID, PARCEL_ID = 80_000_000, 50_700_000, 85_000_000
FIRST_NUMBER = 1001
SOURCES = ("web", "facebook", "zalo", "web", "pos")
"""Where an order was placed, by the trade's number of it."""
CARD = next(number for number, (code, _, _) in enumerate(GATEWAYS) if code == "VNPAY")
ORDER_TIMES = (
    "created_at", "paid_at", "shipped_at", "delivered_at", "returned_at", "cancelled_at", "refunded_at",
    "closed_at",
)  # fmt: skip


class Channel(channel.Channel):
    """Shelves over one store."""

    SECRETS = ("SAPO_TOKEN",)
    CALLS, CALLS_A_SECOND = 40, 40 / 60

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.store = store = Store(name, world)
        self.know(store.accounts, CUSTOMER_ID + np.arange(len(store.accounts)), birth_years=False)
        self.lacking: set[str] = set()
        """Streams that the shop does not have."""
        orders = store.orders
        owned = np.flatnonzero(store.account >= 0)
        self._owned = owned[np.argsort(store.account[owned], kind="stable")]
        self._owner = store.account[self._owned]
        self.shelves = {
            "products": Shelf(
                PRODUCT_ID + np.arange(ARTICLES), np.full(ARTICLES, world.start - 30 * DAY), self._product
            ),
            "customers": Shelf(
                CUSTOMER_ID + np.arange(len(store.accounts)), store.accounts.created_at, self._customer
            ),
            "orders": Shelf(ORDER_ID + np.arange(len(orders)), orders.created_at, self._order),
            "checkouts": Shelf(
                CHECKOUT_ID + np.arange(len(store.checkouts)), store.checkouts.created_at, self._checkout
            ),
        }

    def stand(self, moment: Moment) -> None:
        """Show everything with its last change."""
        self.now = now = moment.now
        store, accounts, left = self.store, self.store.accounts, self.store.checkouts
        times = np.stack([getattr(store.orders, name) for name in ORDER_TIMES])
        last = np.where(times <= now, times, 0).max(axis=0)
        self.shelves["orders"].stand(np.where(store.orders.created_at <= now, last, 0))
        # the accounts of the till were imported on the first day of the history
        imported = self.world.start + np.arange(len(accounts)) % DAY
        changed = np.maximum(
            accounts.created_at, np.where(accounts.created_at < self.world.start, imported, 0)
        )
        bought = store.orders.created_at[self._owned]
        np.maximum.at(changed, self._owner[bought <= now], bought[bought <= now])
        self.shelves["customers"].stand(np.where(accounts.created_at <= now, changed, 0))
        self.shelves["products"].stand(self.world.start + 60 * np.arange(ARTICLES))
        changed = np.where(left.completed_at <= now, left.completed_at, left.created_at)
        self.shelves["checkouts"].stand(np.where(left.created_at <= now, changed, 0))

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a stream; of the counts, whole days since forty before history ends."""
        if stream != "order_counts":
            return super().keys(stream)
        return {day.isoformat() for day in self.world.counted_days(self.now)}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what was sold, left behind and counted."""
        store, orders = self.store, self.store.orders
        there = orders.created_at <= moment.now
        if stream == "orders":
            return {"total_price": int(store.total[there].sum())}
        if stream == "checkouts":
            return {"total_price": int(store.left_total[store.checkouts.created_at <= moment.now].sum())}
        if stream == "order_counts":
            first = midnight(self.world.counted_days(self.now)[0])
            return {"count": int((there & (orders.created_at >= first)).sum())}
        return {}

    def ledger(self, moment: Moment) -> channel.Counts:
        """Return how much there is, lines, payments and refunds as well."""
        counts, store, now = super().ledger(moment), self.store, moment.now
        there = store.orders.created_at <= now
        refunded = store.orders.refunded_at <= now
        paid = store.orders.paid_at <= now
        counts["orders"] |= {
            "lines": int(there[store.lines.order].sum()),
            "payment_count": int(paid.sum()), "paid": int(store.total[paid].sum()),
            "refund_count": int(refunded.sum()), "refunded": int(store.goods_refund[refunded].sum()),
        }  # fmt: skip
        return counts

    def allows(self, request: Request) -> bool:
        """Return whether a request bears the app's token, or a private app's key and secret."""
        token = self.secrets["SAPO_TOKEN"]
        basic = base64.b64encode(f"{APP_KEY}:{token}".encode()).decode()
        return (
            request.headers.get("x-sapo-access-token") == token
            or request.headers.get("authorization") == f"Basic {basic}"
        )

    def refusal(self, request: Request) -> Response:
        """Return what Sapo answers to dead credentials."""
        return endpoints.error(401, "[API] Invalid API key or access token")

    def busy(self, retry_after: str) -> Response:
        """Return what Sapo answers to a caller who asks too often; no Retry-After of its is known."""
        return endpoints.error(429, "Too Many Requests")

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints."""
        return endpoints.routes(self, desk)

    def _product(self, row: int, at: int) -> bytes:
        article = self.world.products[row]
        return orjson.dumps(_dates(self.world.start - 30 * DAY, at) | {
            "id": PRODUCT_ID + row, "title": article.title, "product_type": article.category,
            "vendor": "Nhà An",
            "variants": [
                {"id": VARIANT_ID + row, "product_id": PRODUCT_ID + row, "sku": article.sku,
                 "title": "Default Title", "price": float(article.price)}
            ],
        })  # fmt: skip

    def _customer(self, row: int, at: int) -> bytes:
        store, accounts = self.store, self.store.accounts
        own = self._owned[slice(*np.searchsorted(self._owner, [row, row + 1]))]
        own = own[store.orders.created_at[own] <= at]
        place = self.world.people[accounts.person[row]].place
        return orjson.dumps(_dates(int(accounts.created_at[row]), at) | self._identity(row) | {
            "orders_count": len(own), "total_spent": float(store.total[own].sum()),
            "default_address": address_of(accounts.names[row], accounts.phones[row], place, row),
        })  # fmt: skip

    def _identity(self, row: int) -> dict[str, object]:
        """Return what an order and a customer's own record say of an account."""
        accounts = self.store.accounts
        last, _, first = accounts.names[row].rpartition(" ")
        return {
            "id": CUSTOMER_ID + row, "email": accounts.emails[row], "phone": accounts.phones[row],
            "first_name": first, "last_name": last or None,
            "tags": "staff" if self.world.people[accounts.person[row]].is_staff else None,
        }  # fmt: skip

    def _order(self, row: int, at: int) -> bytes:
        store, orders = self.store, self.store.orders
        times = {name: int(getattr(orders, name)[row]) for name in ORDER_TIMES}
        past = {name: utc_text(when) if when <= at else None for name, when in times.items()}
        account, is_counter = int(store.account[row]), orders.source[row] == POS
        email, address = self._contact(row, account)
        return orjson.dumps(_dates(times["created_at"], at) | {
            "id": ORDER_ID + row, "name": f"#{FIRST_NUMBER + row}", "order_number": FIRST_NUMBER + row,
            "cancelled_on": past["cancelled_at"],
            "cancel_reason": "customer" if past["cancelled_at"] else None, "closed_on": past["closed_at"],
            "financial_status": self._financial_status(row, past),
            "fulfillment_status": "fulfilled" if past["shipped_at"] or is_counter else None,
            "gateway": GATEWAYS[orders.gateway[row]][1], "source_name": SOURCES[orders.source[row]],
            "currency": "VND", "total_line_items_price": float(store.gross[row]),
            "total_discounts": float(store.gross[row] - store.goods[row]),
            "subtotal_price": float(store.goods[row]), "total_tax": float(store.tax[row]),
            "taxes_included": bool(store.is_tax_included[row]), "total_price": float(store.total[row]),
            "shipping_lines": [] if is_counter else [
                {"title": "Giao hàng tận nơi", "price": float(store.shipping[row])}
            ],
            "line_items": self._lines(store.lines, store.lines_of(row)),
            "refunds": self._refunds(row, past["refunded_at"]),
            "transactions": self._transactions(row, past),
            "fulfillments": self._parcels(row, times, at),
            "customer": self._identity(account) if account >= 0 else None,
            "email": email, "phone": None,
            "billing_address": address, "shipping_address": None if is_counter else address,
        })  # fmt: skip

    def _lines(self, lines: Lines, span: range) -> list[dict[str, object]]:
        records: list[dict[str, object]] = []
        for line in span:
            product = int(lines.product[line])
            article = self.world.products[product]
            records.append({
                "id": LINE_ID + line, "product_id": PRODUCT_ID + product, "variant_id": VARIANT_ID + product,
                "sku": article.sku, "title": article.title, "quantity": int(lines.quantity[line]),
                "price": float(lines.price[line]), "total_discount": float(lines.discount[line]),
            })  # fmt: skip
        return records

    def _transactions(self, row: int, past: Mapping[str, str | None]) -> list[dict[str, object]]:
        """Return what was paid, and what was not yet or in vain."""
        orders = self.store.orders
        gateway = int(orders.gateway[row])
        tries: list[tuple[str, str | None]] = []
        if gateway == COD:
            # the courier has yet to collect it, and a second transaction says when it was
            tries.append(("pending", past["created_at"]))
        if gateway == CARD and row % 3 == 0:
            tries.append(("failure", past["created_at"]))
        tries.append(("success", past["paid_at"]))
        return [
            {"id": TRANSACTION_ID + 2 * row + number, "order_id": ORDER_ID + row, "kind": "sale",
             "status": status, "gateway": GATEWAYS[gateway][1], "amount": float(self.store.total[row]),
             "created_on": created_on}
            for number, (status, created_on) in enumerate(tries) if created_on
        ]  # fmt: skip

    def _refunds(self, row: int, at: str | None) -> list[dict[str, object]]:
        if at is None:
            return []
        store, lines = self.store, self.store.lines
        span = store.lines_of(row)
        returned = [(line, int(lines.quantity[line]), float(lines.net[line])) for line in span]
        if store.is_amount_alone[row]:
            returned = []
        elif not store.is_whole[row]:
            returned = [(span[0], 1, float(store.goods_refund[row]))]
        return [{
            "id": REFUND_ID + row, "order_id": ORDER_ID + row, "created_on": at, "note": "Đổi trả",
            "refund_line_items": [
                {"id": REFUND_ID + line, "line_item_id": LINE_ID + line, "quantity": quantity,
                 "subtotal": subtotal}
                for line, quantity, subtotal in returned
            ],
            "transactions": [
                {"id": REFUND_ID + row, "order_id": ORDER_ID + row, "kind": "refund", "status": "success",
                 "gateway": GATEWAYS[store.orders.gateway[row]][1], "amount": float(store.refund[row]),
                 "created_on": at}
            ],
        }]  # fmt: skip

    def _parcels(self, row: int, times: Mapping[str, int], at: int) -> list[dict[str, object]]:
        """Return what was sent: one parcel, at times two, at times one that was written wrongly before."""
        shipped_at = times["shipped_at"]
        if shipped_at > at:
            return []
        ends_at, word = min(
            (times["delivered_at"], "delivered"), (times["returned_at"], "failure")
        )  # fmt: skip
        parcels = [("success", ends_at)]
        if row % 7 == 0 and word == "delivered" and ends_at != NEVER:
            parcels.insert(0, ("success", (shipped_at + ends_at) // 2))
        if row % 11 == 0:
            parcels.insert(0, ("cancelled", NEVER))
        return [
            {"id": PARCEL_ID + 3 * row + number, "order_id": ORDER_ID + row, "status": status,
             "created_on": utc_text(shipped_at), "modified_on": utc_text(end if end <= at else shipped_at),
             "tracking_company": "Giao Hàng Nhanh", "tracking_number": f"GHN{PARCEL_ID + 3 * row + number}",
             "shipment_status": word if end <= at else "in_transit" if status == "success" else None}
            for number, (status, end) in enumerate(parcels)
        ]  # fmt: skip

    def _financial_status(self, row: int, past: Mapping[str, str | None]) -> str:
        if past["refunded_at"]:
            return "refunded" if self.store.is_whole[row] else "partially_refunded"
        if past["paid_at"]:
            return "paid"
        return "voided" if past["cancelled_at"] else "pending"

    def _contact(self, row: int, account: int) -> tuple[str | None, dict[str, object] | None]:
        """Return the e-mail and the address of an order; a sale at the till may have neither."""
        index = int(self.store.orders.person[row])
        if index < 0:
            return None, None
        person, accounts = self.world.people[index], self.store.accounts
        if account >= 0:
            name, email = accounts.names[account], accounts.emails[account]
        else:
            name = f"{person.family} {person.middle} {person.given}"
            email = person.email if row % 5 < 2 else None
        phone = spell_phone(person.phone_at(int(self.store.orders.created_at[row])), row)
        return email, address_of(name, phone, person.place, row)

    def _checkout(self, row: int, at: int) -> bytes:
        store, left = self.store, self.store.checkouts
        person, completed_at = self.world.people[left.person[row]], int(left.completed_at[row])
        token = hashlib.sha256(f"checkout {row}".encode()).hexdigest()[:32]
        return orjson.dumps(_dates(int(left.created_at[row]), at) | {
            "id": CHECKOUT_ID + row, "token": token, "email": person.email if row % 2 else None,
            "phone": spell_phone(person.phone_at(int(left.created_at[row])), row),
            "customer": self._identity(int(left.account[row])) if left.account[row] >= 0 else None,
            "completed_on": utc_text(completed_at) if completed_at <= at else None, "currency": "VND",
            "total_price": float(store.left_total[row]),
            "line_items": self._lines(store.left_lines, store.left_lines_of(row)),
        })  # fmt: skip


def _dates(created_at: int, modified_at: int) -> dict[str, object]:
    return {"created_on": utc_text(created_at), "modified_on": utc_text(modified_at)}
