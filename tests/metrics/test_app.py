"""The app's figures once more, in plain Python, from what the synthetic company did.

Events are taken from the trackers' own arrays, installs from those of the two stores. Who is who is not asked
again here: whose a visit, a purchase or a removal is, is what the facts say of it.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from math import exp, log
from statistics import correlation, linear_regression

import pytest

from include.sandbox.channels import app_store, google_play
from include.sandbox.channels.segment.visits import APP
from include.sandbox.stage import Stage
from tests.databases import ask
from tests.metrics import ledger
from tests.metrics.ledger import DAY, HOUR, Visit, counted, day_of, end_of, figures_of, parts_of, start_of

pytestmark = pytest.mark.server

UNIT = "habit_app"
DEED = "Habit Completed"
"""What somebody does for whom the app is of use."""
FEE = Decimal("0.15")
MILESTONES = (
    "Signed Up", "In-App Purchase", "Purchase Refunded", "Rating Prompted", "Rating Prompt Clicked",
    "Application Uninstalled",
)  # fmt: skip
"""What is done by whoever is signed in as it is done, whosever the visit is."""
GRAINS = ("week", "month")


@dataclass(frozen=True)
class Report:
    """What a store says of a day and a country."""

    day: date
    platform: str
    first: int
    downloads: int
    removed: int
    devices: int | None
    """That have the app; one store does not count them."""


@dataclass
class Person:
    """A customer where known, else a device: on which days they do what."""

    seen: set[date] = field(default_factory=set)
    active: set[date] = field(default_factory=set)
    purchases: list[tuple[date, int]] = field(default_factory=list)
    refunds: list[tuple[date, int]] = field(default_factory=list)


def google(stage: Stage) -> list[Report]:
    """Return what Google shows: of young days nine in ten, of the youngest none."""
    store, start, found = stage.channels["google_play"], stage.world.start, []
    for number in range(len(store.installs)):
        age = (stage.now + 1 - start - (number + 1) * DAY) // DAY
        if age < google_play.READY_AFTER:
            break
        share = 1.0 if age >= google_play.FINAL_AFTER else 0.9
        for new, gone, devices in zip(
            store.installs[number].tolist(), store.uninstalls[number].tolist(),
            store.active[number].tolist(), strict=True,
        ):  # fmt: skip
            installed = int(new * share)
            day = day_of(start + number * DAY)
            found.append(Report(day, "android", installed, installed, int(gone * share), devices))
    return found


def apple(stage: Stage) -> list[Report]:
    """Return what Apple shows: of each country in which there was something to report."""
    store, found = stage.channels["app_store"], []
    start = stage.world.end + 1 - app_store.LAUNCHED * DAY
    late = store._is_late.tolist()
    for number, countries in enumerate(store.units.tolist()):
        ready = start + number * DAY + 14 * HOUR + app_store.READY_AFTER + late[number] * app_store.LATE_BY
        if ready <= stage.now:
            day = day_of(start + number * DAY)
            found += [
                Report(day, "ios", first, first + again, 0, None)
                for first, again, updated in countries
                if first + again + updated
            ]
    return found


@pytest.fixture(scope="module")
def reports(chain: Stage) -> list[Report]:
    return [*google(chain), *apple(chain)]


@pytest.fixture(scope="module")
def visits(chain: Stage) -> list[Visit]:
    return ledger.visits_of(UNIT, [*ledger.first_steps_of(chain, APP), *ledger.steps_of(chain, UNIT)])


@pytest.fixture(scope="module")
def persons(visits: list[Visit]) -> dict[str, Person]:
    whose, found = ledger.customers_of_visits(), defaultdict(Person)
    doing = {
        (visitor, int(at.timestamp())): person
        for visitor, at, person in ask(
            "select visitor_key, occurred_at, person_key from core.fct_milestones "
            "where business_unit_code = %s",
            UNIT,
        )
    }
    for visit in visits:
        person = found[whose.get((visit.visitor, visit.started_at), visit.visitor)]
        person.seen.add(visit.day)
        if DEED in visit.names:
            person.active.add(visit.day)
        for step in visit.steps:
            if step.name not in MILESTONES:
                continue
            day, person = day_of(step.at), found[doing[visit.visitor, step.at]]
            person.seen.add(day)
            if step.name == "In-App Purchase":
                person.purchases.append((day, step.figure))
            elif step.name == "Purchase Refunded":
                person.refunds.append((day, step.figure))
    return dict(found)


@pytest.fixture(scope="module")
def known_until(visits: list[Visit]) -> date:
    """Return the first day of which no visit is known."""
    return max(visit.day for visit in visits) + timedelta(days=1)


def between(days: set[date], start: date, end: date) -> bool:
    return any(start <= day < end for day in days)


def test_downloads_are_what_the_stores_report(reports: list[Report]) -> None:
    assert sum(report.first for report in reports if report.platform == "ios") >= 100
    for grain in ("day", "week", "month"):
        for platform in ("android", "ios", None):
            first: dict[date, int] = defaultdict(int)
            every: dict[date, int] = defaultdict(int)
            for report in reports:
                if platform in (None, report.platform):
                    first[start_of(report.day, grain)] += report.first
                    every[start_of(report.day, grain)] += report.downloads
            segment = ("platform", platform) if platform else ("all", "all")
            assert figures_of("app.downloads", "first_installs", UNIT, grain, segment) == first
            assert figures_of("app.downloads", "total_downloads", UNIT, grain, segment) == every


def base_of(reports: list[Report], platform: str, day: date) -> int:
    """Return how many devices have the app on a day."""
    own = [each for each in reports if each.platform == platform and each.day <= day]
    told = [each for each in own if each.devices is not None and each.day > day - timedelta(days=7)]
    if told:
        last = max(each.day for each in told)
        return sum(each.devices or 0 for each in told if each.day == last)
    year = [each for each in own if each.day > day - timedelta(days=365)]
    return max(sum(each.first - each.removed for each in year), 0)


def test_the_active_are_those_who_keep_a_habit_on_devices_that_have_the_app(
    persons: dict[str, Person], reports: list[Report], known_until: date
) -> None:
    active = [person.active for person in persons.values()]
    first = min(day for days in active for day in days)
    rows = {}
    for day in sorted({report.day for report in reports}):
        if first <= day < known_until:
            recent = day - timedelta(days=27)
            there = sum(between(days, recent, day + timedelta(days=1)) for days in active)
            base = sum(base_of(reports, platform, day) for platform in ("android", "ios"))
            if there:
                rows[day] = (sum(day in days for days in active), there, base)
    assert len(rows) >= 100
    assert max(today for today, *_ in rows.values()) >= 5
    for grain in ("day", "week", "month"):
        by_period: dict[date, list[date]] = defaultdict(list)
        for day in rows:
            by_period[start_of(day, grain)].append(day)
        assert parts_of("app.active_share", "mau", UNIT, grain) == {
            start: rows[max(days)][1:] for start, days in by_period.items()
        }
        assert parts_of("app.active_share", "dau", UNIT, grain) == {
            start: (sum(rows[day][0] for day in days), sum(rows[day][2] for day in days))
            for start, days in by_period.items()
        }


def test_who_buys_in_a_month_is_a_payer_of_it(persons: dict[str, Person]) -> None:
    users: dict[date, set[str]] = defaultdict(set)
    payers: dict[date, set[str]] = defaultdict(set)
    booked: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, person in persons.items():
        for day in person.active:
            users[start_of(day)].add(key)
        for day, amount in person.purchases:
            payers[start_of(day)].add(key)
            booked[start_of(day)][key] += amount
        for day, amount in person.refunds:
            booked[start_of(day)][key] -= amount
    assert sum(len(each) for each in payers.values()) >= 10
    assert any(person.refunds for person in persons.values())
    assert parts_of("app.payer_share", "month", UNIT) == {
        month: (len(payers[month] & there), len(there)) for month, there in users.items()
    }
    months = users.keys() | booked.keys()
    total = {month: sum(booked[month].values()) for month in months}
    assert parts_of("app.revenue_per_user", "arpu", UNIT) == {
        month: (total[month], len(users[month])) for month in months
    }
    assert parts_of("app.revenue_per_user", "arpu_net_of_store_fee", UNIT) == {
        month: (total[month] * (1 - FEE), len(users[month])) for month in months
    }
    assert parts_of("app.revenue_per_user", "arppu", UNIT) == {
        month: (sum(booked[month][key] for key in payers[month]), len(payers[month])) for month in months
    }


@pytest.mark.parametrize("grain", GRAINS)
def test_who_was_active_and_is_no_more_has_left(
    persons: dict[str, Person], known_until: date, grain: str
) -> None:
    active = [person.active for person in persons.values() if person.active]
    left, returned = {}, {}
    start = start_of(min(day for days in active for day in days), grain)
    while start < known_until:
        end = end_of(start, grain)
        middle, begin = end - timedelta(days=28), end - timedelta(days=56)
        was = [days for days in active if between(days, begin, middle)]
        gone = sum(not between(days, middle, end) for days in was)
        left[start] = (gone, len(was))
        returned[start] = sum(
            between(days, middle, end) and not between(days, begin, middle) and min(days) < begin
            for days in active
        )
        start = end
    assert sum(0 < gone < before for gone, before in left.values()) >= 3
    assert sum(returned.values()) >= 5
    assert parts_of("app.churn", "28d", UNIT, grain) == left
    assert figures_of("app.churn", "reactivated", UNIT, grain) == returned


@pytest.mark.parametrize("grain", GRAINS)
def test_who_does_not_come_back_is_lost(persons: dict[str, Person], grain: str) -> None:
    for after, variant in ((1, "d1_loss"), (7, "d7_loss"), (30, "d30_loss")):
        expected = counted(
            (
                start_of(min(days), grain),
                not any(after <= (day - min(days)).days <= 90 for day in days),
            )
            for days in (person.active for person in persons.values())
            if days
        )
        assert any(0 < lost < there for lost, there in expected.values())
        assert parts_of("app.churn", variant, UNIT, grain) == expected


@pytest.mark.parametrize("grain", GRAINS)
def test_newcomers_buy_within_a_month_or_a_quarter(persons: dict[str, Person], grain: str) -> None:
    # few remove the app so soon that it could be told here
    for within in (30, 90):
        bought = []
        for person in persons.values():
            since = min(person.seen)
            soon = any(day <= since + timedelta(days=within) for day, _ in person.purchases)
            bought.append((start_of(since, grain), soon))
        assert 5 <= sum(is_met for _, is_met in bought) < len(bought)
        assert parts_of("app.payer_share", f"payer_conv_d{within}", UNIT, grain) == counted(bought)


@dataclass
class Cohort:
    """Who came in a period, and what the company keeps of what they bought, by day since they came."""

    people: int = 0
    kept: defaultdict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def by(self, day: int) -> Decimal:
        """Return what has come until the end of a day."""
        return sum((amount for when, amount in self.kept.items() if when <= day), Decimal(0))

    def fit(self, last: int) -> tuple[float, float, float] | None:
        """Return slope, intercept and R² of the line of logarithms from day 7 on, if there is one."""
        days = range(7, last + 1)
        came = sum(amount != 0 for day, amount in self.kept.items() if day in days and day > 7)
        points = [(log(day), log(self.by(day))) for day in days if self.by(day) > 0]
        if came + (self.by(7) != 0) < 5:
            return None
        days_, amounts = zip(*points, strict=True)
        line = linear_regression(days_, amounts)
        return line.slope, line.intercept, correlation(days_, amounts) ** 2


@pytest.fixture(scope="module")
def cohorts(persons: dict[str, Person]) -> dict[str, dict[date, Cohort]]:
    found: dict[str, dict[date, Cohort]] = {grain: defaultdict(Cohort) for grain in GRAINS}
    for person in persons.values():
        since = min(person.seen)
        for grain in GRAINS:
            cohort = found[grain][start_of(since, grain)]
            cohort.people += 1
            for day, amount in person.purchases:
                cohort.kept[(day - since).days] += amount * (1 - FEE)
            for day, amount in person.refunds:
                cohort.kept[(day - since).days] -= amount * (1 - FEE)
    return found


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize("day", [7, 30, 90, 365])
def test_newcomers_bring_what_is_kept_by_a_day(
    cohorts: dict[str, dict[date, Cohort]], grain: str, day: int
) -> None:
    expected = {start: (cohort.by(day), cohort.people) for start, cohort in cohorts[grain].items()}
    assert sum(kept > 0 for kept, _ in expected.values()) >= 3
    assert parts_of("app.lifetime_value", f"d{day}", UNIT, grain) == expected


@pytest.mark.parametrize("grain", GRAINS)
def test_a_curve_foretells_a_year_and_is_held_against_day_60(
    cohorts: dict[str, dict[date, Cohort]], known_until: date, grain: str
) -> None:
    foretold, fit, error = {}, {}, {}
    for start, cohort in cohorts[grain].items():
        observed = (known_until - end_of(start, grain)).days
        if observed * 12 >= 365 and (line := cohort.fit(min(observed, 60))):
            slope, intercept, r2 = line
            foretold[start] = exp(intercept + slope * log(365)) / cohort.people
            fit[start] = r2
        if observed >= 60 and cohort.by(60) > 0 and (line := cohort.fit(30)):
            actual = float(cohort.by(60))
            error[start] = abs(exp(line[1] + line[0] * log(60)) - actual) / actual
    assert len(foretold) < len(cohorts[grain])
    assert foretold and error
    # four places are told of an amount, and six of a share
    told = (("d365_predicted", foretold, 6e-5), ("fit_r2", fit, 6e-7), ("holdout_error", error, 6e-7))
    for variant, expected, least in told:
        found = figures_of("app.lifetime_value", variant, UNIT, grain)
        rounded = {start: float(value) for start, value in found.items()}
        assert rounded == pytest.approx(expected, rel=1e-9, abs=least), variant
