"""Drift: fields that appear in, vanish from, or change their kind in a stream's records.

What a landing holds is compared with what was accepted before (`ops.fields`). A new field is reported
and lands like any other. A field that every record had since it first appeared, that staging reads, and
that none has now, is an error that names it, and so is one whose values all became another kind of JSON.
"""

import re
from dataclasses import dataclass
from functools import cache

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values
from psycopg2.sql import SQL, Identifier

from include import settings, warehouse
from include.landing.waiting import Landing
from include.sources import Stream

SAMPLE = 2_000
"""Records of a pull that are looked at, the latest first."""
ENOUGH = 20
"""Fewer records than this prove nothing: an answer may lack a field by chance."""
ALWAYS = 0.99
"""A field that so many records had, and none has now, has vanished."""


@dataclass(frozen=True)
class Drift:
    """What changed in a stream's records."""

    field: str
    change: str
    """`is new`, `vanished`, or `became object` and the like."""
    is_read: bool
    """Whether a staging model reads it."""

    def __str__(self) -> str:
        return f"{self.field} {self.change}"


@cache
def _macros() -> dict[str, str]:
    """Return every macro of the project: name to text."""
    texts = [path.read_text() for path in (settings.DBT_PROJECT / "macros").rglob("*.sql")]
    return dict(re.findall(r"\{%-?\s*macro\s+(\w+)(.*?)endmacro", " ".join(texts), re.DOTALL))


@cache
def words_of_staging(source: str) -> frozenset[str]:
    """Return every word that a source's staging models, and the macros which they call, quote."""
    text = " ".join(
        path.read_text() for path in (settings.DBT_PROJECT / "models/staging" / source).glob("*.sql")
    )
    called: set[str] = set()
    while new := (set(re.findall(r"\w+", text)) & _macros().keys()) - called:
        called |= new
        text = " ".join([text, *(_macros()[name] for name in sorted(new))])
    return frozenset(word for path in re.findall(r"'([\w.]+)'", text) for word in path.split("."))


def drifts(source: str, stream: Stream, landings: list[Landing]) -> list[Drift]:
    """Return how what landed differs from what was accepted before; nothing for a first landing."""
    if stream.has_chosen_fields:
        return []
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select field, kinds, record_count, looked_count from ops.fields "
            "where source = %s and stream = %s",
            (source, stream.name),
        )
        known = {name: (set(kinds), count, looked) for name, kinds, count, looked in cursor.fetchall()}
        if not known:
            return []
        total, found = _look(cursor, source, stream, landings)
    read = words_of_staging(source)
    changes = [Drift(name, "is new", name in read) for name in found if name not in known]
    for name, (kinds, count, looked) in known.items():
        if total < ENOUGH:
            continue
        now = found[name][0] - {"null"} if name in found else set()
        before = kinds - {"null"}
        if name not in found and looked >= ENOUGH and count >= ALWAYS * looked:
            changes.append(Drift(name, "vanished", name in read))
        elif now and before and not now & before:
            changes.append(Drift(name, f"became {' or '.join(sorted(now))}", name in read))
    return sorted(changes, key=lambda each: each.field)


def remember(cursor: Cursor, source: str, stream: Stream, landings: list[Landing]) -> None:
    """Keep the fields of landings that are accepted, as what the stream's records look like."""
    if stream.has_chosen_fields:
        return
    total, found = _look(cursor, source, stream, landings)
    # also those that none of these records has; a field that is new is counted from here on
    cursor.execute(
        "update ops.fields set looked_count = looked_count + %s where source = %s and stream = %s",
        (total, source, stream.name),
    )
    execute_values(
        cursor,
        "insert into ops.fields as f (source, stream, field, kinds, record_count, looked_count) values %s "
        "on conflict (source, stream, field) do update set seen_at = clock_timestamp(), "
        "record_count = f.record_count + excluded.record_count, kinds = "
        "(select array_agg(distinct kind order by kind) from unnest(f.kinds || excluded.kinds) as kind)",
        [(source, stream.name, name, sorted(kinds), count, total) for name, (kinds, count) in found.items()],
    )


def _look(
    cursor: Cursor, source: str, stream: Stream, landings: list[Landing]
) -> tuple[int, dict[str, tuple[set[str], int]]]:
    """Return how many records were looked at; of each top-level field its JSON kinds and how many have it."""
    cursor.execute(
        SQL(
            # the kind is asked of the sample alone: it has to take a payload out of its storage
            "with sample as (select payload from {}.{} where landing_id = any(%s) and problem is null "
            "order by landing_id desc, ordinal limit %s) "
            "select (select count(*) from sample), field.key, "
            "array_agg(distinct jsonb_typeof(field.value)), count(*) from sample "
            "cross join lateral jsonb_each(case jsonb_typeof(payload) when 'object' then payload end) "
            "as field group by field.key"
        ).format(Identifier(f"landing_{source}"), Identifier(stream.name)),
        ([each.landing_id for each in landings], SAMPLE),
    )
    rows = cursor.fetchall()
    return (rows[0][0] if rows else 0), {name: (set(kinds), count) for _, name, kinds, count in rows}
