"""The shop's figures once more, in plain Python, from what the synthetic company did.

Visits and mails are taken from the sandbox's own arrays. Who is who is not asked again here: customers and
orders are those of the facts, and what is worked out from them shares nothing with the models' SQL.
"""

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from statistics import median

import pytest

from include import settings
from include.sandbox import world
from include.sandbox.channels.mailchimp import BOUNCE, CLICK, OPEN
from include.sandbox.channels.segment import ORDER_ID
from include.sandbox.channels.segment.visits import STEPS, WEB
from include.sandbox.live import Played, playing
from include.sandbox.seasons import VIETNAM
from include.sandbox.stage import Stage
from tests.built import fast_dbt
from tests.databases import ask
from tests.pointed import point
from tests.test_chain import ingest, run

pytestmark = pytest.mark.server

SHOP = "shop_online"
SOURCES = ["haravan", "mailchimp", "segment"]
PAUSE, HOUR, DAY = 30 * 60, 3600, 86400
Parts = dict[date, tuple[int, int]]
"""Numerator and denominator by the first day of a period."""


def month_of(second: int) -> date:
    return datetime.fromtimestamp(second, VIETNAM).date().replace(day=1)


def parts_of(metric: str, variant: str, grain: str = "month") -> Parts:
    return {
        start: (int(numerator), int(denominator))
        for start, numerator, denominator in ask(
            "select period_start, numerator, denominator from published.mart_metrics where metric_code = %s "
            "and variant_code = %s and period_grain_code = %s and segment_type_code = 'all' "
            "and business_unit_code = %s",
            metric, variant, grain, SHOP,
        )
    }  # fmt: skip


@dataclass
class Visit:
    """What somebody does on the website without a pause of more than 30 minutes."""

    visitor: str
    started_at: int
    ended_at: int = 0
    steps: list[str] = field(default_factory=list)
    is_machine: bool = False
    orders: set[str] = field(default_factory=set)
    """Those that the tracker names."""

    @property
    def is_counted(self) -> bool:
        seconds = self.ended_at - self.started_at
        views = sum(step in ("Home", "Product") for step in self.steps)
        hurries = (views >= 20 and seconds < views) or (
            len(self.steps) >= 100 and seconds * 5 < len(self.steps)
        )
        return not self.is_machine and not hurries and seconds <= 12 * HOUR and len(self.steps) <= 5000


@dataclass(frozen=True)
class Order:
    """An order as the fact has it."""

    number: str
    customer: str
    at: int
    channel: str
    status: str
    is_counted: bool
    amount: Decimal

    @property
    def day(self) -> date:
        return datetime.fromtimestamp(self.at, VIETNAM).date()


