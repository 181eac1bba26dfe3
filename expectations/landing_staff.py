"""What the HR system's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled, seldom

TABLES = {
    "teams": {
        "columns": {"name": "payload ->> 'name'"},
        "expectations": LANDED | {"every_team_has_a_name": filled("name")},
    },
    "employees": {
        "columns": {
            "days_employed": "(payload ->> 'left_on')::date - (payload ->> 'hired_on')::date",
        },
        "expectations": LANDED
        | {
            "nobody_leaves_before_the_first_day": gxe.ExpectColumnValuesToBeBetween(
                column="days_employed", min_value=0, severity="critical"
            ),
        },
    },
    "shifts": {
        "columns": {
            "hours": "extract(epoch from (payload ->> 'ends_at')::timestamptz "
            "- (payload ->> 'starts_at')::timestamptz) / 3600",
            "hourly_cost": "(payload ->> 'hourly_cost')::numeric",
        },
        "expectations": LANDED
        | {
            "nearly_every_shift_is_at_most_14_hours": seldom(
                "not hours between 0.5 and 14",
                0.02,
                notes="An end before the start is read as the next day's: a slip of the pen is a long shift.",
            ),
            "no_hour_costs_less_than_nothing": gxe.ExpectColumnValuesToBeBetween(
                column="hourly_cost", min_value=0, severity="critical"
            ),
        },
    },
    "survey_answers": {
        "columns": {
            "enps": "case when payload ->> 'question' = 'enps' then (payload ->> 'score')::numeric end",
            "item": "case when payload ->> 'question' <> 'enps' then (payload ->> 'score')::numeric end",
        },
        "expectations": LANDED
        | {
            "every_enps_score_is_0_to_10": gxe.ExpectColumnValuesToBeBetween(
                column="enps", min_value=0, max_value=10, severity="critical"
            ),
            "every_item_is_scored_1_to_5": gxe.ExpectColumnValuesToBeBetween(
                column="item", min_value=1, max_value=5, severity="critical"
            ),
        },
    },
}
