"""Dates end in `_on`, pages that move lose nothing, ties are not cut, and a sale at the till is nobody's."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import requests
from requests import Response

from include import days, rest, sources
from include.identity import values
from include.sandbox.channels.sapo import APP_KEY
from include.sandbox.live import Played, playing
from include.sandbox.stage import Stage
from include.sandbox.world import World
from include.sources import PersonNeeded, Record, SourceError, StreamUnavailable, TokenRefused, Window, sapo

START = datetime(2024, 1, 1, tzinfo=UTC)
STREAM_NAMES = [stream.name for stream in sapo.STREAMS]


def pull(played: Played, stream: str, window: Window | None = None) -> list[Record]:
    pages = sources.pages("sapo", stream, window or Window(START, played.now))
    return [record for page in pages for record in page.records]


def asked(played: Played, path: str, **params: object) -> Response:
    address = f"{played.url}/sapo/admin/{path}.json"
    return requests.get(address, params=params, headers={"X-Sapo-Access-Token": "key"}, timeout=5)


@pytest.mark.parametrize("stream", STREAM_NAMES)
def test_everything_comes_exactly_once(played: Played, stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sapo, "LIMIT", 7 if stream == "customers" else 50)
    key = sapo.STREAMS[STREAM_NAMES.index(stream)].key[0]
    found = [str(record[key]) for record in pull(played, stream)]
    assert len(found) == len(set(found))
    assert set(found) == played.stage.channels["sapo"].keys(stream)


def test_closed_and_cancelled_orders_come_too(played: Played) -> None:
    orders = pull(played, "orders")
    assert any(order["cancelled_on"] for order in orders) and any(order["closed_on"] for order in orders)
    shown = asked(played, "orders/count").json()["count"]
    is_open = [order for order in orders if not order["cancelled_on"] and not order["closed_on"]]
    assert shown == len(is_open) < len(orders), "who asks for no status is shown what is open"


def test_an_order_that_changes_while_the_list_is_read_hides_no_other(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sapo, "LIMIT", 50)
    shelf, seen = played.stage.shelf("sapo.orders"), set()
    for number, page in enumerate(sources.pages("sapo", "orders", Window(START, played.now))):
        seen |= {record["id"] for record in page.records}
        if number < 5:
            # a record that was read already leaves the window: numbered pages would shift by one
            shelf.updated_at[shelf.ids == page.records[0]["id"]] = played.stage.now + 3600
    assert {str(order) for order in seen} == played.stage.channels["sapo"].keys("orders")


def test_numbered_pages_would_have_lost_one(played: Played) -> None:
    shelf = played.stage.shelf("sapo.orders")
    seen: set[int] = set()
    for page in range(1, 100):
        window = {"status": "any", "modified_on_max": played.now.isoformat()}
        orders = asked(played, "orders", page=page, limit=50, **window).json()["orders"]
        seen |= {order["id"] for order in orders}
        if len(orders) < 50:
            break
        shelf.updated_at[shelf.ids == orders[0]["id"]] = played.stage.now + 3600
    assert len(seen) < len(played.stage.channels["sapo"].keys("orders"))


def test_both_ends_of_a_window_are_read_so_that_no_tie_is_cut(played: Played) -> None:
    shelf = played.stage.shelf("sapo.orders")
    second = datetime.fromtimestamp(played.stage.now - 7200, UTC)
    tied = np.flatnonzero(shelf.updated_at > 0)[:3]
    shelf.updated_at[tied] = int(second.timestamp())
    ids = set(shelf.ids[tied].tolist())
    # a run begins within a second, and a later change of the same second is the next run's
    within = second + timedelta(milliseconds=400)
    before = pull(played, "orders", Window(second - timedelta(hours=1), within))
    after = pull(played, "orders", Window(within, within + timedelta(hours=1)))
    assert ids <= {order["id"] for order in before} and ids <= {order["id"] for order in after}


def test_the_next_pull_brings_what_changed(played: Played) -> None:
    before = {order["id"]: order for order in pull(played, "orders")}
    since, shelf = played.now, played.stage.shelf("sapo.orders")
    played.stage.advance(3)
    shelf.updated_at[0] = played.stage.now - 60
    changed = {order["id"]: order for order in pull(played, "orders", Window(since, played.now))}
    after = {order["id"]: order for order in pull(played, "orders")}
    merged = before | changed
    # by key: to tell all orders that differ would take minutes
    assert [key for key in merged.keys() | after.keys() if merged.get(key) != after.get(key)] == []
    oldest = min(before)
    assert changed[oldest]["modified_on"] > before[oldest]["modified_on"]
    assert min(changed.keys() - before.keys()) > oldest, "new ones come as well"


def test_no_path_of_another_shop_is_asked_for(played: Played) -> None:
    for stream in ("products", "customers", "orders", "checkouts"):
        types = next(each for each in sapo.STREAMS if each.name == stream).types
        assert not [path for path in types if path.endswith("_at")]
        record = pull(played, stream)[0]
        assert {"created_on", "modified_on"} <= record.keys()
        assert not [name for name in record if name.endswith("_at")]


def test_a_sale_at_the_till_may_be_nobodys(played: Played) -> None:
    sales = [order for order in pull(played, "orders") if order["source_name"] == "pos"]
    assert [order for order in sales if order["customer"]]
    walked_in = [order for order in sales if not order["customer"]]
    assert [order for order in walked_in if not order["email"] and not order["billing_address"]]


def test_cash_that_is_yet_to_be_collected_is_no_payment(played: Played) -> None:
    orders = pull(played, "orders")
    by_courier = [order for order in orders if order["gateway"].endswith("(COD)")]
    states = {tuple(each["status"] for each in order["transactions"]) for order in by_courier}
    assert states == {("pending",), ("pending", "success")}
    assert any(order["cancelled_on"] and len(order["transactions"]) == 1 for order in by_courier)
    paid = [each for order in orders for each in order["transactions"] if each["status"] == "success"]
    truth = played.stage.ledger()["sapo"]["orders"]
    assert (len(paid), sum(each["amount"] for each in paid)) == (truth["payment_count"], truth["paid"])


def test_phones_of_eleven_digits_are_those_of_today(played: Played, company: World) -> None:
    accounts = played.stage.channels["sapo"].store.accounts
    old = [row for row, phone in enumerate(accounts.phones) if phone and re.fullmatch(r"01\d{9}", phone)]
    assert old
    for row in old:
        person = company.people[accounts.person[row]]
        own = person.phone_at(int(accounts.created_at[row]))
        assert values.normalise_phone(accounts.phones[row]) == f"+84{own}"


def test_the_shops_own_counts_are_those_of_its_orders(played: Played) -> None:
    orders, counts = pull(played, "orders"), pull(played, "order_counts")
    assert len(counts) >= sapo.COUNTED.days and sum(day["count"] for day in counts) > 40
    for day in counts:
        local = [
            order
            for order in orders
            if datetime.fromisoformat(order["created_on"]).astimezone(days.VIETNAM).date().isoformat()
            == day["day"]
        ]
        assert len(local) == day["count"], day


def test_fewer_records_than_counted_is_an_error(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "value", lambda *_: 1_000_000)
    with pytest.raises(SourceError, match=r"Sapo counts 1000000 orders .* but gave \d+"):
        pull(played, "orders")


def test_a_private_app_shows_its_key_and_secret(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pull(played, "products")
    monkeypatch.setenv("SAPO_TOKEN", f"{APP_KEY}:key")
    assert pull(played, "products") == whole
    monkeypatch.setenv("SAPO_TOKEN", f"{APP_KEY}:another")
    with pytest.raises(TokenRefused):
        pull(played, "products")


def test_a_dead_token_stops_between_pages_too(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sapo, "LIMIT", 50)
    pages = sources.pages("sapo", "orders", Window(START, played.now))
    next(pages)
    played.fail("token_expired", "sapo.orders.*")
    with pytest.raises(TokenRefused):
        list(pages)


def test_a_shop_without_checkouts_is_read_without_them(played: Played) -> None:
    played.stage.channels["sapo"].lacking.add("checkouts")
    with pytest.raises(StreamUnavailable, match="404 for checkouts"):
        pull(played, "checkouts")
    played.stage.channels["sapo"].lacking.add("orders")
    with pytest.raises(SourceError, match="404"):
        pull(played, "orders")


@pytest.mark.parametrize(
    ("a_minute", "a_day", "allowed"), [("", "", 40 / 60), ("120", "", 80_000 / 86_400), ("6", "864000", 0.1)]
)
def test_the_limits_are_those_that_are_set(
    a_minute: str, a_day: str, allowed: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAPO_CALLS_A_MINUTE", a_minute)
    monkeypatch.setenv("SAPO_CALLS_A_DAY", a_day)
    assert sapo._calls_a_second() == pytest.approx(allowed)


@pytest.mark.parametrize("text", ["forty", "0", "-1", "nan"])
def test_a_limit_that_is_no_number_is_named(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAPO_CALLS_A_MINUTE", text)
    with pytest.raises(PersonNeeded, match="SAPO_CALLS_A_MINUTE"):
        sapo._calls_a_second()


def test_who_asks_too_often_waits_until_the_minute_is_over(company: World, tmp_path: Path) -> None:
    with playing(Stage(company, tmp_path, chosen=["sapo"]), speed=1.0) as slow:
        answers = [asked(slow, "orders/count") for _ in range(60)]
    assert [answer.status_code for answer in answers[:40]] == [200] * 40
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused and not [answer for answer in refused if "Retry-After" in answer.headers]
    waits = [rest.BACKOFF_SECONDS * 2**number for number in range(sapo.ATTEMPTS - 1)]
    assert sum(waits) >= 60, "nobody says how long to wait"


def test_a_page_has_250_records_at_most(played: Played) -> None:
    assert asked(played, "orders", limit=sapo.LIMIT).status_code == 200
    assert asked(played, "orders", limit=sapo.LIMIT + 1).status_code == 422


def test_a_passing_429_loses_and_doubles_nothing(played: Played) -> None:
    whole = pull(played, "customers")
    played.fail("status_429", "sapo.customers.*", times=3)
    assert pull(played, "customers") == whole
    assert not played.faults.waiting
