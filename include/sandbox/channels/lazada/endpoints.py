"""Lazada's endpoints: lists by offset and by number, errors behind a status of 200 or a code of 0."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox.desk import Desk
from include.sandbox.seasons import DAY, midnights
from include.sandbox.vocabulary import CATEGORIES

if TYPE_CHECKING:
    from include.sandbox.channels.lazada import Channel

LOGIN = "/auth/token/refresh"
FOREVER = 1 << 40
REACHABLE, PAGES, PAGE = 10_000, 50, 20
"""Products that a list gives, pages that reviews have, and reviews of a page."""
WEEK, KEPT = 7 * DAY * 1000, 90 * DAY * 1000


def failure(code: str, message: str, of: str = "ISV") -> Response:
    """Return a failure as Lazada writes it."""
    body = {"type": of, "code": code, "message": message, "request_id": "0ba2887315178178017221014"}
    return Response(orjson.dumps(body), 200, media_type="application/json")


def trouble(code: str, message: str) -> Response:
    """Return a failure of the service that was asked: for the gateway nothing went wrong."""
    body = {"code": "0", "request_id": "0ba2887315178178017221014", "success": False, "error_code": code,
            "error_msg": message, "data": None}  # fmt: skip
    return Response(orjson.dumps(body), 200, media_type="application/json")


def wrong(message: str) -> Response:
    """Return what the reviews answer to a parameter that they do not take."""
    return trouble("PARAMS_VALIDATE_ERROR", message)


def second(text: str) -> int:
    """Return the second that a parameter says.

    Raises:
        ValueError: it says none, or not from where.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without an offset")
    return int(at.timestamp())


