"""The tills of the shops: a file of receipt lines per shop and day, with the day's control totals.

POS_FOLDER holds `<shop>/<day>.csv.gz`, times in Vietnam's clock, and beside each a
`<shop>/<day>.total.csv` with the receipts, lines and gross amount that the till itself counted. A
file that does not add up to its totals is still being written, or was cut off: it is not read in
half, and the run says which. A day is sent again whole when a till was offline, so a file replaces
its shop's day: what it lacks was deleted.

A receipt is one record, with its lines. Only files that changed since the last pull are read;
running a pull twice is safe, because a file replaces what it restates. Run against the sandbox only.

**Credential.** None: POS_FOLDER is where the till's export lies, and must be readable.

**Scopes.** None.

**Limits.** None but the disk's.
"""

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from include import settings
from include.sources import Page, PageMalformed, Record, Stream, Window

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
GOODS = ("line_no", "sku", "name", "qty", "unit_price", "discount", "tax")
AMOUNTS = ("lines[].qty", "lines[].unit_price", "lines[].discount", "lines[].tax")

STREAMS = (
    Stream(
        "receipts",
        key=("store_id", "terminal_id", "receipt_no"),
        scope="shop_day",
        types=dict.fromkeys(("sold_at", "returned_at"), "timestamptz")
        | dict.fromkeys(AMOUNTS, "numeric(18,4)"),
    ),
    Stream(
        "totals",
        key=("store_id", "business_date"),
        scope="shop_day",
        types={"business_date": "date", "gross": "numeric(18,4)"}
        | dict.fromkeys(("receipts", "lines"), "integer"),
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield the shops' days whose files changed since the cursor, or lie in a backfill's window.

    Raises:
        PageMalformed: a file breaks off, or does not add up to its totals.
    """
    seen: dict[str, str] = json.loads(window.cursor) if window.cursor else {}
    first, last = (each.astimezone(VIETNAM).date() for each in (window.start, window.end))
    for path in sorted(settings.source_folder("pos").glob("*/*.csv.gz")):
        store, day = path.parent.name, date.fromisoformat(path.name.removesuffix(".csv.gz"))
        mark = f"{path.stat().st_size} {path.stat().st_mtime_ns}"
        shop_day = f"{store}/{day}"
        if seen.get(shop_day) == mark or (not first <= day <= last and window.cursor is None):
            continue
        receipts, total = _receipts(path, shop_day), _total(path, shop_day)
        _compare(path, receipts, total)
        seen[shop_day] = mark
        yield Page(receipts if stream == "receipts" else [total], scopes=(shop_day,))
    # where nothing changed, no scope is named and so nothing is taken for deleted
    yield Page((), json.dumps(seen, sort_keys=True))


def _receipts(path: Path, shop_day: str) -> list[Record]:
    receipts: dict[tuple[str, str], dict] = {}
    for line in _rows(path):
        place = (line["terminal_id"], line["receipt_no"])
        receipt = receipts.setdefault(place, {"shop_day": shop_day, "lines": []} | _head(line))
        receipt["lines"].append({name: line[name] for name in GOODS})
    return list(receipts.values())


def _head(line: dict[str, str]) -> Record:
    """Return what a line says of its receipt."""
    return (
        {name: line[name] for name in ("store_id", "terminal_id", "receipt_no", "payment", "cashier_id")}
        | {name: line[name] or None for name in ("loyalty_card", "phone")}
        | {name: _instant(line[name]) for name in ("sold_at", "returned_at")}
    )


def _total(path: Path, shop_day: str) -> Record:
    beside = path.with_name(path.name.replace(".csv.gz", ".total.csv"))
    rows = list(_rows(beside))
    if len(rows) != 1:
        raise PageMalformed(f"{beside} holds {len(rows)} rows: one was promised.")
    return rows[0] | {"shop_day": shop_day}


def _compare(path: Path, receipts: list[Record], total: Record) -> None:
    lines = [line for receipt in receipts for line in receipt["lines"]]
    found = {"receipts": str(len(receipts)), "lines": str(len(lines))}
    promised = {name: total.get(name) for name in found}
    if found != promised:
        raise PageMalformed(
            f"{path} does not add up to its control totals: {found} of {promised}. It is still being "
            "written, or was cut off: have the till send the day again."
        )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise PageMalformed(f"{path} cannot be read to its end ({error}).") from error


def _instant(text: str) -> str | None:
    """Return a time of the till's clock with its offset; what is none is for the landing to judge."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text or None
    return at.replace(tzinfo=VIETNAM).astimezone(UTC).isoformat()
