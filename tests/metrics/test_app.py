"""The app's figures once more, in plain Python, from what the synthetic company did.

Events are taken from the trackers' own arrays, installs from those of the two stores. Who is who is not asked
again here: whose a visit, a purchase or a removal is, is what the facts say of it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import exp, log
from statistics import correlation, linear_regression, median

import numpy as np
import pytest

from include.sandbox.channels.segment.visits import APP
from include.sandbox.stage import Stage
from tests.metrics import ledger
from tests.metrics.ledger import Person, Report, Visit, counted, end_of, figures_of, parts_of, start_of

pytestmark = pytest.mark.server

UNIT = "habit_app"
DEED = "Habit Completed"
"""What somebody does for whom the app is of use."""
BUYS, REFUND = "In-App Purchase", "Purchase Refunded"
FEE = Decimal("0.15")
GRAINS = ("week", "month")


@pytest.fixture(scope="module")
def reports(chain: Stage) -> list[Report]:
    return ledger.installs_of(chain)


@pytest.fixture(scope="module")
def visits(chain: Stage) -> list[Visit]:
    return ledger.visits_of(UNIT, [*ledger.first_steps_of(chain, APP), *ledger.steps_of(chain, UNIT)])


@pytest.fixture(scope="module")
def persons(visits: list[Visit]) -> dict[str, Person]:
    return ledger.persons_of(UNIT, visits, DEED)


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
        for day, amount in person.did[BUYS]:
            payers[start_of(day)].add(key)
            booked[start_of(day)][key] += amount
        for day, amount in person.did[REFUND]:
            booked[start_of(day)][key] -= amount
    assert sum(len(each) for each in payers.values()) >= 10
    assert any(person.did[REFUND] for person in persons.values())
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
            soon = any(day <= since + timedelta(days=within) for day, _ in person.did[BUYS])
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
            for day, amount in person.did[BUYS]:
                cohort.kept[(day - since).days] += amount * (1 - FEE)
            for day, amount in person.did[REFUND]:
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


@dataclass
class Follow:
    """How long somebody was followed since they came, and whether they bought then."""

    days: int
    has_bought: bool


def unbought(followed: list[Follow]) -> list[tuple[int, Fraction]]:
    """Return the days on which somebody bought, and the share of all that had not when each was over."""
    found, share = [], Fraction(1)
    for day in sorted({each.days for each in followed if each.has_bought}):
        bought = sum(each.has_bought and each.days == day for each in followed)
        share *= 1 - Fraction(bought, sum(each.days >= day for each in followed))
        found.append((day, share))
    return found


@pytest.mark.parametrize("grain", ["month", "quarter"])
def test_so_long_does_it_take_until_somebody_buys(
    persons: dict[str, Person], known_until: date, grain: str
) -> None:
    cohorts: dict[date, list[Follow]] = defaultdict(list)
    for person in persons.values():
        since = min(person.seen)
        seen_for = min((known_until - since).days - 1, 365)
        after = min(((day - since).days for day, _ in person.did[BUYS]), default=seen_for + 1)
        cohorts[start_of(since, grain)].append(Follow(min(after, seen_for), after <= seen_for))
    told: dict[str, dict[date, float | None]] = defaultdict(dict)
    waiting = {}
    for start, followed in cohorts.items():
        curve = unbought(followed)
        for day in (30, 90):
            left = min((share for when, share in curve if when <= day), default=1)
            is_known = max(each.days for each in followed) >= day
            told[f"paid_by_{day}"][start] = float(1 - left) if is_known else None
        for percent in (25, 50, 75):
            of_these = (day for day, share in curve if share <= 1 - Fraction(percent, 100))
            told[f"p{percent}"][start] = next(of_these, None)
        days = [each.days for each in followed if each.has_bought]
        told["naive_p50"][start] = median(days) if days else None
        waiting[start] = (len(followed) - len(days), len(followed))
    assert sum(among - left for left, among in waiting.values()) >= 20
    for variant, expected in told.items():
        found = figures_of("app.time_to_first_purchase", variant, UNIT, grain)
        # fewer than half may have bought; and six places are told of a share
        known = {start: float(value) for start, value in expected.items() if value is not None}
        assert found.keys() == expected.keys()
        assert {start: float(value) for start, value in found.items() if value is not None} == pytest.approx(
            known, rel=0, abs=6e-7
        ), variant
    assert parts_of("app.time_to_first_purchase", "censored_share", UNIT, grain) == waiting


@pytest.mark.parametrize("grain", GRAINS)
def test_of_what_is_installed_some_is_opened_and_some_signed_up_for(
    persons: dict[str, Person], reports: list[Report], grain: str
) -> None:
    installed: Counter[date] = Counter()
    for report in reports:
        installed[start_of(report.day, grain)] += report.first
    opened: Counter[date] = Counter()
    signed: Counter[date] = Counter()
    for person in persons.values():
        since = min(person.seen)
        opened[start_of(since, grain)] += 1
        soon = any(day <= since + timedelta(days=7) for day, _ in person.did["Signed Up"])
        signed[start_of(since, grain)] += soon
    assert 10 <= signed.total() < opened.total() < installed.total()
    starts = installed.keys() | opened.keys()
    for variant, counts in (("launch", opened), ("account", signed)):
        assert parts_of("app.launch_rate", variant, UNIT, grain) == {
            start: (counts[start], installed[start]) for start in starts
        }, variant


@pytest.mark.parametrize("grain", GRAINS)
def test_who_is_asked_to_rate_clicks(persons: dict[str, Person], grain: str) -> None:
    prompts, clicks = (
        Counter(start_of(day, grain) for person in persons.values() for day, _ in person.did[name])
        for name in ("Rating Prompted", "Rating Prompt Clicked")
    )
    assert 3 <= clicks.total() < prompts.total()
    assert parts_of("app.rating", "rate_prompt_ctr", UNIT, grain) == {
        start: (clicks[start], count) for start, count in prompts.items()
    }


def test_users_of_a_month_rate_it_in_the_stores(chain: Stage, persons: dict[str, Person]) -> None:
    rated: Counter[date] = Counter()
    for name in ("app_store", "google_play"):
        store = chain.channels[name]
        # what was edited bears the time of that, and Google shows what changed in the last week alone
        at = np.where(store._edited_at <= chain.now, store._edited_at, store._written_at)
        for second in at[store.shelves["reviews"].updated_at > 0].tolist():
            rated[ledger.month_of(second)] += 1
    users = Counter(
        month for person in persons.values() for month in {start_of(day) for day in person.active}
    )
    assert rated.total() >= 100
    assert parts_of("app.rating", "review_share", UNIT) == {
        month: (rated[month], count) for month, count in users.items()
    }


def test_an_account_an_install_and_a_payer_cost_what_is_spent(
    chain: Stage, persons: dict[str, Person], reports: list[Report]
) -> None:
    spent = ledger.spent_by_month(chain, UNIT)
    accounts = Counter(
        month
        for person in persons.values()
        for month in {start_of(day) for day, _ in person.did["Signed Up"]}
    )
    installs: Counter[date] = Counter()
    for report in reports:
        installs[start_of(report.day)] += report.first
    payers = Counter(
        start_of(min(day for day, _ in person.did[BUYS])) for person in persons.values() if person.did[BUYS]
    )
    for variant, counts in (("cac", accounts), ("cpi", installs), ("cac_payer", payers)):
        assert counts.total() >= 10
        assert parts_of("app.cac", variant, UNIT) == {
            month: (spent.get(month, 0), counts[month]) for month in spent.keys() | counts.keys()
        }, variant
