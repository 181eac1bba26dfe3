"""Haravan's endpoints: a bearer token, pages of 50, a bucket of 80 calls that leaks 4 a second."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from include.sandbox.faults import Faults, LeakyBucket, TooManyCalls
from include.sandbox.shelf import Shelf
from include.sandbox.stage import Stage

CAPACITY, DRAIN = 80, 4.0
LONGEST_PAGE = 50
FOREVER = 1 << 40
Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE)]
Number = Annotated[int, Query(ge=1)]


def routes(stage: Stage, faults: Faults, token: str, speed: float) -> APIRouter:
    """Return the endpoints over a stage."""
    router = APIRouter()
    bucket = LeakyBucket(CAPACITY, DRAIN * speed)

    def shelf_of(resource: str) -> Shelf:
        if resource not in stage.haravan.shelves:
            raise HTTPException(404, "Not Found")
        return stage.haravan.shelves[resource]

    def admit(request: Request, is_expired: bool, is_throttled: bool) -> str:
        if is_expired or request.headers.get("authorization") != f"Bearer {token}":
            raise HTTPException(401, "Invalid API key or access token (unrecognized login or wrong password)")
        try:
            if is_throttled:
                raise TooManyCalls(2.0 / speed)
            return f"{bucket.pour()}/{CAPACITY}"
        except TooManyCalls:
            wait = {
                "Retry-After": str(round(2.0 / speed, 3)),
                "X-Haravan-Api-Call-Limit": f"{CAPACITY}/{CAPACITY}",
            }
            raise HTTPException(429, "Exceeded 4 calls per second for api client.", wait) from None

    async def answer(
        request: Request, stream: str, body: bytes, note: Callable[[], None] | None = None
    ) -> Response:
        fault = faults.take(stream)
        name = fault.name if fault else ""
        level = admit(request, name == "token_expired", name == "status_429")
        response = await faults.answer(fault, stream, body, note)
        response.headers["X-Haravan-Api-Call-Limit"] = level
        return response

    @router.get("/{resource}/count.json")
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
        return await answer(request, f"haravan.{resource}.count", b'{"count":%d}' % len(rows))

    @router.get("/{resource}.json")
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
        return await answer(request, f"haravan.{resource}", body, partial(shelf.note, rows))

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
