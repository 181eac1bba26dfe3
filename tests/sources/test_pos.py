"""A till's day is read whole or not at all, and replaces what was read of it before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include import settings, sources
from include.sandbox.live import Played
from include.sources import Page, PageMalformed, Window


def pages(played: Played, cursor: str | None = None, stream: str = "receipts") -> list[Page]:
    return list(sources.pages("pos", stream, Window(datetime(2024, 1, 1, tzinfo=UTC), played.now, cursor)))


def a_day(played: Played) -> Path:
    """Return the last file of a shop's day."""
    return sorted(settings.source_folder("pos").glob("HN-HOANKIEM/*.csv.gz"))[-5]


def test_every_receipt_is_there_with_its_lines(played: Played) -> None:
    receipts = [record for page in pages(played) for record in page.records]
    totals = [record for page in pages(played, stream="totals") for record in page.records]
    assert len(receipts) == sum(int(total["receipts"]) for total in totals)
    gross = sum(float(line["qty"]) * float(line["unit_price"]) for each in receipts for line in each["lines"])
    assert gross == sum(float(total["gross"]) for total in totals)
    assert gross == played.stage.ledger()["pos"]["totals"]["gross"]


def test_a_files_that_did_not_change_is_not_read_again(played: Played) -> None:
    cursor = pages(played)[-1].cursor
    assert [page.scopes for page in pages(played, cursor) if page.scopes] == []
    played.stage.advance(1)
    again = [page.scopes for page in pages(played, cursor) if page.scopes]
    assert 1 <= len(again) <= 9


def test_a_backfill_reads_the_files_of_its_days(played: Played) -> None:
    window = Window(played.now - timedelta(days=9), played.now - timedelta(days=8))
    days = {scope.split("/")[1] for page in sources.pages("pos", "receipts", window) for scope in page.scopes}
    assert len(days) == 2


@pytest.mark.parametrize("cut", [40, 120])
def test_a_file_that_is_cut_off_is_named_and_not_read_in_half(played: Played, cut: int) -> None:
    path = a_day(played)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(PageMalformed, match=path.name):
        pages(played)


def test_a_file_that_lacks_lines_does_not_add_up(played: Played) -> None:
    path = a_day(played)
    total = path.with_name(path.name.replace(".csv.gz", ".total.csv"))
    head, row = total.read_text().splitlines()
    shop, day, receipts, lines, gross = row.split(",")
    total.write_text(f"{head}\n{shop},{day},{receipts},{int(lines) + 1},{gross}\n")
    with pytest.raises(PageMalformed, match="does not add up to its control totals"):
        pages(played)
