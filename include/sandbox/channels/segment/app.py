"""The habit app since its makers look at new users: installs, days on which habits are kept, purchases.

Who installs comes often on the first days and ever less after; a few pay, most of them weeks later, and
few are given their money back. Users whom `visits.py` knows from before pay and rate, too.
"""

from collections.abc import Mapping

import numpy as np

from include.sandbox.channels.segment.tracker import (
    NOBODY,
    Deeds,
    Stays,
    Tracker,
    chosen,
    spread,
    together,
)
from include.sandbox.channels.segment.visits import APP, TRACK, Visits, device_id
from include.sandbox.seasons import DAY, HOUR
from include.sandbox.world import World

EVENTS_AN_INSTALL = 20.0
RETURNS, WEARS_OFF, LONGEST = 0.42, 0.5, 120
"""The share that comes back on the day after, how fast it falls, and for how many days it is drawn."""
SIGNS_UP, PAYS, PAYS_AGAIN, REFUNDED = 0.62, 0.045, 0.45, 0.06
PRICES = (49_000, 99_000, 199_000, 399_000)
"""Dong: a theme, a month, a quarter, a year."""
REMOVES = 0.5


class App(Tracker):
    """New users from their install on, and what the older ones buy and say."""

    UNIT, PROJECT, MARK = "habit_app", "thoi_quen_app", "n"
    STEPS = (
        (TRACK, "Application Installed"), (TRACK, "Application Opened"), (TRACK, "Signed Up"),
        (TRACK, "Habit Completed"), (TRACK, "In-App Purchase"), (TRACK, "Purchase Refunded"),
        (TRACK, "Rating Prompted"), (TRACK, "Rating Prompt Clicked"), (TRACK, "Application Uninstalled"),
    )  # fmt: skip
    IS_APP = True
    SHARE = 0.14

    def __init__(self, world: World, accounts: Mapping[int, str], visits: Visits) -> None:
        super().__init__(world, accounts)
        rng, code = self.rng, self.code
        old = visits.sessions.take(np.flatnonzero(visits.sessions.unit == APP))
        device, user, install_at = self._installs(visits, old.user)
        install = np.arange(len(device))
        mood = np.where(user >= 0, world.satisfaction.mean[user], 58)
        row, day = (grid.ravel() for grid in np.meshgrid(install, np.arange(1, LONGEST), indexing="ij"))
        often = (
            RETURNS / day**WEARS_OFF * (0.5 + mood[row] / 124) * (0.6 + 0.8 * rng.random(len(install)))[row]
        )
        comes = rng.random(len(row)) < often
        row, day = row[comes], day[comes]
        # at an hour of their own on a day after that of the install
        back_at = install_at[row] + day * DAY + spread(rng, len(row), -6 * HOUR, 6 * HOUR)

        first, at_first = np.unique(old.device, return_index=True)
        all_devices = np.concatenate([device, first])
        all_users = np.concatenate([user, self._person(visits, old.user[at_first])])
        since = np.concatenate([install_at, old.started_at[at_first]])
        buyers = chosen(rng, np.arange(len(all_devices)), PAYS)
        bought_at = since[buyers] + (rng.lognormal(np.log(9 * DAY), 1.1, len(buyers))).astype(np.int64) + HOUR
        again = chosen(rng, np.arange(len(buyers)), PAYS_AGAIN)
        buyers = np.concatenate([buyers, buyers[again]])
        bought_at = np.concatenate(
            [bought_at, bought_at[again] + spread(rng, len(again), 20 * DAY, 40 * DAY)]
        )
        last_at = install_at.copy()
        np.maximum.at(last_at, row, back_at)
        removed = chosen(rng, install, REMOVES)

        def of(devices: np.ndarray, at: np.ndarray, users: np.ndarray, enters: int = 1) -> Stays:
            made = Stays.of(rng, devices, at, users, enters=enters)
            made.platform = np.where(devices % 100 < 68, 3, 4)
            return made

        refunded = chosen(rng, np.arange(len(buyers)), REFUNDED)
        parts = [
            of(device, install_at, user, enters=60),
            of(device[row], back_at, user[row]),
            of(all_devices[buyers], bought_at, all_users[buyers]),
            of(all_devices[buyers[refunded]], bought_at[refunded] + spread(rng, len(refunded), DAY, 9 * DAY),
               all_users[buyers[refunded]]),
            of(device[removed], last_at[removed] + spread(rng, len(removed), 2 * HOUR, 12 * DAY),
               user[removed]),
        ]  # fmt: skip
        stays, (new, back, buying, giving_back, removing) = together(parts)
        price = np.array(PRICES)[rng.choice(len(PRICES), len(buyers), p=[0.4, 0.35, 0.15, 0.1])]
        opened = np.concatenate([new, back, buying])
        signs_up = (user >= 0) | (rng.random(len(new)) < SIGNS_UP)
        keeps = chosen(rng, back, 0.72)
        first_try = chosen(rng, new, 0.6)
        prompted = chosen(rng, back[day >= 3], 0.1)
        pressed = chosen(rng, prompted, 0.22)
        self.lay(stays, [
            Deeds.of(new, code["Application Installed"], 0), Deeds.of(opened, code["Application Opened"], 2),
            # who wants to stay unknown makes an account without a name, and its events bear no id
            Deeds.of(new[signs_up], code["Signed Up"], 61),
            Deeds.of(first_try, code["Habit Completed"], spread(rng, len(first_try), 80, 300)),
            Deeds.of(keeps, code["Habit Completed"], spread(rng, len(keeps), 8, 120)),
            Deeds.of(buying, code["In-App Purchase"], 45, np.arange(len(buyers)), price),
            Deeds.of(giving_back, code["Purchase Refunded"], 0, refunded, price[refunded]),
            Deeds.of(prompted, code["Rating Prompted"], 130),
            Deeds.of(pressed, code["Rating Prompt Clicked"], 137),
            Deeds.of(removing, code["Application Uninstalled"], 0),
        ])  # fmt: skip

    def _installs(self, visits: Visits, known: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return device, person (-1 for who makes no account) and time of new installs.

        Who makes one joined since tracking began and was not seen yet.
        """
        rng, users = self.rng, visits.users
        count = int(self.budget / EVENTS_AN_INSTALL) + 4
        fresh = (users.created_at > self.start + DAY) & ~np.isin(np.arange(len(users)), known)
        fresh &= self.has_account[users.person]
        fresh = rng.permutation(np.flatnonzero(fresh))[: int(count * SIGNS_UP)]
        strangers = count - len(fresh)
        user = np.concatenate([fresh, np.full(strangers, NOBODY)])
        at = np.concatenate([
            users.created_at[fresh] - 61, self.clock(spread(rng, strangers, 0, self.days)),
        ])  # fmt: skip
        device = np.where(user >= 0, (1 << 35) + user, (1 << 38) + np.arange(count))
        return device, self._person(visits, user), at

    def _person(self, visits: Visits, user: np.ndarray) -> np.ndarray:
        """Return who each of the app's users is, -1 for nobody and for who has no account."""
        return np.where(user >= 0, self.signed_in(visits.users.person[np.maximum(user, 0)]), NOBODY)

    def anonymous_id(self, visit: int) -> str:
        """Return the id of a visit's device, the one by which the app has always known it."""
        return device_id(int(self.stays.device[visit]))

    def properties(self, row: int, name: str) -> dict:
        """Return what an event bears."""
        if name not in ("In-App Purchase", "Purchase Refunded"):
            return {}
        purchase, amount = int(self.events.subject[row]), int(self.events.figure[row])
        return {"order_id": f"GPA.3{purchase:06d}", "amount": amount, "currency": "VND"}
