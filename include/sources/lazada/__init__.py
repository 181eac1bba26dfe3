"""Lazada, the shop's stall on the marketplace in Vietnam: orders, returns, products, reviews, its counts.

Orders, returns and products are listed by time of change, page by page. What changes meanwhile leaves a
list and moves the rest one place up: a list of more than one page is read again until it shows nothing
new and has as many as Lazada counts. The lines of orders are asked for by fifty orders at once. A list
that goes on behind what Lazada gives of it, ten thousand products or fifty pages of reviews, is read in
halves of its time.

Reviews are listed as numbers, product by product, seven days at once and ninety days back, and asked for
by ten. A buyer who changes a review writes another in its place; Lazada then calls the old one outdated,
and it is deleted here as well. Thirty days are read again for that: nothing says how long a buyer may. A
follow-up has no rating. Who wrote a review is said by its order.

Running a window twice is safe: orders, returns and products have their time of change, reviews are read
as they are now. `order_counts` is how many orders of each of the last forty days Lazada itself counts,
held against what came by time of change. `seller_performance` is what Lazada measures of the shop, as it
is now, under the last day that was over: the rate of good ratings stands beside ours. A line of an order
is one unit; one that is cancelled while the others are not was never sold. Discounts are the shop's: what
Lazada takes off, it pays. A refund's day is that of the last change of its line; what is given back for an
order that was cancelled is no refund of a sale. Not to be had: who a buyer is (Lazada masks name, phone
and street; a buyer is a number), and when a parcel arrived. A stall in another country is not read: there,
amounts of returns are cents. Run against the sandbox only.

**Credential.** At open.lazada.com, make an app and let the shop's owner authorise it: that gives the first
refresh token, LAZADA_REFRESH_TOKEN, with LAZADA_APP_KEY and LAZADA_APP_SECRET. Each refresh gives the next
one, which is kept encrypted: nothing else may use it. LAZADA_URL is https://api.lazada.vn/rest,
LAZADA_LOGIN_URL https://auth.lazada.com/rest.

**Scopes.** Order, Product; Return and Refund, Product Review and Seller where the app may read them.

**Limits.** A quota that depends on the app's category; who exceeds it is shut out for a second or more.
Ten calls a second; pages of 100, of products and returns 50. Reviews take a call for each product and
week. A call is signed for two hours.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from dlt.sources.helpers.rest_client.paginators import BasePaginator, OffsetPaginator
from requests import Request, Response

from include import days, rest, settings
from include.rereading import settled
from include.rest import Api
from include.sources import Page, PageMalformed, Record, SourceError, Stream, Window
from include.sources.lazada import answers
from include.tokens import RotatingToken

LIMIT, PRODUCTS_LIMIT, RETURNS_LIMIT = 100, 50, 50
"""Rows of a page."""
ITEMS_OF, DETAILS = 50, 10
"""Orders of which the lines, and reviews of which the text, are asked for at once."""
REACHABLE, PAGES = 10_000, 50
"""Products of a list that Lazada ever gives, and pages of a list of reviews."""
OVERLAP = timedelta(minutes=10)
WEEK = timedelta(days=7)
"""A longer span of reviews is refused."""
KEPT = timedelta(days=90)
KEPT_SURELY = KEPT - timedelta(days=1)
"""What is still there when a run of hours comes to it."""
CHANGING = timedelta(days=30)
COUNTED = timedelta(days=40)
FOUNDED = int(datetime(2012, 1, 1, tzinfo=UTC).timestamp())
"""No product is older than Lazada."""
STATUSES = ("all", "deleted")
"""Of products: what was sold once may be deleted since, and is then not among all."""
ORDERS, ITEMS = "/orders/get", "/orders/items/get"
PRODUCTS, CATEGORIES = "/products/get", "/category/tree/get"
RETURNS = "/reverse/getreverseordersforseller"
REVIEW_NUMBERS, REVIEWS = "/review/seller/history/list", "/review/seller/list/v2"
PERFORMANCE = "/seller/performance/get"


def _numbers(*paths: str) -> dict[str, str]:
    return dict.fromkeys(paths, "numeric(18,4)")


STREAMS = (
    Stream(
        "products",
        key=("item_id",),
        version="updated_time",
        types=_numbers("created_time", "updated_time"),
        overlap=OVERLAP,
        longest_window=timedelta(days=90),
    ),
    Stream(
        "orders",
        key=("order_id",),
        version="updated_at",
        parent=("buyer_id",),
        types={"created_at": "timestamptz", "updated_at": "timestamptz"}
        | _numbers(
            "items[].item_price", "items[].paid_price", "items[].voucher_seller",
            "items[].voucher_seller_lpi", "items[].shipping_amount", "items[].tax_amount",
            "items[].payment_time",
        ),
        overlap=OVERLAP,
        longest_window=timedelta(days=15),
    ),
    Stream(
        "returns",
        key=("reverse_order_line_id",),
        version="return_order_line_gmt_modified",
        parent=("trade_order_id",),
        types=_numbers(
            "return_order_line_gmt_create", "return_order_line_gmt_modified", "refund_amount",
            "item_unit_price",
        ),
        overlap=OVERLAP,
        longest_window=timedelta(days=30),
        optional=True,
    ),
    Stream(
        "reviews",
        key=("id",),
        parent=("order_id",),
        deleted="is_outdated",
        types=_numbers("create_time", "submit_time")
        | dict.fromkeys(
            (f"ratings.{of}_rating" for of in ("overall", "product", "seller", "logistics")), "numeric(9,4)"
        ),
        restated=CHANGING,
        retention=KEPT,
        optional=True,
    ),
    Stream("order_counts", key=("day",), types={"day": "date", "count": "integer"}, restated=COUNTED),
    Stream(
        "seller_performance",
        key=("type", "day"),
        types=_numbers("score", "target") | {"day": "date"},
        optional=True,
    ),
)  # fmt: skip


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield what a stream holds of a window.

    Raises:
        StreamUnavailable: the app may not read the stream.
        QuotaSpent: the app is shut out for long.
        PageMalformed: Lazada gives other records than it was asked for.
        SourceError: a list changes faster than it can be read, or less came than Lazada counts.
    """
    token = RotatingToken("lazada", settings.secret("LAZADA_REFRESH_TOKEN"), answers.refreshed)
    base, meaning = settings.source_url("lazada"), answers.meaning(token)
    client = rest.connect(base, answers.Signed(token), meaning=meaning, calls_a_second=10)
    match stream:
        case "products":
            return _products(client, window)
        case "orders":
            return _orders(client, window)
        case "returns":
            return _returns(client, window)
        case "reviews":
            return _reviews(client, window)
        case "order_counts":
            return _order_counts(client, window)
        case _:
            return iter([Page(rest.of_yesterday(client, PERFORMANCE, "data.indicators"))])


