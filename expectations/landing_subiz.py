"""What Subiz's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED

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
            "every_chat_has_ended": gxe.ExpectColumnValuesToNotBeNull(column="end_time", severity="critical"),
        },
    },
    "messages": {
        "columns": {"user_type": "payload ->> 'user_type'", "time": "payload ->> 'time'"},
        "expectations": LANDED
        | {
            "every_message_has_an_author": gxe.ExpectColumnValuesToNotBeNull(
                column="user_type", severity="critical"
            ),
            "every_message_has_a_time": gxe.ExpectColumnValuesToNotBeNull(column="time", severity="critical"),
        },
    },
}
