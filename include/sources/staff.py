"""The staff: who works in which team, the shifts of each week, and what the staff survey was answered.

STAFF_FOLDER holds what the HR system exports each night, in UTF-8, whole:

- `employees.csv`: employee_id, full_name, team_id, role, place, hired_on, left_on
- `teams.csv`: team_id, name, business_unit (its code)
- `schedules/<Monday>.csv`: employee_id, team_id, work_date, starts, ends, place, channel (what is served),
  hourly_cost; times by the wall clock of Vietnam, as 22:00, and an end that is not after the start is on the
  next day
- `survey/<year>-Q<quarter>.csv`: answer_no, team_id, question, score, comment, answered_on; nobody's name
- `manifest.csv`: file, rows; written last

A file replaces what it restates: an employee, or a shift that was moved, who is missing was deleted. That
is why a file has to have as many rows as the manifest says; one that has not is still being written, or
was cut off, and nothing is read in half. A week is published before it begins and changes until it is
over. Records carry the business unit of their team, and an employee's its name, so that a team that is
renamed changes them. Nobody signs the survey: an answer is its team's, which is internal, so that no figure
of customers takes it for its own.

Only files that changed since the last pull are read; running a pull twice is safe, because a file replaces
what it restates. Run against the sandbox only.

**Credential.** None: STAFF_FOLDER is where the HR system's export lies, and must be readable.

**Scopes.** None.

**Limits.** None but the disk's.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from include import exports, settings
from include.sources import Page, PageMalformed, Stream, Window

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = timedelta(days=1)
AHEAD = timedelta(days=60)
"""How long before it begins a week may be published."""
TEAMS = "teams.csv"
FILES = {
    "teams": (TEAMS, ("team_id", "name", "business_unit")),
    "employees": (
        "employees.csv",
        ("employee_id", "full_name", "team_id", "role", "place", "hired_on", "left_on"),
    ),
    "shifts": (
        "schedules/*.csv",
        ("employee_id", "team_id", "work_date", "starts", "ends", "place", "channel", "hourly_cost"),
    ),
    "survey_answers": (
        "survey/*.csv",
        ("answer_no", "team_id", "question", "score", "comment", "answered_on"),
    ),
}
"""Of each stream its files and the columns that they must have."""

HR = "HR system"
"""Who sends the files."""
STREAMS = (
    Stream("teams", key=("team_id",), scope="file"),
    Stream("employees", key=("employee_id",), scope="file", types={"hired_on": "date", "left_on": "date"}),
    Stream(
        "shifts",
        key=("employee_id", "work_date", "starts"),
        scope="file",
        types=dict.fromkeys(("starts_at", "ends_at"), "timestamptz")
        | {"work_date": "date", "hourly_cost": "numeric(18,4)"},
    ),
    Stream(
        "survey_answers",
        key=("file", "answer_no", "question"),
        scope="file",
        types={"score": "integer", "answered_at": "timestamptz"},
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield the files of a stream that changed since the cursor, or lie in a backfill's window.

    Raises:
        PageMalformed: a file lacks rows or columns, or names a team that is none.
    """
    folder = settings.source_folder("staff")
    seen: dict[str, str] = json.loads(window.cursor) if window.cursor else {}
    counted = exports.rows(folder / "manifest.csv", ("file", "rows"), HR, is_counted=True)
    rows_of = {row["file"]: row["rows"] for row in counted}
    teams = {row["team_id"]: row for row in _whole(folder, folder / TEAMS, FILES["teams"][1], rows_of)}
    pattern, columns = FILES[stream]
    for path in sorted(folder.glob(pattern)):
        name = str(path.relative_to(folder).with_suffix(""))
        # a team that is renamed, or moves to another unit, changes what refers to it
        mark = " ".join(_mark(each) for each in dict.fromkeys((path, folder / TEAMS)))
        if seen.get(name) == mark or (window.cursor is None and not _lies_in(path, window)):
            continue
        rows = _whole(folder, path, columns, rows_of)
        seen[name] = mark
        yield Page([_record(stream, row, path, teams) | {"file": name} for row in rows], scopes=(name,))
    # where nothing changed, no scope is named and so nothing is taken for deleted
    yield Page((), json.dumps(seen, sort_keys=True))


def _lies_in(path: Path, window: Window) -> bool:
    """Return whether a file is of a time in a window; what is of no time is as it is now."""
    year, _, quarter = path.stem.partition("-Q")
    try:
        begins = date(int(year), 3 * int(quarter) - 2, 1) if quarter else date.fromisoformat(path.stem)
    except ValueError:
        return True
    ends = begins + (92 if quarter else 7) * DAY
    first, last = (each.astimezone(VIETNAM).date() for each in (window.start, window.end))
    return begins <= last + AHEAD and ends > first


def _mark(path: Path) -> str:
    return f"{path.stat().st_size} {path.stat().st_mtime_ns}"


def _whole(
    folder: Path, path: Path, columns: tuple[str, ...], rows_of: dict[str, str]
) -> list[dict[str, str]]:
    """Return a file's rows, as many as the manifest promises."""
    rows = exports.rows(path, columns, HR, is_counted=True)
    promised = rows_of.get(str(path.relative_to(folder)))
    if str(len(rows)) != promised:
        raise PageMalformed(
            f"{path} has {len(rows)} rows, and the manifest says {promised}. It is still being written, or "
            "was cut off: run the task again when the export is done."
        )
    return rows


def _record(stream: str, row: dict[str, str], path: Path, teams: dict[str, dict[str, str]]) -> dict:
    """Return a row with what follows from it and from its team."""
    if row["team_id"] and row["team_id"] not in teams:
        raise PageMalformed(f"{path} names the team {row['team_id']}, which {TEAMS} does not have.")
    team = teams.get(row["team_id"], {})
    record: dict[str, object] = {name: value or None for name, value in row.items() if name}
    record["business_unit"] = team.get("business_unit")
    if stream == "employees":
        record["team_name"] = team.get("name")
    if stream == "shifts":
        starts, ends = (_instant(row["work_date"], row[name]) for name in ("starts", "ends"))
        if isinstance(starts, datetime) and isinstance(ends, datetime) and ends <= starts:
            ends += DAY
        record |= {"starts_at": _text(starts), "ends_at": _text(ends)}
    if stream == "survey_answers":
        record["answered_at"] = _text(_instant(row["answered_on"], "00:00"))
    return record


def _instant(day: str, time: str) -> datetime | str:
    """Return a time of Vietnam's wall clock; what is none is for the landing to judge."""
    try:
        return datetime.combine(date.fromisoformat(day), datetime.strptime(time, "%H:%M").time(), VIETNAM)
    except (TypeError, ValueError):
        return f"{day} {time}"


def _text(at: datetime | str) -> str:
    return at.astimezone(UTC).isoformat() if isinstance(at, datetime) else at
