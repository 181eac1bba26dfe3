"""Zendesk's endpoints: basic authentication, three ways of paging, ten exports a minute."""

import base64
import binascii
import hmac
import math
from functools import partial
from typing import Annotated

import numpy as np
import orjson
from fastapi import APIRouter, HTTPException, Query, Request, Response

from include.sandbox.faults import Faults, LeakyBucket, TooManyCalls
from include.sandbox.shelf import Shelf
from include.sandbox.stage import Stage
from include.sandbox.zendesk import GENERATED_AFTER

EXPORTS_A_MINUTE, LISTS_A_MINUTE = 10, 400
EXPORT_PAGE = 1000
STREAMS = {"ticket_events": "comments"}
"""The stream that a resource feeds, where it is called otherwise."""


def routes(stage: Stage, faults: Faults, login: tuple[str, str], speed: float) -> APIRouter:
    """Return the endpoints over a stage."""
    router = APIRouter()
    credentials = f"{login[0]}/token:{login[1]}".encode()
    exports = LeakyBucket(EXPORTS_A_MINUTE * max(speed, 1), EXPORTS_A_MINUTE * speed / 60)
    lists = LeakyBucket(LISTS_A_MINUTE * max(speed, 1), LISTS_A_MINUTE * speed / 60)

    async def answer(
        request: Request, bucket: LeakyBucket, resource: str, rows: np.ndarray,
        foot: dict[str, object],
    ) -> Response:  # fmt: skip
        shelf, stream = (
            stage.zendesk.shelves[resource],
            f"zendesk.{STREAMS.get(resource, resource)}",
        )
        fault = faults.take(stream)
        name = fault.name if fault else ""
        if name == "token_expired" or not hmac.compare_digest(_login(request), credentials):
            raise HTTPException(401, "Couldn't authenticate you")
        try:
            if name == "status_429":
                raise TooManyCalls(57 / speed)
            level = bucket.pour()
        except TooManyCalls as error:
            wait = {"Retry-After": str(math.ceil(error.wait)), "X-Rate-Limit-Remaining": "0"}
            raise HTTPException(429, "Number of allowed API requests per minute exceeded", wait) from None
        body = b'{"%s":[%s],%s' % (resource.encode(), shelf.json(rows), orjson.dumps(foot)[1:])
        response = await faults.answer(fault, stream, body, partial(shelf.note, rows))
        response.headers["X-Rate-Limit"] = str(int(bucket.capacity))
        response.headers["X-Rate-Limit-Remaining"] = str(int(bucket.capacity - level))
        return response

    @router.get("/incremental/{resource}/cursor.json")
    async def export(
        request: Request, resource: str, start_time: int | None = None, cursor: str | None = None,
        per_page: Annotated[int | None, Query(ge=1, le=1000)] = None, include: str = "",
    ) -> Response:  # fmt: skip
        if resource not in {"tickets", "users"}:
            raise HTTPException(404, "RecordNotFound")
        shelf = stage.zendesk.shelves[resource]
        rows = shelf.rows(by="updated_at")
        at, after_id = _read_cursor(cursor, start_time)
        stamps = shelf.updated_at[rows] + GENERATED_AFTER
        size = per_page or EXPORT_PAGE
        rows = rows[(stamps > at) | ((stamps == at) & (shelf.ids[rows] > after_id))]
        page = rows[:size]
        is_end = len(rows) <= size
        if cursor and len(page):
            page = _with_boundary(shelf, page, after_id)
        if len(page):
            last = page[-1]
            after = _write_cursor(int(shelf.updated_at[last]) + GENERATED_AFTER, int(shelf.ids[last]))
        else:
            after = cursor or _write_cursor(at, after_id)
        url = f"{str(request.url).split('?')[0]}?cursor={after}"
        url += f"&include={include}" if include else ""
        foot = {"after_cursor": after, "after_url": url, "before_cursor": None, "before_url": None,
                "end_of_stream": is_end}  # fmt: skip
        return await answer(request, exports, resource, page, foot)

    @router.get("/incremental/ticket_events.json")
    async def events(
        request: Request, start_time: int, include: str = "",
        per_page: Annotated[int | None, Query(ge=1, le=1000)] = None,
    ) -> Response:  # fmt: skip
        shelf = stage.zendesk.shelves["ticket_events"]
        rows = shelf.rows(by="updated_at")
        rows = rows[shelf.updated_at[rows] >= start_time]
        size = per_page or EXPORT_PAGE
        page, is_end = rows[:size], len(rows) <= size
        end = int(shelf.updated_at[page[-1]]) if len(page) else start_time
        url = f"{str(request.url).split('?')[0]}?start_time={end}"
        url += f"&include={include}" if include else ""
        foot = {"next_page": url, "count": len(page), "end_of_stream": is_end, "end_time": end}
        return await answer(request, exports, "ticket_events", page, foot)

    @router.get("/satisfaction_ratings.json")
    async def ratings(
        request: Request, start_time: int = 0, end_time: int = 1 << 40,
        size: Annotated[int, Query(ge=1, le=100, alias="page[size]")] = 100,
        after: Annotated[str | None, Query(alias="page[after]")] = None,
    ) -> Response:  # fmt: skip
        shelf = stage.zendesk.shelves["satisfaction_ratings"]
        since = _read_cursor(after, 0)[1] if after else 0
        rows = shelf.rows(since_id=since, created=(start_time, end_time))
        page = rows[:size]
        has_more = len(rows) > size
        cursor = _write_cursor(0, int(shelf.ids[page[-1]])) if len(page) else None
        query = f"?page[size]={size}&page[after]={cursor}&start_time={start_time}&end_time={end_time}"
        link = str(request.url).split("?")[0] + query if has_more else None
        foot = {"meta": {"has_more": has_more, "after_cursor": cursor}, "links": {"next": link}}
        return await answer(request, lists, "satisfaction_ratings", page, foot)

    return router


def _with_boundary(shelf: Shelf, page: np.ndarray, after_id: int) -> np.ndarray:
    """Return a page that begins, once more, with the last row of the page before."""
    before = np.flatnonzero((shelf.ids == after_id) & (shelf.updated_at > 0))
    return np.concatenate([before, page])


def _login(request: Request) -> bytes:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        return base64.b64decode(encoded, validate=True) if scheme == "Basic" else b""
    except binascii.Error:
        return b""


def _write_cursor(at: int, identity: int) -> str:
    return base64.urlsafe_b64encode(f"{at}||{identity}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None, start_time: int | None) -> tuple[int, int]:
    if cursor is None:
        if start_time is None:
            raise HTTPException(400, "start_time or cursor is missing")
        return start_time, 0
    try:
        at, _, identity = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).partition(b"||")
        return int(at), int(identity)
    except (ValueError, binascii.Error):
        raise HTTPException(400, "invalid cursor") from None
