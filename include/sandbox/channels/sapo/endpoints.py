"""Sapo's endpoints: pages of 250 by number or after an id, and a count beside each list."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request, Response

from include.sandbox.desk import Desk

if TYPE_CHECKING:
    from include.sandbox.channels.sapo import Channel

LONGEST_PAGE, PAGE = 250, 50
FOREVER = 1 << 40


def error(status: int, message: str) -> Response:
    """Return an error as Sapo writes it."""
    return Response(orjson.dumps({"errors": message}), status, media_type="application/json")


def routes(shop: "Channel", desk: Desk) -> APIRouter:
    """Return the endpoints over the shop's shelves."""
    router = APIRouter(prefix="/admin")

    @router.get("/{stream}/count.json")
    async def count(
        request: Request, stream: str, since_id: int = 0, status: str = "open",
        modified_on_min: datetime | None = None, modified_on_max: datetime | None = None,
        created_on_min: datetime | None = None, created_on_max: datetime | None = None,
    ) -> Response:  # fmt: skip
        if stream in shop.lacking or stream not in shop.shelves:
            return error(404, "Not Found")
        rows = shop.shelves[stream].rows(
            since_id=since_id, updated=_span(modified_on_min, modified_on_max),
            created=_span(created_on_min, created_on_max),
        )  # fmt: skip
        body = b'{"count":%d}' % len(_of_status(shop, stream, rows, status))
        # each day's count is of its own: a host that repeats an answer repeats it to the same question
        place = f"{stream}.count.{created_on_min or ''}"
        return await desk.answer(request, place, body)

    @router.get("/{stream}.json")
    async def page(
        request: Request, stream: str, limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = PAGE,
        page: Annotated[int, Query(ge=1)] = 1, since_id: int | None = None, status: str = "open",
        modified_on_min: datetime | None = None, modified_on_max: datetime | None = None,
        created_on_min: datetime | None = None, created_on_max: datetime | None = None,
    ) -> Response:  # fmt: skip
        if stream in shop.lacking or stream not in shop.shelves:
            return error(404, "Not Found")
        shelf = shop.shelves[stream]
        # a list that continues after an id is in the order of the ids; else the newest come first
        rows = shelf.rows(
            since_id=since_id or 0, updated=_span(modified_on_min, modified_on_max),
            created=_span(created_on_min, created_on_max),
            by="created_at" if since_id is None else "id",
        )  # fmt: skip
        rows = _of_status(shop, stream, rows if since_id is not None else rows[::-1], status)
        rows = rows[(page - 1) * limit : page * limit]
        body = b'{"%s":[%s]}' % (stream.encode(), shelf.json(rows))
        return await desk.answer(request, f"{stream}.list", body, note=partial(shelf.note, rows))

    return router


def _of_status(shop: "Channel", stream: str, rows: np.ndarray, status: str) -> np.ndarray:
    """Return the orders of a status; lists of other things have none."""
    if stream != "orders" or status == "any":
        return rows
    orders, now = shop.store.orders, shop.now
    is_cancelled, is_closed = orders.cancelled_at[rows] <= now, orders.closed_at[rows] <= now
    chosen = {"cancelled": is_cancelled, "closed": is_closed, "open": ~is_cancelled & ~is_closed}
    return rows[chosen.get(status, np.zeros(len(rows), bool))]


def _span(low: datetime | None, high: datetime | None) -> tuple[int, int] | None:
    if low is None and high is None:
        return None
    return (int(low.timestamp()) if low else 0), (int(high.timestamp()) if high else FOREVER)
