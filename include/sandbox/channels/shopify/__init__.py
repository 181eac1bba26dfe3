"""The outlet's shop on Shopify: orders, customers, products and checkouts, asked for by GraphQL."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.channels.shopify import endpoints
from include.sandbox.channels.shopify.records import IDS, KINDS, Checkouts, Records, gid
from include.sandbox.desk import Desk
from include.sandbox.outlet import ARTICLES, Outlet
from include.sandbox.seasons import DAY, NEVER
from include.sandbox.shelf import Shelf
from include.sandbox.vocabulary import VARIANTS
from include.sandbox.world import World

IMPORTED_AFTER = 2 * DAY
"""How long after it was placed an order that came by phone is typed in."""


class Channel(channel.Channel):
    """Shelves over one shop; what it limits is points, and not calls."""

    SECRETS = ("SHOPIFY_TOKEN",)
    CALLS, CALLS_A_SECOND = 1000.0, 1000.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.outlet = outlet = Outlet(name, world)
        orders, products = outlet.orders, ARTICLES // len(VARIANTS)
        self.checkouts = Checkouts(name, world, outlet)
        # a payment that fails makes no order here
        self.is_order = orders.failed_at == NEVER
        self.entered_at = np.where(orders.by_phone, orders.created_at + IMPORTED_AFTER, orders.created_at)
        self.records = Records(world, outlet, self.entered_at, self.checkouts)
        ids = (gid("Customer", row) for row in range(len(outlet.accounts)))
        self.know(outlet.accounts, ids, birth_years=False)
        self.scopes = ["read_orders", "read_all_orders", "read_customers", "read_products"]
        self.moves_after: int | None = None
        """After how many pages of orders the last of them changes and leaves the window."""
        made_at = {
            "products": np.full(products, world.start - 30 * DAY),
            "customers": outlet.accounts.created_at,
            "orders": self.entered_at,
            "abandoned_checkouts": self.checkouts.created_at,
        }
        self.shelves = {
            stream: Shelf(IDS[KINDS[stream]] + np.arange(len(at)), at, partial(self._json, stream))
            for stream, at in made_at.items()
        }

    def _json(self, stream: str, row: int, at: int) -> bytes:
        return orjson.dumps(self.records.render(stream, row, at))

    def stand(self, moment: Moment) -> None:
        """Show everything with its last change."""
        self.now = now = moment.now
        outlet, joined = self.outlet, self.outlet.accounts.created_at
        past = np.where(outlet.changed_at <= now, outlet.changed_at, 0).max(axis=0)
        is_there = self.is_order & (self.entered_at <= now)
        self.shelves["orders"].stand(np.where(is_there, np.maximum(past, self.entered_at), 0))
        changed = np.where(outlet.moved_at <= now, outlet.moved_at, joined)
        self.shelves["customers"].stand(np.where(joined <= now, changed, 0))
        left = self.checkouts
        changed = np.where(left.completed_at <= now, left.completed_at, left.created_at)
        self.shelves["abandoned_checkouts"].stand(np.where(left.created_at <= now, changed, 0))
        self.shelves["products"].stand(self.world.start + np.arange(len(self.shelves["products"].ids)))

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a stream; of the counts, whole days since forty before history ends."""
        if stream != "order_counts":
            there = np.flatnonzero(self.shelves[stream].updated_at > 0).tolist()
            return {gid(KINDS[stream], row) for row in there}
        return {day.isoformat() for day in self.world.counted_days(self.now)}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what was sold, and what was left at the checkout."""
        if stream == "orders":
            there = self.shelves["orders"].updated_at > 0
            return {"totalPriceSet.shopMoney.amount": int(self.outlet.total[there].sum())}
        if stream == "abandoned_checkouts":
            there = self.checkouts.created_at <= moment.now
            return {"totalPriceSet.shopMoney.amount": int(self.checkouts.total[there].sum())}
        return {}

    def allows(self, request: Request) -> bool:
        """Return whether a request shows the app's token."""
        return request.headers.get("x-shopify-access-token") == self.secrets["SHOPIFY_TOKEN"]

    def refusal(self, request: Request) -> Response:
        """Return what Shopify answers to a token that was revoked."""
        told = "[API] Invalid API key or access token (unrecognized login or wrong password)"
        return Response(orjson.dumps({"errors": told}), 401, media_type="application/json")

    def busy(self, retry_after: str) -> Response:
        """Return an answer of status 200 that tells how many points are lacking."""
        if not retry_after.replace(".", "").isdigit():
            return Response(b"Too Many Requests", 429, {"Retry-After": retry_after}, media_type="text/plain")
        lacking = float(retry_after) * endpoints.RESTORED
        body = endpoints.throttled(100, max(100 - lacking, 0.0), endpoints.CAPACITY, endpoints.RESTORED)
        return Response(body, media_type="application/json")

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints."""
        return endpoints.routes(self, desk)
