"""What Google Play's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED

TABLES = {
    "reviews": {
        "columns": {"stars": "(payload #>> '{comments,0,userComment,starRating}')::numeric"},
        "expectations": LANDED
        | {
            "every_review_has_1_to_5_stars": gxe.ExpectColumnValuesToBeBetween(
                column="stars", min_value=1, max_value=5, severity="critical"
            ),
        },
    },
    "installs": {
        "columns": {
            "installs": "(payload ->> 'Daily User Installs')::numeric",
            "country": "payload ->> 'Country'",
        },
        "expectations": LANDED
        | {
            "no_day_has_negative_installs": gxe.ExpectColumnValuesToBeBetween(
                column="installs", min_value=0, severity="critical"
            ),
            "nearly_every_country_is_named": gxe.ExpectColumnValuesToMatchRegex(
                column="country", regex="^[A-Z]{2}$", mostly=0.9, severity="info"
            ),
        },
    },
}
