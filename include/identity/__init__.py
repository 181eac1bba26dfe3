"""Who is who: profiles of one person are one customer, under a key that persists.

`values` writes phones, e-mails and names alike; values that name nobody are dropped (blocked, or shared
by too many), and `joining` says which profiles are one person; what a person decides wins (`deciding`). A
customer's key belongs to the oldest profile of its component, so the oldest survives a merge, and a split
gives the parts their former keys back. Each profile is given its key once: a keyed hash, because readers
see it, and a plain one of a source's id, which may be a phone number, would be found by trying them all.
The map is a pure function of the profiles, their keys and their order of arrival, and of the decisions: a
run over what is new gives the labels of a full rebuild. Only rows that differ are written, and they are
logged for the models that follow.
"""

import hmac
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from functools import cached_property
from itertools import product

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from include import settings, warehouse
from include.identity import likely
from include.identity.joining import FAMILY, Decision, Profile, customer_keys, uncollected
from include.identity.values import NORMALISE, as_meant, is_blocked, normalise_name

APPEARANCES = {
    "orders": "ordered_at", "conversations": "opened_at", "feedback": "answered_at",
    "subscriptions": "started_at", "bookings": "requested_at", "carts": "started_at",
    "listings": "created_at",
}  # fmt: skip
"""Contracts in which somebody may appear of whom nothing else is known, and when it was.

Who only clicks, reads or is written to has a profile, or is nobody known: asking each event for a stranger
would cost every batch a scan of all that ever happened.
"""

LONGEST_IDENTIFIER = 320
"""Characters of an e-mail address at most; a loyalty number that is longer is none that anybody types."""


def _keyed(profile: Profile, secret: bytes) -> Profile:
    """Return a profile with a key of its own, the one that it has if it has one."""
    digest = hmac.digest(secret, profile.identifier_key.encode(), "sha256").hex()
    return profile._replace(own_key=profile.own_key or f"c{digest[:15]}")


def resolve(batch_id: int) -> Counter[str]:
    """Bring `identity_map` up to date for a batch; return what changed, by kind of change.

    Raises:
        SettingMissing: there is no CX_CUSTOMER_SECRET.
    """
    secret = settings.secret("CX_CUSTOMER_SECRET").encode()
    with uncollected(), warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        cursor.execute(_TABLES + likely.TABLES)
        profiles = [_keyed(profile, secret) for profile in _profiles(cursor, batch_id)]
        identifiers = _identifiers(cursor)
        strong = [(k, t, as_meant(t, v)) for k, t, v, usable in identifiers if usable]
        decisions = _decisions(cursor)
        if likely.is_due(cursor):
            customers = {
                key: customer for key, (customer, _) in customer_keys(profiles, strong, decisions).items()
            }
            likely.find(cursor, batch_id, profiles, strong, customers)
        pairs = likely.joined(cursor)
        keys = customer_keys(profiles, strong, decisions, pairs)
        changes = _write_map(cursor, batch_id, profiles, keys, _Causes(strong, decisions, pairs))
        contacts = _keep(cursor, batch_id, "profile_contacts", _contacts(profiles, identifiers))
        households = _keep(cursor, batch_id, "households", _households(profiles, strong, keys))
        changes.update(
            contacts_changed=contacts[0], contacts_gone=contacts[1], households_changed=sum(households)
        )
        changes += _write_identifiers(cursor, batch_id, keys.keys(), identifiers)
        return changes


KEPT = {
    "profile_contacts": ("identifier_key", "phone", "email"),
    "households": ("customer_key", "household_key"),
}
"""Tables of the room that hold a row per key, as they are written: the key, and what stands by it."""
LARGEST_HOUSEHOLD = 8
"""More people than this who hang together by phones are no household."""


