"""Cookie Cats, a mobile game: who came back on the first and the seventh day, by where its first gate stood.

The file has flags and no dates, so this proves arithmetic only: everybody installs on one day (see its
events.sql). The players of each version and the shares that came back (44.82 % and 44.23 %; 19.02 % and
18.20 %) are published by analyses of this A/B test (README of the data); who came back on neither day is
computed here from the file.
"""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from include.quality import Finding
from tests.real.conftest import Ask

pytestmark = pytest.mark.server

UNIT = "business_unit_code = 'cookie_cats'"
DAY_0 = "2016-07-31"
PLAYERS = 90_189


@pytest.fixture(scope="module")
def in_file(data: Path) -> dict[str, tuple[int, ...]]:
    """Return, by version: players, those of day 1, of day 7, and of either."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select version, count(*), sum(retention_1::integer), sum(retention_7::integer), "
            "count(*) filter (where retention_1 or retention_7) from read_csv(?) group by 1",
            [str(data / "cookie_cats.csv.gz")],
        ).fetchall()
    return {version: tuple(counts) for version, *counts in rows}


@pytest.mark.parametrize(("day", "share"), [(1, "0.4452"), (7, "0.1861")])
@pytest.mark.parametrize("grain", ["week", "month"])
def test_who_comes_back_on_the_day_is_as_known(ask: Ask, grain: str, day: int, share: str) -> None:
    assert ask(
        "select cohort_size, round(retained_share, 4), is_provisional from published.mart_retention "
        f"where {UNIT} and cohort_grain_code = %s and kind_code = 'n_day' and day_number = %s "
        f"and cohort_start <= '{DAY_0}'",
        grain,
        day,
    ) == [(PLAYERS, Decimal(share), 0)]


def test_retention_by_version_is_as_known(ask: Ask, in_file: dict[str, tuple[int, ...]]) -> None:
    # retention is not told by the variation of an experiment: this is of the visits that it counts
    published = ask(
        f"""
        with players as (
            select distinct visitor_key, variation_code from published.fct_events
            where {UNIT} and event_name = 'Application Installed'
        )
        select
            players.variation_code, count(distinct visitor_key),
            count(*) filter (where session_date = '{DAY_0}'::date + 1),
            count(*) filter (where session_date = '{DAY_0}'::date + 7)
        from players
        inner join published.fct_sessions as sessions using (visitor_key)
        where sessions.is_counted = 1 group by 1
        """
    )
    assert {version: tuple(counts) for version, *counts in published} == {
        version: counts[:3] for version, counts in in_file.items()
    }
    shares = {version: [round(Decimal(day) / of, 4) for day in days] for version, of, *days in published}
    assert shares == {
        "gate_30": [Decimal("0.4482"), Decimal("0.1902")],
        "gate_40": [Decimal("0.4423"), Decimal("0.1820")],
    }


def test_who_is_lost_is_who_never_came_back(ask: Ask, in_file: dict[str, tuple[int, ...]]) -> None:
    # who came on that day or later is not lost: by the first day, who came on the seventh alone is not
    _, _, of_day_7, of_either = (sum(counts) for counts in zip(*in_file.values(), strict=True))
    assert ask(
        "select variant_code, numerator, denominator from published.mart_metrics "
        f"where {UNIT} and metric_code = 'app.churn' and variant_code in ('d1_loss', 'd7_loss', 'd30_loss') "
        "and period_grain_code = 'month' and period_start = '2016-07-01' order by 1"
    ) == [
        ("d1_loss", PLAYERS - of_either, PLAYERS),
        ("d30_loss", PLAYERS, PLAYERS),
        ("d7_loss", PLAYERS - of_day_7, PLAYERS),
    ]


def test_the_audit_asks_nothing(findings: list[Finding]) -> None:
    assert [finding for finding in findings if "cookie_cats" in finding.observed] == []
