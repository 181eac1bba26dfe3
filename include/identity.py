"""Who is who: profiles that share a phone or an e-mail are one customer, under a key that persists.

Strong identifiers are normalised, values that name nobody are dropped (blocked, or shared by too
many), and profiles are joined by connected components. A customer's key belongs to the oldest
profile of its component, so the oldest survives a merge, and a split gives the parts their former
keys back. Each profile is given its key once: a keyed hash, because readers see it, and a plain one of
a source's id, which may be a phone number, would be found by trying them all. The map is a pure
function of the profiles, their keys and their order of arrival: a run over what is new gives the labels
of a full rebuild. Only rows that differ are written, and they are logged for the models that follow.
"""

import hmac
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from datetime import datetime

import phonenumbers
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from include import settings, warehouse

DEGREE_CAP = {"phone": 6, "email": 6, "loyalty_id": 6, "merged_id": 6}
"""How many profiles may share a value before it says nothing about who they are."""
GUEST_CAP = 20
"""The same for profiles of any kind: every order without an account is one, and a loyal guest has many."""
GUESTS = ("guest:", "receipt:", "person:")
"""How staging begins the id of a profile that is an order, a receipt or an answer, and no account."""
COMPONENT_CAP = 25
"""A larger component of profiles is an accident: it stays apart, and is logged."""

MOVED_PREFIXES = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",
    "186": "56", "188": "58", "199": "59",
}  # fmt: skip
"""Mobile prefixes of eleven digits that became ten in September 2018, without the leading zero."""
ELEVEN_DIGITS = re.compile(r"^(?:\+?84|0)(1(?:2\d|6[2-9]|86|88|99))(\d{7})$")


@dataclass(frozen=True)
class Profile:
    """A profile of a source, and when the warehouse first met it."""

    identifier_key: str
    source_key: str
    profile_id: str
    seen_at: datetime | None
    """When the customer is first known to have been there; an older order may move it back."""
    first_batch_id: int
    arrived_at: datetime | None = None
    """`seen_at` as it was when the profile arrived, which never moves."""
    own_key: str | None = None
    """The key of a customer whose oldest profile it is; None before it was given one."""

    @property
    def is_guest(self) -> bool:
        """Whether it is one order, receipt or answer of somebody without an account."""
        return self.profile_id.startswith(GUESTS)

    @property
    def age(self) -> tuple[int, str, str]:
        """Order of arrival: oldest first, stable for ever."""
        arrived_at = self.arrived_at or self.seen_at
        arrived = arrived_at.isoformat() if arrived_at else "9999"
        return self.first_batch_id, arrived, self.identifier_key


