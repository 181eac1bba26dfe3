"""One reader of a dashboard, who asks all its questions again and again: a process of its own.

It imports little, because each of ten readers imports it.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

import psycopg2


def read_for(
    dsn: str,
    questions: Sequence[tuple[str, Sequence[object] | None]],
    seconds: float,
    begin: Barrier,
    answers: "Queue[list[float]]",
) -> None:
    """Ask for SECONDS once all readers are there; answer with the seconds that each round took."""
    taken: list[float] = []
    with closing(psycopg2.connect(dsn)) as connection:
        begin.wait()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            began = time.perf_counter()
            with connection, connection.cursor() as cursor:
                for query, parameters in questions:
                    # the answers stay with the server: what is measured is not who reads them
                    cursor.execute(f"explain (analyze, timing off, summary off) {query}", parameters)
                    cursor.fetchall()
            taken.append(time.perf_counter() - began)
    answers.put(taken)
