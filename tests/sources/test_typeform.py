"""An answer that is begun and then completed is one answer; a page that ends at a full list goes on."""

from datetime import UTC, datetime, timedelta

import pytest

from include import sources
from include.sandbox.live import Played
from include.sandbox.seasons import DAY, NEVER
from include.sources import TokenRefused, Window, typeform


def pull(played: Played, start: datetime | None = None) -> list[dict]:
    window = Window(start or datetime(2024, 1, 1, tzinfo=UTC), played.now)
    return [
        dict(record) for page in sources.pages("typeform", "responses", window) for record in page.records
    ]


def test_completed_answers_are_the_ledgers(played: Played) -> None:
    done = [record for record in pull(played) if record["is_completed"]]
    counted = played.stage.ledger()["typeform"]["responses"]
    assert sum(record["answers"][0]["number"] for record in done) == counted["answers.0.number"]
    assert len({record["token"] for record in done}) == len(done)


def test_short_pages_hold_the_same(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {record["token"] for record in pull(played)}
    monkeypatch.setattr(typeform, "LIMIT", 7)
    assert {record["token"] for record in pull(played)} == whole


def test_an_answer_that_was_begun_is_completed_under_its_token(played: Played) -> None:
    channel = played.stage.channels["typeform"]
    later = (channel._submitted_at != NEVER) & (channel._submitted_at - channel._begun_at > DAY // 2)
    row = int(later.nonzero()[0][0])
    played.stage.now = int(channel._begun_at[row]) + 3600
    played.stage._stand()
    begun = {record["token"]: record for record in pull(played) if not record["is_completed"]}
    played.stage.now = int(channel._submitted_at[row]) + 3600
    played.stage._stand()
    since = played.now - timedelta(hours=6)
    completed = {record["token"] for record in pull(played, since) if record["is_completed"]}
    assert completed & begun.keys()


def test_a_dead_token_stops_at_once(played: Played) -> None:
    played.fail("token_expired", "typeform.responses.*")
    with pytest.raises(TokenRefused):
        pull(played)