def _orders(client: Api, window: Window) -> Iterator[Page]:
    first, last = _span(window)
    asked = {
        "update_after": _text(first), "update_before": _text(last), "sort_by": "updated_at",
        "sort_direction": "ASC",
    }  # fmt: skip
    total = 0

    def read() -> Iterator[Sequence[Record]]:
        nonlocal total
        pages = OffsetPaginator(LIMIT, total_path="data.countTotal")
        for page in rest.pages(client, ORDERS, _in("data", "orders", "countTotal"), asked, pages):
            total = page.response.json()["data"]["countTotal"]
            if any(_second(order["updated_at"]) < first for order in page):
                raise PageMalformed(
                    f"Lazada was asked for orders changed since {_text(first)} and gave others."
                )
            yield page

    for page in settled("orders", "order_id", read, lambda: total):
        yield from (Page(_with_items(client, part)) for part in _parts(page, ITEMS_OF))


def _with_items(client: Api, orders: Sequence[Record]) -> list[Record]:
    """Return orders with their lines, and with the number of the buyer, which each line has."""
    numbers = [str(order["order_id"]) for order in orders]
    found = rest.ask(client, ITEMS, {"order_ids": _listed(numbers)})["data"]
    items = {str(each["order_id"]): each["order_items"] for each in found}
    if set(items) != set(numbers):
        raise PageMalformed("Lazada was asked for the lines of some orders and gave those of others.")
    buyers = {
        number: next((item["buyer_id"] for item in of_one if item.get("buyer_id")), None)
        for number, of_one in items.items()
    }
    return [
        {**order, "items": items[number], "buyer_id": buyers[number]}
        for order, number in zip(orders, numbers, strict=True)
    ]