_TABLES = """
create table if not exists identity.identity_map (
    identifier_key varchar(256) primary key,
    source_key varchar(64) not null,
    profile_id varchar(256) not null,
    customer_key varchar(64) not null,
    rule varchar(32) not null,
    seen_at timestamptz,
    first_batch_id bigint not null,
    arrived_at timestamptz,
    own_key varchar(64),
    unique (source_key, profile_id)
);
-- a map from before own_key: its customers keep the keys that readers know them by. Asked first, because
-- `add column if not exists` would lock the map until the end of every batch
do $$
begin
    if not exists (
        select from pg_attribute where attrelid = 'identity.identity_map'::regclass and attname = 'own_key'
    ) then
        alter table identity.identity_map add column own_key varchar(64);
        update identity.identity_map
        set own_key = 'c' || left(encode(sha256(convert_to(identifier_key, 'UTF8')), 'hex'), 15);
    end if;
end $$;
create index if not exists identity_map_customers on identity.identity_map (customer_key);
create table if not exists identity.identity_history (
    identifier_key varchar(256) not null,
    batch_id bigint not null,
    resolved_at timestamptz not null default clock_timestamp(),
    customer_key varchar(64),
    rule varchar(32),
    primary key (identifier_key, batch_id)
);
-- who was under a key, at a moment
create index if not exists identity_history_customers on identity.identity_history (customer_key);
comment on table identity.identity_history is
'One row per profile and batch that gave it to another customer; without a customer, it was gone.';
create or replace function identity.identity_as_of(moment timestamptz)
returns table (identifier_key varchar, customer_key varchar, rule varchar)
language sql stable
begin atomic
    select latest.identifier_key, latest.customer_key, latest.rule
    from (
        select
            history.*,
            row_number() over (partition by history.identifier_key order by history.batch_id desc) as recency
        from identity.identity_history as history
        where history.resolved_at <= moment
    ) as latest
    where latest.recency = 1 and latest.customer_key is not null;
end;
comment on function identity.identity_as_of is
'Which customer each profile was, as far as it was resolved by a moment.';
create table if not exists identity.decisions (
    one varchar(256) not null,
    other varchar(256) not null,
    is_one_person boolean not null,
    reason text not null,
    decided_by text not null,
    decided_at timestamptz not null default clock_timestamp(),
    primary key (one, other),
    check (one < other)
);
comment on table identity.decisions is
'One row per pair of profiles of which a person has decided whether they are one customer.';
create table if not exists identity.profile_contacts (
    identifier_key varchar(256) primary key,
    phone varchar(32),
    email varchar(320)
);
create table if not exists identity.households (
    customer_key varchar(64) primary key,
    household_key varchar(64) not null
);
comment on table identity.households is
'One row per customer who shares a phone with another, with the household that they are.';
create table if not exists changed.households (
    batch_id bigint not null,
    op "char" not null,
    customer_key varchar(64) not null
);
create index if not exists households__batch on changed.households (batch_id);
create table if not exists identity.profile_identifiers (
    identifier_key varchar(256) not null,
    identifier_type varchar(32) not null,
    identifier_value varchar(320) not null,
    primary key (identifier_key, identifier_type, identifier_value)
);
create table if not exists changed.identity_map (
    batch_id bigint not null,
    op "char" not null,
    identifier_key varchar(256) not null,
    customer_key varchar(64) not null
);
create index if not exists identity_map__batch on changed.identity_map (batch_id);
create table if not exists changed.profile_contacts (
    batch_id bigint not null,
    op "char" not null,
    identifier_key varchar(256) not null
);
create index if not exists profile_contacts__batch on changed.profile_contacts (batch_id);
create table if not exists changed.profile_identifiers (
    batch_id bigint not null,
    op "char" not null,
    identifier_key varchar(256) not null
);
create index if not exists profile_identifiers__batch on changed.profile_identifiers (batch_id);
"""


def _profiles(cursor: Cursor, batch_id: int) -> list[Profile]:
    appearances = "".join(
        f"""
            union all
            select source_key, profile_id, {when}, null, null from intermediate.int_{contract}_unioned
            where profile_id is not null"""
        for contract, when in APPEARANCES.items()
    )
    cursor.execute(
        f"""
        with profiles as (
            select source_key, profile_id, created_at as seen_at, full_name, birth_year
            from intermediate.int_customers_unioned
            union all
            select source_key, profile_id, null, null, null from intermediate.int_identifiers_unioned
            {appearances}
        )
        select
            p.source_key || ':' || p.profile_id, p.source_key, p.profile_id, min(p.seen_at),
            coalesce(min(m.first_batch_id), %s),
            case when min(m.first_batch_id) is null then min(p.seen_at) else min(m.arrived_at) end,
            min(m.own_key), min(p.full_name), min(p.birth_year)
        from profiles as p
        left join identity.identity_map as m
            on m.source_key = p.source_key and m.profile_id = p.profile_id
        -- a longer id is no id: its facts are of nobody known
        where length(p.profile_id) <= 200
        group by p.source_key, p.profile_id
        """,
        (batch_id,),
    )
    return [
        Profile(*row, normalise_name(full_name), birth_year)
        for *row, full_name, birth_year in cursor.fetchall()
    ]


