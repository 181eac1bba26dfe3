"""What Shopify's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled, seldom, seldom_shared

TABLES = {
    "orders": {
        "columns": {
            "total": "(payload #>> '{totalPriceSet,shopMoney,amount}')::numeric",
            "status": "payload ->> 'displayFinancialStatus'",
            "currency": "payload ->> 'currencyCode'",
            "processed_at": "payload ->> 'processedAt'",
            "line_count": "jsonb_array_length(payload #> '{lineItems,nodes}')",
            "unaccounted": "abs((payload #>> '{totalPriceSet,shopMoney,amount}')::numeric + (payload #>> '{totalDiscountsSet,shopMoney,amount}')::numeric - (payload #>> '{totalShippingPriceSet,shopMoney,amount}')::numeric - (case when payload ->> 'taxesIncluded' = 'true' then 0 else (payload #>> '{totalTaxSet,shopMoney,amount}')::numeric end) - (select coalesce(sum((v ->> 'quantity')::numeric * (v #>> '{originalUnitPriceSet,shopMoney,amount}')::numeric), 0) from jsonb_path_query(payload, 'lax $.lineItems.nodes[*]') as v))",
        },
        "expectations": LANDED
        | {
            "no_order_has_a_negative_amount": gxe.ExpectColumnValuesToBeBetween(
                column="total", min_value=0, severity="critical"
            ),
            "nearly_every_order_has_a_known_status": seldom(
                "status not in ('PENDING', 'AUTHORIZED', 'PARTIALLY_PAID', 'PAID', 'PARTIALLY_REFUNDED', "
                "'REFUNDED', 'VOIDED', 'EXPIRED')",
                0.01,
                notes="A new word of Shopify's would count no order as returned.",
            ),
            "every_order_has_a_currency": gxe.ExpectColumnValuesToMatchRegex(
                column="currency", regex="^[A-Z]{3}$", severity="critical"
            ),
            "every_order_has_its_time": filled("processed_at"),
            "every_order_has_lines": seldom("line_count is null or line_count < 1", 0.01),
            "every_total_is_its_lines_with_shipping_and_tax": seldom(
                "unaccounted > 1",
                0.05,
                severity="warning",
                notes="Tips, duties and later changes of an order are beside its lines; they are rare here.",
            ),
        },
    },
    "customers": {
        "columns": {"email": "nullif(lower(payload #>> '{defaultEmailAddress,emailAddress}'), '')"},
        "expectations": LANDED
        | {
            "emails_name_one_customer_each": seldom_shared(
                "email", 0.2, "Families share a mailbox: one in a hundred. A fifth is a broken export."
            ),
        },
    },
    "products": {
        "columns": {"title": "payload ->> 'title'"},
        "expectations": LANDED
        | {
            "every_product_has_a_name": filled("title"),
        },
    },
    "abandoned_checkouts": {
        "columns": {
            "total": "(payload #>> '{totalPriceSet,shopMoney,amount}')::numeric",
            "currency": "payload #>> '{totalPriceSet,shopMoney,currencyCode}'",
        },
        "expectations": LANDED
        | {
            "no_checkout_has_a_negative_amount": gxe.ExpectColumnValuesToBeBetween(
                column="total", min_value=0, severity="critical"
            ),
            "every_checkout_has_the_shops_currency": gxe.ExpectColumnValuesToMatchRegex(
                column="currency", regex="^[A-Z]{3}$", severity="critical"
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
}  # fmt: skip
