"""Recurring revenue and churn, told once more: in Python, by what a subscription is on each single day."""

from collections import Counter
from datetime import date, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

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
            "where business_unit_code = %s and metric_code = 'saas.churn'", UNIT,
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
