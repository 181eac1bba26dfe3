"""Readers see one publication, whole, at any moment, and never wait for the next."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import count

import psycopg2
import pytest
from psycopg2.extensions import cursor as Cursor

from include import publication, settings, sources
from include.landing import __main__ as commands
from include.publication import NothingDone, NotPublished, PublicationHeld, Published, ShapeChanged
from tests import databases
from tests.databases import ask, one

pytestmark = pytest.mark.server

NUMBERS = count()
TABLES = ("mart_left", "mart_right")
Rows = dict[tuple[str, str], int]


@contextmanager
def session(role: str) -> Iterator[Cursor]:
    with closing(psycopg2.connect(settings.dsn(role))) as connection, connection.cursor() as cursor:
        yield cursor


class Shelf:
    """Two marts that always hold the same rows, and the publication of both."""

    def __init__(self) -> None:
        self.published = [self._make(name) for name in TABLES]

    def _make(self, name: str) -> Published:
        ask(
            f"create table marts.{name} (unit varchar(16), day date, counter bigint, batch_id bigint "
            f"not null, primary key (unit, day)); create table changed.{name} as select 0::bigint as "
            f"batch_id, ' '::\"char\" as op, unit, day from marts.{name} where false",
            role="cx_transformer",
        )
        columns = {"unit": "The unit.", "day": "The day.", "counter": "A number."}
        return Published(name, "marts", ("unit", "day"), "published", f"One row per day: {name}.", columns)

    def build(self, rows: Rows, state: str = "audited") -> int:
        """Let both marts hold these rows as of a new batch; keys that changed are logged."""
        batch_id = one("insert into ops.batches (state, project) values (%s, 'x') returning batch_id", state)
        with session("cx_transformer") as cursor:
            for table in self.published:
                present = self.rows(f"marts.{table.name}")
                for key in rows.keys() | present.keys():
                    if rows.get(key) != present.get(key):
                        self._change(cursor, table.name, key, rows.get(key), batch_id)
            cursor.connection.commit()
        return batch_id

    @staticmethod
    def _change(cursor: Cursor, name: str, key: tuple[str, str], value: int | None, batch_id: int) -> None:
        cursor.execute(f"delete from marts.{name} where (unit, day::text) = %s", (key,))
        if value is not None:
            cursor.execute(f"insert into marts.{name} values (%s, %s, %s, %s)", (*key, value, batch_id))
        cursor.execute(f"insert into changed.{name} values (%s, 'u', %s, %s)", (batch_id, *key))

    def publish(self, rows: Rows) -> int:
        """Build and publish these rows; return the publication's number."""
        publication.publish(self.build(rows))
        return one("select publication_id from ops.head")

    @staticmethod
    def rows(table: str) -> Rows:
        return {(unit, day): n for unit, day, n in ask(f"select unit, day::text, counter from {table}")}

    def seen(self) -> Rows:
        """Return the rows that readers see in both marts, which must be the same."""
        left, right = (self.rows(f"published.{table.name}") for table in self.published[:2])
        assert left == right
        return left


