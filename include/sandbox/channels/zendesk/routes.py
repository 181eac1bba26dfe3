"""Zendesk's endpoints: basic authentication, three ways of paging, ten exports a minute."""

import base64
import binascii
from functools import partial
from typing import TYPE_CHECKING, Annotated

import numpy as np
import orjson
from fastapi import APIRouter, HTTPException, Query, Request, Response

from include.sandbox.desk import Desk
from include.sandbox.faults import LeakyBucket
from include.sandbox.shelf import Shelf

if TYPE_CHECKING:
    from include.sandbox.channels.zendesk import Channel

EXPORTS_A_MINUTE, LISTS_A_MINUTE = 10, 400
EXPORT_PAGE = 1000
GENERATED_AFTER = 30
STREAMS = {"ticket_events": "comments"}
"""The stream that a resource feeds, where it is called otherwise."""


def routes(help_desk: "Channel", desk: Desk) -> APIRouter:
    """Return the endpoints over the help desk's shelves."""
    router = APIRouter(prefix="/api/v2")
    exports = desk.bucket(EXPORTS_A_MINUTE, EXPORTS_A_MINUTE / 60)
    lists = desk.bucket(LISTS_A_MINUTE, LISTS_A_MINUTE / 60)

    async def answer(
        request: Request, bucket: LeakyBucket, resource: str, rows: np.ndarray,
        foot: dict[str, object],
    ) -> Response:  # fmt: skip
        shelf = help_desk.shelves[resource]
        body = b'{"%s":[%s],%s' % (resource.encode(), shelf.json(rows), orjson.dumps(foot)[1:])
        left = int(bucket.capacity - bucket.level) - 1
        headers = {"X-Rate-Limit": str(int(bucket.capacity)), "X-Rate-Limit-Remaining": str(max(left, 0))}
        stream = STREAMS.get(resource, resource)
        return await desk.answer(
            request, stream, body, note=partial(shelf.note, rows), headers=headers, bucket=bucket
        )

    @router.get("/incremental/{resource}/cursor.json")
    async def export(
        request: Request, resource: str, start_time: int | None = None, cursor: str | None = None,
        per_page: Annotated[int | None, Query(ge=1, le=1000)] = None, include: str = "",
    ) -> Response:  # fmt: skip
        if resource not in {"tickets", "users"}:
            raise HTTPException(404, "RecordNotFound")
        shelf = help_desk.shelves[resource]
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
        shelf = help_desk.shelves["ticket_events"]
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
        shelf = help_desk.shelves["satisfaction_ratings"]
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
