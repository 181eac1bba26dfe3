"""Sapo, a shop with a website and a till: orders, customers, products, abandoned checkouts, its counts.

A window is over `modified_on`, closed at the time the run began, both ends included: times are whole
seconds, and the next pull begins five minutes before the end of this one, so that no change of the same
second is left out. Inside it the list is read by ascending id (`since_id`): numbered pages would shift,
and lose records, whenever one of them changes and leaves the window. What was read is held against
Sapo's own count. Running a window twice is safe: a record has its key and its time of change, and the
same bytes add nothing. `order_counts` is how many orders the shop itself counts a day, for forty days
back. A sale at the till may lack a customer. Of carts Sapo lists only the checkouts that were left
(`coverage_code` is `abandoned`): whose one was, of those who had signed in; never which order it became.

Certain are the paths, the dates' names (`_on`), page, limit, `since_id`, `modified_on_min` and `_max`.
Secondary is what comes from one public client (the limits), from common knowledge (the token's header)
or from the shops whose shape Sapo has: the names of all other fields; refunds, transactions and parcels
inside their order; `/count.json`; `created_on_min` and `_max`; `status=any`, without which closed and
cancelled orders would be left out. Hold a first real pull against the shop's screens. Run against the
sandbox only.

**Credential.** SAPO_URL is `https://<store>.mysapo.net`; SAPO_TOKEN the access token that an app was given
there by OAuth, or the `key:secret` of a private app, with its colon.

**Scopes.** Orders, customers, products and checkouts, to read. A shop that has no checkouts (404) is read
without them.

**Limits.** 40 calls a minute and 80,000 a day, then 429 until the minute or the day is over. As one public
client alone says so, SAPO_CALLS_A_MINUTE and SAPO_CALLS_A_DAY set others. Pages of 250 records; the counts
take forty calls of each pull.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from dlt.sources.helpers.rest_client.auth import APIKeyAuth
from requests import Response
from requests.auth import AuthBase, HTTPBasicAuth

from include import days, rest, settings
from include.rest import SinceId
from include.sources import Page, PersonNeeded, SourceError, Stream, StreamUnavailable, Window

LIMIT = 250
ATTEMPTS = 7
"""Waits of 63 seconds in sum: a 429 lasts for up to a minute, and none is known to say how long."""
OVERLAP = timedelta(minutes=5)
SLICE = timedelta(days=90)
COUNTED = timedelta(days=40)
OF_ANY_STATUS = {"status": "any"}
CHANGED_TYPES = {"created_on": "timestamptz", "modified_on": "timestamptz"}


def _amounts(*paths: str) -> dict[str, str]:
    return dict.fromkeys(paths, "numeric(18,4)")


ORDER_TYPES = (
    CHANGED_TYPES
    | dict.fromkeys(
        ("cancelled_on", "closed_on", "refunds[].created_on", "transactions[].created_on",
         "fulfillments[].created_on", "fulfillments[].modified_on"),
        "timestamptz",
    )
    | _amounts(
        "total_line_items_price", "total_discounts", "subtotal_price", "total_tax", "total_price",
        "shipping_lines[].price", "line_items[].quantity", "line_items[].price",
        "line_items[].total_discount", "refunds[].refund_line_items[].quantity",
        "refunds[].refund_line_items[].subtotal", "refunds[].transactions[].amount",
        "transactions[].amount",
    )
)  # fmt: skip

CHECKOUT_TYPES = (
    CHANGED_TYPES
    | {"completed_on": "timestamptz", "line_items[].quantity": "numeric(7)"}
    | _amounts("total_price", "line_items[].price", "line_items[].total_discount")
)

STREAMS = (
    *(
        Stream(
            name, key=("id",), version="modified_on", types=types, overlap=OVERLAP, longest_window=SLICE,
            optional=name == "checkouts",
        )
        for name, types in (
            ("products", CHANGED_TYPES | _amounts("variants[].price")),
            ("customers", CHANGED_TYPES | _amounts("total_spent")),
            ("orders", ORDER_TYPES),
            ("checkouts", CHECKOUT_TYPES),
        )
    ),
    Stream("order_counts", key=("day",), types={"day": "date", "count": "integer"}, restated=COUNTED),
)  # fmt: skip


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield a window's records.

    Raises:
        PersonNeeded: a limit is set to what is no number.
        StreamUnavailable: the shop has no checkouts.
        SourceError: fewer records came than Sapo counts.
    """
    client = rest.connect(
        settings.source_url("sapo"),
        _auth(settings.secret("SAPO_TOKEN")),
        meaning=_meaning,
        calls_a_second=_calls_a_second(),
        attempts=ATTEMPTS,
    )
    return _order_counts(client, window) if stream == "order_counts" else _changed(client, stream, window)


def _changed(client: rest.Api, stream: str, window: Window) -> Iterator[Page]:
    span = {"modified_on_min": _text(window.start), "modified_on_max": _text(window.end)}
    if stream == "orders":
        span |= OF_ANY_STATUS
    seen: set[object] = set()
    asked = span | {"limit": LIMIT}
    for page in rest.pages(client, f"/admin/{stream}.json", stream, asked, SinceId(LIMIT)):
        seen.update(record.get("id") or repr(record) for record in page)
        yield Page(list(page))
    counted = rest.value(client, f"/admin/{stream}/count.json", "count", span)
    if len(seen) < counted:
        raise SourceError(
            f"Sapo counts {counted} {stream} changed from {span['modified_on_min']} to "
            f"{span['modified_on_max']}, but gave {len(seen)}. Run the task again; if it stays so, "
            "its list and its count disagree: ask Sapo."
        )


def _order_counts(client: rest.Api, window: Window) -> Iterator[Page]:
    """Yield Sapo's own count of the orders of each whole day, to hold the warehouse against."""
    counts = []
    for day in days.over(window, COUNTED):
        span = {
            "created_on_min": _text(days.midnight(day)),
            "created_on_max": _text(days.last_second(day)),
        } | OF_ANY_STATUS
        counted = rest.value(client, "/admin/orders/count.json", "count", span)
        counts.append({"day": day.isoformat(), "count": counted})
    yield Page(counts)


def _auth(token: str) -> AuthBase:
    """Return the credentials: a private app shows a key and a secret, any other app its token."""
    key, colon, secret = token.partition(":")
    if colon:
        return HTTPBasicAuth(key, secret)
    return APIKeyAuth(name="X-Sapo-Access-Token", api_key=token, location="header")


def _calls_a_second() -> float:
    """Return what both limits allow.

    Raises:
        PersonNeeded: one of them is no number above zero.
    """
    a_minute = settings.source_setting("SAPO_CALLS_A_MINUTE", "40")
    a_day = settings.source_setting("SAPO_CALLS_A_DAY", "80000")
    try:
        allowed = min(float(a_minute) / 60, float(a_day) / 86_400)
    except ValueError:
        allowed = 0.0
    if not allowed > 0:
        raise PersonNeeded(
            f"SAPO_CALLS_A_MINUTE is {a_minute!r} and SAPO_CALLS_A_DAY {a_day!r}: both must be numbers above "
            "0, such as 40 and 80000."
        )
    return allowed


def _meaning(response: Response, answer: object) -> None:
    """Raise what an answer means beyond its status."""
    if response.status_code == 404 and "/admin/checkouts" in response.url:
        raise StreamUnavailable("The shop answers 404 for checkouts: it has none to read.")


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
