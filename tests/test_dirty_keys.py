"""Whatever arrives in whatever order: incremental is what a full refresh gives, published is built.

A batch compares each model with its own SQL over all of what lies before it. By induction along the
rooms that is a full refresh. The calendar and the seeds do not change here and are left out.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from itertools import count

import psycopg2
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection
from psycopg2.sql import SQL, Identifier

from include import identity, landing, publication, settings, transform
from include.identity import reading
from tests import built as project
from tests import databases
from tests.built import Built, Model, run_statements, who_is_otherwise
from tests.company import DAYS, INBOX_KEYS, MARKET_STEPS, OTHERS, PHONES, Company, opened
from tests.databases import ask, one

pytestmark = pytest.mark.server

STILL = ("dim_channel", "dim_date", "dim_period", "dim_touchpoint", "metric_catalogue")
NUMBERS = count()


class Differs(AssertionError):
    """An incremental table is not what a full refresh would make of it."""


class Warehouse:
    """A copy of the built warehouse, whose batches are run from dbt's own statements."""

    def __init__(self, models: tuple[Model, ...]) -> None:
        moving = [model for model in models if model.name not in STILL]
        self.said = tuple(model for model in moving if model.room == "identity")
        self.models = tuple(model for model in moving if model.room != "identity")
        self._compared = [_comparison(model) for model in moving]

    @cached_property
    def _builder(self) -> Connection:
        """The session of all batches: a new one would have to learn each time what tables there are."""
        return psycopg2.connect(settings.dsn("cx_transformer"))

    @cached_property
    def _looker(self) -> "Looker":
        return Looker()

    def open(self, company: Company) -> int:
        """Open a batch, resolve who is who, and keep what models have learnt of a company."""
        batch_id, is_new_project = transform.open_batch()
        assert not is_new_project
        run_statements(self.said, self._builder)
        identity.resolve(batch_id)
        company.learn(batch_id)
        return batch_id

    def build(self, batch_id: int, until: str | int | None = None) -> None:
        """Build the models of a batch; UNTIL is the one before which it crashes, or how many in a hundred."""
        end = None if until is None else len(self.models) * until // 100 if isinstance(until, int) else next(
            place for place, model in enumerate(self.models) if model.name == until
        )  # fmt: skip
        run_statements(self.models[:end], self._builder)
        if until is None:
            transform._settle(batch_id, "built", None)

    def compare(self) -> None:
        """Compare every model with its full refresh.

        Raises:
            Differs: one is not the same.
        """
        if others := who_is_otherwise():
            raise Differs(", ".join(others))
        if wrong := self._looker.rows(self._compared):
            raise Differs(", ".join(f"{name}: {number} rows" for name, number in wrong))

    def publish(self, batch_id: int) -> None:
        """Publish a batch and compare what readers see with what was built.

        Raises:
            Differs: they are not the same.
        """
        ask("update ops.batches set state = 'audited' where batch_id = %s", batch_id)
        ask("call ops.publish(%s)", batch_id, role="cx_publisher")
        tables = ask("select table_name, room, ops.columns(table_name, '') from ops.publish_tables")
        wrong = self._looker.rows(
            f"select '{name}', 0 where exists (select {columns} from pub_store.{name} "
            f"except all select {columns} from {room}.{name}) or exists (select {columns} "
            f"from {room}.{name} except all select {columns} from pub_store.{name})"
            for name, room, columns in tables
            if name not in STILL
        )
        if wrong:
            raise Differs(f"published is not what was built: {', '.join(name for name, _ in wrong)}")
        miscounted = self._looker.rows(
            f"select '{name}', t.row_count from ops.publication_tables as t "
            f"where t.table_name = '{name}' and t.publication_id = (select publication_id from ops.head) "
            f"and t.row_count <> (select count(*) from pub_store.{name})"
            for name, _, _ in tables
        )
        for name, number in miscounted:
            raise Differs(f"published.{name} does not hold the {number} rows that were counted")

    def run(self, company: Company) -> None:
        """Let a company's news arrive, build, compare and publish them."""
        company.arrive()
        batch_id = self.open(company)
        self.build(batch_id)
        self.compare()
        self.publish(batch_id)


class Looker:
    """A session that plans a question once: over so few rows, planning takes most of the time."""

    def __init__(self) -> None:
        self._connection = psycopg2.connect(settings.dsn("postgres"))
        self._connection.autocommit = True
        self._plans: dict[str, Identifier] = {}

    def rows(self, questions: Iterable[str]) -> list[tuple]:
        """Return the rows of all QUESTIONS, one after the other."""
        found: list[tuple] = []
        with self._connection.cursor() as cursor:
            for question in questions:
                if question not in self._plans:
                    self._plans[question] = Identifier(f"question_{len(self._plans)}")
                    cursor.execute(SQL("prepare {} as {}").format(self._plans[question], SQL(question)))
                cursor.execute(SQL("execute {}").format(self._plans[question]))
                found += cursor.fetchall()
        return found


