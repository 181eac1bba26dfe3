"""The tables of a source: where its records land, and where their accepted versions are kept."""

from psycopg2.extensions import cursor as Cursor
from psycopg2.sql import SQL, Identifier

from include import sources, warehouse
from include.sources import Stream


def prepare(source: str) -> None:
    """Make the landing and raw tables of a source; running it again changes nothing."""
    landing, raw = Identifier(f"landing_{source}"), Identifier(f"raw_{source}")
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('landing.prepare'))")
        cursor.execute(
            "create table if not exists quarantine.records (landing_id bigint not null, "
            "source text not null, stream text not null, ordinal bigint not null, record_key text, "
            "problem text not null, verbatim text not null, "
            "quarantined_at timestamptz not null default clock_timestamp(), "
            "primary key (landing_id, ordinal))"
        )
        for schema in (landing, raw):
            cursor.execute(SQL("create schema if not exists {}").format(schema))
            cursor.execute(SQL("grant usage on schema {} to cx_auditor, cx_transformer").format(schema))
        for stream in sources.load(source).STREAMS:
            _make_tables(cursor, landing, raw, stream)


def _make_tables(cursor: Cursor, landing: Identifier, raw: Identifier, stream: Stream) -> None:
    table = Identifier(stream.name)
    cursor.execute(
        SQL(
            "create table if not exists {}.{} (landing_id bigint not null, ordinal bigint not null, "
            "record_key text, parent_key text, scope text, version bigint, "
            "is_deleted boolean not null, record_hash uuid, payload jsonb, verbatim text, problem text)"
        ).format(landing, table)
    )
    cursor.execute(
        SQL(
            "create index if not exists {} on {}.{} using brin (landing_id) with (pages_per_range = 16)"
        ).format(Identifier(f"{stream.name}__landings"), landing, table)
    )
    cursor.execute(
        SQL(
            "create table if not exists {}.{} (record_key text not null, parent_key text, scope text, "
            "version bigint not null, acceptance_id bigint not null, landing_id bigint not null, "
            "ordinal bigint not null, is_deleted boolean not null, record_hash uuid, payload jsonb)"
        ).format(raw, table)
    )
    indexes = {
        "versions": "(record_key, version, acceptance_id, ordinal)",
        "accepted": "using brin (acceptance_id)",
    }
    if stream.parent:
        indexes["parents"] = "(parent_key)"
    for name, body in indexes.items():
        cursor.execute(
            SQL("create index if not exists {} on {}.{} ").format(
                Identifier(f"{stream.name}__{name}"), raw, table
            )
            + SQL(body)
        )
    cursor.execute(SQL("grant select on {}.{} to cx_auditor").format(landing, table))
    cursor.execute(SQL("grant select on {}.{} to cx_auditor, cx_transformer").format(raw, table))
