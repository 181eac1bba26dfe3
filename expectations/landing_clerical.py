"""What pairs that people have labelled must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED

PROFILE = r"^[a-z0-9_]+:.+$"

TABLES = {
    "pairs": {
        "columns": {
            "one": "payload ->> 'one'",
            "other": "payload ->> 'other'",
            "is_one_person": "(payload ->> 'is_one_person')::boolean::int",
        },
        "expectations": LANDED
        | {
            "one_is_a_profile_of_a_source": gxe.ExpectColumnValuesToMatchRegex(
                column="one", regex=PROFILE, severity="critical"
            ),
            "the_other_is_a_profile_of_a_source": gxe.ExpectColumnValuesToMatchRegex(
                column="other", regex=PROFILE, severity="critical"
            ),
            "both_answers_are_given": gxe.ExpectColumnMeanToBeBetween(
                column="is_one_person",
                min_value=0.05,
                max_value=0.95,
                severity="info",
                notes="Pairs that are nearly all one person, or nearly all two, measure half of the question.",
            ),
        },
    },
}
