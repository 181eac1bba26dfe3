"""What the kiosks' taps must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED

TABLES = {
    "answers": {
        "columns": {
            "score": "(payload ->> 'score')::numeric",
            "is_repeat": "(payload ->> 'is_repeat')::boolean::int",
        },
        "expectations": LANDED
        | {
            "every_score_is_1_to_5": gxe.ExpectColumnValuesToBeBetween(
                column="score", min_value=1, max_value=5, severity="critical"
            ),
            "most_taps_are_single": gxe.ExpectColumnMeanToBeBetween(
                column="is_repeat",
                max_value=0.3,
                severity="info",
                notes="More than three repeats in ten taps are a screen that is stuck, or a child at play.",
            ),
        },
    },
}
