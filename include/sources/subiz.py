"""Subiz, the live chat of the website: chats that have ended, what was said in them, and who asked.

Chats are listed by the time of their end, newest first; a chat that ends meanwhile shifts the pages,
so that a row comes twice, which is one. Ratings come after the end: three days are read again. Visitors
and messages lie inside the chats and are records of their own: a message has its chat's id and its
place in it, a visitor is as the newest chat shows them. What was read is held against Subiz's own
count. Running a window twice is safe: each record has its key, and the same bytes add nothing. Subiz
documents the records and the credentials; the names of the list's parameters (LIST) are to be compared
with your account before the first call. Run against the sandbox only.

**Credential.** In Subiz's dashboard, under API keys: SUBIZ_SECRET_KEY. The API is https://api.subiz.com/v1.

**Scopes.** The key reads the whole account; there is none that reads less.

**Limits.** None is stated: five calls a second; pages of 100 chats. A valid request that failed is
answered with a status of 402, and asked again.
"""

from collections.abc import Iterator
from datetime import UTC, timedelta

from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator
from requests import Response
from requests.auth import HTTPBasicAuth

from include import rest, settings
from include.rest import Overloaded
from include.sources import Page, Record, SourceError, Stream, Window

LIMIT = 100
LIST = {"path": "/chats", "records": "chats", "since": "ended_since", "page": "page", "limit": "limit"}
"""How the list is asked for, in one place."""
RATED = timedelta(days=3)
"""How long after its end a chat may still be rated or tagged."""

STREAMS = (
    Stream(
        "visitors",
        key=("id",),
        version="seen_at",
        overlap=RATED,
    ),
    Stream(
        "chats",
        key=("id",),
        types={"session.start_time": "timestamptz", "session.end_time": "timestamptz", "count": "integer"},
        overlap=RATED,
    ),
    Stream(
        "messages",
        key=("chat_id", "place"),
        parent=("chat_id",),
        types={"time": "timestamptz"},
        overlap=RATED,
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield the chats that ended since the window's start, or what lies inside them.

    Raises:
        SourceError: fewer chats came than Subiz counts.
    """
    client = rest.connect(
        settings.source_url("subiz"),
        HTTPBasicAuth(settings.secret("SUBIZ_SECRET_KEY"), ""),
        meaning=_meaning,
        calls_a_second=5,
    )
    since = window.start.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    params = {LIST["since"]: since, LIST["limit"]: LIMIT}
    paginator = PageNumberPaginator(base_page=1, page_param=LIST["page"], total_path=None)
    seen: set[str] = set()
    counted: int | None = None
    for page in rest.pages(client, LIST["path"], LIST["records"], params, paginator):
        # the first page's count, because chats that end meanwhile come on top of it
        counted = page.response.json()["total"] if counted is None else counted
        seen |= {str(chat["id"]) for chat in page}
        yield Page([record for chat in page for record in _records(stream, chat)])
    if len(seen) < (counted or 0):
        raise SourceError(
            f"Subiz counts {counted} chats ended since {since}, but gave {len(seen)}. Run the task again."
        )


def _records(stream: str, chat: Record) -> list[Record]:
    """Return what a stream takes of a chat."""
    if stream == "visitors":
        return [{**chat["visitor"], "seen_at": chat["session"]["end_time"]}]
    if stream == "chats":
        return [{name: value for name, value in chat.items() if name != "history"}]
    return [
        {**said, "chat_id": chat["id"], "place": place, "visitor_id": chat["visitor"]["id"]}
        for place, said in enumerate(chat["history"])
    ]


def _meaning(response: Response, answer: object) -> None:
    if response.status_code == 402:
        raise Overloaded("Subiz answered 402: the request is valid and failed", response=response)
