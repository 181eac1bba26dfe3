"""Joining people: the rules on a million edges beside bare scipy, and fuzzy scores beside bare Splink."""

import csv
import io
import random
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import psycopg2
from psycopg2.extensions import connection as Connection

from include import settings
from include.identity import likely, matching
from include.identity.joining import Profile, customer_keys, uncollected
from tests.bench.ratios import Line, Times, at_most, say, seconds

EDGES, RECORDS, TURNS = 1_000_000, 100_000, 3
WITHIN, WITHIN_SPLINK = 2.0, 1.5
FAMILIES = ("nguyen", "tran", "le", "pham", "hoang", "phan", "vu", "dang", "bui", "do")
SYLLABLES = tuple(f"{first}{last}" for first in "bcdghklmnpqstvx" for last in ("a", "an", "inh", "oa", "uy"))


def measure() -> list[Line]:
    """Return the ratios."""
    ours: Times = []
    bare: Times = []
    with psycopg2.connect(settings.dsn("postgres")) as connection:
        say(f"  {EDGES:,} edges …")
        _write_edges(connection)
        for _ in range(TURNS):
            bare.append(seconds(lambda: _bare(connection)))
            ours.append(seconds(lambda: _ours(connection)))
    say(f"  {RECORDS:,} records …")
    scored, splink = _scores(_people())
    return [
        at_most(
            f"joining by {EDGES:,} edges under all rules, COPY out and in included", ours, bare, WITHIN,
            "bare scipy",
        ),
        at_most(
            f"scoring who of {RECORDS:,} accounts may be one, their pairs fetched and in order", scored,
            splink, WITHIN_SPLINK, "bare Splink",
        ),
    ]  # fmt: skip


def _write_edges(connection: Connection) -> None:
    """Write people of two to eight profiles, who share phones and e-mails, some with a relative."""
    chance = random.Random(7)
    rows, number, person = [], 0, 0
    while number < EDGES:
        name = f"{chance.choice(FAMILIES)} {chance.choice(SYLLABLES)} {chance.choice(SYLLABLES)}"
        phone, email = f"+849{person:08d}", f"p{person}@a.vn"
        if chance.random() < 0.02:
            phone = f"+849{max(person - 1, 0):08d}"
        for _ in range(chance.randint(1, 4)):
            for kind, value in (("phone", phone), ("email", email)):
                rows.append((f"s:{number}", name, kind, value))
            number += 2
        person += 1
    with connection.cursor() as cursor:
        cursor.execute(
            "create table edges (profile text, name text, kind text, value text); "
            "create table joined (profile text, customer text)"
        )
        _copy_in(cursor, "edges", rows)
    connection.commit()


def _copy_in(cursor: psycopg2.extensions.cursor, table: str, rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    text.seek(0)
    cursor.copy_expert(f"copy {table} from stdin with (format csv)", text)


def _copied(connection: Connection, columns: str) -> list[list[str]]:
    text = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"copy (select {columns} from edges) to stdout with (format csv)", text)
    text.seek(0)
    return list(csv.reader(text))


def _bare(connection: Connection) -> None:
    """Join what shares a value, whoever it is."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = _copied(connection, "profile, kind || value")
    profiles, ours = np.unique([row[0] for row in rows], return_inverse=True)
    values, theirs = np.unique([row[1] for row in rows], return_inverse=True)
    size = len(profiles) + len(values)
    graph = coo_array((np.ones(len(rows), bool), (ours, theirs + len(profiles))), shape=(size, size))
    labels = connected_components(graph, directed=False)[1]
    _write(connection, zip(profiles.tolist(), map(str, labels[: len(profiles)].tolist()), strict=True))


def _ours(connection: Connection) -> None:
    """Join by all rules: names, caps, families, slips."""
    with uncollected():
        rows = _copied(connection, "profile, name, kind, value")
        names = {row[0]: row[1] for row in rows}
        profiles = [
            Profile(key, "s", key[2:], None, 1, own_key=key, name=" ".join(sorted(name.split())))
            for key, name in names.items()
        ]
        keys = customer_keys(profiles, [(key, kind, value) for key, _, kind, value in rows])
        _write(connection, [(key, customer) for key, (customer, _) in keys.items()])


def _write(connection: Connection, rows: Iterable[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("truncate joined")
        _copy_in(cursor, "joined", list(rows))
    connection.commit()


def _people() -> list[tuple]:
    chance = random.Random(8)
    rows = []
    for number in range(RECORDS // 2):
        name = f"{chance.choice(FAMILIES)} {chance.choice(SYLLABLES)} {chance.choice(SYLLABLES)}"
        said = name, str(chance.randint(1950, 2008)), f"tinh {chance.randint(1, 34)}"
        for shop in ("a", "b"):
            phone = f"+849{number:08d}" if chance.random() < 0.6 else None
            rows.append(
                (f"{shop}:{number}", f"c{number if phone else f'{shop}{number}'}", *said, phone, None)
            )
    return rows


def _scores(people: Sequence[tuple]) -> tuple[Times, Times]:
    """Return the seconds of scoring as the warehouse does, and of Splink alone on values that are alike."""
    said = matching.read(Path(likely.PEOPLE))
    ours: Times = []
    bare: Times = []
    with duckdb.connect() as connection:
        likely.fill(connection, people)
        matching.prepare(connection, said)
        model = matching.train(connection, said)
        for _ in range(TURNS):
            predict = matching.linker(connection, said, model).inference.predict
            bare.append(seconds(partial(predict, threshold_match_probability=said.review)))
            ours.append(seconds(lambda: matching.score(connection, said, model)))
    return ours, bare
