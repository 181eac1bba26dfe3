"""What is shared by those who tell metrics once more: visits, orders, periods, and what is published."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from include.sandbox.channels import app_store, google_play
from include.sandbox.channels.ad_spend import ACCOUNTS
from include.sandbox.channels.segment import ORDER_ID, REFERRERS
from include.sandbox.channels.segment.tracker import ORIGINS
from include.sandbox.channels.segment.visits import STEPS
from include.sandbox.channels.typeform import FORMS, SHOWN_LATE, _token
from include.sandbox.channels.zendesk import USER_ID
from include.sandbox.seasons import VIETNAM
from include.sandbox.stage import Stage
from include.sandbox.trade import COD, POS
from include.sandbox.vocabulary import AD_CAMPAIGNS
from tests.databases import ask

PAUSE, HOUR, DAY = 30 * 60, 3600, 86400
SHOP = "shop_online"
WAYS = ("website", "app_android", "app_ios", "facebook", "counter")
"""Where orders are placed, as the warehouse names it."""
MONTHS = {"month": 1, "quarter": 3, "year": 12}
"""How long the periods are that are no shorter."""
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
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return date(day.year, (day.month - 1) // MONTHS[grain] * MONTHS[grain] + 1, 1)


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
    came_by: str = ""
    """Where its visitor comes from, as it says: the channel of an advertisement, or the page before."""


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
            campaign, origin = tracker.campaign(visit), int(stays.origin[visit])
            found.append(Step(
                int(events.happened_at[row]), tracker.anonymous_id(visit), name, kind in ("page", "screen"),
                bool(stays.is_bot[visit]), "", int(events.subject[row]), int(events.figure[row]),
                origin, campaign.get("name", ""),
                (told["ad_pixels"], told["viewport_pixels"]) if "ad_pixels" in told else None,
                campaign.get("medium", "") or ORIGINS[origin][0],
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
            campaign = int(sessions.campaign[session])
            before = REFERRERS[session % len(REFERRERS)] if name == "Home" else ""
            looked_at = segment.product(session) if name == "Product Viewed" else -1
            found.append(Step(
                int(events.happened_at[row]), segment.anonymous_id(session), name, kind in ("page", "screen"),
                bool(sessions.is_bot[session]), order, looked_at,
                came_by=AD_CAMPAIGNS[campaign][0] if campaign >= 0 else before,
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


@dataclass(frozen=True)
class Order:
    """An order as its shop shows it now."""

    row: int
    customer: str
    at: int
    channel: str
    status: str
    is_counted: bool
    is_paid: bool
    """Whether it is paid; on delivery it is once it is delivered."""
    goods: int
    """What the merchandise costs after discounts."""
    refunded: int
    """What of it was given back."""
    refunded_at: int
    """When it was given back, if it was."""
    lines: tuple[tuple[int, int], ...]
    """Number of the product of each line, and what the line costs after its discount."""

    @property
    def number(self) -> str:
        """Return the id by which the shop knows it."""
        return str(ORDER_ID + self.row)

    @property
    def day(self) -> date:
        """Return the day on which it was placed."""
        return day_of(self.at)

    @property
    def amount(self) -> int:
        """Return what is left of the merchandise."""
        return self.goods - self.refunded


def orders_of(stage: Stage) -> list[Order]:
    """Return the shop's orders by time; those of staff, cancelled ones and failed ones do not count."""
    world, book, now = stage.world, stage.channels["haravan"].book, stage.now
    orders, customers, own_people = world.orders, customers_of_orders("haravan"), staff()
    lines: dict[int, list[tuple[int, int]]] = defaultdict(list)
    columns = (world.order_lines.order, world.order_lines.product, world.order_lines.net)
    for row, product, net in zip(*(column.tolist() for column in columns), strict=True):
        lines[row].append((product, net))
    found = []
    for row in range(len(orders)):
        if orders.created_at[row] > now:
            continue
        customer, source = customers[str(ORDER_ID + row)], int(orders.source[row])
        refunded = int(book.refunded[row]) if orders.refunded_at[row] <= now else 0
        is_cancelled = orders.cancelled_at[row] <= now
        is_here = source == POS or orders.delivered_at[row] <= now
        status = "delivered" if is_here else "open"
        if is_cancelled:
            status = "failed" if orders.returned_at[row] <= now else "cancelled"
        elif refunded == book.subtotal[row]:
            status = "returned"
        found.append(Order(
            row, customer, int(orders.created_at[row]), WAYS[source], status,
            not is_cancelled and customer not in own_people,
            bool(is_here if orders.gateway[row] == COD else orders.paid_at[row] <= now),
            int(book.subtotal[row]), refunded, int(orders.refunded_at[row]), tuple(lines[row]),
        ))  # fmt: skip
    return found


