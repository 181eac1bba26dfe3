"""CDNOW, an American seller of music: one in ten of its customers of early 1997, as published.

The expected table of recency and frequency is the one that comes with the data.
"""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from include.quality import Finding
from tests.real.conftest import Ask

pytestmark = pytest.mark.server

ORDERS = "from published.fct_orders where business_unit_code = 'cdnow'"
CALIBRATION_END = "1997-09-30"
DAYS = f"""
    select
        split_part(order_number, '-', 1)::int as customer, order_date, sum(gross_amount) as spent,
        min(order_date) over (partition by split_part(order_number, '-', 1)) as first_date
    {ORDERS} group by split_part(order_number, '-', 1), order_date
"""
WEEKS = Decimal("0.005")
"""The table has weeks with two decimals."""


@pytest.fixture(scope="module")
def rfm(ask: Ask) -> dict[int, tuple]:
    """Return frequency, recency, age (weeks) and mean spent on a repeat day, by customer."""
    rows = ask(
        f"""
        select
            customer, count(*) - 1, (max(order_date) - min(order_date)) / 7.0,
            (date '{CALIBRATION_END}' - min(order_date)) / 7.0,
            coalesce(avg(spent) filter (where order_date > first_date), 0)
        from ({DAYS}) as days where order_date <= '{CALIBRATION_END}' group by customer
        """
    )
    return {customer: values for customer, *values in rows}


def _table(path: Path) -> dict[int, dict[str, Decimal]]:
    with path.open() as file:
        rows = [{name: Decimal(value) for name, value in row.items()} for row in csv.DictReader(file)]
    return {int(row.pop("ID")): row for row in rows}


def test_every_purchase_and_customer_is_there(ask: Ask) -> None:
    assert ask(f"select count(*), count(distinct customer_key), sum(gross_amount) {ORDERS}") == [
        (6_919, 2_357, Decimal("244091.94"))
    ]


def test_recency_and_frequency_are_those_of_the_table(rfm: dict[int, tuple], data: Path) -> None:
    table = _table(data / "cdnow_customers_summary.csv")
    assert rfm.keys() == table.keys()
    for customer, (frequency, recency, age, _) in rfm.items():
        expected = table[customer]
        assert frequency == expected["frequency"], customer
        assert abs(recency - expected["recency"]) <= WEEKS, customer
        assert abs(age - expected["T"]) <= WEEKS, customer


def test_repeat_buying_adds_up(rfm: dict[int, tuple], ask: Ask) -> None:
    frequencies = [frequency for frequency, *_ in rfm.values()]
    assert sum(frequencies) == 2_457
    assert frequencies.count(0) == 1_411
    assert ask(f"select count(*) from ({DAYS}) as days where order_date > '{CALIBRATION_END}'") == [(1_882,)]


def test_what_a_repeat_day_is_worth_is_that_of_the_table(rfm: dict[int, tuple], data: Path) -> None:
    table = _table(data / "cdnow_customers_summary_with_transactions.csv")
    off = {
        customer: (spent, table[customer]["zbar"])
        for customer, (*_, spent) in rfm.items()
        if abs(spent - table[customer]["zbar"]) > Decimal("0.0051")
    }
    assert off == {}


def test_purchases_before_the_first_holidays_have_metrics(ask: Ask) -> None:
    # the calendar knows holidays from 2009 only; orders of 1997 and 1998 have their periods all the same
    assert ask(
        "select count(*), sum(denominator) from published.mart_metrics "
        "where business_unit_code = 'cdnow' and metric_code = 'ecommerce.average_order_value' "
        "and variant_code = 'net' and period_grain_code = 'month' and segment_type_code = 'all'"
    ) == [(18, 6_919)]


def test_the_audit_asks_nothing(findings: list[Finding]) -> None:
    assert [finding for finding in findings if "cdnow" in finding.observed] == []


def test_every_customer_is_worth_something(ask: Ask) -> None:
    """Models of all of it; those of its first half are held to the published ones in test_lifetime."""
    assert ask(
        "select count(*), sum(repeat_count), count(probability_alive), count(value_12m), sum(net_amount), "
        "min(as_of_date) from published.lifetime_scores where business_unit_code = 'cdnow'"
    ) == [(2_357, 4_339, 2_357, 2_357, Decimal("244091.94"), date(1998, 6, 30))]
    errors = ask(
        "select model_code, is_in_force, held_out_count, predicted_share from published.mart_model_versions "
        "where business_unit_code = 'cdnow' order by 1"
    )
    assert [model for model, *_ in errors] == ["bg_nbd", "gamma_gamma", "mbg_nbd"]
    for model, is_in_force, held_out, share in errors:
        assert (model, is_in_force) == (model, 1)
        assert held_out > 300
        assert Decimal("0.8") < share < Decimal("1.2"), model


def test_who_never_came_back_is_likely_gone(ask: Ask) -> None:
    once, often = (
        ask(
            "select avg(probability_alive) from published.lifetime_scores "
            f"where business_unit_code = 'cdnow' and {which}"
        )[0][0]
        for which in ("repeat_count = 0", "repeat_count >= 5 and recency_days > 400")
    )
    assert once < Decimal("0.5")
    assert often > Decimal("0.8")
