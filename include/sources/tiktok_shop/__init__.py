"""TikTok Shop, the shop's stall on TikTok: orders, returns, products, chats, and TikTok's own figures.

Orders, returns and products are searched by time of change, oldest first. What changes while a list is
read leaves it, so what came is held against `total_count`, and a list of more than one page is read
again until it shows nothing new. Chats have no list by time: they are walked from the newest back until
they are older than the window, again from the top where one moved there meanwhile, and a chat is walked
back to the question with which its conversation began. Running a window twice is safe: a record has its
key and its time of change, a message its id, and the same bytes add nothing.

`order_counts` is how many orders TikTok itself counts for each of the last forty days, `service_days` what
it measures of the chats of each: sessions, answers within a day (a robot's count), ratings of four and
five stars. A line of an order is one unit. Discounts are the shop's: what TikTok itself takes off, it pays.
Not to be had: who a buyer is (TikTok masks name, phone and street, and the e-mail is its own; a buyer is a
number). A refund's day is that of the last change of the return. Run against the sandbox only.

**Credential.** In Partner Center, make an app and let the shop's owner authorise it: that gives the first
refresh token, TIKTOK_SHOP_REFRESH_TOKEN, with TIKTOK_SHOP_APP_KEY and TIKTOK_SHOP_APP_SECRET. Each refresh
gives the next one, which is kept encrypted: nothing else may use it. TIKTOK_SHOP_CIPHER is the shop's, as
Get Authorized Shops says it. TIKTOK_SHOP_URL is https://open-api.tiktokglobalshop.com,
TIKTOK_SHOP_LOGIN_URL https://auth.tiktok-shops.com.

**Scopes.** Order, Return and Refund, Product; Customer Service for chats and `service_days`, which are
skipped where the app does not have it.

**Limits.** Fifty calls a second of an app to a shop, of which this source uses ten; chats 10,000 calls a
day. Pages of 100, of returns 50, of chats 20, of messages 10. A call is signed for five minutes: the
machine's clock must be right.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from include import days, rest, settings, threads
from include.rereading import settled
from include.rest import Api
from include.sources import Page, PageMalformed, Record, Stream, Window
from include.sources.tiktok_shop import answers
from include.tokens import RotatingToken

LIMIT, RETURNS_LIMIT, CHATS, MESSAGES = 100, 50, 20, 10
"""Rows of a page."""
OVERLAP = timedelta(minutes=10)
COUNTED = timedelta(days=40)
ORDERS, RETURNS = "/order/202309/orders/search", "/return_refund/202309/returns/search"
PRODUCTS, PRODUCT = "/product/202309/products/search", "/product/202309/products"
CONVERSATIONS = "/customer_service/202309/conversations"
PERFORMANCE = "/customer_service/202407/performance"


def _numbers(*paths: str) -> dict[str, str]:
    return dict.fromkeys(paths, "numeric(18,4)")


TIMES = _numbers("create_time", "update_time")
STREAMS = (
    Stream("products", key=("id",), version="update_time", types=TIMES, overlap=OVERLAP),
    Stream(
        "orders",
        key=("id",),
        version="update_time",
        parent=("user_id",),
        types=TIMES
        | _numbers("paid_time", "delivery_time", "delivery_sla_time", "cancel_time", "collection_time")
        | _numbers(
            "payment.total_amount", "payment.original_total_product_price", "payment.seller_discount",
            "payment.shipping_fee", "payment.tax", "line_items[].original_price",
            "line_items[].seller_discount",
        ),
        overlap=OVERLAP,
        longest_window=timedelta(days=30),
    ),
    Stream(
        "returns",
        key=("return_id",),
        version="update_time",
        parent=("order_id",),
        types=TIMES | _numbers("refund_amount.refund_total", "refund_amount.refund_subtotal"),
        overlap=OVERLAP,
        longest_window=timedelta(days=90),
    ),
    Stream("order_counts", key=("day",), types={"day": "date", "count": "integer"}, restated=COUNTED),
    Stream(
        "messages",
        key=("id",),
        parent=("conversation_id",),
        types=_numbers("create_time"),
        overlap=OVERLAP,
        optional=True,
    ),
    Stream(
        "service_days",
        key=("day",),
        types={"day": "date", "support_session_count": "integer"}
        | _numbers("response_percentage", "satisfaction_percentage", "response_time_mins"),
        restated=COUNTED,
        optional=True,
    ),
)  # fmt: skip


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield what a stream holds of a window.

    Raises:
        StreamUnavailable: the app has no scope for the stream.
        QuotaSpent: the day's calls are used up.
        PageMalformed: TikTok gives other records than it was asked for.
        SourceError: a list changes faster than it can be read, or less came than TikTok counts.
    """
    token = RotatingToken(
        "tiktok_shop", settings.secret("TIKTOK_SHOP_REFRESH_TOKEN"), answers.refreshed,
        header=answers.HEADER, prefix="",
    )  # fmt: skip
    base, meaning = settings.source_url("tiktok_shop"), answers.meaning(token)
    client = rest.connect(base, answers.Signed(token), meaning=meaning, calls_a_second=10)
    match stream:
        case "products":
            return _products(client, window)
        case "orders":
            return map(Page, _changed(client, ORDERS, "orders", "id", LIMIT, window))
        case "returns":
            return map(Page, _changed(client, RETURNS, "return_orders", "return_id", RETURNS_LIMIT, window))
        case "order_counts":
            return _by_day(window, lambda day: {"count": _order_count(client, day)})
        case "messages":
            return _messages(client, window)
        case _:
            return _by_day(window, lambda day: _performance(client, day))


