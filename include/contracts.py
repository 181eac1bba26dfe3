"""The contracts: the shapes of data that any source of rows can fill, an inbox or a database.

A contract says what identifies a row, what it needs and what its columns are. Any other column may be
missing, and is then null. `dbt_project/macros/rows/<contract>.sql` reads the rows into our names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from include.sources import Stream

UNIT = "business_unit_code"
"""Every row carries it: the folder of an inbox, or a column of a SELECT."""


@dataclass(frozen=True)
class Contract:
    """One shape of data; `key` is unique within a business unit."""

    about: str
    """What one row is, and then its columns, each followed by what it holds."""
    key: tuple[str, ...] = ()
    parent: tuple[str, ...] = ()
    """By which key the rooms look its rows up; without its occurrence, a row is of its own kin."""
    needed: tuple[str, ...] = ()
    """Columns without which a row says nothing, besides the key."""
    times: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    """Columns that say yes or no: true, false, 1 or 0."""
    narrower: Mapping[str, str] = field(default_factory=dict)
    """What the rooms hold in less than money takes: a larger number is a mistake, and is quarantined."""

    @property
    def types(self) -> dict[str, str]:
        """The PostgreSQL types that staging casts the columns to."""
        return (
            dict.fromkeys(self.times, "timestamptz")
            | dict.fromkeys(self.dates, "date")
            | dict.fromkeys(self.flags, "boolean")
            | {name: self.narrower.get(name, "numeric(18,4)") for name in self.numbers}
        )

    def stream(self, name: str) -> Stream:
        """Return the stream of a source whose rows may repeat their key: they are numbered."""
        return Stream(
            name,
            key=(UNIT, *self.key, "_occurrence"),
            parent=(UNIT, *self.parent) if self.parent else (),
            scope=UNIT,
            types=self.types,
        )


CONTRACTS = {
    "business_units": Contract(
        "One row per business unit: what it is called and how it counts. name_vi, name_en; "
        "business_type_code: ecommerce, saas, app, media, ugc or marketplace; stage_code: how far the "
        "business has come; currency (ISO 4217); time_zone (IANA), in which its days begin.",
        needed=("business_type_code", "currency"),
    ),
    "customers": Contract(
        "One row per profile that the source keeps of a person. full_name; birth_year; city: province or "
        "city; is_internal: staff and test accounts; created_at: when the profile was made.",
        key=("profile_id",),
        parent=("profile_id",),
        times=("created_at",),
        numbers=("birth_year",),
    ),
    "identifiers": Contract(
        "One row per phone, e-mail or loyalty number of a profile: profile_id has one identifier_value of "
        "an identifier_type (phone, email, loyalty_id). Profiles that share one are one customer.",
        key=("profile_id", "identifier_type", "identifier_value"),
    ),
    "products": Contract(
        "One row per product, in the variant that is sold. sku; product_name; category_name.",
        key=("product_id",),
    ),
    "orders": Contract(
        "One row per order, in its present state. order_number: as people see it; channel_code; "
        "profile_id: who bought; ordered_at, promised_at, delivered_at, cancelled_at; status_code: open, "
        "delivered (where none is given), returned, cancelled, failed or credit_note; "
        "payment_method_code; currency; gross_amount: merchandise before discounts, else summed over the "
        "lines; discount_amount; shipping_amount; tax_amount.",
        key=("order_id",),
        parent=("order_id",),
        needed=("ordered_at",),
        times=("ordered_at", "delivered_at", "promised_at", "cancelled_at"),
        numbers=("gross_amount", "discount_amount", "shipping_amount", "tax_amount"),
    ),
    "order_lines": Contract(
        "One row per line of an order; exact repetitions are kept and numbered. product_id; product_name; "
        "quantity: negative where goods come back; unit_price; discount_amount; shipping_amount.",
        key=("order_id", "line_id"),
        parent=("order_id",),
        numbers=("quantity", "unit_price", "discount_amount", "shipping_amount"),
        narrower={"quantity": "numeric(11,4)"},
    ),
    "payments": Contract(
        "One row per payment or refund of an order (order_id). kind_code: payment (where none is given) or "
        "refund; method_code; paid_at; amount: always positive.",
        key=("payment_id",),
        parent=("order_id",),
        needed=("order_id", "paid_at", "amount"),
        times=("paid_at",),
        numbers=("amount",),
    ),
    "conversations": Contract(
        "One row per ticket, chat or call. channel_code; profile_id: who asked; topic_code; opened_at; "
        "first_reply_at: also a bot's; first_human_reply_at; resolved_at; status_code; reopened_count; "
        "message_count.",
        key=("conversation_id",),
        parent=("conversation_id",),
        needed=("opened_at",),
        times=("opened_at", "first_reply_at", "first_human_reply_at", "resolved_at"),
        numbers=("reopened_count", "message_count"),
        narrower={"reopened_count": "numeric(9)", "message_count": "numeric(9)"},
    ),
    "feedback": Contract(
        "One row per invitation to a survey, rating or review, answered where it has a score. "
        "channel_code; profile_id; order_id and conversation_id: what it is about; kind_code: nps, csat, "
        "ces or review; scale_code: zero_to_ten, one_to_five, one_to_seven or binary; score; comment_text: "
        "free text, published with phones and e-mails masked; invited_at; answered_at.",
        key=("feedback_id",),
        needed=("score", "answered_at"),
        times=("invited_at", "answered_at"),
        numbers=("score",),
        narrower={"score": "numeric(9,4)"},
    ),
}
