"""The news site's figures once more, in plain Python, from what the synthetic company did.

Visits are taken from the tracker's own arrays, advertising from those of the ad server. Who is who is not
asked again here: whose a visit is, is what the facts say of it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from include.sandbox.channels.ad_server import FILTERED_AFTER, KINDS, SLOTS
from include.sandbox.channels.database.subscribers import STATES, Terms
from include.sandbox.stage import Stage
from tests.databases import ask
from tests.metrics import ledger
from tests.metrics.ledger import (
    DAY,
    HOUR,
    Visit,
    counted,
    day_of,
    end_of,
    figures_of,
    parts_of,
    start_of,
    summed,
)

pytestmark = pytest.mark.server

UNIT = "news_site"
GRAINS = ("day", "week", "month")
BANDS = {"1": range(1, 2), "2_3": range(2, 4), "4_8": range(4, 9), "9_plus": range(9, 10_000)}
"""Visits of a month."""
GUARANTEED, EXCHANGE = KINDS.index("STANDARD"), KINDS.index("AD_EXCHANGE")


@dataclass(frozen=True)
class Served:
    """What the ad server says of a slot on a day, of all deals together."""

    day: date
    requests: int
    rendered: int
    impressions: int
    viewable: int
    clicks: int
    """Those that are valid."""
    invalid: int
    revenue: int
    booked: int
    booked_revenue: int


@pytest.fixture(scope="module")
def served(chain: Stage) -> list[Served]:
    server, found = chain.channels["ad_server"], []
    for number in range(len(server.requests)):
        start = chain.world.start + number * DAY
        if start + 20 * HOUR > chain.now:
            break
        is_young = (chain.now + 1 - start) // DAY < FILTERED_AFTER
        for slot in range(len(SLOTS)):
            place = number, slot
            shown, brought = server.impressions[place].tolist(), server.revenue[place].tolist()
            clicks = (server.unfiltered if is_young else server.clicks)[place].tolist()
            # the exchange filters for itself, and tells an estimate of what it pays at first
            invalid = [all_of - kept for all_of, kept in zip(
                server.unfiltered[place].tolist(), clicks, strict=True)]  # fmt: skip
            invalid[EXCHANGE] = 0
            brought[EXCHANGE] += brought[EXCHANGE] // 25 if is_young else 0
            found.append(Served(
                day_of(start), int(server.requests[place]), sum(shown) + int(server.unfilled[place]),
                sum(shown), int(server.viewable[place].sum()), sum(clicks), sum(invalid), sum(brought),
                shown[GUARANTEED], brought[GUARANTEED],
            ))  # fmt: skip
    return found


@pytest.fixture(scope="module")
def visits(chain: Stage) -> list[Visit]:
    found = ledger.visits_of(UNIT, ledger.steps_of(chain, UNIT))
    return sorted(found, key=lambda visit: visit.started_at)


@pytest.fixture(scope="module")
def person_of(chain: Stage) -> Callable[[Visit], str]:
    whose = ledger.customers_of_visits()
    return lambda visit: whose.get((visit.visitor, visit.started_at), visit.visitor)


@pytest.mark.parametrize("grain", GRAINS)
def test_advertising_is_what_the_ad_server_delivered(served: list[Served], grain: str) -> None:
    def parts(above: str, below: str) -> ledger.Parts:
        return summed(
            (start_of(each.day, grain), getattr(each, above), getattr(each, below)) for each in served
        )

    assert sum(each.clicks for each in served) >= 100
    assert sum(each.invalid for each in served) >= 10
    for variant, figure in (
        ("available", "rendered"), ("viewable", "viewable"), ("sold", "booked"), ("requests", "requests"),
        ("impressions", "impressions"),
    ):  # fmt: skip
        expected = {start: above for start, (above, _) in parts(figure, figure).items()}
        assert figures_of("media.ad_inventory", variant, UNIT, grain) == expected, variant
    for metric, variant, above, below in (
        ("ad_inventory", "sell_through", "booked", "rendered"),
        ("ad_inventory", "fill_rate", "impressions", "requests"),
        ("ad_inventory", "viewable_rate", "viewable", "impressions"),
        ("ad_rates", "ecpm", "revenue", "impressions"),
        ("ad_rates", "cpm_contracted", "booked_revenue", "booked"),
        ("ad_rates", "cpc", "revenue", "clicks"),
        ("click_through_rate", "ctr", "clicks", "impressions"),
        ("click_through_rate", "ctr_viewable", "clicks", "viewable"),
    ):
        assert parts_of(f"media.{metric}", variant, UNIT, grain) == parts(above, below), variant
    share = {
        start: (invalid, valid + invalid) for start, (invalid, valid) in parts("invalid", "clicks").items()
    }
    assert parts_of("media.click_through_rate", "ivt_share", UNIT, grain) == share


@pytest.mark.parametrize("grain", GRAINS)
def test_the_audience_is_who_visited(
    visits: list[Visit], person_of: Callable[[Visit], str], grain: str
) -> None:
    cookies, persons = defaultdict(set), defaultdict(set)
    for visit in visits:
        start = start_of(visit.day, grain)
        cookies[start].add(visit.visitor)
        persons[start].add((person_of(visit), person_of(visit) != visit.visitor))
    share = counted((start, is_known) for start, there in persons.items() for _, is_known in there)
    assert any(2 <= known <= there - 2 for known, there in share.values()) or grain == "day"
    assert any(len(cookies[start]) != len(persons[start]) for start in cookies) or grain != "month"

    def sizes(sets: dict[date, set]) -> dict[date, int]:
        return {start: len(there) for start, there in sets.items()}

    assert figures_of("media.audience", "cookies", UNIT, grain) == sizes(cookies)
    assert figures_of("media.audience", "persons", UNIT, grain) == sizes(persons)
    assert parts_of("media.audience", "logged_in_share", UNIT, grain) == share
    assert parts_of("media.audience", "cookie_loss_bound", UNIT, grain) == {
        start: (there - known, there) for start, (known, there) in share.items()
    }


def test_readers_return_and_leave_and_come_often(
    visits: list[Visit], person_of: Callable[[Visit], str]
) -> None:
    first: dict[str, date] = {}
    often: dict[date, Counter[str]] = defaultdict(Counter)
    for visit in visits:
        first.setdefault(person_of(visit), visit.day)
        often[start_of(visit.day)][person_of(visit)] += 1
    returning = counted((month, first[who] < month) for month, there in often.items() for who in there)
    churn = counted(
        (end_of(month), who not in often.get(end_of(month), ()))
        for month, there in often.items()
        for who in there
    )
    # of the first month there is none before, and the one after the last has not begun
    del churn[end_of(max(often))]
    churn[min(often)] = (0, 0)
    assert sum(0 < gone < there for gone, there in churn.values()) >= 3
    assert parts_of("media.audience", "returning", UNIT) == returning
    assert parts_of("media.audience", "audience_churn", UNIT) == churn
    for band, numbers in BANDS.items():
        expected = counted((month, n in numbers) for month, there in often.items() for n in there.values())
        found = parts_of("media.audience", "band_share", UNIT, segment=("loyalty_band", band))
        # nobody in a band is no row
        assert found == {month: parts for month, parts in expected.items() if parts[0]}, band
        assert found, band


@pytest.mark.parametrize("grain", GRAINS)
def test_a_visit_brings_what_the_day_brought(visits: list[Visit], served: list[Served], grain: str) -> None:
    revenue: Counter[date] = Counter()
    for each in served:
        revenue[each.day] += each.revenue
    days: dict[date, list[int]] = defaultdict(list)
    for visit in visits:
        days[visit.day].append(visit.views)
    both = [day for day in days if day in revenue]
    assert len(both) >= 100
    assert parts_of("media.ad_rates", "rps", UNIT, grain) == summed(
        (start_of(day, grain), revenue[day], len(days[day])) for day in both
    )
    assert parts_of("media.ad_rates", "rpm_page", UNIT, grain) == summed(
        (start_of(day, grain), revenue[day], sum(days[day])) for day in both
    )


def test_first_visits_of_a_month_see_pages_and_advertising(
    visits: list[Visit], person_of: Callable[[Visit], str]
) -> None:
    by_person: dict[tuple[date, str], list[Visit]] = defaultdict(list)
    for visit in visits:
        by_person[start_of(visit.day), person_of(visit)].append(visit)
    later: dict[str, list[date]] = defaultdict(list)
    for (_, who), own in sorted(by_person.items(), key=lambda pair: pair[0]):
        later[who] += [visit.day for visit in own]
    load, engaged, returned, pages, screens = [], [], [], [], []
    for (month, who), (visit, *_) in by_person.items():
        if visit.views:
            ads = sum(step.figure for step in visit.steps if step.name == "Ads Rendered")
            # the day itself is one of its visits
            soon = [day for day in later[who] if visit.day <= day <= visit.day + timedelta(days=7)]
            load.append((month, ads, visit.views))
            engaged.append((month, visit.is_engaged))
            returned.append((month, len(soon) > 1))
            pages.append((month, visit.views, 1))
            screens += [(month, *step.pixels) for step in visit.steps if step.pixels]
    assert 50 <= sum(is_met for _, is_met in engaged) < len(engaged)
    assert 20 <= sum(is_met for _, is_met in returned) < len(returned)
    assert parts_of("media.ad_balance", "ad_load", UNIT) == summed(load)
    assert parts_of("media.ad_balance", "engaged_rate", UNIT) == counted(engaged)
    assert parts_of("media.ad_balance", "return_7d", UNIT) == counted(returned)
    assert parts_of("media.ad_balance", "pages_per_session", UNIT) == summed(pages)
    assert len(screens) < sum(pages for _, pages, _ in pages)
    assert parts_of("media.ad_balance", "ad_share_of_screen", UNIT) == summed(screens)


def test_a_subscriber_has_left_when_what_was_paid_is_over(chain: Stage) -> None:
    """Tell payers day by day: a month begins with those of the last day before it, and ends with its own."""
    whose = ledger.customers_of_profiles("database", UNIT)
    by_subscription: dict[int, list[Terms]] = defaultdict(list)
    for terms in chain.channels["database"].terms:
        if terms.at <= chain.now:
            by_subscription[terms.subscription].append(terms)
    paying: dict[date, set[str]] = defaultdict(set)
    last = max(day_of(each.at) for own in by_subscription.values() for each in own)
    horizon = end_of(start_of(last))
    for own in by_subscription.values():
        following = [day_of(each.at) for each in own[1:]] + [horizon]
        for each, until in zip(own, following, strict=True):
            if each.state == "past_due":
                until = min(until, day_of(each.at) + timedelta(days=14))
            if each.state in ("active", "cancelled", "past_due"):
                for day in ledger.through(day_of(each.at), until - timedelta(days=1)):
                    paying[day].add(whose[1 + each.reader])
    month, expected = start_of(min(paying)), {}
    while month <= last:
        before, after = (paying[start - timedelta(days=1)] for start in (month, end_of(month)))
        expected[month] = (len(before - after), len(before))
        month = end_of(month)
    assert {each.state for own in by_subscription.values() for each in own} == set(STATES)
    assert sum(0 < gone < there for gone, there in expected.values()) >= 3
    assert parts_of("media.audience", "subscriber_churn", UNIT) == expected
    # and a unit of another type has none of its figures
    assert not ask(
        "select 1 from published.mart_metrics where metric_code like 'saas.%%' and business_unit_code = %s",
        UNIT,
    )
