"""What Typeform's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED

TABLES = {
    "responses": {
        "columns": {
            "nps": "case when payload ->> 'form_id' like 'nps%' then (payload #>> '{answers,0,number}')::numeric end",
            "csat": "case when payload ->> 'form_id' not like 'nps%' then (payload #>> '{answers,0,number}')::numeric end",
        },
        "expectations": LANDED
        | {
            "every_nps_score_is_0_to_10": gxe.ExpectColumnValuesToBeBetween(
                column="nps", min_value=0, max_value=10, severity="critical"
            ),
            "every_csat_score_is_1_to_5": gxe.ExpectColumnValuesToBeBetween(
                column="csat", min_value=1, max_value=5, severity="critical"
            ),
        },
    },
}
