"""Every order, customer and product exactly once, whatever the shop's server does."""

from datetime import UTC, datetime, timedelta

import pytest

from include import rest, sources
from include.sandbox.live import Played
from include.sources import PageMalformed, Record, SourceError, TokenRefused, Window
from include.sources.haravan import OVERLAP, STREAMS

STREAM_NAMES = [stream.name for stream in STREAMS if stream.name != "order_counts"]


def whole(played: Played) -> Window:
    return Window(datetime(2024, 1, 1, tzinfo=UTC), played.now)


def pull(played: Played, stream: str, window: Window | None = None) -> list[Record]:
    pages = sources.pages("haravan", stream, window or whole(played))
    return [record for page in pages for record in page.records]


@pytest.mark.parametrize("stream", STREAM_NAMES)
def test_everything_comes_exactly_once(played: Played, stream: str) -> None:
    ids = [record["id"] for record in pull(played, stream)]
    assert len(ids) == len(set(ids)) == played.stage.ledger()["haravan"][stream]["count"]


def test_the_sums_are_the_ledgers(played: Played) -> None:
    orders = pull(played, "orders")
    counted = played.stage.ledger()["haravan"]["orders"]
    assert sum(order["total_price"] for order in orders) == counted["total_price"]
    assert sum(len(order["line_items"]) for order in orders) == counted["lines"]


def test_two_windows_side_by_side_hold_the_whole(played: Played) -> None:
    middle = played.now - timedelta(days=200)
    history = whole(played)
    halves = (Window(history.start, middle), Window(middle, history.end))
    found = [{order["id"] for order in pull(played, "orders", half)} for half in halves]
    assert found[0] | found[1] == {order["id"] for order in pull(played, "orders")}


def test_the_next_pull_brings_what_changed(played: Played) -> None:
    before = {order["id"]: order for order in pull(played, "orders")}
    since = played.now
    played.stage.advance(1)
    changed = pull(played, "orders", Window(since - OVERLAP, played.now))
    after = {order["id"]: order for order in pull(played, "orders")}
    assert before | {order["id"]: order for order in changed} == after
    assert any(order["id"] in before for order in changed), "old orders change late"


@pytest.mark.parametrize("fault", ["status_429", "status_503", "html_200", "truncated_json"])
def test_a_passing_fault_loses_and_doubles_nothing(played: Played, fault: str) -> None:
    clean = pull(played, "orders")
    played.fail(fault, "haravan.orders", times=2)
    again = pull(played, "orders")
    assert {order["id"]: order for order in again} == {order["id"]: order for order in clean}
    assert not played.faults.waiting


def test_a_fault_in_the_middle_is_survived(played: Played) -> None:
    ids: set[object] = set()
    for number, page in enumerate(sources.pages("haravan", "orders", whole(played))):
        if number in {1, 4}:
            played.fail("duplicate_page", "haravan.orders")
        ids |= {record["id"] for record in page.records}
    assert len(ids) == played.stage.ledger()["haravan"]["orders"]["count"]


@pytest.mark.parametrize("fault", ["html_200", "truncated_json"])
def test_an_answer_that_stays_broken_is_named(played: Played, fault: str) -> None:
    played.fail(fault, "haravan.orders", times=50)
    with pytest.raises(PageMalformed, match=r"/com/orders.json"):
        pull(played, "orders")


def test_a_dead_token_stops_at_once(played: Played) -> None:
    played.fail("token_expired", "haravan.orders")
    with pytest.raises(TokenRefused, match="the credentials are refused"):
        pull(played, "orders")


def test_a_token_that_dies_between_pages_stops_too(played: Played) -> None:
    pages = sources.pages("haravan", "orders", whole(played))
    next(pages)
    played.fail("token_expired", "haravan.orders")
    with pytest.raises(TokenRefused):
        list(pages)


def test_an_order_that_changes_while_the_list_is_read_hides_no_other(played: Played) -> None:
    shelf, seen = played.stage.shelf("haravan.orders"), set()
    pages = sources.pages("haravan", "orders", whole(played))
    for number, page in enumerate(pages):
        seen |= {record["id"] for record in page.records}
        if number < 5:
            # a record that was read already leaves the window: numbered pages would shift by one
            shelf.updated_at[shelf.ids == page.records[0]["id"]] = played.stage.now + 3600
    assert len(seen) == played.stage.ledger()["haravan"]["orders"]["count"]


def test_fewer_records_than_counted_is_an_error(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "value", lambda *_: 1_000_000)
    with pytest.raises(SourceError, match=r"Haravan counts 1000000 orders .* but gave \d+"):
        pull(played, "orders")


def test_records_without_an_id_come_through_for_quarantine(played: Played) -> None:
    played.stage.switch("missing_keys", True)
    orders = pull(played, "orders")
    without = [order for order in orders if "id" not in order]
    counted = played.stage.ledger()["haravan"]["orders"]["count"]
    assert without
    assert len({order["name"] for order in orders}) == counted


@pytest.mark.parametrize("defects", [("hostile_text",), ("wrong_types", "negative_amounts", "unknown_code")])
def test_a_defect_is_no_fault_of_the_pull(played: Played, defects: tuple[str, ...]) -> None:
    for defect in defects:
        played.stage.switch(defect, True)
    for stream in STREAM_NAMES:
        assert len(pull(played, stream)) == played.stage.ledger()["haravan"][stream]["count"]
