"""Hold a source at its published state, release it, and wait for those that are due."""

from datetime import UTC, datetime, timedelta

from include import settings, warehouse

FRESH = timedelta(hours=1)
"""A source that landed within this time before a build is due need not be waited for."""


def hold(source: str, reason: str) -> bool:
    """Keep a source at the landing of the published head while the others go on.

    Returns whether it is new: a source that is held already stays where it is, with its reason.
    """
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into ops.holds (source, acceptance_id, reason) select %s, coalesce(("
            "select acceptance_id from ops.batch_limits where source = %s and batch_id = "
            "(select batch_id from ops.head)), 0), %s on conflict (source) do nothing",
            (source, source, reason),
        )
        return cursor.rowcount > 0


def release(source: str) -> bool:
    """Let a source catch up with the next batch; return whether it was held."""
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        cursor.execute("delete from ops.holds where source = %s", (source,))
        return cursor.rowcount > 0


def have_landed(names: list[str] | None, due: datetime) -> bool:
    """Return whether the sources have landed within the hour before DUE, or the deadline has come.

    Without names, these are the sources that ever landed: a new one delays nobody. One that is held is
    never waited for.
    """
    if datetime.now(UTC) >= due + timedelta(minutes=settings.WAIT_MINUTES):
        return True
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select source, finished_at from ops.pulls")
        landed_at = dict(cursor.fetchall())
        cursor.execute("select source from ops.holds")
        held = {source for (source,) in cursor.fetchall()}
    wanted = (landed_at.keys() if names is None else set(names)) - held
    return all(name in landed_at and landed_at[name] >= due - FRESH for name in wanted)
