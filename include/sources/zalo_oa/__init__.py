"""Zalo Official Account: who follows it, what was written in its chats, and how ZNS messages are rated.

Zalo has no list by time of change. Users are listed by the day of their last interaction, in slices
below the 10,000 rows that it ever gives, and each is asked for as it is now. Chats are walked from
the newest back until they are older than the window, again from the top where one moved there
meanwhile; a chat is walked back to the question with which its conversation began. Rows shift while
they are read: pages overlap, what comes twice is one, and a gap is an error. Running a window twice
is safe: a message has its id, and the same bytes add nothing. Unfollowing is no interaction: only a
webhook tells it. Replies that the account gives by itself are not marked, and count as an agent's.
Run against the sandbox only.

**Credential.** At developers.zalo.me, link the app to the account; under Official Account, the OAuth
screen gives a refresh token: ZALO_OA_REFRESH_TOKEN, with ZALO_OA_APP_ID and ZALO_OA_APP_SECRET. Each
refresh spends it and gives the next one, which is kept encrypted: nothing else may use it. Unused for
three months it dies, and an administrator must grant again. ZALO_OA_TEMPLATES lists the ids of the ZNS
templates that ask for a rating, with commas. The API is https://openapi.zalo.me, ZALO_OA_ZNS_URL
https://business.openapi.zalo.me, ZALO_OA_LOGIN_URL https://oauth.zaloapp.com.

**Scopes.** Manage followers, read messages, ZNS ratings; a package that lacks one skips its stream.

**Limits.** Five calls a second; pages of 50 users, 10 messages, 1,000 ratings.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

from dlt.sources.helpers.rest_client.paginators import OffsetPaginator

from include import rest, settings, threads
from include.rest import Api
from include.sources import Page, PageMalformed, Record, SourceError, Stream, Window
from include.sources.zalo_oa import answers
from include.sources.zalo_oa.answers import Overlapping
from include.tokens import RotatingToken
from include.windows import CapReached, below_cap

USERS, ROWS, RATINGS = 50, 10, 1000
"""Rows of a page."""
REACHABLE = 10_000
"""Users of one list that Zalo ever gives."""
AGAIN = "Run the task again."
VIETNAM = timezone(timedelta(hours=7))

STREAMS = (
    Stream("users", key=("user_id",), overlap=timedelta(days=1)),
    Stream(
        "messages",
        key=("message_id",),
        parent=("conversation_id",),
        types={"time": "numeric(18,4)"},
        overlap=timedelta(minutes=10),
        optional=True,
    ),
    Stream(
        "ratings",
        key=("msgId",),
        types={"rate": "numeric(9,4)", "submitDate": "numeric(18,4)"},
        overlap=timedelta(hours=1),
        longest_window=timedelta(days=180),
        optional=True,
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield what a stream holds of a window.

    Raises:
        StreamUnavailable: the account's package lacks the stream.
        SourceError: less came than Zalo counts, or rows went missing between two pages.
    """
    token = RotatingToken(
        "zalo_oa", settings.secret("ZALO_OA_REFRESH_TOKEN"), answers.refreshed,
        header="access_token", prefix="",
    )  # fmt: skip
    base = settings.source_url("zalo_oa")
    if stream == "ratings":
        base = settings.source_setting("ZALO_OA_ZNS_URL", base)
    client = rest.connect(base, token, meaning=answers.meaning(token), calls_a_second=5)
    if stream == "users":
        return below_cap(window, lambda part: _users(client, part))
    return _messages(client, window) if stream == "messages" else _ratings(client, window)


def _users(client: Api, window: Window) -> Iterator[Page]:
    first, last = (at.astimezone(VIETNAM).date() for at in (window.start, window.end))
    asked = {"count": USERS, "last_interaction_period": f"{first:%Y_%m_%d}:{last:%Y_%m_%d}"}
    pages, seen = Overlapping(asked, "user_id"), set()
    for page in rest.pages(client, "/v3.0/oa/user/getlist", "data.users", {}, pages):
        total = page.response.json()["data"]["total"]
        if total > REACHABLE:
            raise CapReached(f"{total} users")
        details = [_user(client, str(row["user_id"])) for row in page if str(row["user_id"]) not in seen]
        if any(_last_seen(user) < first for user in details):
            raise PageMalformed(f"Zalo was asked for users since {first} and gave others. {AGAIN}")
        seen |= {str(user["user_id"]) for user in details}
        yield Page(details)
        if len(seen) >= total:
            return
    if len(seen) < total:
        raise SourceError(f"Zalo counts {total} users from {first} to {last}, but gave {len(seen)}. {AGAIN}")


