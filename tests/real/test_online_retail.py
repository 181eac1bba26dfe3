"""Online Retail, a British wholesaler of gifts: December 2010 to December 2011, as published.

The expected figures are those that the literature knows of the set, or were computed from the file.
Its invoices that take back are credit notes here: orders that sell nothing, with a refund.
"""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from include.quality import Finding
from tests.real.conftest import Ask

pytestmark = pytest.mark.server

ORDERS = "from published.fct_orders where business_unit_code = 'online_retail'"
LINES = "from published.fct_order_lines where business_unit_code = 'online_retail'"
SOLD = f"{LINES} and quantity > 0 and unit_price > 0"
SOLD_TO_SOMEBODY = f"{SOLD} and customer_key <> 'unknown'"
DAYS = "from published.mart_ecommerce_daily where business_unit_code = 'online_retail'"

FIGURES = {
    "rows": (f"select count(*) {LINES}", 541_909),
    "invoices": (f"select count(*) {ORDERS}", 25_900),
    "invoices of the rows": (f"select count(distinct order_id) {LINES}", 25_900),
    "stock codes": (f"select count(distinct product_id) {LINES}", 4_070),
    "stock codes, as products": (
        "select count(*) from published.dim_product where business_unit_code = 'online_retail'",
        4_070,
    ),
    "customers": (
        f"select count(distinct customer_key) {ORDERS} and customer_key <> 'unknown'",
        4_372,
    ),
    "rows without a customer": (f"select count(*) {LINES} and customer_key = 'unknown'", 135_080),
    "rows without a description": (f"select count(*) {LINES} and product_name is null", 1_454),
    "rows without a product": (f"select count(*) {LINES} and product_key = 'unknown'", 0),
    "cancelled invoices": (
        f"select count(*) {ORDERS} and order_number like 'C%' and status_code = 'credit_note'",
        3_836,
    ),
    "rows of cancelled invoices": (
        f"select count(*) {LINES} and split_part(order_id, '/', 2) like 'C%'",
        9_288,
    ),
    "exact duplicates": (f"select count(*) {LINES} and copy_number > 1", 5_268),
    "sum of the rows": (f"select round(sum(gross_amount), 2) {LINES}", "9747747.93"),
    "net revenue": (f"select round(sum(net_revenue), 2) {DAYS}", "9747747.93"),
    "rows sold": (f"select count(*) {SOLD}", 530_104),
    "revenue sold": (f"select round(sum(gross_amount), 2) {SOLD}", "10666684.54"),
    "revenue sold, as orders": (f"select round(sum(gross_amount), 2) {ORDERS}", "10666684.54"),
    "rows sold to somebody": (f"select count(*) {SOLD_TO_SOMEBODY}", 397_884),
    "customers who bought": (f"select count(distinct customer_key) {SOLD_TO_SOMEBODY}", 4_338),
    "invoices sold to somebody": (f"select count(distinct order_id) {SOLD_TO_SOMEBODY}", 18_532),
    "revenue sold to somebody": (
        f"select round(sum(gross_amount), 2) {SOLD_TO_SOMEBODY}",
        "8911407.90",
    ),
    "share of customers with a second invoice": (
        f"""
        select round(avg((invoices > 1)::int), 4)
        from (select count(distinct order_id) as invoices {SOLD_TO_SOMEBODY} group by customer_key) as c
        """,
        "0.6558",
    ),
    "net revenue of November 2011": (
        f"select round(sum(net_revenue), 2) {DAYS} and order_date between '2011-11-01' and '2011-11-30'",
        "1461756.25",
    ),
    "net revenue of December 2010": (
        f"select round(sum(net_revenue), 2) {DAYS} and order_date between '2010-12-01' and '2010-12-31'",
        "748957.02",
    ),
}


@pytest.mark.parametrize("figure", FIGURES)
def test_the_figure_comes_out(ask: Ask, figure: str) -> None:
    question, expected = FIGURES[figure]
    assert ask(question) == [(Decimal(expected),)]


def test_every_month_is_that_of_the_file(ask: Ask, data: Path) -> None:
    published = ask(
        f"select to_char(order_date, 'YYYY-MM') as month, sum(net_revenue) {DAYS} group by 1 order by 1"
    )
    with duckdb.connect() as connection:
        in_file = connection.execute(
            "select strftime(InvoiceDate, '%Y-%m'), sum(Quantity * UnitPrice::decimal(18, 3)) "
            "from read_parquet(?) group by 1 order by 1",
            [str(data / "online_retail.parquet")],
        ).fetchall()
    assert len(in_file) == 13
    assert published == in_file


def test_what_is_taken_back_is_a_refund_on_its_day(ask: Ask) -> None:
    # cancellations (C), two bad debts (A) and 1,336 invoices of stock written off, at no price
    assert ask(
        f"""
        select left(order_number, 1) in ('C', 'A') as is_money, count(*), sum(refund_amount), sum(is_counted)
        {ORDERS} and status_code = 'credit_note' group by 1 order by 1
        """
    ) == [(False, 1_336, 0, 0), (True, 3_838, Decimal("918936.61"), 0)]
    assert ask(f"select sum(refund_amount) {DAYS}") == [(Decimal("918936.61"),)]
    assert ask(
        "select count(*), min(paid_date - order_date), max(paid_date - order_date) "
        "from published.fct_payments inner join published.fct_orders using (source_key, order_id) "
        "where fct_orders.business_unit_code = 'online_retail'"
    ) == [(3_838, 0, 0)]


def test_a_buyer_for_whom_nothing_was_charged_is_a_buyer(ask: Ask) -> None:
    # one more than the 4,338 of the literature: invoice 578841 charged its customer nothing
    assert ask(
        f"select count(distinct customer_key) {ORDERS} and is_counted = 1 and customer_key <> 'unknown'"
    ) == [(4_339,)]
    assert ask(
        f"""
        select array_agg(order_number), sum(gross_amount) {ORDERS} and is_counted = 1
        and customer_key <> 'unknown' group by customer_key having sum(gross_amount) = 0
        """
    ) == [(["578841"], 0)]


def test_the_audit_asks_nothing(findings: list[Finding]) -> None:
    assert [finding for finding in findings if "online_retail" in finding.observed] == []
