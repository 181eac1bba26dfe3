"""IBM's Telco Customer Churn: the share that left within the last month, by contract, and what it paid.

The file has flags and no dates, so this proves arithmetic only: the month is our choice (see its
subscriptions.sql). 7,043 customers, 1,869 left (26.5 %), 42.7 % of those by month and 30.5 % of the revenue
are published by analyses of this file, 64.76 is a well-known mean of it (README of the data); what each
contract loses is compared with the file here.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from include.quality import Finding
from tests.real.conftest import Ask

pytestmark = pytest.mark.server

UNIT = "business_unit_code = 'telco_churn'"
MONTH = "2019-12-01"
CONTRACTS = {"Month-to-month": "0.4271", "One year": "0.1127", "Two year": "0.0283"}


@pytest.fixture(scope="module")
def metrics(ask: Ask) -> dict[tuple[str, str], tuple]:
    """Return numerator, denominator, value and whether that is provisional, by metric and variant."""
    rows = ask(
        "select metric_code, variant_code, numerator, denominator, round(value, 4), is_provisional "
        f"from published.mart_metrics where {UNIT} and period_grain_code = 'month' "
        f"and period_start = '{MONTH}' and segment_type_code = 'all'"
    )
    return {(metric, variant): tuple(values) for metric, variant, *values in rows}


def test_the_share_that_left_is_the_known_one(metrics: dict[tuple[str, str], tuple]) -> None:
    assert metrics["saas.churn", "logo"] == (1_869, 7_043, Decimal("0.2654"), 0)
    assert metrics["saas.churn", "logo_voluntary"][:2] == (1_869, 7_043)
    assert metrics["saas.retention", "customer_retention"] == (5_174, 7_043, Decimal("0.7346"), 0)


def test_revenue_lost_is_the_known_one(metrics: dict[tuple[str, str], tuple]) -> None:
    lost, all_of_it = Decimal("139130.85"), Decimal("456116.60")
    assert metrics["saas.churn", "revenue_gross"] == (lost, all_of_it, Decimal("0.3050"), 0)
    assert metrics["saas.churn", "revenue_net"] == (lost, all_of_it, Decimal("0.3050"), 0)
    assert metrics["saas.retention", "grr"] == (all_of_it - lost, all_of_it, Decimal("0.6950"), 0)
    assert metrics["saas.revenue_per_customer", "arpa"][:2] == (all_of_it - lost, 5_174)


def test_what_a_customer_pays_is_the_known_mean(ask: Ask) -> None:
    assert ask(
        f"select numerator, denominator, round(value, 2) from published.mart_metrics where {UNIT} "
        "and metric_code = 'saas.revenue_per_customer' and variant_code = 'arpa' and period_start = %s",
        date(2019, 11, 1),
    ) == [(Decimal("456116.60"), 7_043, Decimal("64.76"))]


def test_each_contract_loses_its_share(ask: Ask, data: Path) -> None:
    published = ask(
        f"""
        select
            split_part(plan_id_start, '/', 2), count(*), sum(1 - is_paying_end), sum(recurring_amount_start),
            sum(case when movement_code = 'churn' then movement_amount else 0 end)
        from published.fct_subscription_months
        where {UNIT} and month_start = '{MONTH}' and is_paying_start = 1
        group by 1 order by 1
        """
    )
    with duckdb.connect() as connection:
        in_file = connection.execute(
            "select Contract, count(*), sum(Churn::integer), sum(MonthlyCharges::decimal(18, 2)), "
            "sum(MonthlyCharges::decimal(18, 2)) filter (where Churn) from read_csv(?) group by 1 order by 1",
            [str(data / "WA_Fn-UseC_-Telco-Customer-Churn.csv")],
        ).fetchall()
    assert published == in_file
    assert {plan: round(Decimal(left) / count, 4) for plan, count, left, *_ in published} == {
        plan: Decimal(share) for plan, share in CONTRACTS.items()
    }
    by_plan = ask(
        "select split_part(segment_code, '/', 2), round(value, 4) from published.mart_metrics "
        f"where {UNIT} and metric_code = 'saas.churn' and variant_code = 'logo' and period_start = '{MONTH}' "
        "and segment_type_code = 'plan'"
    )
    assert dict(by_plan) == {plan: Decimal(share) for plan, share in CONTRACTS.items()}


def test_the_audit_asks_nothing(findings: list[Finding]) -> None:
    assert [finding for finding in findings if "telco_churn" in finding.observed] == []
