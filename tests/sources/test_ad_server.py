"""A report is made, waited for, and held against its own days and number of rows."""

from datetime import timedelta

import pytest

from include import sources
from include.sandbox.channels.ad_server import NETWORK
from include.sandbox.live import Played
from include.sources import SourceError, TokenRefused, Window, ad_server


def pages(played: Played, stream: str, days: int = 30) -> list[sources.Page]:
    return list(sources.pages("ad_server", stream, Window(played.now - timedelta(days=days), played.now)))


def pull(played: Played, stream: str, days: int = 30) -> list[dict]:
    return [dict(record) for page in pages(played, stream, days) for record in page.records]


def test_short_pages_hold_the_same_and_a_missing_one_is_told(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = played.stage.channels["ad_server"]
    whole = pull(played, "deals")
    channel.most_rows = 50
    assert pull(played, "deals") == whole and len(whole) > 150
    shelf = channel.shelves["deals"]
    render = shelf.json
    monkeypatch.setattr(shelf, "json", lambda rows: render(rows[:-1]))
    with pytest.raises(SourceError, match="rows, but"):
        pull(played, "deals")


def test_a_report_is_waited_for_and_one_that_fails_is_an_error(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = played.stage.channels["ad_server"]
    channel.polls = 4
    assert pull(played, "slots")
    assert channel._runs[-1][1] > 4
    monkeypatch.setattr(ad_server, "POLLS", 3)
    with pytest.raises(SourceError, match="not ready"):
        pull(played, "slots")
    channel.fails = True
    with pytest.raises(SourceError, match="Internal error"):
        pull(played, "slots")


def test_a_result_of_other_days_is_not_taken(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = played.stage.channels["ad_server"]
    pull(played, "slots", 3)
    old = f"networks/{NETWORK}/reports/1/results/1"
    monkeypatch.setattr(ad_server, "_run", lambda *_: old)
    with pytest.raises(SourceError, match="gave other days"):
        pull(played, "slots", 5)
    assert len(channel._reports) == 1


def test_invalid_clicks_are_filtered_and_revenue_is_estimated_for_days(played: Played) -> None:
    def told(figure: str) -> float:
        return sum(float(row[figure]) for row in pull(played, "deals", 9) if row["DATE"] in last)

    last = {str(played.now.date() - timedelta(days=n)) for n in range(2)}
    channel = played.stage.channels["ad_server"]
    channel.clicks[:] = channel.unfiltered // 2
    channel.unfiltered[:] = channel.unfiltered + 2
    played.stage._stand()
    clicks, revenue, seen = told("CLICKS"), told("REVENUE"), told("IMPRESSIONS")
    played.stage.advance(5)
    assert 0 < told("CLICKS") < clicks and 0 < told("REVENUE") < revenue
    assert told("IMPRESSIONS") == seen


def test_requests_are_counted_once_and_every_day_is_a_scope(played: Played) -> None:
    slots, deals = pull(played, "slots"), pull(played, "deals")
    filled = sum(int(row["IMPRESSIONS"]) for row in slots)
    assert filled == sum(int(row["IMPRESSIONS"]) for row in deals)
    unfilled = sum(int(row["UNFILLED_IMPRESSIONS"]) for row in slots)
    assert filled < filled + unfilled <= sum(int(row["AD_REQUESTS"]) for row in slots)
    scopes = {scope for page in pages(played, "slots", 700) for scope in page.scopes}
    assert len(scopes) == 701


def test_a_key_that_google_does_not_know_needs_a_person(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AD_SERVER_PRIVATE_KEY", "no key")
    with pytest.raises(TokenRefused, match=r"warehouse@news\.example is no private key"):
        pull(played, "slots")
