"""Readers that never stop asking, and the instruments that watch them.

What a reader must not see is a mixed state: rows of two publications in one statement, or in one
REPEATABLE READ transaction. What it must not do is wait for a lock. Both are counted where they
happen: a reader's own `lock_timeout` of a millisecond fails its statement, and the server is asked
every few milliseconds which readers wait.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import psycopg2
from psycopg2.errors import LockNotAvailable
from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED, ISOLATION_LEVEL_REPEATABLE_READ
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from include import settings

LOCK_TIMEOUT = "1ms"
PAUSE = 0.01
SAMPLING = 0.02
NAME = "bench_reader"

Look = Callable[[Cursor], bool]
"""Reads in the transaction that is open; returns whether all that it saw was one state."""


@dataclass
class Watch:
    """What was seen so far."""

    reads: dict[str, int] = field(default_factory=dict)
    mixed: dict[str, int] = field(default_factory=dict)
    lock_waits: int = 0
    samples: int = 0
    milliseconds: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Return the milliseconds within which SHARE of the reads ended."""
        return statistics.quantiles(self.milliseconds, n=1000)[round(share * 1000) - 1]

    def forget(self) -> None:
        """Begin anew, after the instruments were tried."""
        self.__init__()


@contextmanager
def reading(looks: dict[str, tuple[int, Look]], readers_each: int) -> Iterator[Watch]:
    """Let readers loop while the block runs: by name, the isolation level and what each does.

    Raises:
        RuntimeError: a reader failed.
    """
    watch, ended, failures = Watch(), threading.Event(), []

    def run(work: Callable[[Connection], None]) -> None:
        try:
            with closing(psycopg2.connect(settings.dsn("postgres"), application_name=NAME)) as connection:
                work(connection)
        except Exception as failure:
            failures.append(failure)

    works = [
        _reader(watch, ended, name, level, look)
        for name, (level, look) in looks.items()
        for _ in range(readers_each)
    ]
    threads = [threading.Thread(target=run, args=(work,)) for work in (*works, _sampler(watch, ended))]
    for thread in threads:
        thread.start()
    try:
        yield watch
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    if failures:
        raise RuntimeError(f"a reader failed: {failures[0]}") from failures[0]


def _reader(
    watch: Watch, ended: threading.Event, name: str, level: int, look: Look
) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        connection.set_session(isolation_level=level)
        with connection, connection.cursor() as cursor:
            cursor.execute(f"set lock_timeout = '{LOCK_TIMEOUT}'; set role cx_reader")
        while not ended.is_set():
            began = time.perf_counter()
            try:
                with connection, connection.cursor() as cursor:
                    is_one_state = look(cursor)
            except LockNotAvailable:
                watch.lock_waits += 1
                continue
            watch.milliseconds.append((time.perf_counter() - began) * 1000)
            watch.reads[name] = watch.reads.get(name, 0) + 1
            watch.mixed[name] = watch.mixed.get(name, 0) + (not is_one_state)
            time.sleep(PAUSE)

    return work


def _sampler(watch: Watch, ended: threading.Event) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not ended.is_set():
                cursor.execute(
                    "select count(*) from pg_stat_activity as a where application_name = %s and ("
                    "wait_event_type = 'Lock' or exists (select from pg_locks as l where l.pid = a.pid "
                    "and not l.granted))",
                    (NAME,),
                )
                watch.lock_waits += cursor.fetchone()[0]
                watch.samples += 1
                time.sleep(SAMPLING)

    return work


STATEMENT = ISOLATION_LEVEL_READ_COMMITTED
TRANSACTION = ISOLATION_LEVEL_REPEATABLE_READ
