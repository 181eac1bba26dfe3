"""What Subiz's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled

TABLES = {
    "visitors": {"columns": {}, "expectations": LANDED},
    "chats": {
        "columns": {
            "rating": "nullif(payload ->> 'rating', '')",
            "end_time": "payload #>> '{session,end_time}'",
        },
        "expectations": LANDED
        | {
            "ratings_are_good_or_bad": gxe.ExpectColumnValuesToBeInSet(
                column="rating", value_set=["good", "bad"], severity="critical"
            ),
            "every_chat_has_ended": filled("end_time"),
        },
    },
    "messages": {
        "columns": {"user_type": "payload ->> 'user_type'", "time": "payload ->> 'time'"},
        "expectations": LANDED
        | {
            "every_message_has_an_author": filled("user_type"),
            "every_message_has_a_time": filled("time"),
        },
    },
}
