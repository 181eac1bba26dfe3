"""Try a source without taking anything: is it reachable, what would land, what would be refused.

`check_source` reads each stream up to its first record; `dry_run` reads what the next pull would. Both
copy into the landing tables within a transaction that is rolled back, so that PostgreSQL itself says what it
thinks of keys, types and text, and nothing stays. `replay` reads a day again for good.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.sql import SQL, Identifier

from include import settings, sources
from include.landing.accepting import ADD_VERSIONS
from include.landing.lines import COLUMNS, CopyFile
from include.landing.pulling import due_windows
from include.landing.types import mark_misfits
from include.landing.waiting import alone
from include.sources import Page, SourceError, Stream, StreamUnavailable, Window

HOME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TRIED = timedelta(days=30)
NOTHING = -1
"""The number of a landing that never was."""


@dataclass(frozen=True)
class Tried:
    """What one stream would land."""

    stream: str
    record_count: int
    added_count: int
    problems: tuple[str, ...] = ()
    """Each reason once, with how many records it keeps out."""
    refusal: str = ""
    """Why the stream could not be read, "" where it could."""

    def __str__(self) -> str:
        """Return a line for a person."""
        if self.refusal:
            return f"  {self.stream}: cannot be read: {self.refusal}"
        told = f"  {self.stream}: {self.record_count} records, {self.added_count} new or changed"
        return "\n".join([told, *(f"    kept out: {problem}" for problem in self.problems)])


def check_source(source: str, now: datetime) -> list[Tried]:
    """Read the last thirty days of each stream, up to the first page with a record."""
    with alone(source) as connection:
        return [
            _try(connection, source, stream, _first(_pages(source, stream, [window])))
            for stream in sources.load(source).STREAMS
            for window in (Window(now - min(TRIED, stream.longest_window or TRIED), now),)
        ]


def dry_run(source: str, now: datetime) -> list[Tried]:
    """Read what the next pull would read."""
    found = []
    with alone(source) as connection:
        for stream in sources.load(source).STREAMS:
            windows = list(due_windows(connection, source, stream, now))
            found.append(_try(connection, source, stream, _pages(source, stream, windows)))
    return found


def day_window(day: date) -> tuple[datetime, datetime]:
    """Return a day of the company's calendar as a window."""
    start = datetime.combine(day, time(), HOME_ZONE)
    return start, start + timedelta(days=1)


def days_to_replay(now: datetime) -> tuple[date, date]:
    """Return the first and the last day of the company's calendar that can be read again."""
    first = datetime.fromisoformat(settings.HISTORY_START).astimezone(HOME_ZONE).date()
    return first, now.astimezone(HOME_ZONE).date() - timedelta(days=1)


def _first(pages: Iterator[Page]) -> Iterator[Page]:
    """Yield pages up to the first with a record: what says only how far it reaches has asked nobody."""
    for page in pages:
        yield page
        if page.records:
            return


def _pages(source: str, stream: Stream, windows: list[Window]) -> Iterator[Page]:
    for window in windows:
        yield from sources.pages(source, stream.name, window)


def _try(connection: Connection, source: str, stream: Stream, pages: Iterator[Page]) -> Tried:
    names = {
        "landing": SQL("{}.{}").format(Identifier(f"landing_{source}"), Identifier(stream.name)),
        "raw": SQL("{}.{}").format(Identifier(f"raw_{source}"), Identifier(stream.name)),
    }
    file = CopyFile(stream, NOTHING, pages)
    try:
        with connection.cursor() as cursor:
            copy = SQL("copy {landing} ({}) from stdin").format(SQL(COLUMNS), **names)
            try:
                cursor.copy_expert(copy.as_string(connection), file, size=1 << 18)
            except psycopg2.Error:
                if file.failure:
                    raise file.failure from None
                raise
            mark_misfits(cursor, source, stream, [NOTHING])
            cursor.execute(
                SQL(
                    "select problem, count(*) from {landing} where landing_id = %s and problem is not null "
                    "group by problem order by count(*) desc, problem limit 10"
                ).format(**names),
                (NOTHING,),
            )
            problems = tuple(f"{count} × {problem}" for problem, count in cursor.fetchall())
            cursor.execute(SQL(ADD_VERSIONS).format(**names), {"landing_id": NOTHING, "acceptance": NOTHING})
            return Tried(stream.name, file.count, cursor.rowcount, problems)
    except StreamUnavailable as error:
        return Tried(stream.name, 0, 0, refusal=f"this account has no such stream ({error})")
    except (SourceError, settings.SettingMissing) as error:
        return Tried(stream.name, 0, 0, refusal=str(error))
    finally:
        connection.rollback()
