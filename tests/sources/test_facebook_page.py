"""Lists without a time filter, pages that are short and not the last, metrics that Meta retires."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from requests import Response

from include import sources
from include.fields import FieldsRefused
from include.rest import Overloaded
from include.sandbox.channels.facebook_page import Channel
from include.sandbox.live import Played
from include.sandbox.seasons import DAY
from include.sources import Page, SourceError, TokenRefused, Window, facebook_page
from include.sources.facebook_page import graph

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def meta(played: Played) -> Channel:
    return played.stage.channels["facebook_page"]


def pages(played: Played, stream: str, start: datetime = START) -> list[Page]:
    return list(sources.pages("facebook_page", stream, Window(start, played.now)))


def pull(played: Played, stream: str, start: datetime = START) -> list[dict]:
    return [dict(record) for page in pages(played, stream, start) for record in page.records]


def ids(played: Played, stream: str, start: datetime = START) -> list[str]:
    return [record["id"] for record in pull(played, stream, start)]


def test_a_short_page_with_a_next_one_is_not_the_last(
    played: Played, meta: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facebook_page, "LIMIT", 6)
    assert len(meta.keys("posts")) > 12
    assert set(ids(played, "posts")) == meta.keys("posts")
    assert set(ids(played, "messages")) == meta.keys("messages")
    assert len(pages(played, "ratings")) > 3


def test_conversations_are_walked_no_further_than_the_window(
    played: Played, meta: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facebook_page, "LIMIT", 2)
    since = played.now - timedelta(days=60)
    found = pull(played, "conversations", since)
    shelf = meta.shelves["conversations"]
    assert len(found) == int((shelf.updated_at >= since.timestamp()).sum()) < len(shelf.ids)


def test_who_writes_while_the_list_is_walked_is_neither_lost_nor_doubled(
    played: Played, meta: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facebook_page, "LIMIT", 3)
    played.stage.now -= 200 * DAY
    meta.stand(played.stage.moment)
    before = meta.keys("messages")
    meta.passing = 2 * DAY
    found = ids(played, "messages")
    assert meta.keys("messages") - before, "nobody wrote meanwhile"
    assert before <= set(found)
    assert len(found) == len(set(found))


def test_a_shorter_window_gives_messages_the_same_conversations(played: Played) -> None:
    whole = {record["id"]: record for record in pull(played, "messages")}
    later = {record["id"]: record for record in pull(played, "messages", played.now - timedelta(days=90))}
    assert later
    assert later.items() <= whole.items()
    assert len(later) < len(whole)


def test_a_retired_metric_costs_itself_alone(played: Played, meta: Channel) -> None:
    before = pull(played, "post_insights")
    meta.retired.add("post_clicks")
    after = pages(played, "post_insights")
    assert all(set(page.lost) == {"post_clicks"} for page in after)
    assert "(#100)" in after[0].lost["post_clicks"]
    values = [record["values"] for page in after for record in page.records]
    assert len(values) == len(before)
    for record in before:
        record["values"].pop("post_clicks")
    assert values == [record["values"] for record in before]


def test_when_every_metric_is_retired_the_stream_says_so(played: Played, meta: Channel) -> None:
    meta.retired.update(facebook_page.PAGE_METRICS)
    (page,) = pages(played, "page_insights")
    assert set(page.lost) == set(facebook_page.PAGE_METRICS)
    assert not page.records


def test_insights_grow_for_two_days_and_are_read_again(played: Played, meta: Channel) -> None:
    since = played.now - facebook_page.RESTATED
    before = {record["day"]: record["values"] for record in pull(played, "page_insights", since)}
    played.stage.advance(2)
    after = {record["day"]: record["values"] for record in pull(played, "page_insights", since)}
    assert before.keys() < after.keys()
    assert any(after[day]["page_media_view"] > before[day]["page_media_view"] for day in before)


def test_the_usage_header_says_how_long_to_wait(played: Played, meta: Channel) -> None:
    meta.regain_minutes = 7
    shown = meta.busy("1")
    response = Response()
    response.status_code = shown.status_code
    response.headers["X-Business-Use-Case-Usage"] = shown.headers["X-Business-Use-Case-Usage"]
    with pytest.raises(Overloaded, match="80001"):
        graph.meaning(response, json.loads(shown.body))
    assert response.headers["Retry-After"] == "420"


def test_a_limit_is_waited_for(played: Played, meta: Channel) -> None:
    played.fail("status_429", "facebook_page.posts")
    assert set(ids(played, "posts")) == meta.keys("posts")


@pytest.mark.parametrize(
    ("code", "message", "meaning"),
    [
        (190, "Error validating access token", TokenRefused),
        (200, "Requires pages_messaging permission", TokenRefused),
        (100, "(#100) The value must be a valid insights metric", FieldsRefused),
        (100, "Unsupported get request", SourceError),
        (32, "Page request limit reached", Overloaded),
        (2, "Service temporarily unavailable", Overloaded),
    ],
)
def test_a_code_says_what_to_do(code: int, message: str, meaning: type[Exception]) -> None:
    response = Response()
    response.status_code, response.url = 400, "https://graph.example/1?x"
    with pytest.raises(meaning):
        graph.meaning(response, {"error": {"code": code, "message": message}})


def test_a_dead_token_stops_at_once(played: Played) -> None:
    played.fail("token_expired", "facebook_page.ratings")
    with pytest.raises(TokenRefused, match="FACEBOOK_PAGE_TOKEN"):
        pull(played, "ratings")