@pytest.fixture
def shelf(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    with databases.made(f"cx_shelf_{next(NUMBERS)}", database):
        made = Shelf()
        monkeypatch.setattr(publication, "tables", lambda: made.published)
        yield made


def some(*numbers: int) -> Rows:
    """Return rows whose keys share a unit or a day with each other."""
    return {("ab"[i % 2], f"2026-01-0{1 + i // 2}"): n for i, n in enumerate(numbers)}


def test_readers_see_what_was_built_and_nothing_before_it_is_published(shelf: Shelf) -> None:
    shelf.publish(some(1, 2, 3, 4))
    shelf.build(some(5, 6, 7, 8))
    assert shelf.seen() == some(1, 2, 3, 4)


def test_publishing_twice_changes_nothing(shelf: Shelf) -> None:
    batch_id = shelf.build(some(1, 2, 3))
    first = publication.publish(batch_id)
    versions = ask("select xmin::text, * from pub_store.mart_left")
    assert publication.publish(batch_id) == first == dict.fromkeys(TABLES, 3)
    assert ask("select xmin::text, * from pub_store.mart_left") == versions
    assert one("select count(*) from published.data_publications") == 1


def test_only_what_changed_is_written(shelf: Shelf) -> None:
    shelf.publish(some(1, 2, 3))
    kept = ask("select xmin::text from pub_store.mart_left where counter <> 2 order by day")
    shelf.publish(some(1, 9, 3))
    assert ask("select xmin::text from pub_store.mart_left where counter <> 9 order by day") == kept
    counted = ask("select changed_count, row_count from published.data_publication_tables")
    assert counted == [(1, 3), (1, 3)]


@pytest.mark.parametrize("state", ["building", "built", "approval", "rejected", "abandoned"])
def test_a_batch_that_was_not_audited_is_refused(shelf: Shelf, state: str) -> None:
    shelf.publish(some(1))
    with pytest.raises(psycopg2.Error, match=f"is {state}, not audited"):
        publication.publish(shelf.build(some(2), state))
    assert shelf.seen() == some(1)


def test_a_batch_that_nobody_opened_is_refused(shelf: Shelf) -> None:
    with pytest.raises(psycopg2.Error, match="is unknown, not audited"):
        publication.publish(999)


def test_a_batch_that_was_overtaken_is_refused(shelf: Shelf) -> None:
    batch_id = shelf.build(some(1))
    shelf.build(some(2), "building")
    with pytest.raises(psycopg2.Error, match="was overtaken by a newer build"):
        publication.publish(batch_id)


def test_what_is_gone_from_the_build_is_gone_for_readers_by_its_whole_key(shelf: Shelf) -> None:
    rows = some(1, 2, 3, 4)
    shelf.publish(rows)
    del rows["a", "2026-01-01"]
    shelf.publish(rows)
    assert shelf.seen() == rows
    shelf.publish(rows | {("a", "2026-01-01"): 7})
    assert shelf.seen() == rows | {("a", "2026-01-01"): 7}


# going back


def test_any_of_the_last_seven_publications_can_be_shown_again(shelf: Shelf) -> None:
    chance = random.Random(3)
    shown: dict[int, Rows] = {}
    for _ in range(9):
        ask("select nextval('ops.publications_publication_id_seq') from generate_series(1, 20)")
        rows = some(*(chance.choice((0, 1, 2, 3)) for _ in range(8)))
        rows = {key: n for key, n in rows.items() if n}
        shown[shelf.publish(rows)] = rows
    numbers = list(shown)
    with pytest.raises(NotPublished, match="too far back"):
        publication.roll_back(numbers[-8])
    for number in (numbers[-2], numbers[-3], numbers[-7]):
        publication.roll_back(number)
        assert shelf.seen() == shown[number]
        assert one("select max(publication_id) from published.data_publications") == number
        counted = {n for (n,) in ask("select row_count from published.data_publication_tables")}
        assert counted == {len(shown[number])}
    with pytest.raises(PublicationHeld, match=r"on hold .*release"):
        publication.publish(shelf.build(some(1, 2)))
    assert publication.main(["release"])
    final = some(0, 5, 6)
    shelf.publish(final)
    assert shelf.seen() == final


def test_undo_holds_no_more_than_seven_publications(shelf: Shelf) -> None:
    for number in range(12):
        shelf.publish(some(number))
    assert one("select count(distinct publication_id) from undo.mart_left") == 7


def test_going_back_to_what_is_not_there_is_refused(shelf: Shelf) -> None:
    shelf.publish(some(1))
    ask("select nextval('ops.publications_publication_id_seq')")
    shelf.publish(some(2))
    with pytest.raises(NotPublished, match="2 is not there to go back to: 3 is shown"):
        publication.roll_back(2)
    with pytest.raises(NotPublished, match="9 is not there to go back to: 3 is shown"):
        publication.roll_back(9)
    assert shelf.seen() == some(2)


def test_a_command_that_changes_nothing_says_so(shelf: Shelf) -> None:
    with pytest.raises(NotPublished, match="nothing is published yet"):
        publication.main(["roll-back", "1"])
    shelf.publish(some(1))
    with pytest.raises(NothingDone, match="1 is the one that is shown: nothing was rolled back"):
        publication.main(["roll-back", "1"])
    with pytest.raises(NothingDone, match="not on hold"):
        publication.main(["release"])
    with pytest.raises(NothingDone, match=r"no table fct_nothing is published: mart_left, mart_right"):
        publication.main(["reshape", "fct_nothing"])
    with pytest.raises(NothingDone, match="usage: "):
        publication.main(["rollback"])
    assert not ask("select * from ops.publication_holds")


@pytest.mark.parametrize(
    ("module", "arguments", "said"),
    [
        ("publication", ["release"], "publications are not on hold"),
        ("publication", ["roll-back", "1"], "nothing is published yet"),
        ("landing", ["hold", "nowhere", "why"], f"source 'nowhere': choose from {sources.names()[0]}, "),
        ("landing", ["release", "files"], "files is not held"),
    ],
)
def test_a_command_that_changes_nothing_ends_with_a_sentence_and_2(
    shelf: Shelf, module: str, arguments: list[str], said: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"include.{module}", *arguments], cwd=settings.PROJECT, check=False,
        capture_output=True, text=True, env=os.environ | {"CX_DATABASE": settings.DATABASE},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_source_is_held_once_and_released_once(shelf: Shelf) -> None:
    assert "stays at its published state" in commands.main(["hold", "files", "doubled"])
    with pytest.raises(commands.NothingDone, match="held already"):
        commands.main(["hold", "files", "another reason"])
    assert ask("select source, reason from ops.holds") == [("files", "doubled")]
    assert "catches up" in commands.main(["release", "files"])
    with pytest.raises(commands.NothingDone, match="not held"):
        commands.main(["release", "files"])


# shapes


def test_a_new_column_is_added_without_asking(shelf: Shelf) -> None:
    shelf.publish(some(1))
    ask("alter table marts.mart_left add column label varchar(8) default 'x'")
    assert publication.shape() == ["mart_left.label: new -> character varying(8)"]
    shelf.publish(some(2))
    assert ask("select counter, label from published.mart_left", role="cx_reader") == [(2, "x")]
    assert publication.shape() == []


def test_columns_may_be_added_in_the_middle_again_and_again(shelf: Shelf) -> None:
    shelf.publish(some(1))
    left, *others = shelf.published
    orders = {"label": ["unit", "label", "day"], "note": ["note", "unit", "label", "day"]}
    for number, (added, names) in enumerate(orders.items(), 2):
        ask(f"alter table marts.mart_left add column {added} varchar(8) default '{number}'")
        shelf.published = [replace(left, columns=dict.fromkeys([*names, "counter"], "…")), *others]
        shelf.publish(some(number))
        assert publication.shape() == []
    assert ask("select note, counter, label from published.mart_left", role="cx_reader") == [("3", 3, "2")]


def test_readers_find_rows_by_what_a_table_says_that_they_look_for(shelf: Shelf) -> None:
    shelf.publish(some(1))
    left, *others = shelf.published
    shelf.published = [replace(left, indexes=(("day", "unit"),)), *others]
    assert publication.shape() == ["mart_left is found by day, unit"]
    assert publication.shape() == []
    made = ask("select indexdef from pg_indexes where schemaname = 'pub_store' and tablename = 'mart_left'")
    assert [text for (text,) in made if text.endswith("(day, unit)")]


def test_a_key_that_tells_who_somebody_is_keeps_rows_and_is_not_shown(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.publish(some(1, 2))
    # as in an installation whose readers saw it once
    monkeypatch.setattr(publication, "UNSHOWN_KEYS", ("unit",))
    assert publication.shape() == ["mart_left is shown without unit", "mart_right is shown without unit"]
    assert publication.shape() == []
    publication.publish(shelf.build(some(1, 3)))
    columns = ask(
        "select column_name from information_schema.columns where table_schema = 'published' "
        "and table_name = 'mart_left' order by 1",
        role="cx_reader",
    )
    assert columns == [("counter",), ("day",)]
    assert ask("select counter from published.mart_left order by 1", role="cx_reader") == [(1,), (3,)]
    assert ask("select obj_description('published.mart_left'::regclass)") == [
        ("One row per day: mart_left.",)
    ]


@pytest.mark.parametrize("state", ["built", "audited"])
def test_a_batch_that_may_not_be_published_changes_no_shape(shelf: Shelf, state: str) -> None:
    shelf.publish(some(1))
    publication_id = shelf.publish(some(2))
    if state == "audited":
        publication.roll_back(publication_id - 1)
    ask("alter table marts.mart_left add column label varchar(8) default 'x'")
    refused = PublicationHeld if state == "audited" else psycopg2.Error
    batch_id = shelf.build({}, state)
    with pytest.raises(refused, match="on hold" if state == "audited" else "not audited"):
        publication.publish(batch_id)
    where = "select table_schema from information_schema.columns where table_name = 'mart_left' "
    assert ask(f"{where} and column_name = 'label'") == [("marts",)]


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("drop column counter", [("a", "2026-01-01")]),
        ("alter column counter type numeric(18,4)", [("a", "2026-01-01", 1)]),
    ],
)
def test_a_column_that_readers_use_changes_only_when_a_person_says_so(
    shelf: Shelf, change: str, shown: list[tuple]
) -> None:
    shelf.publish(some(1))
    batch_id = one("insert into ops.batches (state, project) values ('audited', 'x') returning batch_id")
    ask(f"alter table marts.mart_right {change}")
    with pytest.raises(ShapeChanged, match=r"mart_right would lose or retype counter.*reshape mart_right"):
        publication.publish(batch_id)
    assert shelf.seen() == some(1)
    assert "mart_right.counter" in publication.main(["reshape", "mart_right"])
    publication.publish(batch_id)
    columns = ask("select * from published.mart_right", role="cx_reader")
    assert [tuple(map(str, row)) for row in columns] == [
        tuple(f"{v}.0000" if isinstance(v, int) else v for v in row) for row in shown
    ]
    assert publication.main(["reshape", "mart_right"]) == "mart_right has its shape already."


