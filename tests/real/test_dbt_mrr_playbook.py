"""Subscription periods of dbt Labs' MRR playbook: every movement of every month.

The expected files beside the data are what the playbook's own rules give (its models, run on its periods);
it publishes no figures. What they do not hold is worked out here from the periods, in plain Python.

Where the playbook and we differ:
- Its months begin with 2018. Three customers paid in 2017 alone: months that it does not report, and we do.
- It says upgrade and downgrade for whatever changes what a customer pays; we say expansion and contraction,
  and keep "upgraded" for more seats or another plan.
- A month has what is paid on its first day there, and on its last day here: the same where periods begin
  with months, as all do.
- Its renewal is no movement here, but what is kept of the month before: the numerator of gross retention.
"""

import csv
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.real.conftest import Ask

pytestmark = pytest.mark.server

UNIT = "business_unit_code = 'dbt_mrr_playbook'"
SPINE_START = date(2018, 1, 1)
MOVEMENTS = {"": "unchanged", "upgrade": "expansion", "downgrade": "contraction"}
"""The playbook's words in ours, where they differ."""
Paid = dict[date, dict[str, Decimal]]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


@pytest.fixture(scope="module")
def paid(data: Path) -> Paid:
    """Return what each customer pays in each month by the periods."""
    months: Paid = defaultdict(lambda: defaultdict(Decimal))
    for row in _rows(data / "subscription_periods.csv"):
        month, end = date.fromisoformat(row["start_date"]), date.fromisoformat(row["end_date"])
        while month < end:
            months[month][row["customer_id"]] += Decimal(row["monthly_amount"])
            month = _next(month)
    return months


def test_every_month_of_every_customer_moves_as_in_the_playbook(ask: Ask, data: Path) -> None:
    published = ask(
        f"""
        select
            months.month_start, whose.customer, months.recurring_amount_end, movement_code,
            months.recurring_amount_end - months.recurring_amount_start
        from published.fct_subscription_months as months
        inner join (
            select distinct customer_key, subscription_id from published.fct_subscriptions where {UNIT}
        ) as subscriptions using (customer_key)
        cross join lateral (select split_part(subscription_id, '/', 2)) as whose (customer)
        where months.{UNIT}
        """
    )
    customers = {
        row["subscription_id"]: row["customer_id"] for row in _rows(data / "subscription_periods.csv")
    }
    moved = {(month, customers[subscription]): values for month, subscription, *values in published}
    expected = {
        (date.fromisoformat(row["date_month"]), row["customer_id"]): [
            Decimal(row["mrr"]),
            MOVEMENTS.get(row["change_category"], row["change_category"]),
            Decimal(row["mrr_change"]),
        ]
        for row in _rows(data / "expected_mrr_recomputed.csv")
    }
    assert len(expected) == 410
    assert {key: values for key, values in moved.items() if key[0] >= SPINE_START} == expected
    assert len({customer for month, customer in moved if month < SPINE_START}) == 3


def test_every_month_adds_up_as_in_the_playbook(ask: Ask, data: Path) -> None:
    published = ask(
        "select month_start, end_amount, end_customer_count, new_amount, -churn_amount, expansion_amount, "
        "-contraction_amount, reactivation_amount from published.mart_recurring_revenue_monthly "
        f"where {UNIT} and month_start >= '{SPINE_START}' order by 1"
    )
    expected = [
        (date.fromisoformat(month), *map(Decimal, amounts))
        for month, *amounts in (row.values() for row in _rows(data / "expected_mrr_by_month_recomputed.csv"))
    ]
    assert len(expected) == 26
    assert published == expected


def test_months_before_the_playbooks_first_are_told_too(ask: Ask) -> None:
    # customers 2, 3 and 4 came and left in 2017
    assert ask(
        "select month_start, start_amount, new_amount, churn_amount, end_amount, end_customer_count "
        f"from published.mart_recurring_revenue_monthly where {UNIT} "
        f"and month_start < '{SPINE_START}' order by 1"
    ) == [
        (date(2017, 9, 1), 0, 75, 0, 75, 2),
        (date(2017, 10, 1), 75, 25, 50, 50, 2),
        (date(2017, 11, 1), 50, 0, 50, 0, 0),
    ]


def test_churn_and_retention_are_those_of_the_periods(ask: Ask, paid: Paid, data: Path) -> None:
    expected = {}
    for month in sorted(paid):
        before, after = paid[month], paid.get(_next(month), {})
        start, end = sum(before.values()), sum(after.get(customer, 0) for customer in before)
        kept = sum(min(amount, after.get(customer, 0)) for customer, amount in before.items())
        expected[_next(month)] = {
            "logo": (len(before.keys() - after.keys()), len(before)),
            "logo_involuntary": (0, len(before)),
            "revenue_gross": (start - kept, start),
            "revenue_net": (start - end, start),
            "customer_retention": (len(before.keys() & after.keys()), len(before)),
            "grr": (kept, start),
            "nrr": (end, start),
        }
    published: dict[date, dict[str, tuple]] = defaultdict(dict)
    for month, variant, *parts in ask(
        "select period_start, variant_code, numerator, denominator from published.mart_metrics "
        f"where {UNIT} and metric_code in ('saas.churn', 'saas.retention') and period_grain_code = 'month' "
        "and segment_type_code = 'all' and variant_code = any(%s)",
        list(next(iter(expected.values()))),
    ):
        published[month][variant] = tuple(parts)
    assert published == expected
    renewed: dict[date, Decimal] = defaultdict(Decimal)
    for row in _rows(data / "expected_mrr_recomputed.csv"):
        renewed[date.fromisoformat(row["date_month"])] += Decimal(row["renewal_amount"])
    assert {month: variants["grr"][0] for month, variants in published.items() if month >= SPINE_START} == {
        month: amount for month, amount in renewed.items() if month > SPINE_START
    }