@dataclass(frozen=True)
class Stay:
    """A booking of the home-stay site as it stands now."""

    number: int
    home: int
    guest: str | None
    host: str | None
    requested_at: int
    paid_at: int | None
    completed_at: int | None
    is_counted: bool
    is_cancelled: bool
    is_fraud: bool
    nights: int
    amount: int

    @property
    def requested(self) -> date:
        """Return the day on which it was asked for."""
        return day_of(self.requested_at)

    @property
    def completed(self) -> date | None:
        """Return the day on which it was over, if it is."""
        return day_of(self.completed_at) if self.completed_at else None


def stays_of(stage: Stage) -> list[Stay]:
    """Return the home-stay site's bookings; cancelled and declined ones do not count."""
    site, now, found = stage.channels["database"], stage.now, []
    customers = customers_of_profiles("database", "home_stay")

    def past(at: int) -> int | None:
        return int(at) if at <= now else None

    for number in range(len(site.home)):
        if site.requested_at[number] > now:
            continue
        is_cancelled = bool(site.cancelled_at[number] <= now)
        is_declined = not site.is_accepted[number] and site.responded_at[number] <= now
        home = int(site.home[number])
        found.append(Stay(
            number, home, customers.get(1 + int(site.guest[number])), customers.get(1 + int(site.host[home])),
            int(site.requested_at[number]), past(site.paid_at[number]), past(site.completed_at[number]),
            not is_cancelled and not is_declined, is_cancelled, bool(site.is_fraud[number]),
            int(site.nights[number]), int(site.amount[number]),
        ))  # fmt: skip
    return found


def contacts_of(stage: Stage, orders: Iterable[Order]) -> set[tuple[str, date]]:
    """Return on which days each of the shop's customers orders, is paid back, writes to it or answers it."""
    found, own_people, now = set(), staff(), stage.now
    for order in orders:
        if order.is_counted:
            found.add((order.customer, order.day))
            if order.refunded:
                found.add((order.customer, day_of(order.refunded_at)))
    tickets, desk = stage.world.tickets, stage.channels["zendesk"]
    requesters = customers_of_users("zendesk")
    for times in (tickets.opened_at, tickets.rated_at):
        for ticket in (times <= now).nonzero()[0].tolist():
            user = desk._user_of[int(tickets.person[ticket])]
            found.add((requesters[str(USER_ID + user)], day_of(int(times[ticket]))))
    survey = stage.channels["typeform"]
    answering = customers_of_users("typeform")
    for row in (survey._submitted_at <= now - SHOWN_LATE).nonzero()[0].tolist():
        # whoever answers without a phone is nobody known
        who = answering.get(f"person:{list(FORMS)[survey._form[row]]}/{_token(row)}", "unknown")
        found.add((who, day_of(int(survey._submitted_at[row]))))
    return {(who, day) for who, day in found if who not in own_people and who != "unknown"}


def customers_of_orders(source: str) -> dict[str, str]:
    """Return the customer of each order, unknown where it is nobody known, which is not asked again here."""
    return dict(ask("select order_id, customer_key from core.fct_orders where source_key = %s", source))


def customers_of_visits() -> dict[tuple[str, int], str]:
    """Return the customer of each visit of somebody known, which is not asked again here."""
    rows = ask(
        "select visitor_key, started_at, customer_key from core.fct_sessions where customer_key <> 'unknown'"
    )
    return {(visitor, int(at.timestamp())): customer for visitor, at, customer in rows}


def customers_of_devices() -> dict[str, str]:
    """Return the customer of each device that is somebody's known, which is not asked again here."""
    return dict(ask("select visitor_key, customer_key from core.dim_visitor where customer_key <> 'unknown'"))


def spent_on_ads(stage: Stage, unit: str, but: Collection[str] = ()) -> dict[str, dict[date, int]]:
    """Return what a unit's campaigns BUT some cost by channel and day, as the platforms show it now."""
    advertising, found = stage.channels["ad_spend"], {}
    for name, platform in advertising.platforms.items():
        is_there = advertising.shelves[f"{name}_days"].updated_at.reshape(platform.spend.shape) > 0
        own = found[f"{name}_ads"] = defaultdict(int)
        for number, (campaign, _, account) in enumerate(platform.campaigns):
            if account == ACCOUNTS[name].get(unit) and campaign not in but:
                for day in is_there[:, number].nonzero()[0].tolist():
                    own[day_of(stage.world.start + day * DAY)] += int(platform.shown_spend[day, number])
    return found


def spent_by_month(stage: Stage, unit: str) -> dict[date, int]:
    """Return what a unit's campaigns cost by month."""
    found: dict[date, int] = defaultdict(int)
    for days in spent_on_ads(stage, unit).values():
        for day, amount in days.items():
            found[start_of(day)] += amount
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