def test_a_table_that_is_published_later_is_published_whole(shelf: Shelf) -> None:
    later = shelf.published[1]
    shelf.build(some(1, 2, 3), "rejected")
    shelf.published = shelf.published[:1]
    shelf.publish(some(1, 2, 3))
    shelf.publish(some(1, 2, 4))
    shelf.published.append(later)
    first = shelf.publish(some(1, 2, 5))
    assert shelf.seen() == some(1, 2, 5)
    publication.roll_back(first - 1)
    assert Shelf.rows("published.mart_right") == {}
    publication.release()
    shelf.publish(some(1, 2, 6))
    assert shelf.seen() == some(1, 2, 6)


def test_a_table_says_what_it_holds_where_clients_look(shelf: Shelf) -> None:
    shelf.publish(some(1))
    described = one("select obj_description('published.mart_left'::regclass)")
    assert described == "One row per day: mart_left."
    assert one("select col_description('published.mart_left'::regclass, 3)") == "A number."


# readers and writers at once


SUMS = (
    "select (select sum(counter) from published.mart_left), (select sum(counter) from published.mart_right)"
)


def test_a_long_transaction_of_a_reader_sees_one_state_and_stops_nobody(shelf: Shelf) -> None:
    shelf.publish(some(1, 2))
    with session("cx_reader") as reader:
        reader.execute("set transaction isolation level repeatable read")
        reader.execute(SUMS)
        assert reader.fetchone() == (3, 3)
        shelf.publish(some(10, 20))
        shelf.publish(some(100))
        reader.execute(SUMS)
        assert reader.fetchone() == (3, 3)
    assert shelf.seen() == some(100)


