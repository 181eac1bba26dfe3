"""Pages that shift when a chat ends, ratings that come later, requests that are valid and fail."""

from datetime import UTC, datetime

import pytest

from include import sources
from include.sandbox.channels.subiz import Channel
from include.sandbox.live import Played
from include.sandbox.seasons import DAY, NEVER
from include.sources import SourceError, TokenRefused, Window, subiz

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def chat(played: Played) -> Channel:
    return played.stage.channels["subiz"]


def pull(played: Played, stream: str, start: datetime = START) -> list[dict]:
    window = Window(start, played.now)
    return [dict(record) for page in sources.pages("subiz", stream, window) for record in page.records]


def test_a_row_that_comes_twice_because_a_chat_ended_is_one(
    played: Played, chat: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subiz, "LIMIT", 2)
    played.stage.now -= 100 * DAY
    chat.stand(played.stage.moment)
    before = chat.keys("chats")
    chat.passing = 10 * DAY
    found = [record["id"] for record in pull(played, "chats")]
    assert len(found) > len(set(found)), "no page was shifted"
    assert before <= set(found)


def test_less_than_is_counted_is_an_error(
    played: Played, chat: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subiz, "LIMIT", 4)
    pages = sources.pages("subiz", "chats", Window(START, played.now))
    next(pages)
    played.fail("duplicate_page", "subiz.chats")
    with pytest.raises(SourceError, match="counts"):
        list(pages)


def test_a_rating_that_comes_after_the_end_is_found_by_the_overlap(played: Played, chat: Channel) -> None:
    row = int((chat._rated_at != NEVER).nonzero()[0][0])
    played.stage.now = int(chat._rated_at[row]) - 1
    chat.stand(played.stage.moment)
    since = played.now - subiz.RATED
    before = {record["id"]: record.get("rating") for record in pull(played, "chats", since)}
    played.stage.now += 120
    chat.stand(played.stage.moment)
    after = {record["id"]: record.get("rating") for record in pull(played, "chats", since)}
    assert [name for name in before if before[name] is None and after[name] in ("good", "bad")]


def test_messages_and_visitors_belong_to_their_chats(played: Played, chat: Channel) -> None:
    chats = {record["id"]: record for record in pull(played, "chats")}
    messages = pull(played, "messages")
    for name, record in chats.items():
        said = [message for message in messages if message["chat_id"] == name]
        assert len(said) == record["count"]
        assert [message["place"] for message in said] == list(range(record["count"]))
        assert {message["visitor_id"] for message in said} == {record["visitor"]["id"]}
    assert {record["id"] for record in pull(played, "visitors")} == chat.keys("visitors")
    assert {message["user_type"] for message in messages} == {"visitor", "agent", "trigger"}


def test_a_valid_request_that_failed_is_asked_again(played: Played, chat: Channel) -> None:
    chat.failing = 2
    assert {record["id"] for record in pull(played, "chats")} == chat.keys("chats")
    assert chat.failing == 0


def test_a_wrong_key_stops_at_once(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUBIZ_SECRET_KEY", "another")
    with pytest.raises(TokenRefused):
        pull(played, "chats")
