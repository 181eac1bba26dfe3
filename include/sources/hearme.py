"""The kiosks that ask at the counter how it was: a file of taps per device and day.

HEARME_FOLDER holds `<device>/<day>.csv`: device_id, store_id, employee_id where somebody signed on,
question_id, score from 1 to 5, answered_at by the wall clock of Vietnam, lang. Nobody says who they
are: no tap leads to a customer. A day is sent again whole when a kiosk was offline, so a file replaces
its device's day: what it lacks was deleted. A file whose last line does not end was cut off, or is
still being written: it is not read in half, and the run says which.

A finger taps twice: a tap within three seconds of the one before it, on the same device and question,
is kept as it came and marked `is_repeat`, and does not count. What marks it lies in the same file, so
that a file that comes again decides anew.

Only files that changed since the last pull are read; running a pull twice is safe, because a file
replaces what it restates. Run against the sandbox only.

**Credential.** None: HEARME_FOLDER is where the kiosks' files lie, and must be readable.

**Scopes.** None.

**Limits.** None but the disk's.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from include import exports, settings
from include.sources import Page, PageMalformed, Record, Stream, Window

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
HEADER = ("device_id", "store_id", "employee_id", "question_id", "score", "answered_at", "lang")
DOUBLE_TAP = timedelta(seconds=3)

STREAMS = (
    Stream(
        "answers",
        # two taps in one second are told apart by their order
        key=("device_id", "question_id", "answered_at", "tap_no"),
        scope="device_day",
        types={"answered_at": "timestamptz", "score": "integer", "is_repeat": "boolean"},
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield the devices' days whose files changed since the cursor, or lie in a backfill's window.

    Raises:
        PageMalformed: a file breaks off, lacks a column, has no day for a name, or holds another
            device's taps.
    """
    seen: dict[str, str] = json.loads(window.cursor) if window.cursor else {}
    first, last = (each.astimezone(VIETNAM).date() for each in (window.start, window.end))
    for path in sorted(settings.source_folder("hearme").glob("*/*.csv")):
        device, day = path.parent.name, _day(path)
        mark = f"{path.stat().st_size} {path.stat().st_mtime_ns}"
        device_day = f"{device}/{day}"
        if seen.get(device_day) == mark or (not first <= day <= last and window.cursor is None):
            continue
        taps = list(_taps(_rows(path, device), device_day))
        seen[device_day] = mark
        yield Page(taps, scopes=(device_day,))
    # where nothing changed, no scope is named and so nothing is taken for deleted
    yield Page((), json.dumps(seen, sort_keys=True))


def _day(path: Path) -> date:
    try:
        return date.fromisoformat(path.stem)
    except ValueError as error:
        raise PageMalformed(f"{path} is no day's file: its name is to be such as 2026-11-20.csv.") from error


def _rows(path: Path, device: str) -> list[dict[str, str]]:
    rows = exports.rows(path, HEADER, "kiosk")
    if others := {row["device_id"] for row in rows} - {device}:
        raise PageMalformed(f"{path} holds taps of {', '.join(map(str, others))}: move them to their folder.")
    return rows


def _taps(rows: list[dict[str, str]], device_day: str) -> Iterator[Record]:
    """Yield a day's taps in their order, numbered within a second, and marked where they repeat."""
    before: dict[str, datetime] = {}
    numbers: Counter[tuple[str, str]] = Counter()
    for row in sorted(rows, key=lambda row: str(row["answered_at"])):
        question, at = row["question_id"], _instant(row["answered_at"])
        is_repeat = bool(at and question in before and at - before[question] <= DOUBLE_TAP)
        if at:
            before[question] = at
        numbers[question, row["answered_at"]] += 1
        # a column that the kiosk has learnt since is kept, too
        yield {name: value or None for name, value in row.items() if name} | {
            "device_day": device_day,
            # a time that is none is for the landing to judge
            "answered_at": at.isoformat() if at else row["answered_at"] or None,
            "tap_no": numbers[question, row["answered_at"]],
            "is_repeat": is_repeat,
        }


def _instant(text: str | None) -> datetime | None:
    """Return a time of the kiosk's clock in UTC, None where it is none."""
    try:
        return datetime.fromisoformat(text or "").replace(tzinfo=VIETNAM).astimezone(UTC)
    except ValueError:
        return None
