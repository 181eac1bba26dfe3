"""Days that are finished late and restated, pages of a report, an allowance that is left, no sum of users."""

import csv
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from include import settings, sources
from include.sandbox.channels.ga4 import COST, METRICS, TOKENS, Channel
from include.sandbox.live import Played
from include.sandbox.seasons import DAY
from include.sources import Page, PageMalformed, QuotaSpent, SourceError, TokenRefused, Window, ga4

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def observer(played: Played) -> Channel:
    return played.stage.channels["ga4"]


def pages(played: Played, window: Window | None = None) -> list[Page]:
    return list(sources.pages("ga4", "days", window or Window(START, played.now)))


def pull(played: Played, window: Window | None = None) -> list[dict]:
    return [dict(record) for page in pages(played, window) for record in page.records]


def keys(records: list[dict]) -> list[str]:
    return ["/".join(record[name] for name in ga4.STREAMS[0].key) for record in records]


def test_a_report_longer_than_a_page_comes_whole_and_once(
    played: Played, observer: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pull(played)
    monkeypatch.setattr(ga4, "LIMIT", 7)
    assert pull(played) == whole and len(whole) > 100
    found = keys(whole)
    assert len(found) == len(set(found))
    assert set(found) == observer.keys("days")


def test_a_page_that_comes_twice_in_anothers_place_is_missed(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ga4, "LIMIT", 50)
    reading = sources.pages("ga4", "days", Window(START, played.now))
    next(page for page in reading if page.records)
    played.fail("duplicate_page", "ga4.days.*")
    with pytest.raises(SourceError, match="rows, but"):
        list(reading)


def test_a_day_is_read_when_it_is_finished_and_again_when_it_is_restated(
    played: Played, observer: Channel
) -> None:
    def sessions(window: Window) -> dict[str, str]:
        return {each["date"]: each["sessions"] for each in pull(played, window) if each["platform"] == "web"}

    observer.figures[:, 0] = 100
    observer.stand(played.stage.moment)
    first = sessions(Window(START, played.now))
    newest = max(first)
    assert datetime.fromisoformat(f"{newest}T00:00:00+07:00") + timedelta(days=3) <= played.now
    assert first.pop(newest) == "98"
    assert set(first.values()) == {"100"}
    since = played.now
    played.stage.now += DAY
    observer.stand(played.stage.moment)
    later = sessions(Window(since - ga4.RESTATED, played.now))
    assert later[newest] == "100"
    assert max(later) > newest and len(later) == 4


def test_windows_side_by_side_leave_no_day_out_and_read_none_twice(played: Played) -> None:
    ends = [played.now - timedelta(hours=7 * n) for n in range(40, -1, -1)]
    parts = [key for start, end in itertools.pairwise(ends) for key in keys(pull(played, Window(start, end)))]
    assert parts == keys(pull(played, Window(ends[0], ends[-1])))
    assert len(parts) > 10


def test_every_day_of_a_window_is_a_scope_so_that_a_day_without_visits_is_told(
    played: Played, observer: Channel
) -> None:
    window = Window(played.now - timedelta(days=20), played.now)
    observer.figures[:] = 0
    observer.stand(played.stage.moment)
    scopes, rows = pages(played, window)
    assert len(scopes.scopes) == 20 and not rows.records


def test_a_pull_stops_while_something_is_left(
    played: Played, observer: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ga4, "LIMIT", 20)
    observer.tokens["tokensPerHour"] = ga4.LEFT["tokensPerHour"] + COST
    with pytest.raises(QuotaSpent, match=r"990 of tokensPerHour left"):
        pull(played)
    assert observer.tokens["tokensPerHour"] == ga4.LEFT["tokensPerHour"] - COST > 0


def test_a_report_that_is_read_already_is_kept_however_little_is_left(
    played: Played, observer: Channel
) -> None:
    observer.tokens["tokensPerDay"] = COST
    assert pull(played)


def test_an_allowance_that_is_used_up_is_not_asked_again(played: Played, observer: Channel) -> None:
    observer.tokens["tokensPerProjectPerHour"] = 0
    before = dict(observer.tokens)
    with pytest.raises(QuotaSpent, match="nothing left"):
        pull(played)
    assert observer.tokens == before
    played.stage.advance(1)
    assert observer.tokens == TOKENS and pull(played)


def test_more_calls_at_once_than_ten_are_made_later(played: Played) -> None:
    played.fail("status_429", "ga4.*")
    assert pull(played)
    assert not played.faults.waiting


def test_rows_that_are_rolled_into_other_are_marked(played: Played, observer: Channel) -> None:
    assert {record["dataLossFromOtherRow"] for record in pull(played)} == {False}
    observer.is_rolled = True
    assert {record["dataLossFromOtherRow"] for record in pull(played)} == {True}
    staging = settings.DBT_PROJECT / "models" / "staging" / "ga4" / "stg_ga4__control_totals.sql"
    assert "'dataLossFromOtherRow') }} = 'false'" in staging.read_text()


def test_users_are_of_their_day_and_never_added_up() -> None:
    assert "totalUsers" in METRICS
    for path in settings.DBT_PROJECT.rglob("*.sql"):
        assert "totalUsers" not in path.read_text(), path
    with (settings.DBT_PROJECT / "seeds" / "control_measures.csv").open() as file:
        assert not [row["measure_code"] for row in csv.DictReader(file) if "user" in row["measure_code"]]


def test_columns_are_read_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [*reversed(ga4.METRICS)]
    answer = {
        "dimensionHeaders": [{"name": "platform"}, {"name": "date"}],
        "metricHeaders": [{"name": name} for name in names],
    }
    row = {
        "dimensionValues": [{"value": "web"}, {"value": "20260105"}],
        "metricValues": [{"value": str(place)} for place in range(len(names))],
    }
    found = ga4._named(row, answer)
    assert (found["date"], found["platform"], found["purchaseRevenue"]) == ("2026-01-05", "web", "0")
    with pytest.raises(PageMalformed, match="other columns"):
        ga4._named(row, answer | {"metricHeaders": [{"name": "activeUsers"}] * len(names)})


def test_an_answer_that_is_no_report_is_never_no_visits(played: Played) -> None:
    played.fail("html_200", "ga4.*", times=5)
    with pytest.raises(PageMalformed):
        pull(played)
    with pytest.raises(KeyError):
        ga4._rows({})


def test_a_key_that_google_does_not_know_needs_a_person(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GA4_PRIVATE_KEY", "no key")
    with pytest.raises(TokenRefused, match=r"warehouse@shop\.example is no private key"):
        pull(played)
