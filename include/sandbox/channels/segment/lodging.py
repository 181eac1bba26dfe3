"""The home-stay site: guests search, look at homes and book them, and hosts sign up.

A booking that is tracked is one of the database's, and so is its home and its guest; a tracker that is
blocked sees only a part of them.
"""

from collections.abc import Mapping

import numpy as np

from include.sandbox.channels.database import CITIES
from include.sandbox.channels.database import Channel as Database
from include.sandbox.channels.segment.tracker import (
    NOBODY,
    Deeds,
    Stays,
    Tracker,
    chosen,
    spread,
    together,
)
from include.sandbox.channels.segment.visits import PAGE, TRACK
from include.sandbox.people import fold
from include.sandbox.seasons import DAY
from include.sandbox.world import World

EVENTS_A_VISIT = 4.0
BOOKED, SIGNING_UP = 0.25, 0.07
"""Shares of the visits: those that end with a booking, and those that only sign up."""
WANTS = ("homestay {}", "nhà nguyên căn {}", "phòng có hồ bơi {}", "{} gần biển", "{}")
HOPELESS = (
    "lều kính Lý Sơn",
    "du thuyền ngủ đêm",
    "nhà trên cây 12 người",
    "resort cho thú cưng Cù Lao Chàm",
)
"""What nobody offers."""
PER_CITY = len(WANTS) * 2


