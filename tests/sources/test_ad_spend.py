"""What advertising cost is restated for days; too large a report is halved, never cut off."""

from datetime import timedelta

import pytest

from include import sources
from include.sandbox.live import Played
from include.sources import PersonNeeded, QuotaSpent, SourceError, StreamUnavailable, TokenRefused, Window


def pages(played: Played, stream: str, days: int = 60) -> list[sources.Page]:
    return list(sources.pages("ad_spend", stream, Window(played.now - timedelta(days=days), played.now)))


def pull(played: Played, stream: str, days: int = 60) -> list[dict]:
    return [dict(record) for page in pages(played, stream, days) for record in page.records]


def spent(records: list[dict]) -> int:
    return sum(
        int(each["spend"]) if "spend" in each else int(each["metrics"]["costMicros"]) // 10**6
        for each in records
    )


@pytest.mark.parametrize("platform", ["facebook", "google"])
def test_what_was_spent_is_credited_for_days(played: Played, platform: str) -> None:
    stream = f"{platform}_days"
    last = {str(played.now.date() - timedelta(days=n)) for n in range(3)}

    def of_last_days(days: int) -> list[dict]:
        records = pull(played, stream, days)
        return [each for each in records if each["account_day"].rpartition("/")[2] in last]

    before = spent(of_last_days(3))
    played.stage.advance(10)
    after = spent(of_last_days(14))
    assert 0 < after < before


def test_conversions_come_late(played: Played) -> None:
    def conversions() -> float:
        records = pull(played, "google_days", 40)
        return sum(each["metrics"]["conversions"] for each in records if each["segments"]["date"] in last)

    last = {str(played.now.date() - timedelta(days=n)) for n in range(3)}
    each = played.stage.channels["ad_spend"].platforms["google"]
    each.conversions[:] = each.clicks
    played.stage._stand()
    before = conversions()
    played.stage.advance(8)
    assert conversions() > before > 0


def test_a_day_that_is_no_longer_charged_is_named_as_a_scope(played: Played) -> None:
    each = played.stage.channels["ad_spend"].platforms["facebook"]
    row = (played.stage.now - played.stage.world.start) // 86400
    each.is_void[row] = True
    day = str(played.now.date())
    assert any(record["date_start"] == day for record in pull(played, "facebook_days", 1))
    played.stage.advance(5)
    told = pages(played, "facebook_days", 7)
    assert not any(record["date_start"] == day for page in told for record in page.records)
    scopes = {scope for page in told for scope in page.scopes}
    assert {f"facebook/501000000001/{day}", f"facebook/501000000002/{day}"} <= scopes


def test_too_large_a_report_is_halved(played: Played) -> None:
    whole = pull(played, "facebook_days")
    played.stage.channels["ad_spend"].most_days = 7
    key = "account_day"
    assert sorted(each[key] for each in pull(played, "facebook_days")) == sorted(each[key] for each in whole)
    played.stage.channels["ad_spend"].most_days = 0
    with pytest.raises(SourceError, match="smaller report"):
        pull(played, "facebook_days")


def test_less_than_the_platform_counts_is_an_error(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = played.stage.channels["ad_spend"]
    channel.page_size = 10
    assert len(pull(played, "google_days")) > 30
    shelf = channel.shelves["google_days"]
    render = shelf.json
    monkeypatch.setattr(shelf, "json", lambda rows: render(rows[:1]))
    with pytest.raises(SourceError, match="Google counts"):
        pull(played, "google_days")
    shelf = channel.shelves["facebook_days"]
    draw = shelf.json
    monkeypatch.setattr(shelf, "json", lambda rows: draw(rows[1:]))
    with pytest.raises(SourceError, match="its days say"):
        pull(played, "facebook_days")


def test_a_token_that_is_too_old_is_renewed_and_a_dead_one_needs_a_person(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.stage.channels["ad_spend"].page_size = 50
    reading = sources.pages("ad_spend", "google_days", Window(played.now - timedelta(days=60), played.now))
    next(reading)
    next(reading)
    played.stage.channels["ad_spend"].expire()
    assert list(reading)
    monkeypatch.setenv("AD_SPEND_GOOGLE_REFRESH_TOKEN", "another")
    with pytest.raises(TokenRefused, match="invalid_grant"):
        pull(played, "google_campaigns")
    monkeypatch.setenv("AD_SPEND_FACEBOOK_TOKEN", "another")
    with pytest.raises(TokenRefused, match="AD_SPEND_FACEBOOK_TOKEN"):
        pull(played, "facebook_campaigns")


def test_calls_that_are_used_up_are_not_asked_again(played: Played) -> None:
    played.stage.channels["ad_spend"].is_spent = True
    with pytest.raises(QuotaSpent):
        pull(played, "google_days")


def test_accounts_say_for_which_unit_they_spend(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    units = {each["business_unit"] for each in pull(played, "google_campaigns")}
    assert units == {"shop_online", "habit_app", "sales_software"}
    monkeypatch.setenv("AD_SPEND_GOOGLE_ACCOUNTS", "none")
    with pytest.raises(StreamUnavailable, match="Google"):
        pull(played, "google_days")
    monkeypatch.setenv("AD_SPEND_FACEBOOK_ACCOUNTS", "501000000001")
    with pytest.raises(PersonNeeded, match="501000000001=shop_online"):
        pull(played, "facebook_days")