def routes(shop: "Channel", desk: Desk) -> APIRouter:
    """Return the endpoints over the shop's shelves."""
    router = APIRouter()

    async def answer(
        request: Request, place: str, part: str, data: bytes, stream: str = "",
        rows: np.ndarray | None = None,
    ) -> Response:  # fmt: skip
        path = request.url.path.removeprefix(f"/{shop.name}")
        if path in shop.forbidden:
            return failure("InsufficientPermission", "App does not have permission to access this api")
        body = b'{"code":"0","request_id":"0ba2887315178178017221014",%s"%s":%s}' % (
            b'"success":true,' if path.startswith("/review") else b"", part.encode(), data,
        )  # fmt: skip
        note = partial(shop.shelves[stream].note, rows) if stream and rows is not None else None
        return await desk.answer(request, place, body, note=note)

    def spans(request: Request, *names: str) -> list[tuple[int, int]] | Response:
        """Return the spans of time that are asked for, or what is wrong with them."""
        asked = request.query_params
        try:
            return [
                (second(asked.get(f"{name}_after") or "1970-01-02T00:00:00+00:00"),
                 second(asked.get(f"{name}_before") or "2100-01-01T00:00:00+00:00"))
                for name in names
            ]  # fmt: skip
        except ValueError:
            return failure("17", "E017: Invalid Date Format")

    @router.get(LOGIN)
    async def refresh(request: Request, refresh_token: str = "") -> Response:
        offer = shop.pairs.offer(refresh_token)
        if offer is None:
            answered = failure(
                "IllegalRefreshToken", "The specified refresh token is invalid or expired"
            ).body  # fmt: skip
            return await desk.answer(request, "login", bytes(answered))
        number, access, again = offer
        pair = {"code": "0", "access_token": access, "refresh_token": again, "country": "vn",
                "expires_in": 604_800, "refresh_expires_in": 2_592_000, "account": "shop@nha-an.example",
                "account_platform": "seller_center", "request_id": "1"}  # fmt: skip
        spend = partial(shop.pairs.spend, number, shop.now)
        return await desk.answer(request, "login", orjson.dumps(pair), note=spend)

    @router.get("/orders/get")
    async def orders(
        request: Request, offset: int = 0, limit: int = 100, sort_by: str = "created_at",
        sort_direction: str = "DESC",
    ) -> Response:  # fmt: skip
        asked = request.query_params
        if not asked.get("update_after") and not asked.get("created_after"):
            return failure("MissingParameter", "Either update_after or created_after is mandatory.")
        if not 1 <= limit <= 100:
            return failure("19", f'E019: "{limit}" Invalid Limit')
        if offset < 0:
            return failure("14", f'E014: "{offset}" Invalid Offset')
        if sort_by not in {"created_at", "updated_at"}:
            return failure("75", "E075: Invalid sort filter.")
        found = spans(request, "update", "created")
        if isinstance(found, Response):
            return found
        shelf = shop.shelves["orders"]
        rows = shelf.rows(updated=found[0], created=found[1], by=sort_by)
        if sort_direction != "ASC":
            rows = rows[::-1]
        page = rows[offset : offset + limit]
        data = b'{"count":%d,"countTotal":%d,"orders":[%s]}' % (len(page), len(rows), shelf.json(page))
        # each list is of its own: a host that repeats an answer repeats it to the same question
        place = f"orders.{found}.{offset}.{limit}"
        answered = await answer(request, place, "data", data, "orders", page)
        if asked.get("update_before"):
            shelf.turn(rows, max(desk.stage.now, found[0][1]))
        return answered

    @router.get("/orders/items/get")
    async def items(request: Request, order_ids: str) -> Response:
        try:
            asked = orjson.loads(order_ids)
        except ValueError:
            return failure("56", "E056: Invalid OrdersIdList format. Must use array format [1,2]")
        if len(asked) > 50:
            return failure("38", "E038: Too many orders were requested")
        shelf = shop.shelves["orders"]
        rows = np.flatnonzero(np.isin(shelf.ids, asked) & (shelf.updated_at > 0))
        if len(rows) < len(asked):
            return failure("37", "E037: One or more order id in the list are incorrect")
        data = [
            {"order_id": int(shelf.ids[row]), "order_number": int(shelf.ids[row]),
             "order_items": shop.items(row, int(shelf.updated_at[row]))}
            for row in rows.tolist()
        ]  # fmt: skip
        return await answer(request, f"items.{order_ids}", "data", orjson.dumps(data))

    @router.get("/products/get")
    async def products(request: Request, filter: str = "", offset: int = 0, limit: int = 20) -> Response:
        if filter not in {"all", "live", "inactive", "deleted"}:
            return failure("36", "E036: Invalid status filter")
        if not 1 <= limit <= 50:
            return failure("19", f'E019: "{limit}" Invalid Limit')
        if not 0 <= offset < REACHABLE:
            return failure("14", f'E014: "{offset}" Invalid Offset')
        found = spans(request, "update", "create")
        if isinstance(found, Response):
            return found
        shelf = shop.shelves["products"]
        rows = shelf.rows(updated=found[0], created=found[1], by="updated_at")
        # what is deleted is not among all
        rows = rows[(rows == 3) == (filter == "deleted")]
        page = rows[offset : offset + limit]
        # who finds nothing gets no list either
        listed = b',"products":[%s]' % shelf.json(page) if len(page) else b""
        data = b'{"total_products":%d%s}' % (len(rows), listed)
        return await answer(request, f"products.{filter}.{found}.{offset}", "data", data, "products", page)

    @router.get("/category/tree/get")
    async def categories(request: Request) -> Response:
        leaves = [
            {"category_id": 10_000 + n, "name": name, "leaf": True, "var": True}
            for n, name in enumerate(CATEGORIES)
        ]
        tree = [{"category_id": 42, "name": "Cửa hàng", "leaf": False, "var": False, "children": leaves}]
        return await answer(request, "categories", "data", orjson.dumps(tree))

    @router.get("/reverse/getreverseordersforseller")
    async def returns(request: Request, page_no: int, page_size: int) -> Response:
        if not 1 <= page_size <= 100:
            return failure("19", f'E019: "{page_size}" Invalid Limit')
        name = "ReverseOrderLineModifiedTimeRange"
        span = tuple(
            int(request.query_params.get(f"{name}{end}", default)) // 1000
            for end, default in (("Start", 0), ("End", FOREVER * 1000))
        )
        shelf = shop.shelves["returns"]
        rows = shelf.rows(updated=span, by="updated_at")
        page = rows[(page_no - 1) * page_size : page_no * page_size]
        data = b'{"success":true,"page_no":%d,"page_size":%d,"total":%d,"items":[%s]}' % (
            page_no, page_size, len(rows), shelf.json(page),
        )  # fmt: skip
        return await answer(request, f"returns.{span}.{page_no}", "result", data, "returns", page)

    @router.get("/review/seller/history/list")
    async def review_numbers(
        request: Request, item_id: int, start_time: int, end_time: int, current: int
    ) -> Response:  # fmt: skip
        if current > PAGES:
            return wrong("CURRENT_ABOVE_LIMIT")
        if end_time - start_time > WEEK:
            return wrong("start_time&end_time range cannot exceed 7 days.")
        if start_time < shop.now * 1000 - KEPT:
            return wrong("STARTTIME_OVER_LIMIT")
        shelf = shop.shelves["reviews"]
        rows = shelf.rows(created=(-(-start_time // 1000), end_time // 1000), by="created_at")
        rows = rows[[shop.product_of(row) == item_id for row in rows.tolist()]] if len(rows) else rows
        page = rows[(current - 1) * PAGE : current * PAGE]
        data = {
            "current": current,
            "page_size": PAGE,
            "total": len(rows),
            "id_list": shelf.ids[page].tolist(),
        }
        place = f"review_numbers.{item_id}.{start_time}.{end_time}.{current}"
        return await answer(request, place, "data", orjson.dumps(data))

    @router.get("/review/seller/list/v2")
    async def reviews(request: Request, id_list: str) -> Response:
        asked = orjson.loads(id_list)
        if not 1 <= len(asked) <= 10:
            return wrong("NULL_ID" if not asked else "id_list is above the limit, the max length is 10")
        shelf = shop.shelves["reviews"]
        rows = np.flatnonzero(np.isin(shelf.ids, asked) & (shelf.updated_at > 0))
        shown = rows[shop.review_ends[rows] > shop.now]
        outdated = sorted(set(asked) - set(shelf.ids[shown].tolist()))
        data = b'{"review_list":[%s],"outdated_reviews":%s}' % (shelf.json(shown), orjson.dumps(outdated))
        return await answer(request, f"reviews.{id_list}", "data", data, "reviews", shown)

    @router.get("/seller/performance/get")
    async def perform(request: Request) -> Response:
        until = int(midnights(np.array(shop.now)))
        shop.measured.add(until)
        data = {"seller_id": 1_000_151_415, "main_category_id": 10_000, "indicators": shop.indicators(until)}
        return await answer(request, "seller_performance", "data", orjson.dumps(data))

    return router
