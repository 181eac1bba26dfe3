"""The shop's figures once more, in plain Python, from what the synthetic company did.

Visits, orders and mails are taken from the sandbox's own arrays. Who is who is not asked again here: whose a
visit, an order or an answer is, is what the facts say of it.
"""

import itertools
from collections import defaultdict
from datetime import date
from decimal import Decimal
from statistics import median

import numpy as np
import pytest

from include.sandbox.channels.mailchimp import BOUNCE, CLICK, OPEN
from include.sandbox.stage import Stage
from tests.databases import ask
from tests.metrics import ledger
from tests.metrics.ledger import DAY, PAUSE, SHOP, Order, Visit, counted, month_of, parts_of, start_of

pytestmark = pytest.mark.server


def test_the_conversion_rate_is_the_visits_that_order(
    shop_visits: list[Visit], orders: list[Order], whose: dict[tuple[str, int], str]
) -> None:
    by_customer: dict[str, list[int]] = defaultdict(list)
    for number, visit in enumerate(shop_visits):
        if customer := whose.get((visit.visitor, visit.started_at)):
            by_customer[customer].append(number)
    naming = {order: number for number, visit in enumerate(shop_visits) for order in visit.orders}
    ordering: set[int] = set()
    kept: set[int] = set()
    for order in orders:
        if not order.is_counted:
            continue
        there = []
        if order.channel == "website":
            there = [n for n in by_customer.get(order.customer, ()) if shop_visits[n].started_at <= order.at]
        around = [n for n in there if shop_visits[n].ended_at >= order.at]
        before = [n for n in there if 0 < order.at - shop_visits[n].ended_at <= PAUSE]
        if order.number in naming:
            chosen = naming[order.number]
        elif around:
            chosen = max(around, key=lambda n: shop_visits[n].started_at)
        elif before:
            chosen = max(before, key=lambda n: shop_visits[n].ended_at)
        else:
            continue
        ordering.add(chosen)
        kept |= {chosen} if order.status == "delivered" else set()
    months = [month_of(visit.started_at) for visit in shop_visits]
    assert len(ordering) >= 5
    assert kept <= ordering
    expected = counted([(start, n in ordering) for n, start in enumerate(months)])
    assert parts_of("ecommerce.conversion_rate", "session", SHOP) == expected
    expected = counted([(start, n in kept) for n, start in enumerate(months)])
    assert parts_of("ecommerce.conversion_rate", "net", SHOP) == expected


def test_a_visit_that_fills_a_cart_and_does_not_buy_it_within_a_day_leaves_it(
    shop_visits: list[Visit], orders: list[Order], whose: dict[tuple[str, int], str]
) -> None:
    placed: dict[str, list[int]] = defaultdict(list)
    for order in orders:
        if order.channel == "website":
            placed[order.customer].append(order.at)
    carts, checkouts = [], []
    for visit in shop_visits:
        if "Product Added" not in visit.names:
            continue
        customer = whose.get((visit.visitor, visit.started_at), "")
        is_bought = "Order Completed" in visit.names or any(
            visit.started_at <= at <= visit.ended_at + DAY for at in placed.get(customer, ())
        )
        carts.append((month_of(visit.ended_at), not is_bought))
        if "Checkout Started" in visit.names:
            checkouts.append(carts[-1])
    assert 0 < sum(is_left for _, is_left in checkouts) < len(checkouts) < len(carts)
    assert parts_of("ecommerce.cart_abandonment", "cart", SHOP) == counted(carts)
    assert parts_of("ecommerce.cart_abandonment", "checkout", SHOP) == counted(checkouts)


def test_a_mail_is_clicked_by_whoever_is_no_machine(chain: Stage) -> None:
    mails = chain.channels["mailchimp"]
    now = chain.now
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
    assert parts_of("ecommerce.mail_click_rate", "unique", SHOP) == counted(unique)
    assert parts_of("ecommerce.mail_click_rate", "click_to_open", SHOP) == counted(openings)
    # a month of mails in which nobody clicks has no share of anything
    found = {k: v for k, v in parts_of("ecommerce.mail_click_rate", "machine_share", SHOP).items() if v[1]}
    assert found == counted(machines)


