"""What profiles say, and whom it concerns: all of them, or those whom a change reaches.

What the records say is kept by the models `said_profiles` and `said_identifiers`, which know what changed;
what was said before is what the tables of the last resolution hold. Two times are asked together, so that
who is left by a value is reached as well as who is joined by it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from pathlib import Path

import phonenumbers
from psycopg2.extensions import cursor as Cursor

from include.identity.joining import DEGREE_CAP, VALUE_CAP, Decision, Profile
from include.identity.reaching import Reached, Value, reach
from include.identity.values import NORMALISE, as_meant, is_blocked, is_full, normalise_name

LARGEST_SHARE = 5
"""Where more than one profile in so many changed, everybody is asked."""
FEW = 1000
"""Where there are no more, or nothing has counted them yet, it makes no difference."""
OF_KEYS = "profile_id = any(%(ids)s) and source_key || ':' || profile_id = any(%(keys)s)"

Identifier = tuple[str, str, str, bool]
"""identifier_key, type, normalised value, whether it may join."""


def profiles(cursor: Cursor, batch_id: int, keys: Collection[str] | None = None) -> list[Profile]:
    """Return everybody, or those of KEYS of whom anything is still said."""
    where = f"where {OF_KEYS}" if keys is not None else ""
    cursor.execute(
        f"""
        with said as (
            select source_key, profile_id, seen_at, full_name, birth_year from identity.said_profiles {where}
            union all
            select source_key, profile_id, null, null, null from identity.said_identifiers {where}
        )
        select
            p.source_key || ':' || p.profile_id, p.source_key, p.profile_id, min(p.seen_at),
            coalesce(min(m.first_batch_id), %(batch)s),
            case when min(m.first_batch_id) is null then min(p.seen_at) else min(m.arrived_at) end,
            min(m.own_key), min(p.full_name), min(p.birth_year)
        from said as p
        left join identity.identity_map as m
            on m.source_key = p.source_key and m.profile_id = p.profile_id
        group by p.source_key, p.profile_id
        """,
        {"batch": batch_id, **_of(keys)},
    )
    return [
        Profile(*row, normalise_name(full_name), birth_year)
        for *row, full_name, birth_year in cursor.fetchall()
    ]


def identifiers(cursor: Cursor, blocked: Set[Value], keys: Collection[str] | None = None) -> list[Identifier]:
    """Return what profiles are known by, without duplicates; of everybody, or of KEYS."""
    where = f"where {OF_KEYS}" if keys is not None else ""
    cursor.execute(
        "select distinct source_key || ':' || profile_id, identifier_type, identifier_value "
        f"from identity.said_identifiers {where}",
        _of(keys),
    )
    found = {}
    for key, kind, value in cursor.fetchall():
        if kind in NORMALISE and (normal := NORMALISE[kind](value)):
            found[key, kind, normal] = not is_blocked(kind, normal, blocked)
    return [(*key, usable) for key, usable in sorted(found.items())]


def _of(keys: Collection[str] | None) -> dict[str, list[str]]:
    chosen = sorted(keys or ())
    return {"keys": chosen, "ids": [key.partition(":")[2] for key in chosen]}


def joining_values(found: Iterable[Identifier]) -> list[tuple[str, str, str]]:
    """Return the identifiers that may join, as they join."""
    return [(key, kind, as_meant(kind, value)) for key, kind, value, usable in found if usable]


def blocked_values(cursor: Cursor) -> set[Value]:
    """Return the values that name nobody."""
    cursor.execute("select identifier_type, identifier_value from seeds.blocked_identifiers")
    return set(cursor.fetchall())


def decisions(cursor: Cursor, table: str = "decisions") -> list[Decision]:
    """Return what persons have decided, or had when the map was last resolved."""
    cursor.execute(f"select one, other, is_one_person from identity.{table}")
    return [Decision(*row) for row in cursor.fetchall()]


def rules_hash(blocked: Iterable[Value]) -> str:
    """Return a hash of what the map depends on beside what profiles say."""
    digest = hashlib.sha256(repr((sorted(blocked), phonenumbers.__version__)).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def changed(cursor: Cursor, decided: Sequence[Decision]) -> set[str] | None:
    """Return the profiles of which anything is said or decided otherwise since the published batch.

    None where that is so many that everybody is asked.
    """
    cursor.execute(
        "select source_key || ':' || profile_id from changed.said_profiles "
        "where batch_id > (select ops.head_batch()) "
        "union select source_key || ':' || profile_id from changed.said_identifiers "
        "where batch_id > (select ops.head_batch())"
    )
    found = {key for (key,) in cursor.fetchall()}
    for one, other, _ in set(decided) ^ set(decisions(cursor, "decisions_applied")):
        found |= {one, other}
    cursor.execute("select reltuples from pg_class where oid = 'identity.identity_map'::regclass")
    return found if len(found) * LARGEST_SHARE <= max(cursor.fetchone()[0], FEW) else None


def reached(
    cursor: Cursor, changed_keys: Set[str], values: Iterable[tuple[str, str, str]], now: Iterable[Profile],
    pairs: Iterable[tuple[str, ...]],
) -> Reached:  # fmt: skip
    """Return whom a change of profiles reaches, and by PAIRS of those decided or scored.

    VALUES are what they are known by NOW; what they were known by before, the last resolution holds.
    """
    linked: dict[str, set[str]] = defaultdict(set)
    for one, other, *_ in pairs:
        linked[one].add(other)
        linked[other].add(one)
    known = _Stored(cursor, values, now)
    return reach(changed_keys, linked, known, value_cap=VALUE_CAP, sure=min(DEGREE_CAP.values()))


class _Stored:
    """What the tables of the last resolution hold, and with it what is new of those who changed."""

    def __init__(
        self, cursor: Cursor, values: Iterable[tuple[str, str, str]], now: Iterable[Profile]
    ) -> None:
        self._cursor = cursor
        self._new_values: dict[str, set[Value]] = defaultdict(set)
        self._new_holders: dict[Value, set[str]] = defaultdict(set)
        for key, kind, value in values:
            self._new_values[key].add((kind, value))
            self._new_holders[kind, value].add(key)
        self._new_names = {each.identifier_key: each.name for each in now if is_full(each.name)}

    def values_of(self, keys: Collection[str]) -> Mapping[str, set[Value]]:
        """Return what each profile is known by, or was before."""
        self._cursor.execute(
            "select identifier_key, identifier_type, identifier_value from identity.profile_identifiers "
            "where identifier_key = any(%s)",
            (list(keys),),
        )
        found = {key: set(self._new_values.get(key, ())) for key in keys}
        for key, kind, value in self._cursor.fetchall():
            found[key].add((kind, as_meant(kind, value)))
        return found

    def holders_of(self, values: Collection[Value]) -> Mapping[Value, set[str]]:
        """Return who is known by each value, or was before."""
        self._cursor.execute(
            "select p.identifier_type, p.identifier_value, p.identifier_key "
            "from identity.profile_identifiers as p "
            "inner join unnest(%s::varchar[], %s::varchar[]) as wanted (kind, value) "
            "on p.identifier_type = wanted.kind and p.identifier_value = wanted.value",
            ([kind for kind, _ in values], [value for _, value in values]),
        )
        found = {value: set(self._new_holders.get(value, ())) for value in values}
        for kind, value, key in self._cursor.fetchall():
            found[kind, value].add(key)
        return found

    def full_names_of(self, keys: Collection[str]) -> Mapping[str, set[str]]:
        """Return the full names that each profile has and had."""
        self._cursor.execute(
            "select identifier_key, full_name from identity.full_names where identifier_key = any(%s)",
            (list(keys),),
        )
        found: dict[str, set[str]] = defaultdict(set)
        for key, name in self._cursor.fetchall():
            found[key].add(name)
        for key in self._new_names.keys() & set(keys):
            found[key].add(self._new_names[key])
        return found
