"""Chatwoot, the shared inbox of the sales software: conversations, what was said in them, surveys, people.

Conversations have no filter by time: they are walked from the one that moved last back to the window's
start, and again from the top until nothing new of the window is there, because whoever writes meanwhile
moves to the top and shifts the rest. A conversation's messages are read from the newest back. A contact
is as the newest conversation shows them. Answers to the satisfaction survey are listed by when they were
given, newest first; an answer that comes meanwhile shifts the pages, so that a row comes twice, which is
one. An answer may be changed for two weeks after the survey was sent: so much is read again. Both lists
are held against Chatwoot's own counts.

A conversation is asked for its rating once, so that a rate of answers is over the surveys sent, never over
conversations: each survey sent is a message of the kind `input_csat`. `report_days` is what Chatwoot itself
counts of a day: conversations begun, surveys sent and answered. Running a window twice is safe: each
record has its key, and the same bytes add nothing. What is deleted in Chatwoot stays here. Run against
the sandbox only.

**Credential.** In Chatwoot: Profile settings, Access token, of an administrator; CHATWOOT_TOKEN.
CHATWOOT_URL is the installation's address, CHATWOOT_ACCOUNT the number in the addresses of its pages. The
token travels in a header with underscores, which nginx drops unless `underscores_in_headers` is on.

**Scopes.** The token has its owner's rights: reports are an administrator's. Of inboxes, whose settings
hold passwords, what they are called and how they are reached is kept, and no more.

**Limits.** 3,000 calls a minute and address, unless the installation sets another number (rack-attack):
ten a second. Pages of 25 conversations and answers, and of 20 messages.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from dlt.sources.helpers.rest_client.auth import APIKeyAuth
from dlt.sources.helpers.rest_client.paginators import BasePaginator, PageNumberPaginator
from requests import Request, Response

from include import days, rest, settings
from include.days import SECOND, VIETNAM
from include.rest import Api
from include.sources import Page, PageMalformed, Record, SourceError, Stream, Window

OVERLAP = timedelta(minutes=10)
CHANGED = timedelta(days=14)
"""How long after it was sent a survey may be answered, or answered otherwise."""
COUNTED = timedelta(days=40)
"""How far back a day is counted at first."""
INBOX = ("id", "name", "channel_type", "csat_survey_enabled")
"""What is kept of an inbox."""
INSIDE = ("messages", "last_non_activity_message")
"""What a conversation repeats of its messages."""
AGAIN = "Run the task again."


def _epochs(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "numeric(18,4)")


STREAMS = (
    Stream("inboxes", key=("id",)),
    Stream("contacts", key=("id",), version="seen_at", types=_epochs("created_at"), overlap=OVERLAP),
    Stream(
        "conversations",
        key=("id",),
        types=_epochs("created_at", "last_activity_at", "first_reply_created_at"),
        overlap=OVERLAP,
    ),
    Stream(
        "messages",
        key=("id",),
        parent=("conversation_id",),
        types=_epochs("created_at"),
        overlap=OVERLAP,
    ),
    Stream(
        "csat_responses",
        key=("id",),
        types=_epochs("created_at") | {"rating": "numeric(9,4)"},
        overlap=CHANGED,
    ),
    Stream(
        "report_days",
        key=("day",),
        types={"day": "date"}
        | dict.fromkeys(("conversations_count", "total_count", "total_sent_messages_count"), "integer"),
        restated=timedelta(days=3),
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield what a stream holds of a window.

    Raises:
        PageMalformed: Chatwoot gave what it was not asked for.
        SourceError: less came than Chatwoot counts.
    """
    client = rest.connect(
        settings.source_url("chatwoot"),
        APIKeyAuth(name="api_access_token", api_key=settings.secret("CHATWOOT_TOKEN"), location="header"),
        calls_a_second=10,
    )
    account = settings.source_setting("CHATWOOT_ACCOUNT", "1")
    home = f"/api/v1/accounts/{account}"
    if stream == "inboxes":
        inboxes = rest.ask(client, f"{home}/inboxes")["payload"]
        yield Page([{name: inbox.get(name) for name in INBOX} for inbox in inboxes])
    elif stream == "csat_responses":
        yield from map(Page, _responses(client, home, window))
    elif stream == "report_days":
        yield Page(_report_days(client, home, window))
    elif stream == "contacts":
        yield from map(Page, _contacts(_newest(client, home, window)))
    else:
        for page in _newest(client, home, window):
            if stream == "messages":
                for conversation in page:
                    yield Page(_messages(client, home, conversation, window.start))
            else:
                kept = [{name: value for name, value in each.items() if name not in INSIDE} for each in page]
                yield Page(kept)


