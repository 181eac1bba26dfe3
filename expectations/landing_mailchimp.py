"""What Mailchimp's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, seldom

TABLES = {
    "campaigns": {"columns": {}, "expectations": LANDED},
    "members": {
        "columns": {"status": "payload ->> 'status'", "email": "lower(payload ->> 'email_address')"},
        "expectations": LANDED
        | {
            "members_have_a_known_status": gxe.ExpectColumnValuesToBeInSet(
                column="status",
                value_set=["subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived"],
                severity="critical",
            ),
            "every_member_has_an_email": seldom("problem is null and email is null", 0.01),
        },
    },
    "reports": {
        "columns": {
            "clicked_undelivered": "(payload #>> '{clicks,unique_subscriber_clicks}')::integer - (payload ->> 'emails_sent')::integer + (payload #>> '{bounces,hard_bounces}')::integer + (payload #>> '{bounces,soft_bounces}')::integer",
        },
        "expectations": LANDED
        | {
            "no_more_subscribers_click_than_are_reached": gxe.ExpectColumnValuesToBeBetween(
                column="clicked_undelivered", max_value=0, severity="info"
            ),
        },
    },
    "sent_to": {"columns": {}, "expectations": LANDED},
    "email_activity": {
        "columns": {"action": "payload ->> 'action'"},
        "expectations": LANDED
        | {
            "activity_is_opening_clicking_or_bouncing": gxe.ExpectColumnValuesToBeInSet(
                column="action", value_set=["open", "click", "bounce"], severity="critical"
            ),
        },
    },
    "unsubscribed": {"columns": {}, "expectations": LANDED},
}
