"""What the server spends on the statements of a task that runs in a process of its own."""

import time
from collections.abc import Callable
from typing import TypeVar

from include import settings
from tests.databases import ask, one, used

Answer = TypeVar("Answer")


def watched(task: Callable[[], Answer]) -> tuple[Answer, float, float]:
    """Run a task; return its answer, its seconds, and the server's, summed over its connections."""
    before = _connections()
    spent, began = _spent(), time.perf_counter()
    answer = task()
    wall = time.perf_counter() - began
    while _connections() - before:
        # what a connection spent is counted when it has ended
        time.sleep(0.05)
    return answer, wall, _spent() - spent


def _connections() -> set[int]:
    name = settings.DATABASE
    with used("postgres"):
        return {pid for (pid,) in ask("select pid from pg_stat_activity where datname = %s", name)}


def _spent() -> float:
    """Return the seconds that the server has spent on statements of this warehouse, ever."""
    name = settings.DATABASE
    with used("postgres"):
        return one("select active_time from pg_stat_database where datname = %s", name) / 1000