def _returns(client: Api, window: Window) -> Iterator[Page]:
    first, last = _span(window)
    asked = {
        "page_size": RETURNS_LIMIT, "ReverseOrderLineModifiedTimeRangeStart": first * 1000,
        "ReverseOrderLineModifiedTimeRangeEnd": last * 1000 + 999,
    }  # fmt: skip
    total = 0

    def read() -> Iterator[Sequence[Record]]:
        nonlocal total
        take = _in("result", "items", "total", "page_size")
        for page in rest.pages(client, RETURNS, take, asked, Numbered("result", "page_no")):
            total = page.response.json()["result"]["total"]
            for each in page:
                changed = [line["return_order_line_gmt_modified"] for line in each["reverse_order_lines"]]
                if changed and max(changed) < first * 1000:
                    raise PageMalformed(
                        f"Lazada was asked for returns changed since {_text(first)} and gave others."
                    )
            yield page

    for page in settled("returns", "reverse_order_id", read, lambda: total):
        yield Page([
            {**{name: value for name, value in each.items() if name != "reverse_order_lines"}, **line}
            for each in page
            for line in each["reverse_order_lines"]
        ])  # fmt: skip


def _products(client: Api, window: Window) -> Iterator[Page]:
    categories: dict[int, str] = {}
    for page in _product_pages(client, "update", *_span(window)):
        categories = categories or (_categories(client) if page else {})
        yield Page([{**each, "category_name": categories.get(each.get("primary_category"))} for each in page])


def _product_pages(client: Api, by: str, first: int, last: int) -> Iterator[list[Record]]:
    """Yield the products that came to be, or changed, from a second to another."""
    for status in STATUSES:
        yield from _products_of(client, status, by, first, last)


def _products_of(client: Api, status: str, by: str, first: int, last: int) -> Iterator[list[Record]]:
    """Yield products of a status, in halves of their time where there are more than Lazada gives."""
    asked = {"filter": status, f"{by}_after": _text(first), f"{by}_before": _text(last)}
    total = rest.value(client, PRODUCTS, "data.total_products", {**asked, "offset": 0, "limit": 1})
    if total > REACHABLE:
        for half in _halves("products", first, last):
            yield from _products_of(client, status, by, *half)
        return

    def read() -> Iterator[Sequence[Record]]:
        nonlocal total
        pages = OffsetPaginator(PRODUCTS_LIMIT, total_path="data.total_products")
        for page in rest.pages(client, PRODUCTS, _in("data", "products", "total_products"), asked, pages):
            total = page.response.json()["data"]["total_products"]
            yield page

    yield from settled("products", "item_id", read, lambda: total)


def _categories(client: Api) -> dict[int, str]:
    """Return the names of all categories."""
    found, names = rest.ask(client, CATEGORIES, {"language_code": "vi_VN"})["data"], {}
    while found:
        each = found.pop()
        names[each["category_id"]] = each["name"]
        found = [*found, *(each.get("children") or ())]
    return names


def _reviews(client: Api, window: Window) -> Iterator[Page]:
    """Yield the reviews of a window, week by week and in each product by product."""
    start = max(window.start, window.end - KEPT_SURELY)
    pages = _product_pages(client, "create", FOUNDED, int(window.end.timestamp()))
    products = sorted({each["item_id"] for page in pages for each in page})
    while start < window.end:
        end = min(start + WEEK, window.end)
        first, last = (int(at.timestamp() * 1000) for at in (start, end))
        try:
            for product in products:
                for part in _parts(_review_numbers(client, product, first, last), DETAILS):
                    yield Page(_written(client, part))
        except answers.TooOld:
            yield Page([], lost={f"reviews before {end:%Y-%m-%d}": "Lazada shows no more than ninety days"})
        start = end


