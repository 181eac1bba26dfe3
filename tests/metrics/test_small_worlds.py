"""Random small worlds of each type of business, and what their metrics must be by their definitions.

A world is what a few persons did on six days over fourteen months; the warehouse is told of it as by files.
What is expected is counted here from what was drawn, by looking at nothing else.
Recurring revenue is drawn in `test_saas.py`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import databases
from tests.built import Built
from tests.company import DAYS, INBOX_KEYS, UNIT, Company
from tests.databases import ask
from tests.metrics.ledger import Parts, counted, end_of, start_of, summed
from tests.test_dirty_keys import Warehouse

pytestmark = pytest.mark.server

NUMBERS = count()
LOCAL = tuple((moment + timedelta(hours=7)).date() for moment in DAYS)
LAST = len(DAYS) - 1
END = LOCAL[LAST] + timedelta(days=1)
"""The first day that is not known, where something happens on the last of the days."""
PERSONS = {1: "one", 2: "one", 3: "another"}
"""Who each profile is: the first two have a phone number in common; of any other nobody tells who it is."""
WHO = {"business_units", "customers", "identifiers"}
"""What stays of the company that was built: nothing else of the unit does."""
DEVICES = {31: 1, 32: 2, 33: 3, 34: 0, 35: 0}
"""Whose profile is signed in on each device."""
LAST_DEVICE = 36
"""On which something happens on the last day, so that all days are known."""

DAY = st.integers(0, LAST)
PROFILE = st.integers(1, 4)
AMOUNT = st.integers(5, 10)
few_worlds = settings(
    max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def some(*parts: st.SearchStrategy, least: int = 8, most: int = 14) -> st.SearchStrategy:
    """Draw what happens, a row each."""
    return st.lists(st.tuples(*parts), min_size=least, max_size=most, unique=True)


@contextmanager
def told(built: Built, kind: str, tell: Callable[[Company], None]) -> Iterator[None]:
    """Build a warehouse of a world of a kind, in which TELL says what happens."""
    with databases.made(f"cx_small_{next(NUMBERS)}", built.database):
        company, copy = Company(), Warehouse(built.models)
        company.unit(kind=kind)
        for contract in set(INBOX_KEYS) - WHO:
            company.drop(contract)
        tell(company)
        company.arrive()
        copy.build(copy.open(company))
        yield


def parts_of(metric: str, variant: str, grain: str = "month", segment: str = "all") -> Parts:
    """Return the numerators and denominators of the world's unit, by period; a figure has no denominator."""
    rows = ask(
        "select period_start, coalesce(numerator, value), denominator from marts.mart_metrics "
        "where metric_code = %s and variant_code = %s and period_grain_code = %s and segment_code = %s "
        "and business_unit_code = %s",
        metric, variant, grain, segment, UNIT,
    )  # fmt: skip
    return {start: (int(top), None if bottom is None else int(bottom)) for start, top, bottom in rows}


def months(first: date) -> list[date]:
    """Return the months from that of a day on that have begun while days are known."""
    found = [start_of(first)]
    while end_of(found[-1]) < END:
        found.append(end_of(found[-1]))
    return found


def done_on(_guest: int, _listing: int, day: int, _status: str, amount: int) -> date:
    """Return the day on which a booking is over."""
    return LOCAL[day] + timedelta(days=amount)


def by_person(device: int) -> str:
    """Return who is behind a device: somebody known, or nobody but the device."""
    return PERSONS.get(DEVICES.get(device, 0), f"device {device}")


def days_of(steps: list[tuple], names: tuple[str, ...] = ()) -> dict[str, set[date]]:
    """Return the days on which each person did something, or something of the names."""
    found: dict[str, set[date]] = defaultdict(set)
    for device, day, _, name in steps:
        if not names or name in names:
            found[by_person(device)].add(LOCAL[day])
    return found


def tell_steps(company: Company, steps: list[tuple]) -> None:
    """Let devices do what was drawn."""
    for number, (device, day, minute, name) in enumerate(steps, 100):
        company.step(number, device, DEVICES.get(device, 0), day, minute, name)


