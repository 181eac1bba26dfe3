"""Haravan, the online shop: orders, customers and products as the API gives them, and its own counts.

A window is over `updated_at`, closed at the time the run began. Inside it the list is read by
ascending id (`since_id`): numbered pages would shift, and lose records, whenever one of them
changes and leaves the window. What was read is held against Haravan's own count. Running a window
twice is safe: a record has its key and its time of change, and the same bytes add nothing.

Refunds lie inside their order, their transactions with negative amounts. Run against the sandbox only.

**Credential.** In Haravan: Apps, Private apps, create one; HARAVAN_TOKEN is its access token. HARAVAN_URL is
https://apis.haravan.com.

**Scopes.** `com.read_orders`, `com.read_customers`, `com.read_products`.

**Limits.** A bucket of 80 calls that leaks four a second; pages of 50 records.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from include import days, rest, settings
from include.rest import SinceId
from include.sources import Page, SourceError, Stream, Window

LIMIT = 50
OVERLAP = timedelta(minutes=5)
SLICE = timedelta(days=90)
ORDER_TYPES = dict.fromkeys(
    ("created_at", "updated_at", "confirmed_at", "cancelled_at", "closed_at",
     "refunds[].created_at", "transactions[].created_at", "fulfillments[].created_at",
     "fulfillments[].delivered_date"),
    "timestamptz",
) | dict.fromkeys(
    ("total_line_items_price", "total_discounts", "subtotal_price", "total_tax", "total_price",
     "shipping_lines[].price", "line_items[].quantity", "line_items[].price",
     "line_items[].total_discount", "refunds[].refund_line_items[].quantity",
     "refunds[].refund_line_items[].subtotal", "refunds[].transactions[].amount",
     "transactions[].amount"),
    "numeric(18,4)",
)  # fmt: skip
CHANGED_TYPES = {"created_at": "timestamptz", "updated_at": "timestamptz"}

STREAMS = (
    *(
        Stream(name, key=("id",), version="updated_at", types=types, overlap=OVERLAP, longest_window=SLICE)
        for name, types in (
            ("products", CHANGED_TYPES | {"variants[].price": "numeric(18,4)"}),
            ("customers", CHANGED_TYPES | {"birthday": "timestamptz", "total_spent": "numeric(18,4)"}),
            ("orders", ORDER_TYPES),
        )
    ),
    Stream(
        "order_counts",
        key=("day",),
        types={"day": "date", "count": "integer"},
        restated=timedelta(days=40),
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield the records that changed in a window.

    Raises:
        SourceError: fewer records came than Haravan counts.
    """
    client = rest.connect(
        settings.source_url("haravan"),
        BearerTokenAuth(settings.secret("HARAVAN_TOKEN")),
        calls_a_second=4,
    )
    if stream == "order_counts":
        yield from _order_counts(client, window)
        return
    span = {"updated_at_min": _text(window.start), "updated_at_max": _text(window.end)}
    seen: set[object] = set()
    for page in rest.pages(client, f"/com/{stream}.json", stream, span | {"limit": LIMIT}, SinceId(LIMIT)):
        seen.update(record.get("id") or repr(record) for record in page)
        yield Page(list(page))
    counted = rest.value(client, f"/com/{stream}/count.json", "count", span)
    if len(seen) < counted:
        raise SourceError(
            f"Haravan counts {counted} {stream} changed from {span['updated_at_min']} to "
            f"{span['updated_at_max']}, but gave {len(seen)}. Run the task again; if it stays so, "
            "its list and its count disagree: ask Haravan."
        )


def _order_counts(client: rest.Api, window: Window) -> Iterator[Page]:
    """Yield Haravan's own count of the orders of each whole day, to hold the warehouse against."""
    counts = []
    for day in days.over(window):
        span = {
            "created_at_min": _text(days.midnight(day)),
            "created_at_max": _text(days.last_second(day)),
        }
        counted = rest.value(client, "/com/orders/count.json", "count", span)
        counts.append({"day": day.isoformat(), "count": counted})
    yield Page(counts)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
