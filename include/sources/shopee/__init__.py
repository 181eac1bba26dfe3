"""Shopee, the shop's stall on the marketplace: orders, returns, reviews, products, and Shopee's own figures.

Orders and returns are listed by time of change, at most fifteen days at once, and orders are then asked
for by their numbers, fifty at once. An entry that changes while a list is read leaves it and moves the
rest one place up: a list of more than one page is read again until it shows nothing new. Reviews have
no list by time and Shopee gives no more than the newest thousand of a list: they are walked back from
the newest, and product by product where a thousand do not reach back far enough. What is out of reach
even so is told as lost (`data_losses`). A buyer may change a review within thirty days, which are read
again; who wrote it is said by its order.

Running a window twice is safe: orders, returns and products have their time of change, reviews are read
as they are now. `order_counts` is how many orders of each of the last forty days the list by time of
creation has, held against what came by time of change. `shop_performance` is what Shopee measures of the
shop, as it is now, under the last day that was over: the rates of cancelled orders and of refunds stand
beside ours. Not to be had: who a buyer is (Shopee masks name,
phone and street; a buyer is a number), when a parcel arrived, what the buyer paid for shipping, and what
vouchers took off, which only the settlement says. A refund's day is that of the last change of the
return. Run against the sandbox only.

**Credential.** At open.shopee.com, make an app and let the shop's owner authorise it: that gives the first
refresh token, SHOPEE_REFRESH_TOKEN, with SHOPEE_PARTNER_ID, SHOPEE_PARTNER_KEY and SHOPEE_SHOP_ID. Each
refresh gives the next one, which is kept encrypted: nothing else may use it. Unused for thirty days it
dies, and after 365 days at most the owner must authorise again. SHOPEE_URL is
https://partner.shopeemobile.com.

**Scopes.** Order, Product, Returns, AccountHealth; what the app may not read beside orders is skipped.

**Limits.** Shopee states none. Ten calls a second; pages of 100. A call is signed for five minutes: the
machine's clock must be right.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from dlt.sources.helpers.rest_client.paginators import (
    JSONResponseCursorPaginator,
    OffsetPaginator,
    PageNumberPaginator,
)

from include import days, rest, settings
from include.days import VIETNAM
from include.rereading import settled
from include.rest import Api
from include.sources import Page, PageMalformed, Record, Stream, Window
from include.sources.shopee import answers
from include.tokens import RotatingToken

LIMIT, DETAILS = 100, 50
"""Rows of a page, and orders or products asked for at once."""
REACHABLE = 1000
"""Reviews of one list that Shopee ever gives."""
LONGEST = timedelta(days=15)
"""A longer span of orders or returns is refused."""
OVERLAP = timedelta(minutes=10)
EDITABLE = timedelta(days=30)
"""How long a buyer may change a review."""
COUNTED = timedelta(days=40)
FIELDS = (
    "buyer_user_id,buyer_username,recipient_address,item_list,pay_time,total_amount,payment_method,"
    "shipping_carrier,package_list,cancel_by,cancel_reason,buyer_cancel_reason,actual_shipping_fee,"
    "estimated_shipping_fee,note,fulfillment_flag,pickup_done_time"
)
"""What an order has besides its number, its status and its times only where it is asked for."""
DELETED = [f"{by}_DELETE" for by in ("SELLER", "SHOPEE")]
STATUSES = ("NORMAL", "BANNED", "UNLIST", "REVIEWING", *DELETED)
"""Of products: what was sold once may be deleted since."""
ORDER_LIST, ORDERS = "/api/v2/order/get_order_list", "/api/v2/order/get_order_detail"
ITEM_LIST, ITEMS, MODELS, CATEGORIES = (
    f"/api/v2/product/{name}"
    for name in ("get_item_list", "get_item_base_info", "get_model_list", "get_category")
)
REVIEWS, RETURNS = "/api/v2/product/get_comment", "/api/v2/returns/get_return_list"
PERFORMANCE = "/api/v2/account_health/get_shop_performance"


def _numbers(*paths: str) -> dict[str, str]:
    return dict.fromkeys(paths, "numeric(18,4)")


TIMES = _numbers("create_time", "update_time")
STREAMS = (
    Stream("products", key=("item_id",), version="update_time", types=TIMES, overlap=OVERLAP),
    Stream(
        "orders",
        key=("order_sn",),
        version="update_time",
        parent=("buyer_user_id",),
        types=TIMES
        | _numbers(
            "pay_time", "total_amount", "item_list[].model_quantity_purchased",
            "item_list[].model_original_price", "item_list[].model_discounted_price",
        ),
        overlap=OVERLAP,
        longest_window=LONGEST,
    ),
    Stream(
        "returns",
        key=("return_sn",),
        version="update_time",
        parent=("order_sn",),
        types=TIMES | _numbers("refund_amount", "item[].amount", "item[].item_price"),
        overlap=OVERLAP,
        longest_window=LONGEST,
        optional=True,
    ),
    Stream(
        "comments",
        key=("comment_id",),
        types=_numbers("create_time") | {"rating_star": "numeric(9,4)"},
        restated=EDITABLE,
        optional=True,
    ),
    Stream("order_counts", key=("day",), types={"day": "date", "count": "integer"}, restated=COUNTED),
    Stream(
        "shop_performance",
        key=("metric_id", "day"),
        types=_numbers("current_period", "last_period", "target.value") | {"day": "date"},
        optional=True,
    ),
)  # fmt: skip


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield what a stream holds of a window.

    Raises:
        StreamUnavailable: the app may not read the stream.
        PageMalformed: Shopee gives other records than it was asked for.
        SourceError: a list changes faster than it can be read.
    """
    token = RotatingToken("shopee", settings.secret("SHOPEE_REFRESH_TOKEN"), answers.refreshed)
    client = rest.connect(
        settings.source_url("shopee"),
        answers.Signed(token),
        meaning=answers.meaning(token),
        calls_a_second=10,
    )
    match stream:
        case "products":
            return _products(client, window)
        case "orders":
            return _orders(client, window)
        case "returns":
            return map(Page, settled("returns", "return_sn", lambda: _returns(client, window)))
        case "comments":
            return _comments(client, window)
        case "order_counts":
            return _order_counts(client, window)
        case _:
            return iter([Page(rest.of_yesterday(client, PERFORMANCE, "response.metric_list"))])


