"""What HubSpot's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, seldom_shared

EMAIL = {
    "emails_name_one_contact_each": seldom_shared(
        "email", 0.2, "HubSpot holds an e-mail once, but its case may differ. A fifth is a broken export."
    ),
}

TABLES = {
    "contacts": {
        "columns": {"email": "nullif(lower(payload #>> '{properties,email}'), '')"},
        "expectations": LANDED | EMAIL,
    },
    "companies": {"columns": {}, "expectations": LANDED},
    "deals": {
        "columns": {"amount": "nullif(payload #>> '{properties,amount}', '')::numeric"},
        "expectations": LANDED
        | {
            "no_deal_is_worth_less_than_nothing": gxe.ExpectColumnValuesToBeBetween(
                column="amount", min_value=0, severity="critical"
            ),
        },
    },
    "contact_history": {
        "columns": {
            "property": "payload ->> 'property'",
            "opt_out": "case when payload ->> 'property' = 'hs_email_optout' then payload ->> 'value' end",
        },
        "expectations": LANDED
        | {
            "history_is_of_consents": gxe.ExpectColumnValuesToBeInSet(
                column="property", value_set=["hs_email_optout", "hs_legal_basis"], severity="critical"
            ),
            "opt_outs_are_true_false_or_emptied": gxe.ExpectColumnValuesToBeInSet(
                column="opt_out", value_set=["true", "false", ""], severity="critical"
            ),
        },
    },
}
