"""What is shared by those who tell metrics once more: visits, periods, and what is published."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from include.sandbox.channels import app_store, google_play
from include.sandbox.channels.ad_spend import ACCOUNTS
from include.sandbox.channels.segment import ORDER_ID
from include.sandbox.channels.segment.visits import STEPS
from include.sandbox.seasons import VIETNAM
from include.sandbox.stage import Stage
from tests.databases import ask

PAUSE, HOUR, DAY = 30 * 60, 3600, 86400
MILESTONES = (
    "Signed Up", "Trial Started", "In-App Purchase", "Purchase Refunded", "Rating Prompted",
    "Rating Prompt Clicked", "Upgrade Prompt Viewed", "Upgrade Prompt Clicked", "Application Uninstalled",
)  # fmt: skip
"""What is done by whoever is signed in as it is done, whosever the visit is."""
DIRECT = 0
"""Where visits come from that nobody sent."""
Parts = dict[date, tuple[int, int]]
"""Numerator and denominator by the first day of a period."""
Figures = dict[date, Decimal]
"""What is no ratio, by the first day of a period."""


def day_of(second: int) -> date:
    """Return the day in Vietnam."""
    return datetime.fromtimestamp(second, VIETNAM).date()


def start_of(day: date, grain: str = "month") -> date:
    """Return the first day of the period that a day lies in."""
    if grain == "day":
        return day
    if grain == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day - timedelta(days=day.weekday()) if grain == "week" else day.replace(day=1)


def end_of(start: date, grain: str = "month") -> date:
    """Return the first day after a period."""
    if grain == "month":
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=7 if grain == "week" else 1)


def month_of(second: int) -> date:
    """Return the first day of the month."""
    return start_of(day_of(second))


def through(first: date, last: date) -> list[date]:
    """Return every day from the first to the last."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def parts_of(
    metric: str, variant: str, unit: str, grain: str = "month", segment: tuple[str, str] = ("all", "all")
) -> Parts:
    """Return the numerators and denominators that are published, by period."""
    return {
        start: (numerator, denominator)
        for start, numerator, denominator in ask(
            "select period_start, numerator, denominator from published.mart_metrics where metric_code = %s "
            "and variant_code = %s and period_grain_code = %s and segment_type_code = %s "
            "and segment_code = %s and business_unit_code = %s",
            metric, variant, grain, *segment, unit,
        )
    }  # fmt: skip


def figures_of(
    metric: str, variant: str, unit: str, grain: str = "month", segment: tuple[str, str] = ("all", "all")
) -> Figures:
    """Return the values that are published of what is no ratio, by period."""
    return dict(
        ask(
            "select period_start, value from published.mart_metrics where metric_code = %s "
            "and variant_code = %s and period_grain_code = %s and segment_type_code = %s "
            "and segment_code = %s and business_unit_code = %s",
            metric, variant, grain, *segment, unit,
        )
    )  # fmt: skip


def summed(rows: Iterable[tuple[date, int, int]]) -> Parts:
    """Return the sums of each period's numerators and denominators."""
    found: Parts = {}
    for start, more, among in rows:
        numerator, denominator = found.get(start, (0, 0))
        found[start] = (numerator + more, denominator + among)
    return found


def kept(number: Fraction) -> Decimal:
    """Return a number with the four places that are kept of it."""
    whole = Decimal(number.numerator) / number.denominator
    return whole.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def counted(pairs: Iterable[tuple[date, bool]]) -> Parts:
    """Return how many of each period are met, and how many there are."""
    return summed((start, int(is_met), 1) for start, is_met in pairs)


@dataclass(frozen=True)
class Step:
    """One event, as its tracker drew it."""

    at: int
    device: str
    """The tracker's name of the device."""
    name: str
    is_view: bool
    """Whether it is a page or a screen."""
    is_machine: bool = False
    order: str = ""
    subject: int = -1
    figure: int = -1
    origin: int = -1
    link: str = ""
    """What the link calls itself by which the visit came."""
    pixels: tuple[int, int] | None = None
    """How much of what is seen at once is advertising, and how much that is."""


