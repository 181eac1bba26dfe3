"""What has landed and waits, and the lock that lets one task at a time work on a source."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg2.errors import LockNotAvailable
from psycopg2.extensions import connection as Connection

from include import warehouse

BUSY_AFTER = "5s"
"""A task that failed or was killed may leave its backend, and with it the lock, alive for a moment."""


class SourceBusy(Exception):
    """Another task is landing or accepting the same source."""


@dataclass(frozen=True)
class Landing:
    """One committed pull of one stream, not yet accepted."""

    landing_id: int
    stream: str
    record_count: int


@contextmanager
def alone(source: str) -> Iterator[Connection]:
    """Yield a loader's connection while no other task lands or accepts this source.

    Raises:
        SourceBusy: another task does.
    """
    with warehouse.connection("cx_loader") as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = %s", (BUSY_AFTER,))
            try:
                cursor.execute("select pg_advisory_lock(hashtext('landing'), hashtext(%s))", (source,))
            except LockNotAvailable:
                raise SourceBusy(f"{source} is being landed by another task: wait for it to end.") from None
        yield connection


def landed(source: str, state: str = "landed") -> dict[str, list[Landing]]:
    """Return the landings of a source that wait to be checked, or (`checked`) to be accepted, by stream."""
    waiting: dict[str, list[Landing]] = {}
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select landing_id, stream, record_count from ops.landings "
            "where source = %s and state = %s order by landing_id",
            (source, state),
        )
        for row in cursor.fetchall():
            waiting.setdefault(row[1], []).append(Landing(*row))
    return waiting