def steps(*names: str) -> st.SearchStrategy:
    """Draw what devices do within minutes of the days' moments: no visit goes over midnight."""
    step = st.tuples(
        st.sampled_from(tuple(DEVICES)), DAY, st.sampled_from((0, 15, 61)), st.sampled_from(names)
    )
    return st.lists(step, min_size=8, max_size=20, unique=True).map(
        lambda drawn: [*drawn, (LAST_DEVICE, LAST, 0, "Home")]
    )


@given(some(PROFILE, DAY, AMOUNT, st.none() | DAY))
@few_worlds
def test_orders_are_worth_what_is_not_given_back(built: Built, orders: list[tuple]) -> None:
    orders = [*orders, (4, LAST, 7, None)]

    def tell(company: Company) -> None:
        company.counter_product("Trà")
        for number, (profile, day, amount, refunded) in enumerate(orders, 100):
            company.counter_order(number, profile, day, amount)
            if refunded is not None:
                company.counter_payment(number, number, "refund", max(day, refunded), amount // 2)

    with told(built, "ecommerce", tell):
        value = parts_of("ecommerce.average_order_value", "net")
        again = parts_of("ecommerce.periodical_purchase", "quarter", "quarter")
    assert value == summed(
        (start_of(LOCAL[day]), amount - (amount // 2 if refunded is not None else 0), 1)
        for _, day, amount, refunded in orders
    )
    buyers: dict[date, set[str]] = defaultdict(set)
    for profile, day, _, _ in orders:
        local = LOCAL[day]
        # who is known by nothing but orders is somebody too
        buyers[date(local.year, (local.month - 1) // 3 * 3 + 1, 1)].add(PERSONS.get(profile, "a third"))
    expected = {}
    for start, before in buyers.items():
        after = (start + timedelta(days=95)).replace(day=1)
        if after < END:
            expected[after] = (len(before & buyers.get(after, set())), len(before))
    assert {start: parts for start, parts in again.items() if parts[1]} == expected


@given(
    some(
        st.integers(1, 3),
        st.integers(1, 3),
        DAY,
        st.sampled_from(("completed", "cancelled", "requested")),
        AMOUNT,
    )
)
@few_worlds
def test_bookings_are_worth_what_is_not_cancelled(built: Built, bookings: list[tuple]) -> None:
    # a stay ends as many days later as it costs; none after the last day
    bookings = [each for each in bookings if each[3] != "completed" or done_on(*each) < END]
    bookings = [*bookings, (3, 1, LAST, "requested", 5)]

    def tell(company: Company) -> None:
        for number, booking in enumerate(bookings, 100):
            company.booking(number, *booking)

    with told(built, "marketplace", tell):
        value = parts_of("marketplace.pricing", "gmv")
        rate = parts_of("marketplace.pricing", "take_rate")
        found = {
            (side, variant): parts_of("marketplace.growth", variant, "month", side)
            for side in ("buyer", "seller")
            for variant in ("active_start", "new", "reactivated", "lapsed", "active_end")
        }
    counted_ones = [each for each in bookings if each[3] != "cancelled"]
    expected = summed((start_of(LOCAL[day]), 1, amount) for _, _, day, _, amount in counted_ones)
    assert rate == expected
    assert {start: amount for start, (amount, _) in value.items()} == {
        start: amount for start, (_, amount) in expected.items()
    }
    for side in ("buyer", "seller"):
        trades: dict[str, set[date]] = defaultdict(set)
        for guest, listing, day, status, amount in bookings:
            if status == "completed":
                person = PERSONS[guest if side == "buyer" else listing % 3 + 1]
                trades[person].add(done_on(guest, listing, day, status, amount))
        if not trades:
            continue
        for start in months(min(day for days in trades.values() for day in days)):
            end = end_of(start)
            moves = dict.fromkeys(("active_start", "new", "reactivated", "lapsed", "active_end"), 0)
            for days in trades.values():
                was = any(start - timedelta(days=90) <= day < start for day in days)
                ends = any(end - timedelta(days=90) <= day < end for day in days)
                moves["active_start"] += was
                moves["active_end"] += ends
                moves["lapsed"] += was and not ends
                moves["new"] += ends and not was and min(days) >= start
                moves["reactivated"] += ends and not was and min(days) < start
            for variant, number in moves.items():
                # a month in which nobody is there has no row
                assert found[side, variant].get(start, (0, None))[0] == number, (side, variant, start)


@given(steps("Home"))
@few_worlds
def test_readers_come_back_or_stay_away(built: Built, seen: list[tuple]) -> None:
    with told(built, "media", lambda company: tell_steps(company, seen)):
        persons = parts_of("media.audience", "persons")
        returning = parts_of("media.audience", "returning")
        churn = parts_of("media.audience", "audience_churn")
    by_month: dict[date, set[str]] = defaultdict(set)
    first: dict[str, date] = {}
    for person, days in days_of(seen).items():
        first[person] = min(days)
        for day in days:
            by_month[start_of(day)].add(person)
    assert {start: number for start, (number, _) in persons.items()} == {
        start: len(there) for start, there in by_month.items()
    }
    assert returning == {
        start: (sum(first[person] < start for person in there), len(there))
        for start, there in by_month.items()
    }
    assert {start: parts for start, parts in churn.items() if parts[1]} == {
        start: (len(by_month[before] - by_month.get(start, set())), len(by_month[before]))
        for before, start in zip(months(min(by_month)), months(min(by_month))[1:], strict=False)
        if before in by_month
    }


@given(steps("Home", "Home", "In-App Purchase"))
@few_worlds
def test_users_of_an_app_pay_and_stay(built: Built, seen: list[tuple]) -> None:
    with told(built, "app", lambda company: tell_steps(company, seen)):
        payers = parts_of("app.payer_share", "month")
        paid = parts_of("app.payer_share", "payer_conv_d30")
        lost = {day: parts_of("app.churn", f"d{day}_loss") for day in (1, 7, 30)}
    active, bought = days_of(seen), days_of(seen, ("In-App Purchase",))
    months_of = {person: {start_of(day) for day in days} for person, days in active.items()}
    assert payers == counted(
        (month, any(start_of(day) == month for day in bought.get(person, ())))
        for person, own in months_of.items()
        for month in own
    )
    first = {person: min(days) for person, days in active.items()}
    assert paid == counted(
        (start_of(day), any((each - day).days <= 30 for each in bought.get(person, ())))
        for person, day in first.items()
    )
    for number, found in lost.items():
        assert found == counted(
            (start_of(day), not any(number <= (each - day).days <= 90 for each in active[person]))
            for person, day in first.items()
        )


@given(
    some(
        st.integers(1, 3),
        st.integers(1, 3),
        DAY,
        st.sampled_from(("view", "view", "like", "comment", "share")),
    ),
    some(st.integers(1, 3), DAY, least=1, most=5),
)
@few_worlds
def test_content_is_made_and_shared(built: Built, acts: list[tuple], items: list[tuple]) -> None:
    acts = [*acts, (3, 1, LAST, "view")]

    def tell(company: Company) -> None:
        for number, (profile, content, day, kind) in enumerate(acts, 100):
            company.act(number, profile, content, day, 0, kind)
        for number, (profile, day) in enumerate(items, 100):
            company.item(number, profile, day)

    with told(built, "ugc", tell):
        shared = parts_of("ugc.sharing", "share_rate")
        creators = parts_of("ugc.content_creation", "creator_share")
        each = parts_of("ugc.content_creation", "items_per_creator")
    told_of = summed((start_of(LOCAL[day]), kind == "share", kind == "view") for _, _, day, kind in acts)
    assert {start: parts for start, parts in shared.items() if parts[1]} == {
        start: parts for start, parts in told_of.items() if parts[1]
    }
    active: dict[str, set[date]] = defaultdict(set)
    made: dict[str, list[date]] = defaultdict(list)
    for profile, _, day, _ in acts:
        active[PERSONS[profile]].add(LOCAL[day])
    for profile, day in items:
        active[PERSONS[profile]].add(LOCAL[day])
        made[PERSONS[profile]].append(LOCAL[day])
    expected, by_creator = {}, {}
    for start in months(min(day for days in active.values() for day in days)):
        # the last 28 days of the month, however much of it is known
        end = end_of(start)
        there = [person for person, days in active.items() if any(0 < (end - day).days <= 28 for day in days)]
        numbers = [sum(0 < (end - day).days <= 28 for day in made[person]) for person in there]
        if there:
            expected[start] = (sum(number > 0 for number in numbers), len(there))
        if sum(numbers):
            by_creator[start] = (sum(numbers), sum(number > 0 for number in numbers))
    assert creators == expected
    assert {start: parts for start, parts in each.items() if parts[1]} == by_creator
