"""Who visits the shop's website and opens the habit app, and every step that they take there.

Steps are columns of a table with a row per session: what is taken in a session is true in its row.
Everything is drawn at once and kept as small numbers, so that millions of events fit into memory;
what an event looks like is told when somebody asks for it.
"""

import zlib
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.random import Generator

from include import settings
from include.sandbox.channels.haravan.orders import VARIANT_ID
from include.sandbox.people import Profiles, write_profiles
from include.sandbox.seasons import DAY, HOUR, day_weights, draw_times
from include.sandbox.trade import Columns
from include.sandbox.vocabulary import AD_CAMPAIGNS
from include.sandbox.world import FUTURE_DAYS, World

TRACKED_DAYS = 180
"""How long before the end of history the tracker was put in."""
COOKIE_LIFE = 45 * DAY
WEB, APP = 0, 1
SHARES, EVENTS_A_SESSION = (0.6, 0.4), (5.2, 5.0)
"""Of the events, per unit; and how many a session has."""
MIXERS = (0x9E3779B97F4A7C15F39CC0605CEDC835, 0xC2B2AE3D27D4EB4F165667B1)
"""Make ids of numbers."""
KIOSK, KIOSKS, ON_KIOSK = (1 << 37) + 5, 3, 0.03
"""The tablets at the counters: the first one's number, how many there are, and the share of the known visits
that are made on one of them."""
BOTS, LONGEST_GAP, LATEST = 0.07, 600, 3 * DAY - HOUR
PAGE, TRACK, SCREEN, IDENTIFY = "page", "track", "screen", "identify"
STEPS = (
    (PAGE, "Home"), (IDENTIFY, ""), (TRACK, "Experiment Viewed"), (TRACK, "Products Searched"),
    (TRACK, "Product List Viewed"), (TRACK, "Product Clicked"), (PAGE, "Product"),
    (TRACK, "Product Viewed"), (TRACK, "Product Added"), (TRACK, "Cart Viewed"),
    (TRACK, "Checkout Started"), (TRACK, "Payment Info Entered"), (TRACK, "Order Completed"),
    (TRACK, "Application Installed"), (TRACK, "Application Opened"), (SCREEN, "Today"),
    (TRACK, "Habit Completed"), (SCREEN, "Habit"), (TRACK, "Habit Created"), (SCREEN, "Progress"),
    (TRACK, "Invite Sent"), (TRACK, "Application Backgrounded"),
)  # fmt: skip
"""Types and names of the events that there are."""
CODE_OF = {name: code for code, (_, name) in enumerate(STEPS)}
IS_IDENTIFY, ORDERED = CODE_OF[""], CODE_OF["Order Completed"]

Rows = TypeVar("Rows", bound=Columns)


@dataclass
class Sessions(Columns):
    """Visits of the website and of the app."""

    unit: np.ndarray
    user: np.ndarray
    """Number of the account or of the app's user, -1 where nobody signs in."""
    device: np.ndarray
    started_at: np.ndarray
    is_bot: np.ndarray
    is_signed_in: np.ndarray
    """Whether the device still knew who it was; else it learns it from an identify call."""
    campaign: np.ndarray
    """Number of the advertisement that brought the visit, -1 for none."""
    platform: np.ndarray
    """0 phone, 1 computer, 2 tablet of the website; 3 Android, 4 iOS."""
    order: np.ndarray


@dataclass
class Events(Columns):
    """Events by the time at which they were received."""

    session: np.ndarray
    step: np.ndarray
    happened_at: np.ndarray
    received_at: np.ndarray
    is_known: np.ndarray
    """Whether the event bears the user's id."""


