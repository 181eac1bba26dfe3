"""Haravan's endpoints: a bearer token, pages of 50, a bucket of 80 calls that leaks 4 a second."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from include.sandbox.desk import Desk
from include.sandbox.shelf import Shelf

if TYPE_CHECKING:
    from include.sandbox.channels.haravan import Channel

CAPACITY, DRAIN = 80, 4.0
LONGEST_PAGE = 50
FOREVER = 1 << 40
Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE)]
Number = Annotated[int, Query(ge=1)]


def routes(shop: "Channel", desk: Desk) -> APIRouter:
    """Return the endpoints over the shop's shelves."""
    router = APIRouter()
    bucket = desk.bucket(CAPACITY, DRAIN)

    def shelf_of(resource: str) -> Shelf:
        if resource not in shop.shelves:
            raise HTTPException(404, "Not Found")
        return shop.shelves[resource]

    def level() -> dict[str, str]:
        return {"X-Haravan-Api-Call-Limit": f"{min(int(bucket.level) + 1, CAPACITY)}/{CAPACITY}"}

    @router.get("/com/{resource}/count.json")
    async def count(
        request: Request, resource: str, since_id: int = 0,
        updated_at_min: datetime | None = None, updated_at_max: datetime | None = None,
        created_at_min: datetime | None = None, created_at_max: datetime | None = None,
    ) -> Response:  # fmt: skip
        rows = shelf_of(resource).rows(
            since_id=since_id,
            updated=_span(updated_at_min, updated_at_max),
            created=_span(created_at_min, created_at_max),
        )
        body = b'{"count":%d}' % len(rows)
        return await desk.answer(request, f"{resource}.count", body, bucket=bucket, headers=level())

    @router.get("/com/{resource}.json")
    async def page(
        request: Request, resource: str, limit: Limit = LONGEST_PAGE, page: Number = 1,
        since_id: int | None = None, order: str = "created_at desc",
        updated_at_min: datetime | None = None, updated_at_max: datetime | None = None,
        created_at_min: datetime | None = None, created_at_max: datetime | None = None,
    ) -> Response:  # fmt: skip
        shelf = shelf_of(resource)
        # a list that continues after an id is in the order of the ids
        by, direction = ("id", "asc") if since_id is not None else _order(order)
        rows = shelf.rows(
            since_id=since_id or 0,
            updated=_span(updated_at_min, updated_at_max),
            created=_span(created_at_min, created_at_max),
            by=by,
        )
        rows = rows if direction == "asc" else rows[::-1]
        rows = rows[(page - 1) * limit : page * limit]
        body = b'{"%s":[%s]}' % (resource.encode(), shelf.json(rows))
        note = partial(shelf.note, rows)
        return await desk.answer(request, resource, body, note=note, bucket=bucket, headers=level())

    return router


def _order(order: str) -> tuple[str, str]:
    by, _, direction = order.partition(" ")
    if by not in {"created_at", "updated_at"} or direction not in {"", "asc", "desc"}:
        raise HTTPException(422, f"order {order!r} is neither by created_at nor by updated_at")
    return by, direction or "asc"


def _span(low: datetime | None, high: datetime | None) -> tuple[int, int] | None:
    if low is None and high is None:
        return None
    return (int(low.timestamp()) if low else 0), (int(high.timestamp()) if high else FOREVER)