def _in(*path: str) -> Callable[[object], list]:
    """Return what takes the records out of a page, which must say whether there is more."""

    def take(answer: object) -> list:
        response = answer["response"]
        if not isinstance(response[path[0]], bool):
            raise ValueError("the page does not say whether there is more")
        return response[path[1]]

    return take


def _span(window: Window) -> tuple[int, int]:
    """Return a window in whole seconds; one that is shorter than a second is refused."""
    first = int(window.start.timestamp())
    return first, max(int(window.end.timestamp()), first + 1)


def _orders(client: Api, window: Window) -> Iterator[Page]:
    first, last = _span(window)

    def read() -> Iterator[Sequence[Record]]:
        return _order_list(client, "update_time", first, last)

    for page in settled("orders", "order_sn", read):
        for part in _parts([str(entry["order_sn"]) for entry in page]):
            orders = _details(client, part)
            if len(orders) < len(part):
                lacking = sorted(set(part) - {str(order["order_sn"]) for order in orders})
                raise PageMalformed(f"Shopee lists the order {lacking[0]} and does not give it.")
            if any(order["update_time"] < first for order in orders):
                raise PageMalformed(f"Shopee was asked for orders changed since {first} and listed others.")
            yield Page(orders)


def _order_list(client: Api, by: str, first: int, last: int) -> Iterator[Sequence[Record]]:
    asked = {"time_range_field": by, "time_from": first, "time_to": last, "page_size": LIMIT}
    pages = JSONResponseCursorPaginator("response.next_cursor", "cursor", has_more_path="response.more")
    return rest.pages(client, ORDER_LIST, _in("more", "order_list"), asked, pages)


def _details(client: Api, numbers: Sequence[str]) -> list[Record]:
    """Return the orders of these numbers, as far as Shopee has them."""
    asked = {"order_sn_list": ",".join(numbers), "response_optional_fields": FIELDS}
    orders = rest.ask(client, ORDERS, asked)["response"]["order_list"]
    if not {str(order["order_sn"]) for order in orders} <= set(numbers):
        raise PageMalformed("Shopee was asked for some orders and gave others.")
    return orders


def _returns(client: Api, window: Window) -> Iterator[Sequence[Record]]:
    first, last = _span(window)
    asked = {"update_time_from": first, "update_time_to": last, "page_size": LIMIT}
    pages = PageNumberPaginator(
        base_page=1, page_param="page_no", total_path=None, has_more_path="response.more"
    )
    for page in rest.pages(client, RETURNS, _in("more", "return"), asked, pages):
        if any(record["update_time"] < first for record in page):
            raise PageMalformed(f"Shopee was asked for returns changed since {first} and gave others.")
        yield page