def _comparison(model: Model) -> str:
    columns = ", ".join(model.columns)
    typed = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in model.columns.items())
    # each once: what a full refresh gives costs what computing it costs
    return (
        f"with built as (select {columns} from {model.room}.{model.name}), "
        f"whole as materialized (select {typed} from ({model.whole}) as q) "
        f"select '{model.name}' as name, count(*) as row_count from "
        "((table built except all table whole) union all (table whole except all table built)) as differing "
        "having count(*) > 0"
    )


def _known() -> Company:
    """Return the company that the copied warehouse was built on."""
    company = opened()
    company._news.clear()
    company._restated.clear()
    return company


# random sequences

NUMBER = st.integers(1, 4)
DAY = st.integers(0, len(DAYS) - 1)
PHONE = st.integers(0, len(PHONES) - 1)
AMOUNT = st.integers(5, 10)
MINUTE = st.sampled_from((-80, -60, -40, -31, -30, -15, 0, 15, 30, 31, 1425))
"""Around half past midnight in Vietnam: visits go on over it, and merge and fall apart by one event."""
STEP = st.sampled_from(
    ("Home", "Product", "Product Added", "Checkout Started", "Heartbeat", "Order Completed", "Ads Rendered")
)
HAPPENS = st.sampled_from(("sent", "delivered", "bounced", "opened", "clicked", "complained"))
MILESTONE = st.sampled_from((
    "Signed Up", "In-App Purchase", "Purchase Refunded", "Rating Prompted", "Rating Prompt Clicked",
    "Upgrade Prompt Viewed", "Application Uninstalled",
))  # fmt: skip
STATUS = st.sampled_from(("trialing", "active", "past_due", "cancelled", "ended"))
KIND = st.sampled_from(("ecommerce", "saas", "app", "media", "ugc", "marketplace"))
ACT = st.sampled_from(("view", "like", "comment", "share", "donate", "report", "moderate"))
OFFER = st.sampled_from(("live", "paused", "sold_out", "removed"))
STAY = st.sampled_from(("requested", "completed", "cancelled", "disputed"))
NEWS = st.sampled_from(("sent", "withheld", "delivered", "opened", "unsubscribed"))


def _call(name: str, *arguments: st.SearchStrategy) -> st.SearchStrategy:
    return st.tuples(st.just(name), st.tuples(*arguments))


EVENTS = st.one_of(
    _call("shop_order", NUMBER, st.integers(0, 4), DAY, AMOUNT,
          st.sampled_from(("delivered", "open", "cancelled")), st.none() | DAY, st.booleans()),
    _call("shop_customer", NUMBER, PHONE, st.integers(0, 2), st.booleans()),
    _call("product", st.integers(1, 2), st.sampled_from(("Cà phê", "Trà", "đ" * 1000))),
    _call("desk_user", NUMBER, PHONE, st.booleans(), st.sampled_from(("end-user", "agent"))),
    _call("ticket", NUMBER, NUMBER, DAY, st.sampled_from(("open", "solved", "deleted"))),
    _call("comment", st.integers(1, 6), NUMBER, st.sampled_from((1, 2, 98, 99)), DAY),
    _call("rating", NUMBER, NUMBER, NUMBER, st.sampled_from(("offered", "good", "bad"))),
    _call("unit", st.sampled_from(("VND", "USD")), st.sampled_from(("Asia/Ho_Chi_Minh", "UTC")), KIND),
    _call("counter_customer", NUMBER, PHONE, st.integers(0, 2)),
    _call("counter_order", NUMBER, NUMBER, DAY, AMOUNT),
    _call("counter_payment", NUMBER, NUMBER, st.sampled_from(("payment", "refund")), DAY, AMOUNT),
    _call("counter_product", st.sampled_from(("Trà", "Bánh"))),
    _call("counter_talk", NUMBER, NUMBER, DAY, st.integers(1, 5000)),
    _call("answer", NUMBER, NUMBER, DAY, st.integers(0, 11)),
    _call("validate", NUMBER, NUMBER, DAY, st.integers(1, 5)),
    _call("step", st.integers(1, 8), st.integers(1, 2), st.integers(0, 3), st.integers(1, 3), MINUTE, STEP),
    _call("step", st.integers(1, 8), st.just(1), st.integers(0, 2), st.just(2), MINUTE, STEP),
    _call("step", st.integers(1, 8), st.integers(1, 2), st.integers(0, 3), DAY, MINUTE, MILESTONE),
    _call("subscription", st.integers(1, 2), NUMBER, DAY, STATUS, AMOUNT),
    _call("step", st.integers(1, 8), st.integers(1, 2), st.integers(0, 3), DAY, MINUTE,
          st.sampled_from((*MARKET_STEPS, "Order Completed"))),
    _call("hunt", DAY, st.integers(4, 6)),
    _call("listing", st.integers(1, 3), NUMBER, DAY, OFFER, AMOUNT),
    _call("booking", NUMBER, NUMBER, st.integers(1, 3), DAY, STAY, AMOUNT),
    _call("review", NUMBER, NUMBER, DAY, st.integers(1, 5)),
    _call("act", st.integers(1, 6), NUMBER, NUMBER, DAY, MINUTE, ACT, st.integers(0, 6)),
    _call("follow", st.integers(1, 2), st.integers(1, 3), st.integers(0, 6), DAY, MINUTE),
    _call("item", NUMBER, NUMBER, DAY),
    _call("notice", st.integers(1, 6), NUMBER, DAY, MINUTE, NEWS),
    _call("crowd", st.integers(1, 2), st.integers(1, 3)),
    _call("cart", NUMBER, NUMBER, DAY, st.integers(0, 3)),
    _call("mail", NUMBER, NUMBER, DAY, HAPPENS, st.sampled_from((0, 2, 3, 10))),
    _call("mail", st.integers(1, 8), st.integers(1, 2), DAY, st.just("sent"), st.sampled_from((0, 2, 3, 10))),
    _call("campaign", st.integers(1, 2), st.sampled_from(("marketing", "survey", "transactional")),
          st.integers(0, 3), st.none() | DAY),
    _call("decide", NUMBER, NUMBER, DAY, st.sampled_from((0, 1, 5)), st.sampled_from(("marketing", "survey")),
          st.booleans()),
    _call("invite", st.integers(1, 2), NUMBER, NUMBER, DAY),
    _call("offer", NUMBER, NUMBER, DAY, st.sampled_from((1, 24, 25, 168, 169))),
    _call("spend", DAY, AMOUNT),
    _call("row", st.sampled_from(OTHERS), NUMBER, NUMBER, DAY, AMOUNT),
    _call("rows", NUMBER, NUMBER, DAY, AMOUNT),
    _call("drop", st.sampled_from(tuple(INBOX_KEYS))),
    _call("refit", st.sampled_from(("kiosk", "shop_online", "unknown")), DAY, AMOUNT),
)  # fmt: skip
SOURCES = st.sampled_from(("haravan", "zendesk", "files"))
ENDINGS = st.one_of(
    st.just(("publish",)), st.just(("publish",)), st.just(("reject",)),
    st.tuples(st.just("crash"), st.integers(0, 99)),
    st.tuples(st.just("hold"), SOURCES),
    st.tuples(st.just("release"), SOURCES),
    st.tuples(st.just("roll_back"), st.integers(1, 3)),
)  # fmt: skip
BATCHES = st.lists(st.tuples(st.lists(EVENTS, max_size=5), ENDINGS), min_size=2, max_size=6)


