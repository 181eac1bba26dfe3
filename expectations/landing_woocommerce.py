"""What WooCommerce's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled, seldom, seldom_shared

TABLES = {
    "orders": {
        "columns": {
            "total": "(payload ->> 'total')::numeric",
            "status": "payload ->> 'status'",
            "currency": "payload ->> 'currency'",
            "line_count": "jsonb_array_length(payload -> 'line_items')",
            "unaccounted": "abs((payload ->> 'total')::numeric - (payload ->> 'shipping_total')::numeric - (payload ->> 'total_tax')::numeric - (select coalesce(sum((v #>> '{}')::numeric), 0) from jsonb_path_query(payload, 'lax $.line_items[*].total') as v) - (select coalesce(sum((v #>> '{}')::numeric), 0) from jsonb_path_query(payload, 'lax $.fee_lines[*].total') as v))",
        },
        "expectations": LANDED
        | {
            "no_order_has_a_negative_amount": gxe.ExpectColumnValuesToBeBetween(
                column="total", min_value=0, severity="critical"
            ),
            "nearly_every_order_has_a_known_status": seldom(
                "status not in ('pending', 'processing', 'on-hold', 'completed', 'cancelled', 'refunded', "
                "'failed', 'checkout-draft')",
                0.01,
                notes="A plugin may add statuses of its own; most orders have one of the shop's.",
            ),
            "every_order_has_a_currency": gxe.ExpectColumnValuesToMatchRegex(
                column="currency", regex="^[A-Z]{3}$", severity="critical"
            ),
            "every_order_has_lines": seldom("line_count < 1", 0.01),
            "every_total_is_its_lines_with_fees_shipping_and_tax": seldom("unaccounted > 1", 0.01),
        },
    },
    "refunds": {
        "columns": {"amount": "(payload ->> 'amount')::numeric"},
        "expectations": LANDED
        | {
            "no_refund_is_negative": gxe.ExpectColumnValuesToBeBetween(
                column="amount", min_value=0, severity="critical"
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
        "columns": {"name": "payload ->> 'name'"},
        "expectations": LANDED
        | {
            "every_product_has_a_name": filled("name"),
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
}  # fmt: skip
