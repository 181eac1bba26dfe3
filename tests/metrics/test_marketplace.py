"""The home-stay site's figures once more, in plain Python, from what the synthetic company did.

Homes, stays and reviews are taken from the arrays of the site's database, searches from those of its tracker.
Who is who is not asked again here: whose a profile is, is what the facts say of it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import pytest

from include.sandbox.channels.database.homes import LIVE
from include.sandbox.channels.segment.lodging import _words
from include.sandbox.people import fold
from include.sandbox.stage import Stage
from tests.databases import ask
from tests.metrics import ledger
from tests.metrics.ledger import (
    DAY,
    Stay,
    Visit,
    counted,
    day_of,
    end_of,
    figures_of,
    kept,
    parts_of,
    start_of,
    summed,
    through,
)

pytestmark = pytest.mark.server

UNIT = "home_stay"
GRAINS = ("day", "week", "month")
ONE_DAY, WINDOW = timedelta(days=1), timedelta(days=90)


class Version(NamedTuple):
    """How a home ends a day."""

    is_live: bool
    price: int


@dataclass
class Search:
    """A search, and what is done until the next one."""

    at: int
    written: str
    results: int
    visit: int
    rank: int = 0
    """Of the first result that is clicked."""
    is_success: bool = False
    is_refined: bool = False
    is_followed: bool = False
    """Whether its device books within a day."""

    @property
    def words(self) -> str:
        """Return what is searched for, however it is written."""
        return fold(self.written).lower()


@pytest.fixture(scope="module")
def known_until(stays: list[Stay]) -> date:
    """Return the first day of which no request is known."""
    return max(stay.requested for stay in stays) + ONE_DAY


@pytest.fixture(scope="module")
def homes(chain: Stage, known_until: date) -> dict[int, dict[date, Version]]:
    """Return how each home ends each day, since it was listed."""
    was = chain.channels["database"].versions
    changes: dict[int, dict[date, Version]] = defaultdict(dict)
    rows = zip(was.at.tolist(), was.home.tolist(), was.state.tolist(), was.price.tolist(), strict=True)
    for at, home, state, price in sorted(rows):
        if at <= chain.now:
            changes[home][day_of(at)] = Version(state == LIVE, price)
    found: dict[int, dict[date, Version]] = {}
    for home, own in changes.items():
        found[home], latest = {}, own[min(own)]
        for day in through(min(own), known_until - ONE_DAY):
            latest = own.get(day, latest)
            found[home][day] = latest
    return found


def is_live(ends: dict[date, Version], day: date) -> bool:
    return day in ends and ends[day].is_live


def periods(first: date, until: date, grain: str) -> list[date]:
    """Return the periods that have begun, from the one of the first day on."""
    found = [start_of(first, grain)]
    while end_of(found[-1], grain) < until:
        found.append(end_of(found[-1], grain))
    return found


@pytest.mark.parametrize("grain", GRAINS)
def test_what_is_on_offer_comes_and_goes(
    homes: dict[int, dict[date, Version]], known_until: date, grain: str
) -> None:
    moves: dict[str, Counter[date]] = defaultdict(Counter)
    first = min(day for ends in homes.values() for day in ends if is_live(ends, day))
    told = periods(first, known_until, grain)
    for ends in homes.values():
        has_been = False
        for day in ends:
            before, after, start = is_live(ends, day - ONE_DAY), is_live(ends, day), start_of(day, grain)
            moves["new"][start] += after and not has_been
            moves["relisted"][start] += after and not before and has_been
            moves["removed"][start] += before and not after
            has_been |= after
        for start in told:
            last = min(end_of(start, grain), known_until) - ONE_DAY
            moves["listings_start"][start] += is_live(ends, start - ONE_DAY)
            moves["listings_end"][start] += is_live(ends, last)
    for variant, least in (("new", 8), ("relisted", 3), ("removed", 3)):
        assert moves[variant].total() >= least
    for variant in ("listings_start", "new", "relisted", "sold_out", "removed", "listings_end"):
        expected = {start: moves[variant][start] for start in told}
        assert figures_of("marketplace.inventory", variant, UNIT, grain) == expected, variant
    growth = {}
    for start in told:
        net = moves["new"][start] + moves["relisted"][start] - moves["removed"][start]
        growth[start] = (net, moves["listings_start"][start])
        assert moves["listings_start"][start] + net == moves["listings_end"][start]
    assert parts_of("marketplace.inventory", "growth", UNIT, grain) == growth


def test_a_month_ends_with_homes_that_nobody_viewed_or_whose_price_was_proposed(
    chain: Stage, homes: dict[int, dict[date, Version]], visits: list[Visit], known_until: date
) -> None:
    proposed = chain.channels["database"].proposed.tolist()
    views: dict[int, set[date]] = defaultdict(set)
    for visit in visits:
        for step in visit.steps:
            if step.name == "Product Viewed":
                views[step.subject].add(day_of(step.at))
    stale, accepted = [], []
    for home, ends in homes.items():
        first = next((day for day in ends if is_live(ends, day)), known_until)
        for month in periods(min(ends), known_until, "month"):
            last = min(end_of(month), known_until) - ONE_DAY
            if not is_live(ends, last):
                continue
            seen = any(last - WINDOW < day <= last for day in views[home])
            stale.append((month, not seen and first <= last - WINDOW))
            if proposed[home] > 0:
                accepted.append((month, 20 * abs(ends[last].price - proposed[home]) <= proposed[home]))
    for pairs in (stale, accepted):
        assert 10 <= sum(is_met for _, is_met in pairs) <= len(pairs) - 10
    assert parts_of("marketplace.inventory", "stale_share", UNIT) == counted(stale)
    found = parts_of("marketplace.pricing", "suggestion_acceptance", UNIT)
    assert {month: parts for month, parts in found.items() if parts[1]} == counted(accepted)


@pytest.mark.parametrize("grain", ["week", "month"])
def test_buyers_and_sellers_come_and_lapse(stays: list[Stay], known_until: date, grain: str) -> None:
    ends_of: dict[str, dict[date, int]] = {}
    for side in ("buyer", "seller"):
        trades: dict[str, set[date]] = defaultdict(set)
        for stay in stays:
            person = stay.guest if side == "buyer" else stay.host
            if stay.is_counted and stay.completed and person:
                trades[person].add(stay.completed)
        moves: dict[str, dict[date, int]] = defaultdict(dict)
        for start in periods(min(day for days in trades.values() for day in days), known_until, grain):
            end = end_of(start, grain)
            was = {who for who, days in trades.items() if any(start - WINDOW <= day < start for day in days)}
            now = {who for who, days in trades.items() if any(end - WINDOW <= day < end for day in days)}
            old = {who for who, days in trades.items() if min(days) < start}
            moves["active_start"][start], moves["active_end"][start] = len(was), len(now)
            moves["new"][start], moves["reactivated"][start] = len(now - old), len((now & old) - was)
            moves["lapsed"][start] = len(was - now)
            moves["net_growth"][start] = len(now) - len(was)
        segment = ("side", side)
        assert sum(moves["new"].values()) >= 10
        assert any(moves["lapsed"].values())
        for variant, expected in moves.items():
            found = figures_of("marketplace.growth", variant, UNIT, grain, segment)
            assert found == expected, (side, variant)
        ends_of[side] = moves["active_end"]
    assert parts_of("marketplace.growth", "buyers_per_seller", UNIT, grain) == {
        start: (buyers, ends_of["seller"][start]) for start, buyers in ends_of["buyer"].items()
    }


@pytest.fixture(scope="module")
def visits(chain: Stage) -> list[Visit]:
    return ledger.visits_of(UNIT, ledger.steps_of(chain, UNIT))


@pytest.fixture(scope="module")
def searches(visits: list[Visit]) -> list[Search]:
    booked: dict[str, list[int]] = defaultdict(list)
    for visit in visits:
        booked[visit.visitor] += [step.at for step in visit.steps if step.name == "Order Completed"]
    found: list[Search] = []
    for number, visit in enumerate(visits):
        own: list[Search] = []
        clicked: set[int] = set()
        for step in visit.steps:
            if step.name == "Products Searched":
                own.append(Search(step.at, _words(step.subject), step.figure, number))
                clicked = set()
                continue
            # a guest who asks for two stays at one second searches twice at one: neither search is over
            for search in own:
                if search.at != own[-1].at:
                    continue
                if step.name == "Product Clicked":
                    search.rank = search.rank or step.figure
                    clicked.add(step.subject)
                is_looked_at = step.name == "Product Viewed" and step.figure >= 10
                if step.subject in clicked and (is_looked_at or step.name == "Product Added"):
                    search.is_success = True
        for search in own:
            search.is_refined = any(later.words != search.words and later.at > search.at for later in own)
            search.is_followed = any(0 < at - search.at <= DAY for at in booked[visit.visitor])
        found += own
    return found


@pytest.mark.parametrize("grain", GRAINS)
def test_a_search_finds_something_that_is_looked_at(searches: list[Search], grain: str) -> None:
    dated = [(start_of(day_of(search.at), grain), search) for search in searches]
    sessions: dict[tuple[date, int], bool] = defaultdict(bool)
    ranks: dict[date, Fraction] = defaultdict(Fraction)
    for start, search in dated:
        sessions[start, search.visit] |= search.is_followed
        ranks[start] += Fraction(1, search.rank) if search.rank else 0
    expected = {
        "search_success": counted((start, search.is_success) for start, search in dated),
        "zero_result_rate": counted((start, search.results == 0) for start, search in dated),
        "refine_rate": counted((start, search.is_refined) for start, search in dated),
        "search_to_order": counted((start, is_followed) for (start, _), is_followed in sessions.items()),
    }
    for variant, parts in expected.items():
        assert 10 <= sum(met for met, _ in parts.values()) <= sum(among for _, among in parts.values()) - 10
        assert parts_of("marketplace.search", variant, UNIT, grain) == parts, variant
    # numerators are kept with four places, which is all that a mean of parts of one knows of them
    assert parts_of("marketplace.search", "search_mean_reciprocal_rank", UNIT, grain) == {
        start: (kept(ranks[start]), among) for start, (_, among) in expected["search_success"].items()
    }


def test_what_five_people_search_for_and_do_not_find_is_shown(
    searches: list[Search], visits: list[Visit]
) -> None:
    whose = ledger.customers_of_visits()
    months: dict[date, dict[str, list[Search]]] = defaultdict(lambda: defaultdict(list))
    for search in searches:
        months[ledger.month_of(search.at)][search.words].append(search)
    expected, hidden = [], 0
    for month, queries in months.items():
        rows = []
        for words, own in queries.items():
            there = [visits[search.visit] for search in own]
            people = {whose.get((visit.visitor, visit.started_at), visit.visitor) for visit in there}
            spellings = Counter(search.written for search in own)
            spelling = min(spellings, key=lambda each: (-spellings[each], each == words, each))
            nothing = sum(search.results == 0 for search in own)
            failed = sum(not search.is_success for search in own)
            hidden += failed > 0 and len(people) < 5
            if len(people) >= 5 and failed:
                rows.append((-failed, -nothing, len(own), words, spelling, len(people)))
        of_all = sum(not search.is_success for own in queries.values() for search in own)
        for rank, (failed, nothing, count, words, spelling, people) in enumerate(sorted(rows), 1):
            share, among = round(Decimal(-failed) / count, 6), round(Decimal(-failed) / of_all, 6)
            expected.append((month, rank, words, spelling, count, people, -nothing, -failed, share, among))
    assert len(expected) >= 3
    assert hidden
    assert sorted(expected) == ask(
        "select month_start, rank_in_month, query_folded, query, search_count, person_count, "
        "zero_result_count, failed_count, failed_share, share_of_failures "
        "from published.mart_failing_queries where business_unit_code = %s order by 1, 2", UNIT,
    )  # fmt: skip


@pytest.mark.parametrize("grain", GRAINS)
def test_what_is_booked_is_worth_its_amount(
    stays: list[Stay], homes: dict[int, dict[date, Version]], grain: str
) -> None:
    amounts, fees, listed = [], [], []
    for stay in stays:
        if stay.is_counted:
            start = start_of(stay.requested, grain)
            amounts.append((start, stay.amount, 1))
            fees.append((start, stay.amount * 12 // 100, stay.amount))
            # of what is not on offer that day, no price is known
            is_known = is_live(homes[stay.home], stay.requested)
            price = homes[stay.home][stay.requested].price * stay.nights if is_known else 0
            listed.append((start, price - stay.amount if is_known else 0, price))
    assert len(amounts) >= 100
    assert sum(less != 0 for _, less, _ in listed) >= 20
    totals = summed(amounts)
    assert figures_of("marketplace.pricing", "gmv", UNIT, grain) == {k: v for k, (v, _) in totals.items()}
    assert figures_of("marketplace.pricing", "bookings", UNIT, grain) == {
        start: count for start, (_, count) in totals.items()
    }
    assert parts_of("marketplace.pricing", "take_rate", UNIT, grain) == summed(fees)
    assert parts_of("marketplace.pricing", "discount_depth", UNIT, grain) == summed(listed)


@pytest.mark.parametrize("grain", ["week", "month"])
def test_guests_review_and_hosts_cheat(chain: Stage, stays: list[Stay], grain: str) -> None:
    said = chain.channels["database"].reviews
    rows = zip(said.booking.tolist(), said.answered_at.tolist(), said.score.tolist(), strict=True)
    reviews = [(number, day_of(at), stars) for number, at, stars in rows if at <= chain.now]
    until = max(day for _, day, _ in reviews) + ONE_DAY
    answered = {number: day for number, day, _ in reviews}
    low = counted((start_of(day, grain), stars <= 2) for _, day, stars in reviews)
    totals = summed((start_of(day, grain), stars, 1) for _, day, stars in reviews)
    covered = counted(
        (
            start_of(stay.completed, grain),
            stay.number in answered
            and stay.completed <= answered[stay.number] <= stay.completed + timedelta(days=30),
        )
        for stay in stays
        if stay.is_counted and stay.completed and start_of(stay.completed, grain) < until
    )
    cancelled = summed(
        (start_of(stay.requested, grain), stay.is_cancelled and stay.is_fraud, stay.is_cancelled)
        for stay in stays
    )
    for parts in (low, covered, cancelled):
        assert 5 <= sum(met for met, _ in parts.values()) <= sum(among for _, among in parts.values()) - 5
    assert parts_of("marketplace.trust", "low_star_share", UNIT, grain) == low
    for stars in range(1, 6):
        of_stars = counted((start_of(day, grain), given == stars) for _, day, given in reviews)
        found = parts_of("marketplace.trust", "star_share", UNIT, grain, ("star", str(stars)))
        assert found == {start: parts for start, parts in of_stars.items() if parts[0]}, stars
    # ten ratings of the mean of all come first: (10·S/N + S) / (10 + N)
    assert parts_of("marketplace.trust", "rating_bayes", UNIT, grain) == {
        start: (10 * total + total * count, (10 + count) * count) for start, (total, count) in totals.items()
    }
    assert parts_of("marketplace.trust", "review_rate", UNIT, grain) == covered
    assert parts_of("marketplace.trust", "fraud_cancel_share", UNIT, grain) == cancelled
