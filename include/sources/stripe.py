"""Stripe, what the sales software is paid by: subscriptions, invoices and customers, and their events.

Stripe's lists filter by time of creation alone, so a subscription of last year that ends today is
invisible to them. The events tell what changed, and for thirty days only: every pull reads the events
since the last one and then each thing that they name, as it is now; the first pull, and one a week,
reads the lists whole (subscriptions with `status=all`, or the ended ones are left out). The events of
subscriptions are a stream of their own, since each holds the terms as they were at that moment: from
them staging makes a subscription's history.

Running a pull twice is safe: an event never changes, and anything else is read as it is now, also for
a backfill, so no older state comes late. Stripe states no total, so the head of each list is asked for
once more: nothing may stand before the first record that came. Run against the sandbox only.

**Credential.** In Stripe: Developers, API keys, Create restricted key; STRIPE_SECRET_KEY.
STRIPE_URL is https://api.stripe.com.

**Scopes.** Read: Customers, Subscriptions, Invoices, Charges, Events.

**Limits.** 100 calls a second, 25 in test mode; pages of 100. Events are kept for 30 days.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request, Response
from requests.auth import HTTPBasicAuth

from include import rest, settings
from include.rest import Api, Overloaded
from include.sources import Page, Record, SourceError, Stream, Window

VERSION = "2024-06-20"
"""Of the API; a later one keeps the period on the items and not on the subscription."""
LIMIT = 100
WHOLE_EVERY = timedelta(days=7)
LATE = timedelta(hours=1)
CHANGES = {
    "customers": ("customer.created", "customer.updated", "customer.deleted"),
    "subscriptions": ("customer.subscription.*",),
    "invoices": (
        "invoice.created", "invoice.updated", "invoice.finalized", "invoice.paid",
        "invoice.payment_failed", "invoice.voided", "invoice.marked_uncollectible", "invoice.deleted",
        "charge.refunded",
    ),
}  # fmt: skip
"""The events after which a thing is read again; a refund changes the charge, not its invoice."""
WHOLE: dict[str, dict[str, object]] = {
    "customers": {},
    "subscriptions": {"status": "all"},
    "invoices": {"expand[]": ["data.charge"]},
}


def _subscription(prefix: str) -> dict[str, str]:
    """Return the types of a subscription that lies at a path; Stripe's times are epoch seconds."""
    times = ("created", "start_date", "trial_start", "trial_end", "current_period_start",
             "current_period_end", "canceled_at", "ended_at", "discount.end")  # fmt: skip
    numbers = ("items.data[].quantity", "items.data[].price.unit_amount_decimal",
               "items.data[].price.recurring.interval_count", "discount.coupon.percent_off",
               "discount.coupon.amount_off")  # fmt: skip
    return {f"{prefix}{path}": "integer" for path in times} | {
        f"{prefix}{path}": "numeric(18,4)" for path in numbers
    }


STREAMS = (
    Stream("customers", key=("id",), deleted="deleted", types={"created": "integer"}, overlap=LATE),
    Stream("subscriptions", key=("id",), types=_subscription(""), overlap=LATE),
    Stream(
        "events",
        key=("id",),
        version="created",
        parent=("data.object.id",),
        types={"created": "integer"}
        | _subscription("data.object.")
        | _subscription("data.previous_attributes."),
        overlap=LATE,
        retention=timedelta(days=30),
    ),
    Stream(
        "invoices",
        key=("id",),
        deleted="deleted",
        types=dict.fromkeys(
            ("created", "due_date", "status_transitions.finalized_at", "status_transitions.paid_at"),
            "integer",
        )
        | dict.fromkeys(("total", "tax", "amount_paid", "charge.amount_refunded"), "numeric(18,4)"),
        overlap=LATE,
    ),
)  # fmt: skip


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield a window's events, or the things that changed in it; the cursor is when all were last read.

    Raises:
        SourceError: a list does not begin where it began a moment ago.
    """
    client = rest.connect(
        settings.source_url("stripe"),
        HTTPBasicAuth(settings.secret("STRIPE_SECRET_KEY"), ""),
        headers={"Stripe-Version": VERSION},
        meaning=_meaning,
        calls_a_second=25,
    )
    if stream == "events":
        yield from map(Page, _events(client, CHANGES["subscriptions"], window))
    elif window.cursor and window.end - datetime.fromisoformat(window.cursor) < WHOLE_EVERY:
        # newest first: what was changed and then deleted is deleted
        changed: dict[str, Record] = {}
        for page in _events(client, CHANGES[stream], window):
            for event in page:
                if identity := _named(event):
                    changed.setdefault(identity, event)
        yield Page([_present(client, stream, identity, event) for identity, event in changed.items()])
    else:
        until = {"created[lte]": _second(window.end)}
        yield from map(Page, _list(client, f"/v1/{stream}", WHOLE[stream] | until))
        yield Page([], window.end.isoformat())


def _events(client: Api, types: tuple[str, ...], window: Window) -> Iterator[list[Record]]:
    """Yield pages of the events of a window, newest first."""
    kinds: dict[str, object] = {"types[]": list(types)} if len(types) > 1 else {"type": types[0]}
    span = {"created[gte]": _second(window.start), "created[lte]": _second(window.end)}
    return _list(client, "/v1/events", kinds | span)


def _list(client: Api, path: str, params: Mapping[str, object]) -> Iterator[list[Record]]:
    """Yield the pages of a list, newest first."""
    newest = None
    for page in rest.pages(client, path, "data", params | {"limit": LIMIT}, AfterLast()):
        newest = newest or (page[0]["id"] if page else None)
        yield list(page)
    before = {"limit": 1} | ({"ending_before": newest} if newest else {})
    if rest.ask(client, path, params | before)["data"]:
        raise SourceError(
            f"Stripe's {path} holds records before {newest}, the first that it gave. Run the task again; "
            "if it stays so, ask Stripe."
        )


def _named(event: Record) -> str | None:
    """Return the id of what an event changed; None for a charge that is of no invoice."""
    thing = event["data"]["object"]
    return thing.get("invoice") if thing.get("object") == "charge" else thing.get("id")


def _present(client: Api, stream: str, identity: str, event: Record) -> Record:
    """Return a thing as it is now; an invoice that was deleted can no longer be asked for."""
    if event["type"] == "invoice.deleted":
        return {"id": identity, "deleted": True}
    expand = {"expand[]": "charge"} if stream == "invoices" else {}
    return rest.ask(client, f"/v1/{stream}/{identity}", expand)


def _meaning(response: Response, answer: object) -> None:
    """Raise what an answer means beyond its status: an answer about another thing is none."""
    asked = urlsplit(response.url).path.rpartition("/")[2]
    is_thing = response.status_code == 200 and asked not in {*CHANGES, "events"}
    is_another = is_thing and isinstance(answer, dict) and answer.get("id") != asked
    if is_another or response.headers.get("Stripe-Should-Retry") == "true":
        raise Overloaded(f"Stripe did not answer about {asked}", response=response)


class AfterLast(BasePaginator):
    """Pages that continue after the last id while there is more."""

    def __init__(self) -> None:
        super().__init__()
        self._last: object = None

    def update_state(self, response: Response, data: list[dict] | None = None) -> None:
        """Remember the last id."""
        self._last = data[-1].get("id") if data else None
        self._has_next_page = bool(response.json().get("has_more"))

    def update_request(self, request: Request) -> None:
        """Ask for what comes after it."""
        request.params["starting_after"] = self._last


def _second(at: datetime) -> int:
    return int(at.timestamp())
