"""The sales software's figures once more, in plain Python, from what the synthetic company did.

Subscriptions are taken from the arrays behind Stripe, use and prompts from the tracker's, spend from those
of the platforms. Who is who is not asked again here. Stripe keeps what happened to a subscription for some
time: how many seats there were before is not known, and those that the first event tells stand for them.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from include.sandbox.channels.segment.tracker import BY_ADVERTISEMENT
from include.sandbox.channels.stripe import KINDS, subscribers
from include.sandbox.stage import Stage
from tests.metrics import ledger
from tests.metrics.ledger import Person, Visit, counted, day_of, end_of, figures_of, parts_of, start_of

pytestmark = pytest.mark.server

UNIT = "sales_software"
DEED = "Sale Recorded"
"""What somebody does for whom the software is of use."""
ONE_DAY = timedelta(days=1)
MARGIN = Decimal("0.8")
GRAINS = ("week", "month")


@dataclass(frozen=True)
class Subscription:
    """A subscription, as far as it is known."""

    customer: str
    plan: int
    started: date
    trial_ends: date | None
    asks_card: bool
    """Whether the trial began with a card."""
    paid_from: date
    paid_until: date
    """The day after the last; days ahead are not known."""
    changed: date
    """When seats came or went, as far as anybody knows."""
    amounts: tuple[Decimal, Decimal]
    """What is paid a month, before that and since."""
    seats: tuple[int, int]

    def is_paid(self, day: date) -> bool:
        return self.paid_from <= day < self.paid_until

    def amount_on(self, day: date) -> Decimal:
        """Return what is paid a month by the terms at the end of a day."""
        return self.amounts[day >= self.changed] if self.is_paid(day) else Decimal(0)

    def seats_on(self, day: date) -> int:
        """Return the seats that are paid for at the end of a day."""
        return self.seats[day >= self.changed] if self.is_paid(day) else 0


def customers() -> dict[int, str]:
    """Return the customer of each of Stripe's, by their number there."""
    found = ledger.customers_of_users("stripe")
    assert not ledger.staff() & set(found.values())
    return {int(key.rpartition("_")[2]): customer for key, customer in found.items() if "cus_" in key}


def monthly(plan: int, months: int, coupon: int, seats: int) -> Decimal:
    """Return what is paid a month for what is licensed; a coupon that goes off once is no recurring one."""
    amount = Fraction(subscribers.PLANS[plan][2] * seats * (10 if months == 12 else 1), months)
    if coupon == subscribers.FOREVER:
        amount *= 1 - Fraction(subscribers.PERCENT_OFF[subscribers.FOREVER], 100)
    if coupon == subscribers.AMOUNT_OFF:
        amount -= Fraction(subscribers.DONG_OFF, months)
    return ledger.kept(max(amount, Fraction(0)))


@pytest.fixture(scope="module")
def subscriptions(chain: Stage) -> list[Subscription]:
    stripe = chain.channels["stripe"]
    subs, now, whose = stripe.subscriptions, chain.now, customers()
    told = {
        (int(stripe.row[change]), int(stripe.at[change]))
        for change in stripe.kept.tolist()
        if KINDS[stripe.kind[change]] == "subscriptions"
    }
    found = []
    for row in range(len(subs)):
        if subs.started_at[row] > now or subs.is_incomplete[row]:
            continue
        anchor, changed_at = int(subs.anchor_at[row]), int(subs.changed_at[row])
        begins = day_of(anchor) if anchor <= now and subs.plan[row] != subscribers.FREE else date.max
        # whose payment failed pays for fourteen days more, after which Stripe ends it
        ends = day_of(int(subs.ended_at[row])) if subs.ended_at[row] <= now else date.max
        is_told = changed_at <= now and (row, changed_at) in told
        seats = (int(subs.seats[row]), int(subs.seats_later[row]))
        if not is_told:
            seats = (seats[changed_at <= now],) * 2
        found.append(Subscription(
            whose[int(subs.customer[row]) + 1], int(subs.plan[row]), day_of(int(subs.started_at[row])),
            day_of(anchor) if subs.has_trial[row] else None, row % 3 == 0, begins, ends,
            day_of(changed_at) if is_told else date.max,
            tuple(
                monthly(int(subs.plan[row]), int(subs.months[row]), int(subs.coupon[row]), count)
                for count in seats
            ),
            seats,
        ))  # fmt: skip
    return found


