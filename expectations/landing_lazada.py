"""What Lazada's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled, seldom

TABLES = {
    "products": {
        "columns": {"product_name": "payload #>> '{attributes,name}'"},
        "expectations": LANDED
        | {
            "every_product_has_a_name": filled("product_name"),
        },
    },
    "orders": {
        "columns": {
            "statuses": "payload ->> 'statuses'",
            "item_count": "jsonb_array_length(payload -> 'items')",
            "items_count": "(payload ->> 'items_count')::numeric",
            "currency": "payload #>> '{items,0,currency}'",
            "least_price": (
                "(select min((item ->> 'paid_price')::numeric) "
                "from jsonb_array_elements(payload -> 'items') as item)"
            ),
            "buyer_id": "payload ->> 'buyer_id'",
        },
        "expectations": LANDED
        | {
            "nearly_every_order_has_known_statuses": seldom(
                "exists (select 1 from jsonb_array_elements_text(statuses::jsonb) as status "
                "where status not in ('unpaid', 'pending', 'packed', 'topack', 'toship', 'ready_to_ship', "
                "'shipping', 'shipped', 'delivered', 'returned', 'canceled', 'failed', 'failed_delivery', "
                "'lost', 'lost_by_3pl', 'damaged_by_3pl', 'package_scrapped', 'shipped_back', "
                "'shipped_back_success', 'shipped_back_failed'))",
                0.01,
            ),
            "every_order_has_a_currency": gxe.ExpectColumnValuesToMatchRegex(
                column="currency", regex="^[A-Z]{3}$", severity="critical"
            ),
            "nearly_every_order_has_all_its_lines": seldom(
                "item_count is null or item_count < 1 or item_count <> items_count",
                0.01,
                notes="The lines are asked for apart; the order says how many it has.",
            ),
            "no_unit_has_a_negative_price": gxe.ExpectColumnValuesToBeBetween(
                column="least_price", min_value=0, severity="critical"
            ),
            "every_order_has_a_buyer": seldom("problem is null and buyer_id is null", 0.01),
        },
    },
    "returns": {
        "columns": {
            "trade_order_id": "payload ->> 'trade_order_id'",
            "request_type": "payload ->> 'request_type'",
            "reverse_status": "payload ->> 'reverse_status'",
            "refund_amount": "(payload ->> 'refund_amount')::numeric",
            "changed_at": "(payload ->> 'return_order_line_gmt_modified')::numeric",
        },
        "expectations": LANDED
        | {
            "every_return_has_an_order": filled("trade_order_id"),
            "nearly_every_return_has_a_known_type": seldom(
                "request_type not in ('CANCEL', 'RETURN', 'ONLY_REFUND')",
                0.01,
                notes="A cancellation is no refund of a sale: another word for it would count as one.",
            ),
            "nearly_every_return_has_a_known_status": seldom(
                "reverse_status not in ('REQUEST_INITIATE', 'REQUEST_REJECT', 'REQUEST_CANCEL', "
                "'REQUEST_COMPLETE', 'CANCEL_SUCCESS', 'REFUND_PENDING', 'REFUND_AUTHORIZED', "
                "'REFUND_SUCCESS', 'REFUND_REJECT', 'SELLER_AGREE_RETURN', 'SELLER_REJECT_RETURN', "
                "'BUYER_RETURN_ITEM', "
                "'SELLER_AGREE_REFUND', 'SELLER_REJECT_REFUND', 'CS_APPROVING', 'AGREE_CANCEL_ORDER', "
                "'REJECT_CANCEL_ORDER')",
                0.01,
                notes="Only one that is over is a refund: another word for it would count none.",
            ),
            "no_refund_is_negative": gxe.ExpectColumnValuesToBeBetween(
                column="refund_amount", min_value=0, severity="critical"
            ),
            "every_return_changed_within_this_century": gxe.ExpectColumnValuesToBeBetween(
                column="changed_at",
                min_value=1_000_000_000_000,
                max_value=4_000_000_000_000,
                severity="critical",
                notes="Times are milliseconds; Lazada's documentation leaves the unit open.",
            ),
        },
    },
    "reviews": {
        "columns": {
            "review_type": "payload ->> 'review_type'",
            "is_outdated": "payload ->> 'is_outdated'",
            "overall_rating": "(payload #>> '{ratings,overall_rating}')::numeric",
        },
        "expectations": LANDED
        | {
            "every_rating_is_1_to_5_stars": gxe.ExpectColumnValuesToBeBetween(
                column="overall_rating", min_value=1, max_value=5, severity="critical"
            ),
            "nearly_every_review_of_a_product_has_a_rating": seldom(
                "problem is null and is_outdated is null and overall_rating is null "
                "and review_type is distinct from 'FOLLOW_UP_REVIEW'",
                0.01,
                notes="Only a follow-up has none.",
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
    "seller_performance": {
        "columns": {
            "score": "(payload ->> 'score')::numeric",
            "score_format": "payload ->> 'score_format'",
        },
        "expectations": LANDED
        | {
            "every_percentage_is_0_to_100": seldom(
                "score_format = 'PERCENTAGE' and score not between 0 and 100",
                0,
                notes="A rate of 0.92 and one of 92 would be a hundred times apart.",
            ),
        },
    },
}
