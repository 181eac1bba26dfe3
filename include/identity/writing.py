"""Let the tables of who is who hold what was resolved: only what differs is written, and it is logged.

What is written of some profiles is compared with what stands of the same; the others are not looked at.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence, Set
from functools import cached_property
from itertools import product

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from include.identity.joining import FAMILY, VALUE_CAP, Decision, Profile
from include.identity.values import as_meant, is_full

LONGEST_IDENTIFIER = 320
"""Characters of an e-mail address at most; a loyalty number that is longer is none that anybody types."""
KEPT = {
    "profile_contacts": ("identifier_key", "phone", "email"),
    "full_names": ("identifier_key", "full_name"),
    "households": ("customer_key", "household_key"),
}
"""Tables of the room that hold a row per key, as they are written: the key, and what stands by it."""
LOGGED = ("profile_contacts", "households")
"""Those that models follow."""
LARGEST_HOUSEHOLD = 8
"""More people than this who hang together by phones are no household."""


class Causes:
    """Why profiles are one customer, for the log of merges."""

    def __init__(
        self, identifiers: Iterable[tuple[str, str, str]], decisions: Iterable[Decision],
        likely_pairs: Iterable[tuple[str, str]],
    ) -> None:  # fmt: skip
        self._identifiers = identifiers
        self._decided = {each[:2] for each in decisions if each.is_one_person}
        self._likely = set(likely_pairs)

    @cached_property
    def _values(self) -> dict[str, list[tuple[str, str]]]:
        values = defaultdict(list)
        for key, kind, value in self._identifiers:
            values[key].append((kind, value))
        return values

    def between(self, ours: Sequence[str], theirs: Sequence[str]) -> str | None:
        """Return what joins a profile of OURS to one of THEIRS, and both; None where a third one does."""
        for pairs, cause in ((self._decided, "decided"), (self._likely, "likely")):
            for one, other in product(sorted(ours), sorted(theirs)):
                if (min(one, other), max(one, other)) in pairs:
                    return f"{cause}: {one}, {other}"
        holders = {value: key for key in sorted(theirs, reverse=True) for value in self._values[key]}
        for key in sorted(ours):
            for kind, value in self._values[key]:
                if (kind, value) in holders:
                    return f"{kind}: {key}, {holders[kind, value]}"
        return None


def _only(key: str, of: Collection[str] | None) -> tuple[str, tuple[list[str], ...]]:
    """Return the condition on rows whose KEY is one OF these, with its parameters; none where OF is None."""
    return (f"where {key} = any(%s)", (list(of),)) if of is not None else ("", ())


def write_map(
    cursor: Cursor, batch_id: int, profiles: list[Profile], keys: dict[str, tuple[str, str]],
    causes: Causes, of: Collection[str] | None,
) -> Counter[str]:  # fmt: skip
    """Bring the map up to date for profiles, of everybody or of those of OF; log and count what changed."""
    where, chosen = _only("identifier_key", of)
    cursor.execute(
        f"select identifier_key, customer_key, rule, seen_at, own_key from identity.identity_map {where}",
        chosen,
    )
    present = {key: values for key, *values in cursor.fetchall()}
    changed = [
        p for p in profiles
        if present.get(p.identifier_key) != [*keys[p.identifier_key], p.seen_at, p.own_key]
    ]  # fmt: skip
    gone = present.keys() - keys.keys()
    execute_values(
        cursor,
        "insert into identity.identity_map as m (identifier_key, source_key, profile_id, seen_at, "
        "first_batch_id, arrived_at, own_key, customer_key, rule) values %s "
        "on conflict (identifier_key) do update set customer_key = excluded.customer_key, "
        "rule = excluded.rule, seen_at = excluded.seen_at, own_key = excluded.own_key",
        [
            (p.identifier_key, p.source_key, p.profile_id, p.seen_at, p.first_batch_id, p.arrived_at,
             p.own_key, *keys[p.identifier_key])
            for p in changed
        ],
        page_size=1000,
    )  # fmt: skip
    cursor.execute("delete from identity.identity_map where identifier_key = any(%s)", (list(gone),))
    log, moved = [], {}
    for identifier_key in (*(p.identifier_key for p in changed), *sorted(gone)):
        old = present.get(identifier_key, (None,))[0]
        new = keys.get(identifier_key, (None,))[0]
        op = "i" if old is None else "d" if new is None else "u"
        log += [(batch_id, op, identifier_key, customer) for customer in {old, new} - {None}]
        if old != new:
            moved[identifier_key] = old, new
    execute_values(cursor, "insert into changed.identity_map values %s", log, page_size=1000)
    _write_history(cursor, batch_id, moved.keys() if of is not None else None)
    events = _log_events(cursor, batch_id, moved, keys, causes)
    return Counter(profiles_changed=len(changed), profiles_gone=len(gone), moves=events)


def _write_history(cursor: Cursor, batch_id: int, of: Set[str] | None) -> None:
    """Note who is another customer than they were; what was resolved and never published has not been."""
    cursor.execute(
        "delete from identity.identity_history where batch_id > (select ops.head_batch()) "
        "returning identifier_key"
    )
    forgotten = {key for (key,) in cursor.fetchall()}
    where = "where identifier_key = any(%(of)s)" if of is not None else ""
    cursor.execute(
        f"""
        insert into identity.identity_history (identifier_key, batch_id, customer_key, rule)
        select coalesce(m.identifier_key, h.identifier_key), %(batch)s, m.customer_key, m.rule
        from (select identifier_key, customer_key, rule from identity.identity_map {where}) as m
        full join (
            select
                identifier_key, customer_key,
                row_number() over (partition by identifier_key order by batch_id desc) as recency
            from identity.identity_history {where}
        ) as h on h.identifier_key = m.identifier_key
        where coalesce(h.recency, 1) = 1 and h.customer_key is distinct from m.customer_key
        """,
        {"batch": batch_id, "of": list(forgotten | (of or set()))},
    )


def _log_events(
    cursor: Cursor,
    batch_id: int,
    moved: dict[str, tuple[str | None, str | None]],
    keys: dict[str, tuple[str, str]],
    causes: Causes,
) -> int:
    """Log each merge (a former customer is no more) and split (it goes on beside a new one); count them."""
    movers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for identifier_key, (old, new) in moved.items():
        if old and new:
            movers[old, new].append(identifier_key)
    alive = {customer for customer, _ in keys.values()}
    rules = dict(keys.values())
    staying: dict[str, list[str]] = {customer: [] for _, customer in movers}
    for identifier_key, (customer, _) in keys.items():
        if customer in staying and moved.get(identifier_key, (None,))[0] is None:
            staying[customer].append(identifier_key)
    events = []
    for (old, new), names in sorted(movers.items()):
        kind = "split" if old in alive else "merge"
        others = staying[new] + [
            name for (former, now), each in movers.items() if now == new and former != old for name in each
        ]
        edge = causes.between(names, others) if kind == "merge" else None
        events.append((batch_id, kind, old, new, len(names), rules[new], min(names), edge))
    execute_values(
        cursor,
        "insert into ops.identity_events (batch_id, kind, from_customer_key, to_customer_key, "
        "identifier_count, rule, profile, edge) values %s",
        events,
    )
    return len(events)


def contacts(
    profiles: Iterable[Profile], identifiers: Iterable[tuple[str, str, str, bool]]
) -> dict[str, tuple[str | None, str | None]]:
    """Return the first phone and the first e-mail that each profile has."""
    found: dict[str, list[str | None]] = {p.identifier_key: [None, None] for p in profiles}
    for key, kind, value, usable in identifiers:
        if key in found and usable and kind in ("phone", "email"):
            slot = ("phone", "email").index(kind)
            found[key][slot] = found[key][slot] or value
    return {key: (phone, email) for key, (phone, email) in found.items()}


def full_names(profiles: Iterable[Profile]) -> dict[str, tuple[str]]:
    """Return the names that are full, by profile."""
    return {each.identifier_key: (each.name,) for each in profiles if is_full(each.name)}


def households(
    profiles: Iterable[Profile], strong: Iterable[tuple[str, str, str]], keys: dict[str, tuple[str, str]]
) -> dict[str, tuple[str]]:
    """Return the household of each customer who shares a phone with another: it is called after one of them.

    Who has a name shares it; a number that more than a family gives is no household's, nor is one
    of so many profiles that it says nothing.
    """
    from scipy.cluster.hierarchy import DisjointSet

    named = {profile.identifier_key for profile in profiles if profile.name}
    holders: dict[str, list[str]] = defaultdict(list)
    for key, kind, value in strong:
        if kind == "phone":
            holders[value].append(key)
    sharing = (
        {keys[key][0] for key in found if key in named}
        for found in holders.values()
        if len(found) <= VALUE_CAP
    )
    families = [sorted(each) for each in sharing if 1 < len(each) <= FAMILY]
    joined = DisjointSet(customer for family in families for customer in family)
    for first, *others in families:
        for other in others:
            joined.merge(first, other)
    return {
        customer: (f"h{min(members)[1:]}",)
        for members in joined.subsets()
        if len(members) <= LARGEST_HOUSEHOLD
        for customer in members
    }


def keep(
    cursor: Cursor, batch_id: int, table: str, wanted: dict[str, tuple], of: Collection[str] | None = None
) -> tuple[int, int]:
    """Let a table hold what is wanted by key, of everything or of the keys OF; log and count the changes."""
    key, *values = KEPT[table]
    where, chosen = _only(key, of)
    cursor.execute(f"select {key}, {', '.join(values)} from identity.{table} {where}", chosen)
    present = {name: tuple(row) for name, *row in cursor.fetchall()}
    changed = [(name, *row) for name, row in wanted.items() if present.get(name) != row]
    gone = list(present.keys() - wanted.keys())
    execute_values(
        cursor,
        f"insert into identity.{table} values %s on conflict ({key}) do update set "
        + ", ".join(f"{name} = excluded.{name}" for name in values),
        changed,
        page_size=1000,
    )
    cursor.execute(f"delete from identity.{table} where {key} = any(%s)", (gone,))
    if table not in LOGGED:
        return len(changed), len(gone)
    log = [(batch_id, "u", name) for name, *_ in changed] + [(batch_id, "d", name) for name in gone]
    execute_values(cursor, f"insert into changed.{table} values %s", log, page_size=1000)
    return len(changed), len(gone)


def write_identifiers(
    cursor: Cursor, batch_id: int, profiles: Set[str], identifiers: Sequence[tuple[str, str, str, bool]],
    of: Collection[str] | None,
) -> Counter[str]:  # fmt: skip
    """Keep what each profile is known by, so that people can find it; an e-mail with a slip by both."""
    wanted = {
        (key, kind, value)
        for key, kind, given, usable in identifiers
        if usable and key in profiles
        for value in (given, as_meant(kind, given))
        if len(value) <= LONGEST_IDENTIFIER
    }
    where, chosen = _only("identifier_key", of)
    cursor.execute(
        f"select identifier_key, identifier_type, identifier_value from identity.profile_identifiers {where}",
        chosen,
    )
    present = set(cursor.fetchall())
    added, gone = sorted(wanted - present), sorted(present - wanted)
    execute_values(cursor, "insert into identity.profile_identifiers values %s", added, page_size=1000)
    execute_values(
        cursor,
        "delete from identity.profile_identifiers as p using (values %s) as gone (key, kind, value) "
        "where p.identifier_key = gone.key and p.identifier_type = gone.kind "
        "and p.identifier_value = gone.value",
        gone,
        page_size=1000,
    )
    log = [(batch_id, "u", key) for key in sorted({key for key, *_ in (*added, *gone)})]
    execute_values(cursor, "insert into changed.profile_identifiers values %s", log, page_size=1000)
    return Counter(identifiers_added=len(added), identifiers_gone=len(gone))


def note_decisions(cursor: Cursor, decisions: Sequence[Decision]) -> None:
    """Keep by which decisions the map was resolved."""
    cursor.execute("delete from identity.decisions_applied")
    execute_values(cursor, "insert into identity.decisions_applied values %s", decisions)


def note_rules(cursor: Cursor, rules_hash: str) -> None:
    """Keep by which rules everybody was resolved."""
    cursor.execute("delete from identity.rules")
    cursor.execute("insert into identity.rules values (%s)", (rules_hash,))
