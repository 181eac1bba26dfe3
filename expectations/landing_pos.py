"""What the tills' records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED

TABLES = {
    "receipts": {
        "columns": {
            "lowest_price": "(select min((v #>> '{}')::numeric) from jsonb_path_query(payload, 'lax $.lines[*].unit_price') as v)",
            "payment": "payload ->> 'payment'",
        },
        "expectations": LANDED
        | {
            "no_line_has_a_negative_price": gxe.ExpectColumnValuesToBeBetween(
                column="lowest_price", min_value=0, severity="critical"
            ),
            "every_payment_is_cash_or_card": gxe.ExpectColumnValuesToBeInSet(
                column="payment", value_set=["cash", "card"], severity="info"
            ),
        },
    },
    "totals": {
        "columns": {"gross": "(payload ->> 'gross')::numeric"},
        "expectations": LANDED
        | {
            "no_day_has_a_negative_total": gxe.ExpectColumnValuesToBeBetween(
                column="gross", min_value=0, severity="critical"
            ),
        },
    },
}
