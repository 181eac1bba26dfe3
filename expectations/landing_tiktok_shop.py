"""What TikTok Shop's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled, seldom

TABLES = {
    "products": {
        "columns": {"title": "payload ->> 'title'"},
        "expectations": LANDED
        | {
            "every_product_has_a_title": filled("title"),
        },
    },
    "orders": {
        "columns": {
            "status": "payload ->> 'status'",
            "currency": "payload -> 'payment' ->> 'currency'",
            "user_id": "payload ->> 'user_id'",
            "total_amount": "(payload -> 'payment' ->> 'total_amount')::numeric",
            "line_count": "jsonb_array_length(payload -> 'line_items')",
            "unaccounted": "abs((payload -> 'payment' ->> 'original_total_product_price')::numeric - (select coalesce(sum((v #>> '{}')::numeric), 0) from jsonb_path_query(payload, 'lax $.line_items[*].original_price') as v))",
        },
        "expectations": LANDED
        | {
            "nearly_every_order_has_a_known_status": seldom(
                "status not in ('UNPAID', 'ON_HOLD', 'AWAITING_SHIPMENT', 'PARTIALLY_SHIPPING', "
                "'AWAITING_COLLECTION', 'IN_TRANSIT', 'DELIVERED', 'COMPLETED', 'CANCELLED')",
                0.01,
            ),
            "every_order_has_a_currency": gxe.ExpectColumnValuesToMatchRegex(
                column="currency", regex="^[A-Z]{3}$", severity="critical"
            ),
            "no_order_has_a_negative_amount": gxe.ExpectColumnValuesToBeBetween(
                column="total_amount", min_value=0, severity="critical"
            ),
            "every_order_has_lines": seldom("line_count is null or line_count < 1", 0.01),
            "every_order_has_a_buyer": seldom("problem is null and user_id is null", 0.01),
            "every_price_is_that_of_its_units": seldom(
                "unaccounted > 1",
                0.01,
                notes="A line is one unit: where TikTok begins to count quantities, this is how it shows.",
            ),
        },
    },
    "returns": {
        "columns": {
            "order_id": "payload ->> 'order_id'",
            "return_status": "payload ->> 'return_status'",
            "refund_total": "(payload -> 'refund_amount' ->> 'refund_total')::numeric",
        },
        "expectations": LANDED
        | {
            "every_return_has_an_order": filled("order_id"),
            "nearly_every_return_has_a_known_status": seldom(
                "return_status not in ('RETURN_OR_REFUND_REQUEST_PENDING', 'REFUND_OR_RETURN_REQUEST_REJECT', "
                "'AWAITING_BUYER_SHIP', 'BUYER_SHIPPED_ITEM', 'REJECT_RECEIVE_PACKAGE', "
                "'RETURN_OR_REFUND_REQUEST_SUCCESS', 'RETURN_OR_REFUND_REQUEST_CANCEL', "
                "'RETURN_OR_REFUND_REQUEST_COMPLETE', 'AWAITING_BUYER_RESPONSE', 'REPLACEMENT_REQUEST_PENDING', "
                "'REPLACEMENT_REQUEST_REJECT', 'REPLACEMENT_REQUEST_REFUND_SUCCESS', "
                "'REPLACEMENT_REQUEST_CANCEL', 'REPLACEMENT_REQUEST_COMPLETE')",
                0.01,
                notes="Only a completed one is a refund: another word for it would count none.",
            ),
            "no_refund_is_negative": gxe.ExpectColumnValuesToBeBetween(
                column="refund_total", min_value=0, severity="critical"
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
    "messages": {
        "columns": {
            "role": "payload -> 'sender' ->> 'role'",
            "conversation_id": "payload ->> 'conversation_id'",
        },
        "expectations": LANDED
        | {
            "every_message_is_somebodys": gxe.ExpectColumnValuesToBeInSet(
                column="role",
                value_set=["BUYER", "SHOP", "CUSTOMER_SERVICE", "SYSTEM", "ROBOT"],
                severity="critical",
            ),
            "every_message_has_a_conversation": filled("conversation_id"),
        },
    },
    "service_days": {
        "columns": {
            "response_percentage": "(payload ->> 'response_percentage')::numeric",
            "satisfaction_percentage": "(payload ->> 'satisfaction_percentage')::numeric",
        },
        "expectations": LANDED
        | {
            "answers_are_a_percentage": gxe.ExpectColumnValuesToBeBetween(
                column="response_percentage", min_value=0, max_value=100, severity="critical"
            ),
            "satisfaction_is_a_percentage": gxe.ExpectColumnValuesToBeBetween(
                column="satisfaction_percentage", min_value=0, max_value=100, severity="critical"
            ),
        },
    },
}  # fmt: skip
