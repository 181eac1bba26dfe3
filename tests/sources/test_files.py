"""An inbox is read whole, exactly, and only when it changed; a mistake is named with its place."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter

from include import handbook, settings, sources
from include.contracts import CONTRACTS
from include.sandbox.channels.files import SELECTS
from include.sandbox.live import Played
from include.sources import Page, SelectMistaken, Window, files

UNIT = "kiosk"
START = datetime(2024, 1, 1, tzinfo=UTC)
BUSINESS_UNIT = (
    "select 'Quầy' as name_vi, 'Kiosk' as name_en, 'ecommerce' as business_type_code, "
    "'revenue' as stage_code, 'VND' as currency, '{zone}' as time_zone"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "INBOX", tmp_path)
    (tmp_path / UNIT).mkdir()
    return tmp_path / UNIT


def pages(stream: str, cursor: str | None = None) -> list[Page]:
    return list(sources.pages("files", stream, Window(START, START, cursor)))


def pull(stream: str) -> list[dict]:
    return [dict(record) for page in pages(stream) for record in page.records]


def test_the_counters_inbox_is_what_the_ledger_says(played: Played) -> None:
    files.look_ahead(settings.INBOX)
    counted = played.stage.ledger()["files"]
    orders, lines, payments = (pull(name) for name in ("orders", "order_lines", "payments"))
    assert len(orders) == counted["orders"]["count"]
    assert sum(order["gross_amount"] for order in orders) == counted["orders"]["gross_amount"]
    assert sum(order["discount_amount"] for order in orders) == counted["orders"]["discount_amount"]
    assert len(lines) == counted["order_lines"]["count"]
    assert sum(line["quantity"] * line["unit_price"] for line in lines) == counted["orders"]["gross_amount"]
    assert len(payments) == counted["payments"]["count"]
    refunds = [payment["amount"] for payment in payments if payment["kind_code"] == "refund"]
    assert sum(refunds) == counted["payments"]["refunded"]
    assert len(pull("products")) == counted["products"]["count"]
    for name in ("business_units", "customers", "identifiers"):
        assert len(pull(name)) == counted[name]["count"]


def test_the_counters_answers_are_what_the_ledger_says(played: Played) -> None:
    counted, feedback = played.stage.ledger()["files"]["feedback"], pull("feedback")
    for kind in ("nps", "csat"):
        rows = [row for row in feedback if row["kind_code"] == kind]
        scores = [int(row["score"]) for row in rows if row["score"] is not None]
        assert len(rows) == counted[f"{kind}_invited"]
        assert {str(score): scores.count(score) for score in set(scores)} == counted[f"{kind}_answers"]
        assert all((row["score"] is None) == (row["answered_at"] is None) for row in rows)


def test_the_counters_people_are_known_by_their_profiles(played: Played) -> None:
    profiles = [row["profile_id"] for row in pull("customers")]
    assert len(profiles) == len(set(profiles))
    for contract in ("identifiers", "orders", "feedback"):
        named = {row["profile_id"] for row in pull(contract)} - {None}
        assert named <= set(profiles), contract


def test_no_row_of_the_counters_inbox_repeats_a_key(played: Played) -> None:
    for stream in (select.stem for select in SELECTS.glob("*.sql")):
        rows = pull(stream)
        assert rows, stream
        assert {row["_occurrence"] for row in rows} == {row["_copy"] for row in rows} == {1}, stream
        assert {row["business_unit_code"] for row in rows} == {"shop_counter"}


def test_what_did_not_change_is_not_read_again(played: Played) -> None:
    cursor = pages("orders")[-1].cursor
    assert pages("orders", cursor) == []
    played.stage.advance(1)
    assert pages("orders", cursor)[-1].scopes == ("shop_counter",)


def test_rows_that_repeat_a_key_are_numbered_and_so_are_exact_copies(folder: Path) -> None:
    (folder / "goods.csv").write_text("id,name\n1,a\n1,b\n1,b\n2,c\n")
    (folder / "products.sql").write_text("select id as product_id, name as product_name from 'goods.csv'")
    found = sorted(
        (r["product_id"], r["product_name"], r["_occurrence"], r["_copy"]) for r in pull("products")
    )
    assert found == [(1, "a", 1, 1), (1, "b", 2, 1), (1, "b", 3, 2), (2, "c", 1, 1)]


def test_a_select_that_finds_nothing_restates_its_unit_as_empty(folder: Path) -> None:
    (folder / "products.sql").write_text("select 1 as product_id where false")
    (page,) = pages("products")
    assert (page.records, page.scopes) == ((), (UNIT,))
    assert json.loads(page.cursor or "").keys() == {UNIT}


def test_only_the_unit_that_changed_is_read(folder: Path) -> None:
    other = folder.parent / "branch"
    other.mkdir()
    for each in (folder, other):
        (each / "products.sql").write_text("select 1 as product_id")
    cursor = pages("products")[-1].cursor
    (other / "products.sql").write_text("select 2 as product_id")
    again = pages("products", cursor)
    assert {page.scopes for page in again} == {("branch",)}
    assert json.loads(again[-1].cursor or "").keys() == {UNIT, "branch"}


def test_times_without_an_offset_are_the_units(folder: Path) -> None:
    (folder / "business_units.sql").write_text(BUSINESS_UNIT.format(zone="Asia/Tokyo"))
    (folder / "orders.sql").write_text(
        "select 1 as order_id, timestamp '2026-01-05 10:00:00' as ordered_at, "
        "'2026-01-05 10:00:00' as delivered_at, date '2026-01-05' as promised_at, "
        "timestamptz '2026-01-05 10:00:00+00' as cancelled_at"
    )
    (order,) = pull("orders")
    assert order["ordered_at"] == order["delivered_at"] == "2026-01-05T10:00:00+09:00"
    assert order["promised_at"] == "2026-01-05T00:00:00+09:00"
    assert order["cancelled_at"] == "2026-01-05T19:00:00+09:00"


def test_a_date_that_a_sheet_gives_a_time_is_a_date(folder: Path) -> None:
    (folder / "spend_days.sql").write_text(
        "select timestamp '2026-01-05 00:00:00' as spend_date, 'zalo_ads' as channel_code, "
        "'none' as campaign_id, 5 as amount"
    )
    (row,) = pull("spend_days")
    assert row["spend_date"] == "2026-01-05"


def test_values_become_json(folder: Path) -> None:
    (folder / "products.sql").write_text(
        "select 'x' as product_id, 1.50::decimal(10, 2) as half, 2.00::decimal(10, 2) as two, "
        "12345678901234567890.12::decimal(24, 2) as long, [1, 2] as list, {'a': 1.5} as struct, "
        "date '2026-01-05' as day, null as nothing, true as yes"
    )
    (row,) = pull("products")
    assert (row["half"], row["two"], row["long"]) == (1.5, 2, "12345678901234567890.12")
    assert (row["list"], row["struct"], row["day"]) == ([1, 2], {"a": 1.5}, "2026-01-05")
    assert (row["nothing"], row["yes"]) == (None, True)
    json.dumps(row, allow_nan=False)


def test_the_sheets_of_a_workbook_are_tables(folder: Path) -> None:
    with xlsxwriter.Workbook(str(folder / "answers.xlsx")) as workbook:
        dates = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        first, second = workbook.add_worksheet("A"), workbook.add_worksheet("Sheet2")
        first.write_row(0, 0, ["id", "phone", "said_at", "score"])
        first.write_row(1, 0, [1, "0901234567"])
        first.write_datetime(1, 2, datetime(2026, 1, 5, 10), dates)
        first.write(2, 0, 2)
        first.write(2, 3, 4.5)
        second.write_column(0, 0, ["id", 7])
    (folder / "feedback.sql").write_text(
        'select id as feedback_id, phone, said_at as answered_at, score from "answers.xlsx" '
        'union all by name select id as feedback_id from "answers.xlsx/Sheet2"'
    )
    rows = {row["feedback_id"]: row for row in pull("feedback")}
    assert rows.keys() == {1, 2, 7}
    assert (rows[1]["phone"], rows[1]["answered_at"]) == ("0901234567", "2026-01-05T10:00:00+07:00")
    assert rows[2]["score"] == 4.5


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select\n  1 as product_id,\n  nothing\nfrom range(3)", r"line 3: .*nothing"),
        ("select 1 as product_id\nfrom from x", r"line 2: .*syntax error"),
        ("select 1 as product_id\nfrom 'missing.csv'", r"line 2: .*missing.csv"),
        ("select 1 as product_id,\n  cast('x' as integer) as sku", r"line 2: .*Could not convert"),
        ("select 1 as sku", r"lacks product_id; it gives sku"),
        ("select 1 as product_id; drop table x", r"must be one SELECT"),
        ("drop table x", r"must be one SELECT"),
        ("copy (select 1) to 'out.csv'", r"must be one SELECT"),
        ("", r"must be one SELECT"),
        ("select 1 as product_id, 2 as \"Product_ID\"", r"gives a column twice"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_and_line(folder: Path, sql: str, said: str) -> None:
    (folder / "products.sql").write_text(sql)
    with pytest.raises(SelectMistaken, match=rf"(?s){UNIT}/products\.sql.*{said}"):
        pull("products")


def test_a_column_that_defines_the_row_must_be_there(folder: Path) -> None:
    (folder / "orders.sql").write_text("select 1 as order_id")
    with pytest.raises(SelectMistaken, match="lacks ordered_at"):
        pull("orders")


@pytest.mark.parametrize("column", ["phone", "Email"])
def test_a_phone_or_an_email_of_a_customer_is_sent_to_the_identifiers(folder: Path, column: str) -> None:
    (folder / "customers.sql").write_text(f"select 1 as profile_id, 'x' as {column}")
    with pytest.raises(SelectMistaken, match=rf"gives {column}, .*{UNIT}/identifiers\.sql.*identifier_type"):
        pull("customers")


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_handbooks_example_fills_its_contract(folder: Path, name: str) -> None:
    contract = CONTRACTS[name]
    columns = [*contract.key, *contract.needed, *contract.types]
    headers = dict.fromkeys(handbook.header(column) for column in columns)
    (folder / f"{name}.csv").write_text(",".join(headers) + "\n" + ",".join("1" for _ in headers) + "\n")
    (folder / f"{name}.sql").write_text(handbook.example(name, contract))
    (row,) = pull(name)
    assert set(columns) <= row.keys() and not {None, ""} & {row[column] for column in columns}


def test_an_unknown_contract_is_named_with_the_known_ones(folder: Path) -> None:
    (folder / "ordres.sql").write_text("select 1")
    with pytest.raises(SelectMistaken, match=rf"ordres\.sql.*{', '.join(CONTRACTS)}"):
        pull("orders")


def test_a_workbook_that_is_none_is_named(folder: Path) -> None:
    (folder / "answers.xlsx").write_text("<html>")
    (folder / "feedback.sql").write_text('from "answers.xlsx"')
    with pytest.raises(SelectMistaken, match=r"answers\.xlsx is no Excel workbook"):
        pull("feedback")


def test_an_unknown_zone_is_named(folder: Path) -> None:
    (folder / "business_units.sql").write_text(BUSINESS_UNIT.format(zone="Asia/Atlantis"))
    with pytest.raises(SelectMistaken, match="no time zone: 'Asia/Atlantis'"):
        pull("business_units")


def test_without_an_inbox_there_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "INBOX", tmp_path / "nowhere")
    assert pages("orders") == []
