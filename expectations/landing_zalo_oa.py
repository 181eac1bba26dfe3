"""What Zalo's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled

TABLES = {
    "users": {"columns": {}, "expectations": LANDED},
    "messages": {
        "columns": {
            "src": "(payload ->> 'src')::numeric",
            "conversation_id": "payload ->> 'conversation_id'",
        },
        "expectations": LANDED
        | {
            "every_message_is_the_customers_or_the_shops": gxe.ExpectColumnValuesToBeInSet(
                column="src", value_set=[0, 1], severity="critical"
            ),
            "every_message_has_a_conversation": filled("conversation_id"),
        },
    },
    "ratings": {
        "columns": {"rate": "(payload ->> 'rate')::numeric"},
        "expectations": LANDED
        | {
            "every_rate_is_1_to_5": gxe.ExpectColumnValuesToBeBetween(
                column="rate", min_value=1, max_value=5, severity="critical"
            ),
        },
    },
}