def _identifiers(cursor: Cursor) -> list[tuple[str, str, str, bool]]:
    """Return (identifier_key, type, normalised value, whether it may join), without duplicates."""
    cursor.execute("select identifier_type, identifier_value from seeds.blocked_identifiers")
    blocked = {(kind, value) for kind, value in cursor.fetchall()}
    cursor.execute(
        "select distinct source_key || ':' || profile_id, identifier_type, identifier_value "
        "from intermediate.int_identifiers_unioned where identifier_value is not null"
    )
    found = {}
    for key, kind, value in cursor.fetchall():
        if kind in NORMALISE and (normal := NORMALISE[kind](value)):
            found[key, kind, normal] = not is_blocked(kind, normal, blocked)
    return [(*key, usable) for key, usable in sorted(found.items())]


def _decisions(cursor: Cursor) -> list[Decision]:
    cursor.execute("select one, other, is_one_person from identity.decisions")
    return [Decision(*row) for row in cursor.fetchall()]


def _write_map(
    cursor: Cursor, batch_id: int, profiles: list[Profile], keys: dict[str, tuple[str, str]],
    causes: "_Causes",
) -> Counter[str]:  # fmt: skip
    cursor.execute("select identifier_key, customer_key, rule, seen_at, own_key from identity.identity_map")
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
    _write_history(cursor, batch_id)
    events = _log_events(cursor, batch_id, moved, keys, causes)
    return Counter(profiles_changed=len(changed), profiles_gone=len(gone), moves=events)


def _write_history(cursor: Cursor, batch_id: int) -> None:
    """Note who is another customer than they were; what was resolved and never published has not been."""
    cursor.execute("delete from identity.identity_history where batch_id > ops.head_batch()")
    cursor.execute(
        """
        insert into identity.identity_history (identifier_key, batch_id, customer_key, rule)
        select coalesce(m.identifier_key, h.identifier_key), %s, m.customer_key, m.rule
        from identity.identity_map as m
        full join (
            select
                identifier_key, customer_key,
                row_number() over (partition by identifier_key order by batch_id desc) as recency
            from identity.identity_history
        ) as h on h.identifier_key = m.identifier_key
        where coalesce(h.recency, 1) = 1 and h.customer_key is distinct from m.customer_key
        """,
        (batch_id,),
    )


def _log_events(
    cursor: Cursor,
    batch_id: int,
    moved: dict[str, tuple[str | None, str | None]],
    keys: dict[str, tuple[str, str]],
    causes: "_Causes",
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


class _Causes:
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


def _contacts(
    profiles: Iterable[Profile], identifiers: Iterable[tuple[str, str, str, bool]]
) -> dict[str, tuple[str | None, str | None]]:
    """Return the first phone and the first e-mail that each profile has."""
    found: dict[str, list[str | None]] = {p.identifier_key: [None, None] for p in profiles}
    for key, kind, value, usable in identifiers:
        if key in found and usable and kind in ("phone", "email"):
            slot = ("phone", "email").index(kind)
            found[key][slot] = found[key][slot] or value
    return {key: (phone, email) for key, (phone, email) in found.items()}


def _households(
    profiles: Iterable[Profile], strong: Iterable[tuple[str, str, str]], keys: dict[str, tuple[str, str]]
) -> dict[str, tuple[str]]:
    """Return the household of each customer who shares a phone with another: it is called after one of them.

    Who has a name shares it; a number that more than a family gives is no household's.
    """
    from scipy.cluster.hierarchy import DisjointSet

    named = {profile.identifier_key for profile in profiles if profile.name}
    sharing: dict[str, set[str]] = defaultdict(set)
    for key, kind, value in strong:
        if kind == "phone" and key in named:
            sharing[value].add(keys[key][0])
    families = [sorted(each) for each in sharing.values() if 1 < len(each) <= FAMILY]
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


def _keep(cursor: Cursor, batch_id: int, table: str, wanted: dict[str, tuple]) -> tuple[int, int]:
    """Let a table hold what is wanted, by its key; log and count what changed and what is gone."""
    key, *values = KEPT[table]
    cursor.execute(f"select {key}, {', '.join(values)} from identity.{table}")
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
    log = [(batch_id, "u", name) for name, *_ in changed] + [(batch_id, "d", name) for name in gone]
    execute_values(cursor, f"insert into changed.{table} values %s", log, page_size=1000)
    return len(changed), len(gone)


def _write_identifiers(
    cursor: Cursor, batch_id: int, profiles: Set[str], identifiers: list[tuple[str, str, str, bool]]
) -> Counter[str]:
    """Keep what each profile is known by, so that people can find it; an e-mail with a slip by both."""
    wanted = {
        (key, kind, value)
        for key, kind, given, usable in identifiers
        if usable and key in profiles
        for value in (given, as_meant(kind, given))
        if len(value) <= LONGEST_IDENTIFIER
    }
    cursor.execute(
        "select identifier_key, identifier_type, identifier_value from identity.profile_identifiers"
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