def _comments(client: Api, window: Window) -> Iterator[Page]:
    """Yield the reviews since the window began, by product where the shop's list does not reach so far."""
    found, is_whole = _reviews(client, window, {})
    yield from _with_buyers(client, found)
    if is_whole:
        return
    lost = {}
    for item in _item_numbers(client, {}):
        found, is_whole = _reviews(client, window, {"item_id": item})
        yield from _with_buyers(client, found)
        if not is_whole:
            oldest = datetime.fromtimestamp(min(review["create_time"] for review in found), VIETNAM)
            lost[f"reviews of the product {item} before {oldest:%Y-%m-%d}"] = (
                f"Shopee gives no more than the newest {len(found)} of a product"
            )
    yield Page([], lost=lost)


def _reviews(client: Api, window: Window, asked: Mapping[str, object]) -> tuple[list[Record], bool]:
    """Return the newest reviews of a list back to the window's start, and whether they reach it.

    At its end Shopee still says that there is more.
    """
    first, found, is_sorted = int(window.start.timestamp()), [], True
    pages = JSONResponseCursorPaginator("response.next_cursor", "cursor", has_more_path="response.more")
    params = {"cursor": "", "page_size": LIMIT, **asked}
    take = _in("more", "item_comment_list")
    for page in rest.pages(client, REVIEWS, take, params, pages, may_be_empty=True):
        found += page
        times = [review["create_time"] for review in found]
        # the documentation does not say that the newest come first: where they do not, all are read
        is_sorted = is_sorted and times == sorted(times, reverse=True)
        if is_sorted and page and page[-1]["create_time"] < first:
            return [review for review in found if review["create_time"] >= first], True
        if page.paginator.has_next_page and (not page or len(found) >= REACHABLE):
            return [review for review in found if review["create_time"] >= first], False
    return [review for review in found if review["create_time"] >= first], True


def _with_buyers(client: Api, reviews: Sequence[Record]) -> Iterator[Page]:
    """Yield reviews with the buyer's number, which the order has; null where Shopee lacks the order."""
    for part in _parts(reviews):
        numbers = sorted({str(review["order_sn"]) for review in part})
        buyers = {str(order["order_sn"]): order["buyer_user_id"] for order in _details(client, numbers)}
        yield Page([{**each, "buyer_user_id": buyers.get(str(each["order_sn"]))} for each in part])


def _products(client: Api, window: Window) -> Iterator[Page]:
    first, last = _span(window)
    numbers = _item_numbers(client, {"update_time_from": first, "update_time_to": last})
    categories = _categories(client) if numbers else {}
    for part in _parts(numbers):
        asked = {"item_id_list": ",".join(map(str, part))}
        items = rest.ask(client, ITEMS, asked)["response"]["item_list"]
        if {item["item_id"] for item in items} != set(part):
            raise PageMalformed("Shopee was asked for some products and gave others.")
        yield Page([
            {**item, "models": _models(client, item), "category_name": categories.get(item["category_id"])}
            for item in items
        ])  # fmt: skip


def _item_numbers(client: Api, asked: Mapping[str, object]) -> list[int]:
    """Return the numbers of the products, those that were deleted as well."""

    def read() -> Iterator[Sequence[Record]]:
        pages = OffsetPaginator(
            LIMIT, limit_param="page_size", total_path=None, has_more_path="response.has_next_page"
        )
        params = {"item_status": STATUSES, **asked}
        return rest.pages(client, ITEM_LIST, _in("has_next_page", "item"), params, pages)

    return [item["item_id"] for page in settled("products", "item_id", read) for item in page]


def _models(client: Api, item: Record) -> list[Record]:
    if not item.get("has_model"):
        return []
    return rest.ask(client, MODELS, {"item_id": item["item_id"]})["response"]["model"]


def _categories(client: Api) -> dict[int, str]:
    found = rest.ask(client, CATEGORIES, {"language": "vi"})["response"]["category_list"]
    return {each["category_id"]: each["display_category_name"] for each in found}


def _order_counts(client: Api, window: Window) -> Iterator[Page]:
    """Yield how many orders of each whole day the list by time of creation has."""
    counts = []
    for day in days.over(window, COUNTED):
        first, last = days.seconds(day)

        def read(first: int = first, last: int = last) -> Iterator[Sequence[Record]]:
            return _order_list(client, "create_time", first, last)

        count = sum(len(page) for page in settled("orders of a day", "order_sn", read))
        counts.append({"day": day.isoformat(), "count": count})
    yield Page(counts)


def _parts(whole: Sequence) -> Iterator[Sequence]:
    for first in range(0, len(whole), DETAILS):
        yield whole[first : first + DETAILS]
