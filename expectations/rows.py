"""What the rows of an inbox or a database must be before they are accepted."""

import great_expectations.expectations as gxe

from expectations.records import LANDED, filled

OCCURRENCE = "(payload ->> '_occurrence')::int"
UNIQUE = {
    "no_key_is_repeated": gxe.ExpectColumnValuesToBeBetween(
        column="occurrence",
        max_value=1,
        severity="info",
        notes="The first row of a repeated key counts; the others are kept in raw.",
    ),
}


def _rows(
    codes: dict[str, tuple[str, ...]] | None = None,
    amounts: tuple[str, ...] = (),
    in_order: tuple[tuple[str, str], ...] = (),
) -> dict[str, dict[str, object]]:
    """Return what rows of a contract must be, besides keyed and unrepeated.

    CODES are the words that a column may hold, AMOUNTS are never negative, and of each pair of times
    IN_ORDER the first is not the later one.
    """
    columns = {"occurrence": OCCURRENCE}
    expectations: dict[str, object] = LANDED | UNIQUE
    for name, words in (codes or {}).items():
        columns[name] = f"nullif(payload ->> '{name}', '')"
        expectations |= {
            f"every_{name}_is_known": gxe.ExpectColumnValuesToBeInSet(
                column=name, value_set=list(words), severity="critical"
            )
        }
    for name in amounts:
        columns[name] = f"nullif(payload ->> '{name}', '')::numeric"
        expectations |= {
            f"no_{name}_is_negative": gxe.ExpectColumnValuesToBeBetween(
                column=name, min_value=0, severity="critical"
            )
        }
    for earlier, later in in_order:
        # two pairs may begin with the same time
        column = f"{earlier}_to_{later}"
        columns[column] = (
            f"extract(epoch from nullif(payload ->> '{later}', '')::timestamptz "
            f"- nullif(payload ->> '{earlier}', '')::timestamptz)"
        )
        expectations |= {
            f"no_{later}_precedes_{earlier}": gxe.ExpectColumnValuesToBeBetween(
                column=column, min_value=0, severity="info"
            )
        }
    return {"columns": columns, "expectations": expectations}


TABLES = {
    "business_units": {
        "columns": {"time_zone": "payload ->> 'time_zone'", "currency": "payload ->> 'currency'"},
        "expectations": LANDED
        | {
            "every_unit_names_a_time_zone": filled("time_zone"),
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
                    "validation on one_to_five",
                    "validation on one_to_seven",
                    "validation on binary",
                ],
                severity="critical",
                notes="A scale is never rescaled silently into another.",
            ),
        },
    },
    "events": _rows(
        codes={
            "kind_code": ("track", "page", "screen", "identify"),
            "platform_code": ("web", "ios", "android", "server", "other"),
            "device_code": ("desktop", "mobile", "tablet", "other"),
        },
        amounts=("result_count", "result_position", "active_seconds"),
    ),
    "messages": _rows(codes={"author_kind_code": ("customer", "agent", "bot")}),
    "spend_days": _rows(
        codes={
            "cost_kind_code": ("media", "agency", "tools", "salaries", "other"),
            "purpose_code": ("acquisition", "retention", "brand", "other"),
        },
        amounts=("impressions", "clicks", "conversions", "amount"),
    ),
    "subscriptions": _rows(
        codes={
            "status_code": ("trialing", "active", "past_due", "paused", "cancelled", "ended"),
            "trial_kind_code": ("opt_in", "opt_out", "freemium"),
        },
        amounts=("quantity", "unit_amount", "monthly_amount"),
        in_order=(("started_at", "ended_at"),),
    ),
    "invoices": _rows(
        codes={
            "kind_code": ("recurring", "usage", "one_off"),
            "status_code": ("draft", "open", "paid", "void", "uncollectible", "refunded"),
        },
        amounts=("amount", "tax_amount", "refund_amount"),
        in_order=(("issued_at", "due_at"),),
    ),
    "campaigns": _rows(
        codes={"kind_code": ("marketing", "transactional", "service", "survey", "notification")},
        in_order=(("sent_at", "ended_at"),),
    ),
    "message_events": _rows(
        codes={
            "kind_code": (
                "sent",
                "delivered",
                "bounced",
                "opened",
                "clicked",
                "unsubscribed",
                "complained",
                "withheld",
            )
        },
    ),
    "consents": _rows(
        codes={
            "purpose_code": ("marketing", "analytics", "personalisation", "survey", "sharing", "other"),
        },
    ),
    "employees": _rows(),
    "shifts": _rows(amounts=("hourly_cost",), in_order=(("starts_at", "ends_at"),)),
    "control_totals": _rows(amounts=("record_count",)),
    "contents": _rows(
        codes={
            "kind_code": (
                "article",
                "video",
                "audio",
                "image",
                "post",
                "comment",
                "question",
                "answer",
                "review",
                "other",
            )
        },
        amounts=("duration_seconds", "word_count"),
        in_order=(("published_at", "removed_at"),),
    ),
    "content_days": _rows(
        amounts=(
            "view_count",
            "watch_seconds",
            "like_count",
            "comment_count",
            "share_count",
            "subscribers_gained",
            "subscribers_lost",
        ),
    ),
    "content_events": _rows(
        codes={
            "kind_code": (
                "view",
                "like",
                "save",
                "follow",
                "comment",
                "share",
                "report",
                "create",
                "publish",
                "remove",
                "moderate",
                "donate",
            )
        },
        amounts=("amount",),
    ),
    "install_days": _rows(
        codes={"platform_code": ("ios", "android", "web", "other")},
        amounts=(
            "install_count",
            "download_count",
            "uninstall_count",
            "update_count",
            "active_device_count",
            "rating_count",
            "rating_total",
        ),
    ),
    "ad_slot_days": _rows(
        codes={"deal_code": ("guaranteed", "programmatic", "house", "other")},
        amounts=(
            "page_view_count",
            "rendered_count",
            "request_count",
            "booked_count",
            "impression_count",
            "viewable_impression_count",
            "click_count",
            "invalid_click_count",
            "revenue_amount",
        ),
    ),
    "listings": _rows(
        codes={
            "status_code": ("draft", "live", "paused", "sold_out", "removed"),
            "removal_reason_code": ("sold_out", "removed", "expired", "banned"),
        },
        amounts=("price", "suggested_price", "quantity"),
        in_order=(("created_at", "published_at"),),
    ),
    "bookings": _rows(
        codes={
            "status_code": (
                "requested",
                "declined",
                "accepted",
                "completed",
                "cancelled",
                "expired",
                "disputed",
            )
        },
        amounts=("amount", "fee_amount", "voucher_amount", "refund_amount"),
        in_order=(("requested_at", "responded_at"),),
    ),
    "carts": _rows(
        codes={"coverage_code": ("all", "abandoned")},
        amounts=("item_count", "amount"),
        in_order=(
            ("started_at", "checkout_started_at"),
            ("started_at", "last_active_at"),
            ("checkout_started_at", "completed_at"),
        ),
    ),
    "recommendations": _rows(
        codes={"basis_code": ("purchase", "browse", "both", "none")},
        amounts=("result_position",),
        in_order=(("shown_at", "clicked_at"), ("shown_at", "added_at"), ("shown_at", "bought_at")),
    ),
    "invites": _rows(in_order=(("sent_at", "accepted_at"),)),
    "competitor_observations": _rows(
        codes={
            "metric_code": (
                "price",
                "rating",
                "stock",
                "promotion",
                "response_seconds",
                "followers",
                "share_of_voice",
                "other",
            )
        },
    ),
}
