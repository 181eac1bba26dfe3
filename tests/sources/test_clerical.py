"""Labelled pairs are read whole, a file at a time, and what people answered is what is measured."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from include import settings, sources
from include.sandbox.live import Played
from include.sources import Page, PageMalformed, Window

HEADER = "pair_no,one,other,is_one_person,labelled_on"


def pages(played: Played, cursor: str | None = None) -> list[Page]:
    window = Window(datetime(2024, 1, 1, tzinfo=UTC), played.now, cursor)
    return list(sources.pages("clerical", "pairs", window))


def a_file(*lines: str, name: str = "more.csv") -> Path:
    path = settings.source_folder("clerical") / name
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


def test_every_pair_that_is_labelled_by_now_is_there(played: Played) -> None:
    there = pages(played)
    records = [record for page in there for record in page.records]
    assert len(records) == played.stage.ledger()["clerical"]["pairs"]["count"]
    assert there[0].scopes == ("pairs.csv",)


def test_a_file_that_did_not_change_is_not_read_again(played: Played) -> None:
    cursor = pages(played)[-1].cursor
    assert [page.scopes for page in pages(played, cursor) if page.scopes] == []
    a_file("1,haravan:1,zendesk:2,yes,2026-11-20", "2,haravan:1,zendesk:3,no,2026-11-20")
    again = pages(played, cursor)
    assert [page.scopes for page in again if page.scopes] == [("more.csv",)]
    assert [record["is_one_person"] for record in again[0].records] == [True, False]


def test_an_answer_that_is_neither_yes_nor_no_is_told_with_its_pair(played: Played) -> None:
    a_file("7,haravan:1,zendesk:2,maybe,2026-11-20", "8,haravan:1,zendesk:2,yes,2026-11-20")
    with pytest.raises(
        PageMalformed, match=r"more\.csv: 1 of 2 pairs answer neither yes nor no, as 7 \(maybe\)"
    ):
        pages(played)


def test_two_who_number_from_one_label_pairs_of_their_own(played: Played) -> None:
    a_file("1,haravan:1,zendesk:2,yes,2026-11-20")
    a_file("1,haravan:3,zendesk:4,no,2026-11-20", name="others.csv")
    (stream,) = sources.load("clerical").STREAMS
    records = [record for page in pages(played) for record in page.records]
    assert len({tuple(record[name] for name in stream.key) for record in records}) == len(records)


def test_a_file_that_breaks_off_or_lacks_a_column_is_refused(played: Played) -> None:
    path = a_file("7,haravan:1,zendesk:2,yes,2026-11-20")
    path.write_text(path.read_text()[:-4])
    with pytest.raises(PageMalformed, match=r"more\.csv ends in the middle .* have the labellers send"):
        pages(played)
    path.write_text("pair_no,one\n1,haravan:1\n")
    with pytest.raises(PageMalformed, match="lacks is_one_person, labelled_on, other"):
        pages(played)
