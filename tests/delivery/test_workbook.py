"""The workbook, read back: types, charts, the dictionary, and text that no spreadsheet runs."""

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from include.delivery import workbook
from include.delivery.sheets import LONGEST_TEXT, harmless

pytestmark = pytest.mark.server

SHEETS = ["Tóm tắt", "Doanh thu ngày", "Chỉ số", "Danh mục chỉ số", "Từ điển"]


@pytest.fixture(scope="module")
def path(company: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workbook.write_workbook(tmp_path_factory.mktemp("workbook"))


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return openpyxl.load_workbook(path)


def records(book: Workbook, sheet: str) -> list[dict[str, object]]:
    header, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_the_sheets_are_there_and_nothing_half_written_stays(path: Path, book: Workbook) -> None:
    assert book.sheetnames == SHEETS
    assert [each.name for each in path.parent.iterdir()] == [workbook.NAME]


def test_dates_are_dates_and_numbers_are_numbers(book: Workbook) -> None:
    october = [
        row
        for row in records(book, "Doanh thu ngày")
        if row["business_unit_code"] == "shop_online"
        and row["order_date"].date() >= date(2026, 10, 1)
        and row["order_date"].date() < date(2026, 11, 1)
    ]
    assert len(october) == 31
    assert sum(row["net_revenue"] for row in october) == 1_240_000_000
    cell = book["Doanh thu ngày"]["D2"]
    assert isinstance(cell.value, datetime)
    assert cell.number_format == "dd/mm/yyyy"


def test_a_value_has_the_format_of_its_unit_and_no_number_is_long(book: Workbook) -> None:
    header, *rows = book["Chỉ số"].iter_rows()
    places = {cell.value: index for index, cell in enumerate(header)}
    formats = {"share": "0.0%", "score": "0.0", "seconds": "#,##0", "VND": "#,##0", "persons": "#,##0.00"}
    assert {row[places["unit_code"]].value for row in rows} == formats.keys()
    for row in rows:
        for column in ("value", "ci_low", "ci_high"):
            cell = row[places[column]]
            assert cell.value is None or cell.number_format == formats[row[places["unit_code"]].value]
    numbers = [
        cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, float)
    ]
    assert numbers
    for cell in numbers:
        assert cell.number_format in ("0.0", "0.0%", "#,##0", "#,##0.00"), cell
        assert cell.value == round(cell.value, 6), cell


def test_a_sheet_can_be_filtered_and_keeps_its_header(book: Workbook) -> None:
    for name in SHEETS[1:]:
        assert book[name].freeze_panes == "A2"
        assert book[name].auto_filter.ref


def test_the_metrics_are_the_default_variants_by_month_and_quarter(book: Workbook) -> None:
    rows = records(book, "Chỉ số")
    assert {row["period_grain_code"] for row in rows} == {"month", "quarter"}
    assert {row["is_default"] for row in rows} == {1}
    april = [
        row["value"]
        for row in rows
        if (row["metric_code"], row["period_grain_code"]) == ("cx.nps", "month")
        and row["period_start"].date() == date(2026, 4, 1)
    ]
    assert april == [None]


def test_the_summary_has_native_charts_of_whole_months(book: Workbook) -> None:
    sheet = book["Tóm tắt"]
    assert len(sheet._charts) == 6
    months = [row[0] for row in sheet.iter_rows(values_only=True) if isinstance(row[0], datetime)]
    assert max(months) == datetime(2026, 10, 1)
    texts = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert any("Publication 2, 20/11/2026 04:35" in text for text in texts)
    assert any("199 đạt / passed; 1 notice" in text for text in texts)


def test_text_that_looks_like_a_formula_is_text(book: Workbook) -> None:
    formula = book["Danh mục chỉ số"]["I2"]
    assert formula.data_type == "s"
    assert formula.value == "'=numerator / nullif(denominator, 0)"
    for sheet in book:
        for row in sheet.iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("text", ["=1+1", "+84 90", "-1", "@here", "\tx", "\rx"])
def test_risky_text_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_harmless_text_stays_and_endless_text_ends() -> None:
    assert harmless("1 − 1") == "1 − 1"
    assert len(harmless("x" * 1_000_000)) == LONGEST_TEXT


def test_the_dictionary_lists_every_published_column_with_its_comment(book: Workbook) -> None:
    rows = records(book, "Từ điển")
    tables = {row["table_name"] for row in rows}
    assert {
        "mart_ecommerce_daily", "mart_metrics", "mart_customers", "mart_feedback",
        "metric_catalogue", "dim_business_unit", "data_publications", "data_quality",
    } <= tables  # fmt: skip
    revenue = next(row for row in rows if row["column_name"] == "net_revenue")
    assert revenue["column_description"] == "Gross less discounts and refunds."
    assert revenue["table_description"] == "One row per row of mart_ecommerce_daily."
    assert revenue["data_type"] == "numeric(18,2)"
    assert revenue["sheet_name"] == "Doanh thu ngày"


def test_customers_are_not_exported_and_the_dictionary_says_so(book: Workbook) -> None:
    rows = [row for row in records(book, "Từ điển") if row["table_name"] == "mart_customers"]
    assert {row["sheet_name"] for row in rows} == {workbook.PER_PERSON}


def test_a_warehouse_without_a_publication_gives_a_workbook(newborn: None, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(workbook.write_workbook(tmp_path))
    assert book["Doanh thu ngày"]["A1"].value == "Chưa có dữ liệu / No data yet"


def test_a_failure_leaves_the_file_of_the_last_time(
    company: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = tmp_path / workbook.NAME
    former.write_text("the file of the last time")

    def fail(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(workbook, "_write_dictionary", fail)
    with pytest.raises(RuntimeError, match="the disk is full"):
        workbook.write_workbook(tmp_path)
    assert former.read_text() == "the file of the last time"
    assert [each.name for each in tmp_path.iterdir()] == [workbook.NAME]
