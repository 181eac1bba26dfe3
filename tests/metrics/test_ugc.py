"""The forum's figures once more, in plain Python, from what the synthetic company did.

Visits are taken from the tracker's own arrays; posts, acts and notifications from those of the forum's
database. Who is who is not asked again here: whose a visit or a profile is, is what the facts say of it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil

import numpy as np
import pytest

from include.sandbox.channels.database import ACTS, DONG_A_MINUTE, SHARE, notices
from include.sandbox.channels.segment.tracker import BY_SHARE
from include.sandbox.stage import Stage
from tests.metrics import ledger
from tests.metrics.ledger import (
    DAY,
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

UNIT = "forum"
REACTIONS = ("like", "save", "follow", "donate")
TIERS = ("lurker", "reactor", "commenter", "creator", "core")
"""From the lowest to the highest."""


@dataclass(frozen=True)
class Act:
    """What a profile does with a post."""

    at: int
    kind: str
    customer: str | None

    @property
    def day(self) -> date:
        return day_of(self.at)


@dataclass
class Day:
    """What somebody does on a day: a customer where known, else a device."""

    visits: int = 0
    engaged: int = 0
    reads: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    items: int = 0

    @property
    def is_active(self) -> bool:
        return self.reads + self.acts.total() + self.items > 0

    @property
    def reactions(self) -> int:
        return sum(self.acts[kind] for kind in REACTIONS)


@dataclass
class Notice:
    """Something that somebody is told, or not told though it was to be, and what comes of it."""

    customer: str
    at: int
    channel: str
    topic: str
    happened: dict[str, int] = field(default_factory=dict)
    """When what happened first."""
    number: int = 0
    """In the week."""
    is_answered: bool = False

    def is_a(self, kind: str) -> bool:
        return kind in self.happened


Days = dict[str, dict[date, Day]]


@pytest.fixture(scope="module")
def customers(chain: Stage) -> list[str | None]:
    """Return the customer of each member, none of who has not joined yet."""
    found = ledger.customers_of_profiles("database", UNIT)
    return [found.get(1 + row) for row in range(len(chain.channels["database"].users))]


@pytest.fixture(scope="module")
def visits(chain: Stage) -> list[Visit]:
    found = ledger.visits_of(UNIT, ledger.steps_of(chain, UNIT))
    return sorted(found, key=lambda visit: visit.started_at)


@pytest.fixture(scope="module")
def acts(chain: Stage, customers: list[str | None]) -> list[Act]:
    forum = chain.channels["database"]
    rows = zip(forum.acted_at.tolist(), forum.act_kind.tolist(), forum.act_user.tolist(), strict=True)
    return [Act(at, ACTS[kind], customers[user]) for at, kind, user in rows if at <= chain.now]


@pytest.fixture(scope="module")
def person_of(visits: list[Visit]) -> dict[int, str]:
    """Return whose each visit is, by its place."""
    whose = ledger.customers_of_visits()
    return {n: whose.get((each.visitor, each.started_at), each.visitor) for n, each in enumerate(visits)}


@pytest.fixture(scope="module")
def days(
    chain: Stage, customers: list[str | None], visits: list[Visit], acts: list[Act], person_of: dict[int, str]
) -> Days:
    forum, found = chain.channels["database"], defaultdict(lambda: defaultdict(Day))
    for number, visit in enumerate(visits):
        day = found[person_of[number]][visit.day]
        day.visits += 1
        day.engaged += visit.is_engaged
        day.reads += "Thread" in visit.names
    for act in acts:
        if act.customer and act.kind != "report":
            found[act.customer][act.day].acts[act.kind] += 1
    for author, at in zip(forum.author.tolist(), forum.posted_at.tolist(), strict=True):
        if at <= chain.now and (customer := customers[author]):
            found[customer][day_of(at)].items += 1
    return {who: dict(own) for who, own in found.items()}


@pytest.fixture(scope="module")
def known_until(acts: list[Act]) -> date:
    """Return the first day of which no act is known."""
    return max(act.day for act in acts) + timedelta(days=1)


def within(days: Days, start: date, end: date) -> dict[str, list[Day]]:
    """Return what everybody does from a day up to before another."""
    found = {who: [own[day] for day in own if start <= day < end] for who, own in days.items()}
    return {who: there for who, there in found.items() if there}


def starts(days: Days, grain: str, until: date) -> Iterable[date]:
    """Return the periods that have begun since anything is known."""
    start = start_of(min(day for own in days.values() for day in own), grain)
    while start < until:
        yield start
        start = end_of(start, grain)


@pytest.mark.parametrize("grain", ["day", "week"])
def test_an_engaged_visitor_stays_and_acts_within_seven_days(
    days: Days, known_until: date, grain: str
) -> None:
    share, often = {}, {}
    for start in starts(days, grain, known_until):
        end = end_of(start, grain)
        there = within(days, end - timedelta(days=7), end)
        visiting = [own for own in there.values() if any(day.visits for day in own)]
        engaged = [
            own
            for own in visiting
            if any(day.engaged for day in own) and any(day.reactions + day.acts["comment"] for day in own)
        ]
        if visiting:
            share[start] = (len(engaged), len(visiting))
            often[start] = (sum(day.visits for own in engaged for day in own), len(engaged))
    assert sum(engaged for engaged, _ in share.values()) >= 10
    assert parts_of("ugc.engaged_visitors", "engaged_share", UNIT, grain) == share
    assert parts_of("ugc.engaged_visitors", "visits_per_engaged", UNIT, grain) == often
    assert figures_of("ugc.engaged_visitors", "engaged", UNIT, grain) == {
        start: engaged for start, (engaged, _) in share.items()
    }


def gini(items: list[int]) -> tuple[int, int]:
    """Return how unequal they are, as the sum of all differences of two over twice what it could be."""
    return sum(abs(one - other) for one in items for other in items) // 2, len(items) * sum(items)


def test_few_of_the_active_publish(days: Days, known_until: date) -> None:
    expected: dict[str, ledger.Parts] = defaultdict(dict)
    for month in starts(days, "month", known_until):
        end = end_of(month)
        there = within(days, end - timedelta(days=28), end).values()
        items = [sum(day.items for day in own) for own in there if any(day.is_active for day in own)]
        creators = sorted((number for number in items if number), reverse=True)
        if items:
            expected["creator_share"][month] = (len(creators), len(items))
            expected["items_per_creator"][month] = (sum(items), len(creators))
            expected["top_1_percent_share"][month] = (
                sum(creators[: ceil(len(creators) / 100)]),
                sum(items),
            )
            expected["gini_creators"][month] = gini(creators)
            expected["gini_active"][month] = gini(items)
    assert sum(among for _, among in expected["items_per_creator"].values()) >= 20
    for variant, parts in expected.items():
        assert parts_of("ugc.content_creation", variant, UNIT) == parts, variant


def tier(days: list[Day]) -> int:
    """Return the highest thing that was done."""
    items = sum(day.items for day in days)
    if items:
        return 4 if items >= 4 else 3
    if any(day.acts["comment"] + day.acts["share"] for day in days):
        return 2
    return int(any(day.reactions for day in days))


def test_people_climb_and_fall_from_month_to_month(days: Days, known_until: date) -> None:
    tiers: dict[date, dict[str, int]] = defaultdict(dict)
    for month in starts(days, "month", known_until):
        for who, own in within(days, month, end_of(month)).items():
            if active := [day for day in own if day.is_active]:
                tiers[month][who] = tier(active)
    reached = [(month, rank) for month, there in tiers.items() for rank in there.values()]
    for rank, code in enumerate(TIERS):
        segment = ("engagement_tier", code)
        found = parts_of("ugc.engagement_funnel", "tier_share", UNIT, segment=segment)
        assert found == counted((month, own == rank) for month, own in reached)
        assert sum(met for met, _ in found.values()) >= 5, code
    for variant, is_met in (
        ("up_rate", lambda now, later: later is not None and later > now),
        ("down_rate", lambda now, later: later is not None and later < now),
        ("exit_rate", lambda now, later: later is None),
    ):
        expected = counted(
            (month, is_met(rank, tiers.get(end_of(month), {}).get(who)))
            for month, there in tiers.items()
            for who, rank in there.items()
        )
        assert parts_of("ugc.engagement_funnel", variant, UNIT) == expected, variant


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_what_is_seen_is_shared(acts: list[Act], grain: str) -> None:
    expected = summed(
        (start_of(act.day, grain), act.kind == "share", act.kind == "view")
        for act in acts
        if act.kind in ("share", "view")
    )
    assert sum(shared for shared, _ in expected.values()) >= 50
    assert parts_of("ugc.sharing", "share_rate", UNIT, grain) == expected


@pytest.mark.parametrize("grain", ["week", "month"])
def test_what_is_shared_brings_people(
    chain: Stage, days: Days, visits: list[Visit], person_of: dict[int, str], known_until: date, grain: str
) -> None:
    forum = chain.channels["database"]
    shared = {
        f"forum/{1 + row}": int(forum.acted_at[row])
        for row in np.flatnonzero((forum.act_kind == SHARE) & (forum.acted_at <= chain.now)).tolist()
    }
    first: dict[str, Visit] = {}
    for number, visit in enumerate(visits):
        first.setdefault(person_of[number], visit)
    brought: Counter[date] = Counter()
    late = 0
    for who, visit in first.items():
        if visit.steps[0].origin == BY_SHARE and visit.day == min(days[who]):
            at = shared[visit.steps[0].link]
            assert at <= visit.started_at
            if visit.started_at <= at + 7 * DAY:
                brought[start_of(day_of(at), grain)] += 1
            else:
                late += 1
    assert sum(brought.values()) >= 5
    assert late
    sharers, active = {}, {}
    for start in starts(days, grain, known_until):
        there = within(days, start, end_of(start, grain)).values()
        own = [[day for day in each if day.is_active] for each in there]
        if crowd := [each for each in own if each]:
            active[start] = (brought[start], len(crowd))
            sharing = sum(any(day.acts["share"] for day in each) for each in crowd)
            sharers[start] = (brought[start], sharing)
    assert parts_of("ugc.sharing", "new_per_sharer", UNIT, grain) == sharers
    assert parts_of("ugc.sharing", "k_content", UNIT, grain) == active


@pytest.mark.parametrize("grain", ["week", "month"])
def test_what_is_shared_is_shared_on(chain: Stage, grain: str) -> None:
    forum = chain.channels["database"]
    parents, at = forum.act_parent.tolist(), forum.acted_at.tolist()
    depths: dict[date, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in np.flatnonzero((forum.act_kind == SHARE) | (forum.act_parent >= 0)).tolist():
        if at[row] > chain.now:
            continue
        way = [row]
        while parents[way[-1]] >= 0:
            way.append(parents[way[-1]])
        root = way[-1]
        if forum.act_kind[root] == SHARE and max(at[each] for each in way) <= at[root] + 7 * DAY:
            depth = sum(forum.act_kind[each] == SHARE for each in way)
            depths[start_of(day_of(at[root]), grain)][root].append(depth)
    expected = {
        start: np.quantile([max(each) for each in own.values()], 0.9)
        for start, own in depths.items()
        if max(len(each) for each in own.values()) > 1
    }
    assert max(max(each) for own in depths.values() for each in own.values()) >= 2
    found = figures_of("ugc.sharing", "cascade_depth_p90", UNIT, grain)
    assert found.keys() == expected.keys()
    assert {start: float(value) for start, value in found.items()} == pytest.approx(expected)


def test_an_item_is_worth_what_is_given_for_it_less_what_it_costs_to_moderate(chain: Stage) -> None:
    forum, now = chain.channels["database"], chain.now
    given: Counter[int] = Counter()
    cost: Counter[int] = Counter()
    for so_far, posts, times, amounts in (
        (given, forum.act_post, forum.acted_at, forum.act_amount),
        (cost, forum.moderated_post, forum.moderated_at, forum.moderation_minutes * DONG_A_MINUTE),
    ):
        for post, at, amount in zip(posts.tolist(), times.tolist(), amounts.tolist(), strict=True):
            since = day_of(int(forum.posted_at[post]))
            if at <= now and since <= day_of(at) < since + timedelta(days=90):
                so_far[post] += amount
    months: dict[date, list[int]] = defaultdict(list)
    for post, at in enumerate(forum.posted_at.tolist()):
        if at <= now:
            months[start_of(day_of(at))].append(post)
    value, net = {}, {}
    for month, posts in months.items():
        if income := sum(given[post] for post in posts):
            value[month] = (income, len(posts))
            if spent := sum(cost[post] for post in posts):
                net[month] = (income - spent, len(posts))
    assert len(net) >= 5
    assert parts_of("ugc.content_value", "value_per_item", UNIT) == value
    assert parts_of("ugc.content_value", "net", UNIT) == net


@pytest.fixture(scope="module")
def told(chain: Stage, customers: list[str | None], acts: list[Act]) -> list[Notice]:
    """Return the notices; what happens to one of a kind happens to the last that there was of it."""
    forum = chain.channels["database"]
    rows = sorted(
        (at, notices.KINDS[kind] not in ("sent", "withheld"), row, notices.KINDS[kind])
        for row, (at, kind) in enumerate(
            zip(forum.happenings.at.tolist(), forum.happenings.kind.tolist(), strict=True)
        )
        if at <= chain.now
    )
    latest: dict[tuple[str, int], Notice] = {}
    found: list[Notice] = []
    for at, _, row, kind in rows:
        notice = int(forum.happenings.notice[row])
        customer, campaign = customers[int(forum.notices.user[notice])], int(forum.notices.campaign[notice])
        if customer is None:
            continue
        if kind in ("sent", "withheld"):
            topic, channel, _ = notices.CAMPAIGNS[campaign]
            latest[customer, campaign] = Notice(customer, at, channel, topic)
            found.append(latest[customer, campaign])
        last = latest[customer, campaign]
        # what a source tells after a week is not looked at any more
        if day_of(at) <= day_of(last.at) + timedelta(days=7):
            last.happened.setdefault(kind, at)
    doing: dict[str, list[int]] = defaultdict(list)
    for act in acts:
        if act.customer and act.kind != "view":
            doing[act.customer].append(act.at)
    week: Counter[tuple[str, date]] = Counter()
    for notice in found:
        key = notice.customer, start_of(day_of(notice.at), "week")
        week[key] += 1
        notice.number = week[key]
        notice.is_answered = any(notice.at < at <= notice.at + DAY for at in doing[notice.customer])
    return found


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_who_is_told_opens_it_and_acts(told: list[Notice], grain: str) -> None:
    assert sum(notice.is_a("withheld") for notice in told) >= 10
    assert sum(notice.is_answered for notice in told) >= 20
    segments = {
        "all": lambda _: "all",
        "channel": lambda notice: notice.channel,
        "notification_type": lambda notice: notice.topic,
        "nth_of_week": lambda notice: "4_plus" if notice.number >= 4 else str(notice.number),
    }
    for kind, segment in segments.items():
        for code in {segment(notice) for notice in told}:
            by_period: dict[date, list[Notice]] = defaultdict(list)
            for notice in told:
                if segment(notice) == code:
                    by_period[start_of(day_of(notice.at), grain)].append(notice)
            expected: dict[str, ledger.Parts] = defaultdict(dict)
            for start, own in by_period.items():
                sent = [notice for notice in own if notice.is_a("sent")]
                there = [notice for notice in own if notice.is_a("delivered")]
                held = [notice for notice in own if notice.is_a("withheld")]
                expected["delivery_rate"][start] = (len(there), len(sent))
                opened = sum(notice.is_a("opened") or notice.is_a("clicked") for notice in there)
                expected["open_rate"][start] = (opened, len(there))
                expected["action_rate"][start] = (sum(notice.is_answered for notice in there), len(there))
                off = sum(notice.happened.get("unsubscribed", 1 << 60) < notice.at + DAY for notice in there)
                expected["optout_rate"][start] = (off, len(there))
                if sent and held:
                    acted, others = (sum(notice.is_answered for notice in each) for each in (sent, held))
                    expected["effect"][start] = (
                        acted * len(held) - others * len(sent),
                        len(sent) * len(held),
                    )
            for variant in ("delivery_rate", "open_rate", "action_rate", "optout_rate", "effect"):
                found = parts_of("ugc.notification_effect", variant, UNIT, grain, (kind, code))
                assert found == expected[variant], (variant, kind, code)
