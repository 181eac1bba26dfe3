"""What the ad server's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED

TABLES = {
    "slots": {
        "columns": {
            "unfilled_of_requests": "(payload ->> 'UNFILLED_IMPRESSIONS')::numeric - (payload ->> 'AD_REQUESTS')::numeric",
        },
        "expectations": LANDED
        | {
            "no_more_is_unfilled_than_is_asked_for": gxe.ExpectColumnValuesToBeBetween(
                column="unfilled_of_requests", max_value=0, mostly=0.99, severity="info"
            ),
        },
    },
    "deals": {
        "columns": {
            "revenue": "(payload ->> 'REVENUE')::numeric",
            "seen_unserved": "(payload ->> 'ACTIVE_VIEW_VIEWABLE_IMPRESSIONS')::numeric - (payload ->> 'IMPRESSIONS')::numeric",
        },
        "expectations": LANDED
        | {
            "no_deal_earns_less_than_nothing": gxe.ExpectColumnValuesToBeBetween(
                column="revenue", min_value=0, severity="critical"
            ),
            "no_more_is_seen_than_is_served": gxe.ExpectColumnValuesToBeBetween(
                column="seen_unserved", max_value=0, severity="critical"
            ),
        },
    },
}