@dataclass(frozen=True)
class Terms:
    """What a customer has at the end of a day."""

    plans: frozenset[int]
    seats: int
    amount: Decimal


@dataclass(frozen=True)
class Month:
    """What somebody who has ever paid did in a month."""

    before: Terms
    after: Terms
    is_first: bool
    """Whether they paid for the first time."""
    earned: Decimal
    """What is paid for the days of the month."""

    @property
    def is_upgraded(self) -> bool:
        has_more = self.after.seats > self.before.seats or self.after.plans != self.before.plans
        return has_more and self.after.amount > self.before.amount > 0


Months = dict[date, dict[str, Month]]


def paid_of_each(subscriptions: list[Subscription]) -> dict[str, list[Subscription]]:
    """Return the subscriptions that were ever paid for, by customer."""
    found: dict[str, list[Subscription]] = defaultdict(list)
    for each in subscriptions:
        if each.paid_from < each.paid_until:
            found[each.customer].append(each)
    return found


@pytest.fixture(scope="module")
def months(chain: Stage, subscriptions: list[Subscription]) -> Months:
    """Return the months that have begun, by customer since they first paid."""
    own = paid_of_each(subscriptions)

    def terms(customer: str, day: date) -> Terms:
        there = [each for each in own[customer] if each.is_paid(day)]
        amounts = (each.amount_on(day) for each in there)
        seats = sum(each.seats_on(day) for each in there)
        return Terms(frozenset(each.plan for each in there), seats, sum(amounts, Decimal(0)))

    found: Months = {}
    first_paid = {customer: min(each.paid_from for each in subs) for customer, subs in own.items()}
    start = start_of(min(first_paid.values()))
    while start <= day_of(chain.now):
        end, found[start] = end_of(start), {}
        for customer, since in first_paid.items():
            if since < end:
                days = [terms(customer, day) for day in ledger.through(start - ONE_DAY, end - ONE_DAY)]
                earned = Fraction(sum((day.amount for day in days[1:]), Decimal(0))) / (end - start).days
                found[start][customer] = Month(days[0], days[-1], since >= start, ledger.kept(earned))
        start = end
    return found


@pytest.fixture(scope="module")
def visits(chain: Stage) -> list[Visit]:
    return ledger.visits_of(UNIT, ledger.steps_of(chain, UNIT))


@pytest.fixture(scope="module")
def persons(visits: list[Visit]) -> dict[str, Person]:
    return ledger.persons_of(UNIT, visits, DEED)


@pytest.fixture(scope="module")
def active(persons: dict[str, Person]) -> list[set[date]]:
    return [person.active for person in persons.values() if person.active]


def test_who_is_active_of_a_month_comes_back_on_some_of_its_days(
    active: list[set[date]], visits: list[Visit]
) -> None:
    last = max(visit.day for visit in visits)
    days = ledger.through(min(min(own) for own in active), last)

    def there(day: date, within: int) -> int:
        return sum(any(day - timedelta(days=within) < other <= day for other in own) for own in active)

    counts = {within: {day: there(day, within) for day in days} for within in (1, 7, 28)}
    assert 5 <= max(counts[1].values()) < max(counts[7].values()) < max(counts[28].values())
    for variant, within, grain in (
        ("dau", 1, "day"), ("wau", 7, "day"), ("wau", 7, "week"), ("mau", 28, "day"), ("mau", 28, "month"),
    ):  # fmt: skip
        # of each period its last day
        expected = {start_of(day, grain): count for day, count in counts[within].items()}
        assert figures_of("saas.stickiness", variant, UNIT, grain) == expected, variant
    for variant, more, among in (("dau_mau", 1, 28), ("wau_mau", 7, 28), ("dau_wau", 1, 7)):
        expected = ledger.summed((start_of(day), counts[more][day], counts[among][day]) for day in days)
        assert parts_of("saas.stickiness", variant, UNIT) == expected, variant


