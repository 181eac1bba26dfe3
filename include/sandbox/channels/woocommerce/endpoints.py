"""WooCommerce's endpoints: numbered pages, totals in headers, times that are the shop's own unless told."""

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request, Response

from include.sandbox.desk import Desk
from include.sandbox.seasons import VIETNAM

if TYPE_CHECKING:
    from include.sandbox.channels.woocommerce import Channel

FOREVER = 1 << 40


def error(status: int, code: str, message: str) -> Response:
    """Return an error as WordPress writes it."""
    body = orjson.dumps({"code": code, "message": message, "data": {"status": status}})
    return Response(body, status, media_type="application/json")


def routes(shop: "Channel", desk: Desk) -> APIRouter:
    """Return the endpoints over the shop's shelves."""
    router = APIRouter(prefix="/wp-json/wc/v3")

    async def answered(
        request: Request, place: str, stream: str, rows: np.ndarray, page: int, per_page: int,
        fields: str = "",
    ) -> Response:  # fmt: skip
        shelf, total = shop.shelves[stream], len(rows)
        rows = rows[(page - 1) * per_page : page * per_page]
        body = b"[%s]" % shelf.json(rows)
        if fields:
            kept = fields.split(",")
            body = orjson.dumps([{name: each[name] for name in kept} for each in orjson.loads(body)])
        headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(-(-total // per_page))}
        note = partial(shelf.note, rows)
        return await desk.answer(request, place, body, note=note, headers=headers)

    @router.get("/orders/{order}/refunds")
    async def refunds(
        request: Request, order: int, page: int = 1, per_page: Annotated[int, Query(le=100)] = 10
    ) -> Response:  # fmt: skip
        there = shop.shelves["refunds"].updated_at > 0
        rows = np.flatnonzero(there & (shop.refunded == order - 1))
        return await answered(request, f"refunds.{order}", "refunds", rows, page, per_page)

    @router.get("/{stream}")
    async def things(
        request: Request, stream: str, page: Annotated[int, Query(ge=1)] = 1,
        per_page: Annotated[int, Query(ge=1, le=100)] = 10, orderby: str = "date", order: str = "desc",
        modified_after: str = "", modified_before: str = "", after: str = "", before: str = "",
        dates_are_gmt: bool = False, role: str = "customer",
        fields: Annotated[str, Query(alias="_fields")] = "",
    ) -> Response:  # fmt: skip
        if stream not in {"orders", "products", "customers"}:
            return error(404, "rest_no_route", "Không tìm thấy đường dẫn nào khớp với URL.")
        shelf = shop.shelves[stream]
        zone = UTC if dates_are_gmt else VIETNAM
        by = "id" if orderby == "id" else "created_at"
        if stream == "customers":
            rows = shelf.rows(by=by)
            if role != "all":
                staff = np.array([shop.world.people[i].is_staff for i in shop.outlet.accounts.person], bool)
                rows = rows[~staff[rows]]
        else:
            rows = shelf.rows(
                updated=_between(modified_after, modified_before, zone),
                created=_between(after, before, zone), by=by,
            )  # fmt: skip
        if order == "desc":
            rows = rows[::-1]
        # each list is of its own: a host that repeats an answer repeats it to the same question
        place = f"{stream}.{fields or ('count' if per_page == 1 else 'list')}"
        answer = await answered(request, place, stream, rows, page, per_page, fields)
        if stream == "orders" and shop.moves_after is not None:
            shop.moves_after -= 1
            if shop.moves_after == 0:
                shelf.updated_at[rows[0]] = desk.stage.now + 60
        return answer

    return router


def _between(after: str, before: str, zone: object) -> tuple[int, int]:
    """Return the whole seconds between two times, both left out."""
    return _second(after, zone, -1) + 1, _second(before, zone, FOREVER) - 1


def _second(text: str, zone: object, default: int) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) if text else default