class Visits:
    """All sessions and events, and who the app's users are."""

    def __init__(self, rng: Generator, world: World) -> None:
        self.world = world
        self.start = world.end + 1 - TRACKED_DAYS * DAY
        days = TRACKED_DAYS + FUTURE_DAYS
        first = np.datetime64(self.start + 7 * HOUR, "s").astype("datetime64[D]").item()
        self._weights = day_weights(first, days)
        users = world.audience("habit_app", 0.3)
        joined = world.start + rng.integers(0, world.last - world.start - DAY, len(users))
        self.users: Profiles = write_profiles(rng, world.people, users, joined)
        total = settings.EVENTS_PER_CUSTOMER * world.seed[1] * days / TRACKED_DAYS
        counts = [int(total * SHARES[unit] / EVENTS_A_SESSION[unit]) + 20 for unit in (WEB, APP)]
        web, app = self._web(rng, counts[WEB]), self._app(rng, counts[APP])
        parts = self._events(rng, *web, 0), self._events(rng, *app, counts[WEB])
        self.sessions = _joined(web[0], app[0])
        events = _joined(*parts)
        self.events = events.take(np.argsort(events.received_at, kind="stable"))

    def _starts(self, rng: Generator, count: int) -> np.ndarray:
        return draw_times(rng, self._weights, self.start, np.zeros(count, np.int64))

    def _web(self, rng: Generator, count: int) -> tuple[Sessions, np.ndarray, np.ndarray]:
        """Return the website's sessions, which steps each takes, and the steps' codes."""
        world = self.world
        accounts, orders = world.accounts, world.orders
        started_at = self._starts(rng, count)
        is_bot = rng.random(count) < BOTS
        user = rng.integers(0, len(accounts), count)
        knows = (rng.random(count) < 0.55) & (accounts.created_at[user] <= started_at) & ~is_bot
        user = np.where(knows, user, -1)
        # one visit in thirty buys; a tracker that is blocked sees only a part of the orders
        bought = np.flatnonzero((orders.created_at >= self.start + DAY) & (orders.source == 0))
        bought = rng.permutation(bought)[: count // 30]
        buying = np.flatnonzero(~is_bot)[: len(bought)]
        bought = bought[: len(buying)]
        order = np.full(count, -1)
        order[buying] = bought
        user[buying] = world.order_account[bought]
        # at a counter whoever comes signs in on the same tablet, which never forgets its cookie
        at_kiosk = (user >= 0) & (np.arange(count) * 2_654_435_761 % 1000 < 1000 * ON_KIOSK)
        is_signed_in = (user >= 0) & (rng.random(count) < 0.75) & ~at_kiosk

        chance = rng.random((count, 9))
        buys = order >= 0
        views = buys | (chance[:, 0] < 0.75)
        again = (views & (chance[:, 1] < 0.4)) & ~buys
        adds = buys | (views & (chance[:, 2] < 0.22))
        checks = buys | (adds & (chance[:, 3] < 0.4))
        searches, clicks = chance[:, 4] < 0.25, views & (chance[:, 5] < 0.3)
        taken = {
            "Home": np.ones(count, bool), "": (user >= 0) & ~is_signed_in,
            "Experiment Viewed": chance[:, 6] < 0.3, "Products Searched": searches,
            "Product List Viewed": chance[:, 7] < 0.6, "Product Clicked": clicks, "Product": views,
            "Product Viewed": views, "Product Added": adds, "Cart Viewed": adds,
            "Checkout Started": checks, "Payment Info Entered": buys | (checks & (chance[:, 8] < 0.5)),
            "Order Completed": buys,
        }  # fmt: skip
        names = [*taken]
        names[8:8] = ["Product", "Product Viewed"]
        columns = [taken[name] for name in names]
        columns[8], columns[9] = again, again
        steps = np.stack(columns, axis=1)
        # a bot opens pages and nothing else
        pages = np.array([name in ("Home", "Product") for name in names])
        steps[is_bot] = pages
        codes = np.array([CODE_OF[name] for name in names])

        person = np.where(user >= 0, accounts.person[np.maximum(user, 0)], -1)
        shared = person % 50 < 3
        home = np.where(shared, person // 4 * 4, person)
        stranger = (1 << 32) + rng.integers(0, max(count, 4), count)
        device = np.where(person >= 0, home * 2 + (rng.random(count) < 0.4), stranger)
        device = np.where(at_kiosk, KIOSK + np.arange(count) % KIOSKS, device)
        device = np.where(is_bot, (1 << 34) + rng.integers(0, 5, count), device)
        paid = np.array([share if unit == "shop_online" else 0 for *_, unit, share in AD_CAMPAIGNS])
        campaign = rng.choice(len(AD_CAMPAIGNS), count, p=paid / paid.sum())
        campaign = np.where((rng.random(count) < 0.35) & ~is_bot, campaign, -1)
        platform = np.where(at_kiosk, 2, rng.choice(3, count, p=[0.62, 0.33, 0.05]))
        sessions = Sessions(
            np.zeros(count, np.int8), user, device, started_at, is_bot, is_signed_in, campaign, platform,
            order,
        )  # fmt: skip
        return sessions, steps, codes

    def _app(self, rng: Generator, count: int) -> tuple[Sessions, np.ndarray, np.ndarray]:
        """Return the app's sessions, which steps each takes, and the steps' codes."""
        users, started_at = self.users, np.sort(self._starts(rng, count))
        user = rng.integers(0, max(len(users), 1), count)
        user = np.where(users.created_at[user] <= started_at, user, -1)
        stranger = (1 << 33) + rng.integers(0, max(count // 3, 4), count)
        person = np.where(user >= 0, users.person[np.maximum(user, 0)], -1)
        device = np.where(user >= 0, (1 << 35) + user, stranger)
        # four in a hundred play on the tablet of somebody in the family
        device = np.where((user >= 0) & (person % 25 == 0), (1 << 36) + person // 100, device)
        _, first = np.unique(device, return_index=True)
        is_first = np.zeros(count, bool)
        is_first[first] = True
        _, first = np.unique(user, return_index=True)
        signs_in = np.zeros(count, bool)
        signs_in[first] = True
        signs_in &= user >= 0
        mood = np.where(person >= 0, self.world.satisfaction.mean[np.maximum(person, 0)], 45)
        chance = rng.random((count, 6))
        columns = {
            "Application Installed": is_first, "Application Opened": np.ones(count, bool), "": signs_in,
            "Today": chance[:, 0] < 0.95, "Habit Completed": chance[:, 1] < 0.3 + mood / 150,
            "Habit": chance[:, 2] < 0.35, "Habit Created": chance[:, 3] < 0.12,
            "Progress": chance[:, 4] < 0.3, "Invite Sent": chance[:, 5] < mood / 2500,
            "Application Backgrounded": np.ones(count, bool),
        }  # fmt: skip
        codes = np.array([CODE_OF[name] for name in columns])
        sessions = Sessions(
            np.ones(count, np.int8), user, device, started_at, np.zeros(count, bool),
            (user >= 0) & ~signs_in, np.full(count, -1), np.where(device % 100 < 68, 3, 4),
            np.full(count, -1),
        )  # fmt: skip
        return sessions, np.stack(list(columns.values()), axis=1), codes

    def _events(
        self, rng: Generator, sessions: Sessions, taken: np.ndarray, codes: np.ndarray, offset: int
    ) -> Events:
        """Return the steps of sessions as events: most are received at once, some days later."""
        session, column = np.nonzero(taken)
        count = len(session)
        gap = np.minimum(3 + rng.exponential(40, count), LONGEST_GAP).astype(np.int64)
        gap = np.where(sessions.is_bot[session], 1, gap)
        first = np.searchsorted(session, np.arange(len(sessions)))
        gap[first] = 0
        run = np.cumsum(gap)
        happened_at = sessions.started_at[session] + run - run[first[session]]
        # a visit that buys ends with its order
        last = np.append(first[1:], count) - 1
        buys = sessions.order >= 0
        ends = self.world.orders.created_at[np.maximum(sessions.order, 0)]
        shift = np.where(buys, ends - happened_at[last], 0)
        happened_at += shift[session]
        sessions.started_at = sessions.started_at + shift
        # a phone without a network sends what it kept within three days
        kept = rng.random(len(sessions)) < np.where(sessions.unit == APP, 0.05, 0.005)
        delay = np.where(kept, rng.integers(HOUR, LATEST, len(sessions)), 0)
        received_at = happened_at + rng.integers(0, 15, count) + delay[session]
        code = codes[column]
        signing = np.zeros(len(sessions), bool)
        signing[session[code == IS_IDENTIFY]] = True
        at = np.where(signing[session], column - np.flatnonzero(codes == IS_IDENTIFY)[0], 0)
        is_known = (sessions.user[session] >= 0) & (at >= 0)
        return Events(
            (session + offset).astype(np.int32), code.astype(np.int8), happened_at, received_at, is_known
        )

    def anonymous_id(self, session: int) -> str:
        """Return the id of a session's device: three browsers in ten forget theirs after 45 days."""
        sessions = self.sessions
        device = int(sessions.device[session])
        forgets = sessions.unit[session] == WEB and device % 10 < 3
        epoch = int(sessions.started_at[session] - self.start) // COOKIE_LIFE if forgets else 0
        return device_id(device, epoch)

    def product(self, session: int) -> int:
        """Return the number of the product that a session is about."""
        # every other visit comes back to what this device has looked at before
        looked_at = int(self.sessions.device[session]) if session % 2 else session
        return looked_at * 7919 % len(self.world.products)


def product_properties(world: World, number: int) -> dict:
    """Return what the website's tracker tells of a product."""
    product = world.products[number]
    return {
        "product_id": str(VARIANT_ID + number), "sku": product.sku, "name": product.title,
        "category": product.category, "price": product.price, "currency": "VND",
    }  # fmt: skip


def device_id(device: int, epoch: int = 0, unit: str = "") -> str:
    """Return the id that a tracker gives a device: in each EPOCH another, and in each UNIT."""
    mixed = (device * MIXERS[0] + (epoch + (zlib.crc32(unit.encode()) << 8)) * MIXERS[1]) % (1 << 128)
    text = f"{mixed:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def message_id(number: int) -> str:
    """Return the id of an event, whose NUMBER counts those of all trackers."""
    return f"msg-{number * 2654435761 % (1 << 32):08x}-{number:x}"


_drawn: dict[object, Visits] = {}


def visits_of(world: World) -> Visits:
    """Return the visits of a world, drawn once for all channels that see them; the last world's are kept."""
    key = (world.seed, settings.EVENTS_PER_CUSTOMER)
    if key not in _drawn:
        _drawn.clear()
        _drawn[key] = Visits(world.rng("segment"), world)
    return _drawn[key]


def _joined(first: Rows, second: Rows) -> Rows:
    """Return the rows of both."""
    pairs = zip(vars(first).values(), vars(second).values(), strict=True)
    return type(first)(*(np.concatenate(pair) for pair in pairs))
