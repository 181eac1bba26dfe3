"""What one more unit's tracker sees: visits, and what is done in each, second by second.

A unit draws its visits and deeds at once, from a generator of its own; what an event looks like is told when
somebody asks for it. `visits.py` draws the shop's website and the app's first users, whose steps are a
table; here each deed has its own second, because people read and search for as long as they like.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.random import Generator

from include import settings
from include.sandbox.channels.segment.visits import (
    BOTS,
    COOKIE_LIFE,
    LATEST,
    TRACKED_DAYS,
    device_id,
    message_id,
)
from include.sandbox.seasons import DAY, HOUR, draw_seconds
from include.sandbox.trade import Columns
from include.sandbox.world import FUTURE_DAYS, World

Rows = TypeVar("Rows", bound=Columns)
NOBODY = -1
LONGEST_LOOK = 60
"""Seconds that somebody looks at one thing at most."""
HEARTBEAT = 10
"""Seconds between two signs that somebody still reads."""
ORIGINS = (
    ("", "", ""), ("https://www.google.com/", "", ""), ("https://www.facebook.com/", "", ""),
    ("https://coccoc.com/search", "", ""), ("", "share", "referral"),
    ("https://www.google.com/", "google", "cpc"),
)  # fmt: skip
"""Where visits come from: the page before, and the link's utm_source and utm_medium."""
BY_SHARE, BY_ADVERTISEMENT = 4, 5
FROM = (0.45, 0.3, 0.17, 0.08, 0.0, 0.0)


@dataclass
class Stays(Columns):
    """Visits of one unit."""

    user: np.ndarray
    """Number of the person who is signed in, -1 for nobody."""
    device: np.ndarray
    started_at: np.ndarray
    is_bot: np.ndarray
    origin: np.ndarray
    platform: np.ndarray
    """0 phone, 1 computer, 2 tablet of a website; 3 Android, 4 iOS."""
    enters: np.ndarray
    """After how many seconds somebody is signed in: at once, or where the account was made."""

    @classmethod
    def of(
        cls, rng: Generator, device: np.ndarray, started_at: np.ndarray, user: np.ndarray | None = None,
        may_be_bots: bool = False, origin: np.ndarray | None = None, enters: int = 0,
    ) -> "Stays":  # fmt: skip
        """Return visits of DEVICES of a website; of those of nobody known seven in a hundred are bots'.

        Where ORIGIN is -1, and where none is given, it is drawn by the shares of FROM.
        """
        count = len(device)
        user = np.full(count, NOBODY) if user is None else user
        is_bot = (rng.random(count) < BOTS) & (user < 0) if may_be_bots else np.zeros(count, bool)
        came = rng.choice(len(ORIGINS), count, p=FROM)
        return cls(
            user, np.where(is_bot, (1 << 34) + rng.integers(0, 5, count), device), started_at, is_bot,
            came if origin is None else np.where(origin >= 0, origin, came), _platform(device),
            np.full(count, enters),
        )  # fmt: skip


@dataclass
class Deeds(Columns):
    """What is done in visits, in no order."""

    visit: np.ndarray
    step: np.ndarray
    second: np.ndarray
    """Since the visit began."""
    subject: np.ndarray
    """What it is about: a number of a listing, a post, a booking; -1 for nothing."""
    figure: np.ndarray
    """A rank, a count, an amount; -1 for none."""

    @classmethod
    def of(
        cls, visit: np.ndarray, step: int, second: np.ndarray | int, subject: np.ndarray | int = NOBODY,
        figure: np.ndarray | int = NOBODY,
    ) -> "Deeds":  # fmt: skip
        """Return one deed of each visit; a number stands for all of them."""
        count = len(visit)
        wide = (
            np.broadcast_to(np.asarray(each, np.int64), count) for each in (step, second, subject, figure)
        )
        return cls(np.asarray(visit, np.int64), *wide)


@dataclass
class Events(Columns):
    """Events by the time at which they were received."""

    visit: np.ndarray
    step: np.ndarray
    happened_at: np.ndarray
    received_at: np.ndarray
    is_known: np.ndarray
    """Whether the event bears the user's id."""
    subject: np.ndarray
    figure: np.ndarray
    attention: np.ndarray
    """Milliseconds that somebody looked since the event before; 0 where the tracker tells it otherwise."""


def joined(parts: Sequence[Rows]) -> Rows:
    """Return the rows of all parts, which are of one kind."""
    columns = zip(*(vars(part).values() for part in parts), strict=True)
    return type(parts[0])(*(np.concatenate(column) for column in columns))


def together(parts: Sequence[Stays]) -> tuple[Stays, list[np.ndarray]]:
    """Return the visits of all parts as one, and which of them each part's are."""
    ends = np.cumsum([len(part) for part in parts])
    return joined(parts), [np.arange(end - len(part), end) for part, end in zip(parts, ends, strict=True)]


