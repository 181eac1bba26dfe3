"""How DuckDB answers a SELECT over the files beside it."""

import re
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
from duckdb import DuckDBPyConnection, DuckDBPyRelation
from python_calamine import CalamineError, CalamineWorkbook

from include.contracts import CONTRACTS, UNIT, Contract
from include.rows import HOME_ZONE, demand_columns, plain
from include.sources import SelectMistaken

BATCH = 5000
THREADS = 2
ANSWER = "_answer"


def read(select: Path, contract: Contract) -> Iterator[list[dict[str, object]]]:
    """Yield the rows of a SELECT as records, `BATCH` at a time.

    Raises:
        SelectMistaken: the SELECT has a mistake or lacks a column, or a file is not what it should be.
    """
    unit = select.parent
    zone = _zone(unit)
    with _open(unit) as connection:
        rows = _relation(connection, select)
        demand_columns(select, contract, rows.columns)
        names = ", ".join(f'"{name}"' for name in rows.columns)
        key = ", ".join(f'"{name}"' for name in contract.key) or "null"
        numbered = (
            f"select {names}, "
            f"row_number() over (partition by {key} order by {names}) as _occurrence, "
            f"row_number() over (partition by {names}) as _copy from {ANSWER}"
        )
        try:
            rows.create_view(ANSWER)
            answer = connection.execute(numbered)
            columns = [UNIT, *(column[0] for column in answer.description)]
            while batch := answer.fetchmany(BATCH):
                yield [
                    {name: plain(name, value, zone) for name, value in zip(columns, row, strict=True)}
                    for row in ((unit.name, *row) for row in batch)
                ]
        except duckdb.Error as error:
            raise _mistake(select, _as_written(connection, select, error)) from error


def bind(unit: Path) -> None:
    """Have DuckDB look up what a folder's SELECTs name, without reading the rows.

    Raises:
        SelectMistaken: a SELECT has a mistake or lacks a column, or a workbook or a zone is none.
    """
    _zone(unit)
    with _open(unit) as connection:
        for select in sorted(unit.glob("*.sql")):
            demand_columns(select, CONTRACTS[select.stem], _relation(connection, select).columns)


def _open(unit: Path) -> DuckDBPyConnection:
    """Return a database in memory that reads a folder's files by name, Excel sheets as tables."""
    connection = duckdb.connect()
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute(f"set threads = {THREADS}")
    connection.execute("set file_search_path = '{}'".format(str(unit).replace("'", "''")))
    sql = "".join(path.read_text("utf-8", "replace") for path in unit.glob("*.sql"))
    for path in sorted(unit.glob("*.xlsx")):
        if path.name in sql:
            _add_sheets(connection, path)
    return connection


def _add_sheets(connection: DuckDBPyConnection, path: Path) -> None:
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheets = {name: workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names}
    except CalamineError as error:
        raise SelectMistaken(f"{path} is no Excel workbook: {error}") from error
    for number, (name, rows) in enumerate(sheets.items()):
        header = [str(title).strip() or f"column_{i}" for i, title in enumerate(rows[0] if rows else ())]
        cells = zip(*rows[1:], strict=True) if len(rows) > 1 else [() for _ in header]
        table = {title: _column(values) for title, values in zip(header, cells, strict=True)}
        if not table:
            continue
        connection.register(f"{path.name}/{name}", table)
        if number == 0:
            connection.register(path.name, table)


def _column(cells: tuple[object, ...]) -> np.ndarray:
    """Return a sheet's column; Excel knows no whole numbers, so a column of them becomes that."""
    values = [None if cell == "" else cell for cell in cells]
    numbers = [value for value in values if isinstance(value, float)]
    if numbers and all(number.is_integer() for number in numbers):
        values = [int(value) if isinstance(value, float) else value for value in values]
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _relation(connection: DuckDBPyConnection, select: Path) -> DuckDBPyRelation:
    try:
        sql = select.read_text("utf-8")
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise SelectMistaken(f"{select} must be one SELECT and nothing else.")
        return connection.sql(statements[0].query.rstrip().rstrip(";"))
    except UnicodeDecodeError as error:
        raise SelectMistaken(f"{select} is not written in UTF-8: {error}") from error
    except duckdb.Error as error:
        raise _mistake(select, error) from error


def _as_written(connection: DuckDBPyConnection, select: Path, error: duckdb.Error) -> duckdb.Error:
    """Return the error of the SELECT itself: only there does the number of a line mean anything."""
    try:
        connection.execute(select.read_text("utf-8")).fetchall()
    except duckdb.Error as own:
        return own
    return error


def _mistake(select: Path, error: duckdb.Error) -> SelectMistaken:
    """Return what DuckDB said, with the line: the one it names, else the first with its word."""
    said = str(error)
    line = re.search(r"LINE (\d+):", said)
    number = int(line.group(1)) if line else 1
    word = re.search(r'"([^"]+)"|name (\S+) does not', said)
    if not line and word:
        wanted = next(filter(None, word.groups()))
        lines = select.read_text("utf-8").splitlines()
        number = next((i for i, text in enumerate(lines, 1) if wanted in text), 1)
    return SelectMistaken(f"{select}, line {number}: {said.splitlines()[0]}")


def _zone(unit: Path) -> tzinfo:
    """Return the zone that the unit's business_units.sql names, else Vietnam's.

    Raises:
        SelectMistaken: there is no such zone.
    """
    select = unit / "business_units.sql"
    name = HOME_ZONE
    if select.is_file():
        with _open(unit) as connection:
            rows = _relation(connection, select)
            if "time_zone" in rows.columns:
                try:
                    found = rows.project("time_zone").limit(1).fetchall()
                except duckdb.Error as error:
                    raise _mistake(select, error) from error
                name = found[0][0] if found and found[0][0] else HOME_ZONE
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError) as error:
        raise SelectMistaken(f"{select} names no time zone: {name!r}") from error