@pytest.mark.parametrize("grain", GRAINS)
def test_who_begins_to_use_it_goes_on(active: list[set[date]], grain: str) -> None:
    for variant, first, last in (
        ("n_day_d1", 1, 1), ("n_day_d7", 7, 7), ("n_day_d30", 30, 30), ("bracket_d1_7", 1, 7),
        ("bracket_d22_28", 22, 28), ("unbounded_d1", 1, 90), ("unbounded_d7", 7, 90),
        ("unbounded_d30", 30, 90),
    ):  # fmt: skip
        expected = counted(
            (start_of(min(own), grain), any(first <= (day - min(own)).days <= last for day in own))
            for own in active
        )
        assert 0 < sum(stays for stays, _ in expected.values()) <= len(active), variant
        assert parts_of("saas.retention", variant, UNIT, grain) == expected, variant


def test_who_pays_at_the_start_of_a_month_pays_at_its_end(months: Months) -> None:
    parts: dict[str, dict[date, tuple]] = defaultdict(dict)
    for start, own in months.items():
        paying = [month for month in own.values() if month.before.amount]
        if not paying:
            continue
        at_first = sum(month.before.amount for month in paying)
        stay = [month for month in paying if month.after.amount]
        least = (min(month.before.amount, month.after.amount) for month in paying)
        parts["customer_retention"][start] = (len(stay), len(paying))
        parts["grr"][start] = (sum(least), at_first)
        parts["nrr"][start] = (sum(month.after.amount for month in paying), at_first)
        if former := months.get(start.replace(year=start.year - 1)):
            pairs = [
                (month.after.amount, own[customer].after.amount)
                for customer, month in former.items()
                if month.after.amount
            ]
            then = sum(before for before, _ in pairs)
            parts["grr_12m"][start] = (sum(min(pair) for pair in pairs), then)
            parts["nrr_12m"][start] = (sum(now for _, now in pairs), then)
    assert sum(stays < there for stays, there in parts["customer_retention"].values()) >= 5
    assert parts["grr"] != parts["nrr"]
    assert any(0 < still < then for still, then in parts["grr_12m"].values())
    for variant, expected in parts.items():
        assert parts_of("saas.retention", variant, UNIT) == expected, variant


def test_a_customer_pays_so_much_a_month_and_a_user_brings_so_much(
    months: Months, active: list[set[date]]
) -> None:
    arpa, arpu = {}, {}
    for start, own in months.items():
        amounts = [month.after.amount for month in own.values() if month.after.amount]
        users = sum(any(start_of(day) == start for day in days) for days in active)
        arpa[start] = (sum(amounts), len(amounts))
        arpu[start] = (sum(month.earned for month in own.values()), users)
    assert len({amount / count for amount, count in arpa.values() if count}) >= 5
    assert parts_of("saas.revenue_per_customer", "arpa", UNIT) == arpa
    assert parts_of("saas.revenue_per_customer", "arpu", UNIT) == arpu


def test_who_stays_takes_more_seats(months: Months) -> None:
    upgraded, expanded = {}, {}
    for start, own in months.items():
        paying = [month for month in own.values() if month.before.amount]
        if not paying:
            continue
        stay = [month for month in paying if month.after.amount]
        more = (max(month.after.amount - month.before.amount, Decimal(0)) for month in stay)
        upgraded[start] = (sum(month.is_upgraded for month in stay), len(stay))
        expanded[start] = (sum(more), sum(month.before.amount for month in paying))
    assert sum(count for count, _ in upgraded.values()) >= 2
    assert parts_of("saas.upselling", "upgrade_rate", UNIT) == upgraded
    assert parts_of("saas.upselling", "expansion_rate", UNIT) == expanded


