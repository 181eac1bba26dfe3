"""A Facebook Page: its Messenger conversations, posts, insights by day, and recommendations.

Conversations and recommendations have no filter by time: they are walked from the newest back until
they are older than the window, again from the top where one moved there meanwhile, and a conversation
is walked back to the question with which it began. Posts and insights take a span of time. Insights
are restated for days, so the last three are read again; a post's are read for the four weeks after its
publication. Meta retires metrics, and a single one refuses the whole call: the list of metrics is
halved until the retired ones stand alone, and the others are read. Running a window twice is safe:
each record has its key, and the same bytes add nothing. What the Page answers by itself is not marked,
and counts as an agent's. Run against the sandbox only.

**Credential.** In Meta's Business settings, a system user with a role on the Page; Generate token, then
the Page's own token from /me/accounts: FACEBOOK_PAGE_TOKEN, with FACEBOOK_PAGE_ID. The API is
https://graph.facebook.com/ with a version behind it.

**Scopes.** `pages_show_list`, `pages_read_engagement`, `pages_read_user_content`, `pages_messaging`,
`pages_manage_metadata`, `read_insights`.

**Limits.** 4,800 calls a day for each person who engaged with the Page; an answer that says the
allowance is used up says how long to wait. Pages of 100 records; insights of 90 days.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from include import rest, settings, threads
from include.fields import bisect
from include.rest import Api
from include.sources import Page, PageMalformed, Record, Stream, Window
from include.sources.facebook_page import graph
from include.sources.facebook_page.graph import After

LIMIT = 100
FOLLOWED = timedelta(days=28)
"""How long after its publication a post's insights are read."""
SECOND = timedelta(seconds=1)
RESTATED = timedelta(days=3)
AGAIN = "Run the task again."
PAGE_METRICS = (
    "page_media_view", "page_total_media_view_unique", "page_post_engagements", "page_views_total",
    "page_daily_follows_unique", "page_daily_unfollows_unique",
)  # fmt: skip
POST_METRICS = (
    "post_media_view", "post_total_media_view_unique", "post_clicks", "post_reactions_like_total",
    "post_activity_by_action_type", "post_video_view_time",
)  # fmt: skip
COUNTS = ("post_media_view", "post_reactions_like_total", "post_video_view_time",
          "post_activity_by_action_type.comment", "post_activity_by_action_type.share")  # fmt: skip
FOLLOWS = ("page_daily_follows_unique", "page_daily_unfollows_unique")

