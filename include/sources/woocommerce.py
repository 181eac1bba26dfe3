"""WooCommerce, the outlet shop on WordPress: orders, their refunds, customers, products and its counts.

Orders and products are asked for by time of change, in UTC (`dates_are_gmt`: without it the shop would
take our times for its own and hide seven hours), closed at the time the run began, by ascending id.
WordPress numbers its pages, so whatever changes while they are read leaves the window and moves the
rest one place up: what came is held against the total in the headers, and a list that moved is read
again. An order names its refunds; each is read from its order. Customers have no time of change that
could be asked for: they are read whole once a day, and in between those that registered since.

Running a window twice is safe: a record has its key, orders and products their time of change, and
customers are read as they are now. `order_counts` is how many orders the shop itself counts a day, for
forty days back. Run against the sandbox only.

**Credential.** In WordPress: WooCommerce, Settings, Advanced, REST API, Add key; WOOCOMMERCE_KEY and
WOOCOMMERCE_SECRET. WOOCOMMERCE_URL is the shop's address, by https; plain permalinks break the API.

**Scopes.** Read, by a user who manages the shop.

**Limits.** WooCommerce has none; the host in front of it may, and answers in HTML. Two calls a second,
one after the other; pages of 100.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request, Response
from requests.auth import HTTPBasicAuth

from include import days, rest, settings
from include.rest import Api, Overloaded
from include.sources import Page, PageMalformed, Record, SourceError, Stream, Window

API = "/wp-json/wc/v3"
LIMIT = 100
OVERLAP = timedelta(minutes=5)
ROUNDING = timedelta(seconds=1)
"""WordPress's times are whole seconds, and both ends of a span are left out."""
WHOLE_EVERY = timedelta(days=1)
COUNTED = timedelta(days=40)
READINGS = 4
"""How often a list is read that moves while it is."""
IN_THE_WAY = {403, 501}
"""What the host answers in HTML besides the usual, when it takes a caller for an attacker."""
TIMES = {"date_created_gmt": "timestamp", "date_modified_gmt": "timestamp"}


def _amounts(*paths: str) -> dict[str, str]:
    return dict.fromkeys(paths, "numeric(18,4)")


STREAMS = (
    Stream("products", key=("id",), version="date_modified_gmt", types=TIMES, overlap=OVERLAP),
    Stream("customers", key=("id",), types=TIMES, overlap=OVERLAP),
    Stream(
        "orders",
        key=("id",),
        version="date_modified_gmt",
        types=TIMES
        | {"date_paid_gmt": "timestamp", "date_completed_gmt": "timestamp"}
        | _amounts(
            "discount_total", "shipping_total", "total_tax", "total", "line_items[].quantity",
            "line_items[].subtotal", "line_items[].total", "fee_lines[].total", "refunds[].total",
        ),
        overlap=OVERLAP,
        longest_window=timedelta(days=90),
    ),
    Stream(
        "refunds",
        key=("id",),
        parent=("order_id",),
        types={"date_created_gmt": "timestamp"} | _amounts("amount", "line_items[].total"),
        overlap=OVERLAP,
        longest_window=timedelta(days=90),
    ),
    Stream("order_counts", key=("day",), types={"day": "date", "count": "integer"}, restated=COUNTED),
)  # fmt: skip


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield a window's records.

    Raises:
        SourceError: fewer records came than the shop counts, each time that the list was read.
    """
    client = rest.connect(
        settings.source_url("woocommerce"),
        HTTPBasicAuth(settings.secret("WOOCOMMERCE_KEY"), settings.secret("WOOCOMMERCE_SECRET")),
        meaning=_meaning,
        calls_a_second=2,
    )
    changed = {
        "modified_after": _text(window.start - ROUNDING), "modified_before": _text(window.end + ROUNDING),
        "dates_are_gmt": "true",
    }  # fmt: skip
    match stream:
        case "customers":
            return _customers(client, window)
        case "refunds":
            return _refunds(client, changed)
        case "order_counts":
            return _order_counts(client, window)
        case _:
            return map(Page, _list(client, stream, changed))


def _list(client: Api, name: str, params: Mapping[str, object]) -> Iterator[list[Record]]:
    """Yield the pages of a list by ascending id, all of them again where it moved under the reader."""
    seen: set[object] = set()
    for _ in range(READINGS):
        totals: set[int] = set()
        paginator = Numbered()
        asked = {"orderby": "id", "order": "asc", "per_page": LIMIT} | params
        for page in rest.pages(client, f"{API}/{name}", "$", asked, paginator):
            totals.add(paginator.total)
            seen.update(record.get("id") for record in page)
            yield list(page)
        if len(totals) == 1 and len(seen) >= max(totals):
            return
    raise SourceError(
        f"The shop counts {max(totals)} {name} and gave {len(seen)}, in each of {READINGS} readings: it "
        "changes faster than it can be read. Run the task again at a quieter hour."
    )


def _customers(client: Api, window: Window) -> Iterator[Page]:
    if window.cursor and window.end - datetime.fromisoformat(window.cursor) < WHOLE_EVERY:
        newest = {"role": "all", "orderby": "registered_date", "order": "desc", "per_page": LIMIT}
        for page in rest.pages(client, f"{API}/customers", "$", newest, Numbered()):
            yield Page(list(page))
            if page and str(page[-1]["date_created_gmt"]) < _text(window.start):
                return
        return
    yield from map(Page, _list(client, "customers", {"role": "all"}))
    yield Page([], window.end.isoformat())


def _refunds(client: Api, changed: Mapping[str, object]) -> Iterator[Page]:
    for page in _list(client, "orders", {**changed, "_fields": "id,refunds"}):
        for order in page:
            if order["refunds"]:
                refunds = _list(client, f"orders/{order['id']}/refunds", {})
                yield from (Page([each | {"order_id": order["id"]} for each in part]) for part in refunds)


def _order_counts(client: Api, window: Window) -> Iterator[Page]:
    """Yield the shop's own count of the orders of each whole day."""
    counts = []
    for day in days.over(window, COUNTED):
        params = {
            "after": _text(days.midnight(day) - ROUNDING),
            "before": _text(days.midnight(day + timedelta(days=1))),
            "dates_are_gmt": "true", "per_page": 1,
        }  # fmt: skip
        paginator = Numbered()
        next(rest.pages(client, f"{API}/orders", "$", params, paginator))
        counts.append({"day": day.isoformat(), "count": paginator.total})
    yield Page(counts)


def _meaning(response: Response, answer: object) -> None:
    """Raise what an answer means beyond its status: HTML is of the host, and not of the shop."""
    if answer is None and response.status_code in IN_THE_WAY:
        raise Overloaded(f"the host answered {response.status_code} in the shop's place", response=response)


class Numbered(BasePaginator):
    """Pages by number, as many as the headers say."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0
        """How many records the list has."""
        self._page = 1

    def update_state(self, response: Response, data: list[dict] | None = None) -> None:
        """Read how many records and pages there are.

        Raises:
            PageMalformed: the headers do not say.
        """
        try:
            self.total = int(response.headers["X-WP-Total"])
            pages = int(response.headers["X-WP-TotalPages"])
        except (KeyError, ValueError) as error:
            raise PageMalformed(
                f"{response.url} does not say how many records there are: a proxy took X-WP-Total away."
            ) from error
        self._has_next_page = self._page < pages
        self._page += 1

    def update_request(self, request: Request) -> None:
        """Ask for the next page."""
        request.params["page"] = self._page


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
