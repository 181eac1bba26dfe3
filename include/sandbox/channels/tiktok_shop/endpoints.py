"""TikTok Shop's endpoints: opaque page tokens, bodies that are signed, and a code in every answer."""

import base64
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox.desk import Desk
from include.sandbox.seasons import midnight

if TYPE_CHECKING:
    from include.sandbox.channels.tiktok_shop import Channel

LOGIN = "/api/v2/token/refresh"
FOREVER = 1 << 40
CHAT_ID = 7_494_560_000_000_000_000


def failure(code: int, message: str, status: int = 200) -> Response:
    """Return a failure as TikTok writes it."""
    body = orjson.dumps({"code": code, "message": message, "request_id": "20261122", "data": {}})
    return Response(body, status, media_type="application/json")


def token_of(offset: int) -> str:
    """Return the token of the page that begins at a row."""
    return base64.b64encode(b"row %d" % offset).decode()


def offset_of(token: str) -> int:
    """Return where a page begins."""
    return int(base64.b64decode(token).split()[1]) if token else 0


def routes(shop: "Channel", desk: Desk) -> APIRouter:
    """Return the endpoints over the shop's shelves."""
    router = APIRouter()

    async def answer(
        request: Request, place: str, data: bytes, stream: str = "", rows: np.ndarray | None = None
    ) -> Response:  # fmt: skip
        request.state.body = await request.body()
        path = request.url.path.removeprefix(f"/{shop.name}")
        if any(path.startswith(each) for each in shop.lacking):
            return failure(105005, "Access denied. The app is not authorized to access the endpoint.", 401)
        if any(path.startswith(each) for each in shop.spent):
            return failure(45101004, "The query quota has been reached (10000 request per day).")
        body = b'{"code":0,"message":"Success","request_id":"20261122","data":%s}' % data
        note = partial(shop.shelves[stream].note, rows) if stream and rows is not None else None
        return await desk.answer(request, place, body, note=note)

    async def searched(
        request: Request, stream: str, name: str, longest: int, page_size: int, page_token: str,
        sort_field: str, sort_order: str,
    ) -> Response:  # fmt: skip
        if not (1 if longest == 100 else 10) <= page_size <= longest:
            return failure(36009004, f"Invalid parameter. page_size must be at most {longest}.")
        body = orjson.loads(await request.body() or b"{}")
        shelf = shop.shelves[stream]
        ranges = {
            field: (body.get(f"{field}_time_ge", 0), body.get(f"{field}_time_lt", FOREVER) - 1)
            for field in ("update", "create")
        }
        by = "updated_at" if sort_field == "update_time" else "created_at"
        rows = shelf.rows(updated=ranges["update"], created=ranges["create"], by=by)
        if sort_order != "ASC":
            rows = rows[::-1]
        first = offset_of(page_token)
        page, end = rows[first : first + page_size], first + page_size
        following = token_of(end) if end < len(rows) else ""
        # who finds nothing gets no list either
        listed = b',"%s":[%s]' % (name.encode(), shelf.json(page)) if len(page) else b""
        data = b'{"total_count":%d,"next_page_token":"%s"%s}' % (len(rows), following.encode(), listed)
        # each list is of its own: a host that repeats an answer repeats it to the same question
        place = f"{stream}.{orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()}.{page_size}.{first}"
        answered = await answer(request, place, data, stream, page)
        if "update_time_lt" in body:
            shelf.turn(rows, max(desk.stage.now, body["update_time_lt"]))
        return answered

    @router.get(LOGIN)
    async def refresh(request: Request, refresh_token: str = "") -> Response:
        offer = shop.pairs.offer(refresh_token)
        if offer is None:
            body = orjson.dumps({"code": 36004004, "message": "Invalid refresh token.", "data": {}})
            return await desk.answer(request, "login", body)
        number, access, again = offer
        pair = {"access_token": access, "refresh_token": again, "access_token_expire_in": 1_700_000_000,
                "seller_name": "Nhà An", "user_type": 0}  # fmt: skip
        body = orjson.dumps({"code": 0, "message": "success", "data": pair})
        return await desk.answer(request, "login", body, note=partial(shop.pairs.spend, number, shop.now))

    @router.post("/order/202309/orders/search")
    async def orders(
        request: Request, page_size: int = 20, page_token: str = "", sort_field: str = "create_time",
        sort_order: str = "DESC",
    ) -> Response:  # fmt: skip
        return await searched(request, "orders", "orders", 100, page_size, page_token, sort_field, sort_order)

    @router.post("/return_refund/202309/returns/search")
    async def returns(
        request: Request, page_size: int = 10, page_token: str = "", sort_field: str = "create_time",
        sort_order: str = "ASC",
    ) -> Response:  # fmt: skip
        return await searched(
            request, "returns", "return_orders", 50, page_size, page_token, sort_field, sort_order
        )

    @router.post("/product/202309/products/search")
    async def products(
        request: Request, page_size: int = 20, page_token: str = "", sort_field: str = "create_time",
        sort_order: str = "ASC",
    ) -> Response:  # fmt: skip
        return await searched(
            request, "products", "products", 100, page_size, page_token, sort_field, sort_order
        )

    @router.get("/product/202309/products/{number}")
    async def product(request: Request, number: int) -> Response:
        shelf = shop.shelves["products"]
        rows = np.flatnonzero((shelf.ids == number) & (shelf.updated_at > 0))
        if not len(rows):
            return failure(12052048, "product not found")
        return await answer(request, f"product.{number}", shelf.json(rows), "products", rows)

    def pass_time() -> None:
        if shop.passing:
            desk.stage.now += shop.passing
            shop.stand(desk.stage.moment)

    @router.get("/customer_service/202309/conversations")
    async def conversations(request: Request, page_size: int, page_token: str = "") -> Response:
        if not 1 <= page_size <= 20:
            return failure(36009004, "Invalid parameter. page_size must be at most 20.")
        shelf, said = shop.shelves["messages"], shop.said
        shown = np.flatnonzero(shelf.updated_at > 0)
        # sorted by talker and time: the last of each talker is the chat's newest
        newest = shown[np.flatnonzero(np.diff(said.talker[shown], append=-1) != 0)]
        newest = newest[np.lexsort((newest, said.said_at[newest]))][::-1]
        first = offset_of(page_token)
        page = newest[first : first + page_size]
        listed = [
            shop.chat(int(said.talker[row])) | {"latest_message": orjson.loads(shelf.json(np.array([row])))}
            for row in page.tolist()
        ]
        end = first + page_size
        data = {"next_page_token": token_of(end) if end < len(newest) else "", "conversations": listed}
        answered = await answer(request, f"conversations.{first}.{shop.now}", orjson.dumps(data))
        pass_time()
        return answered

    @router.get("/customer_service/202309/conversations/{chat}/messages")
    async def messages(request: Request, chat: int, page_size: int, page_token: str = "") -> Response:
        talker = chat - CHAT_ID
        if not 1 <= page_size <= 10 or not 0 <= talker < len(shop.talkers):
            return failure(45101003, "Record not found. Please check the parameters.")
        shelf = shop.shelves["messages"]
        rows = np.arange(shop.first_said[talker], shop.first_said[talker + 1])
        rows = rows[shelf.updated_at[rows] > 0][::-1]
        first = offset_of(page_token)
        page, end = rows[first : first + page_size], first + page_size
        following = token_of(end) if end < len(rows) else ""
        data = b'{"next_page_token":"%s","messages":[%s]}' % (following.encode(), shelf.json(page))
        answered = await answer(request, f"messages.{chat}.{first}.{shop.now}", data, "messages", page)
        pass_time()
        return answered

    @router.get("/customer_service/202407/performance")
    async def performance(request: Request, support_date_ge: str, support_date_lt: str) -> Response:
        first, last = (midnight(np.datetime64(day).item()) for day in (support_date_ge, support_date_lt))
        data = orjson.dumps({"performance": shop.performance(first, last)})
        return await answer(request, f"performance.{support_date_ge}", data)

    return router
