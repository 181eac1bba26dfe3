"""A day's news of every source: what its run costs beyond the source's answers and the SQL.

Each of its tasks is a process, forked from one that has loaded what `config/airflow_local_settings.py`
names, as Airflow's executors do, and for three of the sources also one that loads everything itself.
"""

import importlib
import multiprocessing
import runpy
import statistics
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import pytest

from include import settings, sources
from include.sandbox import world
from include.sandbox.live import playing
from include.sandbox.stage import Stage
from tests.bench import step
from tests.bench.ratios import Line, at_least, at_most, say
from tests.bench.server import watched
from tests.bench.warehouse import ingest
from tests.pointed import point

SEED = 20261122
CUSTOMERS = 5_000
TURNS = 2
END = date.today() - timedelta(days=2 * TURNS + 1)
STEPS = ("land", "check", "accept")
# loading everything in each task takes minutes with every source, and says the same of three
COLD = ("haravan", "zendesk", "files")


@dataclass(frozen=True)
class Run:
    """A source's run: the seconds of its tasks, of the source's answers, of the server."""

    wall: float
    api: float
    sql: float

    @property
    def rest(self) -> float:
        """Return what is neither."""
        return self.wall - self.api - self.sql


def measure() -> list[Line]:
    """Return what the runs of all sources cost, from shared modules and from nothing."""
    warm: list[dict[str, Run]] = []
    cold: list[dict[str, Run]] = []
    stage = Stage(world.build(SEED, CUSTOMERS, END), settings.HOME)
    with pytest.MonkeyPatch.context() as patch, playing(stage, speed=1e6) as sandbox:
        point(patch, sandbox)
        say(f"  the history of {CUSTOMERS:,} customers …")
        ingest(sandbox)
        for name in runpy.run_path(str(settings.PROJECT / "config/airflow_local_settings.py"))["WARM"]:
            importlib.import_module(name)
        for _ in range(TURNS):
            for method, names, days in (("fork", sources.names(), warm), ("spawn", COLD, cold)):
                stage.advance(1)
                days.append({name: _run(method, name, sandbox.now) for name in names})
                told = f"{_sum(days[-1], 'wall'):.1f} s, beyond API and SQL {_sum(days[-1], 'rest'):.1f} s"
                say(f"  {method}: {told}")
    return _lines(warm, cold)


def _run(method: str, source: str, now: datetime) -> Run:
    done = [watched(partial(_task, method, source, name, now)) for name in STEPS]
    return Run(*(sum(part) for part in zip(*((wall, api, sql) for api, wall, sql in done), strict=True)))


def _task(method: str, source: str, name: str, now: datetime) -> float:
    context = multiprocessing.get_context(method)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=step.run, args=(source, name, now, theirs))
    process.start()
    process.join()
    if process.exitcode or not ours.poll():
        raise RuntimeError(f"{name} of {source} failed")
    return ours.recv()


def _sum(day: dict[str, Run], part: str) -> float:
    return sum(getattr(run, part) for run in day.values())


def _lines(warm: list[dict[str, Run]], cold: list[dict[str, Run]]) -> list[Line]:
    walls = [_sum(day, "wall") for day in warm]
    compared = [_sum({name: day[name] for name in COLD}, "wall") for day in warm]
    rest = {name: statistics.median(day[name].rest for day in warm) for name in warm[0]}
    worst = max(rest, key=rest.get)
    return [
        at_most(
            f"landing, checking and accepting a day of {len(rest)} sources, one after the other",
            walls, [_sum(day, "api") + _sum(day, "sql") for day in warm], None, "their API and SQL",
        ),
        Line(
            "of it, a source's run beyond its API and SQL",
            f"{statistics.median(rest.values()):.2f} s",
            f"most: {worst} {rest[worst]:.2f} s",
        ),
        at_least(
            f"of it, {', '.join(COLD)} with modules loaded in the parent",
            compared, [_sum(day, "wall") for day in cold], None, "each task loads its own",
        ),
    ]  # fmt: skip