HARD_DAYS = [
    ([("shop_customer", (1, 2, 0, False)), ("shop_order", (1, 2, 4, 6, "open", None, False))], ("reject",)),
    (
        [("shop_order", (1, 0, 0, 9, "delivered", 5, True)), ("drop", ("business_units",))],
        ("crash", "fct_order_lines"),
    ),
    ([("unit", ("VND", "UTC")), ("counter_customer", (3, 2, 1))], ("publish",)),
    ([("comment", (1, 3, 2, 5)), ("counter_payment", (1, 2, "refund", 3, 5))], ("publish",)),
    ([("drop", ("orders",)), ("drop", ("identifiers",))], ("hold", "files")),
    ([("counter_talk", (1, 2, 0, 10)), ("product", (1, "đ" * 1000))], ("release", "files")),
    ([("desk_user", (1, 0, False)), ("comment", (4, 3, 2, 5))], ("roll_back", 2)),
    ([("desk_user", (2, 2, False, "agent")), ("refit", ("shop_online", 2, 8))], ("publish",)),
    ([("desk_user", (2, 2, False, "end-user"))], ("publish",)),
    ([("counter_order", (4, 4, 4, 7)), ("refit", ("kiosk", 3, 7))], ("publish",)),
    ([("refit", ("shop_online", 5, 9)), ("shop_order", (3, 1, 5, 8, "delivered", None, False))], ("reject",)),
    (
        [("drop", ("campaigns",)), ("drop", ("employees",)), ("row", ("subscriptions", 1, 4, 0, 9))],
        ("crash", "fct_subscriptions"),
    ),
    ([("rows", (2, 4, 5, 6)), ("drop", ("listings",)), ("drop", ("contents",))], ("publish",)),
    ([("counter_customer", (4, 1, 1)), ("row", ("contents", 3, 1, 2, 5))], ("reject",)),
    ([("unit", ("USD", "UTC", "ecommerce")), ("row", ("campaigns", 4, 2, 1, 6))], ("publish",)),
    # before, between and after: one visit over midnight falls apart and is joined again
    ([("step", (n, 1, n % 2, 2, 20 * n - 80, "Home")) for n in (1, 2, 3)], ("publish",)),
    ([("step", (2, 1, 0, 2, 60, "Home")), ("step", (4, 2, 2, 2, 95, "Product"))], ("publish",)),
    ([("step", (5, 1, 0, 2, -10, "Heartbeat"))], ("crash", "fct_sessions")),
    ([("step", (2, 1, 0, 2, -40, "Home")), ("step", (6, 1, 0, 2, 20, "Order Completed"))], ("publish",)),
    # nothing of the first day changes, but a visit that began on it
    ([("step", (6, 1, 0, 2, 10, "Home"))], ("publish",)),
    # nothing of the second day changes, but a visit begins on it now
    ([("drop", ("events", ("v1",))), ("drop", ("events", ("v2",)))], ("publish",)),
    ([("crowd", (1, 3)), ("drop", ("events", ("v5",)))], ("reject",)),
    ([("drop", ("events", ("v13",))), ("counter_customer", (2, 1, 0))], ("publish",)),
    ([("drop", ("business_units",)), ("drop", ("events",)), ("drop", ("bookings",))], ("publish",)),
    # nothing of the first cart changes, but the known days pass it, and come back
    ([("cart", (1, 2, 5, 2)), ("cart", (2, 1, 4, 0))], ("publish",)),
    ([("cart", (3, 3, 5, 3))], ("reject",)),
    ([("drop", ("carts", ("k3",))), ("desk_user", (1, 1, True))], ("publish",)),
    # who leaves comes back, by what is told before it, and then was never there
    ([("subscription", (2, 1, 1, "active", 9)), ("subscription", (2, 1, 3, "ended", 9))], ("publish",)),
    ([("subscription", (2, 1, 4, "active", 8)), ("subscription", (1, 2, 2, "trialing", 6))], ("publish",)),
    ([("subscription", (1, 2, 3, "past_due", 6)), ("subscription", (2, 1, 5, "active", 10))], ("reject",)),
    ([("drop", ("subscriptions", ("u2",)))], ("crash", "fct_subscription_months")),
    # an app's user is nobody, then somebody, who buys and gets it back
    (
        [("unit", ("VND", "Asia/Ho_Chi_Minh", "app")), ("step", (1, 2, 0, 1, 0, "In-App Purchase"))],
        ("publish",),
    ),
    ([("step", (2, 2, 3, 2, 0, "Signed Up")), ("step", (3, 2, 0, 3, 0, "Home"))], ("publish",)),
    ([("step", (1, 2, 0, 4, 0, "Purchase Refunded")), ("step", (4, 2, 3, 1, 0, "Home"))], ("roll_back", 1)),
    ([("step", (5, 1, 2, 5, 0, "Upgrade Prompt Viewed")), ("unit", ("VND", "UTC", "saas"))], ("publish",)),
    ([("drop", ("events", ("v2",))), ("drop", ("install_days",))], ("publish",)),
    ([("drop", ("subscriptions",)), ("drop", ("invoices",)), ("drop", ("spend_days",))], ("publish",)),
    ([("unit", ("VND", "UTC", "ecommerce")), ("subscription", (1, 1, 5, "cancelled", 7))], ("publish",)),
    # a product is looked at again and put into a cart that nobody keeps, and a mail's link is clicked
    (
        [("unit", ("VND", "Asia/Ho_Chi_Minh", "ecommerce")), ("step", (7, 1, 1, 4, 0, "Product")),
         ("step", (8, 1, 1, 5, 0, "Product Added")), ("mail", (5, 1, 5, "delivered", 0)),
         ("mail", (6, 1, 5, "clicked", 3))],
        ("publish",),
    ),
    (
        [("drop", ("carts",)), ("counter_order", (5, 1, 5, 9)), ("spend", (5, 8)), ("invite", (1, 1, 3, 0)),
         ("invite", (2, 2, 3, 3)), ("offer", (2, 2, 2, 24))],
        ("publish",),
    ),
    # the delivery moves, and makes a machine of who clicked; another link makes a burst of it
    ([("mail", (5, 1, 5, "delivered", 2)), ("mail", (7, 1, 5, "clicked", 9))], ("crash", "mail_outcomes")),
    # who invited first did not; who was invited had bought before
    (
        [("drop", ("invites", ("i1",))), ("counter_order", (6, 3, 0, 6)), ("offer", (2, 2, 2, 25)),
         ("counter_product", ("Bánh",))],
        ("publish",),
    ),
    (
        [("drop", ("order_lines",)), ("drop", ("message_events",)), ("drop", ("events",)),
         ("drop", ("spend_days",)), ("unit", ("USD", "UTC", "ecommerce"))],
        ("publish",),
    ),
    # a reader's advertising is told again, is somebody's, goes over midnight, and what it brought is another
    (
        [
            ("unit", ("VND", "Asia/Ho_Chi_Minh", "media")),
            ("step", (1, 1, 0, 4, 0, "Home")),
            ("step", (2, 1, 0, 4, 15, "Ads Rendered")),
            ("row", ("ad_slot_days", 5, 1, 1, 8)),
        ],
        ("publish",),
    ),
    ([("step", (3, 1, 0, 4, -15, "Ads Rendered")), ("step", (4, 1, 2, 5, 0, "Home"))], ("publish",)),
    ([("row", ("ad_slot_days", 5, 1, 1, 9)), ("step", (2, 1, 0, 4, 30, "Ads Rendered"))], ("reject",)),
    ([("step", (5, 2, 1, 3, 0, "Home")), ("step", (6, 2, 2, 4, 0, "Ads Rendered"))], ("roll_back", 1)),
    ([("drop", ("events", ("v2",))), ("drop", ("ad_slot_days",))], ("publish",)),
    # who pays to read leaves, and does not
    (
        [("subscription", (1, 1, 2, "active", 9)), ("subscription", (1, 1, 3, "ended", 9)),
         ("subscription", (2, 5, 2, "active", 8))],
        ("publish",),
    ),
    ([("drop", ("subscriptions", ("u1",))), ("subscription", (2, 5, 3, "past_due", 8))], ("publish",)),
    # who only read publishes, is told of an answer and acts a day later; then it was somebody else
    (
        [
            ("unit", ("VND", "Asia/Ho_Chi_Minh", "ugc")),
            ("act", (1, 1, 1, 3, 0, "view")),
            ("act", (2, 2, 1, 4, 0, "like")),
            ("item", (1, 1, 4)),
            ("step", (7, 1, 2, 4, 0, "Home")),
        ],
        ("publish",),
    ),
    (
        [
            ("notice", (1, 2, 4, 0, "sent")),
            ("notice", (2, 2, 4, 15, "delivered")),
            ("notice", (3, 3, 4, 0, "withheld")),
            ("act", (3, 2, 1, 5, -15, "share")),
            ("act", (4, 3, 1, 5, 15, "donate")),
        ],
        ("publish",),
    ),
    (
        [("item", (1, 2, 1)), ("item", (2, 2, 4)), ("act", (3, 3, 2, 5, -15, "comment"))],
        ("crash", "engagement_days"),
    ),
    ([("counter_customer", (2, 3, 1)), ("notice", (2, 2, 5, 0, "opened"))], ("publish",)),
    (
        [
            ("drop", ("contents", ("n1",))),
            ("drop", ("content_events", ("a1",))),
            ("drop", ("campaigns", ("m9",))),
        ],
        ("publish",),
    ),
    # a share of the old year brings somebody in the new one, is shared on, and costs something to look into
    (
        [("item", (1, 1, 1)), ("act", (1, 1, 1, 1, 0, "share")), ("act", (2, 2, 1, 1, 30, "view", 1)),
         ("act", (5, 3, 1, 2, 15, "share", 2)), ("follow", (1, 9, 1, 2, 30)),
         ("act", (4, 2, 1, 2, 0, "donate"))],
        ("publish",),
    ),
    ([("act", (6, 4, 1, 2, 15, "moderate")), ("step", (8, 9, 0, 2, -30, "Home"))], ("reject",)),
    ([("drop", ("events", ("v8",))), ("act", (1, 1, 1, 1, 15, "share"))], ("crash", "fct_content_events")),
    ([("follow", (1, 9, 0, 2, 30)), ("follow", (2, 8, 1, 2, 1425))], ("publish",)),
    ([("act", (1, 1, 1, 0, 0, "share")), ("drop", ("content_events", ("a6",)))], ("roll_back", 1)),
    ([("drop", ("content_events", ("a2",))), ("follow", (1, 9, 5, 2, 30))], ("publish",)),
    ([("unit", ("VND", "UTC", "saas")), ("drop", ("message_events",))], ("publish",)),
    # a home is on offer, pauses, and was never there; a visit is of another by then
    (
        [
            ("unit", ("VND", "Asia/Ho_Chi_Minh", "marketplace")),
            ("listing", (1, 2, 1, "live", 9)),
            ("booking", (1, 1, 1, 2, "completed", 6)),
            ("step", (1, 1, 1, 3, 0, "Products Searched")),
        ],
        ("publish",),
    ),
    (
        [
            ("listing", (1, 2, 3, "paused", 7)),
            ("step", (2, 1, 1, 3, 15, "Product Clicked")),
            ("step", (3, 1, 1, 3, 30, "Product Viewed")),
            ("review", (1, 1, 4, 5)),
        ],
        ("publish",),
    ),
    ([("listing", (1, 2, 5, "live", 5)), ("step", (2, 2, 0, 3, 15, "Signed Up"))], ("crash", "visit_steps")),
    ([("booking", (1, 2, 1, 5, "disputed", 6)), ("counter_customer", (2, 1, 0))], ("publish",)),
    ([("listing", (2, 1, 4, "sold_out", 8)), ("booking", (2, 3, 2, 4, "completed", 8))], ("reject",)),
    ([("drop", ("listings", ("l1",))), ("step", (2, 1, 2, 3, 1425, "Order Completed"))], ("roll_back", 1)),
    ([("drop", ("bookings",)), ("unit", ("VND", "UTC", "marketplace"))], ("publish",)),
    ([("listing", (3, 3, 0, "live", 8)), ("booking", (3, 1, 3, 3, "cancelled", 9))], ("publish",)),
    # six look for one thing; two are one person, and then three; it was in another month, and one found it
    ([("unit", ("VND", "Asia/Ho_Chi_Minh", "marketplace")), ("hunt", (3, 6))], ("publish",)),
    ([("step", (47, 11, 1, 3, 7, "Home")), ("step", (48, 12, 1, 3, 7, "Home"))], ("reject",)),
    ([("step", (49, 13, 1, 3, 7, "Home"))], ("publish",)),
    ([("hunt", (4, 5)), ("step", (54, 16, 0, 4, 6, "Products Searched"))], ("crash", "fct_searches")),
    (
        [("step", (52, 14, 0, 4, 5, "Product Clicked")), ("step", (53, 14, 0, 4, 6, "Product Viewed"))],
        ("publish",),
    ),
    ([("drop", ("events", ("v41",)))], ("roll_back", 1)),
    ([("unit", ("VND", "UTC", "saas")), ("drop", ("feedback",))], ("publish",)),
    # one leaves and one comes in a month of spending; how long they stay is learnt, forgotten and learnt anew
    (
        [("drop", ("subscriptions",)), ("subscription", (1, 1, 1, "active", 10)),
         ("subscription", (1, 1, 4, "ended", 9)), ("subscription", (2, 5, 4, "active", 8)),
         ("spend", (4, 9)), ("refit", ("kiosk", 3, 8))],
        ("publish",),
    ),
    ([("spend", (4, 6))], ("publish",)),
    ([("refit", ("kiosk", 4, 10))], ("reject",)),
    ([("refit", ("kiosk", 5, 7))], ("publish",)),
    ([("refit", ("kiosk", 5, 6)), ("subscription", (2, 5, 2, "active", 8))], ("roll_back", 1)),
    ([("drop", ("spend_days",)), ("unit", ("VND", "UTC", "app"))], ("publish",)),
    ([("unit", ("VND", "Asia/Ho_Chi_Minh", "saas"))], ("publish",)),
    # four letters in two days; a late one makes the fourth the fifth, and what was bought before is known
    (
        [("decide", (1, 1, 0, 0, "marketing", True)), ("campaign", (2, "marketing", 2, None)),
         ("mail", (1, 1, 1, "sent", 0)), ("mail", (2, 1, 2, "sent", 0)), ("mail", (3, 1, 2, "sent", 2)),
         ("mail", (4, 1, 2, "sent", 3))],
        ("publish",),
    ),
    ([("mail", (5, 1, 1, "sent", 3)), ("counter_order", (5, 1, 1, 9))], ("publish",)),
    # they were refused in between, and a visit follows; then they were not, and one is clicked
    (
        [("decide", (2, 1, 2, 1, "marketing", False)), ("step", (7, 1, 1, 2, 15, "Product"))],
        ("crash", "fct_message_quality"),
    ),
    ([("mail", (6, 1, 5, "sent", 0)), ("step", (8, 1, 1, 5, 1425, "Home"))], ("publish",)),
    ([("drop", ("consents", ("n2",))), ("mail", (7, 1, 2, "clicked", 10))], ("reject",)),
    # what they are of and about is told anew
    ([("campaign", (2, "marketing", 1, 1)), ("counter_product", ("Bánh",))], ("publish",)),
    ([("campaign", (2, "transactional", 1, None))], ("publish",)),
    ([("campaign", (2, "survey", 3, None)), ("decide", (3, 1, 2, 1, "survey", False))], ("publish",)),
    # whoever was sent them is somebody else
    ([("counter_customer", (1, 2, 0)), ("campaign", (2, "marketing", 3, None))], ("publish",)),
    ([("mail", (4, 1, 2, "complained", 3)), ("drop", ("events",))], ("roll_back", 1)),
    ([("drop", ("message_events",)), ("drop", ("consents",)), ("drop", ("campaigns",))], ("publish",)),
    # what went badly is seen, said, another's, and asked about; who waits has waited once the day is known
    (
        [("unit", ("VND", "Asia/Ho_Chi_Minh", "ecommerce")), ("counter_order", (1, 1, 3, 9)),
         ("counter_payment", (2, 1, "refund", 3, 5)), ("ticket", (4, 2, 4, "open")),
         ("comment", (7, 4, 2, 4)), ("counter_talk", (2, 1, 4, 5000))],
        ("publish",),
    ),
    ([("validate", (1, 1, 5, 1)), ("validate", (2, 2, 5, 5)), ("review", (3, 1, 4, 2))], ("publish",)),
    (
        [("counter_customer", (1, 2, 1)), ("ticket", (5, 1, 5, "open")), ("comment", (8, 5, 1, 5))],
        ("reject",),
    ),
    ([("review", (3, 1, 3, 2)), ("shop_order", (4, 2, 4, 10, "delivered", 5, False))], ("publish",)),
    ([("validate", (1, 3, 2, 1)), ("drop", ("payments",))], ("crash", "fct_dissatisfaction_months")),
    ([("counter_payment", (2, 1, "refund", 2, 5)), ("step", (3, 2, 1, 4, 15, "Home"))], ("publish",)),
    ([("ticket", (5, 1, 5, "deleted")), ("drop", ("feedback", ("f3",)))], ("roll_back", 1)),
    ([("drop", ("feedback",)), ("drop", ("events",)), ("unit", ("VND", "UTC", "saas"))], ("publish",)),
]  # fmt: skip
"""Each has broken a build once, or is hard by its nature."""


