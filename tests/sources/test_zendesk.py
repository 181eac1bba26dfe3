"""Every ticket, comment, user and rating, once its versions are told apart."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from include import sources
from include.sandbox.care import BOT
from include.sandbox.channels.zendesk import AGENT_ID
from include.sandbox.live import Played
from include.sandbox.seasons import DAY, NEVER
from include.sources import PageMalformed, TokenRefused, Window
from include.sources.zendesk import LATEST_ANSWER, STREAMS

START = datetime(2024, 1, 1, tzinfo=UTC)
STREAM_NAMES = [stream.name for stream in STREAMS]


def pull(played: Played, stream: str, window: Window | None = None) -> tuple[dict[int, dict], str | None]:
    """Return the newest version of each record, and the cursor."""
    newest: dict[int, dict] = {}
    cursor = None
    for page in sources.pages("zendesk", stream, window or Window(START, played.now)):
        newest |= {record["id"]: record for record in page.records}
        cursor = page.cursor or cursor
    return newest, cursor


@pytest.mark.parametrize("stream", STREAM_NAMES)
def test_everything_comes(played: Played, stream: str) -> None:
    records, _ = pull(played, stream)
    assert len(records) == played.stage.ledger()["zendesk"][stream]["count"]


def test_ratings_keep_offers_apart_from_answers(played: Played) -> None:
    ratings, _ = pull(played, "satisfaction_ratings")
    counted = played.stage.ledger()["zendesk"]["satisfaction_ratings"]
    scores = [rating["score"] for rating in ratings.values()]
    assert scores.count("offered") == counted["offered"] > 0
    assert sum(score.startswith("good") for score in scores) == counted["good"]


def test_a_comment_knows_its_ticket_time_and_author(played: Played) -> None:
    tickets, comments, users = (pull(played, name)[0] for name in ("tickets", "comments", "users"))
    assert {comment["ticket_id"] for comment in comments.values()} <= tickets.keys()
    assert {comment["author_id"] for comment in comments.values()} <= users.keys()
    first = {}
    for comment in sorted(comments.values(), key=lambda comment: comment["timestamp"]):
        first.setdefault(comment["ticket_id"], comment)
    assert all(
        first[number]["author_id"] == ticket["requester_id"]
        and first[number]["created_at"] == ticket["created_at"]
        for number, ticket in tickets.items()
    )
    bot = [each for each in comments.values() if each["author_id"] == AGENT_ID + BOT]
    assert {comment["via"]["channel"] for comment in bot} == {"answer_bot"}
    assert users[AGENT_ID + BOT]["user_fields"]["is_bot"]


@pytest.mark.parametrize("stream", ["tickets", "comments", "users"])
def test_the_cursor_goes_on_where_it_stopped(played: Played, stream: str) -> None:
    before, cursor = pull(played, stream)
    since = played.now
    played.stage.advance(2)
    changed, later = pull(played, stream, Window(since, played.now, cursor))
    everything, _ = pull(played, stream)
    assert before | changed == everything
    assert len(changed) < len(everything)
    nothing, same = pull(played, stream, Window(played.now, played.now, later))
    assert len(nothing) <= len(changed)
    assert nothing.items() <= everything.items()
    assert same == later


def test_a_late_answer_is_found_by_the_overlap(played: Played) -> None:
    tickets = played.stage.world.tickets
    late = np.flatnonzero((tickets.rated_at != NEVER) & (tickets.rated_at > tickets.offered_at + 2 * DAY))
    played.stage.now = int(tickets.offered_at[late[0]])
    played.stage.advance(1)
    before, _ = pull(played, "satisfaction_ratings")
    since = played.now
    played.stage.advance(6)
    found, _ = pull(played, "satisfaction_ratings", Window(since - LATEST_ANSWER, played.now))
    everything, _ = pull(played, "satisfaction_ratings")
    assert before | found == everything
    assert any(number in before and found[number] != before[number] for number in found)


def test_a_backfill_ends_where_its_window_does(played: Played) -> None:
    middle = played.now - timedelta(days=300)
    pages = list(sources.pages("zendesk", "tickets", Window(START, middle)))
    assert len(pages) == 1
    assert pages[0].records


def test_edges_of_pages_come_twice_and_are_the_same_bytes(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.sandbox.channels.zendesk.routes.EXPORT_PAGE", 10)
    seen: dict[tuple, list[dict]] = {}
    for page in sources.pages("zendesk", "tickets", Window(START, played.now)):
        for record in page.records:
            seen.setdefault((record["id"], record["generated_timestamp"]), []).append(record)
    assert any(len(versions) > 1 for versions in seen.values())
    assert all(each == versions[0] for versions in seen.values() for each in versions)


@pytest.mark.parametrize("stream", ["tickets", "comments", "users"])
def test_many_short_pages_hold_the_same_as_one(
    played: Played, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, cursor = pull(played, stream)
    monkeypatch.setattr("include.sandbox.channels.zendesk.routes.EXPORT_PAGE", 10)
    assert pull(played, stream) == (whole, cursor)


@pytest.mark.parametrize("fault", ["status_503", "html_200", "truncated_json"])
def test_a_passing_fault_loses_nothing(played: Played, fault: str) -> None:
    for stream in STREAM_NAMES:
        played.fail(fault, f"zendesk.{stream}")
        records, _ = pull(played, stream)
        assert len(records) == played.stage.ledger()["zendesk"][stream]["count"]
        assert not played.faults.waiting


def test_a_limit_is_waited_for(played: Played) -> None:
    played.fail("status_429", "zendesk.tickets")
    records, _ = pull(played, "tickets")
    assert len(records) == played.stage.ledger()["zendesk"]["tickets"]["count"]


def test_a_dead_token_stops_at_once(played: Played) -> None:
    played.fail("token_expired", "zendesk.users")
    with pytest.raises(TokenRefused):
        pull(played, "users")


def test_a_page_without_an_end_is_named(played: Played) -> None:
    played.fail("html_200", "zendesk.tickets", times=50)
    with pytest.raises(PageMalformed, match="incremental/tickets"):
        pull(played, "tickets")
