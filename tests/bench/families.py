"""All metrics on five million events: a full build, and each family beside the fastest known way to tell it.

The company is that of `traffic.py`: BENCH_EVENTS events of a year. Its first batch is built in a process of
its own. Then each family's model is computed whole once more, from what lies before it, in turns with the
formulation of `formulations/`, hand-written on the same tables. Both are one process of the server, so that
SQL is compared and not how many cores it gets. What both tell must be equal, by row.

Where our models tell more than the formulation at its barest, this is how they are compared:

- Rolling distinct: `active_counts` has windows of 1, 7 and 28 days, so islands are found for each.
- Retention: `retention_cells` has three readings for weeks and for months; each person's masks hold all three
  and are made once.
- Sessions: the formulation says whose visits began when and no more, so the cut of `fct_sessions` is held
  against it, its SELECT up to where the beginnings are numbered. What the whole model takes, with all that it
  tells of a visit, is shown without a goal.
- Funnels: `funnel_entries` has a marketplace's buyers and sellers, and the time that each step took; so has
  the formulation.
- RFM: `fct_rfm_scores` has every month; there is a pass for each, scores included.
"""

import io
import os
from contextlib import closing, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import psycopg2
from jinja2 import Template
from psycopg2.extensions import cursor as Cursor

from include import landing, quality, settings, transform
from tests.bench import traffic
from tests.bench.ratios import Line, at_most, in_turns, none, say, seconds
from tests.bench.warehouse import Done, dearest, run_task
from tests.databases import one

EVENTS = int(os.environ.get("BENCH_EVENTS") or 5_000_000)
END = date.today()
TURNS = 5
MOST_SECONDS, FOR_GOAL = 600, 5_000_000
WITHIN = 1.3
FORMULATIONS = Path(__file__).parent / "formulations"


@dataclass(frozen=True)
class Family:
    """A family of metrics: the model that computes it, and the columns that both sides tell."""

    what: str
    model: str
    columns: tuple[str, ...]
    formulation: str
    """What it is called."""
    cut_at: str = ""
    """Where the model's SELECT ends that tells as much, and how it ends then."""
    ends_with: str = ""


FAMILIES = {
    "rolling_distinct": Family(
        "rolling distinct persons of 1, 7 and 28 days",
        "active_counts",
        ("business_unit_code", "counted_date", "person_count_1d", "person_count_7d", "person_count_28d"),
        "islands",
    ),
    "retention": Family(
        "retention of weekly and monthly cohorts, in three readings",
        "retention_cells",
        ("business_unit_code", "cohort_grain_code", "cohort_start", "kind_code", "day_number",
         "cohort_size", "retained_count"),
        "bit masks",
    ),
    "sessions": Family(
        "sessions: whose visits began when",
        "fct_sessions",
        ("visitor_key", "business_unit_code", "event_id", "started_at"),
        "lag alone",
        cut_at=",\n\nvisitors as (",
        ends_with="select visitor_key, business_unit_code, event_id, occurred_at as started_at, "
        "session_number from begins",
    ),
    "funnels": Family(
        "funnels of buyers and sellers, within 7 days",
        "funnel_entries",
        ("business_unit_code", "person_key", "funnel_code", "month_start", "step_count",
         *(f"seconds_to_step_{step}" for step in range(2, 7))),
        "first times of steps",
    ),
    "rfm": Family(
        "RFM of every month",
        "fct_rfm_scores",
        ("business_unit_code", "month_start", "customer_key", "recency_days", "purchase_day_count",
         "net_amount", "recency_score", "frequency_score", "monetary_score"),
        "a pass a month",
    ),
}  # fmt: skip


def measure() -> list[Line]:
    """Return what a full build takes, and each family beside its formulation."""
    say(f"  a company of {EVENTS:,} events …")
    told = seconds(partial(traffic.write, settings.INBOX, EVENTS, END))
    landed = seconds(_ingest)
    say(f"  written in {told:.0f} s; landed, checked and accepted in {landed:.0f} s")
    built = run_task("build")
    say(f"  built in {built.wall:.0f} s, SQL {built.sql:.0f} s; {dearest(built.answer)}")
    return [_full_build(built), *_families()]


