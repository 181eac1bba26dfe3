"""Mailchimp, the online shop's newsletters: campaigns, members, and what each recipient did.

Members are asked for by their last change, in the audiences of MAILCHIMP_LISTS. Campaigns have no time
of change, so all are read each time, without the counts that Mailchimp keeps adding to: those are in
`reports`. Who was sent a campaign, what recipients did and who unsubscribed is asked per campaign, for
ninety days after it was sent. An answer holds a recipient's activity since a moment and not all of it,
so each activity is a record of its own, known by campaign, recipient, time, action and link.

Lists are read by offset, and whoever changes meanwhile moves the rest: what came is held against
`total_items`, and a list that moved is read again. Running a window twice is safe: members have a time
of change, what happened never changes, and campaigns and reports are read as they are now. Run against
the sandbox only.

**Credential.** In Mailchimp: Profile, Extras, API keys, Create a key; MAILCHIMP_SECRET_KEY. The key ends
with the data centre (`-us21`), and MAILCHIMP_URL is `https://us21.api.mailchimp.com`.

**Scopes.** None: a key has the rights of its user, who must at least be a viewer.

**Limits.** Ten connections at once, of which this source uses one. No header says how much is left;
who asks too much is answered 429, or 403 without JSON, which is no refusal of the key. Pages of 1,000.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from dlt.sources.helpers.rest_client.paginators import OffsetPaginator
from requests import Response
from requests.auth import HTTPBasicAuth

from include import rest, settings
from include.rest import Api, Overloaded
from include.sources import Page, Record, SourceError, Stream, Window

LIMIT = 1000
READINGS = 4
"""How often a list is read that moves while it is."""
ACTIVE = timedelta(days=90)
"""How long after it was sent a campaign is asked for what its recipients do."""
SENDING = timedelta(days=1)
"""How long sending takes at most, and how late an event may show."""
UNCOUNTED = "campaigns.report_summary,campaigns._links,_links"
SENT = {"send_time": "timestamptz"}

STREAMS = (
    Stream("campaigns", key=("id",), types=SENT | {"create_time": "timestamptz"}),
    Stream(
        "members",
        key=("list_id", "id"),
        version="last_changed",
        types=dict.fromkeys(("last_changed", "timestamp_signup", "timestamp_opt"), "timestamptz"),
        overlap=timedelta(minutes=5),
    ),
    Stream(
        "reports",
        key=("id",),
        types=SENT
        | dict.fromkeys(
            (
                "emails_sent",
                "bounces.hard_bounces",
                "bounces.soft_bounces",
                "clicks.unique_subscriber_clicks",
            ),
            "integer",
        ),
        restated=timedelta(days=30),
    ),
    Stream("sent_to", key=("campaign_id", "email_id"), types=SENT, overlap=SENDING),
    Stream(
        "email_activity",
        key=("activity_id",),
        parent=("campaign_id", "email_id"),
        types=SENT | {"timestamp": "timestamptz"},
        overlap=SENDING,
    ),
    Stream(
        "unsubscribed",
        key=("campaign_id", "email_id", "timestamp"),
        types={"timestamp": "timestamptz"},
        overlap=SENDING,
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield a window's records.

    Raises:
        SourceError: fewer records came than Mailchimp counts, each time that the list was read.
    """
    client = rest.connect(
        settings.source_url("mailchimp"),
        HTTPBasicAuth("warehouse", settings.secret("MAILCHIMP_SECRET_KEY")),
        meaning=_meaning,
        calls_a_second=5,
    )
    if stream == "campaigns":
        yield from map(Page, _list(client, "/3.0/campaigns", stream, {"exclude_fields": UNCOUNTED}))
    elif stream == "members":
        span = {"since_last_changed": _text(window.start), "before_last_changed": _text(window.end)}
        for audience in settings.source_setting("MAILCHIMP_LISTS", "khach_hang").split(","):
            params = span | {"exclude_fields": "members._links,_links"}
            yield from map(Page, _list(client, f"/3.0/lists/{audience}/members", stream, params))
    elif stream == "reports":
        span = {"since_send_time": _text(window.start), "before_send_time": _text(window.end)}
        params = span | {"exclude_fields": "reports._links,_links"}
        yield from map(Page, _list(client, "/3.0/reports", stream, params))
    elif stream == "sent_to":
        for campaign in _sent(client, window.start, window.end):
            path = f"/3.0/reports/{campaign['id']}/sent-to"
            for page in _list(client, path, stream, {"exclude_fields": "sent_to._links,_links"}):
                yield Page([each | {"send_time": campaign["send_time"]} for each in page])
    elif stream == "unsubscribed":
        for campaign in _sent(client, window.start - ACTIVE, window.end):
            path = f"/3.0/reports/{campaign['id']}/unsubscribed"
            yield from map(
                Page, _list(client, path, "unsubscribes", {"exclude_fields": "unsubscribes._links,_links"})
            )
    else:
        for campaign in _sent(client, window.start - ACTIVE, window.end):
            params = {"since": _text(window.start), "exclude_fields": "emails._links,_links"}
            path = f"/3.0/reports/{campaign['id']}/email-activity"
            for page in _list(client, path, "emails", params):
                yield Page([each for email in page for each in _activities(email, campaign)])


def _sent(client: Api, since: datetime, before: datetime) -> list[Record]:
    """Return the campaigns that were sent in a span, each once."""
    params = {
        "status": "sent", "since_send_time": _text(since), "before_send_time": _text(before),
        "fields": "campaigns.id,campaigns.send_time,total_items",
    }  # fmt: skip
    found = {
        each["id"]: each for page in _list(client, "/3.0/campaigns", "campaigns", params) for each in page
    }
    return list(found.values())


def _list(client: Api, path: str, name: str, params: Mapping[str, object]) -> Iterator[list[Record]]:
    """Yield the pages of a list, all of them again where it moved under the reader."""
    seen: set[object] = set()

    def take(answer: Mapping) -> list:
        int(answer["total_items"])
        return answer[name]

    for _ in range(READINGS):
        totals: set[int] = set()
        paginator = OffsetPaginator(limit=LIMIT, limit_param="count", total_path="total_items")
        for page in rest.pages(client, path, take, params, paginator):
            totals.add(page.response.json()["total_items"])
            seen.update(record.get("id") or record["email_id"] for record in page)
            yield list(page)
        if len(totals) == 1 and len(seen) >= max(totals):
            return
    raise SourceError(
        f"Mailchimp counts {max(totals)} {name} in {path} and gave {len(seen)}, in each of {READINGS} "
        "readings: the list changes faster than it can be read. Run the task again at a quieter hour."
    )


def _activities(email: Record, campaign: Record) -> Iterator[Record]:
    """Yield each activity of a recipient; the address is the member's alone."""
    recipient = {name: email[name] for name in ("campaign_id", "list_id", "email_id")}
    for activity in email["activity"]:
        link = hashlib.md5(str(activity.get("url", "")).encode(), usedforsecurity=False).hexdigest()[:8]
        parts = (email["campaign_id"], email["email_id"], activity["timestamp"], activity["action"], link)
        identity = {"activity_id": "/".join(map(str, parts)), "send_time": campaign["send_time"]}
        yield {**activity, **recipient, **identity}


def _meaning(response: Response, answer: object) -> None:
    """Raise what an answer means beyond its status: a 403 that is no JSON is a throttle."""
    if response.status_code == 403 and answer is None:
        raise Overloaded("Mailchimp throttles with a bare 403", response=response)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
