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
    version: str | None = None
    """Column that says since when a row is so, where rows tell of more than the present."""
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

    def stream(self, name: str, may_repeat: bool = True) -> Stream:
        """Return the stream of a source of such rows.

        Files may repeat a key, so their rows are numbered (`_occurrence`); a table with a primary key
        does not, and its rows are known by the key alone.
        """
        return Stream(
            name,
            key=(UNIT, *self.key, *(("_occurrence",) if may_repeat else ())),
            version=self.version,
            parent=(UNIT, *self.parent) if self.parent else (),
            scope=UNIT,
            types=self.types,
            has_chosen_fields=True,
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
        "ces or review; validation: asked of customers at random, to judge who is told to be silent; and of "
        "employees enps or empowerment; scale_code: zero_to_ten, one_to_five, one_to_seven or binary; score; "
        "comment_text: free text, published with phones and e-mails masked; invited_at; answered_at.",
        key=("feedback_id",),
        needed=("score", "answered_at"),
        times=("invited_at", "answered_at"),
        numbers=("score",),
        narrower={"score": "numeric(9,4)"},
    ),
    "events": Contract(
        "One row per event of a visitor or user, as Segment names them. event_name: `Product Viewed`, "
        "`Order Completed` and the like, or the name of the page or screen; kind_code: track (where "
        "none is given), page, screen or identify; occurred_at: when it happened; received_at: when it "
        "was collected; anonymous_id: the device or cookie; profile_id: who it was, where known; "
        "session_id: the visit; channel_code; platform_code: web, ios, android, server or other; "
        "device_code: desktop, mobile, tablet or other; url: published as its path alone; title: of the "
        "page; referrer: the address before; search_term: what was searched for; result_count and "
        "result_position: how many results a search had, and which was chosen, from 1; product_id, "
        "order_id, content_id, listing_id, campaign_id: what it is about; utm_source, utm_medium, "
        "utm_campaign; experiment_id and variation_code: of a visitor in an experiment; amount: of "
        "money; active_seconds: time of attention since the event before, or send a `Heartbeat` for each "
        "ten seconds of it; ad_pixels and viewport_pixels: of `Ads Rendered`, how much of what is seen at "
        "once was advertising, and how much is seen at once; is_bot.",
        key=("event_id",),
        parent=("event_id",),
        needed=("event_name", "occurred_at"),
        times=("occurred_at", "received_at"),
        numbers=(
            "result_count",
            "result_position",
            "amount",
            "active_seconds",
            "ad_pixels",
            "viewport_pixels",
        ),
        flags=("is_bot",),
        narrower={
            "result_count": "numeric(9)",
            "result_position": "numeric(9)",
            "ad_pixels": "numeric(9)",
            "viewport_pixels": "numeric(9)",
        },
    ),
    "messages": Contract(
        "One row per message of a conversation (conversation_id). profile_id: the customer of the "
        "conversation; channel_code; sent_at; author_kind_code: customer, agent or bot; employee_id: "
        "the agent; is_public: 0 for a note among staff; message_text: never published, only its length "
        "and whether it holds a phone or an e-mail.",
        key=("message_id",),
        parent=("message_id",),
        needed=("conversation_id", "sent_at", "author_kind_code"),
        times=("sent_at",),
        flags=("is_public",),
    ),
    "spend_days": Contract(
        "One row per day (spend_date), channel (channel_code) and campaign (campaign_id, `none` where "
        "the cost is of no campaign) with a cost. campaign_name; cost_kind_code: media (where none is "
        "given), agency, tools, salaries or other; purpose_code: acquisition (where none is given), "
        "retention, brand or other; impressions; clicks; conversions, as the platform counts them; "
        "amount: what was spent; currency.",
        key=("spend_date", "channel_code", "campaign_id"),
        parent=("spend_date", "channel_code", "campaign_id"),
        needed=("amount",),
        dates=("spend_date",),
        numbers=("impressions", "clicks", "conversions", "amount"),
    ),
    "subscriptions": Contract(
        "One row per version of a subscription: its terms hold from effective_at to the next version; a "
        "source that keeps the present state alone gives started_at as effective_at. profile_id: who "
        "subscribes; plan_id; plan_name; status_code: trialing, active, past_due, paused, cancelled (to "
        "end with its period) or ended; trial_kind_code: opt_in, opt_out (card up front) or freemium; "
        "started_at; trial_ends_at; current_period_starts_at; current_period_ends_at; cancelled_at: "
        "when the customer asked; ended_at: when it ended; cancel_reason_code: payment_failed where it "
        "was not the customer's will; quantity: of seats; unit_amount; monthly_amount: recurring items "
        "per month, after recurring discounts, without tax; currency.",
        key=("subscription_id", "effective_at"),
        parent=("subscription_id",),
        needed=("profile_id", "status_code", "started_at", "monthly_amount"),
        times=(
            "effective_at",
            "started_at",
            "trial_ends_at",
            "current_period_starts_at",
            "current_period_ends_at",
            "cancelled_at",
            "ended_at",
        ),
        numbers=("quantity", "unit_amount", "monthly_amount"),
    ),
    "invoices": Contract(
        "One row per invoice, in its present state. subscription_id; profile_id: who is to pay; "
        "kind_code: recurring (where none is given), usage or one_off; issued_at; due_at; paid_at; "
        "status_code: draft, open, paid, void, uncollectible or refunded; amount: with tax; tax_amount; "
        "refund_amount; currency.",
        key=("invoice_id",),
        parent=("invoice_id",),
        needed=("issued_at", "amount"),
        times=("issued_at", "due_at", "paid_at"),
        numbers=("amount", "tax_amount", "refund_amount"),
    ),
    "campaigns": Contract(
        "One row per campaign that is sent or advertised. campaign_name; channel_code; kind_code: "
        "marketing (where none is given), transactional, service, survey or notification; topic_code: of a "
        "notification what it tells of; category_name: the category of products that it speaks of; sku: the "
        "one product that it speaks of, by its sku, or its product_id where it has none; subject: the line "
        "that people see; sent_at: when it began; ended_at.",
        key=("campaign_id",),
        parent=("campaign_id",),
        times=("sent_at", "ended_at"),
    ),
    "message_events": Contract(
        "One row per thing that happened to a message of a campaign (campaign_id) to one recipient "
        "(profile_id). channel_code; kind_code: sent, delivered, bounced, opened, clicked, "
        "unsubscribed, complained, or withheld from a recipient of the control group; occurred_at; url: "
        "what was clicked, published as its path alone; is_machine: opened or clicked by a scanner.",
        key=("message_event_id",),
        parent=("message_event_id",),
        needed=("campaign_id", "kind_code", "occurred_at"),
        times=("occurred_at",),
        flags=("is_machine",),
    ),
    "consents": Contract(
        "One row per decision of a person (profile_id) on a consent. purpose_code: marketing, "
        "analytics, personalisation, survey, sharing or other; channel_code: by which they may be "
        "reached; is_granted: 0 where it was refused or withdrawn; decided_at; origin_code: where it "
        "was said (form, call, store, import); evidence: a reference to its proof, never published.",
        key=("consent_id",),
        parent=("consent_id",),
        needed=("profile_id", "purpose_code", "is_granted", "decided_at"),
        times=("decided_at",),
        flags=("is_granted",),
    ),
    "employees": Contract(
        "One row per employee. full_name: never published; team_name; role_name; place_name: store or "
        "site; hired_on; left_on.",
        key=("employee_id",),
        parent=("employee_id",),
        dates=("hired_on", "left_on"),
    ),
    "shifts": Contract(
        "One row per shift of an employee (employee_id). place_name: store or site; channel_code: what "
        "is served; starts_at; ends_at; hourly_cost: never published.",
        key=("shift_id",),
        parent=("shift_id",),
        needed=("employee_id", "starts_at", "ends_at"),
        times=("starts_at", "ends_at"),
        numbers=("hourly_cost",),
    ),
    "control_totals": Contract(
        "One row per measure (measure_code, as orders or gross_amount) and day (period_date) of which "
        "the source itself states a total. total_value; record_count: of the records that it adds up.",
        key=("measure_code", "period_date"),
        parent=("measure_code", "period_date"),
        needed=("total_value",),
        dates=("period_date",),
        numbers=("total_value", "record_count"),
    ),
    "contents": Contract(
        "One row per piece of content. kind_code: article, video, audio, image, post, comment, "
        "question, answer, review or other; title: published with phones and e-mails masked; "
        "profile_id: the author; channel_code; topic_code; published_at; removed_at; duration_seconds; "
        "word_count; is_paywalled.",
        key=("content_id",),
        parent=("content_id",),
        times=("published_at", "removed_at"),
        numbers=("duration_seconds", "word_count"),
        flags=("is_paywalled",),
        narrower={"word_count": "numeric(9)"},
    ),
    "content_days": Contract(
        "One row per piece of content (content_id) and day (content_date), as the platform counts. "
        "view_count; watch_seconds; like_count; comment_count; share_count; subscribers_gained and "
        "subscribers_lost; revenue_amount; currency.",
        key=("content_id", "content_date"),
        parent=("content_id", "content_date"),
        dates=("content_date",),
        numbers=(
            "view_count",
            "watch_seconds",
            "like_count",
            "comment_count",
            "share_count",
            "subscribers_gained",
            "subscribers_lost",
            "revenue_amount",
        ),
    ),
    "content_events": Contract(
        "One row per act on a piece of content (content_id). profile_id: who; anonymous_id: the device "
        "or cookie; channel_code; kind_code: view, like, save, follow, comment, share, report, create, "
        "publish, remove, moderate or donate; occurred_at; parent_event_id: the act that it answers, as "
        "the share that brought a view; body_text: never published, only its length; amount: of a "
        "donation, or what it cost to moderate.",
        key=("content_event_id",),
        parent=("content_event_id",),
        needed=("content_id", "kind_code", "occurred_at"),
        times=("occurred_at",),
        numbers=("amount",),
    ),
    "install_days": Contract(
        "One row per day (install_date), app (app_id), platform (platform_code: ios, android, web or "
        "other) and country (country_code, ISO 3166; ZZ where it is not known), as the store counts. "
        "install_count: first installs; download_count: downloads, repeated ones too; uninstall_count; "
        "update_count; active_device_count: devices with the app; rating_count and rating_total: "
        "ratings given and their sum.",
        key=("install_date", "app_id", "platform_code", "country_code"),
        parent=("install_date", "app_id", "platform_code", "country_code"),
        dates=("install_date",),
        numbers=(
            "install_count",
            "download_count",
            "uninstall_count",
            "update_count",
            "active_device_count",
            "rating_count",
            "rating_total",
        ),
    ),
    "ad_slot_days": Contract(
        "One row per day (slot_date), advertising slot (slot_id) and kind of deal (deal_code: "
        "guaranteed, programmatic, house or other). slot_name; page_view_count: of the pages that hold "
        "the slot; rendered_count: slots shown, which is what can be sold; request_count: requests to "
        "the ad server; booked_count: impressions sold beforehand; impression_count; "
        "viewable_impression_count; click_count; invalid_click_count; revenue_amount; currency.",
        key=("slot_date", "slot_id", "deal_code"),
        parent=("slot_date", "slot_id", "deal_code"),
        dates=("slot_date",),
        numbers=(
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
    "listings": Contract(
        "One row per listing of a marketplace, in its present state; a database that keeps its states gives "
        "one row for each, oldest first, and updated_at: since when it is so. profile_id: the seller; title: "
        "published with phones and e-mails masked; category_name; city; created_at; published_at; "
        "removed_at; removal_reason_code: sold_out, removed, expired or banned; price; suggested_price: "
        "what the platform proposed; quantity: units or nights on offer; currency; status_code: draft, "
        "live (where none is given), paused, sold_out or removed.",
        key=("listing_id",),
        parent=("listing_id",),
        times=("created_at", "published_at", "removed_at", "updated_at"),
        version="updated_at",
        numbers=("price", "suggested_price", "quantity"),
    ),
    "bookings": Contract(
        "One row per booking or purchase of a listing (listing_id), in its present state. profile_id: "
        "the buyer; seller_profile_id; requested_at; responded_at; accepted_at; paid_at; completed_at; "
        "cancelled_at; cancel_reason_code: fraud where it was; starts_on and ends_on: of a stay; "
        "status_code: requested (where none is given), declined, accepted, completed, cancelled, "
        "expired or disputed; amount: value of the items after the seller's discounts, without tax and "
        "shipping; fee_amount: what the platform earns; voucher_amount: what it gives; refund_amount; "
        "currency.",
        key=("booking_id",),
        parent=("booking_id",),
        needed=("listing_id", "requested_at", "amount"),
        times=("requested_at", "responded_at", "accepted_at", "paid_at", "completed_at", "cancelled_at"),
        dates=("starts_on", "ends_on"),
        numbers=("amount", "fee_amount", "voucher_amount", "refund_amount"),
    ),
    "carts": Contract(
        "One row per cart or checkout of a shop, in its present state. profile_id: who fills it; "
        "anonymous_id: the device or cookie; channel_code; started_at: when the first thing was put in; "
        "checkout_started_at; last_active_at: when it changed last (started_at where none is given); "
        "completed_at: when it was bought; order_id: the order that it became; item_count; amount: value of "
        "what lies in it, without shipping; currency; coverage_code: all (where none is given) if the "
        "source tells of every cart, abandoned if only of those that were left.",
        key=("cart_id",),
        parent=("cart_id",),
        needed=("started_at",),
        times=("started_at", "checkout_started_at", "last_active_at", "completed_at"),
        numbers=("item_count", "amount"),
        narrower={"item_count": "numeric(9)"},
    ),
    "recommendations": Contract(
        "One row per thing that was recommended to a person in a place of a page or message. profile_id: "
        "to whom; anonymous_id: the device or cookie; channel_code; slot_name: the place, as "
        "product_similar; result_position: its rank there, from 1; basis_code: what it rests on, purchase, "
        "browse, both, or none if it is for everybody alike; shown_at: when it could be seen; "
        "clicked_at; added_at: when it was put into a cart; bought_at; order_id: in which order; "
        "product_id, content_id, listing_id: what it is; is_control: of the group whose recommendations "
        "are for everybody alike, so that the others can be compared.",
        key=("recommendation_id",),
        parent=("recommendation_id",),
        needed=("slot_name", "shown_at"),
        times=("shown_at", "clicked_at", "added_at", "bought_at"),
        numbers=("result_position",),
        flags=("is_control",),
        narrower={"result_position": "numeric(9)"},
    ),
    "invites": Contract(
        "One row per invitation. profile_id: who invites; invitee_profile_id: who was invited, once "
        "known; channel_code; sent_at; accepted_at.",
        key=("invite_id",),
        parent=("invite_id",),
        needed=("profile_id", "sent_at"),
        times=("sent_at", "accepted_at"),
    ),
    "competitor_observations": Contract(
        "One row per observation of a competitor (competitor_name). product_id: ours that it is "
        "compared with; sku and product_name: theirs; metric_code: price, rating, stock, promotion, "
        "response_seconds, followers, share_of_voice or other; observed_value; currency; observed_at.",
        key=("observation_id",),
        parent=("observation_id",),
        needed=("competitor_name", "metric_code", "observed_value", "observed_at"),
        times=("observed_at",),
        numbers=("observed_value",),
    ),
}
