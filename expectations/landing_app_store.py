"""What the App Store's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED

TABLES = {
    "reviews": {
        "columns": {"stars": "(payload #>> '{attributes,rating}')::numeric"},
        "expectations": LANDED
        | {
            "every_review_has_1_to_5_stars": gxe.ExpectColumnValuesToBeBetween(
                column="stars", min_value=1, max_value=5, severity="critical"
            ),
        },
    },
    "downloads": {
        "columns": {"country": "payload ->> 'country_code'"},
        "expectations": LANDED
        | {
            "nearly_every_country_is_named": gxe.ExpectColumnValuesToMatchRegex(
                column="country", regex="^[A-Z]{2}$", mostly=0.9, severity="info"
            ),
        },
    },
}
