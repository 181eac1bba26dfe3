"""Publishing a change of a hundredth against rewriting the table, while readers loop."""

import time
from contextlib import closing
from functools import partial
from itertools import cycle
from pathlib import Path
from unittest import mock

import psycopg2
from psycopg2.extensions import cursor as Cursor

from include import publication, settings, warehouse
from include.publication import Published
from tests.bench import readers
from tests.bench.ratios import Line, at_least, in_turns, none, say, seconds
from tests.databases import ask, one

ROWS = 2_000_000
FIRST_ID = 1_000_000_000
MARKED = [str(FIRST_ID + number * 10) for number in range(200_000, ROWS + 1, 200_000)]
LATE = str(FIRST_ID + (ROWS - 500) * 10)
TURNS = 3
READERS_EACH = 2
FOLDER = Path(__file__).parent
TABLES = [
    Published("bench_orders", "core", ("source_key", "order_id"), "published", "One row per order.", {}),
    Published("bench_products", "core", ("product_key",), "published", "One row per product.", {}),
]
COPIES = cycle(("one", "other"))

MARKS = (
    "select array_agg(o.change_number) || array_agg(p.change_number) from published.bench_orders as o "
    "inner join published.bench_products as p on p.product_key = o.product_key "
    "where o.source_key = 'haravan' and o.order_id = any(%s)"
)
LATEST = (
    "select count(*), sum(net_amount) from published.bench_orders "
    "where source_key = 'haravan' and order_id > %s"
)


def measure() -> list[Line]:
    """Return what a publication costs and what its readers saw."""
    with mock.patch.object(publication, "tables", return_value=TABLES):
        say(f"  a fact of {ROWS:,} rows …")
        _publish("publication.sql")
        _make_rivals()
        with readers.reading(
            {"statement": (readers.STATEMENT, _look), "transaction": (readers.TRANSACTION, _look_twice)},
            READERS_EACH,
        ) as watch:
            _try_instruments(watch)
            taken = in_turns(
                TURNS, publish=partial(_publish, "publication_change.sql"), swap=_swap, refill=_refill
            )
    if one("select count(*) from core.bench_orders") != one("select count(*) from pub_store.bench_orders"):
        raise RuntimeError("what was published is not what the room holds")
    what = f"publishing a 1 % change of {ROWS:,} rows"
    return [
        at_least(what, taken["publish"], taken["swap"], 8, "a new table and a swap of the view"),
        at_least("the same", taken["publish"], taken["refill"], 8, "truncate and insert"),
        none("mixed states in a statement", watch.mixed["statement"], f"{watch.reads['statement']:,}"),
        none("mixed states in a transaction", watch.mixed["transaction"], f"{watch.reads['transaction']:,}"),
        none("lock waits of readers", watch.lock_waits, f"{len(watch.milliseconds):,} reads"),
        Line(
            "a read meanwhile: median, 95th in 100, longest",
            f"{watch.percentile(0.5):.1f}, {watch.percentile(0.95):.1f}, {max(watch.milliseconds):.0f} ms",
        ),
    ]


def _publish(change: str) -> float:
    """Change the rooms in a new batch, as a build does, and publish it; return the seconds of the latter."""
    batch = one("insert into ops.batches (state, project) values ('audited', 'bench') returning batch_id")
    text = (FOLDER / change).read_text().replace("{batch}", str(batch)).replace("{rows}", str(ROWS))
    ask(text, role="cx_transformer")
    # no batch is published that no audit has read, and the first to read what was written settles its pages
    audit = "select count(*), sum(net_amount) from core.bench_orders where batch_id = %s"
    ask(audit, batch, role="cx_auditor")
    _settle()
    return seconds(partial(publication.publish, batch))


def _settle() -> None:
    """Write out what is dirty, so that nobody pays for the pages of the side before."""
    with closing(psycopg2.connect(settings.dsn("postgres"))) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("checkpoint")


def _make_rivals() -> None:
    ask(
        "create table pub_store.refilled (like pub_store.bench_orders including indexes); "
        "insert into pub_store.refilled select * from pub_store.bench_orders; "
        "create view published.swapped as select * from pub_store.bench_orders",
        role="cx_publisher",
    )


def _swap() -> float:
    """Write the table anew beside the old one and let the view show it."""
    copy = next(COPIES)
    columns = one("select ops.columns('bench_orders', '')")
    rewrite = (
        f"create table pub_store.{copy} as select {columns} from core.bench_orders; "
        f"alter table pub_store.{copy} add primary key (source_key, order_id); analyze pub_store.{copy}; "
        f"create or replace view published.swapped as select {columns} from pub_store.{copy}; "
    )
    _settle()
    taken = seconds(partial(ask, rewrite, role="cx_publisher"))
    ask(f"drop table if exists pub_store.{next(COPIES)}", role="cx_publisher")
    next(COPIES)
    return taken


def _refill() -> float:
    """Empty the table and fill it again, in one transaction."""
    columns = one("select ops.columns('bench_orders', '')")
    rewrite = (
        "truncate pub_store.refilled; "
        f"insert into pub_store.refilled ({columns}) select {columns} from core.bench_orders"
    )
    _settle()
    return seconds(partial(ask, rewrite, role="cx_publisher"))


def _look(cursor: Cursor) -> bool:
    """Return whether all marked rows of both tables are of one publication."""
    cursor.execute(MARKS, (MARKED,))
    return len(set(cursor.fetchone()[0])) == 1


def _look_twice(cursor: Cursor) -> bool:
    """Return whether a transaction's statements all saw one publication."""
    seen = []
    for _ in range(2):
        cursor.execute(MARKS, (MARKED,))
        marks = set(cursor.fetchone()[0])
        cursor.execute(LATEST, (LATE,))
        seen.append((marks, cursor.fetchone()))
    return seen[0] == seen[1] and len(seen[0][0]) == 1


def _try_instruments(watch: readers.Watch) -> None:
    """See that the readers notice a mixed state and a lock, then forget both.

    Raises:
        RuntimeError: an instrument that sees nothing proves nothing.
    """
    mark = "update pub_store.bench_products set change_number = change_number + %s where product_key = 1"
    ask(mark, 1, role="cx_publisher")
    time.sleep(0.2)
    ask(mark, -1, role="cx_publisher")
    with warehouse.transaction("cx_publisher") as connection, connection.cursor() as cursor:
        cursor.execute("lock table pub_store.bench_products in access exclusive mode")
        time.sleep(0.2)
    if not (watch.mixed["statement"] and watch.mixed["transaction"] and watch.lock_waits):
        raise RuntimeError(f"the readers see neither a mixed state nor a lock: {watch}")
    time.sleep(0.2)
    watch.forget()
