"""The inbox: CSV, JSON, Parquet and Excel files, read by one SELECT per contract.

`<inbox>/<business unit>/<contract>.sql` is run by DuckDB over the files beside it; an Excel sheet
is a table named `"answers.xlsx"` or `"answers.xlsx/Sheet2"`. One record is one row of the answer,
named as the contract names it. A row's identity is the contract's key and, among rows that repeat
it, a number (`_occurrence`); exact repetitions are numbered too (`_copy`), so that none is lost.

A contract is read again when anything in its folder changed, and restates its business unit whole:
rows that are gone were deleted. Running it twice is safe, because what did not change is not read,
and what is read replaces what was there. A SELECT that is taken away leaves its rows as they are.

**Credential.** None: the demo takes INBOX=<folder>, production CX_INBOX, which must be readable.

**Scopes.** None.

**Limits.** None but the memory that DuckDB takes for a SELECT.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from include import settings
from include.contracts import CONTRACTS
from include.sources import Page, SelectMistaken, Window
from include.sources.files.reading import bind, read

STREAMS = tuple(contract.stream(name) for name, contract in CONTRACTS.items())


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield a contract's rows for every business unit whose folder changed since the cursor.

    Raises:
        SelectMistaken: a SELECT has an unknown name, a mistake, or lacks a column.
    """
    seen: dict[str, str] = json.loads(window.cursor) if window.cursor else {}
    for unit in _units(settings.INBOX):
        select = unit / f"{stream}.sql"
        if not select.is_file():
            continue
        fingerprint = _fingerprint(unit)
        if seen.get(unit.name) == fingerprint:
            continue
        for rows in read(select, CONTRACTS[stream]):
            yield Page(rows, scopes=(unit.name,))
        seen[unit.name] = fingerprint
        # also where the SELECT found nothing: then the unit is restated as empty
        yield Page((), json.dumps(seen, sort_keys=True), (unit.name,))


def look_ahead(inbox: Path) -> None:
    """Find the mistakes of an inbox's SELECTs that show before a row is read.

    Raises:
        SelectMistaken: there is one.
    """
    for unit in _units(inbox):
        bind(unit)


def _units(inbox: Path) -> list[Path]:
    """Return the folders of an inbox's business units.

    Raises:
        SelectMistaken: one holds a SELECT for a contract that does not exist.
    """
    if not inbox.is_dir():
        return []
    units = [path for path in inbox.iterdir() if path.is_dir() and path.name[0] != "."]
    for select in (select for unit in sorted(units) for select in sorted(unit.glob("*.sql"))):
        if select.stem not in CONTRACTS:
            raise SelectMistaken(
                f"{select} is named after no contract. Name it after one of {', '.join(CONTRACTS)}."
            )
    return sorted(units)


def _fingerprint(unit: Path) -> str:
    """Return what changes when a file of the folder does: names, sizes, times, the SQL itself."""
    digest = hashlib.sha256()
    for path in sorted(unit.rglob("*")):
        # files that are still being written, and those that Excel makes beside an open workbook
        if not path.is_file() or path.name.startswith((".", "~$")) or path.suffix == ".part":
            continue
        state = path.stat()
        digest.update(f"{path.relative_to(unit)}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
        if path.suffix == ".sql":
            digest.update(path.read_bytes())
    return digest.hexdigest()
