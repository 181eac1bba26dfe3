"""A published table as a sheet: a frozen, filterable header, real dates and numbers, harmless text.

Excel runs what looks like a formula, so text is written as text, and gets an apostrophe in front
where a later save as CSV would bring the formula back. The database keeps the value as it was.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from include.delivery.figures import BLUE, MUTED
from include.delivery.numerals import WITHOUT_DECIMALS

RISKY = ("=", "+", "-", "@", "\t", "\r")
LONGEST_TEXT = 32_767
"""Excel's limit for a cell; what is longer ends in an ellipsis instead of being dropped."""
MOST_ROWS = 1_048_575
MONEY = ("_amount", "revenue")
UNIT = "unit_code"
IN_UNIT = ("value", "standard_error", "ci_low", "ci_high")
"""Columns that are in the unit which `UNIT` names in each row."""
WIDTHS = (("_at_local", 17), ("_date", 12), ("_start", 12), ("_end", 12), ("definition", 60),
          ("description", 60), ("formula", 40), ("comment", 60), ("name", 28))  # fmt: skip


class Styles(NamedTuple):
    """The cell formats of a workbook; Excel shows separators as the reader's own system does."""

    title: Format
    header: Format
    heading: Format
    """A header over numbers."""
    note: Format
    date: Format
    moment: Format
    count: Format
    money: Format
    month: Format
    ratio: Format
    score: Format
    share: Format


def styles(book: Workbook) -> Styles:
    """Make the formats that all sheets share."""
    header = {"bold": True, "bg_color": BLUE, "font_color": "#FFFFFF", "valign": "top"}
    return Styles(
        title=book.add_format({"bold": True, "font_size": 16}),
        header=book.add_format(header),
        heading=book.add_format(header | {"align": "right"}),
        note=book.add_format({"font_color": MUTED}),
        date=book.add_format({"num_format": "dd/mm/yyyy", "align": "left"}),
        moment=book.add_format({"num_format": "dd/mm/yyyy hh:mm", "align": "left"}),
        count=book.add_format({"num_format": "#,##0"}),
        money=book.add_format({"num_format": "#,##0.00"}),
        month=book.add_format({"num_format": "mm/yyyy", "align": "left"}),
        ratio=book.add_format({"num_format": "#,##0.00"}),
        score=book.add_format({"num_format": "0.0"}),
        share=book.add_format({"num_format": "0.0%"}),
    )


def harmless(text: str) -> str:
    """Return TEXT with an apostrophe before what a spreadsheet would take for a formula."""
    guarded = f"'{text}" if text.startswith(RISKY) else text
    return guarded if len(guarded) <= LONGEST_TEXT else guarded[: LONGEST_TEXT - 1] + "…"


def write_cell(
    sheet: Worksheet,
    row: int,
    column: int,
    value: object,
    looks: Styles,
    style: Format | None = None,
) -> None:
    """Write VALUE in its own type; None leaves the cell empty, which is not zero."""
    match value:
        case None:
            return
        case datetime():
            sheet.write_datetime(row, column, value, style or looks.moment)
        case date():
            sheet.write_datetime(row, column, datetime(*value.timetuple()[:3]), style or looks.date)
        case Decimal() | float():
            whole = looks.count if value == int(value) else looks.ratio
            sheet.write_number(row, column, float(value), style or whole)
        case int():
            sheet.write_number(row, column, value, style or looks.count)
        case _:
            sheet.write_string(row, column, harmless(str(value)), style)


def money_style(amount: object, looks: Styles) -> Format | None:
    """Return the format of an amount: VND has no decimals, and a dangling point is no decimal."""
    if not isinstance(amount, Decimal | float):
        return None
    return looks.count if amount == int(amount) else looks.money


def unit_style(unit: str, looks: Styles) -> Format:
    """Return the format of a metric's value in UNIT; what is no known unit is a currency or a mean."""
    match unit:
        case "share":
            return looks.share
        case "score":
            return looks.score
        case "seconds":
            return looks.count
    return looks.count if unit in WITHOUT_DECIMALS else looks.money


def write_table(
    sheet: Worksheet, columns: Sequence[str], rows: Iterable[Sequence[object]], looks: Styles
) -> int:
    """Write a header and ROWS from the top of SHEET, one after the other; return their number.

    Raises:
        ValueError: there are more rows than a sheet holds.
    """
    money = [any(word in column for word in MONEY) for column in columns]
    unit = columns.index(UNIT) if UNIT in columns else None
    in_unit = [unit is not None and column in IN_UNIT for column in columns]
    # a whole column's width is known beforehand only: rows leave the memory as they are written
    for index, column in enumerate(columns):
        width = next((width for word, width in WIDTHS if word in column), max(11, len(column) + 4))
        sheet.set_column(index, index, width)
    for index, column in enumerate(columns):
        sheet.write_string(0, index, column, looks.header)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    count = 0
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            raise ValueError(f"{sheet.get_name()}: a sheet holds {MOST_ROWS:,} rows at most")
        for index, value in enumerate(row):
            style = money_style(value, looks) if money[index] else None
            if in_unit[index]:
                style = unit_style(str(row[unit]), looks)
            write_cell(sheet, count, index, value, looks, style)
    if columns:
        sheet.autofilter(0, 0, count, len(columns) - 1)
    else:
        sheet.write_string(0, 0, "Chưa có dữ liệu / No data yet", looks.note)
    return count