def test_who_is_prompted_upgrades_within_a_month(
    subscriptions: list[Subscription], persons: dict[str, Person]
) -> None:
    upgrades: dict[str, set[date]] = defaultdict(set)
    for each in subscriptions:
        if (
            each.seats[1] > each.seats[0]
            and each.is_paid(each.changed)
            and each.is_paid(each.changed - ONE_DAY)
        ):
            upgrades[each.customer].add(each.changed)
    told = []
    for key, person in persons.items():
        firsts: dict[date, date] = {}
        for day, _ in sorted(person.did["Upgrade Prompt Viewed"]):
            firsts.setdefault(start_of(day), day)
        for start, first in firsts.items():
            told.append((start, any(0 <= (day - first).days <= 30 for day in upgrades[key])))
    assert 0 < sum(is_met for _, is_met in told) < len(told)
    assert parts_of("saas.upselling", "prompt_to_upgrade", UNIT) == counted(told)


@pytest.mark.parametrize("grain", ["week", "month", "quarter"])
def test_a_trial_or_a_free_plan_becomes_a_paid_one(subscriptions: list[Subscription], grain: str) -> None:
    paid = paid_of_each(subscriptions)
    trials: dict[str, list[tuple[date, bool]]] = defaultdict(list)
    for each in subscriptions:
        is_free = each.plan == subscribers.FREE
        until = each.started + timedelta(days=90) if is_free else each.trial_ends
        if until:
            variant = "freemium_d90" if is_free else "opt_out" if each.asks_card else "opt_in"
            until += timedelta(days=0 if is_free else 7)
            is_met = any(each.started <= other.paid_from <= until for other in paid[each.customer])
            trials[variant].append((start_of(each.started, grain), is_met))
    assert trials.keys() == {"opt_in", "opt_out", "freemium_d90"}
    for variant, told in trials.items():
        assert 2 <= sum(is_met for _, is_met in told) < len(told), variant
        assert parts_of("saas.conversion_rate", variant, UNIT, grain) == counted(told), variant


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_who_visits_signs_up_and_uses_it(persons: dict[str, Person], grain: str) -> None:
    visitors: Counter[date] = Counter()
    used = []
    for person in persons.values():
        visitors.update({start_of(day, grain) for day in person.seen})
        if days := [day for day, _ in person.did["Signed Up"]]:
            # who makes an account on a computer and one on a phone has signed up once
            since = min(days)
            soon = any(0 <= (day - since).days <= 7 for day in person.active)
            used.append((start_of(since, grain), soon))
    activated = counted(used)
    assert 5 <= sum(is_met for _, is_met in used) < len(used)
    assert parts_of("saas.enrollment", "activated_enroll", UNIT, grain) == activated
    assert parts_of("saas.enrollment", "enroll", UNIT, grain) == {
        start: (activated.get(start, (0, 0))[1], count) for start, count in visitors.items()
    }


def test_a_new_customer_costs_what_is_spent_on_advertising(
    chain: Stage, months: Months, subscriptions: list[Subscription], visits: list[Visit]
) -> None:
    whose = ledger.customers_of_visits()
    sought: dict[str, list[Visit]] = defaultdict(list)
    for visit in sorted(visits, key=lambda each: each.started_at):
        if visit.steps[0].origin != ledger.DIRECT:
            sought[whose.get((visit.visitor, visit.started_at), "")].append(visit)
    by_advertisement: Counter[date] = Counter()
    for customer, own in paid_of_each(subscriptions).items():
        day = min(each.paid_from for each in own)
        before = [visit for visit in sought[customer] if 0 <= (day - visit.day).days <= 30]
        by_advertisement[start_of(day)] += bool(before) and before[-1].steps[0].origin == BY_ADVERTISEMENT
    paid, blended, payback = {}, {}, {}
    for start, spent in ledger.spent_by_month(chain, UNIT).items():
        new = [month for month in months[start].values() if month.is_first]
        gained = sum((month.after.amount for month in new), Decimal(0))
        paid[start] = (spent, by_advertisement[start])
        blended[start] = (spent, len(new))
        payback[start] = (spent, ledger.kept(Fraction(gained * MARGIN)))
    assert by_advertisement.total() >= 3
    assert len(set(blended.values())) >= 5
    assert parts_of("saas.cac", "blended", UNIT) == blended
    assert parts_of("saas.cac", "payback_months", UNIT) == payback
    assert parts_of("saas.cac", "paid", UNIT) == paid
