"""Who is who after a day's news: those whom it reaches, beside everybody resolved anew."""

import random
import resource
from collections.abc import Iterator

from include import identity, settings, warehouse
from include.identity import likely
from include.identity.joining import Profile, customer_keys
from tests.bench.joining import FAMILIES, SYLLABLES
from tests.bench.ratios import Line, Times, at_least, say, seconds
from tests.databases import ask, one

EDGES, NEW, TURNS = 300_000, 100, 2
"""Identifiers that profiles have; one in how many is a day's; and how often."""
CHEAPER = 10.0
MANY, MEMORY = 5_000_000, 2.0
"""Edges that are joined in so many gigabytes."""
TABLES = """
create table identity.said_profiles (
    source_key varchar(64), contract_code varchar(64), record_id varchar(256), profile_id varchar(256),
    seen_at timestamptz, full_name varchar(512), birth_year integer,
    primary key (source_key, contract_code, record_id, profile_id)
);
create index on identity.said_profiles (profile_id);
create table identity.said_identifiers (
    source_key varchar(64), record_key varchar(256), profile_id varchar(256), identifier_type varchar(32),
    place integer, identifier_value varchar(320),
    primary key (source_key, record_key, profile_id, identifier_type, place)
);
create index on identity.said_identifiers (profile_id);
create table changed.said_profiles (batch_id bigint, source_key varchar, profile_id varchar);
create table changed.said_identifiers (batch_id bigint, source_key varchar, profile_id varchar);
create index on changed.said_profiles (batch_id);
create index on changed.said_identifiers (batch_id);
create table if not exists seeds.blocked_identifiers (identifier_type text, identifier_value text);
"""
"""As the project's models make them, as far as they are read here."""


def measure() -> list[Line]:
    """Return how much cheaper a day is, and what many edges need of memory."""
    chance = random.Random(11)
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        cursor.execute(TABLES + identity.TABLES + likely.TABLES)
        # scores have a schedule of their own
        cursor.execute(
            "insert into identity.match_models (batch_id, settings_hash, pair_count) values (0, %s, 0)",
            (likely._settings_hash(),),
        )
    say(f"  {EDGES:,} identifiers …")
    person = _arrive(chance, 0, EDGES)
    say(f"  resolved for the first time in {seconds(_resolve):.0f} s")
    day: Times = []
    everybody: Times = []
    for _ in range(TURNS):
        person = _arrive(chance, person, EDGES // NEW)
        day.append(seconds(_resolve))
        person = _arrive(chance, person, EDGES // NEW)
        ask("delete from identity.rules")
        everybody.append(seconds(_resolve))
        say(f"  a day {day[-1]:.1f} s, everybody {everybody[-1]:.1f} s")
    return [
        at_least(
            f"resolving a day of {100 // NEW} % new identifiers among {EDGES:,}", day, everybody, CHEAPER,
            "everybody anew",
        ),
        _memory(),
    ]  # fmt: skip


def _arrive(chance: random.Random, person: int, count: int) -> int:
    """Let people of COUNT identifiers arrive, half of them of somebody known; return who comes next."""
    ask("insert into ops.batches (state, project) values ('building', 'bench')")
    batch, known, number = one("select max(batch_id) from ops.batches"), person, 0
    profiles, identifiers = [], []
    while number < count:
        who = chance.randrange(known) if known and chance.random() < 0.5 else person
        person += who == person
        # a person's name is the same whenever they come
        own = random.Random(who)
        name = f"{own.choice(FAMILIES)} {own.choice(SYLLABLES)} {own.choice(SYLLABLES)}"
        shared = who - 1 if chance.random() < 0.02 and who else who
        for _ in range(chance.randint(1, 4)):
            key = f"{batch}-{number}"
            profiles.append(f"s\tcustomers\t{key}\t{key}\t2026-01-01\t{name}\t\\N\n")
            identifiers.append(f"s\t{key}\t{key}\tphone\t1\t09{shared * 7_919 % 100_000_000:08d}\n")
            identifiers.append(f"s\t{key}\t{key}\temail\t1\tp{who}@a.vn\n")
            number += 2
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        cursor.copy_expert("copy identity.said_profiles from stdin", _Lines(profiles))
        cursor.copy_expert("copy identity.said_identifiers from stdin", _Lines(identifiers))
        cursor.execute(
            "insert into changed.said_profiles select %s, source_key, profile_id from identity.said_profiles "
            "where profile_id like %s",
            (batch, f"{batch}-%"),
        )
    # as autovacuum does in time
    ask(
        "analyze identity.said_profiles; analyze identity.said_identifiers; analyze changed.said_profiles; "
        "analyze identity.identity_map; analyze identity.profile_identifiers; analyze identity.full_names"
    )
    return person


class _Lines:
    """Lines as a file that a COPY reads."""

    def __init__(self, lines: list[str]) -> None:
        self._lines: Iterator[str] = iter(lines)

    def read(self, _size: int) -> str:
        return next(self._lines, "")


def _resolve() -> None:
    batch = one("select max(batch_id) from ops.batches")
    identity.resolve(batch)
    ask("update ops.head set batch_id = %s", batch)


def _memory() -> Line:
    """Join many edges in a process of its own, and return what it held at most."""
    import subprocess
    import sys

    say(f"  {MANY:,} edges in a process of their own …")
    done = subprocess.run(
        [sys.executable, "-c", f"from tests.bench.resolving import join_many; join_many({MANY})"],
        check=True, capture_output=True, text=True, cwd=settings.PROJECT,
    )  # fmt: skip
    took, held = map(float, done.stdout.split())
    return Line(
        f"joining by {MANY:,} edges: memory at most", f"{held:.2f} GB, {took:.0f} s",
        goal=f"under {MEMORY:g} GB", is_met=held < MEMORY,
    )  # fmt: skip


def join_many(edges: int) -> None:
    """Print the seconds of joining by so many edges, and the gigabytes that it took."""
    import sys

    def people() -> Iterator[tuple[str, str, str, str]]:
        for person in range(edges // 10):
            name = f"{FAMILIES[person % 10]} {SYLLABLES[person % 75]} {SYLLABLES[person // 75 % 75]}"
            for each in range(5):
                yield (
                    f"s:{5 * person + each}",
                    name,
                    f"+849{person * 7_919 % 100_000_000:08d}",
                    f"p{person}@a.vn",
                )

    def values() -> Iterator[tuple[str, str, str]]:
        for key, _, phone, email in people():
            yield key, "phone", phone
            yield key, "email", email

    took = seconds(
        lambda: customer_keys(
            (Profile(key, "s", key[2:], None, 1, own_key=key, name=name) for key, name, *_ in people()),
            values(),
        )
    )
    sys.stdout.write(f"{took} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}\n")
