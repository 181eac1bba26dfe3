"""A run of the `warehouse` Dag: its wall time against its SQL, and a day against a full refresh."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import pytest

from include import landing, quality, settings, sources
from include.sandbox import world
from include.sandbox.live import Played, playing
from include.sandbox.stage import Stage
from tests.bench.ratios import Line, Times, at_least, at_most, none, say, seconds
from tests.bench.server import watched
from tests.databases import ask
from tests.pointed import point

SEED = 20261122
CUSTOMERS = 5_000
DAYS = 2
# what lies in the future is no day that an audit lets pass
END = date.today() - timedelta(days=DAYS + 1)
ROOMS = ("core", "metrics", "marts")


@dataclass(frozen=True)
class Done:
    """A task that ran in a process of its own."""

    answer: object
    compares_all: bool
    wall: float
    sql: float
    """What the server spent on its statements, summed over its connections."""
    stages: dict[str, float]


def measure() -> list[Line]:
    """Return what runs of the Dag take, day after day of the sandbox's company."""
    say(f"  a company of {CUSTOMERS:,} customers …")
    stage = Stage(world.build(SEED, CUSTOMERS, END), settings.HOME)
    with pytest.MonkeyPatch.context() as patch, playing(stage) as sandbox:
        point(patch, sandbox)
        say(f"  its history landed, checked and accepted in {seconds(partial(ingest, sandbox)):.0f} s")
        run_dag()
        days = []
        for day in range(1, DAYS + 1):
            stage.advance(1)
            ingest(sandbox)
            days.append(_Day(run_dag(), *refresh()))
            say(f"  day {day} of {DAYS}: {days[-1]}")
    return _lines(days)


@dataclass(frozen=True)
class _Day:
    dag: dict[str, Done]
    full: Done
    tables: int
    differing: list[str]

    def __str__(self) -> str:
        told = [f"{name} {done.wall:.1f} s (SQL {done.sql:.1f})" for name, done in self.dag.items()]
        return f"{', '.join(told)}; full refresh {self.full.wall:.1f} s (SQL {self.full.sql:.1f})"


def ingest(sandbox: Played) -> None:
    """Land, check and accept every source."""
    for source in sources.names():
        landing.land(source, sandbox.now)
        quality.check(source)
        landing.accept(source)


def run_dag() -> dict[str, Done]:
    """Run the Dag's tasks one after the other, as the daily run does.

    Raises:
        RuntimeError: the audit asks for approval.
    """
    build = run_task("build")
    audit = run_task("audit", build.answer)
    if audit.answer != "publish":
        raise RuntimeError(f"batch {build.answer} is to be approved by a person")
    return {"build": build, "audit": audit, "publish": run_task("publish", build.answer)}


def dearest(batch_id: object) -> str:
    """Return the models that a build spent most on, with the seconds of each."""
    nodes = ask(
        "select node, sum(seconds)::float from ops.model_results where batch_id = %s "
        "group by 1 order by 2 desc limit 20",
        batch_id,
    )
    return ", ".join(f"{node} {spent:.1f}" for node, spent in nodes)


def refresh() -> tuple[Done, int, list[str]]:
    """Compare everything with a full refresh; return its cost, the tables and those that it changed."""
    before = _checksums()
    done = run_task("build_all")
    after = _checksums()
    return done, len(after), [name for name in after if after[name] != before.get(name)]


def run_task(name: str, batch_id: object = "") -> Done:
    """Run one task of the Dag in a process of its own.

    Raises:
        RuntimeError: it failed; the message is what it said.
    """
    process, wall, sql = watched(
        lambda: subprocess.run(
            [sys.executable, "-m", "tests.bench.task", name, str(batch_id)],
            capture_output=True,
            text=True,
            check=False,
        )
    )
    if process.returncode:
        raise RuntimeError(f"{name} failed: {process.stderr.strip() or process.stdout[-2000:]}")
    told = json.loads(process.stdout.strip().splitlines()[-1])
    return Done(told["answer"], told.get("compares_all", False), wall, sql, told["stages"])


def _checksums() -> dict[str, tuple]:
    """Return the number of rows of each table of the rooms and a checksum, the batch left out."""
    tables = ask(
        "select format('%%I.%%I', c.relnamespace::regnamespace, c.relname), "
        "string_agg(quote_ident(a.attname), ', ' order by a.attname) from pg_class as c "
        "inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped "
        "where c.relnamespace::regnamespace::text = any(%s) and c.relkind = 'r' "
        "and a.attname <> 'batch_id' group by 1 order by 1",
        list(ROOMS),
    )
    return {
        name: ask(f"select count(*), sum(hashtextextended(row({columns})::text, 0)) from {name}")[0]
        for name, columns in tables
    }


def _lines(days: list[_Day]) -> list[Line]:
    if any(day.dag["build"].compares_all for day in days):
        raise RuntimeError("the dbt project changed while it was measured: run the bench again")
    walls: Times = [sum(done.wall for done in day.dag.values()) for day in days]
    sql: Times = [sum(done.sql for done in day.dag.values()) for day in days]
    differing = sorted({name for day in days for name in day.differing})
    return [
        at_most(
            "a daily run of `warehouse`: the wall time of build, audit and publish",
            walls, sql, None, "their SQL",
        ),
        *(_shares(name, [day.dag[name] for day in days]) for name in days[0].dag),
        at_least(
            "building one day against a full refresh, SQL",
            [day.dag["build"].sql for day in days], [day.full.sql for day in days], None, "full refresh",
        ),
        at_least(
            "the same, wall time",
            [day.dag["build"].wall for day in days], [day.full.wall for day in days], None, "full refresh",
        ),
        none(
            f"tables that a full refresh then changes {' '.join(differing)}".strip(),
            len(differing), f"{days[0].tables} tables, {len(days)} days",
        ),
    ]  # fmt: skip


def _shares(name: str, runs: list[Done]) -> Line:
    """Return a line that says what a task's wall time is made of, on the average."""

    def mean(values: list[float]) -> float:
        return sum(values) / len(runs)

    wall = mean([run.wall for run in runs])
    parts = {stage: mean([run.stages[stage] for run in runs]) for stage in runs[0].stages}
    parts["SQL"] = mean([run.sql for run in runs])
    told = ", ".join(f"{part} {taken / wall:.0%}" for part, taken in parts.items())
    return Line(f"of it, {name}", f"{wall:.2f} s", told)
