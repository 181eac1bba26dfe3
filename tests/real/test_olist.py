"""Olist, a Brazilian marketplace: 15,000 orders of 2016 to 2018, as published.

The expected figures were computed from the files beside the data. 71 orders have two reviews: a score
by order gives such an order one voice, a score by answer gives it two (docs/decisions.md).
"""

from decimal import Decimal

import pytest

from include.quality import Finding
from tests.real.conftest import Ask

pytestmark = pytest.mark.server

ORDERS = "from published.fct_orders where business_unit_code = 'olist'"
LINES = "from published.fct_order_lines where business_unit_code = 'olist'"
PAYMENTS = "from published.fct_payments where business_unit_code = 'olist'"
REVIEWS = "from published.fct_feedback where business_unit_code = 'olist' and kind_code = 'csat'"
REVIEWED = """
    from published.fct_feedback as feedback
    inner join published.fct_orders as orders using (source_key, order_id)
    where orders.business_unit_code = 'olist'
"""
SCORED = f"select order_id, is_late, avg(score) as score {REVIEWED} group by order_id, is_late"
CSAT = """
    from published.mart_metrics
    where business_unit_code = 'olist' and metric_code = 'cx.csat'
        and period_grain_code = 'month' and segment_type_code = 'all'
"""
CUSTOMERS = f"""
    from (select customer_key, count(*) as order_count {ORDERS} group by customer_key) as customers
"""

FIGURES = {
    "orders": (f"select count(*) {ORDERS}", 15_000),
    "delivered": (f"select round(avg((status_code = 'delivered')::int), 4) {ORDERS}", "0.9701"),
    "price by line": (f"select sum(gross_amount) {LINES}", "2030270.94"),
    "price by order": (f"select sum(gross_amount) {ORDERS}", "2030270.94"),
    "freight by line": (f"select sum(shipping_amount) {LINES}", "340292.67"),
    "freight by order": (f"select sum(shipping_amount) {ORDERS}", "340292.67"),
    "payments": (f"select sum(amount) {PAYMENTS}", "2397904.56"),
    "reviews": (f"select count(*) {REVIEWS}", 14_944),
    "mean score": (f"select round(avg(score), 4) {REVIEWS}", "4.0841"),
    "mean score, as metric": (
        f"select round(sum(numerator) / sum(denominator), 4) {CSAT} and variant_code = 'mean'",
        "4.0841",
    ),
    "scores of 4 and 5, as metric": (
        f"select round(sum(numerator) / sum(denominator), 4) {CSAT} and variant_code = 'top2'",
        "0.7685",
    ),
    "late by time, of delivered": (
        f"select round(avg(is_late), 4) {ORDERS} and status_code = 'delivered'",
        "0.0794",
    ),
    "late by date, of delivered": (
        f"select round(avg(is_late_by_date), 4) {ORDERS} and status_code = 'delivered'",
        "0.0658",
    ),
    "late by date, of all orders": (
        f"select round(avg(coalesce(is_late_by_date, 0)), 4) {ORDERS}",
        "0.0638",
    ),
    "late by date, as mart": (
        "select round(sum(late_by_date_order_count)::numeric / sum(delivered_order_count), 4) "
        "from published.mart_ecommerce_daily where business_unit_code = 'olist'",
        "0.0658",
    ),
    "days to deliver": (f"select round(avg(delivery_seconds) / 86400, 2) {ORDERS}", "12.48"),
    "score when late by time, by order": (
        f"select round(avg(score), 3) from ({SCORED}) as orders where is_late = 1",
        "2.604",
    ),
    "score when in time, by order": (
        f"select round(avg(score), 3) from ({SCORED}) as orders where is_late = 0",
        "4.285",
    ),
    "score when late by time, by answer": (
        f"select round(avg(score), 3) {REVIEWED} and is_late = 1",
        "2.603",
    ),
    "score when in time, by answer": (
        f"select round(avg(score), 3) {REVIEWED} and is_late = 0",
        "4.284",
    ),
    "score when late by date": (
        f"select round(avg(score), 3) {REVIEWED} and is_late_by_date = 1",
        "2.271",
    ),
    "score of all others": (
        f"select round(avg(score), 3) {REVIEWED} and coalesce(is_late_by_date, 0) = 0",
        "4.205",
    ),
    "score when on its date": (
        f"select round(avg(score), 3) {REVIEWED} and is_late_by_date = 0",
        "4.283",
    ),
    "score when eight days late": (
        f"select round(avg(score), 3) {REVIEWED} and delivered_date - promised_date >= 8",
        "1.720",
    ),
    "reviews when eight days late": (
        f"select count(*) {REVIEWED} and delivered_date - promised_date >= 8",
        396,
    ),
    "customers": (f"select count(*) {CUSTOMERS}", 14_904),
    "customers with a second order": (
        f"select round(avg((order_count > 1)::int), 4) {CUSTOMERS}",
        "0.0062",
    ),
}


@pytest.mark.parametrize("figure", FIGURES)
def test_the_figure_comes_out(ask: Ask, figure: str) -> None:
    question, expected = FIGURES[figure]
    assert ask(question) == [(Decimal(expected),)]


def test_scores_are_spread_as_in_the_file(ask: Ask) -> None:
    shares = ask(
        f"select score, round(count(*) / sum(count(*)) over (), 4) {REVIEWS} group by score order by score"
    )
    expected = ["0.1138", "0.0320", "0.0857", "0.1932", "0.5753"]
    assert shares == [(score, Decimal(share)) for score, share in enumerate(expected, 1)]


def test_everything_finds_what_it_belongs_to(ask: Ask) -> None:
    assert ask(
        f"""
        select
            (select count(*) {ORDERS} and customer_key = 'unknown'),
            (select count(*) {LINES} and (has_order = 0 or product_key = 'unknown')),
            (select count(*) {REVIEWS} and customer_key = 'unknown'),
            (select count(*) {REVIEWED}),
            (select count(*) {PAYMENTS})
        """
    ) == [(0, 0, 0, 14_944, 15_733)]


def test_a_review_of_two_orders_stays_two_answers(ask: Ask) -> None:
    # 20 review ids repeat, each for another order; no answer overwrites another
    assert ask(f"select count(distinct feedback_id), count(distinct order_id) {REVIEWS}") == [
        (14_944, 14_872)
    ]


def test_orders_that_came_to_nothing_are_shown_but_not_counted(ask: Ask) -> None:
    statuses = ask(
        f"select status_code, count(*), sum(is_counted), sum(gross_amount) {ORDERS} group by 1 order by 1"
    )
    assert [(status, count, counted) for status, count, counted, _ in statuses] == [
        ("cancelled", 113, 0),
        ("delivered", 14_552, 14_552),
        ("failed", 89, 0),
        ("open", 246, 246),
    ]
    counted = sum(amount for status, *_, amount in statuses if status in ("delivered", "open"))
    assert ask(
        "select sum(net_revenue) from published.mart_ecommerce_daily where business_unit_code = 'olist'"
    ) == [(counted,)]


def test_the_audit_asks_about_the_end_of_the_data(findings: list[Finding], ask: Ask) -> None:
    # the set was cut off at the end of August 2018: its last week has a third of the usual orders
    asked = [finding for finding in findings if "olist" in finding.observed]
    assert [finding.expectation for finding in asked] == ["order_counts_are_as_usual"]
    assert "through=2018-08-28" in asked[0].observed
