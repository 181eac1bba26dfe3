"""What Chatwoot's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled, seldom_shared

TABLES = {
    "inboxes": {
        "columns": {"channel_type": "payload ->> 'channel_type'"},
        "expectations": LANDED | {"every_inbox_says_how_it_is_reached": filled("channel_type")},
    },
    "contacts": {
        "columns": {"email": "nullif(lower(payload ->> 'email'), '')"},
        "expectations": LANDED
        | {
            "emails_name_one_contact_each": seldom_shared(
                "email", 0.2, "Families share a mailbox: one in a hundred. A fifth is a broken export."
            ),
        },
    },
    "conversations": {
        "columns": {
            "status": "payload ->> 'status'",
            "contact_id": "payload #>> '{meta,sender,id}'",
        },
        "expectations": LANDED
        | {
            "conversations_have_a_known_status": gxe.ExpectColumnValuesToBeInSet(
                column="status",
                value_set=["open", "resolved", "pending", "snoozed"],
                severity="critical",
            ),
            "every_conversation_has_a_contact": filled("contact_id"),
        },
    },
    "messages": {
        "columns": {
            "message_type": "payload ->> 'message_type'",
            "conversation_id": "payload ->> 'conversation_id'",
            "created_at": "payload ->> 'created_at'",
        },
        "expectations": LANDED
        | {
            "messages_are_of_a_known_type": gxe.ExpectColumnValuesToBeInSet(
                column="message_type",
                value_set=["0", "1", "2", "3"],
                severity="critical",
                notes="Incoming, outgoing, activity, template: who said it is read from this.",
            ),
            "every_message_has_a_conversation": filled("conversation_id"),
            "every_message_has_a_time": filled("created_at"),
        },
    },
    "csat_responses": {
        "columns": {
            "rating": "(payload ->> 'rating')::numeric",
            "message_id": "payload ->> 'message_id'",
        },
        "expectations": LANDED
        | {
            "ratings_are_1_to_5": gxe.ExpectColumnValuesToBeInSet(
                column="rating", value_set=[1, 2, 3, 4, 5], severity="critical"
            ),
            "every_answer_has_its_survey": filled("message_id"),
        },
    },
    "report_days": {
        "columns": {
            "begun": "(payload ->> 'conversations_count')::integer",
            "sent": "(payload ->> 'total_sent_messages_count')::integer",
        },
        "expectations": LANDED
        | {
            "every_day_is_counted": filled("begun"),
            "no_count_is_negative": gxe.ExpectColumnValuesToBeBetween(
                column="sent", min_value=0, severity="critical"
            ),
        },
    },
}
