"""Accept what landed into `raw_<source>`, or refuse it whole."""

from contextlib import suppress

from psycopg2.errors import LockNotAvailable
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.sql import SQL, Identifier

from include import sources, warehouse
from include.landing import drift
from include.landing.waiting import BUSY_AFTER, Landing, alone, landed
from include.sources import Stream

MANY = 100_000
"""So many rows are not deleted one by one: autovacuum would clean up for long, beside the build."""


def confirm(source: str, waiting: dict[str, list[Landing]]) -> None:
    """Note that these landings, and no others, passed their check."""
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update ops.landings set state = 'checked' where state = 'landed' and landing_id = any(%s)",
            (_ids(waiting),),
        )


def _ids(waiting: dict[str, list[Landing]]) -> list[int]:
    return [each.landing_id for landings in waiting.values() for each in landings]


def accept(source: str) -> dict[str, int]:
    """Accept what was checked, whole: a build sees all streams of a pull or none.

    Returns:
        The number of added versions by stream.

    Raises:
        SourceBusy: another task is at this source.
    """
    added: dict[str, int] = {}
    with alone(source) as connection:
        checked = landed(source, "checked")
        with connection, connection.cursor() as cursor:
            for name, landings in checked.items():
                stream = sources.stream(source, name)
                _count(cursor, source, stream)
                for landing in landings:
                    added[name] = added.get(name, 0) + _accept_one(cursor, source, stream, landing)
                drift.remember(cursor, source, stream, landings)
                if not _is_much(landings):
                    _delete(cursor, source, name, landings)
            # a backfill is no news of today: a build that waits for the source goes on waiting
            cursor.execute(
                "insert into ops.pulls (source) select distinct source from ops.landings "
                "where landing_id = any(%s) and not is_backfill "
                "on conflict (source) do update set finished_at = clock_timestamp()",
                (_ids(checked),),
            )
        for name, landings in checked.items():
            if _is_much(landings):
                _truncate(connection, source, name, landings)
    return added


def _count(cursor: Cursor, source: str, stream: Stream) -> None:
    """Tell the planner what landed: a table that is filled and emptied has the numbers of another pull.

    Where it believed that a full table was empty, accepting 50,000 records took minutes. And where a
    first pull landed in slices, each is looked for in its own pages, not in those of all.
    """
    cursor.execute(
        SQL("analyze {} (landing_id, record_key, version, ordinal, problem)").format(
            Identifier(f"landing_{source}", stream.name)
        )
    )
    index = Identifier(f"landing_{source}", f"{stream.name}__landings").as_string(cursor)
    cursor.execute("select brin_summarize_new_values(%s)", (index,))


def _is_much(landings: list[Landing]) -> bool:
    return sum(each.record_count for each in landings) >= MANY


def _delete(cursor: Cursor, source: str, name: str, landings: list[Landing]) -> None:
    """Remove what was accepted, and what was refused before it."""
    table, last = Identifier(f"landing_{source}", name), max(each.landing_id for each in landings)
    cursor.execute(SQL("delete from {} where landing_id <= %s").format(table), (last,))


def _truncate(connection: Connection, source: str, name: str, landings: list[Landing]) -> None:
    """Remove the same at once, unless something younger lies there or somebody goes on reading the table.

    In a transaction of its own: to a dump that began before it the table is empty, and what was accepted
    must not wait there to be accepted. Where the process dies before it, the next acceptance removes it.
    """
    table, last = Identifier(f"landing_{source}", name), max(each.landing_id for each in landings)
    is_empty = False
    with suppress(LockNotAvailable), connection, connection.cursor() as cursor:
        cursor.execute("set local lock_timeout = %s", (BUSY_AFTER,))
        cursor.execute(SQL("lock table {} in access exclusive mode").format(table))
        cursor.execute(SQL("select exists (select from {} where landing_id > %s)").format(table), (last,))
        if not cursor.fetchone()[0]:
            cursor.execute(SQL("truncate {}").format(table))
            is_empty = True
    if not is_empty:
        with connection, connection.cursor() as cursor:
            _delete(cursor, source, name, landings)


def _accept_one(cursor: Cursor, source: str, stream: Stream, landing: Landing) -> int:
    names = {
        "landing": SQL("{}.{}").format(Identifier(f"landing_{source}"), Identifier(stream.name)),
        "raw": SQL("{}.{}").format(Identifier(f"raw_{source}"), Identifier(stream.name)),
    }
    values = {"landing_id": landing.landing_id, "source": source, "stream": stream.name}
    cursor.execute("select nextval('ops.acceptance')")
    values["acceptance"] = cursor.fetchone()[0]
    cursor.execute(
        SQL(
            "insert into quarantine.records (landing_id, source, stream, ordinal, record_key, problem, "
            "verbatim) select landing_id, %(source)s, %(stream)s, ordinal, record_key, problem, "
            "coalesce(verbatim, payload::text) from {landing} "
            "where landing_id = %(landing_id)s and problem is not null"
        ).format(**names),
        values,
    )
    quarantined = cursor.rowcount
    cursor.execute(SQL(ADD_VERSIONS).format(**names), values)
    added = cursor.rowcount
    cursor.execute(SQL(_ADD_DELETIONS).format(**names), values)
    deleted = cursor.rowcount
    cursor.execute(
        "update ops.landings set state = 'accepted', settled_at = clock_timestamp(), "
        "acceptance_id = %s, quarantined_count = %s, added_count = %s, "
        "unchanged_count = record_count - %s, deleted_count = %s where landing_id = %s",
        (
            values["acceptance"],
            quarantined,
            added,
            quarantined + added,
            deleted,
            landing.landing_id,
        ),
    )
    return added