def _review_numbers(client: Api, product: int, first: int, last: int) -> list[int]:
    """Return the numbers of a product's reviews, in halves of their time where the pages do not suffice."""
    asked = {"item_id": product, "start_time": first, "end_time": last}
    told = rest.ask(client, REVIEW_NUMBERS, {**asked, "current": 1})["data"] or {"total": 0}
    numbers, total = told.get("id_list") or [], told["total"]
    if total <= len(numbers):
        return numbers
    if total > PAGES * told["page_size"]:
        halves = _halves("reviews", first, last)
        return list(dict.fromkeys(n for half in halves for n in _review_numbers(client, product, *half)))

    def read() -> Iterator[Sequence[Record]]:
        nonlocal total
        take = _in("data", "id_list", "total", "page_size")
        for page in rest.pages(client, REVIEW_NUMBERS, take, asked, Numbered("data", "current")):
            total = page.response.json()["data"]["total"]
            yield [{"id": number} for number in page]

    return [each["id"] for page in settled("reviews", "id", read, lambda: total) for each in page]


def _written(client: Api, numbers: Sequence[int]) -> list[Record]:
    """Return the reviews of these numbers; of an outdated one, that it is."""
    told = rest.ask(client, REVIEWS, {"id_list": _listed(numbers)})["data"]
    outdated = [{"id": number, "is_outdated": True} for number in told.get("outdated_reviews") or ()]
    found = [*told["review_list"], *outdated]
    if {str(review["id"]) for review in found} != set(map(str, numbers)):
        raise PageMalformed("Lazada was asked for some reviews and gave others.")
    return found


def _order_counts(client: Api, window: Window) -> Iterator[Page]:
    """Yield Lazada's own count of the orders of each whole day."""
    counts = []
    for day in days.over(window, COUNTED):
        first, last = (_text(second) for second in days.seconds(day))
        asked = {"created_after": first, "created_before": last, "offset": 0, "limit": 1}
        counts.append({"day": day.isoformat(), "count": rest.value(client, ORDERS, "data.countTotal", asked)})
    yield Page(counts)


class Numbered(BasePaginator):
    """Pages by number, until there are as many records as the part of the answer says."""

    def __init__(self, part: str, number: str) -> None:
        super().__init__()
        self._part = part
        self._number = number
        self._page = 1

    def init_request(self, request: Request) -> None:
        """Ask for the first page."""
        self.update_request(request)

    def update_state(self, response: Response, data: list | None = None) -> None:
        """Read how many there are; a page without a record is the last in any case."""
        told = response.json()[self._part]
        self._has_next_page = bool(data) and self._page * told["page_size"] < told["total"]
        self._page += 1

    def update_request(self, request: Request) -> None:
        """Ask for the page that is next."""
        request.params[self._number] = self._page


def _in(part: str, records: str, *counts: str) -> Callable[[object], list]:
    """Return what takes the records out of a part of an answer, which must say how many there are."""

    def take(answer: object) -> list:
        told = answer[part]
        if not all(isinstance(told[count], int) for count in counts):
            raise ValueError("the page does not say how many there are")
        found = told.get(records)
        return [] if found is None and not told[counts[0]] else found

    return take


def _span(window: Window) -> tuple[int, int]:
    """Return a window in whole seconds."""
    first = int(window.start.timestamp())
    return first, max(int(window.end.timestamp()), first)


def _halves(what: str, first: int, last: int) -> tuple[tuple[int, int], tuple[int, int]]:
    middle = (first + last) // 2
    if middle == first:
        raise SourceError(f"Lazada has more {what} of one moment than it gives: ask Lazada for them.")
    return (first, middle), (middle, last)


def _parts(whole: Sequence, size: int) -> Iterator[Sequence]:
    for first in range(0, len(whole), size):
        yield whole[first : first + size]


def _listed(numbers: Sequence[int | str]) -> str:
    return f"[{','.join(map(str, numbers))}]"


def _text(second: int) -> str:
    return datetime.fromtimestamp(second, days.VIETNAM).isoformat()


def _second(text: str) -> int:
    """Return when something was that Lazada writes as `2026-11-20 10:11:12 +0700`."""
    return int(datetime.fromisoformat(text.replace(" +", "+")).timestamp())
