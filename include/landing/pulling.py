"""Land: copy a source's records, as they are, and move the cursor in the same transaction."""

from collections.abc import Iterator
from datetime import datetime

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.sql import SQL, Identifier

from include import settings, sources
from include.landing import memory
from include.landing.lines import COLUMNS, CopyFile
from include.landing.waiting import alone
from include.sources import Stream, StreamUnavailable, Window


def land(source: str, now: datetime, backfill: tuple[datetime, datetime] | None = None) -> int:
    """Pull every stream of a source up to NOW and return the number of records that landed.

    A pull starts at the stream's cursor less its overlap, or less what the source restates.
    `backfill` is a window of its own that leaves the cursor where it is. A stream's longer windows
    are cut into slices; each commits with its cursor, so that a pull of years resumes where it
    stopped. A stream that the account may lack, and does, is noted and skipped.

    Raises:
        SourceBusy: another task is at this source.
        SourceError: the source could not be read; what was committed before stays.
    """
    landed = 0
    with alone(source) as connection:
        for stream in sources.load(source).STREAMS:
            memory.know(connection, source, stream)
            try:
                for window in due_windows(connection, source, stream, now, backfill):
                    landed += _land_window(connection, source, stream, window, backfill is not None)
            except StreamUnavailable as error:
                if not stream.optional:
                    raise
                memory.note_unavailable(connection, source, stream, str(error))
    return landed


def due_windows(
    connection: Connection,
    source: str,
    stream: Stream,
    now: datetime,
    backfill: tuple[datetime, datetime] | None = None,
) -> Iterator[Window]:
    """Yield what a pull up to NOW reads of a stream, in slices that each commit."""
    if backfill:
        start, end, cursor_text = *backfill, None
    else:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "select window_to, cursor from ops.cursors where source = %s and stream = %s",
                (source, stream.name),
            )
            at, cursor_text = cursor.fetchone() or (None, None)
        start = datetime.fromisoformat(settings.HISTORY_START)
        if at:
            memory.note_gap(connection, source, stream, at, now)
            start = at - max(stream.overlap, stream.restated)
        end = now
    step = stream.longest_window
    while step and end - start > step:
        yield Window(start, start + step, cursor_text)
        start += step
    yield Window(start, end, cursor_text)


def _land_window(
    connection: Connection, source: str, stream: Stream, window: Window, is_backfill: bool
) -> int:
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into ops.landings (source, stream, state, window_from, window_to, is_backfill) "
            "values (%s, %s, 'landed', %s, %s, %s) returning landing_id",
            (source, stream.name, window.start, window.end, is_backfill),
        )
        landing_id = cursor.fetchone()[0]
        file = CopyFile(stream, landing_id, sources.pages(source, stream.name, window))
        copy = SQL("copy {}.{} ({}) from stdin").format(
            Identifier(f"landing_{source}"), Identifier(stream.name), SQL(COLUMNS)
        )
        try:
            cursor.copy_expert(copy.as_string(connection), file, size=1 << 18)
        except psycopg2.Error:
            # psycopg2 hides what went wrong inside read() behind an error of its own
            if file.failure:
                raise file.failure from None
            raise
        cursor.execute(
            "update ops.landings as l set record_count = %s, scopes = %s, cursor_after = %s, "
            "window_before = c.window_to, cursor_before = c.cursor from (select) as one "
            "left join ops.cursors as c on c.source = %s and c.stream = %s where l.landing_id = %s",
            (file.count, list(file.scopes), file.cursor, source, stream.name, landing_id),
        )
        if not is_backfill:
            cursor.execute(
                "insert into ops.cursors as c (source, stream, window_to, cursor, landing_id) "
                "values (%s, %s, %s, %s, %s) on conflict (source, stream) do update set "
                "window_to = greatest(c.window_to, excluded.window_to), "
                "cursor = coalesce(excluded.cursor, c.cursor), landing_id = excluded.landing_id",
                (source, stream.name, window.end, file.cursor, landing_id),
            )
            memory.note_pull(cursor, source, stream, window.end)
        if file.page_count:
            memory.note_lost_fields(cursor, source, stream, file.lost)
    return file.count


def backfill_window(
    run_type: str, start: datetime | None, end: datetime | None
) -> tuple[datetime, datetime] | None:
    """Return the window of a backfill run; None for any other run, which follows its cursor."""
    return (start, end) if run_type == "backfill" and start and end else None
