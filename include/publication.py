"""Publish an audited batch to readers in one transaction, or go back to an earlier publication.

The procedures are in `database/publication.sql`. Here is what goes around them: which tables are
published (dbt's manifest says), their shape in `pub_store` and `published`, and the calls. A shape
changes between publications, in a transaction of its own, for a batch that may be published only:
columns are added without asking; a column that goes or changes its type breaks readers and needs
`reshape` by a person.
"""

import hashlib
import logging
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

import orjson
import psycopg2
from psycopg2.extensions import cursor as Cursor
from psycopg2.sql import SQL, Identifier

from include import settings, warehouse

log = logging.getLogger(__name__)

HIDDEN_COLUMNS = (
    "batch_id", "identifier_key", "seller_identifier_key", "invitee_identifier_key", "anonymous_id",
    "hourly_cost",
)  # fmt: skip
"""A source's own key of a profile is a phone number in some files; a cookie and a wage are of one person."""
UNSHOWN_KEYS = ("consent_id", "message_event_id", "record_id", "interaction_id", "event_id")
"""Ids by which rows are kept and that views leave out: some vendor makes them from the hash of an e-mail
address, which is found by trying."""
HIDDEN_TYPES = ("timestamp with time zone", "jsonb")
"""BI clients drop the offset of a timestamptz silently; the local time stands beside it."""
LOCK_ATTEMPTS = 20
USAGE = "usage: python -m include.publication reshape TABLE | roll-back PUBLICATION | release"
HELD, GONE = "CX001", "CX002"
"""The error codes of `database/publication.sql`."""


class PublicationHeld(Exception):
    """Publications are on hold since a roll-back, and a person must release them first."""


class NotPublished(Exception):
    """There is no such publication to go back to; the message says which is shown."""


class NothingDone(Exception):
    """What a person asked for on the command line changed nothing; the message says why."""


class ShapeChanged(Exception):
    """A published table would lose or retype a column; the message says which, and what to do."""


@dataclass(frozen=True)
class Published:
    """A table that readers see."""

    name: str
    room: str
    primary_key: tuple[str, ...]
    audience: str
    description: str
    columns: dict[str, str]
    """Name to description."""
    indexes: tuple[tuple[str, ...], ...] = ()
    """By which columns readers find rows, beside the key."""


def tables() -> list[Published]:
    """Return the tables to publish: every mart, and whatever carries `published` in its yml."""
    manifest = orjson.loads((settings.HOME / "dbt" / "target" / "manifest.json").read_bytes())
    chosen = []
    for node in manifest["nodes"].values():
        meta = node.get("config", {}).get("meta", {})
        mark = meta.get("published")
        if node["resource_type"] == "model" and mark:
            chosen.append(
                Published(
                    node["name"],
                    node["schema"],
                    tuple(node["config"]["unique_key"]),
                    "care" if mark == "care" else "published",
                    node["description"],
                    {name: column["description"] for name, column in node["columns"].items()},
                    tuple(map(tuple, meta.get("found_by", ()))),
                )
            )
    return sorted(chosen, key=lambda table: table.name)


def publish(batch_id: int) -> dict[str, int]:
    """Publish an audited batch; return changed rows by table. Calling it again changes nothing.

    Raises:
        ShapeChanged: a table would lose or retype a column.
        PublicationHeld: somebody rolled back and has not released it yet.
        psycopg2.Error: the batch is not audited, or was overtaken; the message says which.
    """
    if _ask("select ops.may_publish(%s)", batch_id):
        shape()
        _ask("call ops.publish(%s)", batch_id)
    with warehouse.transaction("cx_publisher") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select table_name, changed_count from ops.publication_tables "
            "where publication_id = (select publication_id from ops.head) order by table_name"
        )
        return dict(cursor.fetchall())