def _ingest() -> None:
    landing.land("files", datetime.now(UTC))
    quality.check("files")
    landing.accept("files")


def _full_build(built: Done) -> Line:
    events, visits, persons = (
        one(f"select count(*) from core.{table}") for table in ("fct_events", "fct_sessions", "first_days")
    )
    has_goal = EVENTS >= FOR_GOAL
    return Line(
        f"a full build: {events:,} events, {visits:,} visits of {persons:,} persons",
        f"{built.wall:.0f} s",
        f"its SQL {built.sql:.0f} s",
        goal=f"under {MOST_SECONDS} s" if has_goal else "",
        is_met=built.wall < MOST_SECONDS if has_goal else None,
    )


def _families() -> list[Line]:
    """Return each family beside its formulation, and how many rows the two tell otherwise."""
    compiled = _compiled()
    # whoever reads first what was written lately tidies it up
    with closing(psycopg2.connect(settings.dsn("postgres"))) as connection:
        connection.autocommit = True
        connection.cursor().execute("vacuum analyze")
    lines, differing, all_rows = [], 0, 0
    with closing(psycopg2.connect(settings.dsn("cx_transformer"))) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("set max_parallel_workers_per_gather = 0")
        for name, family in FAMILIES.items():
            say(f"  {family.what} …")
            lines += _beside(cursor, name, family, compiled[family.model])
            different, rows = _compared(cursor, name, family.columns)
            differing, all_rows = differing + different, all_rows + rows
    return [*lines, none("rows that models and formulations tell otherwise", differing, f"{all_rows:,}")]


def _compiled() -> dict[str, str]:
    """Return the SELECT of each family's model as a full refresh runs it."""
    models = [family.model for family in FAMILIES.values()]
    # dbt shows what it compiles where the table is to stand
    with redirect_stdout(io.StringIO()):
        answer = transform._runner().invoke(["compile", "--quiet", "--select", *models, *transform._paths()])
    if not answer.success:
        raise RuntimeError(f"the models cannot be compiled: {answer.exception}")
    return {result.node.name: result.node.compiled_code for result in answer.result}


def _beside(cursor: Cursor, name: str, family: Family, model: str) -> list[Line]:
    """Return the seconds of a model beside those of its formulation."""
    sides = {"ours": partial(_make, cursor, f"ours_{name}", model)}
    if family.cut_at:
        select = model[: model.index(family.cut_at)] + family.ends_with
        sides = {"ours": partial(_make, cursor, f"ours_{name}", select),
                 "whole": partial(_make, cursor, f"whole_{name}", model)}  # fmt: skip
    taken = in_turns(TURNS, **sides, theirs=partial(_formulate, cursor, name))
    lines = [at_most(family.what, taken["ours"], taken["theirs"], WITHIN, family.formulation)]
    if "whole" in taken:
        what = f"the same, with all that `{family.model}` tells"
        lines.append(at_most(what, taken["whole"], taken["theirs"], None, family.formulation))
    return lines


def _make(cursor: Cursor, table: str, select: str) -> float:
    """Return the seconds of making a temporary table."""
    cursor.execute(f"drop table if exists {table}")
    return seconds(partial(cursor.execute, f"create temporary table {table} as {select}"))


def _formulate(cursor: Cursor, name: str) -> float:
    cursor.execute(f"drop table if exists theirs_{name}, steps_of_{name}")
    statements = Template((FORMULATIONS / f"{name}.sql").read_text()).render()
    return seconds(partial(cursor.execute, statements))


def _compared(cursor: Cursor, name: str, columns: tuple[str, ...]) -> tuple[int, int]:
    """Return how many rows one side has and the other has not, and how many there are."""
    ours, theirs = (f"(select {', '.join(columns)} from {side}_{name})" for side in ("ours", "theirs"))
    cursor.execute(
        "select (select count(*) from "
        f"(({ours} except all {theirs}) union all ({theirs} except all {ours})) as differing), "
        f"(select count(*) from theirs_{name})"
    )
    return cursor.fetchone()
