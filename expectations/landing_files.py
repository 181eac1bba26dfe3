"""What the rows of an inbox must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED

OCCURRENCE = "(payload ->> '_occurrence')::int"
UNIQUE = {
    "no_key_is_repeated": gxe.ExpectColumnValuesToBeBetween(
        column="occurrence",
        max_value=1,
        severity="info",
        notes="The first row of a repeated key counts; the others are kept in raw.",
    ),
}

TABLES = {
    "business_units": {
        "columns": {"time_zone": "payload ->> 'time_zone'", "currency": "payload ->> 'currency'"},
        "expectations": LANDED
        | {
            "every_unit_names_a_time_zone": gxe.ExpectColumnValuesToNotBeNull(
                column="time_zone", severity="critical"
            ),
            "every_unit_has_a_time_zone": gxe.ExpectColumnValuesToMatchRegex(
                column="time_zone", regex="^[A-Za-z_]+/[A-Za-z_/]+$", severity="critical"
            ),
            "every_unit_has_a_currency": gxe.ExpectColumnValuesToMatchRegex(
                column="currency", regex="^[A-Z]{3}$", severity="critical"
            ),
        },
    },
    "customers": {"columns": {"occurrence": OCCURRENCE}, "expectations": LANDED | UNIQUE},
    "identifiers": {
        "columns": {"identifier_type": "payload ->> 'identifier_type'"},
        "expectations": LANDED
        | {
            "identifiers_are_of_a_known_type": gxe.ExpectColumnValuesToBeInSet(
                column="identifier_type",
                value_set=["phone", "email", "loyalty_id"],
                severity="critical",
            ),
        },
    },
    "products": {"columns": {"occurrence": OCCURRENCE}, "expectations": LANDED | UNIQUE},
    "orders": {
        "columns": {
            "occurrence": OCCURRENCE,
            "status_code": "payload ->> 'status_code'",
            "gross_amount": "(payload ->> 'gross_amount')::numeric",
        },
        "expectations": LANDED
        | UNIQUE
        | {
            "orders_have_a_known_status": gxe.ExpectColumnValuesToBeInSet(
                column="status_code",
                value_set=["open", "delivered", "returned", "cancelled", "failed", "credit_note"],
                severity="critical",
            ),
            "no_order_has_a_negative_amount": gxe.ExpectColumnValuesToBeBetween(
                column="gross_amount", min_value=0, severity="critical"
            ),
        },
    },
    "order_lines": {
        "columns": {"unit_price": "(payload ->> 'unit_price')::numeric"},
        "expectations": LANDED
        | {
            "no_line_has_a_negative_price": gxe.ExpectColumnValuesToBeBetween(
                column="unit_price",
                min_value=0,
                severity="critical",
                notes="What comes back has a negative quantity, not a negative price.",
            ),
        },
    },
    "payments": {
        "columns": {
            "occurrence": OCCURRENCE,
            "kind_code": "payload ->> 'kind_code'",
            "amount": "(payload ->> 'amount')::numeric",
        },
        "expectations": LANDED
        | UNIQUE
        | {
            "payments_are_payments_or_refunds": gxe.ExpectColumnValuesToBeInSet(
                column="kind_code", value_set=["payment", "refund"], severity="critical"
            ),
            "no_payment_is_negative": gxe.ExpectColumnValuesToBeBetween(
                column="amount", min_value=0, severity="critical"
            ),
        },
    },
    "conversations": {"columns": {"occurrence": OCCURRENCE}, "expectations": LANDED | UNIQUE},
    "feedback": {
        "columns": {
            "nps_score": "case when payload ->> 'scale_code' = 'zero_to_ten' then (payload ->> 'score')::numeric end",
            "csat_score": "case when payload ->> 'scale_code' = 'one_to_five' then (payload ->> 'score')::numeric end",
            "ces_score": "case when payload ->> 'scale_code' = 'one_to_seven' then (payload ->> 'score')::numeric end",
            "scale_of_kind": "case when payload ->> 'score' is not null then coalesce(payload ->> 'kind_code', 'nothing') || ' on ' || coalesce(payload ->> 'scale_code', 'no scale') end",
        },
        "expectations": LANDED
        | {
            "nps_answers_are_0_to_10": gxe.ExpectColumnValuesToBeBetween(
                column="nps_score", min_value=0, max_value=10, severity="critical"
            ),
            "csat_answers_and_reviews_are_1_to_5": gxe.ExpectColumnValuesToBeBetween(
                column="csat_score", min_value=1, max_value=5, severity="critical"
            ),
            "ces_answers_are_1_to_7": gxe.ExpectColumnValuesToBeBetween(
                column="ces_score", min_value=1, max_value=7, severity="critical"
            ),
            "each_kind_is_asked_on_its_scale": gxe.ExpectColumnValuesToBeInSet(
                column="scale_of_kind",
                value_set=[
                    "nps on zero_to_ten",
                    "csat on one_to_five",
                    "csat on binary",
                    "ces on one_to_seven",
                    "ces on one_to_five",
                    "review on one_to_five",
                ],
                severity="critical",
                notes="A scale is never rescaled silently into another.",
            ),
        },
    },
}
