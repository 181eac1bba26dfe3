"""Shopee's endpoints: pages by cursor, by number and by offset, and errors inside a status of 200."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request, Response

from include.sandbox.desk import Desk
from include.sandbox.seasons import DAY, midnights
from include.sandbox.vocabulary import CATEGORIES

if TYPE_CHECKING:
    from include.sandbox.channels.shopee import Channel

LOGIN = "/auth/access_token/get"
REACHABLE = 1000
LONGEST = 15 * DAY
ALWAYS = {
    "order_sn", "region", "currency", "cod", "order_status", "message_to_seller", "create_time",
    "update_time", "days_to_ship", "ship_by_date",
}  # fmt: skip
"""What an order shows unasked."""
Size = Annotated[int, Query(ge=1, le=100)]


def failure(error: str, message: str, status: int = 200) -> Response:
    """Return a failure as Shopee writes it."""
    body = orjson.dumps({"error": error, "message": message, "request_id": "e3e3e7f3"})
    return Response(body, status, media_type="application/json")


def routes(shop: "Channel", desk: Desk) -> APIRouter:
    """Return the endpoints over the shop's shelves."""
    router = APIRouter(prefix="/api/v2")
    numbers = {number: row for row, number in enumerate(shop.order_numbers)}

    async def answer(
        request: Request, place: str, response: bytes, stream: str = "", rows: np.ndarray | None = None
    ) -> Response:  # fmt: skip
        if request.url.path.rpartition("/")[2] in shop.forbidden:
            return failure("error_auth", "No permission to current api.")
        body = b'{"error":"","message":"","request_id":"e3e3e7f3","response":%s}' % response
        note = partial(shop.shelves[stream].note, rows) if stream else None
        return await desk.answer(request, place, body, note=note)

    @router.post(LOGIN)
    async def refresh(request: Request) -> Response:
        body = orjson.loads(await request.body())
        offer = shop.pairs.offer(body.get("refresh_token", ""))
        if offer is None:
            answered = orjson.dumps(
                {"error": "error_auth", "message": "Invalid refresh_token.", "request_id": "1"}
            )
            return await desk.answer(request, "login", answered)
        number, access, again = offer
        pair = {"access_token": access, "refresh_token": again, "expire_in": 14_400, "error": "",
                "message": "", "request_id": "1"}  # fmt: skip
        spend = partial(shop.pairs.spend, number, shop.now)
        return await desk.answer(request, "login", orjson.dumps(pair), note=spend)

    @router.get("/order/get_order_list")
    async def list_orders(
        request: Request, time_range_field: str, time_from: int, time_to: int, page_size: Size,
        cursor: str = "",
    ) -> Response:  # fmt: skip
        if not time_from < time_to <= time_from + LONGEST:
            return failure(
                "order.order_list_invalid_time",
                "Start time must be earlier than end time and diff in 15days.",
            )
        shelf, span = shop.shelves["orders"], (time_from, time_to)
        is_by_change = time_range_field == "update_time"
        rows = (
            shelf.rows(updated=span, by="updated_at")
            if is_by_change
            else shelf.rows(created=span, by="created_at")
        )
        first, end = int(cursor or 0), int(cursor or 0) + page_size
        listed = [{"order_sn": shop.order_numbers[row]} for row in rows[first:end].tolist()]
        more = end < len(rows)
        body = orjson.dumps({"more": more, "next_cursor": str(end) if more else "", "order_list": listed})
        # each list is of its own: a host that repeats an answer repeats it to the same question
        place = f"order_list.{time_range_field}.{time_from}.{time_to}.{first}"
        answered = await answer(request, place, body)
        if is_by_change:
            shelf.turn(rows, max(desk.stage.now, time_to))
        return answered

    @router.get("/order/get_order_detail")
    async def show_orders(
        request: Request, order_sn_list: str, response_optional_fields: str = ""
    ) -> Response:  # fmt: skip
        asked = order_sn_list.split(",")
        if len(asked) > 50:
            return failure("error_param", "Wrong parameters, detail: order_sn_list is out of range [1,50].")
        shelf = shop.shelves["orders"]
        rows = np.array([numbers[each] for each in asked if each in numbers], int)
        rows = rows[shelf.updated_at[rows] > 0]
        shown = ALWAYS | set(response_optional_fields.split(","))
        orders = [
            {name: value for name, value in order.items() if name in shown}
            for order in orjson.loads(b"[%s]" % shelf.json(rows))
        ]
        return await answer(request, "orders", orjson.dumps({"order_list": orders}), "orders", rows)

    @router.get("/returns/get_return_list")
    async def list_returns(
        request: Request, page_no: int, page_size: Size, update_time_from: int, update_time_to: int
    ) -> Response:  # fmt: skip
        if not update_time_from < update_time_to <= update_time_from + LONGEST:
            return failure(
                "error_param",
                "The period between update_time_from and update_time_to must not more than 15 days.",
            )
        shelf = shop.shelves["returns"]
        rows = shelf.rows(updated=(update_time_from, update_time_to), by="updated_at")
        page = rows[(page_no - 1) * page_size : page_no * page_size]
        more = b"true" if page_no * page_size < len(rows) else b"false"
        place = f"returns.{update_time_from}.{update_time_to}.{page_no}"
        return await answer(
            request, place, b'{"more":%s,"return":[%s]}' % (more, shelf.json(page)), "returns", page
        )

    @router.get("/product/get_comment")
    async def list_comments(
        request: Request, page_size: Size, cursor: str, item_id: int = 0
    ) -> Response:  # fmt: skip
        shelf = shop.shelves["comments"]
        rows = shelf.rows(by="created_at")
        if shop.newest_first:
            rows = rows[::-1]
        if item_id:
            first_lines = shop.stall.lines.product[shop.stall._first[shop.reviewed[rows]]]
            rows = rows[[shop.item_of(int(product))[0] == item_id for product in first_lines]]
        first, end = int(cursor or 0), int(cursor or 0) + page_size
        page = rows[first : min(end, REACHABLE)]
        more = end < len(rows)
        body = b'{"more":%s,"next_cursor":"%s","item_comment_list":[%s]}' % (
            b"true" if more else b"false", str(end).encode() if more else b"", shelf.json(page),
        )  # fmt: skip
        return await answer(request, f"comments.{item_id}.{first}", body, "comments", page)

    @router.get("/product/get_item_list")
    async def list_items(
        request: Request, page_size: Size, item_status: Annotated[list[str], Query()], offset: int = 0,
        update_time_from: int = 0, update_time_to: int = 1 << 40,
    ) -> Response:  # fmt: skip
        shelf = shop.shelves["products"]
        rows = shelf.rows(updated=(update_time_from, update_time_to), by="updated_at")
        items = [
            item for item in orjson.loads(b"[%s]" % shelf.json(rows)) if item["item_status"] in item_status
        ]
        end = offset + page_size
        body = {
            "item": [
                {name: item[name] for name in ("item_id", "item_status", "update_time")}
                for item in items[offset:end]
            ],
            "total_count": len(items), "has_next_page": end < len(items),
        }  # fmt: skip
        place = f"item_list.{update_time_from}.{update_time_to}.{offset}"
        return await answer(request, place, orjson.dumps(body))

    @router.get("/product/get_item_base_info")
    async def show_items(request: Request, item_id_list: str) -> Response:
        shelf = shop.shelves["products"]
        asked = [int(each) for each in item_id_list.split(",")]
        if len(asked) > 50:
            return failure("error_param", "Wrong parameters, detail: item_id_list is out of range [1,50].")
        rows = np.flatnonzero(np.isin(shelf.ids, asked) & (shelf.updated_at > 0))
        return await answer(request, "products", b'{"item_list":[%s]}' % shelf.json(rows), "products", rows)

    @router.get("/product/get_model_list")
    async def list_models(request: Request, item_id: int) -> Response:
        return await answer(request, f"models.{item_id}", orjson.dumps({"model": shop.models(item_id)}))

    @router.get("/product/get_category")
    async def list_categories(request: Request) -> Response:
        found = [
            {"category_id": 100_000 + n, "parent_category_id": 0, "display_category_name": name}
            for n, name in enumerate(CATEGORIES)
        ]
        return await answer(request, "categories", orjson.dumps({"category_list": found}))

    @router.get("/account_health/get_shop_performance")
    async def perform(request: Request) -> Response:
        until = int(midnights(np.array(shop.now)))
        shop.measured.add(until)
        data = orjson.dumps({"metric_list": shop.metrics(until)})
        return await answer(request, "shop_performance", data)

    return router
