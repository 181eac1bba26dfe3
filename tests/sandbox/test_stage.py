"""The clock goes on, defects come and go, and the ledger counts what is there."""

import csv
import gzip
import json

import numpy as np
import orjson
import pytest
from python_calamine import CalamineWorkbook

from include.sandbox import defects
from include.sandbox.seasons import DAY
from include.sandbox.stage import PastTheEnd, Stage


def orders(stage: Stage) -> list[dict]:
    shelf = stage.shelf("haravan.orders")
    return json.loads(b"[" + shelf.json(shelf.rows()) + b"]")


def test_the_ledger_counts_what_is_shown(stage: Stage) -> None:
    counted, shown = stage.ledger(), orders(stage)
    assert counted["haravan"]["orders"] == {
        "count": len(shown),
        "total_price": sum(order["total_price"] for order in shown),
        "lines": sum(len(order["line_items"]) for order in shown),
        "refund_count": sum(len(order["refunds"]) for order in shown),
        "refunded": sum(
            item["subtotal"]
            for order in shown
            for refund in order["refunds"]
            for item in refund["refund_line_items"]
        ),
    }
    ratings = stage.shelf("zendesk.satisfaction_ratings")
    scores = [each["score"] for each in orjson.loads(b"[" + ratings.json(ratings.rows()) + b"]")]
    assert counted["zendesk"]["satisfaction_ratings"] == {
        "count": len(scores),
        "good": sum(score.startswith("good") for score in scores),
        "bad": sum(score.startswith("bad") for score in scores),
        "offered": scores.count("offered"),
    }


def test_a_day_more_brings_new_orders_and_changes_old_ones(stage: Stage) -> None:
    shelf, before = stage.shelf("haravan.orders"), stage.now
    known = shelf.updated_at > 0
    stage.advance(1)
    changed = shelf.updated_at > before
    assert (changed & ~known).any()
    assert (changed & known).any()
    assert shelf.updated_at.max() <= stage.now
    assert stage.now == before + DAY


def test_the_clock_stops_where_the_world_ends(stage: Stage) -> None:
    stage.advance(60)
    with pytest.raises(PastTheEnd, match="0 are left to play"):
        stage.advance(1)


@pytest.mark.parametrize("name", sorted(defects.RECORD_DEFECTS))
def test_a_defect_changes_recent_records_only_and_can_be_taken_out(stage: Stage, name: str) -> None:
    stream = next(iter(defects.RECORD_DEFECTS[name]))
    shelf = stage.shelf(stream)
    clean, before = shelf.json(shelf.rows()), shelf.updated_at.copy()
    stage.switch(name, True)
    touched = np.flatnonzero(shelf.updated_at != before)
    assert len(touched)
    assert (before[touched] > stage.now - 31 * DAY).all()
    assert (shelf.updated_at[touched] == stage.now).all()
    stage.switch(name, False)
    again = orjson.loads(b"[" + shelf.json(shelf.rows()) + b"]")
    for ours, theirs in zip(orjson.loads(b"[" + clean + b"]"), again, strict=True):
        assert {**ours, "updated_at": ""} == {**theirs, "updated_at": ""}


def test_hostile_text_is_sent_as_broken_writers_send_it(stage: Stage) -> None:
    stage.switch("hostile_text", True)
    shelf = stage.shelf("haravan.customers")
    body = shelf.json(shelf.rows())
    assert rb"\u0000" in body
    assert rb"\ud800" in body
    assert max(len(each["last_name"] or "") for each in json.loads(b"[" + body + b"]")) > 700_000


def test_a_day_without_orders_is_empty_everywhere(stage: Stage) -> None:
    stage.switch("day_without_orders", True)
    day = stage.hidden_day
    assert stage.now - 14 * DAY < day < stage.now
    shown = stage.shelf("haravan.orders")
    created = shown.created_at[shown.updated_at > 0]
    assert not ((created >= day) & (created < day + DAY)).any()
    with gzip.open(stage.home / "inbox" / "shop_counter" / "receipts.csv.gz", "rt") as file:
        assert len(list(csv.DictReader(file))) == stage.ledger()["files"]["orders"]["count"]


def test_what_was_served_is_not_taken_back_but_the_next_day_is_empty(stage: Stage) -> None:
    shelf = stage.shelf("haravan.orders")
    shelf.note(shelf.rows())
    there = shelf.updated_at > 0
    stage.switch("day_without_orders", True)
    assert ((shelf.updated_at > 0) == there).all()
    stage.advance(1)
    assert ((shelf.updated_at > 0) == there).all()
    stage.advance(1)
    assert ((shelf.updated_at > 0) & ~there).any()


def test_an_eleven_is_in_the_workbook_while_the_defect_is_in(stage: Stage) -> None:
    def scores() -> set[object]:
        path = str(stage.home / "inbox" / "shop_counter" / "nps_answers.xlsx")
        return {row[8] for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()}

    assert 11.0 not in scores()
    stage.switch("nps_of_11", True)
    assert 11.0 in scores()
    stage.switch("nps_of_11", False)
    assert 11.0 not in scores()


def test_orphan_lines_belong_to_no_receipt(stage: Stage) -> None:
    stage.switch("orphan_order_lines", True)
    folder = stage.home / "inbox" / "shop_counter"
    with gzip.open(folder / "receipts.csv.gz", "rt") as file:
        receipts = {row["receipt_no"] for row in csv.DictReader(file)}
    lines = [json.loads(line) for line in (folder / "receipt_lines.jsonl").read_text().splitlines()]
    assert {str(line["receipt_no"]) for line in lines} - receipts


def test_an_unknown_defect_is_refused(stage: Stage) -> None:
    with pytest.raises(KeyError, match="is no defect: choose one of"):
        stage.switch("rain", True)