STREAMS = (
    Stream("pages", key=("id",)),
    Stream(
        "conversations",
        key=("id",),
        parent=("customer.id",),
        types={"updated_time": "timestamptz"},
        overlap=timedelta(hours=1),
    ),
    Stream(
        "messages",
        key=("id",),
        parent=("conversation_id",),
        types={"created_time": "timestamptz"},
        overlap=timedelta(hours=1),
    ),
    Stream(
        "posts",
        key=("id",),
        types={"created_time": "timestamptz"},
        restated=FOLLOWED,
        longest_window=timedelta(days=180),
    ),
    Stream(
        "page_insights",
        key=("page_id", "day"),
        types={"day": "date"} | {f"values.{name}": "numeric(18,4)" for name in FOLLOWS},
        restated=RESTATED,
        longest_window=timedelta(days=90),
    ),
    Stream(
        "post_insights",
        key=("post_id", "day"),
        types={"day": "date"} | {f"values.{name}": "numeric(18,4)" for name in COUNTS},
        restated=RESTATED,
    ),
    Stream(
        "ratings",
        key=("open_graph_story.id",),
        types={"created_time": "timestamptz", "rating": "numeric(9,4)"},
        overlap=timedelta(days=1),
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield what a stream holds of a window.

    Raises:
        PageMalformed: Meta gave what it was not asked for.
    """
    client = rest.connect(
        settings.source_url("facebook_page"),
        # in a header, because an address is written into logs
        BearerTokenAuth(settings.secret("FACEBOOK_PAGE_TOKEN")),
        meaning=graph.meaning,
    )
    page_id = settings.source_setting("FACEBOOK_PAGE_ID", "104730000000001")
    if stream == "pages":
        yield Page([rest.ask(client, f"/{page_id}", {"fields": "id,name,category,followers_count"})])
    elif stream == "conversations":
        for page in _newest(client, page_id, "conversations", window.start):
            yield Page([{**thread, "customer": _customer(thread, page_id)} for thread in page])
    elif stream == "messages":
        for page in _newest(client, page_id, "conversations", window.start):
            for thread in page:
                yield Page(_thread(client, thread, page_id, window.start))
    elif stream == "posts":
        yield from (Page(page) for page in _posts(client, page_id, window.start, window.end))
    elif stream == "ratings":
        yield from (Page(page) for page in _newest(client, page_id, "ratings", window.start))
    elif stream == "page_insights":
        yield from _insights(client, [(page_id, window.start, window.end)], "page_id", PAGE_METRICS)
    else:
        published = _posts(client, page_id, window.start - FOLLOWED, window.end)
        spans = [_span(post, window) for page in published for post in page]
        yield from _insights(client, spans, "post_id", POST_METRICS)


NEWEST = {
    "conversations": ("id,updated_time,message_count,participants", "updated_time", "id"),
    "ratings": ("created_time,recommendation_type,review_text,rating,reviewer,open_graph_story{id}",
                "created_time", "open_graph_story"),
}  # fmt: skip
"""Lists without a filter by time: their fields, the time by which they are sorted, what names a row."""


def _newest(client: Api, page_id: str, path: str, since: datetime) -> Iterator[list[Record]]:
    """Yield rows from the newest back to SINCE; what moved to the top meanwhile is found once more."""
    fields, time, key = NEWEST[path]
    known: dict[str, object] = {}
    while True:
        before = len(known)
        for page in rest.pages(
            client, f"/{page_id}/{path}", "data", {"fields": fields, "limit": LIMIT}, After(),
            may_be_empty=True,
        ):  # fmt: skip
            new = [row for row in page if str(row[key]) not in known and graph.at(row[time]) >= since]
            known |= {str(row[key]): None for row in new}
            yield new
            if page and graph.at(page[-1][time]) < since:
                break
        if len(known) == before:
            return


def _customer(thread: Record, page_id: str) -> Record:
    """Return the participant who is not the Page; one who left Facebook is none."""
    people = thread["participants"]["data"]
    return next((each for each in people if each["id"] != page_id), {})


def _thread(client: Api, thread: Record, page_id: str, since: datetime) -> list[Record]:
    """Return a conversation's messages, from the question before SINCE on."""

    def read(row: Record) -> threads.Said:
        return threads.Said(row["id"], graph.at(row["created_time"]), row["from"]["id"] != page_id)

    customer = _customer(thread, page_id).get("id")
    said: dict[str, Record] = {}
    params = {"fields": "id,created_time,from,to,message", "limit": LIMIT}
    path = f"/{thread['id']}/messages"
    for page in rest.pages(client, path, "data", params, After(), may_be_empty=True):
        for row in page:
            if customer not in {row["from"]["id"], *(each["id"] for each in row["to"]["data"])}:
                raise PageMalformed(f"Meta was asked for {path} and gave another conversation. {AGAIN}")
            said.setdefault(row["id"], {**row, "thread_id": thread["id"], "customer_id": customer})
        if threads.begun_before(list(said.values()), since, read):
            break
    return threads.conversations(list(said.values()), since, read)


def _posts(client: Api, page_id: str, start: datetime, end: datetime) -> Iterator[list[Record]]:
    """Yield the posts that were published from START to END."""
    params = {
        "fields": "id,created_time,updated_time,message,permalink_url,status_type,shares,"
        "comments.limit(0).summary(true),reactions.limit(0).summary(true)",
        "since": int(start.timestamp()), "until": int(end.timestamp()), "limit": LIMIT,
    }  # fmt: skip
    path = f"/{page_id}/published_posts"
    for page in rest.pages(client, path, "data", params, After(), may_be_empty=True):
        if not all(start - SECOND <= graph.at(row["created_time"]) <= end for row in page):
            raise PageMalformed(f"Meta was asked for posts of one time and gave those of another. {AGAIN}")
        yield page


def _span(post: Record, window: Window) -> tuple[str, datetime, datetime]:
    published = graph.at(post["created_time"])
    return post["id"], max(published, window.start), min(published + FOLLOWED, window.end)


def _insights(
    client: Api, spans: Sequence[tuple[str, datetime, datetime]], key: str, metrics: Sequence[str]
) -> Iterator[Page]:
    """Yield one record per object and day; metrics that Meta retired are told as lost."""

    def ask(names: Sequence[str], span: tuple[str, datetime, datetime]) -> list[Record]:
        name, start, end = span
        params = {
            "metric": ",".join(names), "period": "day",
            "since": int(start.timestamp()), "until": int(end.timestamp()),
        }  # fmt: skip
        rows = rest.ask(client, f"/{name}/insights", params)["data"]
        ends = [graph.at(value["end_time"]) for row in rows for value in row["values"]]
        is_other = any(row["id"].split("/")[0] != name for row in rows)
        if is_other or not all(start - SECOND <= at <= end for at in ends):
            raise PageMalformed(f"Meta was asked for the insights of {name} and gave others. {AGAIN}")
        return rows

    lost = bisect(metrics, lambda names: ask(names, spans[0])) if spans else {}
    alive = [name for name in metrics if name not in lost]
    for span in spans if alive else ():
        days: dict[str, dict[str, object]] = {}
        for row in ask(alive, span):
            for value in row["values"]:
                # a day ends at midnight in California, which is the next day in UTC
                day = (graph.at(value["end_time"]) - timedelta(hours=12)).date().isoformat()
                days.setdefault(day, {})[row["name"]] = value["value"]
        yield Page([{key: span[0], "day": day, "values": values} for day, values in days.items()], lost=lost)
    if lost and not alive:
        yield Page((), lost=lost)
