"""Stripe's endpoints: lists newest first that continue after an id, single things, thirty days of events."""

import base64
import binascii
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Annotated

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request, Response

from include.sandbox.desk import Desk

if TYPE_CHECKING:
    from include.sandbox.channels.stripe import Channel

FOREVER = 1 << 40


def user_of(request: Request) -> str:
    """Return the user that basic authentication names, "" for none."""
    try:
        shown = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return shown.partition(":")[0]


def error(status: int, kind: str, message: str, **more: str) -> Response:
    """Return an error as Stripe writes it."""
    body = orjson.dumps({"error": {"type": kind, "message": message} | more})
    return Response(body, status, media_type="application/json")


def routes(account: "Channel", desk: Desk) -> APIRouter:
    """Return the endpoints over the account's shelves."""
    from include.sandbox.channels.stripe import KEPT, PREFIXES

    router = APIRouter()

    def missing(what: str) -> Response:
        return error(404, "invalid_request_error", f"No such object: '{what}'", code="resource_missing")

    @router.get("/v1/{stream}")
    async def things(
        request: Request, stream: str, limit: Annotated[int, Query(ge=1, le=100)] = 10,
        starting_after: str = "", ending_before: str = "", status: str = "",
        kind: Annotated[str, Query(alias="type")] = "",
        kinds: Annotated[list[str] | None, Query(alias="types[]")] = None,
        since: Annotated[int, Query(alias="created[gte]")] = 0,
        until: Annotated[int, Query(alias="created[lte]")] = FOREVER,
    ) -> Response:  # fmt: skip
        if stream not in account.shelves:
            return missing(stream)
        shelf, place = account.shelves[stream], stream
        rows = shelf.rows(created=(since, until), by="created_at")[::-1]
        if stream == "subscriptions" and status != "all":
            # a list that is not asked for all shows nothing that has ended
            rows = rows[account.subscriptions.ended_at[rows] > desk.stage.now]
        if stream == "events":
            rows = rows[shelf.created_at[rows] > desk.stage.now - KEPT]
            wanted = kinds or [kind or "*"]
            types = [account.records.event_types[row] for row in rows.tolist()]
            rows = rows[np.array([any(fnmatchcase(each, one) for one in wanted) for each in types], bool)]
            place = f"events.{wanted[0]}"
        for edge in (starting_after, ending_before):
            number = edge.removeprefix(PREFIXES[stream])
            if edge and not (number.isdigit() and int(number) - 1 in rows):
                return missing(edge)
        if starting_after:
            here = int(np.flatnonzero(rows == int(starting_after.removeprefix(PREFIXES[stream])) - 1)[0])
            rows = rows[here + 1 :]
        if ending_before:
            here = int(np.flatnonzero(rows == int(ending_before.removeprefix(PREFIXES[stream])) - 1)[0])
            rows = rows[:here][-limit:]
        page = rows[:limit]
        has_more = b"true" if len(rows) > limit else b"false"
        body = b'{"object":"list","url":"/v1/%s","has_more":%s,"data":[%s]}' % (
            stream.encode(), has_more, shelf.json(page),
        )  # fmt: skip
        return await desk.answer(request, place, body, note=partial(shelf.note, page))

    @router.get("/v1/{stream}/{identity}")
    async def thing(request: Request, stream: str, identity: str) -> Response:
        number = identity.removeprefix(PREFIXES.get(stream, ""))
        row = int(number) - 1 if number.isdigit() else -1
        if stream not in account.shelves or not 0 <= row < len(account.shelves[stream].ids):
            return missing(identity)
        shelf = account.shelves[stream]
        page = np.array([row])
        if stream == "customers" and account.deleted_at[row] <= desk.stage.now:
            body = orjson.dumps(account.records.customer(row, desk.stage.now))
        elif not shelf.updated_at[row]:
            return missing(identity)
        else:
            body = shelf.json(page)
        return await desk.answer(request, f"{stream}.one", body, note=partial(shelf.note, page))

    return router
