"""What Google Analytics' days must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, seldom

TABLES = {
    "days": {
        "columns": {
            "sessions": "(payload ->> 'sessions')::numeric",
            "time_zone": "payload ->> 'time_zone'",
            "is_rolled": "payload ->> 'dataLossFromOtherRow'",
            "is_thresholded": "payload ->> 'subjectToThresholding'",
        },
        "expectations": LANDED
        | {
            "no_count_is_negative": gxe.ExpectColumnValuesToBeBetween(
                column="sessions", min_value=0, severity="critical"
            ),
            "days_are_those_of_vietnam": gxe.ExpectColumnValuesToBeInSet(
                column="time_zone",
                value_set=["Asia/Ho_Chi_Minh", "Asia/Saigon"],
                severity="warning",
                notes="Days of another time zone are other days than ours: set the property's time zone.",
            ),
            "nothing_is_rolled_into_other": seldom(
                "is_rolled = 'true'",
                0,
                severity="info",
                notes="Too many values of a dimension: GA4 made one row of them, and the report states nothing "
                "that our figures are held against.",
            ),
            "nothing_is_withheld": seldom(
                "is_thresholded = 'true'",
                0,
                severity="info",
                notes="GA4 withholds small rows where demographics are asked for, and Google signals are on.",
            ),
        },
    },
}
