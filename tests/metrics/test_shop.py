"""What the shop's customers cost, bring and think of leaving, once more, from what the synthetic company did.

Orders, visits, tickets and answers are taken from the sandbox's arrays, and what advertising costs from what
its platforms show. Who is who is not asked again here: whose each of them is, is what the facts say of it.
"""

import itertools
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
import yaml

from include import settings
from include.sandbox.stage import Stage
from tests.metrics import ledger
from tests.metrics.ledger import (
    DAY,
    SHOP,
    Order,
    Visit,
    counted,
    day_of,
    end_of,
    figures_of,
    parts_of,
    start_of,
)

pytestmark = pytest.mark.server

GRAINS = ("month", "quarter")
FOR_OTHERS = ("120210544870121", "20511883001")
"""Campaigns that are not for new customers: of carts that were left, and of the company's own name."""
Purchases = dict[str, dict[date, dict[str, int]]]
"""What each customer spent on each day of buying, by category."""
Gap = tuple[date, date]
"""Two days on which somebody bought, and on none between."""


@pytest.fixture(scope="module")
def firsts(orders: list[Order]) -> dict[str, Order]:
    """Return the first order of each customer that was paid."""
    found: dict[str, Order] = {}
    for order in orders:
        if order.is_counted and order.is_paid and order.customer != "unknown":
            found.setdefault(order.customer, order)
    return found


@pytest.fixture(scope="module")
def spent(chain: Stage) -> dict[str, dict[date, int]]:
    """Return what was spent on new customers, by channel and day."""
    return ledger.spent_on_ads(chain, SHOP, but=FOR_OTHERS)


@pytest.fixture(scope="module")
def led(
    firsts: dict[str, Order], shop_visits: list[Visit], whose: dict[tuple[str, int], str]
) -> dict[str, str]:
    """Return by what each new customer came: the last visit within 30 days that says so."""
    came: dict[str, list[Visit]] = defaultdict(list)
    for visit in shop_visits:
        if visit.steps[0].came_by:
            came[whose.get((visit.visitor, visit.started_at), "")].append(visit)
    found = {}
    for customer, first in firsts.items():
        before = [each for each in came[customer] if first.at - 30 * DAY <= each.started_at <= first.at]
        if before:
            found[customer] = max(before, key=lambda each: each.started_at).steps[0].came_by
    return found


@pytest.mark.parametrize("grain", GRAINS)
def test_a_new_customer_costs_what_is_spent_on_them(
    firsts: dict[str, Order], spent: dict[str, dict[date, int]], led: dict[str, str], orders: list[Order],
    grain: str,
) -> None:  # fmt: skip
    cost: dict[str, dict[date, int]] = {channel: defaultdict(int) for channel in ("all", *spent)}
    for channel, days in spent.items():
        for day, amount in days.items():
            cost[channel][start_of(day, grain)] += amount
            cost["all"][start_of(day, grain)] += amount
    new: dict[date, int] = defaultdict(int)
    brought: dict[str, dict[date, int]] = {channel: defaultdict(int) for channel in cost}
    for customer, first in firsts.items():
        start = start_of(first.day, grain)
        new[start] += 1
        if led.get(customer) in spent:
            brought[led[customer]][start] += 1
            brought["all"][start] += 1
    for channel, by_period in cost.items():
        segment = ("all", "all") if channel == "all" else ("channel", channel)
        found = parts_of("ecommerce.cac", "paid", SHOP, grain, segment)
        assert sum(brought[channel].values()) >= 3, channel
        assert found == {start: (amount, brought[channel][start]) for start, amount in by_period.items()}
    whole = cost["all"]
    assert len(set(new.values())) >= 3
    assert parts_of("ecommerce.cac", "blended", SHOP, grain) == {
        start: (amount, new[start]) for start, amount in whole.items()
    }
    left: dict[date, int] = defaultdict(int)
    for order in orders:
        first = firsts.get(order.customer)
        if first and order.is_counted and first.day <= order.day < first.day + timedelta(days=90):
            left[start_of(first.day, grain)] += order.amount
    project = yaml.safe_load((settings.DBT_PROJECT / "dbt_project.yml").read_text())
    margin = project["vars"]["gross_margin_shares"].get(SHOP)
    # three months' cost over the margin of three months; of a unit that states none, nothing is known
    assert parts_of("ecommerce.cac", "payback_months", SHOP, grain) == {
        start: (3 * amount, Decimal(str(margin)) * left[start] if margin else None)
        for start, amount in whole.items()
    }