class Tracker:
    """One unit's tracker; a unit's class says what it draws and what its events bear."""

    UNIT: str
    PROJECT: str
    """The name of its place in Segment, which says of what unit an event is."""
    SITE = ""
    STEPS: tuple[tuple[str, str], ...]
    MARK: str
    """What the names of its visits begin with, after that of the website or the app."""
    IS_APP = False
    TELLS_ATTENTION = True
    SHARE: float
    """Of `settings.EVENTS_PER_CUSTOMER`, about, to how many events it comes."""

    def __init__(self, world: World, accounts: Mapping[int, str]) -> None:
        self.world = world
        self.accounts = accounts
        """The ids of the persons who have an account: one serves for all units of the company."""
        self.has_account = np.isin(np.arange(len(world.people)), list(accounts))
        self.rng = world.rng(f"segment {self.UNIT}")
        self.start = world.end + 1 - TRACKED_DAYS * DAY
        self.code = {name: number for number, (_, name) in enumerate(self.STEPS)}
        self.stays: Stays
        self.events: Events

    @property
    def budget(self) -> float:
        """Return how many events are to be drawn, about."""
        days = (TRACKED_DAYS + FUTURE_DAYS) / TRACKED_DAYS
        return self.SHARE * settings.EVENTS_PER_CUSTOMER * self.world.seed[1] * days

    @property
    def days(self) -> int:
        """Return how many days the tracker sees."""
        return (self.world.last + 1 - self.start) // DAY

    def clock(self, day: np.ndarray) -> np.ndarray:
        """Return a time by the hours of people on each DAY since tracking began."""
        return self.start + day * DAY + draw_seconds(self.rng, len(day))

    def signed_in(self, person: np.ndarray) -> np.ndarray:
        """Return the persons, -1 for who has no account."""
        return np.where(self.has_account[person], person, NOBODY)

    def lay(self, stays: Stays, deeds: Sequence[Deeds]) -> None:
        """Make events of deeds.

        What would happen before the tracker was put in, or after the world's end, is left out.
        """
        rng, world = self.rng, self.world
        self.stays = stays
        all_deeds = joined(deeds)
        at = stays.started_at[all_deeds.visit] + all_deeds.second
        all_deeds = all_deeds.take(np.flatnonzero((at >= self.start) & (at <= world.last)))
        all_deeds = all_deeds.take(np.lexsort((all_deeds.step, all_deeds.second, all_deeds.visit)))
        visit, count = all_deeds.visit, len(all_deeds)
        happened_at = stays.started_at[visit] + all_deeds.second
        # a phone without a network sends what it kept within three days
        kept = rng.random(len(stays)) < (0.05 if self.IS_APP else 0.005)
        delay = np.where(kept, rng.integers(HOUR, LATEST, len(stays)), 0)
        received_at = happened_at + rng.integers(0, 15, count) + delay[visit]
        is_known = (stays.user[visit] >= 0) & (all_deeds.second >= stays.enters[visit])
        gap = np.diff(happened_at, prepend=0)
        begins = np.diff(visit, prepend=-1) != 0
        looked = np.where(begins | stays.is_bot[visit], 0, np.minimum(gap, LONGEST_LOOK) * 900)
        events = Events(
            visit, all_deeds.step, happened_at, received_at, is_known, all_deeds.subject, all_deeds.figure,
            looked if self.TELLS_ATTENTION else np.zeros(count, np.int64),
        )  # fmt: skip
        self.events = events.take(np.argsort(received_at, kind="stable"))

    def _epoch(self, device: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Return which of a device's cookies it has: three browsers in ten forget theirs after 45 days."""
        forgets = (device % 10 < 3) & (not self.IS_APP)
        return np.where(forgets, (at - self.start) // COOKIE_LIFE + 1, 0)

    def anonymous_id(self, visit: int) -> str:
        """Return the id of a visit's device, of which a website sees a cookie of its own."""
        device, at = self.stays.device[visit], self.stays.started_at[visit]
        return device_id(int(device), int(self._epoch(device, at)), self.UNIT)

    def session_id(self, visit: int) -> str:
        """Return the tracker's own name of a visit."""
        return f"{'a' if self.IS_APP else 'w'}{self.MARK}{visit}"

    def message_id(self, row: int, number: int) -> str:
        """Return the id of an event; NUMBER counts the events of all trackers."""
        return message_id(number)

    def path(self, row: int) -> str:
        """Return the path of the page on which an event happened."""
        return "/"

    def campaign(self, visit: int) -> dict[str, str]:
        """Return what the link says of itself by which a visit came."""
        _, source, medium = ORIGINS[self.stays.origin[visit]]
        return {"source": source, "medium": medium} if source else {}

    def properties(self, row: int, name: str) -> dict:
        """Return what an event bears."""
        return {}

    def revenue(self, now: int) -> int:
        """Return what the orders come to that were received until NOW."""
        return 0

    def name(self, row: int) -> tuple[str, str]:
        """Return an event's type and name."""
        return self.STEPS[self.events.step[row]]


def _platform(device: np.ndarray) -> np.ndarray:
    """Return what kind of device each is: of a hundred 60 are phones, 35 computers and 5 tablets."""
    lot = device // 10 % 20
    return (lot >= 12).astype(np.int64) + (lot == 19)


def chosen(rng: Generator, rows: np.ndarray, share: float | np.ndarray) -> np.ndarray:
    """Return a SHARE of the rows, drawn apart."""
    return rows[rng.random(len(rows)) < share]


def followed(rng: Generator, among: np.ndarray, count: int) -> np.ndarray:
    """Return COUNT of them in any order; where they are fewer, some twice: on a phone and a computer."""
    drawn = rng.permutation(among)
    return np.resize(drawn, count) if 0 < len(drawn) < count else drawn[:count]


def spread(rng: Generator, count: int, low: float, high: float) -> np.ndarray:
    """Return COUNT whole numbers from LOW to below HIGH, evenly."""
    return rng.integers(int(low), max(int(high), int(low) + 1), count)


def reading(
    rng: Generator, visit: np.ndarray, begins: np.ndarray, beats: np.ndarray, heartbeat: int,
    subject: np.ndarray,
) -> Deeds:  # fmt: skip
    """Return the heartbeats of what is read: as many as BEATS, every ten seconds since it was opened."""
    which = np.repeat(np.arange(len(visit)), beats)
    first = np.cumsum(beats) - beats
    number = np.arange(len(which)) - first[which]
    return Deeds.of(
        visit[which], heartbeat, begins[which] + HEARTBEAT * (1 + number), subject[which]
    )  # fmt: skip
