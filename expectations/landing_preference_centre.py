"""What the preference centre's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, seldom

TABLES = {
    "subjects": {
        "columns": {
            "erased": "case when payload ->> 'erased_at' <> '' then "
            "concat(payload ->> 'name', payload ->> 'phone', payload ->> 'email') end",
        },
        "expectations": LANDED
        | {
            "nobody_erased_is_named": gxe.ExpectColumnValuesToBeInSet(
                column="erased",
                value_set=[""],
                severity="critical",
                notes="Who asked to be forgotten comes emptied; a name would be taken into raw again.",
            ),
        },
    },
    "decisions": {
        "columns": {
            "status": "payload ->> 'status'",
            "proof": "case when payload ->> 'status' = 'granted' then coalesce(payload ->> 'proof', '') end",
        },
        "expectations": LANDED
        | {
            "every_status_is_known": gxe.ExpectColumnValuesToBeInSet(
                column="status", value_set=["granted", "refused", "withdrawn", "pending"], severity="critical"
            ),
            "most_grants_have_a_proof": seldom(
                "proof = ''", 0.5, notes="Old lists have none; if most lack one, the export has lost a field."
            ),
        },
    },
}
