"""What Shopee's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled, seldom

TABLES = {
    "products": {
        "columns": {"item_name": "payload ->> 'item_name'"},
        "expectations": LANDED
        | {
            "every_product_has_a_name": filled("item_name"),
        },
    },
    "orders": {
        "columns": {
            "status": "payload ->> 'order_status'",
            "currency": "payload ->> 'currency'",
            "total_amount": "(payload ->> 'total_amount')::numeric",
            "buyer_user_id": "payload ->> 'buyer_user_id'",
            "line_count": "jsonb_array_length(payload -> 'item_list')",
        },
        "expectations": LANDED
        | {
            "nearly_every_order_has_a_known_status": seldom(
                "status not in ('UNPAID', 'PENDING', 'INVOICE_PENDING', 'READY_TO_SHIP', 'PROCESSED', "
                "'RETRY_SHIP', 'SHIPPED', 'TO_CONFIRM_RECEIVE', 'IN_CANCEL', 'CANCELLED', 'TO_RETURN', "
                "'COMPLETED')",
                0.01,
            ),
            "every_order_has_a_currency": gxe.ExpectColumnValuesToMatchRegex(
                column="currency", regex="^[A-Z]{3}$", severity="critical"
            ),
            "no_order_has_a_negative_amount": gxe.ExpectColumnValuesToBeBetween(
                column="total_amount", min_value=0, severity="critical"
            ),
            "every_order_has_lines": seldom(
                "line_count is null or line_count < 1",
                0.01,
                notes="An order shows its lines only where they are asked for.",
            ),
            "every_order_has_a_buyer": seldom("problem is null and buyer_user_id is null", 0.01),
        },
    },
    "returns": {
        "columns": {
            "order_sn": "payload ->> 'order_sn'",
            "status": "payload ->> 'status'",
            "refund_amount": "(payload ->> 'refund_amount')::numeric",
        },
        "expectations": LANDED
        | {
            "every_return_has_an_order": filled("order_sn"),
            "nearly_every_return_has_a_known_status": seldom(
                "status not in ('REQUESTED', 'PROCESSING', 'ACCEPTED', 'JUDGING', 'SELLER_DISPUTE', "
                "'CANCELLED', 'CLOSED')",
                0.01,
                notes="Only an accepted one is a refund: another word for it would count none.",
            ),
            "no_refund_is_negative": gxe.ExpectColumnValuesToBeBetween(
                column="refund_amount", min_value=0, severity="critical"
            ),
        },
    },
    "comments": {
        "columns": {"rating_star": "(payload ->> 'rating_star')::numeric"},
        "expectations": LANDED
        | {
            "every_review_has_1_to_5_stars": gxe.ExpectColumnValuesToBeBetween(
                column="rating_star", min_value=1, max_value=5, severity="critical"
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
    "shop_performance": {
        "columns": {
            "metric_name": "payload ->> 'metric_name'",
            "rate": (
                "case when payload ->> 'metric_id' in ('42', '43') "
                "then (payload ->> 'current_period')::numeric end"
            ),
        },
        "expectations": LANDED
        | {
            "every_metric_has_a_name": filled("metric_name"),
            "the_rates_beside_ours_are_0_to_100": gxe.ExpectColumnValuesToBeBetween(
                column="rate", min_value=0, max_value=100, severity="critical"
            ),
        },
    },
}