def test_who_shares_is_one_of_the_active_customers_of_the_month(chain: Stage, orders: list[Order]) -> None:
    tracker = next(each for each in chain.channels["segment"].trackers if each.UNIT == SHOP)
    events, own_people = tracker.events, ledger.staff()
    whose = ledger.customers_of_users("segment")
    telling: dict[str, dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in np.flatnonzero((events.received_at <= chain.now) & events.is_known).tolist():
        customer = whose[tracker.accounts[int(tracker.stays.user[events.visit[row]])]]
        if customer not in own_people:
            telling[tracker.name(row)[1]][month_of(int(events.happened_at[row]))].add(customer)
    sharers, active = telling["Product Shared"], defaultdict(set)
    for told in (sharers, telling["Invite Sent"]):
        for month, customers in told.items():
            active[month] |= customers
    for customer, day in ledger.contacts_of(chain, orders):
        active[start_of(day)].add(customer)
    expected = {month: (len(who), len(active[month])) for month, who in sharers.items()}
    assert sum(sharing for sharing, _ in expected.values()) >= 20
    shared = np.flatnonzero(
        (events.received_at <= chain.now) & (events.step == tracker.code["Product Shared"])
    )
    assert ask(
        "select count(*), count(distinct content_event_id), count(distinct content_id) > 5 "
        "from published.fct_content_events where business_unit_code = %s and kind_code = 'share'",
        SHOP,
    ) == [(len(shared), len(shared), True)]
    assert parts_of("ecommerce.virality", "share_rate", SHOP) == expected


def test_an_order_is_worth_its_net_amount(orders: list[Order]) -> None:
    by_month: dict[date, list[int]] = defaultdict(list)
    for order in orders:
        if order.is_counted:
            by_month[start_of(order.day)].append(order.amount)
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
        assert middles[start] == pytest.approx(Decimal(median(amounts)), abs=Decimal("0.00001"))


def test_whoever_bought_in_both_of_two_quarters_bought_again(orders: list[Order]) -> None:
    buyers: dict[date, set[str]] = defaultdict(set)
    for order in orders:
        if order.is_counted and order.customer != "unknown":
            buyers[start_of(order.day, "quarter")].add(order.customer)
    quarters = sorted(buyers)
    last = max(order.day for order in orders)
    expected = {
        after: (len(buyers[before] & buyers[after]), len(buyers[before]))
        for before, after in itertools.pairwise(quarters)
        if after <= last
    }
    assert len(expected) >= 3
    assert parts_of("ecommerce.periodical_purchase", "quarter", SHOP, "quarter") == expected


def test_the_wide_month_says_what_the_tall_table_says(chain: Stage) -> None:
    wide = ask(
        "select month_start, session_count, ordering_session_count, cart_count, abandoned_cart_count, "
        "delivered_mail_count from published.mart_ecommerce_monthly where business_unit_code = %s",
        SHOP,
    )
    visits, carts = (
        parts_of("ecommerce.conversion_rate", "session", SHOP),
        parts_of("ecommerce.cart_abandonment", "cart", SHOP),
    )
    mails = parts_of("ecommerce.mail_click_rate", "unique", SHOP)
    assert {row[0] for row in wide} >= visits.keys() | carts.keys() | mails.keys()
    for start, *figures in wide:
        ordering, sessions = visits.get(start, (None, None))
        left, filled = carts.get(start, (None, None))
        assert figures == [sessions, ordering, filled, left, mails.get(start, (None, None))[1]], start


def test_the_funnel_begins_with_the_visits_and_ends_with_those_that_order(chain: Stage) -> None:
    steps = ask(
        "select month_start, step_code, entered_count from published.mart_conversion_funnel "
        "where business_unit_code = %s order by month_start, step_number",
        SHOP,
    )
    by_month: dict[date, list[int]] = defaultdict(list)
    for start, _, entered in steps:
        by_month[start].append(entered)
    assert {start: (counts[-1], counts[0]) for start, counts in by_month.items()} == parts_of(
        "ecommerce.conversion_rate", "session", SHOP
    )
    for counts in by_month.values():
        assert counts == sorted(counts, reverse=True)
        assert len(counts) == 5
