"""The online shop's orders, customers and products as Haravan's API shows them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include import settings
from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.channels.haravan import routes
from include.sandbox.channels.haravan.orders import (
    CUSTOMER_ID,
    FIRST_NUMBER,
    ORDER_ID,
    ORDER_TIMES,
    PRODUCT_ID,
    VARIANT_ID,
    OrderBook,
    address_of,
    identity,
)  # fmt: skip
from include.sandbox.desk import Desk
from include.sandbox.seasons import DAY, VIETNAM, utc_text
from include.sandbox.shelf import Shelf
from include.sandbox.world import World


class Channel(channel.Channel):
    """Three shelves over the world."""

    SECRETS = ("HARAVAN_TOKEN",)
    CALLS, CALLS_A_SECOND = routes.CAPACITY, routes.DRAIN
    WAIT_SECONDS = 2.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.book = OrderBook(world)
        self.know(world.accounts, CUSTOMER_ID + np.arange(len(world.accounts)))
        count = len(world.orders)
        owned = np.flatnonzero(world.order_account >= 0)
        self._owned = owned[np.argsort(world.order_account[owned], kind="stable")]
        self._owner = world.order_account[self._owned]
        self.shelves = {
            "orders": Shelf(ORDER_ID + np.arange(count), world.orders.created_at, self._order),
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

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints."""
        return routes.routes(self, desk)

    def allows(self, request: Request) -> bool:
        """Return whether a request bears the shop's token."""
        return request.headers.get("authorization") == f"Bearer {self.secrets['HARAVAN_TOKEN']}"

    def refusal(self, request: Request) -> Response:
        """Return what Haravan answers to dead credentials."""
        body = {"errors": "Invalid API key or access token (unrecognized login or wrong password)"}
        return Response(orjson.dumps(body), 401, media_type="application/json")

    def busy(self, retry_after: str) -> Response:
        """Return what Haravan answers when the bucket is full."""
        full = f"{routes.CAPACITY}/{routes.CAPACITY}"
        headers = {"Retry-After": retry_after, "X-Haravan-Api-Call-Limit": full}
        body = {"errors": "Exceeded 4 calls per second for api client."}
        return Response(orjson.dumps(body), 429, headers, "application/json")

    def stand(self, moment: Moment) -> None:
        """Show everything as it is, without the orders of a hidden day."""
        orders, accounts, now = self.world.orders, self.world.accounts, moment.now
        self._now = now
        day = moment.hidden_day
        hidden = (day > 0) & (orders.created_at >= day) & (orders.created_at < day + DAY)
        times = np.stack([getattr(orders, name) for name in ORDER_TIMES])
        updated_at = np.where(times <= now, times, 0).max(axis=0)
        updated_at[(orders.created_at > now) | hidden] = 0
        self.shelves["orders"].stand(updated_at)
        # the accounts of before the history were imported on its first day
        imported = self.world.start + np.arange(len(accounts)) % DAY
        changed = np.maximum(
            accounts.created_at, np.where(accounts.created_at < self.world.start, imported, 0)
        )
        bought = orders.created_at[self._owned]
        seen = (bought <= now) & ~hidden[self._owned]
        np.maximum.at(changed, self._owner[seen], bought[seen])
        self.shelves["customers"].stand(np.where(accounts.created_at <= now, changed, 0))
        self.shelves["products"].stand(self.world.start + np.arange(len(self.world.products)))

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a stream; of the counts, the whole days since history begins."""
        if stream != "order_counts":
            return super().keys(stream)
        first = date.fromisoformat(settings.HISTORY_START[:10])
        last = datetime.fromtimestamp(self._now + 1, VIETNAM).date()
        return {(first + timedelta(days=n)).isoformat() for n in range((last - first).days)}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return the totals of the orders."""
        if stream == "order_counts":
            since = datetime.fromisoformat(settings.HISTORY_START[:10]).replace(tzinfo=VIETNAM).timestamp()
            there = self.shelves["orders"].updated_at > 0
            return {"count": int((there & (self.world.orders.created_at >= since)).sum())}
        if stream != "orders":
            return {}
        there = self.shelves["orders"].updated_at > 0
        return {"total_price": float(self.book.total[there].sum())}

    def ledger(self, moment: Moment) -> channel.Counts:
        """Return how much there is, refunds and lines as well."""
        counts, orders = super().ledger(moment), self.world.orders
        there = self.shelves["orders"].updated_at > 0
        refunded = there & (orders.refunded_at <= moment.now)
        counts["orders"] |= {
            "lines": int(there[self.world.order_lines.order].sum()),
            "refund_count": int(refunded.sum()),
            "refunded": int(self.book.refunded[refunded].sum()),
        }
        return counts

    def _order(self, row: int, now: int) -> bytes:
        return self.dump("orders", row, self.book.record(row, now))

    def _customer(self, row: int, now: int) -> bytes:
        accounts, orders = self.world.accounts, self.world.orders
        person = self.world.people[accounts.person[row]]
        own = self._owned[slice(*np.searchsorted(self._owner, [row, row + 1]))]
        own = own[orders.created_at[own] <= now]
        last, year = (int(own[-1]) if len(own) else None), accounts.birth_years[row]
        record = identity(self.world, row) | {
            "birthday": f"{year}-01-01T00:00:00Z" if year else None, "gender": person.gender,
            "note": None, "state": "enabled", "verified_email": bool(row % 3),
            "accepts_marketing": bool(row % 2),
            "orders_count": len(own), "total_spent": float(self.book.total[own].sum()),
            "last_order_id": None if last is None else ORDER_ID + last,
            "last_order_name": None if last is None else f"#{FIRST_NUMBER + last}",
            "last_order_date": None if last is None else utc_text(orders.created_at[last]),
            "default_address": address_of(
                accounts.names[row], accounts.phones[row], person.place, row
            ),
            "updated_at": utc_text(now),
        }  # fmt: skip
        return self.dump("customers", row, record)

    def _product(self, row: int, now: int) -> bytes:
        product = self.world.products[row]
        created_at = utc_text(self.world.start - 30 * DAY)
        record = {
            "id": PRODUCT_ID + row, "title": product.title, "product_type": product.category,
            "vendor": "Nhà An", "tags": None, "created_at": created_at, "updated_at": utc_text(now),
            "published_at": created_at,
            "variants": [
                {"id": VARIANT_ID + row, "product_id": PRODUCT_ID + row, "sku": product.sku,
                 "title": "Default Title", "price": float(product.price)}
            ],
        }  # fmt: skip
        return self.dump("products", row, record)
