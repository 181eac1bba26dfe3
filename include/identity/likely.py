"""Who may be one person although no identifier says so: scored pairs, and the list for a person to decide.

Accounts of one name are compared by year of birth, province, phone and e-mail (`people.toml`). How often
such values differ within one person is learned from those whom an identifier has joined. From `join` on,
two are one customer, like with an identifier, unless they may be one with several; from `review` on, they
are in `identity.likely_pairs`, for a person to decide (`deciding`). Scoring reads everybody, so it has a
schedule of its own; in between, what was found holds.
"""

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from include.identity import matching
from include.identity.joining import Profile
from include.identity.matching import Pair, Settings
from include.identity.values import normalise_province

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

log = logging.getLogger(__name__)

PEOPLE = Path(__file__).with_name("people.toml")
DAYS = 7
"""How old scores may be."""
LONGEST_LIST = 1000
"""Nobody decides more pairs than this; the likeliest are kept."""
COLUMNS = ("record_id", "customer", "full_name", "birth_year", "province", "phone", "email")
FEWEST_KNOWN = 100
"""Fewer pairs of accounts joined by an identifier say nothing about how values differ."""

TABLES = """
create table if not exists identity.match_models (
    batch_id bigint primary key,
    settings_hash text not null,
    model jsonb,
    pair_count bigint not null,
    scored_at timestamptz not null default clock_timestamp()
);
comment on table identity.match_models is
'One row per scoring of who may be one person: the model that was learned, null where there was too little.';
create table if not exists identity.likely_pairs (
    one varchar(256) not null,
    other varchar(256) not null,
    probability numeric(7,6) not null,
    is_joined boolean not null,
    batch_id bigint not null,
    primary key (one, other),
    check (one < other)
);
comment on table identity.likely_pairs is
'One row per pair of profiles that may be one person for what they say: joined, or for a person to decide.';
"""


def is_due(cursor: Cursor) -> bool:
    """Return whether scores are too old, or by other settings than those in force."""
    cursor.execute(
        # what a batch found that was never published is found again
        "select settings_hash = %s and scored_at > clock_timestamp() - make_interval(days => %s) "
        "and batch_id <= ops.head_batch() from identity.match_models order by batch_id desc limit 1",
        (_settings_hash(), DAYS),
    )
    found = cursor.fetchone()
    return not (found and found[0])


def _settings_hash() -> str:
    return hashlib.sha256(PEOPLE.read_bytes()).hexdigest()[:16]


def joined(cursor: Cursor) -> list[tuple[str, str]]:
    """Return the pairs that are one customer for what they say, the likeliest first."""
    cursor.execute(
        "select one, other from identity.likely_pairs where is_joined order by probability desc, one, other"
    )
    return cursor.fetchall()


def find(
    cursor: Cursor, batch_id: int, profiles: Sequence[Profile],
    identifiers: Iterable[tuple[str, str, str]], customers: Mapping[str, str],
) -> int:  # fmt: skip
    """Score who may be one person with whom, and keep it; return how many pairs were kept.

    `customers` are those whom identifiers and decisions make, by profile.
    """
    settings = matching.read(PEOPLE)
    records = _records(cursor, profiles, identifiers, customers)
    model, pairs = _scored(records, settings)
    cursor.execute("select one, other from identity.decisions")
    decided = set(cursor.fetchall())
    found = [each for each in chosen(pairs, customers, settings.join) if each[0][:2] not in decided]
    to_decide = [each for each in found if not each[1]]
    kept = [each for each in found if each[1]] + to_decide[:LONGEST_LIST]
    cursor.execute("delete from identity.likely_pairs")
    execute_values(
        cursor,
        "insert into identity.likely_pairs (one, other, probability, is_joined, batch_id) values %s",
        [(*pair, is_joined, batch_id) for pair, is_joined in kept],
        page_size=1000,
    )
    cursor.execute(
        "insert into identity.match_models (batch_id, settings_hash, model, pair_count) "
        "values (%s, %s, %s, %s) on conflict (batch_id) do update set "
        "settings_hash = excluded.settings_hash, model = excluded.model, "
        "pair_count = excluded.pair_count, scored_at = clock_timestamp()",
        (batch_id, _settings_hash(), json.dumps(model) if model else None, len(kept)),
    )
    return len(kept)


def chosen(pairs: Iterable[Pair], customers: Mapping[str, str], join: float) -> list[tuple[Pair, bool]]:
    """Return the best pair of each two customers, the likeliest first, and whether it joins them.

    Who may be one with several is joined to none of them: namesakes of one year and province are not rare.
    """
    best: dict[tuple[str, str], Pair] = {}
    for pair in pairs:
        between = sorted((customers[pair.one], customers[pair.other]))
        best.setdefault((between[0], between[1]), pair)
    others: dict[str, set[str]] = defaultdict(set)
    for one, other in best:
        others[one].add(other)
        others[other].add(one)
    return [
        (pair, pair.probability >= join and len(others[one]) == len(others[other]) == 1)
        for (one, other), pair in best.items()
    ]


def _records(
    cursor: Cursor, profiles: Sequence[Profile], identifiers: Iterable[tuple[str, str, str]],
    customers: Mapping[str, str],
) -> list[tuple]:  # fmt: skip
    """Return (profile, customer, name, year of birth, province, phone, e-mail) of each account of a name."""
    cursor.execute("select name, name_now from seeds.provinces")
    now = {normalise_province(name): name_now for name, name_now in cursor.fetchall()}
    cursor.execute(
        "select source_key || ':' || profile_id, max(birth_year), max(city) "
        "from intermediate.int_customers_unioned "
        "where not is_internal and (birth_year is not null or city is not null) group by 1"
    )
    said = {
        key: (year, now.get(normalise_province(city or ""), city)) for key, year, city in cursor.fetchall()
    }
    contacts: dict[str, dict[str, str]] = defaultdict(dict)
    for key, kind, value in identifiers:
        contacts[key].setdefault(kind, value)
    return [
        (
            profile.identifier_key, customers[profile.identifier_key], profile.name,
            *said.get(profile.identifier_key, (None, None)),
            contacts[profile.identifier_key].get("phone"), contacts[profile.identifier_key].get("email"),
        )
        for profile in profiles
        if profile.name and not profile.is_guest
    ]  # fmt: skip


def _scored(records: Sequence[tuple], settings: Settings) -> tuple[matching.Model | None, list[Pair]]:
    """Return the model learned and the pairs scored by it; None and nothing where there is too little."""
    import duckdb

    with duckdb.connect() as connection:
        fill(connection, records)
        known = connection.execute(
            "select coalesce(sum(members * (members - 1) / 2), 0) "
            "from (select count(*) as members from records group by customer) as customers"
        ).fetchone()
        if known[0] < FEWEST_KNOWN:
            log.info("who may be one person is not scored: only %d pairs are known to learn from", known[0])
            return None, []
        try:
            matching.prepare(connection, settings)
            model = matching.train(connection, settings)
        except matching.Untrainable as error:
            # a publication does not wait for what would only have added to it
            log.warning("who may be one person is not scored: %s", error)
            return None, []
        return model, matching.score(connection, settings, model)


def fill(connection: "DuckDBPyConnection", records: Sequence[tuple]) -> None:
    """Make the table `records` of tuples of the profile, its customer, and what it says of itself."""
    import pyarrow

    table = pyarrow.table({
        name: pyarrow.array([None if row[n] is None else str(row[n]) for row in records], pyarrow.string())
        for n, name in enumerate(COLUMNS)
    })  # fmt: skip
    connection.register("given", table)
    connection.execute("create table records as select * from given")
    connection.unregister("given")
