"""A grant counts when it is confirmed, a tablet's decision comes late, who is forgotten comes emptied."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from include import sources
from include.sandbox.live import Played
from include.sandbox.seasons import DAY, NEVER
from include.sources import SourceError, TokenRefused, Window, preference_centre


def pull(played: Played, stream: str, start: datetime | None = None) -> list[dict]:
    window = Window(start or datetime(2024, 1, 1, tzinfo=UTC), played.now)
    return [
        dict(record) for page in sources.pages("preference_centre", stream, window) for record in page.records
    ]


def move_to(played: Played, second: int) -> None:
    played.stage.now = int(second)
    played.stage._stand()


def test_short_pages_hold_the_same(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [record["id"] for record in pull(played, "decisions")]
    monkeypatch.setattr(preference_centre, "LIMIT", 7)
    short = [record["id"] for record in pull(played, "decisions")]
    assert short == whole
    assert len(set(short)) == played.stage.ledger()["preference_centre"]["decisions"]["count"]


def test_a_grant_is_pending_until_it_is_confirmed_under_its_id(played: Played) -> None:
    channel = played.stage.channels["preference_centre"]
    waits = (channel.confirmed_at > channel.recorded_at + 600) & (channel.confirmed_at <= played.stage.now)
    row = int(np.flatnonzero(waits)[0])
    move_to(played, channel.confirmed_at[row] - 1)
    before = {record["id"]: record["status"] for record in pull(played, "decisions")}
    move_to(played, channel.confirmed_at[row])
    since = played.now - timedelta(minutes=5)
    after = {record["id"]: record["status"] for record in pull(played, "decisions", since)}
    [identity] = [key for key, status in after.items() if before.get(key) == "pending" != status]
    assert after[identity] == "granted"


def test_a_grant_that_is_never_confirmed_stays_pending(played: Played) -> None:
    never = (played.stage.channels["preference_centre"].confirmed_at == NEVER).sum()
    statuses = [record["status"] for record in pull(played, "decisions")]
    assert 0 < statuses.count("pending") <= never + 5


def test_a_decision_that_a_tablet_sends_late_lies_in_the_window_of_its_arrival(played: Played) -> None:
    channel = played.stage.channels["preference_centre"]
    late = channel.recorded_at - channel.decided_at > DAY
    row = int(np.flatnonzero(late & (channel.recorded_at <= played.stage.now))[0])
    move_to(played, channel.recorded_at[row])
    found = pull(played, "decisions", played.now - timedelta(minutes=5))
    made = [datetime.fromisoformat(record["decided_at"]) for record in found]
    assert any(played.now - at > timedelta(days=1) for at in made)


def test_a_withdrawal_is_a_decision_of_its_own_after_the_grant(played: Played) -> None:
    found = pull(played, "decisions")
    withdrawn = [record for record in found if record["status"] == "withdrawn"]
    assert withdrawn
    about = ("subject_id", "purpose", "channel")
    granted = {
        tuple(record[name] for name in about): record for record in found if record["status"] == "granted"
    }
    for record in withdrawn:
        grant = granted[tuple(record[name] for name in about)]
        assert grant["decided_at"] < record["decided_at"]


def test_who_asked_to_be_forgotten_comes_once_more_and_emptied(played: Played) -> None:
    channel = played.stage.channels["preference_centre"]
    channel.erased_at[0] = played.stage.now - DAY
    move_to(played, played.stage.now)
    found = pull(played, "subjects", played.now - timedelta(days=2))
    [erased] = [record for record in found if record["id"] == "s000001"]
    assert erased["erased_at"] == erased["changed_at"]
    assert [erased[name] for name in ("name", "phone", "email")] == [None, None, None]
    assert "s000001" not in channel.keys("subjects")


def test_a_list_that_gives_less_than_it_counts_is_not_whole(played: Played) -> None:
    played.stage.channels["preference_centre"].withheld = 1
    with pytest.raises(SourceError, match="preference centre counts"):
        pull(played, "decisions")


def test_a_dead_token_stops_at_once(played: Played) -> None:
    played.fail("token_expired", "preference_centre.subjects")
    with pytest.raises(TokenRefused):
        pull(played, "subjects")