def _ask(statement: str, batch_id: int) -> bool:
    """Run a function or a procedure of the publication on a batch; return what a function answers.

    Raises:
        PublicationHeld: publications are on hold.
        psycopg2.Error: it was refused for another reason.
    """
    with warehouse.transaction("cx_publisher") as connection, connection.cursor() as cursor:
        try:
            cursor.execute(statement, (batch_id,))
        except psycopg2.Error as error:
            if error.pgcode == HELD:
                raise PublicationHeld(
                    f"{error.diag.message_primary}: `python -m include.publication release`."
                ) from error
            raise
        return bool(cursor.description) and cursor.fetchone()[0]


def shape(breaking: tuple[str, ...] = ()) -> list[str]:
    """Bring the shape of published tables in line with the rooms; return what was changed.

    `breaking` names the tables that may lose or retype columns.

    Raises:
        ShapeChanged: another table would.
    """
    done: list[str] = []
    with warehouse.connection("cx_publisher") as connection:
        for table in tables():
            with connection, connection.cursor() as cursor:
                done += _shape(cursor, table, table.name in breaking)
    return done


def _shape(cursor: Cursor, table: Published, may_break: bool) -> list[str]:
    wanted, present = (
        _columns(cursor, table.room, table),
        _columns(cursor, "pub_store", table),
    )
    _guard(cursor, table)
    if not present:
        changes = _create(cursor, table, wanted)
    elif wanted != present:
        changes = _alter(cursor, table, wanted, present, may_break)
    else:
        changes = []
    changes += _close(cursor, table, wanted)
    if changes:
        _describe(cursor, table, wanted)
    return changes + _index(cursor, table)


def _index(cursor: Cursor, table: Published) -> list[str]:
    """Make the indexes that a table lacks; return what was made."""
    made = []
    for columns in table.indexes:
        told = ", ".join(columns)
        name = f"{table.name}__{hashlib.sha256(told.encode()).hexdigest()[:8]}"
        cursor.execute("select to_regclass(format('pub_store.%%I', %s::text)) is null", (name,))
        if cursor.fetchone()[0]:
            cursor.execute(
                SQL("create index {} on pub_store.{} ({})").format(
                    Identifier(name), Identifier(table.name), SQL(", ").join(map(Identifier, columns))
                )
            )
            made.append(f"{table.name} is found by {told}")
    return made


def _columns(cursor: Cursor, schema: str, table: Published) -> dict[str, str]:
    """Return the columns of a table that readers see, with their types, in order."""
    cursor.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text)) and attnum > 0 "
        "and not attisdropped and attname <> all(%s) order by attname",
        (schema, table.name, list(HIDDEN_COLUMNS)),
    )
    found = {name: kind for name, kind in cursor.fetchall() if kind not in HIDDEN_TYPES}
    order = {name: place for place, name in enumerate(table.columns)}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))


def _guard(cursor: Cursor, table: Published) -> None:
    """Follow a table to another room; take it from readers who may no longer see it.

    Raises:
        ShapeChanged: its key changed, by which rows are merged.
    """
    cursor.execute(
        "select room, primary_key, audience from ops.publish_tables where table_name = %s", (table.name,)
    )
    for room, key, audience in cursor.fetchall():
        if tuple(key) != table.primary_key:
            raise ShapeChanged(
                f"{table.name} is keyed by {', '.join(table.primary_key)} and was by {', '.join(key)}: "
                "give it another name, for rows of the two keys cannot be merged."
            )
        if audience != table.audience:
            cursor.execute(SQL("drop view {}.{}").format(Identifier(audience), Identifier(table.name)))
        if (room, audience) != (table.room, table.audience):
            cursor.execute(
                "update ops.publish_tables set room = %s, audience = %s where table_name = %s",
                (table.room, table.audience, table.name),
            )
        if audience != table.audience:
            columns = _columns(cursor, "pub_store", table)
            _show(cursor, table, columns)
            _describe(cursor, table, columns)


