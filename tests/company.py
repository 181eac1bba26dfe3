"""A company so small that a test knows all of it: what its three systems hold, record by record."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from include import landing, lifetime, sources, warehouse
from include.contracts import CONTRACTS
from include.lifetime.purchasing import Purchasing
from include.sources import Page, Window

NOW = datetime(2026, 7, 1, tzinfo=UTC)
DAYS = tuple(
    datetime(*date, 17, 30, tzinfo=UTC)  # half past midnight of the next day in Vietnam
    for date in ((2025, 2, 27), (2025, 12, 30), (2025, 12, 31), (2026, 1, 31), (2026, 3, 30), (2026, 3, 31))
)
PHONES = (None, "0901 000 001", "+84 901 000 001", "0901000002", "0120 100 0003")
PAGES = ("Home", "Product")
MARKET_STEPS = ("Products Searched", "Product Clicked", "Product Viewed", "Product Added")
CITIES = (None, "Hà Nội", "Huế")
UNIT = "kiosk"
UNIT_ROW = {
    "name_vi": "Quầy", "name_en": "Kiosk", "stage_code": "revenue",
}  # fmt: skip
INBOX_KEYS = {name: contract.key for name, contract in CONTRACTS.items()}
FIRST = ("business_units", "customers", "identifiers", "products", "orders", "order_lines", "payments",
         "conversations", "feedback")  # fmt: skip
"""The contracts that have a method of their own below; `row` fills any other."""
OTHERS = tuple(name for name in CONTRACTS if name not in FIRST)
REFERENCES = {
    "profile_id": "p", "employee_id": "e", "campaign_id": "m", "content_id": "n", "listing_id": "l",
    "conversation_id": "c", "subscription_id": "s", "anonymous_id": "d",
}  # fmt: skip
WORDS = {
    "channel_code": ("zalo", "fax"), "status_code": ("active", "cancelled"), "kind_code": ("view", None),
    "search_term": ("áo mưa", "gọi 0901 000 001"), "message_text": ("chào", "a@b.vn"),
    "url": ("https://a.vn/ao?q=1", "https://a.vn/u/a@b.vn/0901000001#x"),
    "referrer": ("https://b.vn/z", "không"),
    "title": ("Áo", "gọi 0901 000 001"), "subject": ("Tết", None), "currency": (None, "USD"),
    "cancel_reason_code": (None, "payment_failed"), "plan_name": ("Gói A", "đ" * 1000),
    "body_text": ("hay", None), "evidence": (None, "form 1"),
    "category_name": ("food", None), "sku": (None, "X"),
}  # fmt: skip
"""Text of an odd and of an even amount."""


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


class Company:
    """What happened since the last arrival, and what lies in the inbox."""

    def __init__(self) -> None:
        self._news: dict[tuple[str, str], list[dict]] = {}
        self._inbox: dict[str, dict[tuple, dict]] = {contract: {} for contract in INBOX_KEYS}
        self._restated: set[str] = set()
        self._fits: list[tuple[str, date, list[lifetime.Fit]]] = []
        self._clock = NOW

    def _tell(self, source: str, stream: str, record: dict, late: bool = False) -> None:
        """Let a record arrive, changed now or, where it is late, before what arrived last."""
        self._clock += timedelta(minutes=1)
        changed = self._clock - timedelta(minutes=90) if late else self._clock
        times = {"updated_at": _text(changed), "generated_timestamp": changed.timestamp(),
                 "timestamp": changed.timestamp()}  # fmt: skip
        self._news.setdefault((source, stream), []).append(times | record)

    def _put(self, contract: str, row: dict) -> None:
        self._inbox[contract][tuple(row[name] for name in INBOX_KEYS[contract])] = row
        self._restated.add(contract)

    # the online shop

    def shop_customer(self, number: int, phone: int | str, city: int, staff: bool = False) -> None:
        """Let a customer have an account; PHONE is one of `PHONES` by its place, or any text."""
        self._tell("haravan", "customers", {
            "id": number, "last_name": "Nguyễn", "first_name": f"Khách {number}",
            "phone": phone if isinstance(phone, str) else PHONES[phone],
            "email": None, "birthday": f"{1950 + 10 * (number % 7)}-05-05T00:00:00Z",
            "default_address": {"province": CITIES[city]}, "tags": "staff" if staff else "",
            "created_at": _text(DAYS[0]),
        })  # fmt: skip

    def product(self, number: int, name: str) -> None:
        self._tell("haravan", "products", {
            "id": number, "title": name, "product_type": "food", "created_at": _text(DAYS[0]),
            "variants": [{"id": number, "sku": f"S{number}", "price": 10}],
        })  # fmt: skip

    def shop_order(
        self, number: int, customer: int, day: int, amount: int = 10,
        state: str = "delivered", refund_day: int | None = None, late: bool = False,
    ) -> None:  # fmt: skip
        """Sell a product to an account, or to a guest (0); one in three is of two lines."""
        at = DAYS[day]
        lines = [
            {"id": 10 * number + line, "variant_id": 1 + line, "title": "Món", "quantity": 1 + line,
             "price": amount, "total_discount": 0}
            for line in range(2 if amount % 3 == 0 else 1)
        ]  # fmt: skip
        total = sum(line["quantity"] * line["price"] for line in lines)
        refunds = [] if refund_day is None else [
            {"id": number, "created_at": _text(max(at, DAYS[refund_day])),
             "refund_line_items": [{"quantity": 1, "subtotal": amount}]}
        ]  # fmt: skip
        self._tell("haravan", "orders", {
            "id": number, "name": f"#{number}", "source_name": ("web", "pos", "fax")[amount % 3],
            "customer": {"id": customer} if customer else None, "phone": PHONES[1 + number % 4],
            "created_at": _text(at), "cancelled_at": _text(at) if state == "cancelled" else None,
            "financial_status": "paid", "gateway_code": "COD", "currency": "VND",
            "fulfillments": [{"carrier_status_code": "delivered", "delivered_date": _text(at)}]
            if state == "delivered" else [],
            "total_line_items_price": total, "total_discounts": amount % 4, "total_tax": 0,
            "shipping_lines": [{"price": 2}], "line_items": lines, "refunds": refunds,
            "transactions": [{"id": number, "kind": "sale", "created_at": _text(at), "amount": total}],
            # some are on the day, and some come as many days too late as they cost more
            "note_attributes": [{"name": "promised_at", "value": _text(at - timedelta(days=amount - 6))}],
        }, late)  # fmt: skip

    # the help desk

    def desk_user(self, number: int, phone: int, late: bool = False, role: str = "end-user") -> None:
        self._tell("zendesk", "users", {
            "id": number, "role": role, "name": f"Người {number}", "phone": PHONES[phone],
            "email": f"nguoi{number}@a.vn", "created_at": _text(DAYS[0]),
        }, late)  # fmt: skip

    def ticket(self, number: int, user: int, day: int, status: str = "open") -> None:
        self._tell("zendesk", "tickets", {
            "id": number, "status": status, "via": {"channel": "email"}, "requester_id": user,
            "tags": ["giao_hang"], "created_at": _text(DAYS[day]),
            "metric_set": {"reopens": 0, "solved_at": _text(DAYS[day])},
        })  # fmt: skip

    def comment(self, number: int, ticket: int, author: int, day: int) -> None:
        self._tell("zendesk", "comments", {
            "id": number, "ticket_id": ticket, "author_id": author, "public": True,
            "via": {"channel": "web"}, "created_at": _text(DAYS[day] + timedelta(hours=number)),
        })  # fmt: skip

    def rating(self, number: int, user: int, ticket: int, score: str) -> None:
        self._tell("zendesk", "satisfaction_ratings", {
            "id": number, "requester_id": user, "ticket_id": ticket, "score": score,
            "comment": "gọi 0901 000 001 nhé", "created_at": _text(DAYS[number % len(DAYS)]),
        })  # fmt: skip

    # the counter's files

    def unit(
        self, currency: str = "VND", time_zone: str = "Asia/Ho_Chi_Minh", kind: str = "saas"
    ) -> None:  # fmt: skip
        """Let the counter be a business of some kind: each kind has metrics of its own."""
        self._put("business_units", UNIT_ROW | {
            "currency": currency, "time_zone": time_zone, "business_type_code": kind,
        })  # fmt: skip

    def counter_customer(self, number: int, phone: int, city: int) -> None:
        self._put("customers", {"profile_id": f"p{number}", "full_name": f"Quen {number}",
                                "city": CITIES[city], "created_at": _text(DAYS[1])})  # fmt: skip
        self.drop("identifiers", (f"p{number}",))
        if PHONES[phone]:
            self._put("identifiers", {"profile_id": f"p{number}", "identifier_type": "phone",
                                      "identifier_value": PHONES[phone]})  # fmt: skip

    def counter_order(self, number: int, profile: int, day: int, amount: int) -> None:
        order = f"o{number}"
        self._put("orders", {"order_id": order, "profile_id": f"p{profile}", "channel_code": "counter",
                             "ordered_at": _text(DAYS[day]), "payment_method_code": "cash"})  # fmt: skip
        self._put("order_lines", {"order_id": order, "line_id": "1", "product_id": "x", "quantity": 1,
                                  "unit_price": amount})  # fmt: skip

    def counter_payment(self, number: int, order: int, kind: str, day: int, amount: int) -> None:
        self._put("payments", {
            "payment_id": f"t{number}", "order_id": f"o{order}", "kind_code": kind, "method_code": "cash",
            "paid_at": _text(DAYS[day]), "amount": amount,
        })  # fmt: skip

    def counter_product(self, name: str) -> None:
        self._put("products", {"product_id": "x", "sku": "X", "product_name": name})

    def counter_talk(self, number: int, profile: int, day: int, wait_minutes: int) -> None:
        self._put("conversations", {
            "conversation_id": f"c{number}", "profile_id": f"p{profile}", "channel_code": "zalo",
            "opened_at": _text(DAYS[day]),
            "first_human_reply_at": _text(DAYS[day] + timedelta(minutes=wait_minutes)),
        })  # fmt: skip

    def answer(self, number: int, profile: int, day: int, score: int) -> None:
        self._put("feedback", {
            "feedback_id": f"f{number}", "profile_id": f"p{profile}", "channel_code": "survey",
            "kind_code": "nps", "scale_code": "zero_to_ten", "score": score, "answered_at": _text(DAYS[day]),
        })  # fmt: skip

    def validate(self, number: int, profile: int, day: int, score: int) -> None:
        """Let a profile answer the survey that is sent at random."""
        self._put("feedback", {
            "feedback_id": f"g{number}", "profile_id": f"p{profile}", "channel_code": "survey",
            "kind_code": "validation", "scale_code": "one_to_five", "score": score,
            "answered_at": _text(DAYS[day]),
        })  # fmt: skip

    def step(self, number: int, device: int, profile: int, day: int, minute: int, name: str) -> None:
        """Let a device do something some minutes from a day's moment; PROFILE is signed in, or nobody (0)."""
        self._put("events", {
            "event_id": f"v{number}", "event_name": name, "anonymous_id": f"d{device}",
            "kind_code": "page" if name in PAGES else "track",
            "profile_id": f"p{profile}" if profile else None,
            "occurred_at": _text(DAYS[day] + timedelta(minutes=minute)), "url": f"https://a.vn/{number}",
            "referrer": ("https://www.google.com/", "https://a.vn/x", None)[number % 3],
            "utm_medium": ("cpc", None)[number % 2], "channel_code": ("counter", None)[number // 2 % 2],
            "active_seconds": (None, 15)[number % 2], "device_code": ("mobile", "desktop", None)[device % 3],
            "utm_source": "facebook", "product_id": "x" if name.startswith("Product") else None,
            "amount": 7 if name == "Product Added" else 10 * number, "result_count": number % 4,
            "ad_pixels": 20 + number, "viewport_pixels": (None, 100, 200)[number % 3],
        } | ({
            "listing_id": f"l{number // 4 + 1}", "result_position": number, "result_count": 3 * (number % 4),
            "search_term": ("da lat", "Đà Lạt")[number % 2] if name == "Products Searched" else None,
        } if name in MARKET_STEPS else {}))  # fmt: skip

    def hunt(self, day: int, seekers: int) -> None:
        """Let devices search for one thing within minutes, of which nobody looks at what is found."""
        for number in range(1, seekers + 1):
            self.step(40 + number, 10 + number, 0, day, number, "Products Searched")

    def mail(self, number: int, profile: int, day: int, kind: str, seconds: int) -> None:
        """Let something happen to the mail of a campaign to a profile, seconds after it was sent."""
        self._put("message_events", {
            "message_event_id": f"w{number}", "campaign_id": f"m{profile % 2 + 1}",
            "profile_id": f"p{profile}", "channel_code": "email", "kind_code": kind,
            "url": f"https://a.vn/{number % 3}", "occurred_at": _text(DAYS[day] + timedelta(seconds=seconds)),
            "is_machine": 0,
        })  # fmt: skip

    def campaign(self, number: int, kind: str, about: int, ended: int | None) -> None:
        """Let a campaign be of a kind and about something: nothing, a category, a product, or both."""
        self._put("campaigns", {
            "campaign_id": f"m{number}", "campaign_name": "Thư", "channel_code": "email", "kind_code": kind,
            "category_name": (None, "food", None, "Food")[about], "sku": (None, None, "X", "S1")[about],
            "ended_at": None if ended is None else _text(DAYS[ended]),
        })  # fmt: skip

    def decide(self, number: int, profile: int, day: int, seconds: int, purpose: str, granted: bool) -> None:
        """Let a profile decide what it may be sent by mail; every fourth decision names no channel."""
        self._put("consents", {
            "consent_id": f"n{number}", "profile_id": f"p{profile}", "purpose_code": purpose,
            "channel_code": "email" if number % 4 else None, "is_granted": int(granted),
            "decided_at": _text(DAYS[day] + timedelta(seconds=seconds)),
        })  # fmt: skip

    def invite(self, number: int, profile: int, invitee: int, day: int) -> None:
        self._put("invites", {"invite_id": f"i{number}", "profile_id": f"p{profile}",
                              "invitee_profile_id": f"p{invitee}", "sent_at": _text(DAYS[day])})  # fmt: skip

    def offer(self, number: int, profile: int, day: int, hours: int) -> None:
        """Recommend what a profile puts into a cart or buys some hours later."""
        shown = DAYS[day]
        self._put("recommendations", {
            "recommendation_id": f"r{number}", "profile_id": f"p{profile}", "slot_name": "home",
            "basis_code": ("browse", "none")[number % 2], "product_id": "x", "shown_at": _text(shown),
            "added_at": _text(shown + timedelta(hours=hours)) if hours % 2 else None,
            "bought_at": _text(shown + timedelta(hours=hours)), "order_id": f"o{number}",
        })  # fmt: skip

    def spend(self, day: int, amount: int) -> None:
        self._put("spend_days", {"spend_date": DAYS[day].date().isoformat(), "channel_code": "facebook_ads",
                                 "campaign_id": "none", "amount": amount})  # fmt: skip

    def crowd(self, device: int, day: int) -> None:
        """Let six people sign in on one device, an hour after each other."""
        for number in range(11, 17):
            self.counter_customer(number, phone=0, city=0)
            self.step(number, device, number, day, 60 * number, "Home")

    def subscription(self, number: int, profile: int, day: int, status: str, amount: int) -> None:
        """Let the terms of a subscription change on a day."""
        at = DAYS[day]
        self._put("subscriptions", {
            "subscription_id": f"u{number}", "effective_at": _text(at), "profile_id": f"p{profile}",
            "plan_id": f"g{amount % 2}", "status_code": status, "quantity": amount % 3 + 1,
            "trial_kind_code": ("opt_in", "freemium")[number % 2] if status == "trialing" else None,
            "started_at": _text(DAYS[0]), "trial_ends_at": _text(at + timedelta(days=10)),
            "current_period_starts_at": _text(at - timedelta(days=10)),
            "current_period_ends_at": _text(at + timedelta(days=20)),
            "ended_at": _text(at) if status == "ended" else None, "monthly_amount": amount,
            "cancel_reason_code": "payment_failed" if status == "ended" and amount % 2 else None,
        })  # fmt: skip

    def act(
        self, number: int, profile: int, content: int, day: int, minute: int, kind: str, parent: int = 0
    ) -> None:
        """Let a profile do something with a piece of content, some minutes from a day's moment.

        PARENT is the number of the act that it comes of, 0 for none.
        """
        self._put("content_events", {
            "content_event_id": f"a{number}", "content_id": f"n{content}", "profile_id": f"p{profile}",
            "kind_code": kind, "occurred_at": _text(DAYS[day] + timedelta(minutes=minute)),
            "amount": {"donate": 10 * number, "moderate": 3 + number}.get(kind),
            "parent_event_id": f"a{parent}" if parent else None,
        })  # fmt: skip

    def follow(self, number: int, device: int, share: int, day: int, minute: int) -> None:
        """Let a device come by the link of an act that shared something; of 0 the link does not say which."""
        self._put("events", {
            "event_id": f"v{30 + number}", "event_name": "Home", "kind_code": "page",
            "anonymous_id": f"d{device}", "occurred_at": _text(DAYS[day] + timedelta(minutes=minute)),
            "utm_source": "share", "utm_campaign": f"{UNIT}/a{share}" if share else None,
        })  # fmt: skip

    def item(self, number: int, profile: int, day: int) -> None:
        """Let a profile publish something."""
        self._put("contents", {
            "content_id": f"n{number}", "profile_id": f"p{profile}", "kind_code": "post",
            "title": "Bài", "published_at": _text(DAYS[day]),
        })  # fmt: skip

    def notice(self, number: int, profile: int, day: int, minute: int, kind: str) -> None:
        """Let something become of what a profile is told, or would have been."""
        self._put("campaigns", {"campaign_id": "m9", "campaign_name": "Trả lời", "kind_code": "notification",
                                "topic_code": "reply", "channel_code": "push"})  # fmt: skip
        self._put("message_events", {
            "message_event_id": f"b{number}", "campaign_id": "m9", "profile_id": f"p{profile}",
            "channel_code": "push", "kind_code": kind,
            "occurred_at": _text(DAYS[day] + timedelta(minutes=minute)),
        })  # fmt: skip

    def listing(self, number: int, profile: int, day: int, status: str, amount: int) -> None:
        """Let a listing become another on a day; an even amount says nothing of when."""
        at = DAYS[day]
        self._put("listings", {
            "listing_id": f"l{number}", "profile_id": f"p{profile}", "status_code": status, "price": amount,
            "category_name": "Nhà" if amount % 3 else None, "published_at": _text(DAYS[1]),
            "removed_at": _text(at) if status in ("removed", "sold_out") else None, "quantity": 1,
            "suggested_price": 8, "updated_at": _text(at) if amount % 2 else None,
        })  # fmt: skip

    def booking(self, number: int, guest: int, listing: int, day: int, status: str, amount: int) -> None:
        """Let a guest ask for a listing, whose host is the next profile."""
        at = DAYS[day]
        self._put("bookings", {
            "booking_id": f"b{number}", "listing_id": f"l{listing}", "profile_id": f"p{guest}",
            "seller_profile_id": f"p{listing % 3 + 1}", "requested_at": _text(at), "status_code": status,
            "paid_at": _text(at + timedelta(hours=2)),
            "completed_at": _text(at + timedelta(days=amount)) if status == "completed" else None,
            "cancel_reason_code": "fraud" if status == "cancelled" else None,
            "amount": amount, "fee_amount": 1,
            "starts_on": at.date().isoformat(), "ends_on": (at + timedelta(days=2)).date().isoformat(),
        })  # fmt: skip

    def review(self, number: int, profile: int, day: int, score: int) -> None:
        """Let a profile rate the booking of the same number."""
        self._put("feedback", {
            "feedback_id": f"f{number}", "profile_id": f"p{profile}", "channel_code": "website",
            "kind_code": "review", "scale_code": "one_to_five", "score": score, "order_id": f"b{number}",
            "answered_at": _text(DAYS[day]),
        })  # fmt: skip

    def cart(self, number: int, profile: int, day: int, days_later: int = 0) -> None:
        """Let a profile fill a cart that is not bought, on a day or some days later."""
        self._put("carts", {
            "cart_id": f"k{number}", "profile_id": f"p{profile}", "channel_code": "website", "amount": 7,
            "started_at": _text(DAYS[day] + timedelta(days=days_later)),
        })  # fmt: skip

    def row(self, contract: str, number: int, other: int, day: int, amount: int) -> None:
        """Fill a row of any other contract: NUMBER is its own key, OTHER is whom and what it names."""
        shape = CONTRACTS[contract]
        row: dict[str, object] = {name: f"{prefix}{other}" for name, prefix in REFERENCES.items()}
        # the second person of a row is another than the first
        row |= dict.fromkeys(("seller_profile_id", "invitee_profile_id"), f"p{other % 3 + 1}")
        row |= {name: words[amount % 2] for name, words in WORDS.items()}
        row |= {name: f"{REFERENCES.get(name, '')}{number}" for name in shape.key}
        row |= {name: f"x{other}" for name in shape.needed if name not in row}
        row |= dict.fromkeys(shape.numbers, amount) | dict.fromkeys(shape.flags, amount % 2)
        row |= {name: DAYS[number % len(DAYS)].date().isoformat() for name in shape.dates}
        row |= {name: _text(DAYS[day] + timedelta(hours=n)) for n, name in enumerate(shape.times)}
        self._put(contract, row)

    def rows(self, number: int, other: int, day: int, amount: int) -> None:
        """Fill a row of each of the other contracts."""
        for contract in OTHERS:
            self.row(contract, number, other, day, amount)

    def drop(self, contract: str, key: tuple = ()) -> None:
        """Take the rows whose key begins so out of the files, all of them where it is empty."""
        rows = self._inbox[contract]
        self._inbox[contract] = {k: row for k, row in rows.items() if k[: len(key)] != key}
        self._restated.add(contract)

    # what models learn of it

    def refit(self, unit: str, day: int, amount: int) -> None:
        """Let a unit be fitted with the next batch; an odd amount says nothing of who left."""
        purchases = Purchasing(amount / 5, 30.0, 0.5, amount / 3, leaves_at_first=False)
        nodes = tuple(zip(*(map(float, values) for values in purchases.nodes()), strict=True))
        parameters = {"r": purchases.r, "alpha": purchases.alpha, "a": purchases.a, "b": purchases.b}
        self._fits.append((unit, DAYS[day].date(), [
            lifetime.Fit("bg_nbd", None, parameters, nodes, predicted=amount, actual=7),
            lifetime.Fit("mbg_nbd", None, parameters) if amount % 2 == 0
            else lifetime.Fit("mbg_nbd", "no maximum was found"),
            lifetime.Fit("gamma_gamma", None, {"p": 2.0, "q": 3.0, "v": float(amount)}),
            lifetime.Fit("sbg", None, {"alpha": amount / 7, "b": amount / 2}) if amount % 2 == 0
            else lifetime.Fit("sbg", "nobody left"),
        ]))  # fmt: skip

    def learn(self, batch_id: int) -> None:
        """Keep the fits that were told, as those of a batch."""
        with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
            for unit, through, fits in self._fits:
                lifetime.store(cursor, batch_id, unit, through, fits)
        self._fits.clear()

    # arriving

    def pages(self, source: str, stream: str, _: Window) -> Iterator[Page]:
        """Answer a pull as the three sources would."""
        if source == "files" and stream in self._restated:
            rows = [{"business_unit_code": UNIT, "_occurrence": 1, "_copy": 1} | row
                    for row in self._inbox[stream].values()]  # fmt: skip
            yield Page(rows, scopes=(UNIT,))
        elif news := self._news.get((source, stream)):
            yield Page(news)

    def arrive(self) -> None:
        """Land and accept all that happened."""
        told = {source for source, _ in self._news} | ({"files"} if self._restated else set())
        with self._pulled():
            for source in sorted(told):
                landing.land(source, NOW)
                for name, landings in landing.landed(source).items():
                    landing.check_types(source, sources.stream(source, name), landings)
                landing.confirm(source, landing.landed(source))
                landing.accept(source)
                assert not landing.landed(source)
        self._news.clear()
        self._restated.clear()

    @contextmanager
    def _pulled(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sources, "pages", self.pages)
            yield


def opened() -> Company:
    """Return a company with a little of everything, not yet arrived."""
    company = Company()
    company.unit()
    company.product(1, "Cà phê")
    company.counter_product("Trà")
    for number in (1, 2, 3):
        company.shop_customer(number, phone=number, city=number % 3)
        company.counter_customer(number, phone=number, city=1)
        company.desk_user(number, phone=number)
        company.shop_order(number, customer=number, day=number, amount=8 + number, refund_day=5)
        company.counter_order(number, profile=number, day=number, amount=30)
        company.counter_talk(number, profile=number, day=number, wait_minutes=60 * number)
        company.answer(number, profile=number, day=number, score=3 * number)
        company.ticket(number, user=number, day=number)
        company.comment(number, ticket=number, author=99, day=number)
        company.rating(number, user=number, ticket=number, score="good")
        company.rows(number, other=number % 3 + 1, day=number, amount=8 + number)
        company.step(20 + number, device=number, profile=number, day=number, minute=-5, name="Product Added")
        company.mail(number, profile=number, day=number, kind="sent", seconds=0)
    company.counter_payment(1, order=1, kind="refund", day=4, amount=5)
    return company