@example(HARD_DAYS)
@given(BATCHES)
@hypothesis_settings(
    max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_incremental_is_what_a_full_refresh_gives(
    built: Built, monkeypatch: pytest.MonkeyPatch, batches: list
) -> None:
    monkeypatch.setattr(reading, "LARGEST_SHARE", 0)
    with databases.made(f"cx_copy_{next(NUMBERS)}", built.database):
        company, copy = _known(), Warehouse(built.models)
        for events, (ending, *argument) in batches:
            for name, arguments in events:
                getattr(company, name)(*arguments)
            company.arrive()
            if ending in ("hold", "release"):
                landing.hold(*argument, "a test") if ending == "hold" else landing.release(*argument)
            batch_id = copy.open(company)
            if ending == "crash":
                copy.build(batch_id, until=argument[0])
                continue
            copy.build(batch_id)
            copy.compare()
            if ending == "reject":
                transform._settle(batch_id, "rejected", "a test")
                continue
            copy.publish(batch_id)
            if ending == "roll_back":
                _roll_back(*argument)
        copy.run(company)


def _roll_back(steps: int) -> None:
    numbers = [n for (n,) in ask("select publication_id from published.data_publications order by 1 desc")]
    publication.roll_back(numbers[min(steps, len(numbers) - 1)])
    publication.release()


# the test itself: a fault in the mechanism does not go unnoticed

FAULTS = {
    "none": ("", ""),
    "the old image of a change is not logged": (r"where op = 'd' or op = 'u'", "where op = 'd'"),
    "what is gone is not deleted": ("n.op = 'd' then delete", "n.op = 'd' then do nothing"),
    "who moved is not looked up": (
        "from changed.identity_map where",
        "from changed.identity_map where false and",
    ),
    "the last batch is read instead of all since the head": (
        r"batch_id > \(select ops.head_batch\(\)\)",
        "batch_id = (select ops.current_batch())",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_mechanism_is_found(fault: str, built: Built) -> None:
    models = tuple(
        replace(model, statements=tuple(re.sub(*FAULTS[fault], text) for text in model.statements))
        for model in built.models
    )
    with databases.made(f"cx_copy_{next(NUMBERS)}", built.database):
        company, copy = _known(), Warehouse(models)
        if fault == "none":
            _live(copy, company)
        else:
            assert [model.statements for model in models] != [model.statements for model in built.models]
            with pytest.raises(Differs):
                _live(copy, company)


def _live(copy: Warehouse, company: Company) -> None:
    """Move an order, merge two customers, lose orders, and crash half-way through a batch."""
    company.shop_order(1, customer=2, day=4)
    copy.run(company)
    company.shop_customer(3, phone=2, city=0)
    company.arrive()
    copy.build(copy.open(company), until=50)
    company.drop("orders")
    copy.run(company)


def test_when_much_is_dirty_everything_is_compared(built: Built) -> None:
    with databases.made(f"cx_copy_{next(NUMBERS)}", built.database):
        company, copy = _known(), Warehouse(built.models)
        for number in range(100, 1200):
            company.shop_order(number, customer=number % 4, day=number % len(DAYS), amount=5 + number % 7)
        company.shop_order(1, customer=2, day=4)
        company.drop("orders", ("o1",))
        company.arrive()
        issued = project.run()
        filtered = {model: any("/*dirty*/" in text for text in texts) for model, texts in issued.items()}
        assert not filtered["fct_orders"]
        assert not filtered["fct_order_lines"]
        assert filtered["fct_feedback"]
        copy.compare()
        copy.publish(one("select ops.current_batch()"))
        company.shop_order(2, customer=1, day=3)
        copy.run(company)


def test_a_cart_is_left_once_the_known_days_have_passed_it(built: Built) -> None:
    left = "select record_id from core.fct_interactions where interaction_kind_code = 'cart_left' order by 1"
    with databases.made(f"cx_copy_{next(NUMBERS)}", built.database):
        company, copy = _known(), Warehouse(built.models)
        company.cart(1, profile=2, day=5, days_later=2)
        copy.run(company)
        assert ask(left) == []
        company.cart(2, profile=1, day=5, days_later=3)
        copy.run(company)
        assert ask(left) == [("kiosk/k1",)]
        company.drop("carts", ("k2",))
        copy.run(company)
        assert ask(left) == []


def test_whoever_waits_has_waited_too_long_once_the_day_is_known(built: Built) -> None:
    waiting = "select subject_id from core.fct_bad_experiences where rule_code = 'slow_response' order by 1"
    with databases.made(f"cx_copy_{next(NUMBERS)}", built.database):
        company, copy = _known(), Warehouse(built.models)
        company.ticket(4, user=1, day=4)
        company.comment(7, ticket=4, author=1, day=4)
        copy.run(company)
        before = ask(waiting)
        assert ("4",) not in before
        company.ticket(5, user=2, day=5)
        company.comment(8, ticket=5, author=2, day=5)
        copy.run(company)
        assert ask(waiting) == sorted([*before, ("4",)])
        company.ticket(5, user=2, day=5, status="deleted")
        copy.run(company)
        assert ask(waiting) == before


def test_a_query_is_shown_while_five_persons_search_for_it(built: Built) -> None:
    shown = (
        "select query_folded, query, search_count, person_count, failed_count "
        "from published.mart_failing_queries"
    )
    with databases.made(f"cx_copy_{next(NUMBERS)}", built.database):
        company, copy = _known(), Warehouse(built.models)
        company.unit(kind="marketplace")
        company.hunt(day=3, seekers=5)
        copy.run(company)
        assert ask(shown) == [("da lat", "Đà Lạt", 5, 5, 5)]
        # whose devices two of them are becomes known: they are of one
        company.step(47, 11, 1, 3, 7, "Home")
        company.step(48, 12, 1, 3, 7, "Home")
        copy.run(company)
        assert ask(shown) == []
        company.step(46, 16, 0, 3, 6, "Products Searched")
        copy.run(company)
        assert ask(shown) == [("da lat", "Đà Lạt", 6, 5, 6)]


def test_a_year_is_foretold_once_a_twelfth_of_it_has_been_seen(built: Built) -> None:
    fitted = (
        "select variant_code, is_provisional from published.mart_metrics "
        "where metric_code = 'app.lifetime_value' and value_kind = 'fitted' "
        "and period_grain_code = 'month' and period_start = '2026-01-01' order by 1"
    )
    with databases.made(f"cx_copy_{next(NUMBERS)}", built.database):
        company, copy = _known(), Warehouse(built.models)
        company.unit(kind="app")
        for number, days in enumerate((0, 8, 10, 14, 20, 25), 61):
            company.step(number, 17, 0, 2, 1440 * days, "In-App Purchase")
        company.step(70, 17, 0, 2, 1440 * 60, "Home")
        copy.run(company)
        assert ask(fitted) == []
        # nothing of the month changes, but the known days pass it
        company.step(71, 17, 0, 2, 1440 * 61, "Home")
        copy.run(company)
        assert ask(fitted) == [("d365_predicted", 1), ("fit_r2", 1)]
        company.step(72, 17, 0, 2, 1440 * 90, "Home")
        copy.run(company)
        assert ask(fitted) == [("d365_predicted", 0), ("fit_r2", 0), ("holdout_error", 0)]
        company.drop("events", ("v72",))
        company.drop("events", ("v71",))
        copy.run(company)
        assert ask(fitted) == []


def test_who_comes_within_a_week_is_brought_by_the_month_of_the_share(built: Built) -> None:
    brought = (
        "select numerator from published.mart_metrics where metric_code = 'ugc.sharing' "
        "and variant_code = 'k_content' and period_grain_code = 'month' and period_start = '2025-12-01'"
    )
    with databases.made(f"cx_copy_{next(NUMBERS)}", built.database):
        company, copy = _known(), Warehouse(built.models)
        company.unit(kind="ugc")
        company.act(1, 1, 1, 1, 0, "share")
        company.follow(1, 9, 1, 2, 30)
        copy.run(company)
        assert ask(brought) == [(1,)]
        # it was by a link that does not say of which share it is
        company.follow(1, 9, 0, 2, 30)
        copy.run(company)
        assert ask(brought) == [(0,)]
        # it was, but the visit had begun without it
        company.follow(1, 9, 1, 2, 30)
        company.step(8, 9, 0, 2, 15, "Home")
        copy.run(company)
        assert ask(brought) == [(0,)]
        company.drop("events", ("v8",))
        copy.run(company)
        assert ask(brought) == [(1,)]
        # the share was months ago
        company.act(1, 1, 1, 0, 0, "share")
        copy.run(company)
        assert ask(brought) == [(0,)]


def test_a_customer_is_found_by_the_key_of_before_a_merge(built: Built) -> None:
    keys = "select customer_key from identity.identity_map where identifier_key = %s"
    spans = (
        "select customer_key, valid_to_local is null from care.bridge_identity "
        "where carrier_key = 'haravan:8' and identifier_type_code = 'profile' order by span_number"
    )
    with databases.made(f"cx_copy_{next(NUMBERS)}", built.database):
        company, copy = _known(), Warehouse(built.models)
        company.shop_customer(8, phone=4, city=0)
        copy.run(company)
        former = one(keys, "haravan:8")
        assert ask(spans, role="cx_care") == [(former, True)]
        company.shop_customer(8, phone=3, city=0)
        copy.run(company)
        now = one(keys, "haravan:3")
        assert former != now
        assert ask(spans, role="cx_care") == [(former, False), (now, True)]
        found = ask("select customer_key from care.find_customer(%s)", former, role="cx_care")
        assert found == [(now,)]


# what a table is made of at first


def test_a_first_build_cuts_a_text_and_never_a_key(built: Built) -> None:
    with databases.made(f"cx_copy_{next(NUMBERS)}", built.database):
        ask("drop table core.dim_employee")
        said = next(each for each in project.run()["dim_employee"] if "create table" in each)
        make = said[: said.index("alter table")]
        ask(f"drop table core.dim_employee; {_with_a_long('team_name', make)}")
        assert one("select max(length(team_name)) from core.dim_employee") == 128
        with pytest.raises(psycopg2.errors.StringDataRightTruncation, match="too long"):
            ask(f"drop table core.dim_employee; {_with_a_long('employee_key', make)}")


def _with_a_long(column: str, make: str) -> str:
    told = rf"(cast\(null as varchar\)|'unknown') as {column}\b"
    longer, count = re.subn(told, f"repeat('x', 600) as {column}", make)
    assert count == 1
    return longer


# what a model computes, by hand


def test_every_models_own_unit_tests_pass(built: Built) -> None:
    with databases.used(built.database):
        assert project.unit_test() == []
