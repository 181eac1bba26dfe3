"""What is remembered of a stream beside its records: how far it was read, what it lost, what is not there."""

import logging
from collections.abc import Mapping
from datetime import datetime

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from include import alerts
from include.sources import Stream

log = logging.getLogger(__name__)


def know(connection: Connection, source: str, stream: Stream) -> None:
    """Have a row for a stream, with what its module declares today."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into ops.streams (source, stream, retention, is_optional) values (%s, %s, %s, %s) "
            "on conflict (source, stream) do update set retention = excluded.retention, "
            "is_optional = excluded.is_optional",
            (source, stream.name, stream.retention, stream.optional),
        )


def note_pull(cursor: Cursor, source: str, stream: Stream, read_to: datetime) -> None:
    """Note up to when a stream was read; one that was unavailable is there again."""
    cursor.execute(
        "update ops.streams set pulled_to = greatest(pulled_to, %s), unavailable_since = null, "
        "why_unavailable = null where source = %s and stream = %s",
        (read_to, source, stream.name),
    )


def note_unavailable(connection: Connection, source: str, stream: Stream, why: str) -> None:
    """Note that the account lacks a stream."""
    log.warning("%s.%s is skipped: %s", source, stream.name, why)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "update ops.streams set unavailable_since = coalesce(unavailable_since, clock_timestamp()), "
            "why_unavailable = %s where source = %s and stream = %s",
            (why, source, stream.name),
        )


def note_gap(connection: Connection, source: str, stream: Stream, read_to: datetime, now: datetime) -> None:
    """Note what the source has forgotten since it was last read, and tell it: it is lost."""
    if not stream.retention or now - stream.retention <= read_to:
        return
    kept_from = now - stream.retention
    why = f"{source} keeps its {stream.name} for {stream.retention.days} days and was not read for longer"
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into ops.losses (source, stream, field, lost_from, lost_to, why) "
            "values (%s, %s, '*', %s, %s, %s) "
            "on conflict (source, stream, field, lost_from) do update set lost_to = excluded.lost_to "
            "returning xmax = 0",
            (source, stream.name, read_to, kept_from, why),
        )
        is_new = cursor.fetchone()[0]
    if is_new:
        alerts.tell(
            f"{why}: what it held from {read_to.isoformat()} to {kept_from.isoformat()} is lost. "
            "Ask the vendor for an export of that time."
        )


def note_lost_fields(cursor: Cursor, source: str, stream: Stream, lost: Mapping[str, str]) -> None:
    """Note the fields that the source no longer gives, and those that it gives again."""
    for field, why in lost.items():
        cursor.execute(
            "insert into ops.losses (source, stream, field, why) values (%s, %s, %s, %s) "
            "on conflict (source, stream, field) where lost_to is null do update set why = excluded.why "
            "returning xmax = 0",
            (source, stream.name, field, why),
        )
        if cursor.fetchone()[0]:
            alerts.tell(
                f"{source}.{stream.name} no longer gives {field} ({why}). The rest is read as before; "
                "what depends on it is unknown from now on."
            )
    cursor.execute(
        "update ops.losses set lost_to = clock_timestamp() "
        "where source = %s and stream = %s and lost_to is null and field <> all(%s)",
        (source, stream.name, list(lost)),
    )
