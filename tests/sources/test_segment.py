"""Events come late, over two ways and more than once, and each is there once, by its own id."""

import gzip
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
import requests

from include import settings, sources
from include.sandbox.live import Played
from include.sources import SourceError, Window, segment

START = datetime(2026, 5, 1, tzinfo=UTC)


def pull(
    played: Played, stream: str = "events", start: datetime = START, end: datetime | None = None
) -> list:
    window = Window(start, end or played.now + timedelta(seconds=1))
    return [dict(record) for page in sources.pages("segment", stream, window) for record in page.records]


def at(record: dict, name: str = "timestamp") -> datetime:
    return datetime.fromisoformat(record[name])


def test_both_ways_together_hold_every_event_once(played: Played) -> None:
    events = pull(played)
    ids = Counter(event["messageId"] for event in events)
    assert set(ids) == played.stage.channels["segment"].keys("events")
    assert set(ids.values()) == {1}
    libraries = {event["context"]["library"]["name"] for event in events}
    assert libraries == {"analytics.js", "analytics-android", "analytics-ios"}
    revenue = sum(event.get("properties", {}).get("revenue", 0) for event in events)
    assert revenue == played.stage.ledger()["segment"]["events"]["properties.revenue"] > 0


def test_short_pages_hold_the_same(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {event["messageId"] for event in pull(played)}
    monkeypatch.setattr(segment, "LIMIT", 9)
    assert {event["messageId"] for event in pull(played)} == whole


def test_what_a_phone_kept_for_days_comes_with_the_day_on_which_it_was_received(played: Played) -> None:
    late = [e for e in pull(played) if at(e, "receivedAt") - at(e) > timedelta(days=1)]
    assert late
    assert max(at(e, "receivedAt") - at(e) for e in late) < timedelta(days=3)
    one = late[0]
    day = at(one, "receivedAt").replace(hour=0, minute=0, second=0, microsecond=0)
    found = pull(played, start=day, end=day + timedelta(days=1))
    assert one["messageId"] in {event["messageId"] for event in found}


def test_visits_are_those_of_people_and_a_few_bots(played: Played) -> None:
    visits = defaultdict(list)
    for event in pull(played):
        visits[event["context"]["sessionId"]].append(event)
    lengths = [max(map(at, visit)) - min(map(at, visit)) for visit in visits.values()]
    assert max(lengths) < timedelta(hours=4)
    web = [visit[0]["context"]["userAgent"].lower() for name, visit in visits.items() if name[0] == "w"]
    bots = sum("bot" in agent or "headless" in agent for agent in web)
    assert 0.02 < bots / len(web) < 0.14


def test_some_browsers_forget_their_cookie_and_some_devices_are_shared(played: Played) -> None:
    users_of, cookies_of = defaultdict(set), defaultdict(set)
    for event in pull(played):
        if event["userId"]:
            users_of[event["anonymousId"]].add(event["userId"])
            cookies_of[event["userId"]].add(event["anonymousId"])
    assert max(map(len, users_of.values())) > 1
    assert max(map(len, cookies_of.values())) > 1


def test_a_user_is_who_the_last_identify_call_says(played: Played) -> None:
    known = pull(played, "identifies")
    assert {record["userId"] for record in known} == played.stage.channels["segment"].keys("identifies")
    assert all(record["type"] == "identify" and record["traits"]["name"] for record in known)


def test_a_file_that_breaks_off_stops_the_pull(played: Played) -> None:
    path = next(iter(sorted(Path(settings.source_folder("segment")).rglob("*.json.gz"))))
    body = path.read_bytes()
    path.write_bytes(body[: len(body) // 2])
    with pytest.raises(SourceError, match="to its end"):
        pull(played)
    path.write_bytes(gzip.compress(b"[1]\n"))
    with pytest.raises(SourceError, match="is no record"):
        pull(played)
    path.write_bytes(body)
    assert orjson.loads(gzip.decompress(body).splitlines()[0])["messageId"]


def test_fewer_events_than_are_counted_stop_the_pull(played: Played) -> None:
    token, earlier = {"Authorization": "Bearer key"}, {"received_before": "2026-07-01T00:00:00Z"}
    requests.get(f"{played.url}/segment/v1/events", earlier, headers=token, timeout=5).raise_for_status()
    played.fail("duplicate_page", "segment.events")
    with pytest.raises(SourceError, match="counts"):
        pull(played, start=START + timedelta(days=60))
