"""A source is tried without taking anything, and a day of it is read again for good."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from include import landing, quality
from include.landing import __main__ as command
from include.landing import trying
from include.sandbox import world
from include.sandbox.live import Played, playing
from include.sandbox.stage import Stage
from include.sources import Page
from tests.databases import ask, one
from tests.pointed import point

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("database")]
SOURCE = "haravan"


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    company = world.build(seed=31, customers=60, end=date(2026, 11, 21))
    with playing(Stage(company, tmp_path, chosen=[SOURCE])) as played:
        point(monkeypatch, played, [SOURCE])
        yield played


def nothing_was_taken() -> bool:
    counts = (
        "ops.landings",
        "ops.cursors",
        "quarantine.records",
        "raw_haravan.orders",
        "landing_haravan.orders",
    )
    return all(one(f"select count(*) from {table}") == 0 for table in counts)


def test_a_check_reads_one_page_of_each_stream_and_takes_nothing(sandbox: Played) -> None:
    found = {each.stream: each for each in trying.check_source(SOURCE, sandbox.now)}
    assert found.keys() == {"products", "customers", "orders", "order_counts"}
    assert found["orders"].record_count == 50
    assert found["orders"].added_count == 50
    assert nothing_was_taken()


def test_a_check_says_which_credential_is_missing_or_dead(
    sandbox: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARAVAN_TOKEN", "another")
    with pytest.raises(command.NothingDone, match=r"orders: cannot be read: .* refused.* in HARAVAN_TOKEN"):
        command.main(["check", SOURCE])
    monkeypatch.delenv("HARAVAN_TOKEN")
    with pytest.raises(command.NothingDone, match="HARAVAN_TOKEN is not set"):
        command.main(["check", SOURCE])


def test_a_check_asks_until_something_comes() -> None:
    """A page that says only how far it reaches is made before anybody was asked."""
    pages = [Page((), scopes=("a day",)), Page(({"id": 1},)), Page(({"id": 2},))]
    assert list(trying._first(iter(pages))) == pages[:2]
    assert list(trying._first(iter(pages[:1]))) == pages[:1]


def test_a_folder_that_is_not_there_is_no_empty_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POS_FOLDER", str(tmp_path / "away"))
    with pytest.raises(command.NothingDone, match=r"POS_FOLDER is .*away, and there is no such folder"):
        command.main(["check", "pos"])


def test_a_dry_run_tells_what_would_be_kept_out(sandbox: Played) -> None:
    sandbox.stage.switch("wrong_types", True)
    found = {each.stream: each for each in trying.dry_run(SOURCE, sandbox.now)}
    orders = found["orders"]
    assert orders.record_count == sandbox.stage.ledger()[SOURCE]["orders"]["count"]
    assert any("total_price is no numeric" in problem for problem in orders.problems)
    assert orders.added_count < orders.record_count
    assert nothing_was_taken()


def test_a_day_is_read_again_and_the_cursor_stays(sandbox: Played) -> None:
    landing.land(SOURCE, sandbox.now)
    quality.check(SOURCE)
    landing.accept(SOURCE)
    cursors = ask("select * from ops.cursors order by 1, 2")
    day = (sandbox.now - timedelta(days=3)).date()
    start, end = (int(each.timestamp() * 1e6) for each in trying.day_window(day))
    keys = "select count(distinct record_key) from raw_haravan.orders"
    before = one(keys)
    ask("delete from raw_haravan.orders where version >= %s and version < %s", start, end)
    assert one(keys) < before
    told = command.main(["replay", SOURCE, day.isoformat()])
    assert "records read" in told
    assert one(keys) == before
    assert ask("select * from ops.cursors order by 1, 2") == cursors
    with pytest.raises(command.NothingDone, match="is no day"):
        command.main(["replay", SOURCE, "yesterday"])


def test_an_unknown_source_is_answered_with_the_known_ones() -> None:
    with pytest.raises(command.NothingDone, match="there is no source 'shop': choose from"):
        command.main(["check", "shop"])
