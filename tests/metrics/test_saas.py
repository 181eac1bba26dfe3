"""Recurring revenue, churn and lifetime values, told once more: in Python, by what is paid on each day."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import count, pairwise
from math import log

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scipy import optimize

from include import lifetime
from tests import databases
from tests.built import Built
from tests.company import DAYS, UNIT, Company
from tests.databases import ask
from tests.test_dirty_keys import Warehouse

pytestmark = pytest.mark.server

NUMBERS = count()
PAST_DUE_DAYS = 14
LOCAL = tuple((moment + timedelta(hours=7)).date() for moment in DAYS)
END = max(LOCAL) + timedelta(days=1)
"""The first day that is not known, where something happens on the last of the days."""

Turns = list[tuple[int, str, int]]
"""Of one subscription: on which of the days it became what, and for how much a month."""

TURN = st.tuples(
    st.integers(0, len(DAYS) - 1),
    st.sampled_from(("trialing", "active", "past_due", "cancelled", "ended")),
    st.integers(5, 10),
)
WORLD = st.lists(
    st.lists(TURN, min_size=1, max_size=5, unique_by=lambda turn: turn[0]), min_size=3, max_size=3
)
OWNERS = (1, 1, 3, 5)
"""Whose each subscription is: the first two are of one customer, the last of a profile that nobody knows."""
LEAVES_AND_RETURNS = [
    [(1, "active", 9), (3, "ended", 9), (4, "active", 8)],
    [(1, "trialing", 6), (2, "past_due", 6)],
    [(0, "active", 5), (4, "cancelled", 5), (5, "active", 10)],
]


def paid_on(day: date, turns: Turns) -> int:
    """Return what a subscription pays a month on a day, by looking at nothing but what it was until then."""
    turns = sorted(turns)
    known = [turn for turn in turns if LOCAL[turn[0]] <= day]
    if not known:
        return 0
    place, status, amount = known[-1]
    began, ends = LOCAL[place], LOCAL[place] + timedelta(days=20)
    if status == "active":
        return amount
    if status == "cancelled":
        return amount if len(known) < len(turns) or day < ends else 0
    if status == "past_due":
        failed = began
        for earlier, other, _ in reversed(known):
            if other != "past_due":
                break
            failed = LOCAL[earlier]
        return amount if (day - failed).days < PAST_DUE_DAYS else 0
    if status == "ended":
        paid_before = len(known) > 1 and known[-2][1] in ("active", "cancelled")
        return amount if amount % 2 == 0 and paid_before and day < ends else 0
    return 0


def months() -> list[tuple[date, date]]:
    """Return the months that have begun, each with the first day after it."""
    starts = [date(2025 + n // 12, n % 12 + 1, 1) for n in range(17)]
    return [(start, after) for start, after in pairwise(starts) if start < END]


def waterfall(world: list[Turns]) -> dict[date, Counter[str]]:
    """Return by month what recurring revenue did, and how many customers it was of."""
    told: dict[date, Counter[str]] = {}
    for owner in set(OWNERS):
        owned = [turns for whose, turns in zip(OWNERS, world, strict=True) if whose == owner]

        def paid(day: date, owned: list[Turns] = owned) -> int:
            return sum(paid_on(day, turns) for turns in owned)

        days = (date(2025, 1, 1) + timedelta(number) for number in range(800))
        first = next((day for day in days if paid(day)), None)
        for start, after in months():
            before = paid(start - timedelta(days=1))
            later = paid(after - timedelta(days=1))
            if first is None or after <= first:
                continue
            month = told.setdefault(start, Counter())
            month["start"] += before
            month["end"] += later
            month["payers"] += before > 0
            if not before and later:
                month["new" if first >= start else "reactivation"] += later
            elif before and not later:
                month["churn"] += before
                month["left"] += 1
            else:
                month["expansion" if later > before else "contraction"] += abs(later - before)
    return told


def waterfall_of_plans(world: list[Turns]) -> dict[tuple[date, str], Counter[str]]:
    """Return by month and plan at its start what the customers who held it did; a plan goes by the amount."""
    told: dict[tuple[date, str], Counter[str]] = defaultdict(Counter)
    for owner in set(OWNERS):
        owned = [turns for whose, turns in zip(OWNERS, world, strict=True) if whose == owner]
        for start, after in months():
            before = [paid_on(start - timedelta(days=1), turns) for turns in owned]
            later = sum(paid_on(after - timedelta(days=1), turns) for turns in owned)
            if not any(before):
                continue
            # of two subscriptions on two plans, the last of them by name
            plan = told[start, max(f"{UNIT}/g{amount % 2}" for amount in before if amount)]
            plan["payers"] += 1
            plan["left"] += not later
            plan["start"] += sum(before)
            plan["lost"] += max(sum(before) - later, 0)
            plan["net"] += sum(before) - later
    return told


@example(LEAVES_AND_RETURNS)
@given(WORLD)
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_recurring_revenue_is_what_it_is_day_by_day(built: Built, world: list[Turns]) -> None:
    # something happens to a fourth subscription on the last day, so that the months go on to it
    world = [*world, [(len(DAYS) - 1, "active", 7)]]
    with databases.made(f"cx_saas_{next(NUMBERS)}", built.database):
        company, copy = Company(), Warehouse(built.models)
        for number, turns in enumerate(world):
            for day, status, amount in turns:
                company.subscription(number, profile=OWNERS[number], day=day, status=status, amount=amount)
        copy.run(company)
        found = ask(
            "select month_start, start_amount, new_amount, reactivation_amount, expansion_amount, "
            "contraction_amount, churn_amount, end_amount, start_customer_count, churned_customer_count "
            "from published.mart_recurring_revenue_monthly where business_unit_code = %s", UNIT,
        )  # fmt: skip
        churn = ask(
            "select period_start, variant_code, numerator, denominator from published.mart_metrics "
            "where business_unit_code = %s and metric_code = 'saas.churn' and segment_type_code = 'all'",
            UNIT,
        )  # fmt: skip
        of_plans = ask(
            "select period_start, segment_code, variant_code, numerator, denominator "
            "from published.mart_metrics where business_unit_code = %s and metric_code = 'saas.churn' "
            "and segment_type_code = 'plan' and variant_code in ('logo', 'revenue_gross', 'revenue_net')",
            UNIT,
        )  # fmt: skip
    names = ("start", "new", "reactivation", "expansion", "contraction", "churn", "end", "payers", "left")
    expected = waterfall(world)
    # a month after all payments have ended has no row
    assert {month: dict(zip(names, map(int, rest), strict=True)) for month, *rest in found} == {
        month: {name: amounts[name] for name in names}
        for month, amounts in expected.items()
        if month in {row[0] for row in found} or any(amounts.values())
    }
    rates = {(month, variant): (int(top), int(bottom)) for month, variant, top, bottom in churn}
    for month, amounts in expected.items():
        if amounts["payers"]:
            assert rates[month, "logo"] == (amounts["left"], amounts["payers"])
            lost = amounts["churn"] + amounts["contraction"]
            assert rates[month, "revenue_gross"] == (lost, amounts["start"])
            assert rates[month, "revenue_net"] == (lost - amounts["expansion"], amounts["start"])
    assert {
        (month, plan, variant): (int(top), int(bottom)) for month, plan, variant, top, bottom in of_plans
    } == {
        (month, plan, variant): parts
        for (month, plan), held in waterfall_of_plans(world).items()
        for variant, parts in (
            ("logo", (held["left"], held["payers"])),
            ("revenue_gross", (held["lost"], held["start"])),
            ("revenue_net", (held["net"], held["start"])),
        )
    }


# what a customer is worth

KNOWN_UNTIL = date(2026, 6, 1)
"""The first day that is not known: May is over."""
GROSS_MARGIN = Fraction(4, 5)
Stretch = tuple[date, date, int]
"""From which day up to which somebody pays how much a month; one that goes on ends on `KNOWN_UNTIL`."""


def ledger() -> list[list[Stretch]]:
    """Return what each of 240 subscribers paid: they leave when a paid month ends, and some return."""
    chance, found = np.random.default_rng(11), []
    for number in range(240):
        begins = date(2025, 1, 5) + timedelta(int(chance.integers(0, 500)))
        leaving, amount = chance.beta(1.0, 6.0), int(chance.integers(5, 40))
        # one in twelve is gone before a month is over
        ends = begins + timedelta(int(chance.integers(2, 20)) if number % 12 == 5
                                  else 30 * int(chance.geometric(leaving)))  # fmt: skip
        stretches = [(begins, min(ends, KNOWN_UNTIL), amount)]
        if number % 10 == 3 and ends + timedelta(75) < KNOWN_UNTIL:
            stretches.append((ends + timedelta(75), KNOWN_UNTIL, amount))
        found.append(stretches)
    # the last day that is known is one on which something happens
    return [*found, [(KNOWN_UNTIL - timedelta(days=1), KNOWN_UNTIL, 7)]]


def paid_at_the_end_of(month: date, stretches: list[Stretch]) -> int:
    """Return what somebody pays on the last day of a month, or on the last day that is known."""
    day = min((month + timedelta(days=31)).replace(day=1), KNOWN_UNTIL) - timedelta(days=1)
    return sum(amount for begins, ends, amount in stretches if begins <= day < ends)


def months_known() -> Iterator[date]:
    """Yield the months from the first payment to the last that is over."""
    for number in range(17):
        yield date(2025 + number // 12, number % 12 + 1, 1)


def months_that_a_subscriber_pays(world: list[list[Stretch]], horizon: int) -> float:
    """Return how many, discounted: the likelihood is written as the chances of leaving month by month."""
    left, stayed = Counter[int](), Counter[int]()
    for stretches in world:
        pays = [paid_at_the_end_of(month, stretches) > 0 for month in months_known()]
        if True in pays:
            since = pays[pays.index(True) :]
            if False in since:
                left[since.index(False)] += 1
            else:
                stayed[len(since) - 1] += 1

    def unlikely(logarithms: np.ndarray) -> float:
        alpha, beta = np.exp(logarithms)
        chance, survival, total = alpha / (alpha + beta), 1.0, 0.0
        for month in range(1, 18):
            survival -= chance
            total -= left[month] * log(chance) + stayed[month] * log(survival)
            chance *= (beta + month - 1) / (alpha + beta + month)
        return total

    found = optimize.minimize(
        unlikely, [0.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9}
    )
    alpha, beta = np.exp(found.x)
    share, months = 1.0, 0.0
    for month in range(horizon):
        months += share / 1.1 ** (month / 12)
        share *= (beta + month) / (alpha + beta + month)
    return months


def test_a_customer_is_worth_what_their_renewals_foretell_and_costs_what_was_spent(built: Built) -> None:
    world = ledger()
    with databases.made(f"cx_saas_{next(NUMBERS)}", built.database):
        company, copy = Company(), Warehouse(built.models)
        for number, stretches in enumerate(world):
            for begins, ends, amount in stretches:
                turns(company, number, begins, ends, amount)
        spent = {}
        for number, month in enumerate(months_known()):
            if number % 4:
                spent[month] = 1000 + 37 * number
                company._put("spend_days", {
                    "spend_date": month.replace(day=9).isoformat(), "channel_code": "facebook_ads",
                    "campaign_id": "none", "amount": spent[month],
                })  # fmt: skip
        copy.run(company)
        batch_id = copy.open(company)
        lifetime.refit(batch_id)
        copy.build(batch_id)
        copy.compare()
        copy.publish(batch_id)
        found: dict[str, dict[date, tuple]] = defaultdict(dict)
        for variant, month, value, numerator, denominator, number in ask(
            "select variant_code, period_start, value, numerator, denominator, n from published.mart_metrics "
            "where business_unit_code = %s and metric_code = 'saas.lifetime_value'", UNIT,
        ):  # fmt: skip
            found[variant][month] = (value, numerator, denominator, number)
    stays = {horizon: months_that_a_subscriber_pays(world, horizon) for horizon in (12, 24, 36)}
    compared = set()
    for month in months_known():
        before = (month - timedelta(days=1)).replace(day=1)
        payers = [amount for each in world if (amount := paid_at_the_end_of(month, each))]
        start = [each for each in world if paid_at_the_end_of(before, each)]
        left = sum(not paid_at_the_end_of(month, each) for each in start)
        new = sum(each[0][0].replace(day=1) == month for each in world)
        margin = GROSS_MARGIN * sum(payers) / len(payers)
        for horizon, months in stays.items():
            value, *_, number = found[f"predictive_{horizon}m"].pop(month)
            assert (float(value), number) == (pytest.approx(float(margin) * months, rel=1e-5), len(payers))
        if left:
            simple = margin * min(Fraction(len(start), left), 60)
            value, *_, number = found["simple"].pop(month)
            assert (float(value), number) == (pytest.approx(float(simple), abs=1e-6), len(start))
        if left and new and month in spent:
            value, numerator, denominator, number = found["ltv_cac"].pop(month)
            assert (denominator, number) == (spent[month], min(new, len(start)))
            assert float(numerator) == pytest.approx(float(simple * new), abs=1e-3)
            assert float(value) == pytest.approx(float(simple / Fraction(spent[month], new)), abs=1e-6)
            compared.add(month)
    assert len(compared) > 6
    del found["historic"]
    assert not any(found.values())


def turns(company: Company, number: int, begins: date, ends: date, amount: int) -> None:
    """Tell a stretch of payments: a subscription that begins at noon, and ends without notice."""
    for day, status in ((begins, "active"), (ends, "ended")):
        if day < KNOWN_UNTIL:
            company._put("subscriptions", {
                "subscription_id": f"u{number}", "effective_at": f"{day}T12:00:00+07:00",
                "started_at": f"{begins}T12:00:00+07:00", "profile_id": f"p{100 + number}",
                "status_code": status, "quantity": 1, "monthly_amount": amount,
                "cancel_reason_code": "payment_failed" if status == "ended" else None,
            })  # fmt: skip
