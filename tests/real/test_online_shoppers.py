"""UCI's Online Shoppers Purchasing Intention: sessions of a shop in ten months, and which of them bought.

12,330 sessions, 1,908 of which brought revenue, are UCI's figures; shares by visitor are computed in the
README of the data, and by month here from the file. Days and the year are our choice (see its events.sql).

We know visitors as new or returning, by whether they were seen before. The file has 85 "Other" besides, of
November, December and June: nobody has seen those before, so they are new. In the other seven months new is
new, as in the file.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from include.quality import Finding
from tests.real.conftest import Ask

pytestmark = pytest.mark.server

METRIC = """
    from published.mart_metrics
    where business_unit_code = 'online_shoppers' and metric_code = 'ecommerce.conversion_rate'
        and period_grain_code = 'month' and period_start >= '2017-01-01'
"""
Counts = dict[tuple[date, str], tuple[int, int]]


@pytest.fixture(scope="module")
def in_file(data: Path) -> Counts:
    """Return sessions that bought and all of them, by month and kind of visitor."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select strptime(column10[:3] || ' 2017', '%b %Y')::date, column15, "
            "sum(column17::integer), count(*) from read_csv(?, header = false) group by 1, 2",
            [str(data / "online_shoppers_intention.csv")],
        ).fetchall()
    return {(month, kind): (bought, sessions) for month, kind, bought, sessions in rows}


def test_every_session_and_purchase_is_there(ask: Ask) -> None:
    for variant in ("session", "visitor", "net"):
        assert ask(
            "select sum(numerator), sum(denominator), round(sum(numerator) / sum(denominator), 4) "
            f"{METRIC} and segment_type_code = 'all' and variant_code = %s",
            variant,
        ) == [(1_908, 12_330, Decimal("0.1547"))]


def test_conversion_by_visitor_of_every_month_is_that_of_the_file(ask: Ask, in_file: Counts) -> None:
    published = ask(
        "select period_start, segment_code, numerator, denominator "
        f"{METRIC} and segment_type_code = 'visitor_kind' and variant_code = 'session'"
    )
    expected: Counts = {}
    for (month, kind), counts in in_file.items():
        key = month, "returning" if kind == "Returning_Visitor" else "new"
        bought, sessions = expected.get(key, (0, 0))
        expected[key] = bought + counts[0], sessions + counts[1]
    assert {(month, kind): tuple(counts) for month, kind, *counts in published} == expected


def test_conversion_by_visitor_is_as_known(ask: Ask) -> None:
    shares = dict(
        ask(
            "select segment_code, round(sum(numerator) / sum(denominator), 4) "
            f"{METRIC} and segment_type_code = 'visitor_kind' and variant_code = 'session' group by 1"
        )
    )
    assert shares["returning"] == Decimal("0.1393")
    # 422 of 1,694 new ones (24.91 %) and 16 of 85 others (18.82 %)
    assert shares["new"] == round(Decimal(422 + 16) / (1_694 + 85), 4)


def test_the_audit_asks_nothing(findings: list[Finding]) -> None:
    assert [finding for finding in findings if "online_shoppers" in finding.observed] == []