@pytest.fixture(scope="module")
def chain(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Return the company with a shop, its tracker and its mailing list, pulled, built and published once."""
    with pytest.MonkeyPatch.context() as patch:
        # enough visits for some of them to order
        patch.setattr(settings, "EVENTS_PER_CUSTOMER", 60.0)
        company = world.build(seed=5, customers=150, end=date(2026, 10, 31), history=300)
        stage = Stage(company, tmp_path_factory.mktemp("sandbox"), chosen=SOURCES)
        with playing(stage) as played, fast_dbt():
            point(patch, played, SOURCES)
            ingest(played, *SOURCES)
            run()
            yield played


@pytest.fixture(scope="module")
def visits(chain: Played) -> list[Visit]:
    segment = chain.stage.channels["segment"].visits
    events, sessions = segment.events, segment.sessions
    seen: dict[str, list[tuple[int, str, bool, str]]] = defaultdict(list)
    for row in range(len(events)):
        session = int(events.session[row])
        if sessions.unit[session] == WEB and events.received_at[row] <= chain.stage.now:
            name, order = STEPS[events.step[row]][1], ""
            if name == "Order Completed":
                order = str(ORDER_ID + int(sessions.order[session]))
            step = (int(events.happened_at[row]), name, bool(sessions.is_bot[session]), order)
            seen[segment.anonymous_id(session)].append(step)
    found: list[Visit] = []
    for device, steps in seen.items():
        visit = None
        for at, name, is_machine, order in sorted(steps):
            if visit is None or at > visit.ended_at + PAUSE:
                key = hashlib.md5(f"segment:{SHOP}:{device}".encode(), usedforsecurity=False).hexdigest()
                visit = Visit(key, at)
                found.append(visit)
            visit.ended_at = at
            visit.steps.append(name)
            visit.is_machine |= is_machine
            visit.orders |= {order} - {""}
    return [visit for visit in found if visit.is_counted]


@pytest.fixture(scope="module")
def orders(chain: Played) -> list[Order]:
    return [
        Order(number, customer, int(at.timestamp()), channel, status, bool(is_counted), amount)
        for number, customer, at, channel, status, is_counted, amount in ask(
            "select order_id, customer_key, ordered_at, channel_code, status_code, is_counted, net_amount "
            "from core.fct_orders where business_unit_code = %s",
            SHOP,
        )
    ]


@pytest.fixture(scope="module")
def whose(chain: Played) -> dict[tuple[str, int], str]:
    """Return the customer of each visit of somebody known."""
    rows = ask(
        "select visitor_key, started_at, customer_key from core.fct_sessions where customer_key <> 'unknown'"
    )
    return {(visitor, int(at.timestamp())): customer for visitor, at, customer in rows}


def counted(pairs: list[tuple[date, bool]]) -> Parts:
    found: Parts = {}
    for start, is_met in pairs:
        numerator, denominator = found.get(start, (0, 0))
        found[start] = (numerator + is_met, denominator + 1)
    return found


def test_the_conversion_rate_is_the_visits_that_order(
    visits: list[Visit], orders: list[Order], whose: dict[tuple[str, int], str]
) -> None:
    by_customer: dict[str, list[int]] = defaultdict(list)
    for number, visit in enumerate(visits):
        if customer := whose.get((visit.visitor, visit.started_at)):
            by_customer[customer].append(number)
    naming = {order: number for number, visit in enumerate(visits) for order in visit.orders}
    ordering: set[int] = set()
    kept: set[int] = set()
    for order in orders:
        if not order.is_counted:
            continue
        there = []
        if order.channel == "website":
            there = [n for n in by_customer.get(order.customer, ()) if visits[n].started_at <= order.at]
        around = [n for n in there if visits[n].ended_at >= order.at]
        before = [n for n in there if 0 < order.at - visits[n].ended_at <= PAUSE]
        if order.number in naming:
            chosen = naming[order.number]
        elif around:
            chosen = max(around, key=lambda n: visits[n].started_at)
        elif before:
            chosen = max(before, key=lambda n: visits[n].ended_at)
        else:
            continue
        ordering.add(chosen)
        kept |= {chosen} if order.status == "delivered" else set()
    months = [month_of(visit.started_at) for visit in visits]
    assert len(ordering) >= 5
    assert kept <= ordering
    expected = counted([(start, n in ordering) for n, start in enumerate(months)])
    assert parts_of("ecommerce.conversion_rate", "session") == expected
    expected = counted([(start, n in kept) for n, start in enumerate(months)])
    assert parts_of("ecommerce.conversion_rate", "net") == expected


def test_a_visit_that_fills_a_cart_and_does_not_buy_it_within_a_day_leaves_it(
    visits: list[Visit], orders: list[Order], whose: dict[tuple[str, int], str]
) -> None:
    placed: dict[str, list[int]] = defaultdict(list)
    for order in orders:
        if order.status != "credit_note" and order.channel == "website":
            placed[order.customer].append(order.at)
    carts, checkouts = [], []
    for visit in visits:
        if "Product Added" not in visit.steps:
            continue
        customer = whose.get((visit.visitor, visit.started_at), "")
        is_bought = "Order Completed" in visit.steps or any(
            visit.started_at <= at <= visit.ended_at + DAY for at in placed.get(customer, ())
        )
        carts.append((month_of(visit.ended_at), not is_bought))
        if "Checkout Started" in visit.steps:
            checkouts.append(carts[-1])
    assert 0 < sum(is_left for _, is_left in checkouts) < len(checkouts) < len(carts)
    assert parts_of("ecommerce.cart_abandonment", "cart") == counted(carts)
    assert parts_of("ecommerce.cart_abandonment", "checkout") == counted(checkouts)


def test_a_mail_is_clicked_by_whoever_is_no_machine(chain: Played) -> None:
    mails = chain.stage.channels["mailchimp"]
    now = chain.stage.now
    sent_at = mails.sent_at[mails.campaign].tolist()
    clicks: dict[int, list[tuple[int, int]]] = defaultdict(list)
    links: dict[int, set[int]] = defaultdict(set)
    opened, bounced = set(), set()
    for at, pair, action, link in zip(
        mails.happened_at.tolist(),
        mails.pair.tolist(),
        mails.action.tolist(),
        mails.link.tolist(),
        strict=True,
    ):
        if at > now:
            continue
        if action == CLICK:
            clicks[pair].append((at, link))
            links[int(mails.campaign[pair])].add(link)
        elif action == OPEN:
            opened.add(pair)
        elif action == BOUNCE:
            bounced.add(pair)
    unique, openings, machines = [], [], []
    for pair, at in enumerate(sent_at):
        if at > now or pair in bounced:
            continue
        own, human = clicks[pair], 0
        many = max(2, -(-4 * len(links[int(mails.campaign[pair])]) // 5))
        bursts = [a for a, _ in own if len({n for b, n in own if a <= b <= a + 10}) >= many]
        for clicked, _ in own:
            is_machine = clicked <= at + 2 or any(a <= clicked <= a + 10 for a in bursts)
            machines.append((month_of(at), is_machine))
            human += not is_machine
        unique.append((month_of(at), human > 0))
        if pair in opened or human:
            openings.append((month_of(at), human > 0))
    assert 0 < sum(is_machine for _, is_machine in machines) < len(machines)
    assert parts_of("ecommerce.mail_click_rate", "unique") == counted(unique)
    assert parts_of("ecommerce.mail_click_rate", "click_to_open") == counted(openings)
    # a month of mails in which nobody clicks has no share of anything
    found = {k: v for k, v in parts_of("ecommerce.mail_click_rate", "machine_share").items() if v[1]}
    assert found == counted(machines)


def test_an_order_is_worth_its_net_amount(orders: list[Order]) -> None:
    by_month: dict[date, list[Decimal]] = defaultdict(list)
    for order in orders:
        if order.is_counted:
            by_month[order.day.replace(day=1)].append(order.amount)
    rows = ask(
        "select period_start, numerator, denominator, value, variant_code from published.mart_metrics "
        "where metric_code = 'ecommerce.average_order_value' and period_grain_code = 'month' "
        "and segment_type_code = 'all' and business_unit_code = %s",
        SHOP,
    )
    means = {start: (top, below) for start, top, below, _, variant in rows if variant == "net"}
    assert means == {start: (sum(amounts), len(amounts)) for start, amounts in by_month.items()}
    middles = {start: value for start, _, _, value, variant in rows if variant == "net_median"}
    assert middles.keys() == by_month.keys()
    for start, amounts in by_month.items():
        assert middles[start] == pytest.approx(median(amounts), abs=Decimal("0.00001"))


def test_whoever_bought_in_both_of_two_quarters_bought_again(orders: list[Order]) -> None:
    buyers: dict[date, set[str]] = defaultdict(set)
    for order in orders:
        if order.is_counted and order.customer != "unknown":
            buyers[date(order.day.year, (order.day.month - 1) // 3 * 3 + 1, 1)].add(order.customer)
    quarters = sorted(buyers)
    last = max(order.day for order in orders)
    expected = {
        after: (len(buyers[before] & buyers[after]), len(buyers[before]))
        for before, after in itertools.pairwise(quarters)
        if after <= last
    }
    assert len(expected) >= 3
    assert parts_of("ecommerce.periodical_purchase", "quarter", "quarter") == expected


def test_the_wide_month_says_what_the_tall_table_says(chain: Played) -> None:
    wide = ask(
        "select month_start, session_count, ordering_session_count, cart_count, abandoned_cart_count, "
        "delivered_mail_count from published.mart_ecommerce_monthly where business_unit_code = %s",
        SHOP,
    )
    visits, carts = (
        parts_of("ecommerce.conversion_rate", "session"),
        parts_of("ecommerce.cart_abandonment", "cart"),
    )
    mails = parts_of("ecommerce.mail_click_rate", "unique")
    assert {row[0] for row in wide} >= visits.keys() | carts.keys() | mails.keys()
    for start, *figures in wide:
        ordering, sessions = visits.get(start, (None, None))
        left, filled = carts.get(start, (None, None))
        assert figures == [sessions, ordering, filled, left, mails.get(start, (None, None))[1]], start


def test_the_funnel_begins_with_the_visits_and_ends_with_those_that_order(chain: Played) -> None:
    steps = ask(
        "select month_start, step_code, entered_count from published.mart_conversion_funnel "
        "where business_unit_code = %s order by month_start, step_number",
        SHOP,
    )
    by_month: dict[date, list[int]] = defaultdict(list)
    for start, _, entered in steps:
        by_month[start].append(entered)
    assert {start: (counts[-1], counts[0]) for start, counts in by_month.items()} == parts_of(
        "ecommerce.conversion_rate", "session"
    )
    for counts in by_month.values():
        assert counts == sorted(counts, reverse=True)
        assert len(counts) == 5
