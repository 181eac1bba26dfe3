"""What Haravan's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED

TABLES = {
    "orders": {
        "columns": {
            "total_price": "(payload ->> 'total_price')::numeric",
            "lowest_line_price": "(select min((v #>> '{}')::numeric) from jsonb_path_query(payload, 'lax $.line_items[*].price') as v)",
            "line_count": "jsonb_array_length(payload -> 'line_items')",
            "currency": "payload ->> 'currency'",
        },
        "expectations": LANDED
        | {
            "no_order_has_a_negative_amount": gxe.ExpectColumnValuesToBeBetween(
                column="total_price", min_value=0, severity="critical"
            ),
            "no_line_has_a_negative_price": gxe.ExpectColumnValuesToBeBetween(
                column="lowest_line_price", min_value=0, severity="critical"
            ),
            "every_order_has_lines": gxe.ExpectColumnValuesToBeBetween(
                column="line_count", min_value=1, mostly=0.999, severity="critical"
            ),
            "every_order_has_a_currency": gxe.ExpectColumnValuesToNotBeNull(
                column="currency", severity="critical"
            ),
        },
    },
    "customers": {
        "columns": {"email": "nullif(lower(payload ->> 'email'), '')"},
        "expectations": LANDED
        | {
            "emails_name_one_customer_each": gxe.ExpectColumnProportionOfUniqueValuesToBeBetween(
                column="email",
                min_value=0.8,
                severity="critical",
                notes="Families share a mailbox: one in a hundred. A fifth is a broken export.",
            ),
        },
    },
    "products": {
        "columns": {"title": "payload ->> 'title'"},
        "expectations": LANDED
        | {
            "every_product_has_a_name": gxe.ExpectColumnValuesToNotBeNull(
                column="title", severity="critical"
            ),
        },
    },
}