def _create(cursor: Cursor, table: Published, wanted: dict[str, str]) -> list[str]:
    columns = SQL(", ").join(
        SQL("{} {}").format(Identifier(name), SQL(kind)) for name, kind in wanted.items()
    )
    name = Identifier(table.name)
    key = SQL(", ").join(map(Identifier, table.primary_key))
    cursor.execute(
        SQL(
            "create table pub_store.{} ({}, primary key ({})) with "
            "(fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, vacuum_truncate = off)"
        ).format(name, columns, key)
    )
    cursor.execute(
        SQL("create table undo.{} (publication_id bigint not null, existed boolean not null, {})").format(
            name, columns
        )
    )
    cursor.execute(SQL("create index on undo.{} (publication_id)").format(name))
    cursor.execute(
        "insert into ops.publish_tables values (%s, %s, %s, %s)",
        (table.name, table.room, list(table.primary_key), table.audience),
    )
    _show(cursor, table, wanted)
    return [f"{table.name} is new"]


def _show(cursor: Cursor, table: Published, columns: dict[str, str]) -> None:
    """Make the view that readers hold: the columns as they are, no expression."""
    view = SQL("{}.{}").format(Identifier(table.audience), Identifier(table.name))
    cursor.execute(
        SQL("create or replace view {} as select {} from pub_store.{}").format(
            view, SQL(", ").join(map(Identifier, _open(columns))), Identifier(table.name)
        )
    )
    reader = "cx_care" if table.audience == "care" else "cx_reader"
    cursor.execute(SQL("grant select on {} to {}").format(view, Identifier(reader)))


def _open(columns: Iterable[str]) -> list[str]:
    """Return the columns that readers may see."""
    return [name for name in columns if name not in UNSHOWN_KEYS]


def _alter(
    cursor: Cursor,
    table: Published,
    wanted: dict[str, str],
    present: dict[str, str],
    breaking: bool,
) -> list[str]:
    lost = [name for name in present if wanted.get(name) != present[name]]
    if lost and not breaking:
        raise ShapeChanged(
            f"{table.name} would lose or retype {', '.join(lost)}, which readers use: note it in "
            f"CHANGELOG.md, then run `python -m include.publication reshape {table.name}`."
        )
    _wait_for_lock(cursor, table)
    if lost:
        cursor.execute(SQL("drop view {}.{}").format(Identifier(table.audience), Identifier(table.name)))
    changes = []
    for name in (*lost, *(name for name in wanted if name not in present)):
        for schema in ("pub_store", "undo"):
            place = SQL("alter table {}.{} ").format(Identifier(schema), Identifier(table.name))
            column, kind = Identifier(name), SQL(wanted.get(name, ""))
            if name not in present:
                change = SQL("add column {} {}").format(column, kind)
            elif name not in wanted:
                change = SQL("drop column {}").format(column)
            else:
                change = SQL("alter column {0} type {1} using {0}::{1}").format(column, kind)
            cursor.execute(place + change)
        changes.append(f"{table.name}.{name}: {present.get(name, 'new')} -> {wanted.get(name, 'gone')}")
    # what readers hold keeps its order: a view takes new columns at its end only
    shown = [] if lost else _shown(cursor, table)
    _show(cursor, table, {name: wanted[name] for name in dict.fromkeys((*shown, *wanted))})
    return changes


def _close(cursor: Cursor, table: Published, columns: dict[str, str]) -> list[str]:
    """Take from readers what a view of before showed and no longer may; return what was done."""
    unshown = set(columns).intersection(UNSHOWN_KEYS)
    if not unshown or not unshown.intersection(_shown(cursor, table)):
        return []
    _wait_for_lock(cursor, table)
    cursor.execute(SQL("drop view {}.{}").format(Identifier(table.audience), Identifier(table.name)))
    _show(cursor, table, columns)
    return [f"{table.name} is shown without {', '.join(sorted(unshown))}"]