def _user(client: Api, user_id: str) -> Record:
    answer = rest.ask(client, "/v3.0/oa/user/detail", {"data": json.dumps({"user_id": user_id})})
    user = answer.get("data") or {}
    if str(user.get("user_id")) != user_id:
        raise PageMalformed(f"Zalo was asked for the user {user_id} and gave another. {AGAIN}")
    return user


def _last_seen(user: Record) -> date:
    try:
        return datetime.strptime(str(user.get("user_last_interaction_date")), "%d/%m/%Y").date()
    except ValueError:
        raise PageMalformed(f"Zalo does not say when the user {user['user_id']} was there last.") from None


def _messages(client: Api, window: Window) -> Iterator[Page]:
    """Yield each chat's messages; who moved to the top meanwhile is found by walking once more."""
    walked: set[str] = set()
    while True:
        chats = {user: latest for user, latest in _chats(client, window.start).items() if user not in walked}
        for user, latest in chats.items():
            yield Page(_thread(client, user, latest, window.start))
        if not chats:
            return
        walked.update(chats)


def _chats(client: Api, since: datetime) -> dict[str, str]:
    """Return the users whose chats have a message since then, each with the latest."""
    chats: dict[str, str] = {}
    pages = Overlapping({"count": ROWS}, "message_id")
    for page in rest.pages(client, "/v2.0/oa/listrecentchat", _rows, {}, pages):
        for row in page:
            if _said(row).at >= since:
                chats.setdefault(_customer(row), str(row["message_id"]))
        if page and _said(page[-1]).at < since:
            break
    return chats


def _thread(client: Api, user: str, latest: str, since: datetime) -> list[Record]:
    said: dict[str, Record] = {}
    pages = Overlapping({"count": ROWS, "user_id": user}, "message_id")
    for page in rest.pages(client, "/v2.0/oa/conversation", _rows, {}, pages):
        for row in page:
            said.setdefault(str(row["message_id"]), {**row, "user_id": _customer(row)})
        if threads.begun_before(list(said.values()), since, _said):
            break
    if latest not in said or {row["user_id"] for row in said.values()} != {user}:
        raise PageMalformed(f"Zalo was asked for the chat with {user} and gave another. {AGAIN}")
    return threads.conversations(list(said.values()), since, _said)


def _ratings(client: Api, window: Window) -> Iterator[Page]:
    first, last = (int(at.timestamp() * 1000) for at in (window.start, window.end))
    seen: set[str] = set()
    for template in settings.source_setting("ZALO_OA_TEMPLATES", "310001,310002").split(","):
        params = {"template_id": template, "from_time": first, "to_time": last}
        total, found = 0, set()
        paginator = OffsetPaginator(RATINGS, total_path="data.total")
        for page in rest.pages(client, "/rating/get", "data.data", params, paginator):
            total = page.response.json()["data"]["total"]
            found |= {str(row["msgId"]) for row in page}
            if found & seen or not all(first <= int(row["submitDate"]) <= last for row in page):
                raise PageMalformed(f"Zalo gave ratings that are not of template {template}. {AGAIN}")
            yield Page([{**row, "template_id": template} for row in page])
        if len(found) < total:
            raise SourceError(f"Zalo counts {total} ratings of {template}, gave {len(found)}. {AGAIN}")
        seen |= found


def _rows(answer: object) -> list[Record]:
    """Return the rows of an answer, which are a list or lie one deeper."""
    data = answer["data"]
    return data if isinstance(data, list) else data["data"]


def _customer(row: Record) -> str:
    return str(row["from_id"] if row["src"] == 1 else row["to_id"])


def _said(row: Record) -> threads.Said:
    at = datetime.fromtimestamp(int(row["time"]) / 1000, UTC)
    return threads.Said(str(row["message_id"]), at, row["src"] == 1)
