"""What Sapo's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled, seldom, seldom_shared


def _unkeyed(*parts: str) -> str:
    """Return SQL that counts the parts of a record that have no id, or one that another has too."""
    counts = (
        f"(select count(*) - count(distinct v #>> '{{id}}') from jsonb_path_query(payload, 'lax $.{part}[*]') as v)"
        for part in parts
    )
    return " + ".join(counts)


TABLES = {
    "orders": {
        "columns": {
            "total_price": "(payload ->> 'total_price')::numeric",
            "lowest_line_price": "(select min((v #>> '{}')::numeric) from jsonb_path_query(payload, 'lax $.line_items[*].price') as v)",
            "line_count": "(select count(*) from jsonb_path_query(payload, 'lax $.line_items[*]'))",
            "unkeyed_parts": _unkeyed("line_items", "transactions", "refunds"),
            "currency": "payload ->> 'currency'",
            "unaccounted": "abs((payload ->> 'total_price')::numeric - (payload ->> 'total_line_items_price')::numeric + (payload ->> 'total_discounts')::numeric - (select coalesce(sum((v #>> '{}')::numeric), 0) from jsonb_path_query(payload, 'lax $.shipping_lines[*].price') as v) - case when payload ->> 'taxes_included' = 'true' then 0 else (payload ->> 'total_tax')::numeric end)",
            "lacks_its_payment": "payload ->> 'financial_status' in ('paid', 'partially_refunded', 'refunded') and not jsonb_path_exists(payload, 'lax $.transactions[*] ? (@.status == \"success\")')",
        },
        "expectations": LANDED
        | {
            "no_order_has_a_negative_amount": gxe.ExpectColumnValuesToBeBetween(
                column="total_price", min_value=0, severity="critical"
            ),
            "no_line_has_a_negative_price": gxe.ExpectColumnValuesToBeBetween(
                column="lowest_line_price", min_value=0, severity="critical"
            ),
            "every_order_has_lines": seldom("line_count < 1", 0.01),
            "every_part_of_an_order_has_its_own_id": gxe.ExpectColumnValuesToBeBetween(
                column="unkeyed_parts", max_value=0, severity="critical"
            ),
            "every_order_has_a_currency": filled("currency"),
            "every_total_is_its_lines_with_shipping_and_tax": seldom("unaccounted > 1", 0.01),
            "nearly_every_paid_order_has_its_payment": seldom(
                "lacks_its_payment",
                0.01,
                notes="Transactions are taken to lie inside their order. Where this shop gives them elsewhere, "
                "no payment would be published.",
            ),
        },
    },
    "customers": {
        "columns": {"email": "nullif(lower(payload ->> 'email'), '')"},
        "expectations": LANDED
        | {
            "emails_name_one_customer_each": seldom_shared(
                "email", 0.2, "Families share a mailbox: one in a hundred. A fifth is a broken export."
            ),
        },
    },
    "products": {
        "columns": {"title": "payload ->> 'title'", "unkeyed_parts": _unkeyed("variants")},
        "expectations": LANDED
        | {
            "every_variant_has_its_own_id": gxe.ExpectColumnValuesToBeBetween(
                column="unkeyed_parts", max_value=0, severity="critical"
            ),
            "every_product_has_a_name": filled("title"),
        },
    },
    "checkouts": {
        "columns": {"total_price": "(payload ->> 'total_price')::numeric"},
        "expectations": LANDED
        | {
            "no_checkout_has_a_negative_amount": gxe.ExpectColumnValuesToBeBetween(
                column="total_price", min_value=0, severity="critical"
            ),
        },
    },
    "order_counts": {
        "columns": {"count": "(payload ->> 'count')::integer"},
        "expectations": LANDED
        | {
            "no_count_is_negative": gxe.ExpectColumnValuesToBeBetween(
                column="count", min_value=0, severity="critical"
            ),
        },
    },
}