def _shown(cursor: Cursor, table: Published) -> list[str]:
    """Return the columns of the view that readers hold, in its order."""
    cursor.execute(
        "select attname from pg_attribute where attrelid = format('%%I.%%I', %s::text, %s::text)::regclass "
        "and attnum > 0 and not attisdropped order by attnum",
        (table.audience, table.name),
    )
    return [name for (name,) in cursor.fetchall()]


def _wait_for_lock(cursor: Cursor, table: Published) -> None:
    """Take the table between two readers; never make readers queue behind a waiting lock."""
    cursor.execute("set local lock_timeout = '200ms'")
    statement = SQL("lock table {}.{}, pub_store.{} in access exclusive mode").format(
        Identifier(table.audience), *[Identifier(table.name)] * 2
    )
    for attempt in range(1, LOCK_ATTEMPTS + 1):
        cursor.execute("savepoint before_lock")
        try:
            cursor.execute(statement)
        except psycopg2.errors.LockNotAvailable:
            cursor.execute("rollback to savepoint before_lock")
            if attempt == LOCK_ATTEMPTS:
                raise
            time.sleep(0.2 * attempt)
        else:
            return


def _describe(cursor: Cursor, table: Published, columns: dict[str, str]) -> None:
    """Put the descriptions of the yml where Metabase and any SQL client shows them."""
    view = SQL("{}.{}").format(Identifier(table.audience), Identifier(table.name))
    cursor.execute(SQL("comment on view {} is %s").format(view), (table.description,))
    for name in _open(columns):
        cursor.execute(
            SQL("comment on column {}.{} is %s").format(view, Identifier(name)),
            (table.columns.get(name, ""),),
        )


def roll_back(publication_id: int) -> bool:
    """Go back to an earlier publication, one of the last seven; what came after is on hold.

    Returns whether anything changed: not where this publication is the one that is shown.

    Raises:
        NotPublished: there is no such publication, or it is too far back.
    """
    with warehouse.transaction("cx_publisher") as connection, connection.cursor() as cursor:
        cursor.execute("select publication_id from ops.head")
        before = cursor.fetchone()
        try:
            cursor.execute("call ops.roll_back(%s)", (publication_id,))
        except psycopg2.Error as error:
            if error.pgcode == GONE:
                raise NotPublished(f"{error.diag.message_primary}.") from error
            raise
        return before != (publication_id,)


def release() -> bool:
    """Allow publications again after a roll-back; return whether they were on hold."""
    with warehouse.transaction("cx_publisher") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update ops.publication_holds set released_at = clock_timestamp() where released_at is null"
        )
        return cursor.rowcount > 0


def main(arguments: list[str]) -> str:
    """Run `reshape TABLE`, `roll-back PUBLICATION` or `release`; return what was done.

    Raises:
        NothingDone: there was nothing to do it to; the message says why.
        NotPublished: there is no such publication.
        ShapeChanged: another table than this one would lose or retype columns.
    """
    match arguments:
        case ["reshape", name]:
            try:
                known = [table.name for table in tables()]
            except FileNotFoundError:
                raise NothingDone(f"no table {name} is published: nothing is built yet.") from None
            if name not in known:
                raise NothingDone(f"no table {name} is published: {', '.join(known)}.")
            return "; ".join(shape((name,))) or f"{name} has its shape already."
        case ["roll-back", number] if number.isdecimal():
            if not roll_back(int(number)):
                raise NothingDone(f"publication {number} is the one that is shown: nothing was rolled back.")
            return f"publication {number} is shown; publishing is on hold until `release`."
        case ["release"]:
            if not release():
                raise NothingDone("publications are not on hold: there is nothing to release.")
            return "publications go on with the next batch."
    raise NothingDone(USAGE)


if __name__ == "__main__":
    try:
        sys.stdout.write(main(sys.argv[1:]) + "\n")
    except (
        NothingDone, NotPublished, ShapeChanged, settings.SettingMissing, psycopg2.OperationalError
    ) as error:  # fmt: skip
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
