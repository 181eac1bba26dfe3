"""The workbook: the marts that people open in Excel, with a summary, charts and a dictionary.

One publication in one file. `mart_customers` stays in the warehouse: a row per person belongs where
access to it is granted and an erasure reaches it, and a file that was sent on is neither.
"""

from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from include.delivery.outgoing import replaced
from include.delivery.reading import read
from include.delivery.sheets import Styles, styles, write_table
from include.delivery.snapshot import SCHEMA, Snapshot, snapshot
from include.delivery.summary import write_summary

NAME = "cx_warehouse.xlsx"
SHEETS = {
    "Doanh thu ngày": ("mart_ecommerce_daily", "order by business_unit_code, order_date"),
    "Chỉ số": (
        "mart_metrics",
        "where is_default = 1 and period_grain_code in ('month', 'quarter') "
        "order by business_unit_code, metric_code, period_grain_code, period_start, "
        "segment_type_code, segment_code",
    ),
    "Danh mục chỉ số": ("metric_catalogue", "order by metric_code, variant_code"),
}
NOT_EXPORTED = "Không xuất: chỉ đọc trong kho / Not exported: read it in the warehouse"
PER_PERSON = "Không xuất: mỗi dòng là một khách hàng / Not exported: one row per customer"
DICTIONARY = "Từ điển"
DICTIONARY_COLUMNS = (
    "table_name",
    "table_description",
    "column_name",
    "data_type",
    "column_description",
    "sheet_name",
)


def write_workbook(folder: Path) -> Path:
    """Write the workbook of the publication that readers see now to FOLDER; return its path.

    Raises:
        SettingMissing: the password of `cx_reader` is nowhere to be found.
        psycopg2.Error: the warehouse does not answer, or a published table lacks a column.
        ValueError: a table has more rows than a sheet holds.
    """
    path = folder / NAME
    with replaced(path) as unfinished, snapshot() as published:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with Workbook(unfinished, options) as book:
            looks = styles(book)
            write_summary(book, book.add_worksheet("Tóm tắt"), read(published), looks)
            for name, (table, order) in SHEETS.items():
                columns, rows = published.stream(f"{published.select_all(table)} {order}", table)
                write_table(book.add_worksheet(name), columns, rows, looks)
            _write_dictionary(book.add_worksheet(DICTIONARY), published, looks)
    return path


def _write_dictionary(sheet: Worksheet, published: Snapshot, looks: Styles) -> None:
    """Write one row per published column, with the comments that dbt keeps in the database."""
    exported = {table: name for name, (table, _) in SHEETS.items()}
    rows = published.rows(
        "select c.relname as table_name, obj_description(c.oid, 'pg_class') as about_table, "
        "a.attname as column_name, format_type(a.atttypid, a.atttypmod) as data_type, "
        "col_description(c.oid, a.attnum) as about_column "
        "from pg_class as c join pg_attribute as a on a.attrelid = c.oid "
        "where c.relnamespace = %s::regnamespace and c.relname = any (%s) and a.attnum > 0 "
        "and not a.attisdropped order by c.relname, a.attnum",
        parameters=(SCHEMA, sorted(published.tables)),
    )
    entries = (
        (
            row.table_name, row.about_table, row.column_name, row.data_type, row.about_column,
            PER_PERSON if row.table_name == "mart_customers"
            else exported.get(row.table_name, NOT_EXPORTED),
        )
        for row in rows
    )  # fmt: skip
    write_table(sheet, DICTIONARY_COLUMNS, entries, looks)
