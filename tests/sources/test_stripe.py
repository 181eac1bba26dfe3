"""What changed is read as it is now, and the events keep what it was before."""

from datetime import UTC, datetime, timedelta

import pytest

from include import rest, settings, sources
from include.sandbox.channels.stripe.subscribers import PLANS
from include.sandbox.live import Played
from include.sandbox.seasons import DAY
from include.sources import Record, TokenRefused, Window, stripe

START = datetime(2024, 1, 1, tzinfo=UTC)
STREAM_NAMES = [stream.name for stream in stripe.STREAMS]


def pull(played: Played, stream: str, window: Window | None = None) -> dict[str, Record]:
    pages = sources.pages("stripe", stream, window or Window(START, played.now))
    return {str(record["id"]): record for page in pages for record in page.records}


def later(played: Played, since: datetime) -> Window:
    return Window(since - stripe.LATE, played.now, since.isoformat())


@pytest.mark.parametrize("stream", STREAM_NAMES)
def test_short_pages_hold_the_same(played: Played, stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pull(played, stream)
    assert whole.keys() == played.stage.channels["stripe"].keys(stream)
    monkeypatch.setattr(stripe, "LIMIT", 3)
    assert pull(played, stream) == whole


def test_dong_have_no_smaller_unit(played: Played) -> None:
    prices = {
        item["price"]["nickname"]: item["price"]["unit_amount"]
        for subscription in pull(played, "subscriptions").values()
        for item in subscription["items"]["data"]
        if item["price"]["recurring"]["interval"] == "month"
    }
    assert prices.items() >= {(name, amount) for _, name, amount in PLANS[:2]}


def test_an_old_subscription_that_ends_today_is_found_by_its_event(played: Played) -> None:
    subscriptions = played.stage.channels["stripe"].subscriptions
    leaves = (subscriptions.started_at < played.stage.world.end - 100 * DAY) & (
        subscriptions.ended_at > played.stage.world.end
    )
    soon = subscriptions.ended_at <= played.stage.world.end + 40 * DAY
    row = int((leaves & soon).nonzero()[0][0])
    before = pull(played, "subscriptions")[f"sub_{row + 1:06d}"]
    played.stage.now = int(subscriptions.ended_at[row]) - 3600
    played.stage._stand()
    since = played.now
    played.stage.now += 7200
    played.stage._stand()
    changed = pull(played, "subscriptions", later(played, since))
    assert before["ended_at"] is None
    assert changed[f"sub_{row + 1:06d}"]["ended_at"] == subscriptions.ended_at[row]
    assert len(changed) < len(subscriptions) / 2


def test_all_are_read_again_after_a_week(played: Played) -> None:
    since = played.now
    played.stage.advance(6)
    few = pull(played, "invoices", later(played, since))
    played.stage.advance(1)
    everything = pull(played, "invoices", later(played, since))
    assert len(few) < len(everything)
    assert everything.keys() == played.stage.channels["stripe"].keys("invoices")


@pytest.mark.parametrize("stream", ["customers", "subscriptions", "invoices"])
def test_events_bring_all_that_changed(played: Played, stream: str) -> None:
    before, since = pull(played, stream), played.now
    played.stage.advance(5)
    together = before | pull(played, stream, later(played, since))
    kept = {identity: record for identity, record in together.items() if not record.get("deleted")}
    assert kept == pull(played, stream)


def test_ended_subscriptions_are_asked_for(played: Played) -> None:
    client = rest.connect(settings.source_url("stripe"), stripe.HTTPBasicAuth("key", ""))
    shown = {
        each["id"]
        for page in rest.pages(client, "/v1/subscriptions", "data", {"limit": 100}, stripe.AfterLast())
        for each in page
    }
    missing = pull(played, "subscriptions").keys() - shown
    assert missing


def test_events_are_kept_for_thirty_days(played: Played) -> None:
    oldest = min(event["created"] for event in pull(played, "events").values())
    assert oldest > played.now.timestamp() - 30 * DAY
    past = Window(START, played.now - timedelta(days=31))
    assert not pull(played, "events", past)


def test_an_answer_about_another_thing_is_asked_for_again(played: Played) -> None:
    since = played.now
    played.stage.advance(5)
    clean = pull(played, "invoices", later(played, since))
    played.fail("duplicate_page", "stripe.invoices.one", times=2)
    assert pull(played, "invoices", later(played, since)) == clean
    assert not played.faults.waiting


def test_a_list_that_does_not_begin_at_its_head_is_refused(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe, "LIMIT", 50)
    pull(played, "invoices")
    played.faults.last_body["stripe.invoices"] = b'{"object":"list","has_more":false,"data":[]}'
    played.fail("duplicate_page", "stripe.invoices")
    with pytest.raises(sources.SourceError, match="holds records before"):
        pull(played, "invoices")


def test_a_revoked_key_stops_at_once(played: Played) -> None:
    played.fail("token_expired", "stripe.*")
    with pytest.raises(TokenRefused):
        pull(played, "subscriptions")
