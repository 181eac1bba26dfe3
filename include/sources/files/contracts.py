"""The contracts that an inbox can fill: what identifies a row, what it needs, what its columns are.

Any other column of a contract may be missing, and is then null.
"""

from dataclasses import dataclass

UNIT = "business_unit_code"


@dataclass(frozen=True)
class Contract:
    """One shape of data; `key` is unique within a business unit."""

    key: tuple[str, ...]
    needed: tuple[str, ...] = ()
    """Columns without which a row says nothing, besides the key."""
    times: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


CONTRACTS = {
    "business_units": Contract((), needed=("business_type_code", "currency")),
    "customers": Contract(("profile_id",), times=("created_at",), numbers=("birth_year",)),
    "identifiers": Contract(("profile_id", "identifier_type", "identifier_value")),
    "products": Contract(("product_id",)),
    "orders": Contract(
        ("order_id",),
        needed=("ordered_at",),
        times=("ordered_at", "delivered_at", "promised_at", "cancelled_at"),
        numbers=("gross_amount", "discount_amount", "shipping_amount", "tax_amount"),
    ),
    "order_lines": Contract(
        ("order_id", "line_id"),
        numbers=("quantity", "unit_price", "discount_amount", "shipping_amount"),
    ),
    "payments": Contract(
        ("payment_id",),
        needed=("order_id", "paid_at", "amount"),
        times=("paid_at",),
        numbers=("amount",),
    ),
    "conversations": Contract(
        ("conversation_id",),
        needed=("opened_at",),
        times=("opened_at", "first_reply_at", "first_human_reply_at", "resolved_at"),
        numbers=("reopened_count", "message_count"),
    ),
    "feedback": Contract(
        ("feedback_id",),
        needed=("score", "answered_at"),
        times=("invited_at", "answered_at"),
        numbers=("score",),
    ),
}
