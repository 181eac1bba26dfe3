"""What the shop's visitors take of what it recommends, and buy of what they look at again, told once more.

Recommendations, visits and orders are taken from the sandbox's arrays. Who is who is not asked again here:
whose a device is, is what the facts say of it.
"""

import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from include.sandbox.channels.database.offers import BASES, SLOTS
from include.sandbox.seasons import NEVER
from include.sandbox.stage import Stage
from tests.metrics import ledger
from tests.metrics.ledger import DAY, SHOP, Order, Visit, counted, day_of, parts_of, start_of, summed

pytestmark = pytest.mark.server

GRAINS = ("day", "week", "month", "quarter")
VARIANTS = ("add", "click", "buy_7d")
MONTH = timedelta(days=30)


@dataclass
class Offer:
    """Something that was recommended to somebody on a day, and whether they took it."""

    day: date
    slot: str
    basis: str
    taken: Counter[str] = field(default_factory=Counter)
    """By variant, whether they did."""


@pytest.fixture(scope="module")
def offers(chain: Stage) -> list[Offer]:
    shown, now = chain.channels["database"].offers, chain.now
    columns = (
        shown.visitor, shown.product, shown.slot, shown.basis, shown.shown_at, shown.clicked_at,
        shown.added_at, shown.bought_at,
    )  # fmt: skip
    found: dict[tuple[int, int, int, date], Offer] = {}
    for visitor, product, slot, basis, at, *then in zip(*(each.tolist() for each in columns), strict=True):
        if at <= now:
            # the same thing for the same person in the same place on one day is one
            key = (visitor, product, slot, day_of(at))
            offer = found.setdefault(key, Offer(day_of(at), SLOTS[slot], BASES[basis]))
            clicked, added, bought = (each - at if each <= now else NEVER for each in then)
            offer.taken["add"] |= min(added, bought) <= DAY
            offer.taken["click"] |= clicked < NEVER
            offer.taken["buy_7d"] |= bought <= 7 * DAY
    return list(found.values())


@pytest.mark.parametrize("grain", GRAINS)
def test_what_is_recommended_is_clicked_put_into_a_cart_and_bought(
    chain: Stage, offers: list[Offer], grain: str
) -> None:
    assert len(offers) < (chain.channels["database"].offers.shown_at <= chain.now).sum()
    for variant in VARIANTS:
        segments: dict[tuple[str, str], list[tuple[date, bool]]] = defaultdict(list)
        for offer in offers:
            for segment in (("all", "all"), ("slot", offer.slot), ("recommendation_basis", offer.basis)):
                segments[segment].append((start_of(offer.day, grain), bool(offer.taken[variant])))
        assert len(segments) == 1 + len(SLOTS) + len(BASES)
        assert 10 <= sum(is_taken for _, is_taken in segments["all", "all"]) <= len(offers) - 10
        for segment, pairs in segments.items():
            found = parts_of("ecommerce.recommendation_acceptance", variant, SHOP, grain, segment)
            assert found == counted(pairs), (variant, segment)


@pytest.mark.parametrize("grain", GRAINS)
def test_what_was_recommended_to_nobody_known_is_no_part_of_what_is_sold(
    orders: list[Order], offers: list[Offer], grain: str
) -> None:
    # the recommender knows its visitors by cookies of its own, of which nobody knows whose they are
    recommending = {start_of(offer.day, grain) for offer in offers}
    sold = summed((start_of(order.day, grain), 0, order.goods) for order in orders if order.is_counted)
    expected = {start: parts for start, parts in sold.items() if start in recommending}
    assert 0 < len(expected) < len(sold)
    assert parts_of("ecommerce.recommendation_acceptance", "revenue_share", SHOP, grain) == expected


@pytest.mark.parametrize("grain", ["month", "quarter"])
def test_what_is_looked_at_again_and_not_bought_is_given_up(
    shop_visits: list[Visit], orders: list[Order], grain: str
) -> None:
    owners = ledger.customers_of_devices()
    bought: dict[tuple[str, int], set[date]] = defaultdict(set)
    for order in orders:
        if order.is_counted:
            for product, _ in order.lines:
                bought[order.customer, product].add(order.day)
    looks: dict[tuple[str, int], set[date]] = defaultdict(set)
    for visit in shop_visits:
        if visit.visitor in owners:
            for step in visit.steps:
                if step.name == "Product Viewed":
                    looks[visit.visitor, step.subject].add(day_of(step.at))
    pairs: dict[tuple[date, str, int], bool] = {}
    for (device, product), days in looks.items():
        ordered = sorted(days)
        for before, again in itertools.pairwise(ordered):
            if again - before <= MONTH:
                is_bought = any(before <= day <= again + MONTH for day in bought[owners[device], product])
                # a pair is one in a period, however often it is looked at
                pairs.setdefault((start_of(again, grain), device, product), is_bought)
    expected = counted((start, not is_bought) for (start, *_), is_bought in pairs.items())
    assert 5 <= sum(pairs.values()) <= len(pairs) - 5
    assert parts_of("ecommerce.product_abandonment", "within_30d", SHOP, grain) == expected
