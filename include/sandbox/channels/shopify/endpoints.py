"""Shopify's one endpoint: queries, their cost in points, and errors inside a status of 200."""

import base64
import re
import time
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox.channels.shopify import graphql
from include.sandbox.channels.shopify.graphql import Field, Mistake
from include.sandbox.channels.shopify.records import IDS, KINDS, is_test
from include.sandbox.desk import Desk
from include.sandbox.seasons import DAY, instant

if TYPE_CHECKING:
    from include.sandbox.channels.shopify import Channel

DEAREST = 1000
CAPACITY, RESTORED = 2000.0, 100.0
"""Points at once and a second, of the cheapest plans."""
ROOTS = {"orders": "orders", "customers": "customers", "products": "products",
         "abandonedCheckouts": "abandoned_checkouts"}  # fmt: skip
"""Lists, and the shelves that they are of."""
NEEDED = {"orders": "read_orders", "customers": "read_customers", "products": "read_products",
          "abandonedCheckouts": "read_orders"}  # fmt: skip
SHOWN_DAYS = 60
TERM = re.compile(r"(\w+):(>=|<=|>|<)?'?([^'\s]+)'?")
FOREVER = 1 << 40
Shown = tuple[dict[str, object], Callable[[], None] | None]
"""The data of an answer, and what notes that it went out."""


def failure(code: str, message: str, **told: object) -> bytes:
    """Return an error as Shopify writes it."""
    error = {"message": message, "extensions": {"code": code, **told}}
    return orjson.dumps({"errors": [error]})


def throttled(requested: int, available: float, capacity: float, restored: float) -> bytes:
    """Return what Shopify answers to a query that costs more points than are left."""
    error = {
        "message": "Throttled",
        "extensions": {"code": "THROTTLED", "documentation": "https://shopify.dev"},
    }
    return orjson.dumps({"errors": [error], "extensions": {"cost": {
        "requestedQueryCost": requested, "actualQueryCost": None,
        "throttleStatus": {"maximumAvailable": capacity, "currentlyAvailable": available,
                           "restoreRate": restored},
    }}})  # fmt: skip


class Points:
    """A bucket of points that refills; what a query did not need is given back."""

    def __init__(self, speed: float) -> None:
        self.capacity, self.restored = CAPACITY * max(1, min(speed, 10)), RESTORED * speed
        self._left, self._at = self.capacity, time.monotonic()

    @property
    def left(self) -> float:
        """Return how many points there are now."""
        now = time.monotonic()
        self._left = min(self.capacity, self._left + (now - self._at) * self.restored)
        self._at = now
        return self._left

    def spend(self, points: int) -> None:
        """Take points out."""
        self._left = self.left - points


def routes(shop: "Channel", desk: Desk) -> APIRouter:
    """Return the endpoint over the shop's shelves."""
    router, points = APIRouter(prefix="/admin/api"), Points(desk.speed)

    @router.post("/{version}/graphql.json")
    async def ask(request: Request, version: str) -> Response:
        asked = orjson.loads(await request.body())
        text, variables = asked["query"], asked.get("variables") or {}
        note, name = None, "query"
        try:
            (root,) = graphql.parse(text, variables)
            name, requested = root.name, graphql.cost([root])
            if requested > DEAREST:
                body = failure(
                    "MAX_COST_EXCEEDED",
                    f"Query cost is {requested}, which exceeds the single query max cost limit ({DEAREST}).",
                    cost=requested, maxCost=DEAREST,
                )  # fmt: skip
            elif requested > points.left:
                body = throttled(requested, points.left, points.capacity, points.restored)
            else:
                found, note = _found(shop, root)
                actual = min(requested, graphql.objects(found))
                points.spend(actual)
                status = {"maximumAvailable": points.capacity, "currentlyAvailable": points.left,
                          "restoreRate": points.restored}  # fmt: skip
                spent = {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}
                body = orjson.dumps({"data": found, "extensions": {"cost": spent}})
        except Denied as error:
            body = failure(
                "ACCESS_DENIED", str(error), documentation="https://shopify.dev/api/usage/access-scopes"
            )
        except Mistake as error:
            body = failure("undefinedField", str(error))
        # each list is of its own: a host that repeats an answer repeats it to the same question
        place = f"{name}.{zlib.crc32(orjson.dumps([text, variables]))}"
        answer = await desk.answer(
            request, place, body, note=note, headers={"X-Shopify-API-Version": version}
        )
        if name == "orders" and shop.moves_after is not None:
            shop.moves_after -= 1
            if shop.moves_after == 0:
                rows = np.flatnonzero(shop.shelves["orders"].updated_at > 0)
                shop.shelves["orders"].updated_at[rows[-1]] = desk.stage.now + 60
        return answer

    return router


