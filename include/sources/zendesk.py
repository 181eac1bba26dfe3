"""Zendesk, the help desk: tickets, comments, users and satisfaction ratings, one record each.

Tickets and users come from the cursor export, which continues exactly where the last pull stopped.
Comments lie in the ticket events, an export by time: one call for a thousand, where the ticket's
own list takes one call per ticket. Ratings are filtered by the time of the invitation, so thirty
days are read again for answers that came late; `offered` is an invitation, not an answer.

Exports repeat rows at the edges of pages and show a change a minute late. Running a pull twice is
safe: a record has its key and its time of change (for a ticket `generated_timestamp`, since
`updated_at` misses changes made by the system), and the same bytes add nothing. Run against the
sandbox only.

**Credential.** In Zendesk: Admin Center, Apps and integrations, Zendesk API, add an API token;
ZENDESK_TOKEN, and in ZENDESK_EMAIL the address of the agent whose token it is. ZENDESK_URL is
https://<subdomain>.zendesk.com.

**Scopes.** The token has its agent's rights: an administrator, for exports are theirs alone.

**Limits.** Ten exports a minute, a thousand records each; 400 other calls (Growth and Professional).
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request, Response
from requests.auth import HTTPBasicAuth

from include import rest, settings
from include.sources import Page, PageMalformed, Record, Stream, Window

EXPORTS_A_MINUTE, LISTS_A_MINUTE = 10, 400
EXPORT_LAG = 300
"""Seconds that an export by time starts before its last event."""
LATEST_ANSWER = timedelta(days=30)
TIMES = {"created_at": "timestamptz", "updated_at": "timestamptz"}

STREAMS = (
    Stream("users", key=("id",), version="updated_at", types=TIMES),
    Stream(
        "tickets",
        key=("id",),
        version="generated_timestamp",
        types=TIMES
        | {
            "metric_set.solved_at": "timestamptz",
            "metric_set.reopens": "integer",
            "metric_set.reply_time_in_minutes.calendar": "integer",
        },
    ),
    Stream(
        "comments",
        key=("id",),
        version="timestamp",
        parent=("ticket_id",),
        types={"created_at": "timestamptz"},
    ),
    Stream(
        "satisfaction_ratings",
        key=("id",),
        version="updated_at",
        types=TIMES,
        overlap=LATEST_ANSWER,
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield what changed since the window's cursor, or since its start where there is none."""
    client = rest.connect(
        settings.source_url("zendesk"),
        HTTPBasicAuth(
            f"{settings.source_setting('ZENDESK_EMAIL', 'warehouse@shop.example')}/token",
            settings.secret("ZENDESK_TOKEN"),
        ),
        calls_a_second=(LISTS_A_MINUTE if stream == "satisfaction_ratings" else EXPORTS_A_MINUTE) / 60,
    )
    if stream == "comments":
        return _comments(client, window)
    if stream == "satisfaction_ratings":
        return _ratings(client, window)
    return _export(client, stream, window)


def _export(client: RESTClient, stream: str, window: Window) -> Iterator[Page]:
    params: dict[str, object] = {"include": "metric_sets"} if stream == "tickets" else {}
    start = {"cursor": window.cursor} if window.cursor else {"start_time": _second(window.start)}
    path = f"/api/v2/incremental/{stream}/cursor.json"
    paginator = Following("cursor", lambda answer: (answer["after_cursor"], answer["end_of_stream"]))
    for page in rest.pages(client, path, stream, params | start, paginator):
        yield Page(list(page), paginator.cursor)
        # a backfill ends where its window does; the page that passed it is kept whole
        if page and _changed(page[-1]) >= window.end.timestamp():
            return


def _comments(client: RESTClient, window: Window) -> Iterator[Page]:
    latest = int(window.cursor) if window.cursor else _second(window.start)
    params = {"start_time": latest - EXPORT_LAG, "include": "comment_events"}
    path = "/api/v2/incremental/ticket_events.json"
    paginator = Following("start_time", lambda answer: (answer["end_time"], answer["end_of_stream"]))
    for page in rest.pages(client, path, "ticket_events", params, paginator):
        comments = [
            child | {key: event[key] for key in ("ticket_id", "timestamp", "created_at")}
            | {"event_id": event["id"]}
            for event in page
            for child in event["child_events"]
            if child["event_type"] == "Comment"
        ]  # fmt: skip
        latest = max([latest, *(event["timestamp"] for event in page)])
        yield Page(comments, str(latest))
        if latest >= window.end.timestamp():
            return


def _ratings(client: RESTClient, window: Window) -> Iterator[Page]:
    params = {
        "start_time": _second(window.start), "end_time": _second(window.end), "page[size]": 100,
    }  # fmt: skip
    paginator = Following(
        "page[after]",
        lambda answer: (answer["meta"]["after_cursor"], not answer["meta"]["has_more"]),
    )
    path = "/api/v2/satisfaction_ratings.json"
    for page in rest.pages(client, path, "satisfaction_ratings", params, paginator):
        yield Page(list(page))


class Following(BasePaginator):
    """Pages that continue with a parameter; READ takes it, and whether it is the end, from a page.

    The next page's address is not taken from the answer: it could lead the credentials elsewhere.
    """

    def __init__(self, parameter: str, read: Callable[[Record], tuple[object, bool]]) -> None:
        super().__init__()
        self.cursor: str | None = None
        """Where the page after the last one begins."""
        self._parameter = parameter
        self._read = read

    def update_state(self, response: Response, data: list[dict] | None = None) -> None:
        """Remember where the next page begins.

        Raises:
            PageMalformed: the answer does not say where.
        """
        try:
            cursor, is_end = self._read(response.json())
        except (KeyError, TypeError):
            cursor, is_end = None, False
        if cursor is None and not is_end:
            raise PageMalformed(f"{response.url} says neither where it goes on nor that it ends.")
        self.cursor = None if cursor is None else str(cursor)
        self._has_next_page = not is_end

    def update_request(self, request: Request) -> None:
        """Ask for the next page."""
        if self._parameter == "cursor":
            request.params.pop("start_time", None)
        request.params[self._parameter] = self.cursor


def _second(at: datetime) -> int:
    return int(at.timestamp())


def _changed(record: Record) -> float:
    generated = record.get("generated_timestamp")
    if isinstance(generated, int):
        return generated
    return datetime.fromisoformat(str(record["updated_at"])).timestamp()
