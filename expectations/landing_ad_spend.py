"""What the records of advertising must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED


def _days(spent: str, clicks: str) -> dict:
    return {
        "columns": {"spent": spent, "clicks": clicks},
        "expectations": LANDED
        | {
            "no_day_costs_less_than_nothing": gxe.ExpectColumnValuesToBeBetween(
                column="spent", min_value=0, severity="critical"
            ),
            "no_day_has_negative_clicks": gxe.ExpectColumnValuesToBeBetween(
                column="clicks", min_value=0, severity="critical"
            ),
        },
    }


TABLES = {
    "facebook_days": _days("(payload ->> 'spend')::numeric", "(payload ->> 'inline_link_clicks')::numeric"),
    "facebook_campaigns": {"columns": {}, "expectations": LANDED},
    "google_days": _days(
        "(payload #>> '{metrics,costMicros}')::numeric", "(payload #>> '{metrics,clicks}')::numeric"
    ),
    "google_campaigns": {"columns": {}, "expectations": LANDED},
}
