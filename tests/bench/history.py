"""What a day costs with ten times the history: the same day of a young company and of an old one.

Both have as many customers, orders and visits a day. Three kinds of day are shown apart: one on which only
its own news arrives, one on which few old orders change besides, and one on which orders of all months do.
Each is compared with a full refresh.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from include import settings
from include.sandbox import world
from include.sandbox.live import Played, playing
from include.sandbox.stage import Stage
from tests import databases
from tests.bench.ratios import Line, at_most, none, say
from tests.bench.warehouse import Done, dearest, ingest, refresh, run_dag
from tests.databases import ask
from tests.pointed import point

SEED = 20261122
YOUNG_DAYS, TIMES, CUSTOMERS_A_DAY = 45, 10, 10
KINDS = {"its own news only": 0, "20 old orders, all of one month": 20, "200 old orders of all months": 200}
"""How many old orders are told again on a day of the kind."""
END = date.today() - timedelta(days=len(KINDS) + 1)
GOAL = 1.3


@dataclass(frozen=True)
class _Day:
    dag: dict[str, Done]
    differing: list[str]
    tables: int

    @property
    def sql(self) -> float:
        return sum(done.sql for done in self.dag.values())

    @property
    def wall(self) -> float:
        return sum(done.wall for done in self.dag.values())


def measure() -> list[Line]:
    """Return, for each kind of day, what it takes with a long history against a short one."""
    with _company(YOUNG_DAYS) as days:
        young = list(days)
    for folder in ("exports", "inbox"):
        shutil.rmtree(settings.HOME / folder, ignore_errors=True)
    with _company(YOUNG_DAYS * TIMES) as days:
        old = list(days)
    lines = []
    for kind, after, before in zip(KINDS, old, young, strict=True):
        goal = GOAL if not KINDS[kind] else None
        name = f"{YOUNG_DAYS} days of history"
        lines += [
            at_most(f"a day's run with {YOUNG_DAYS * TIMES} days of history: {kind}",
                    [after.wall], [before.wall], goal, name),
            at_most("of it, SQL", [after.sql], [before.sql], None, name),
        ]  # fmt: skip
    differing = sorted({name for day in (*young, *old) for name in day.differing})
    lines.append(
        none(
            f"tables that a full refresh then changes {' '.join(differing)}".strip(),
            len(differing), f"{old[0].tables} tables, {len(young) + len(old)} days",
        )
    )  # fmt: skip
    return lines


@contextmanager
def _company(history: int) -> Iterator[Iterator[_Day]]:
    """Yield the days of a company in a warehouse of its own, one of each kind."""
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
        yield (_live(stage, sandbox, number) for number in KINDS.values())


def _live(stage: Stage, sandbox: Played, number: int) -> _Day:
    stage.advance(1)
    ingest(sandbox)
    tell_again(number)
    dag = run_dag()
    spent = dearest(dag["build"].answer)
    _, tables, differing = refresh()
    day = _Day(dag, differing, tables)
    say(f"  {number} old orders: {day.wall:.1f} s, SQL {day.sql:.1f} s; {spent}")
    return day


def tell_again(number: int) -> None:
    """Let NUMBER old orders arrive anew, paid in another way; few are of one month, many of all."""
    if not number:
        return
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
