"""What Zendesk's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled, seldom

TABLES = {
    "tickets": {
        "columns": {
            "status": "payload ->> 'status'",
            "created_at": "(payload ->> 'created_at')::timestamptz",
            "requester_id": "payload ->> 'requester_id'",
        },
        "expectations": LANDED
        | {
            "tickets_have_a_known_status": gxe.ExpectColumnValuesToBeInSet(
                column="status",
                value_set=["new", "open", "pending", "hold", "solved", "closed", "deleted"],
                severity="critical",
            ),
            "every_ticket_has_a_requester": seldom("problem is null and requester_id is null", 0.01),
        },
    },
    "comments": {
        "columns": {"ticket_id": "payload ->> 'ticket_id'"},
        "expectations": LANDED
        | {
            "every_comment_has_a_ticket": filled("ticket_id"),
        },
    },
    "users": {"columns": {}, "expectations": LANDED},
    "satisfaction_ratings": {
        "columns": {"score": "payload ->> 'score'"},
        "expectations": LANDED
        | {
            "ratings_are_good_bad_or_not_given": gxe.ExpectColumnValuesToBeInSet(
                column="score",
                value_set=[
                    "good",
                    "good_with_comment",
                    "bad",
                    "bad_with_comment",
                    "offered",
                    "unoffered",
                ],
                severity="critical",
            ),
        },
    },
}
