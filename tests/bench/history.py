"""What a day costs with ten times the history: the same day of a young company and of an old one.

Both have as many customers, orders and visits a day. Three kinds of run are shown apart: days on which only
their own news arrives, three of them, because one is not like another (who becomes known to be one with
somebody else moves what both did, however long ago); and, on the last of them once more, few old orders of
one month and many of all months, told in another way and nothing else. After the runs of each kind, all is
compared with a full refresh.
"""

import shutil
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from include import settings
from include.sandbox import world
from include.sandbox.live import Played, playing
from include.sandbox.stage import Stage
from tests import databases
from tests.bench.ratios import Line, Times, at_most, none, say
from tests.bench.warehouse import Done, dearest, ingest, refresh, run_dag
from tests.databases import ask
from tests.pointed import point

SEED = 20261122
YOUNG_DAYS, TIMES, CUSTOMERS_A_DAY = 45, 10, 10
DAYS = 3
KINDS = {
    f"a day of its own news, median of {DAYS}": (0, DAYS),
    "20 old orders of one month alone": (20, 1),
    "200 old orders of all months alone": (200, 1),
}
"""How many old orders are told again in a run of the kind, none on a new day, and how many runs there are."""
# sources that forget within a week would be late if the first day lay further back
END = date.today() - timedelta(days=DAYS + 1)
GOAL = 1.3


@dataclass(frozen=True)
class _Runs:
    """The runs of one kind, and what a full refresh changed after them."""

    dags: list[dict[str, Done]]
    differing: list[str]
    tables: int

    @property
    def sql(self) -> Times:
        return [sum(done.sql for done in dag.values()) for dag in self.dags]

    @property
    def wall(self) -> Times:
        return [sum(done.wall for done in dag.values()) for dag in self.dags]


def measure() -> list[Line]:
    """Return, for each kind of run, what it takes with a long history against a short one."""
    young = _lived(YOUNG_DAYS)
    # the files of the young company would be read as the old one's
    for folder in ("exports", "inbox"):
        shutil.rmtree(settings.HOME / folder, ignore_errors=True)
    old = _lived(YOUNG_DAYS * TIMES)
    lines = []
    for (kind, (number, _)), after, before in zip(KINDS.items(), old, young, strict=True):
        name = f"{YOUNG_DAYS} days of history"
        lines += [
            at_most(f"{YOUNG_DAYS * TIMES} days of history: {kind}",
                    after.wall, before.wall, None if number else GOAL, name),
            at_most("of it, SQL", after.sql, before.sql, None, name),
        ]  # fmt: skip
    differing = sorted({name for runs in (*young, *old) for name in runs.differing})
    lines.append(
        none(
            f"tables that a full refresh then changes {' '.join(differing)}".strip(),
            len(differing), f"{old[0].tables} tables, {len(young) + len(old)} times",
        )
    )  # fmt: skip
    return lines


def _lived(history: int) -> list[_Runs]:
    """Return the runs of a company in a warehouse of its own, of each kind."""
    customers = CUSTOMERS_A_DAY * history
    say(f"  a company of {customers:,} customers and {history:,} days …")
    stage = Stage(world.build(SEED, customers, END, history), settings.HOME)
    with (
        pytest.MonkeyPatch.context() as patch,
        databases.made(f"bench_history_{history}") as name,
        playing(stage) as sandbox,
    ):
        # for the processes that a task runs in
        patch.setenv("CX_DATABASE", name)
        point(patch, sandbox)
        ingest(sandbox)
        run_dag()
        return [_runs(stage, sandbox, *kind) for kind in KINDS.values()]


def _runs(stage: Stage, sandbox: Played, number: int, count: int) -> _Runs:
    dags = [_run(stage, sandbox, number) for _ in range(count)]
    _, tables, differing = refresh()
    return _Runs(dags, differing, tables)


def _run(stage: Stage, sandbox: Played, number: int) -> dict[str, Done]:
    if number:
        tell_again(number)
    else:
        stage.advance(1)
        ingest(sandbox)
    dag = run_dag()
    wall, sql = (sum(getattr(done, kind) for done in dag.values()) for kind in ("wall", "sql"))
    say(f"  {number} old orders: {wall:.1f} s, SQL {sql:.1f} s; {dearest(dag['build'].answer)}")
    return dag


def tell_again(number: int) -> None:
    """Let NUMBER old orders arrive anew, paid in another way; few are of one month, many of all."""
    acceptance = databases.one("select nextval('ops.acceptance')")
    span = "interval '30 days'" if number < 100 else "interval '10 years'"
    ask(
        "insert into raw_haravan.orders "
        "(record_key, version, acceptance_id, landing_id, ordinal, is_deleted, payload) "
        "select record_key, version + 1, %s, 0, 0, false, "
        "jsonb_set(payload, '{gateway_code}', "
        "to_jsonb(case payload ->> 'gateway_code' when 'COD' then 'MOMO' else 'COD' end)) "
        "from (select distinct on (record_key) * from raw_haravan.orders where not is_deleted "
        "order by record_key, version desc, acceptance_id desc, ordinal desc) as latest "
        "where (payload ->> 'created_at')::timestamptz < now() - interval '20 days' "
        f"and (payload ->> 'created_at')::timestamptz > now() - interval '20 days' - {span} "
        "order by md5(record_key) limit %s",
        acceptance, number,
    )  # fmt: skip
    ask(
        "insert into ops.landings (source, stream, state, window_from, window_to, acceptance_id, settled_at) "
        "values ('haravan', 'orders', 'accepted', now(), now(), %s, now())",
        acceptance,
    )
