"""Whether landed values are of the types that staging casts them to, asked of PostgreSQL itself."""

from psycopg2.extensions import cursor as Cursor
from psycopg2.sql import SQL, Identifier, Literal

from include import warehouse
from include.landing.waiting import Landing
from include.sources import Stream

SPECIAL_INPUT = r"\m(nan|inf(inity)?|now|today|tomorrow|yesterday|epoch|allballs)\M"
"""Words that PostgreSQL reads as a number or a time although no source means them so."""


def check_types(source: str, stream: Stream, landings: list[Landing]) -> int:
    """Mark the landed records whose values are not of the declared types; return how many."""
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        return mark_misfits(cursor, source, stream, [each.landing_id for each in landings])


def mark_misfits(cursor: Cursor, source: str, stream: Stream, landing_ids: list[int]) -> int:
    """Mark them within a transaction."""
    if not stream.types:
        return 0
    bad = [(path, kind, _misfits(path, kind)) for path, kind in stream.types.items()]
    # joined to nothing and not flattened, the payload is taken out of its storage once for all tests
    statement = SQL(
        "update {table} as t set problem = m.problem from (select place, case {tests} end as problem from "
        "(select ctid as place, payload || '{{}}' as payload from {table} "
        "where landing_id = any(%s) and problem is null offset 0) as l) as m "
        "where t.ctid = m.place and m.problem is not null"
    ).format(
        table=Identifier(f"landing_{source}", stream.name),
        tests=SQL(" ").join(
            SQL("when {} then {}").format(test, Literal(f"{path} is no {kind}")) for path, kind, test in bad
        ),
    )
    cursor.execute(statement.as_string(cursor), (landing_ids,))
    return cursor.rowcount


def _misfits(path: str, kind: str) -> SQL:
    """Return a condition that holds for a payload whose value at PATH (`a.b`, `a[].b`) is no KIND."""
    before, is_list, _ = path.partition("[]")
    place = Literal(f"{{{before.replace('.', ',')}}}")
    if not is_list:
        return _misfit(SQL("payload #>> {}").format(place), kind)
    steps = (f'."{part[:-2]}"[*]' if part.endswith("[]") else f'."{part}"' for part in path.split("."))
    # asked first, because a path query costs five times as much as finding that the list is not there
    return SQL(
        "(payload #> {} is not null and exists (select from jsonb_path_query(payload, {}) as v where {}))"
    ).format(place, Literal(f"lax ${''.join(steps)}"), _misfit(SQL("v #>> '{}'"), kind))


def _misfit(text: SQL, kind: str) -> SQL:
    """Return a condition that holds for a value that is there and no KIND, given its text in SQL."""
    # the class comes first, because few values hold a letter but the T and the Z of an ISO time
    return SQL(
        "(not pg_input_is_valid(nullif({text}, ''), {kind}) or {text} ~* '[a-su-y]' and {text} ~* {special})"
    ).format(text=text, kind=Literal(kind), special=Literal(SPECIAL_INPUT))