def test_no_statement_sees_two_publications_and_no_reader_waits(shelf: Shelf) -> None:
    shelf.publish(some(*[1] * 8))
    seen: list[tuple] = []
    waited: list[tuple] = []
    over = threading.Event()

    def read() -> None:
        with session("cx_reader") as cursor:
            while not over.is_set():
                cursor.execute(SUMS)
                seen.append(cursor.fetchone())
                cursor.connection.commit()

    def watch() -> None:
        with session("postgres") as cursor:
            while not over.is_set():
                cursor.execute(
                    "select query from pg_stat_activity where usename = 'cx_reader' "
                    "and wait_event_type = 'Lock'"
                )
                waited.extend(cursor.fetchall())
                cursor.connection.commit()

    threads = [threading.Thread(target=target) for target in (read, read, watch)]
    for thread in threads:
        thread.start()
    try:
        for number in range(2, 14):
            shelf.publish(some(*[number] * 8))
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert {left for left, _ in seen} > {8, 104}
    assert [pair for pair in seen if pair[0] != pair[1]] == []
    assert waited == []


def test_a_second_publisher_waits_for_the_first(shelf: Shelf) -> None:
    batch_id = shelf.build(some(1))
    publication.shape()
    with ThreadPoolExecutor(1) as pool, session("cx_publisher") as first:
        first.execute("call ops.publish(%s)", (batch_id,))
        second = pool.submit(publication.publish, batch_id)
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        until = time.monotonic() + 20
        while not one(waiting) and time.monotonic() < until:
            time.sleep(0.02)
        assert one(waiting) == 1
        first.connection.commit()
        second.result(20)
    assert one("select count(*) from published.data_publications") == 1
    assert shelf.seen() == some(1)


def test_a_publisher_that_is_killed_leaves_the_old_state_and_the_next_completes(shelf: Shelf) -> None:
    shelf.publish(some(1, 2, 3))
    batch_id = shelf.build(some(4, 5))
    ask(
        "create function pub_store.sleeps() returns trigger language plpgsql as "
        "$$ begin perform pg_sleep(60); return new; end $$;"
        "create trigger sleeps after update on pub_store.mart_right execute function pub_store.sleeps()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; from tests.databases import ask; "
         "ask('call ops.publish(%s)', int(sys.argv[1]), role='cx_publisher')", str(batch_id)],
        cwd=settings.PROJECT,
        env=os.environ | {"CX_DATABASE": settings.DATABASE},
    )  # fmt: skip
    asleep = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"
    try:
        while not one(asleep):
            assert process.poll() is None
            time.sleep(0.02)
        assert shelf.seen() == some(1, 2, 3)
    finally:
        process.kill()
        process.wait()
    assert shelf.seen() == some(1, 2, 3)
    # the orphan holds its locks until PostgreSQL looks for its client, once a second
    while one(asleep):
        time.sleep(0.02)
    ask("drop function pub_store.sleeps cascade")
    publication.publish(batch_id)
    assert shelf.seen() == some(4, 5)
