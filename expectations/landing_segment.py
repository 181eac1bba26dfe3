"""What Segment's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, seldom

TABLES = {
    "events": {
        "columns": {
            "type": "payload ->> 'type'",
            "device_or_user": "coalesce(payload ->> 'anonymousId', payload ->> 'userId')",
            "seconds_late": "extract(epoch from (payload ->> 'receivedAt')::timestamptz "
            "- (payload ->> 'timestamp')::timestamptz)",
            "agent_is_a_bot": "case when payload #>> '{context,userAgent}' ~* 'bot|crawl|spider|headless' "
            "then 1 else 0 end",
        },
        "expectations": LANDED
        | {
            "every_event_is_of_a_type_that_the_spec_has": gxe.ExpectColumnValuesToBeInSet(
                column="type",
                value_set=["track", "page", "screen", "identify", "group", "alias"],
                severity="critical",
            ),
            "every_event_is_of_a_device_or_a_user": seldom(
                "problem is null and device_or_user is null", 0.01
            ),
            "nearly_every_event_comes_within_three_days": gxe.ExpectColumnValuesToBeBetween(
                column="seconds_late",
                min_value=-300,
                max_value=3 * 86400,
                mostly=0.99,
                severity="info",
                notes="Later than that, or before it happened: a tracker's clock or queue is broken.",
            ),
            "bots_are_few": gxe.ExpectColumnMeanToBeBetween(
                column="agent_is_a_bot",
                max_value=0.5,
                severity="info",
                notes="Every other event from a bot is a flood: block it before it costs money.",
            ),
        },
    },
    "identifies": {
        "columns": {"traits": "payload ->> 'traits'"},
        "expectations": LANDED
        | {
            "every_identify_call_has_traits": gxe.ExpectColumnValuesToNotBeNull(
                column="traits",
                mostly=0.9,
                severity="info",
                notes="A user without traits is known by an id alone, and joins nobody.",
            ),
        },
    },
}