def _newest(client: Api, home: str, window: Window) -> Iterator[list[Record]]:
    """Yield conversations in which something happened since a window's start, the last one first.

    What happens after its end is the next window's: who moves to the top then is waited for no more.

    Raises:
        SourceError: the list ends too soon, with fewer than Chatwoot counts.
    """
    since, until = window.start.timestamp(), window.end.timestamp()
    params = {"status": "all", "assignee_type": "all", "sort_by": "last_activity_at_desc"}
    known: set[tuple[object, object]] = set()
    while True:
        counted: int | None = None
        is_new = reached = False
        for page in rest.pages(client, f"{home}/conversations", "data.payload", params, _numbered()):
            # the first page's count, because conversations that begin meanwhile come on top of it
            if counted is None:
                counted = page.response.json()["data"]["meta"]["all_count"]
            new = [each for each in page if (each["id"], each["last_activity_at"]) not in known]
            known |= {(each["id"], each["last_activity_at"]) for each in new}
            is_new |= any(since <= each["last_activity_at"] <= until for each in new)
            yield [each for each in new if each["last_activity_at"] >= since]
            if reached := bool(page) and page[-1]["last_activity_at"] < since:
                break
        if is_new:
            continue
        if not reached and (found := len({number for number, _ in known})) < (counted or 0):
            raise SourceError(f"Chatwoot counts {counted} conversations, but gave {found}. {AGAIN}")
        return


def _contacts(pages: Iterable[list[Record]]) -> Iterator[list[Record]]:
    """Yield who conversations are with, each as the newest one shows them."""
    seen: dict[object, int] = {}
    for page in pages:
        found = []
        for conversation in page:
            sender, at = conversation["meta"]["sender"], conversation["last_activity_at"]
            if at > seen.get(sender["id"], 0):
                seen[sender["id"]] = at
                found.append({**sender, "seen_at": at})
        yield found


def _messages(client: Api, home: str, conversation: Record, since: datetime) -> list[Record]:
    """Return a conversation's messages since a time, and those that came on a page with them.

    Raises:
        PageMalformed: they are of another conversation, or the last one is missing.
    """
    number, latest = conversation["id"], {message["id"] for message in conversation["messages"]}
    path = f"{home}/conversations/{number}/messages"
    meta = conversation["meta"]
    known = {"contact_id": meta["sender"]["id"], "channel": meta["channel"]}
    said: dict[int, Record] = {}
    for page in rest.pages(client, path, "payload", {}, Before()):
        if any(each["conversation_id"] != number or each["id"] in said for each in page):
            raise PageMalformed(f"Chatwoot was asked for conversation {number} and gave another. {AGAIN}")
        said |= {each["id"]: {**each, **known} for each in page}
        if page and page[0]["created_at"] < since.timestamp():
            break
    if not latest <= said.keys():
        raise PageMalformed(f"Chatwoot gave conversation {number} without its last message. {AGAIN}")
    return list(said.values())


def _responses(client: Api, home: str, window: Window) -> Iterator[list[Record]]:
    """Yield the answers to the survey that were given in a window, newest first."""
    path, span = f"{home}/csat_survey_responses", _span(window.start, window.end + SECOND)
    # counted beforehand, because what is answered meanwhile comes on top of it
    counted, seen = rest.value(client, f"{path}/metrics", "total_count", span), set()
    for page in rest.pages(client, path, "$", span | {"sort": "-created_at"}, _numbered()):
        if not all(span["since"] <= each["created_at"] < span["until"] for each in page):
            raise PageMalformed(f"Chatwoot was asked for answers of one time and gave others. {AGAIN}")
        seen |= {each["id"] for each in page}
        yield list(page)
    if len(seen) < counted:
        raise SourceError(f"Chatwoot counts {counted} answers, but gave {len(seen)}. {AGAIN}")


def _report_days(client: Api, home: str, window: Window) -> list[Record]:
    """Return what Chatwoot counts of each whole day of a window."""
    found = list(days.over(window, COUNTED))
    if not found:
        return []
    asked = _span(days.midnight(found[0]), days.midnight(found[-1] + timedelta(days=1))) | {
        "metric": "conversations_count", "type": "account", "group_by": "day", "timezone_offset": 7,
    }  # fmt: skip
    told = rest.ask(client, f"{home.replace('/v1/', '/v2/')}/reports", asked, kind=list)
    begun = {datetime.fromtimestamp(each["timestamp"], VIETNAM).date(): each["value"] for each in told}
    if list(begun) != found:
        raise PageMalformed(f"Chatwoot was asked for {found[0]} to {found[-1]} and gave other days. {AGAIN}")
    metrics = f"{home}/csat_survey_responses/metrics"
    return [
        {"day": each.isoformat(), "conversations_count": begun[each]}
        | rest.ask(client, metrics, _span(days.midnight(each), days.midnight(each + timedelta(days=1))))
        for each in found
    ]


class Before(BasePaginator):
    """Pages of messages, each of those before the oldest of the page before it; an empty one is the end."""

    def __init__(self) -> None:
        super().__init__()
        self._oldest = 0

    def update_state(self, response: Response, data: list[dict] | None = None) -> None:
        """Remember the oldest message."""
        self._has_next_page = bool(data)
        if data:
            self._oldest = min(message["id"] for message in data)

    def update_request(self, request: Request) -> None:
        """Ask for what was said before it."""
        request.params["before"] = self._oldest


def _numbered() -> PageNumberPaginator:
    """Return pages by number; the installation sets how long they are, so that an empty one is the end."""
    return PageNumberPaginator(base_page=1, page_param="page", total_path=None)


def _span(start: datetime, end: datetime) -> dict[str, int]:
    """Return a half-open span as Chatwoot is asked for it; with one end alone it would be left out."""
    return {"since": int(start.timestamp()), "until": int(end.timestamp())}