@pytest.mark.parametrize("grain", [*GRAINS, "year"])
def test_a_customer_brings_what_was_not_given_back_by_then(
    chain: Stage, orders: list[Order], grain: str
) -> None:
    revenue: dict[date, int] = defaultdict(int)
    buyers: dict[date, set[str]] = defaultdict(set)
    active: dict[date, set[str]] = defaultdict(set)
    for order in orders:
        if order.is_counted and order.customer != "unknown":
            start = start_of(order.day, grain)
            revenue[start] += order.goods
            buyers[start].add(order.customer)
            if order.refunded:
                revenue[start_of(day_of(order.refunded_at), grain)] -= order.refunded
    for customer, day in ledger.contacts_of(chain, orders):
        active[start_of(day, grain)].add(customer)
    assert any(len(buyers[start]) < len(active[start]) for start in revenue)
    for variant, people in (("buyers", buyers), ("active", active)):
        expected = {start: (amount, len(people[start])) for start, amount in revenue.items()}
        assert parts_of("ecommerce.revenue_per_customer", variant, SHOP, grain) == expected, variant


def test_those_who_first_bought_in_a_month_bring_what_they_keep_within_a_year(orders: list[Order]) -> None:
    begun: dict[str, date] = {}
    kept: dict[date, int] = defaultdict(int)
    for order in orders:
        if order.is_counted and order.customer != "unknown":
            first = begun.setdefault(order.customer, order.day)
            if order.day < first + timedelta(days=365):
                kept[start_of(first)] += order.amount
    people = Counter(start_of(first) for first in begun.values())
    assert min(kept.values()) > 0
    expected = {month: (amount, people[month]) for month, amount in kept.items()}
    assert parts_of("ecommerce.revenue_per_customer", "cohort_12m", SHOP) == expected


@pytest.fixture(scope="module")
def purchases(chain: Stage, orders: list[Order]) -> Purchases:
    found: Purchases = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for order in orders:
        if order.is_counted and order.customer != "unknown":
            for product, net in order.lines:
                found[order.customer][order.day][chain.world.products[product].category] += net
    return found


@pytest.fixture(scope="module")
def gaps(purchases: Purchases) -> dict[str, list[Gap]]:
    """Return the gaps between purchases of each category, and of anything."""
    found: dict[str, list[Gap]] = defaultdict(list)
    for days in purchases.values():
        bought: dict[str, list[date]] = defaultdict(list)
        for day in sorted(days):
            for category in ("all", *days[day]):
                bought[category].append(day)
        for category, own in bought.items():
            found[category] += itertools.pairwise(own)
    return found


def limit(own: list[Gap], month: date) -> tuple[int, int] | None:
    """Return after how many days of silence somebody has lapsed, and how many gaps say so."""
    # the company is younger than the two years of which they are
    lengths = sorted((day - before).days for before, day in own if day < month)
    if not lengths:
        return None
    place, rest = divmod(Fraction(9, 10) * (len(lengths) - 1), 1)
    low, high = lengths[place], lengths[min(place + 1, len(lengths) - 1)]
    # silence is counted in whole days
    return min(max(ceil(low + rest * (high - low)), 60), 365), len(lengths)


def months(purchases: Purchases) -> list[date]:
    """Return the months from the first purchase to the last."""
    days = [day for own in purchases.values() for day in own]
    found = [start_of(min(days))]
    while end_of(found[-1]) <= max(days):
        found.append(end_of(found[-1]))
    return found


def test_who_is_silent_for_longer_than_nine_in_ten_has_lapsed(
    purchases: Purchases, gaps: dict[str, list[Gap]]
) -> None:
    limits: dict[str, dict[date, tuple[int, int]]] = defaultdict(dict)
    lapsed: dict[str, list[tuple[date, bool]]] = defaultdict(list)
    for month in months(purchases):
        for category, own in gaps.items():
            if found := limit(own, month):
                limits[category][month] = found
        for days in purchases.values():
            last = max((day for day in days if day < month), default=None)
            if last is None or month not in limits["all"]:
                continue
            category = min(days[last], key=lambda each: (-days[last][each], each))
            most, count = limits[category].get(month, (0, 0))
            if count < 30:
                most, _ = limits["all"][month]
            if (month - last).days <= most:
                latest = max(day for day in days if day < end_of(month))
                is_lapsed = (end_of(month) - latest).days > most
                lapsed[category].append((month, is_lapsed))
                lapsed["all"].append((month, is_lapsed))
    told = {most for own in limits.values() for most, _ in own.values()}
    assert len(told) >= 10
    assert min(told) == 60
    assert any(0 < count < 30 for own in limits.values() for _, count in own.values())
    for category, pairs in lapsed.items():
        segment = ("all", "all") if category == "all" else ("category", category)
        assert 5 <= sum(is_lapsed for _, is_lapsed in pairs) <= len(pairs) - 5, category
        assert parts_of("ecommerce.brand_lapse", "silence", SHOP, "month", segment) == counted(pairs)
        found = figures_of("ecommerce.brand_lapse", "limit_days", SHOP, "month", segment)
        assert found == {month: most for month, (most, _) in limits[category].items()}, category
