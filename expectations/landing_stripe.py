"""What Stripe's records must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, seldom

SUBSCRIPTION_STATUSES = [
    "incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused",
]  # fmt: skip


def _subscription(place: str, status: str) -> dict[str, gxe.Expectation]:
    """Return what a subscription must be that lies at PLACE."""
    return {
        f"{place}_have_a_known_status": gxe.ExpectColumnValuesToBeInSet(
            column=status, value_set=SUBSCRIPTION_STATUSES, severity="critical"
        ),
        f"{place}_show_all_their_items": gxe.ExpectColumnValuesToBeInSet(
            column="has_more_items",
            value_set=["false"],
            severity="critical",
            notes="An item that is not shown is missing from the recurring revenue.",
        ),
    }


TABLES = {
    "customers": {"columns": {}, "expectations": LANDED},
    "subscriptions": {
        "columns": {"status": "payload ->> 'status'", "has_more_items": "payload #>> '{items,has_more}'"},
        "expectations": LANDED | _subscription("subscriptions", "status"),
    },
    "events": {
        "columns": {
            "status": "payload #>> '{data,object,status}'",
            "has_more_items": "payload #>> '{data,object,items,has_more}'",
            "object": "payload #>> '{data,object,object}'",
        },
        "expectations": LANDED
        | _subscription("subscriptions_of_events", "status")
        | {
            "every_event_is_of_a_subscription": gxe.ExpectColumnValuesToBeInSet(
                column="object", value_set=["subscription"], severity="critical"
            ),
        },
    },
    "invoices": {
        "columns": {
            "status": "payload ->> 'status'",
            "unpaid_by_what_is_paid": "case when payload ->> 'status' = 'paid' then (payload ->> 'amount_due')::numeric - (payload ->> 'amount_paid')::numeric end",
            "currency": "payload ->> 'currency'",
        },
        "expectations": LANDED
        | {
            "invoices_have_a_known_status": gxe.ExpectColumnValuesToBeInSet(
                column="status",
                value_set=["draft", "open", "paid", "void", "uncollectible"],
                severity="critical",
            ),
            "every_invoice_has_a_currency": seldom("currency !~ '^[a-z][a-z][a-z]$'", 0.001),
            "what_is_paid_was_paid_whole": gxe.ExpectColumnValuesToBeBetween(
                column="unpaid_by_what_is_paid",
                max_value=0,
                severity="info",
                notes="An invoice may be marked as paid outside of Stripe.",
            ),
        },
    },
}