def _changed(
    client: Api, path: str, name: str, key: str, limit: int, window: Window
) -> Iterator[list[Record]]:  # fmt: skip
    """Yield what changed in a window, as many records as TikTok counts."""
    first = int(window.start.timestamp())
    body = {"update_time_ge": first, "update_time_lt": max(int(window.end.timestamp()), first) + 1}
    asked = {"page_size": limit, "sort_field": "update_time", "sort_order": "ASC"}
    total = 0

    def read() -> Iterator[Sequence[Record]]:
        nonlocal total
        for page in _pages(client, path, name, asked, body):
            total = int(page.response.json()["data"].get("total_count") or 0)
            if any(record["update_time"] < first for record in page):
                raise PageMalformed(f"TikTok was asked for {name} changed since {first} and gave others.")
            yield page

    return settled(name, key, read, lambda: total)


def _pages(
    client: Api, path: str, name: str, asked: Mapping[str, object], body: Mapping[str, object] | None = None
) -> Iterator[rest.PageData]:  # fmt: skip
    """Yield the pages of a list; one without a record may lack the list."""
    pages = JSONResponseCursorPaginator("data.next_page_token", "page_token")
    method = "GET" if body is None else "POST"
    return rest.pages(client, path, _in(name), asked, pages, method=method, body=body)


def _in(name: str) -> Callable[[object], list]:
    def take(answer: object) -> list:
        found = answer["data"].get(name)
        return [] if found is None else found

    return take


def _products(client: Api, window: Window) -> Iterator[Page]:
    for page in _changed(client, PRODUCTS, "products", "id", LIMIT, window):
        yield Page([_product(client, str(product["id"])) for product in page])


def _product(client: Api, number: str) -> Record:
    """Return a product with its categories, which the list lacks."""
    product = rest.ask(client, f"{PRODUCT}/{number}")["data"]
    if str(product.get("id")) != number:
        raise PageMalformed(f"TikTok was asked for the product {number} and gave another.")
    return product


def _by_day(window: Window, ask: Callable[[date], Record]) -> Iterator[Page]:
    """Yield what TikTok says of each whole day."""
    yield Page([{"day": day.isoformat(), **ask(day)} for day in days.over(window, COUNTED)])


def _order_count(client: Api, day: date) -> int:
    first, last = days.seconds(day)
    body = {"create_time_ge": first, "create_time_lt": last + 1}
    return rest.ask(client, ORDERS, {"page_size": 1}, method="POST", body=body)["data"]["total_count"]


def _performance(client: Api, day: date) -> Record:
    asked = {"support_date_ge": day.isoformat(), "support_date_lt": (day + timedelta(days=1)).isoformat()}
    return rest.ask(client, PERFORMANCE, asked)["data"]["performance"]


def _messages(client: Api, window: Window) -> Iterator[Page]:
    """Yield each chat's messages; who moved to the top meanwhile is found by walking once more."""
    walked: set[str] = set()
    while True:
        chats = [chat for chat in _chats(client, window.start) if str(chat["id"]) not in walked]
        for chat in chats:
            yield Page(_thread(client, chat, window.start))
        if not chats:
            return
        walked.update(str(chat["id"]) for chat in chats)


def _chats(client: Api, since: datetime) -> list[Record]:
    """Return the chats that have a message since then, each once."""
    chats: dict[str, Record] = {}
    times: list[datetime] = []
    for page in _pages(client, CONVERSATIONS, "conversations", {"page_size": CHATS}):
        for chat in page:
            times.append(_at(chat.get("latest_message") or chat))
            if times[-1] >= since:
                chats.setdefault(str(chat["id"]), chat)
        # the documentation does not say that the newest come first: where they do not, all are read
        if times and times[-1] < since and times == sorted(times, reverse=True):
            break
    return list(chats.values())


def _thread(client: Api, chat: Record, since: datetime) -> list[Record]:
    buyer = next((each for each in chat.get("participants") or () if each["role"] == "BUYER"), {})
    # the id by which a chat knows the buyer is another than that of the orders
    known = {"thread_id": str(chat["id"]), "user_id": buyer.get("user_id")}
    said: dict[str, Record] = {}
    asked = {"page_size": MESSAGES, "sort_field": "create_time", "sort_order": "DESC", "locale": "vi-VN"}
    for page in _pages(client, f"{CONVERSATIONS}/{chat['id']}/messages", "messages", asked):
        for message in page:
            said.setdefault(str(message["id"]), {**message, **known})
        if threads.begun_before(list(said.values()), since, _said):
            break
    latest = chat.get("latest_message") or {}
    if latest.get("is_visible") and str(latest["id"]) not in said:
        raise PageMalformed(
            f"TikTok gave the chat {chat['id']} without its last message. Run the task again."
        )
    return threads.conversations(list(said.values()), since, _said)


def _at(record: Record) -> datetime:
    return datetime.fromtimestamp(int(record["create_time"]), UTC)


def _said(message: Record) -> threads.Said:
    return threads.Said(str(message["id"]), _at(message), message["sender"]["role"] == "BUYER")
