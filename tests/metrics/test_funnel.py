"""How far the home-stay site's guests and hosts come, once more, from what the synthetic company did.

What is done in visits is taken from the arrays of the site's tracker, payments, stays and homes from those of
its database. Who is who is not asked again here: whose a visit and a profile is, is what the facts say of it.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from statistics import median

import pytest

from include.sandbox.stage import Stage
from tests.metrics import ledger
from tests.metrics.ledger import DAY, Stay, counted, figures_of, month_of, parts_of

pytestmark = pytest.mark.server

UNIT, NOBODY = "home_stay", ""
BUYER = ("search", "view", "add", "checkout", "paid", "completed")
SELLER = ("signup", "listing", "first_view", "first_sale")
STEPS = {
    "Products Searched": "search", "Product Viewed": "view", "Product Added": "add",
    "Checkout Started": "checkout",
}  # fmt: skip
Moments = dict[str, dict[str, list[int]]]
"""When each person takes each step."""


@pytest.fixture(scope="module")
def moments(chain: Stage, stays: list[Stay]) -> dict[str, Moments]:
    """Return when guests and hosts take their steps."""
    site, whose = chain.channels["database"], ledger.customers_of_visits()
    profiles = ledger.customers_of_profiles("database", UNIT)
    hosts = [profiles.get(1 + host, NOBODY) for host in site.host.tolist()]
    buyers: Moments = defaultdict(lambda: defaultdict(list))
    sellers: Moments = defaultdict(lambda: defaultdict(list))
    for visit in ledger.visits_of(UNIT, ledger.steps_of(chain, UNIT)):
        person = whose.get((visit.visitor, visit.started_at), visit.visitor)
        for step in visit.steps:
            if step.name in STEPS:
                buyers[person][STEPS[step.name]].append(step.at)
            if step.name == "Product Viewed":
                sellers[hosts[step.subject]]["first_view"].append(step.at)
            if step.name == "Signed Up":
                sellers[person]["signup"].append(step.at)
    for home, at in enumerate(site.listed_at.tolist()):
        if at <= chain.now:
            sellers[hosts[home]]["listing"].append(at)
    for stay in stays:
        if stay.is_counted:
            sellers[stay.host or NOBODY]["first_sale"].append(stay.requested_at)
            for step, moment in (("paid", stay.paid_at), ("completed", stay.completed_at)):
                if moment is not None:
                    buyers[stay.guest or NOBODY][step].append(moment)
    for own in (buyers, sellers):
        own.pop(NOBODY, None)
    return {"buyer": buyers, "seller": sellers}


def ways_of(own: dict[str, list[int]], steps: Sequence[str]) -> dict[date, list[int]]:
    """Return when somebody takes each step of a way, by the month in which they enter upon it."""
    found: dict[date, list[int]] = {}
    for at in sorted(own.get(steps[0], ())):
        found.setdefault(month_of(at), [at])
    for way in found.values():
        for step in steps[1:]:
            after = [at for at in own.get(step, ()) if way[-1] < at < way[0] + 7 * DAY]
            if not after:
                break
            way.append(min(after))
    return found


@pytest.mark.parametrize(("side", "steps"), [("buyer", BUYER), ("seller", SELLER)])
def test_some_go_on_and_others_leave(moments: dict[str, Moments], side: str, steps: tuple[str, ...]) -> None:
    ways = [way for own in moments[side].values() for way in ways_of(own, steps).items()]
    lengths = Counter(len(way) for _, way in ways)
    assert lengths[1] >= 5
    assert lengths[len(steps)]
    months = {month for month, _ in ways}
    for number, step in enumerate(steps):
        segment = ("funnel_step", step)
        taken = [(month, len(way) > number) for month, way in ways]
        # who has not taken the step before cannot take this one
        of_before = [(month, len(way) > number) for month, way in ways if len(way) >= number]
        for variant, pairs in (("cumulative", taken), ("step", of_before)):
            found = parts_of("marketplace.funnel", f"{side}_{variant}", UNIT, "month", segment)
            assert found == dict.fromkeys(months, (0, 0)) | counted(pairs), (variant, step)
        if number:
            minutes: dict[date, list[float]] = defaultdict(list)
            for month, way in ways:
                if len(way) > number:
                    minutes[month].append((way[number] - way[number - 1]) / 60)
            found = figures_of("marketplace.funnel", f"{side}_minutes_p50", UNIT, "month", segment)
            assert found.keys() == months
            for month, value in found.items():
                # six places are told of minutes
                own = minutes[month]
                assert value == (pytest.approx(Decimal(median(own)), abs=Decimal("6e-7")) if own else None)
