"""Tables as Fivetran copies them from Zendesk and Shopify, told through the contracts.

They are rows to test its packages: invented, and many refer to what is not there (comments of other tickets,
refunds of other orders). They prove that such tables can be told, and that they add up. All expected figures
are computed here from the files. A business unit has one currency: a shop's orders in two are two units.
"""

import csv
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from include.quality import Finding
from tests.real.conftest import Ask

pytestmark = pytest.mark.server

ORDERS = "from published.fct_orders where business_unit_code = 'shopify_seed_{}'"
TICKETS = "from published.fct_conversations where business_unit_code = 'zendesk_seed'"
METRICS = """
    from published.mart_metrics where business_unit_code = '{}' and period_grain_code = 'month'
        and segment_type_code = 'all' and metric_code = '{}' and variant_code = '{}'
"""


def _rows(data: Path, package: str, table: str) -> list[dict[str, str]]:
    with (data / f"dbt_{package}" / f"{table}_data.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("currency", ["gbp", "usd"])
def test_orders_add_up_as_in_the_file(ask: Ask, data: Path, currency: str) -> None:
    orders = [row for row in _rows(data, "shopify", "shopify_order") if row["currency"] == currency.upper()]
    gross, discount = (
        sum(Decimal(row[column]) for row in orders)
        for column in ("total_line_items_price", "total_discounts")
    )
    assert ask(
        f"select count(*), sum(gross_amount), sum(discount_amount), sum(net_amount) {ORDERS.format(currency)}"
    ) == [(len(orders), gross, discount, gross - discount)]
    assert ask(
        "select sum(numerator), sum(denominator)"
        + METRICS.format(f"shopify_seed_{currency}", "ecommerce.average_order_value", "net")
    ) == [(gross - discount, len(orders))]


def test_customers_spent_what_shopify_says_of_them(ask: Ask, data: Path) -> None:
    # `total_spent` is Shopify's own; a fourth customer is a copy of the third, whose orders are not there
    published = ask(
        "select customer_key, count(*), sum(net_amount + shipping_amount) "
        + ORDERS.format("gbp")
        + " group by customer_key"
    )
    said = {
        (int(row["orders_count"]), Decimal(row["total_spent"]))
        for row in _rows(data, "shopify", "shopify_customer")
        if row["orders_count"] != "0"
    }
    assert (
        {(count, spent) for _, count, spent in published}
        == said
        == {(1, Decimal("2.8")), (2, Decimal("9.18"))}
    )


def test_lines_are_those_of_the_file(ask: Ask, data: Path) -> None:
    lines = _rows(data, "shopify", "shopify_order_line")
    assert ask(
        "select count(*), sum(quantity), sum(gross_amount), count(nullif(product_key, 'unknown')) "
        "from published.fct_order_lines where business_unit_code = 'shopify_seed_gbp'"
    ) == [
        (
            len(lines),
            sum(int(line["quantity"]) for line in lines),
            sum(int(line["quantity"]) * Decimal(line["price"]) for line in lines),
            len(lines),
        )
    ]


def test_checkouts_that_were_left_are_those_of_the_file(ask: Ask, data: Path) -> None:
    left = _rows(data, "shopify", "shopify_abandoned_checkout")
    amount = sum(Decimal(row["total_line_items_price"]) for row in left)
    assert ask(
        "select count(*), sum(amount) from published.fct_carts where business_unit_code = 'shopify_seed_usd'"
    ) == [(len(left), amount)]
    # of a shop that tells only of these, what they were worth is known, and no share of all carts
    assert ask(
        "select sum(value)"
        + METRICS.format("shopify_seed_usd", "ecommerce.cart_abandonment", "value_abandoned")
    ) == [(amount,)]
    assert ask(
        "select count(*)" + METRICS.format("shopify_seed_usd", "ecommerce.cart_abandonment", "cart")
    ) == [(0,)]


def test_tickets_are_those_of_the_file(ask: Ask, data: Path) -> None:
    tickets = [row for row in _rows(data, "zendesk", "ticket") if row["status"] != "deleted"]
    solved = {
        row["ticket_id"]: datetime.fromisoformat(row["updated"])
        for row in _rows(data, "zendesk", "ticket_field_history")
        if (row["field_name"], row["value"]) == ("status", "solved")
    }
    published = ask(f"select split_part(conversation_id, '/', 2), status_code, resolution_seconds {TICKETS}")
    assert {ticket: tuple(found) for ticket, *found in published} == {
        row["id"]: (
            row["status"],
            (solved[row["id"]] - datetime.fromisoformat(row["created_at"])).total_seconds()
            if row["id"] in solved
            else None,
        )
        for row in tickets
    }
    assert dict(
        ask(
            "select to_char(period_start, 'YYYY-MM'), denominator"
            + METRICS.format("zendesk_seed", "cx.first_response_time", "within_24h")
        )
    ) == Counter(row["created_at"][:7] for row in tickets)


def test_comments_without_their_ticket_are_kept(ask: Ask, data: Path) -> None:
    comments = _rows(data, "zendesk", "ticket_comment")
    assert ask(
        "select count(*), count(distinct conversation_id), sum(is_public), sum(text_length) "
        "from published.fct_messages where business_unit_code = 'zendesk_seed'"
    ) == [
        (
            len(comments),
            len({row["ticket_id"] for row in comments}),
            sum(row["public"] == "TRUE" for row in comments),
            sum(len(row["body"]) for row in comments),
        )
    ]


def test_the_audit_asks_nothing(findings: list[Finding]) -> None:
    assert [finding for finding in findings if "_seed" in finding.observed] == []