@dataclass
class Visit:
    """What somebody does without a pause of more than 30 minutes."""

    visitor: str
    started_at: int
    ended_at: int = 0
    steps: list[Step] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Return the names of the steps."""
        return [step.name for step in self.steps]

    @property
    def views(self) -> int:
        """Return how many pages or screens were seen."""
        return sum(step.is_view for step in self.steps)

    @property
    def orders(self) -> set[str]:
        """Return the orders that the tracker names."""
        return {step.order for step in self.steps} - {""}

    @property
    def day(self) -> date:
        """Return the day on which it began."""
        return day_of(self.started_at)

    @property
    def engaged_seconds(self) -> int:
        """Return for how long something was looked at, by the tracker's signs of it: one each ten seconds."""
        return 10 * len({step.at // 10 for step in self.steps if step.name == "Heartbeat"})

    @property
    def is_engaged(self) -> bool:
        """Return whether more was done than to come and go, where the tracker sends signs."""
        return self.views >= 2 or self.engaged_seconds >= 20

    @property
    def is_counted(self) -> bool:
        """Return whether it is a person's, as far as one sees."""
        seconds, count = self.ended_at - self.started_at, len(self.steps)
        hurries = (self.views >= 20 and seconds < self.views) or (count >= 100 and seconds * 5 < count)
        is_machine = any(step.is_machine for step in self.steps)
        return not is_machine and not hurries and seconds <= 12 * HOUR and count <= 5000


def steps_of(stage: Stage, unit: str) -> list[Step]:
    """Return what a unit's own tracker has received."""
    tracker = next(each for each in stage.channels["segment"].trackers if unit == each.UNIT)
    events, stays = tracker.events, tracker.stays
    found = []
    for row in range(len(events)):
        if events.received_at[row] <= stage.now:
            visit, (kind, name) = int(events.visit[row]), tracker.name(row)
            told = tracker.properties(row, name) if name == "Ads Rendered" else {}
            found.append(Step(
                int(events.happened_at[row]), tracker.anonymous_id(visit), name, kind in ("page", "screen"),
                bool(stays.is_bot[visit]), "", int(events.subject[row]), int(events.figure[row]),
                int(stays.origin[visit]), tracker.campaign(visit).get("name", ""),
                (told["ad_pixels"], told["viewport_pixels"]) if "ad_pixels" in told else None,
            ))  # fmt: skip
    return found


def first_steps_of(stage: Stage, place: int) -> list[Step]:
    """Return what the trackers of the shop's website and of the app have received of their first users."""
    segment = stage.channels["segment"].visits
    events, sessions = segment.events, segment.sessions
    found = []
    for row in range(len(events)):
        session = int(events.session[row])
        if sessions.unit[session] == place and events.received_at[row] <= stage.now:
            kind, name = STEPS[events.step[row]]
            order = str(ORDER_ID + int(sessions.order[session])) if name == "Order Completed" else ""
            found.append(Step(
                int(events.happened_at[row]), segment.anonymous_id(session), name, kind in ("page", "screen"),
                bool(sessions.is_bot[session]), order,
            ))  # fmt: skip
    return found


def visits_of(unit: str, steps: Iterable[Step]) -> list[Visit]:
    """Return the visits that steps make by device, but for those of machines and of staff."""
    seen: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        seen[step.device].append(step)
    found: list[Visit] = []
    for device, own in seen.items():
        visit = None
        for step in sorted(own, key=lambda each: each.at):
            if visit is None or step.at > visit.ended_at + PAUSE:
                text = f"segment:{unit}:{device}".encode()
                visit = Visit(hashlib.md5(text, usedforsecurity=False).hexdigest(), step.at)
                found.append(visit)
            visit.ended_at = step.at
            visit.steps.append(step)
    whose, own_people = customers_of_visits(), staff()
    return [
        visit
        for visit in found
        if visit.is_counted and whose.get((visit.visitor, visit.started_at)) not in own_people
    ]


def customers_of_visits() -> dict[tuple[str, int], str]:
    """Return the customer of each visit of somebody known, which is not asked again here."""
    rows = ask(
        "select visitor_key, started_at, customer_key from core.fct_sessions where customer_key <> 'unknown'"
    )
    return {(visitor, int(at.timestamp())): customer for visitor, at, customer in rows}


def spent_on_ads(stage: Stage, unit: str) -> dict[date, int]:
    """Return what a unit's campaigns cost by month, as the platforms show it now."""
    channel, found = stage.channels["ad_spend"], defaultdict(int)
    for name, platform in channel.platforms.items():
        own = [account == ACCOUNTS[name].get(unit) for *_, account in platform.campaigns]
        shown = channel.shelves[f"{name}_days"].updated_at.reshape(platform.spend.shape) > 0
        by_day = (platform.shown_spend * shown)[:, own].sum(axis=1).tolist()
        for number, amount in enumerate(by_day):
            if amount:
                found[month_of(stage.world.start + number * DAY)] += amount
    return found


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


def _google(stage: Stage) -> list[Report]:
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


def _apple(stage: Stage) -> list[Report]:
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


def installs_of(stage: Stage) -> list[Report]:
    """Return what the stores say of the app's installs."""
    return [*_google(stage), *_apple(stage)]


@dataclass
class Person:
    """A customer where known, else a device."""

    seen: set[date] = field(default_factory=set)
    active: set[date] = field(default_factory=set)
    """Days on which they use the product for what it is for."""
    did: dict[str, list[tuple[date, int]]] = field(default_factory=lambda: defaultdict(list))
    """By name of a milestone: on which day, and the figure that it bears."""


def persons_of(unit: str, visits: Iterable[Visit], deed: str) -> dict[str, Person]:
    """Return whose the visits are; a milestone is theirs who is signed in then, whosever the visit is."""
    whose, found = customers_of_visits(), defaultdict(Person)
    doing = {
        (visitor, int(at.timestamp())): person
        for visitor, at, person in ask(
            "select visitor_key, occurred_at, person_key from core.fct_milestones "
            "where business_unit_code = %s",
            unit,
        )
    }
    for visit in visits:
        person = found[whose.get((visit.visitor, visit.started_at), visit.visitor)]
        person.seen.add(visit.day)
        if deed in visit.names:
            person.active.add(visit.day)
        for step in visit.steps:
            if step.name in MILESTONES:
                day, person = day_of(step.at), found[doing[visit.visitor, step.at]]
                person.seen.add(day)
                person.did[step.name].append((day, step.figure))
    return dict(found)


def staff() -> set[str]:
    """Return the customers who work for the company, which is not asked again here."""
    return {
        customer for (customer,) in ask("select customer_key from core.dim_customer where is_internal = 1")
    }


def customers_of_profiles(source: str, unit: str) -> dict[int, str]:
    """Return the customer of each profile of a unit, by its number in the source; none of them is staff."""
    rows = ask(
        "select identifier_key, customer_key from identity.identity_map where identifier_key like %s",
        f"{source}:{unit}/%",
    )
    assert not staff() & {customer for _, customer in rows}
    return {int(key.rpartition("/")[2]): customer for key, customer in rows}


def customers_of_users(source: str) -> dict[str, str]:
    """Return the customer of each user of a source, by their id there."""
    rows = ask(
        "select identifier_key, customer_key from identity.identity_map where identifier_key like %s",
        f"{source}:%",
    )
    return {key.removeprefix(f"{source}:"): customer for key, customer in rows}