def normalise_phone(value: str) -> str | None:
    """Return a Vietnamese or international phone number in E.164, None where it is none."""
    digits = re.sub(r"[^\d+]", "", value)
    if moved := ELEVEN_DIGITS.match(digits):
        digits = f"0{MOVED_PREFIXES[moved[1]]}{moved[2]}"
    try:
        number = phonenumbers.parse(digits, "VN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_email(value: str) -> str | None:
    """Return an e-mail address in lower case without tag, None where it is none."""
    name, at, domain = value.strip().lower().rpartition("@")
    if not at or not name or "." not in domain or any(c.isspace() for c in name + domain):
        return None
    name = name.split("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        name, domain = name.replace(".", ""), "gmail.com"
    # 320 characters are the longest address that the standard allows
    return f"{name}@{domain}" if name and len(name) + len(domain) < 320 else None


NORMALISE = {
    "phone": normalise_phone,
    "email": normalise_email,
    "loyalty_id": lambda value: value.strip().upper() or None,
    # a profile that its source merged into another: both have it, as source/id
    "merged_id": lambda value: value.strip() or None,
}


def customer_keys(
    profiles: Iterable[Profile], identifiers: Iterable[tuple[str, str, str]]
) -> dict[str, tuple[str, str]]:
    """Return (customer_key, rule) by identifier_key; each profile has its own key.

    `identifiers` are (identifier_key, type, normalised value), blocked values already left out.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    known = {profile.identifier_key: profile for profile in profiles}
    holders: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key, kind, value in identifiers:
        holders[kind, value].add(key)
    numbers = {key: number for number, key in enumerate(known)}
    left, right = [], []
    for (kind, _), keys in holders.items():
        keys &= known.keys()
        accounts = sum(not known[key].is_guest for key in keys)
        if 1 < len(keys) <= GUEST_CAP and accounts <= DEGREE_CAP[kind]:
            first, *others = (numbers[key] for key in keys)
            left += [first] * len(others)
            right += others
    size = len(numbers)
    graph = coo_array(([1] * len(left), (left, right)), shape=(size, size))
    labels = connected_components(graph, directed=False)[1] if size else []
    members: dict[int, list[Profile]] = defaultdict(list)
    for label, profile in zip(labels, known.values(), strict=True):
        members[label].append(profile)
    answer = {}
    for component in members.values():
        groups = [component] if len(component) <= COMPONENT_CAP else [[each] for each in component]
        rule = "alone" if len(component) == 1 else "strong" if len(groups) == 1 else "component_cap"
        for group in groups:
            oldest = min(group, key=lambda profile: profile.age)
            answer |= {profile.identifier_key: (oldest.own_key, rule) for profile in group}
    return answer


def _keyed(profile: Profile, secret: bytes) -> Profile:
    """Return a profile with a key of its own, the one that it has if it has one."""
    digest = hmac.digest(secret, profile.identifier_key.encode(), "sha256").hex()
    return replace(profile, own_key=profile.own_key or f"c{digest[:15]}")


def resolve(batch_id: int) -> Counter[str]:
    """Bring `identity_map` up to date for a batch; return what changed, by kind of change.

    Raises:
        SettingMissing: there is no CX_CUSTOMER_SECRET.
    """
    secret = settings.secret("CX_CUSTOMER_SECRET").encode()
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        cursor.execute(_TABLES)
        profiles = [_keyed(profile, secret) for profile in _profiles(cursor, batch_id)]
        identifiers = _identifiers(cursor)
        keys = customer_keys(profiles, ((k, t, v) for k, t, v, usable in identifiers if usable))
        changes = _write_map(cursor, batch_id, profiles, keys)
        changes += _write_contacts(cursor, batch_id, profiles, identifiers)
        return changes


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
create table if not exists identity.profile_contacts (
    identifier_key varchar(256) primary key,
    phone varchar(32),
    email varchar(320)
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
"""


def _profiles(cursor: Cursor, batch_id: int) -> list[Profile]:
    cursor.execute(
        """
        with profiles as (
            select source_key, profile_id, created_at as seen_at from intermediate.int_customers_unioned
            union all
            select source_key, profile_id, null from intermediate.int_identifiers_unioned
            union all
            select source_key, profile_id, ordered_at from intermediate.int_orders_unioned
            where profile_id is not null
            union all
            select source_key, profile_id, opened_at from intermediate.int_conversations_unioned
            where profile_id is not null
            union all
            select source_key, profile_id, answered_at from intermediate.int_feedback_unioned
            where profile_id is not null
            union all
            -- who only clicks, reads or is written to has a profile, or is nobody known: asking each
            -- event for a stranger would cost every batch a scan of all that ever happened
            select source_key, profile_id, started_at from intermediate.int_subscriptions_unioned
            where profile_id is not null
            union all
            select source_key, profile_id, requested_at from intermediate.int_bookings_unioned
            where profile_id is not null
            union all
            select source_key, profile_id, started_at from intermediate.int_carts_unioned
            where profile_id is not null
            union all
            select source_key, profile_id, created_at from intermediate.int_listings_unioned
            where profile_id is not null
        )
        select
            p.source_key || ':' || p.profile_id, p.source_key, p.profile_id, min(p.seen_at),
            coalesce(min(m.first_batch_id), %s),
            case when min(m.first_batch_id) is null then min(p.seen_at) else min(m.arrived_at) end,
            min(m.own_key)
        from profiles as p
        left join identity.identity_map as m
            on m.source_key = p.source_key and m.profile_id = p.profile_id
        -- a longer id is no id: its facts are of nobody known
        where length(p.profile_id) <= 200
        group by p.source_key, p.profile_id
        """,
        (batch_id,),
    )
    return [Profile(*row) for row in cursor.fetchall()]


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
            mailbox = f"{normal.split('@')[0]}@" if kind == "email" else ""
            usable = (kind, normal) not in blocked and (kind, mailbox) not in blocked
            found[key, kind, normal] = usable
    return [(*key, usable) for key, usable in sorted(found.items())]


def _write_map(
    cursor: Cursor, batch_id: int, profiles: list[Profile], keys: dict[str, tuple[str, str]]
) -> Counter[str]:
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
            (*astuple(p), *keys[p.identifier_key])
            for p in changed
        ],
        page_size=1000,
    )  # fmt: skip
    cursor.execute("delete from identity.identity_map where identifier_key = any(%s)", (list(gone),))
    log, moves = [], Counter()
    for identifier_key in (*(p.identifier_key for p in changed), *gone):
        old = present.get(identifier_key, (None,))[0]
        new = keys.get(identifier_key, (None,))[0]
        op = "i" if old is None else "d" if new is None else "u"
        log += [(batch_id, op, identifier_key, customer) for customer in {old, new} - {None}]
        if old and new and old != new:
            moves[old, new] += 1
    execute_values(cursor, "insert into changed.identity_map values %s", log, page_size=1000)
    _log_events(cursor, batch_id, present, keys, moves)
    return Counter(profiles_changed=len(changed), profiles_gone=len(gone), moves=len(moves))


