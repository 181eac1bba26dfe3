"""Pages that move lose no order, a guest stays a guest, and times are Greenwich's."""

from datetime import UTC, datetime, timedelta

import pytest
from requests import Response

from include import sources
from include.rest import Overloaded
from include.sandbox.live import Played
from include.sources import Record, SourceError, TokenRefused, Window, woocommerce

START = datetime(2024, 1, 1, tzinfo=UTC)
STREAM_NAMES = [stream.name for stream in woocommerce.STREAMS]


def pull(played: Played, stream: str, window: Window | None = None) -> list[Record]:
    pages = sources.pages("woocommerce", stream, window or Window(START, played.now))
    return [record for page in pages for record in page.records]


@pytest.mark.parametrize("stream", STREAM_NAMES)
def test_everything_comes_exactly_once(played: Played, stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(woocommerce, "LIMIT", 7)
    key = woocommerce.STREAMS[STREAM_NAMES.index(stream)].key[0]
    found = [str(record[key]) for record in pull(played, stream)]
    assert len(found) == len(set(found))
    assert set(found) == played.stage.channels["woocommerce"].keys(stream)


def test_an_order_that_changes_while_pages_are_read_takes_no_other_with_it(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(woocommerce, "LIMIT", 5)
    whole = {order["id"] for order in pull(played, "orders")}
    channel = played.stage.channels["woocommerce"]
    channel.moves_after = 3
    assert {order["id"] for order in pull(played, "orders")} == whole
    assert channel.moves_after < 0


def test_a_list_that_never_stands_still_is_refused(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(woocommerce, "LIMIT", 5)
    monkeypatch.setattr(woocommerce, "READINGS", 1)
    played.stage.channels["woocommerce"].moves_after = 1
    with pytest.raises(SourceError, match="faster than it can be read"):
        pull(played, "orders")


def test_a_window_is_in_utc(played: Played) -> None:
    order = pull(played, "orders")[0]
    changed = datetime.fromisoformat(str(order["date_modified_gmt"])).replace(tzinfo=UTC)
    around = Window(changed - timedelta(minutes=5), changed + timedelta(minutes=5))
    assert order in pull(played, "orders", around)
    assert order not in pull(played, "orders", Window(changed + timedelta(minutes=5), played.now))


def test_a_guest_has_no_account_but_a_phone_or_an_email(played: Played) -> None:
    guests = [order for order in pull(played, "orders") if order["customer_id"] == 0]
    assert guests
    assert all(order["billing"]["phone"] or order["billing"]["email"] for order in guests)


def test_customers_are_read_whole_once_a_day_and_the_newest_in_between(played: Played) -> None:
    everything, since = pull(played, "customers"), played.now
    played.stage.advance(20)
    hours = Window(since - woocommerce.OVERLAP, played.now, (played.now - timedelta(hours=3)).isoformat())
    newest = pull(played, "customers", hours)
    new = played.stage.channels["woocommerce"].keys("customers") - {str(each["id"]) for each in everything}
    assert new <= {str(each["id"]) for each in newest}
    assert len(pull(played, "customers", Window(since, played.now, since.isoformat()))) >= len(everything)


def test_the_shops_own_counts_are_those_of_its_orders(played: Played) -> None:
    counts = {record["day"]: record["count"] for record in pull(played, "order_counts")}
    for day, count in counts.items():
        local = [order for order in pull(played, "orders") if str(order["date_created"])[:10] == day]
        assert len(local) == count, day


def test_a_page_of_the_host_is_no_refusal(played: Played) -> None:
    answer = Response()
    answer.status_code = 403
    with pytest.raises(Overloaded, match="in the shop's place"):
        woocommerce._meaning(answer, None)
    woocommerce._meaning(answer, {"code": "woocommerce_rest_cannot_view"})
    played.fail("status_503", "woocommerce.orders.*", times=2)
    assert pull(played, "orders")


def test_a_revoked_key_stops_at_once(played: Played) -> None:
    played.fail("token_expired", "woocommerce.*")
    with pytest.raises(TokenRefused):
        pull(played, "orders")
