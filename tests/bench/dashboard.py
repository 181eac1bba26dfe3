"""What the dashboard's questions cost: the rows that each reads, and how long ten readers at once wait.

The questions are those that the page asks while it is written of a published company, each under the name of
the table that it asks and its place among those.
"""

import multiprocessing
import os
import statistics
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from include import settings
from include.delivery.page import write_page
from include.delivery.snapshot import Snapshot
from include.sandbox import world
from include.sandbox.live import playing
from include.sandbox.stage import Stage
from tests.bench.asking import read_for
from tests.bench.ratios import Line, none, say
from tests.bench.warehouse import ingest, run_dag
from tests.databases import ask
from tests.pointed import point

SEED = 20261122
CUSTOMERS = 5_000
END = date.today() - timedelta(days=1)
MOST_ROWS = 10_000
READERS, SECONDS = 10, 20
GOAL = 1.5

Question = tuple[str, Sequence[object]]


def measure() -> list[Line]:
    """Return the rows that the dashboard's questions read, and what ten readers wait."""
    say(f"  a company of {CUSTOMERS:,} customers …")
    stage = Stage(world.build(SEED, CUSTOMERS, END), settings.HOME)
    with pytest.MonkeyPatch.context() as patch, playing(stage) as sandbox:
        point(patch, sandbox)
        ingest(sandbox)
        run_dag()
    ask("analyze pub_store.mart_metrics")
    questions = _questions()
    read = {name: _rows_read(question) for name, question in questions.items()}
    for name, (count, unindexed) in sorted(read.items(), key=lambda pair: -pair[1][0]):
        say(f"  {name}: {count:,} rows{', whole: ' + ', '.join(unindexed) if unindexed else ''}")
    over = [name for name, (count, unindexed) in read.items() if count > MOST_ROWS or unindexed]
    dearest = max(read, key=lambda name: read[name][0])
    alone, together = _waits(questions, 1), _waits(questions, READERS)
    one, late = statistics.median(alone), statistics.quantiles(together, n=20)[-1]
    allowed = GOAL * READERS / (os.cpu_count() or 1)
    return [
        none(
            f"questions of the dashboard that read more than {MOST_ROWS:,} rows, or a large table without an "
            f"index {' '.join(over)}".strip(),
            len(over), f"{len(read)}; most: {dearest}, {read[dearest][0]:,} rows",
        ),
        Line(
            f"all of them, asked by {READERS} readers at once: 95th in 100",
            f"{late * 1000:.0f} ms", f"one reader's median {one * 1000:.0f} ms", f"{late / one:.1f} times",
            f"within {allowed:g} times", late / one <= allowed,
        ),
    ]  # fmt: skip


def _questions() -> dict[str, Question]:
    """Return the questions that the page asks."""
    asked: dict[str, Question] = {}
    numbers: Counter[str] = Counter()
    rows = Snapshot.rows

    def heard(
        snapshot: Snapshot, query: str, *needs: str, parameters: Sequence[object] = ()
    ) -> list[tuple[Any, ...]]:
        if needs:
            numbers[needs[0]] += 1
            asked[f"{needs[0]} {numbers[needs[0]]}"] = query, parameters
        return rows(snapshot, query, *needs, parameters=parameters)

    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(Snapshot, "rows", heard)
        write_page(Path(folder))
    return asked


def _rows_read(question: Question) -> tuple[int, list[str]]:
    """Return how many rows a question reads, and the large tables that it reads without an index."""
    query, parameters = question
    ((plan,),) = ask(f"explain (analyze, format json) {query}", *parameters, role="cx_reader")
    count, unindexed, nodes = 0.0, [], [plan[0]["Plan"]]
    large = dict(ask("select relname, reltuples from pg_class where reltuples > %s", MOST_ROWS))
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", ())
        if "Relation Name" in node:
            passed = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            count += passed * node["Actual Loops"]
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large:
                unindexed.append(node["Relation Name"])
    return int(count), unindexed


def _waits(questions: dict[str, Question], readers: int) -> list[float]:
    """Return the seconds in which all questions were answered, each time that a reader asked them.

    Each reader is a process, as each who looks at a dashboard is: threads would wait for each other here.
    """
    context = multiprocessing.get_context("spawn")
    begin, answers = context.Barrier(readers), context.Queue()
    asked = [(query, parameters or None) for query, parameters in questions.values()]
    dsn = settings.dsn("cx_reader")
    processes = [
        context.Process(target=read_for, args=(dsn, asked, SECONDS, begin, answers)) for _ in range(readers)
    ]
    for process in processes:
        process.start()
    # each says once what it waited, and ends after that
    taken = [seconds for _ in processes for seconds in answers.get(timeout=10 * SECONDS)]
    for process in processes:
        process.join()
    return taken