def _log_events(
    cursor: Cursor,
    batch_id: int,
    present: dict[str, list],
    keys: dict[str, tuple[str, str]],
    moves: Counter[tuple[str, str]],
) -> None:
    """Log each merge (a former customer is no more) and split (it goes on beside a new one)."""
    alive = {customer for customer, _ in keys.values()}
    rules = dict(keys.values())
    events = [
        (batch_id, "split" if old in alive else "merge", old, new, count, rules[new],
         min(k for k, (c, _) in keys.items() if c == new and present.get(k, (None,))[0] == old))
        for (old, new), count in sorted(moves.items())
    ]  # fmt: skip
    execute_values(cursor, "insert into ops.identity_events values %s", events)


def _write_contacts(
    cursor: Cursor,
    batch_id: int,
    profiles: list[Profile],
    identifiers: list[tuple[str, str, str, bool]],
) -> Counter[str]:
    wanted: dict[str, list[str | None]] = {p.identifier_key: [None, None] for p in profiles}
    for key, kind, value, usable in identifiers:
        if key in wanted and usable and kind in ("phone", "email"):
            slot = ("phone", "email").index(kind)
            wanted[key][slot] = wanted[key][slot] or value
    cursor.execute("select identifier_key, phone, email from identity.profile_contacts")
    present = {key: [phone, email] for key, phone, email in cursor.fetchall()}
    changed = [(key, *values) for key, values in wanted.items() if present.get(key) != values]
    gone = list(present.keys() - wanted.keys())
    execute_values(
        cursor,
        "insert into identity.profile_contacts values %s on conflict (identifier_key) "
        "do update set phone = excluded.phone, email = excluded.email",
        changed,
        page_size=1000,
    )
    cursor.execute("delete from identity.profile_contacts where identifier_key = any(%s)", (gone,))
    log = [(batch_id, "u", key) for key, *_ in changed] + [(batch_id, "d", key) for key in gone]
    execute_values(cursor, "insert into changed.profile_contacts values %s", log, page_size=1000)
    return Counter(contacts_changed=len(changed), contacts_gone=len(gone))