class Lodging(Tracker):
    """Visits that book, visits that look around, and those who open an account."""

    UNIT, PROJECT, SITE, MARK = "home_stay", "luu_tru_web", "https://luutru.example", "lt"
    STEPS = (
        (PAGE, "Home"), (TRACK, "Signed Up"), (TRACK, "Products Searched"),
        (TRACK, "Product Clicked"), (TRACK, "Product Viewed"), (TRACK, "Product Added"),
        (TRACK, "Checkout Started"), (TRACK, "Order Completed"),
    )  # fmt: skip
    SHARE = 0.13
    TELLS_ATTENTION = False

    def __init__(self, world: World, accounts: Mapping[int, str], database: Database) -> None:
        super().__init__(world, accounts)
        rng, self.database = self.rng, database
        visits = int(self.budget / EVENTS_A_VISIT) + 8
        at = database.requested_at
        tracked = (at > self.start + DAY) & (at <= world.last)
        tracked &= database.guests.created_at[database.guest] < at - DAY // 4
        person = database.guests.person
        # most of those whom the tracker may follow have an account
        booking = rng.permutation(np.flatnonzero(tracked))
        booking = booking[np.argsort(~self.has_account[person[database.guest[booking]]], kind="stable")]
        booking = booking[: int(visits * BOOKED)]
        created_at = database.guests.created_at
        is_host = np.isin(np.arange(len(created_at)), database.host)
        fresh = np.flatnonzero((created_at > self.start + DAY) & (created_at <= world.last))
        # every host who came since, and some of the guests
        fresh = np.concatenate([fresh[is_host[fresh]], rng.permutation(fresh[~is_host[fresh]])])
        fresh = fresh[: int(visits * SIGNING_UP) + 1]
        looking = max(visits - len(booking) - len(fresh), 4)
        looked_at = self.clock(spread(rng, looking, 0, self.days))
        user = rng.integers(0, max(len(created_at), 1), looking)
        is_member = (rng.random(looking) < 0.35) & (created_at[user] < looked_at)
        device = np.where(is_member, (1 << 33) + user, (1 << 32) + spread(rng, looking, 0, looking * 0.7))
        stays, (books, looks, signs_up) = together([
            # the booking is the last thing that is done in its visit
            Stays.of(rng, (1 << 33) + database.guest[booking], at[booking] - 600,
                     self.signed_in(person[database.guest[booking]])),
            Stays.of(rng, device, looked_at, np.where(is_member, self.signed_in(person[user]), NOBODY),
                     may_be_bots=True),
            Stays.of(rng, (1 << 33) + fresh, created_at[fresh] - 90, self.signed_in(person[fresh]),
                     enters=90),
        ])  # fmt: skip
        self.lay(stays, [
            *self._book(books, booking), *self._look(stays, looks),
            Deeds.of(signs_up, self.code["Home"], 0),
            Deeds.of(signs_up, self.code["Signed Up"], 90, figure=is_host[fresh]),
        ])  # fmt: skip

    def _book(self, visit: np.ndarray, booking: np.ndarray) -> list[Deeds]:
        """Return what is done in visits that end with a booking."""
        rng, code, home = self.rng, self.code, self.database.home[booking]
        term = self._term(self.database.city[home])
        is_found = rng.random(len(visit)) < 0.8
        searching, clicked = np.flatnonzero(is_found), 40 + spread(rng, len(visit), 0, 60)
        dwell = 12 + rng.lognormal(np.log(60), 0.6, len(visit)).astype(np.int64) % 240
        rank = np.minimum(rng.geometric(0.4, len(searching)), 20)
        return [
            Deeds.of(visit[searching], code["Products Searched"], 5, term[searching],
                     np.maximum(self._results(term[searching]), rank)),
            Deeds.of(visit[searching], code["Product Clicked"], clicked[searching], home[searching], rank),
            Deeds.of(visit, code["Product Viewed"], clicked + 3, home, dwell),
            Deeds.of(visit, code["Product Added"], 420, home),
            Deeds.of(visit, code["Checkout Started"], 480, home),
            Deeds.of(visit, code["Order Completed"], 600, home, booking),
        ]  # fmt: skip

    def _look(self, stays: Stays, visit: np.ndarray) -> list[Deeds]:
        """Return what is done in visits that end without a booking."""
        rng, code, database = self.rng, self.code, self.database
        homes = len(database.host)
        bots, visit = visit[stays.is_bot[visit]], visit[~stays.is_bot[visit]]
        searching = chosen(rng, visit, 0.8)
        browsing = np.setdiff1d(visit, searching)
        fails = rng.random(len(searching)) < 0.08
        term = self._term(rng.integers(0, len(CITIES), len(searching)))
        term = np.where(fails, len(CITIES) * PER_CITY + rng.integers(0, len(HOPELESS), len(searching)), term)
        found = self._results(term)
        # who finds nothing, or not the right thing, searches once more
        again = np.flatnonzero(rng.random(len(searching)) < np.where(found == 0, 0.5, 0.2))
        other = self._term(rng.integers(0, len(CITIES), len(again)))
        late = np.zeros(len(searching), np.int64)
        late[again] = 45
        results = found.copy()
        results[again] = self._results(other)
        clicks = np.flatnonzero((results > 0) & (rng.random(len(searching)) < 0.62))
        home, rank = self._listed(stays.started_at[searching[clicks]]), rng.geometric(0.33, len(clicks))
        rank = np.minimum(rank, results[clicks])
        looked = np.concatenate([searching[clicks], browsing])
        shown = np.concatenate([home, self._listed(stays.started_at[browsing])])
        begin = np.concatenate([late[clicks] + 32, np.full(len(browsing), 10)])
        # a good place in the list is no promise: four in ten are left at once
        dwell = np.where(
            rng.random(len(looked)) < 0.36, rng.integers(2, 10, len(looked)),
            10 + rng.exponential(45, len(looked)).astype(np.int64),
        )  # fmt: skip
        stays_on = np.flatnonzero((dwell >= 10) & (rng.random(len(looked)) < 0.24))
        checks = stays_on[rng.random(len(stays_on)) < 0.4]
        if not homes:
            looked = stays_on = checks = looked[:0]
        return [
            Deeds.of(bots, code["Home"], 0),
            Deeds.of(browsing, code["Home"], 0),
            Deeds.of(searching, code["Products Searched"], 4, term, found),
            Deeds.of(searching[again], code["Products Searched"], 49, other, self._results(other)),
            Deeds.of(searching[clicks], code["Product Clicked"], late[clicks] + 30, home, rank),
            Deeds.of(looked, code["Product Viewed"], begin, shown, dwell),
            Deeds.of(looked[stays_on], code["Product Added"], begin[stays_on] + dwell[stays_on] + 5,
                     shown[stays_on]),
            Deeds.of(looked[checks], code["Checkout Started"], begin[checks] + dwell[checks] + 70,
                     shown[checks]),
        ]  # fmt: skip

    def _listed(self, at: np.ndarray) -> np.ndarray:
        """Return a home that was listed at each time; the first one where none was."""
        by_time = np.argsort(self.database.listed_at, kind="stable")
        there = np.searchsorted(self.database.listed_at[by_time], at)
        return by_time[(self.rng.random(len(at)) * there).astype(np.int64)]

    def _term(self, city: np.ndarray) -> np.ndarray:
        """Return the number of a search for a home in each city, with accents or without."""
        rng = self.rng
        want, plain = rng.integers(0, len(WANTS), len(city)), rng.random(len(city)) < 0.4
        return city * PER_CITY + want * 2 + plain

    def _results(self, term: np.ndarray) -> np.ndarray:
        """Return how many homes a search finds: what is written without accents finds fewer."""
        city, rest = np.minimum(term // PER_CITY, len(CITIES) - 1), term % PER_CITY
        homes = np.bincount(self.database.city, minlength=len(CITIES))[city]
        found = homes * np.where(rest // 2 == len(WANTS) - 1, 1.0, 0.5) * np.where(rest % 2, 0.6, 1)
        return np.where(term >= len(CITIES) * PER_CITY, 0, found.astype(np.int64))

    def revenue(self, now: int) -> int:
        """Return what the bookings come to whose events were received until NOW."""
        events = self.events
        is_booked = (events.step == self.code["Order Completed"]) & (events.received_at <= now)
        return int(self.database.amount[events.figure[is_booked]].sum())

    def path(self, row: int) -> str:
        """Return the path of the page on which an event happened."""
        name, subject = self.name(row)[1], int(self.events.subject[row])
        if name == "Products Searched":
            return "/tim-kiem"
        return f"/nha/{subject + 1}" if subject >= 0 else "/"

    def properties(self, row: int, name: str) -> dict:
        """Return what an event bears: homes and bookings by the warehouse's names of them."""
        subject, figure = int(self.events.subject[row]), int(self.events.figure[row])
        if name == "Products Searched":
            return {"query": _words(subject), "results": figure}
        if name == "Signed Up":
            return {"role": "host" if figure else "guest"}
        if subject < 0:
            return {}
        told: dict[str, object] = {"listing_id": f"home_stay/{subject + 1}"}
        if name == "Product Clicked":
            told["position"] = figure
        if name == "Product Viewed":
            told["engagement_time_msec"] = figure * 1000
        if name == "Order Completed":
            told |= {
                "order_id": f"home_stay/{figure + 1}", "revenue": int(self.database.amount[figure]),
                "currency": "VND",
            }  # fmt: skip
        return told


def _words(term: int) -> str:
    """Return what somebody writes into the search."""
    city, rest = divmod(term, PER_CITY)
    if city >= len(CITIES):
        return HOPELESS[rest % len(HOPELESS)]
    text = WANTS[rest // 2].format(CITIES[city])
    return fold(text).lower() if rest % 2 else text