# A record is added when it differs from the version before it, in the order of the source's own
# version: within this landing, else in raw. Only keys and hashes are sorted. What is stale is sought,
# not what is fresh: the payloads then come in one pass over the landing.
ADD_VERSIONS = """
with candidate as (
    select
        l.ctid as place, l.record_key, l.version, l.ordinal, l.is_deleted, l.record_hash,
        row_number() over same as repetition,
        lag(l.record_hash) over versions as before_hash,
        lag(l.is_deleted) over versions as before_deleted
    from {landing} as l
    where l.landing_id = %(landing_id)s and l.problem is null
    window
        versions as (partition by l.record_key order by l.version, l.ordinal),
        same as (partition by l.record_key, l.version, l.record_hash, l.is_deleted order by l.ordinal)
),
stale as (
    -- distinct tells the planner that it may hash these, and need not hash the payloads
    select distinct c.place
    from candidate as c
    left join lateral (
        select r.record_hash, r.is_deleted, r.version
        from {raw} as r
        where r.record_key = c.record_key and r.version <= c.version
        order by r.version desc, r.acceptance_id desc, r.ordinal desc
        limit 1
    ) as before on c.before_hash is null
    where c.repetition > 1
        or (c.record_hash, c.is_deleted) is not distinct from (
            coalesce(c.before_hash, before.record_hash), coalesce(c.before_deleted, before.is_deleted)
        )
        -- raw may have this very version below another one
        or ((c.before_hash is not null or before.version = c.version) and exists (
            select from {raw} as r
            where r.record_key = c.record_key and r.version = c.version
                and r.record_hash = c.record_hash and r.is_deleted = c.is_deleted
        ))
)
insert into {raw} (
    record_key, parent_key, scope, version, acceptance_id, landing_id, ordinal, is_deleted,
    record_hash, payload
)
select
    l.record_key, l.parent_key, l.scope, l.version, %(acceptance)s, l.landing_id, l.ordinal,
    l.is_deleted, l.record_hash, l.payload
from {landing} as l
where l.landing_id = %(landing_id)s and l.problem is null
    and not exists (select from stale as s where s.place = l.ctid)
"""

# A restated scope is replaced whole: a key that the landing lacks there was deleted at the source.
# A record whose key could not be read may be any of them, so then none is taken for deleted.
_ADD_DELETIONS = """
insert into {raw} (
    record_key, parent_key, scope, version, acceptance_id, landing_id, ordinal, is_deleted
)
select
    c.record_key, c.parent_key, c.scope,
    (extract(epoch from o.landed_at) * 1000000)::bigint, %(acceptance)s, o.landing_id, 0, true
from ops.landings as o
cross join lateral (
    select distinct on (r.record_key) r.record_key, r.parent_key, r.scope, r.is_deleted
    from {raw} as r
    where r.scope = any(o.scopes)
    order by r.record_key, r.version desc, r.acceptance_id desc, r.ordinal desc
) as c
where o.landing_id = %(landing_id)s
    and not c.is_deleted
    and not exists (
        select from {landing} as l
        where l.landing_id = o.landing_id and l.record_key = c.record_key
    )
    -- asked apart: one condition with `or` would look through the landing for every key
    and not exists (
        select from {landing} as l where l.landing_id = o.landing_id and l.record_key is null
    )
"""


def reject(source: str, waiting: dict[str, list[Landing]], why: str) -> None:
    """Refuse landings: nothing of them is accepted, and the next pull starts where theirs did.

    One that another task has confirmed or accepted since stays so, and its stream's cursor with it.
    The rows refused stay in `landing_<source>` to be looked at until the next landing is accepted.
    """
    with alone(source) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "update ops.landings set state = 'rejected', settled_at = clock_timestamp(), why = %s "
            "where state = 'landed' and landing_id = any(%s) returning landing_id",
            (why, _ids(waiting)),
        )
        rejected = [landing_id for (landing_id,) in cursor.fetchall()]
        cursor.execute(
            "select distinct on (stream) stream, window_before, cursor_before from ops.landings "
            "where landing_id = any(%s) and not is_backfill order by stream, landing_id",
            (rejected,),
        )
        for name, window_before, cursor_before in cursor.fetchall():
            if window_before is None:
                cursor.execute("delete from ops.cursors where source = %s and stream = %s", (source, name))
            else:
                cursor.execute(
                    "update ops.cursors set window_to = %s, cursor = %s where source = %s and stream = %s",
                    (window_before, cursor_before, source, name),
                )