class Denied(Exception):
    """The app lacks a scope."""


def _found(shop: "Channel", root: Field) -> Shown:
    """Return the data of an answer to a query of one field."""
    if root.name == "currentAppInstallation":
        scopes = {"accessScopes": [{"handle": name} for name in shop.scopes]}
        return {root.name: graphql.select("AppInstallation", scopes, root.selection)}, None
    if root.name == "node":
        return {root.name: _node(shop, root)}, None
    name = root.name.removesuffix("Count")
    if name not in ROOTS:
        raise Mistake(f"Field '{root.name}' doesn't exist on type 'QueryRoot'")
    if NEEDED[name] not in shop.scopes:
        raise Denied(f"Access denied for {root.name} field. Required access: `{NEEDED[name]}` access scope.")
    rows = _rows(shop, name, str(root.arguments.get("query") or ""))
    if name != root.name:
        limit = root.arguments.get("limit", 10_000)
        capped = isinstance(limit, int) and len(rows) > limit
        counted = {"count": limit if capped else len(rows), "precision": "AT_LEAST" if capped else "EXACT"}
        return {root.name: graphql.select("Count", counted, root.selection)}, None
    return _page(shop, root, rows)


def _page(shop: "Channel", root: Field, rows: np.ndarray) -> Shown:
    stream = ROOTS[root.name]
    shelf, first = shop.shelves[stream], graphql.size(root)
    is_by_id = root.arguments.get("sortKey", "ID") == "ID"
    values = shelf.ids if is_by_id else shelf.updated_at
    places = sorted((int(values[row]), int(shelf.ids[row]), row) for row in rows.tolist())
    if after := root.arguments.get("after"):
        passed = tuple(orjson.loads(base64.b64decode(str(after))))
        places = [place for place in places if place[:2] > passed]
    shown, more = places[:first], len(places) > first
    cursor = base64.b64encode(orjson.dumps(shown[-1][:2])).decode() if shown else None
    kind = KINDS[stream]
    page = {
        "nodes": [
            graphql.select(kind, shop.records.render(stream, row, int(shelf.updated_at[row])),
                           root.asked("nodes"))
            for _, _, row in shown
        ],
        "pageInfo": {"hasNextPage": more, "hasPreviousPage": bool(after), "endCursor": cursor},
    }  # fmt: skip
    return {root.name: page}, partial(shelf.note, np.array([row for _, _, row in shown], int))


def _node(shop: "Channel", root: Field) -> Mapping[str, object] | None:
    kind, number = str(root.arguments["id"]).rsplit("/", 2)[1:]
    stream = {value: key for key, value in KINDS.items()}.get("Order" if kind == "Refund" else kind)
    if stream is None:
        return None
    shelf, row = shop.shelves[stream], int(number) - IDS[kind]
    if not 0 <= row < len(shelf.ids) or not shelf.updated_at[row]:
        return None
    record = shop.records.render(stream, row, int(shelf.updated_at[row]))
    if kind == "Refund":
        record = next((each for each in record["refunds"] if each["id"] == root.arguments["id"]), None)
    return record and graphql.select(kind, record, root.selection)


def _rows(shop: "Channel", name: str, query: str) -> np.ndarray:
    """Return the rows that a search finds; a filter that it does not know is ignored, as Shopify does."""
    shelf = shop.shelves[ROOTS[name]]
    times = {"updated_at": shelf.updated_at, "created_at": shelf.created_at}
    found = shelf.updated_at > 0
    if name == "orders":
        times["processed_at"] = shop.outlet.orders.created_at
        if "read_all_orders" not in shop.scopes:
            found = found & (shelf.created_at >= shop.now - SHOWN_DAYS * DAY)
    for term, sign, value in TERM.findall(query):
        if term == "test" and name == "orders":
            tests = np.array([is_test(row) for row in range(len(shelf.ids))])
            found = found & (tests == (value == "true"))
        elif term in times:
            at = instant(value.replace("Z", "+00:00"), FOREVER)
            compare = {">=": np.greater_equal, "<=": np.less_equal, ">": np.greater, "<": np.less}
            found = found & compare.get(sign, np.equal)(times[term], at)
    return np.flatnonzero(found)
