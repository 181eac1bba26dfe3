"""What Google Play forgets after seven days is lost, and that is told: it is never "0 new rows"."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from include import alerts, landing, settings, sources
from include.sandbox.channels.google_play import KEPT
from include.sandbox.live import Played
from include.sandbox.seasons import DAY
from include.sources import SourceError, TokenRefused, Window, google_play
from tests.databases import ask, one

START = datetime(2025, 1, 1, tzinfo=UTC)


def pull(played: Played, stream: str = "reviews") -> Iterator[dict]:
    for page in sources.pages("google_play", stream, Window(START, played.now)):
        yield from (dict(record) for record in page.records)


@pytest.mark.server
def test_eight_days_unread_are_told_and_kept_as_a_gap(
    played: Played, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(alerts, "tell", told.append)
    landing.prepare("google_play")
    landing.land("google_play", played.now)
    last = played.now
    played.stage.advance(6)
    landing.land("google_play", played.now)
    assert told == []
    last = played.now
    played.stage.advance(8)
    landed = landing.land("google_play", played.now)
    assert landed > 0
    assert len(told) == 1 and "keeps its reviews for 7 days" in told[0] and "is lost" in told[0]
    gaps = ask("select stream, lost_from, lost_to from ops.losses where source = 'google_play'")
    assert gaps == [("reviews", last, last + timedelta(days=1))]
    assert one("select pulled_to from ops.streams where source = 'google_play' and stream = 'reviews'")


def test_only_the_last_week_is_there_and_an_edited_review_comes_again(played: Played) -> None:
    channel, now = played.stage.channels["google_play"], played.stage.now
    before = {review["reviewId"]: review for review in pull(played)}
    assert all(now - _at(review) < KEPT for review in before.values())
    edited = channel._edited_at
    row = int(((edited > now) & (edited < now + 30 * DAY) & (channel._written_at < now - 20 * DAY)).argmax())
    played.stage.now = int(edited[row]) + 60
    played.stage._stand()
    newest = next(pull(played))
    assert newest["reviewId"] not in before
    assert _at(newest) == edited[row]
    stars = newest["comments"][0]["userComment"]["starRating"]
    assert stars == channel._second[row]


def _at(review: dict) -> float:
    return datetime.fromisoformat(review["changed_at"]).timestamp()


def test_short_pages_hold_the_same(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [review["reviewId"] for review in pull(played)]
    monkeypatch.setattr(google_play, "LIMIT", 2)
    assert [review["reviewId"] for review in pull(played)] == whole
    assert len(whole) > 4


def test_no_review_at_all_is_an_empty_answer_and_no_error(played: Played) -> None:
    shelf = played.stage.channels["google_play"].shelves["reviews"]
    shelf.updated_at[:] = 0
    assert list(pull(played)) == []


def test_a_review_that_comes_on_top_while_the_list_is_read_is_not_missed(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google_play, "LIMIT", 2)
    reading = pull(played)
    next(reading)
    shelf = played.stage.channels["google_play"].shelves["reviews"]
    shelf.updated_at[int(shelf.updated_at.argmin())] = played.stage.now
    with pytest.raises(SourceError, match="came to the top"):
        list(reading)


def test_a_month_is_what_its_file_says(played: Played) -> None:
    rows = list(pull(played, "installs"))
    counted = played.stage.ledger()["google_play"]["installs"]
    assert sum(int(row["Daily User Installs"]) for row in rows) == counted["Daily User Installs"]
    assert len(rows) == counted["count"]
    path = next(iter(sorted(Path(settings.source_folder("google_play")).rglob("*.csv"))))
    body = path.read_bytes()
    assert body[:2] in (b"\xff\xfe", b"\xfe\xff")
    path.write_bytes(body[: len(body) * 2 // 3 // 2 * 2])
    with pytest.raises(SourceError, match="breaks off"):
        list(pull(played, "installs"))


def test_counts_of_the_last_days_grow(played: Played) -> None:
    def counts() -> dict[tuple[str, str], int]:
        return {
            (row["Date"], row["Country"]): int(row["Daily User Installs"]) for row in pull(played, "installs")
        }

    before = counts()
    played.stage.advance(4)
    after = counts()
    assert any(after[key] > before[key] for key in before)
    assert all(after[key] >= before[key] for key in before)


def test_a_key_that_google_does_not_know_needs_a_person(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    monkeypatch.setenv("GOOGLE_PLAY_PRIVATE_KEY", other.decode())
    with pytest.raises(TokenRefused, match="refuses the service account"):
        list(pull(played))
    monkeypatch.setenv("GOOGLE_PLAY_PRIVATE_KEY", "no key")
    with pytest.raises(TokenRefused, match="no private key"):
        list(pull(played))
