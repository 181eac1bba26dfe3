"""The sales software's website and application: who looks at it, tries it, and sells with it day by day.

Its users are Stripe's customers, and use it while they subscribe: often at first, less later, and the more
the happier they are.
"""

from collections.abc import Mapping

import numpy as np

from include.sandbox.channels.segment.tracker import (
    BY_ADVERTISEMENT,
    Deeds,
    Stays,
    Tracker,
    chosen,
    followed,
    spread,
    together,
)
from include.sandbox.channels.segment.visits import PAGE, TRACK
from include.sandbox.channels.stripe import Channel as Stripe
from include.sandbox.channels.stripe.subscribers import FREE
from include.sandbox.seasons import DAY, HOUR, NEVER
from include.sandbox.world import World

FEATURES = ("quan_ly_kho", "khuyen_mai", "bao_cao_ca", "in_hoa_don", "tich_diem")
PATHS = {"Home": "/", "Pricing": "/bang-gia", "Reports": "/app/bao-cao"}
EVENTS_A_USER, EVENTS_A_STRANGER = 42, 1.7
STRANGERS = 0.14
"""Of the events, those of visitors who never sign up."""
BY_ADVERTISEMENTS = 3
"""One newcomer in so many came by an advertisement."""


class Software(Tracker):
    """Some of the customers, followed from their trial on, and strangers."""

    UNIT, PROJECT, SITE, MARK = "sales_software", "ban_hang_web", "https://banhang.example", "bh"
    STEPS = (
        (PAGE, "Home"), (PAGE, "Pricing"), (PAGE, "Dashboard"), (PAGE, "Reports"),
        (TRACK, "Signed Up"), (TRACK, "Trial Started"), (TRACK, "Sale Recorded"), (TRACK, "Feature Used"),
        (TRACK, "Upgrade Prompt Viewed"), (TRACK, "Upgrade Prompt Clicked"),
    )  # fmt: skip
    SHARE = 0.15

    def __init__(self, world: World, accounts: Mapping[int, str], stripe: Stripe) -> None:
        super().__init__(world, accounts)
        rng, subs = self.rng, stripe.subscriptions
        begins_at = np.maximum(subs.started_at, self.start)
        there = (subs.ended_at > self.start) & (begins_at < world.last) & ~subs.is_incomplete
        there &= (subs.plan != FREE) & self.has_account[stripe.profiles.person[subs.customer]]
        # whom the tracker follows: most of them came since it was put in
        seen = np.flatnonzero(there & ((subs.started_at >= self.start) | (rng.random(len(subs)) < 0.3)))
        rows = followed(rng, seen, int(self.budget * (1 - STRANGERS) / EVENTS_A_USER) + 3)
        sub, by_start = subs.take(rows), np.argsort(subs.started_at, kind="stable")
        seat = np.arange(len(sub))
        device = (1 << 33) + seat
        user = person = stripe.profiles.person[sub.customer]
        ends_at = np.minimum(sub.ended_at, world.last)

        _, at_first = np.unique(subs.customer[by_start], return_index=True)
        is_first = np.zeros(len(subs), bool)
        is_first[by_start[at_first]] = True
        is_new = (sub.started_at >= self.start) & is_first[rows]
        activates = ~is_new | (rng.random(len(sub)) < 0.68)
        first_sale = sub.started_at + np.where(is_new, rng.exponential(1.6 * DAY, len(sub)), 0).astype(
            np.int64
        )
        row, day = (grid.ravel() for grid in np.meshgrid(seat, np.arange(self.days), indexing="ij"))
        age = self.start + day * DAY - sub.started_at[row]
        mood = world.satisfaction.at(person[row], self.start + day * DAY)
        habit = 0.5 + rng.random(len(sub)) * 1.1
        often = (0.07 + 0.34 * np.exp(-np.maximum(age, 0) / (18 * DAY))) * habit[row] * (0.5 + mood / 124)
        often = np.where(activates[row], often, 0.3 * np.exp(-np.maximum(age, 0) / (4 * DAY)))
        # who sells, sells on most days, but a shop is shut on some Sundays
        weekday = (day + (self.start + 7 * HOUR) // DAY + 3) % 7
        uses = rng.random(len(row)) < np.where(weekday == 6, 0.6, 1) * often
        row, day = row[uses], day[uses]
        at = self.clock(day)
        open_to = (at > sub.started_at[row] + DAY // 4) & (at < ends_at[row])
        row, at = row[open_to], at[open_to]

        new = np.flatnonzero(is_new)
        opened = np.flatnonzero(is_new & activates & (first_sale < ends_at))
        grows = np.flatnonzero(
            (sub.changed_at != NEVER) & (sub.seats_later > sub.seats) & (sub.changed_at > self.start)
            & (sub.changed_at < ends_at)
        )  # fmt: skip
        strangers = int(self.budget * STRANGERS / EVENTS_A_STRANGER) + 3
        visits = [
            Stays.of(rng, device[row], at, user[row]),
            Stays.of(
                rng, device[new], sub.started_at[new] - 240, user[new], enters=238,
                origin=np.where(new % BY_ADVERTISEMENTS == 0, BY_ADVERTISEMENT, -1),
            ),
            Stays.of(rng, device[opened], first_sale[opened], user[opened]),
            Stays.of(rng, device[grows], sub.changed_at[grows] - 300, user[grows]),
            Stays.of(
                rng, (1 << 32) + spread(rng, strangers, 0, strangers * 0.8),
                self.clock(spread(rng, strangers, 0, self.days)), may_be_bots=True,
            ),
        ]  # fmt: skip
        stays, (use, sign_up, opening, growth, strange) = together(visits)
        code, active = self.code, activates[row] & (at >= first_sale[row])
        sells = chosen(rng, use[active], 0.88)
        reports, features = chosen(rng, use, 0.2), chosen(rng, use, 0.25)
        prompted = chosen(rng, use, 0.06)
        pressed = chosen(rng, prompted, 0.18)
        tries = sign_up[sub.has_trial[new]]
        priced = chosen(rng, strange[~stays.is_bot[strange]], 0.4)
        deeds = [
            Deeds.of(use, code["Dashboard"], 2),
            Deeds.of(sells, code["Sale Recorded"], spread(rng, len(sells), 20, 400)),
            Deeds.of(chosen(rng, sells, 0.25), code["Sale Recorded"], 900),
            Deeds.of(reports, code["Reports"], spread(rng, len(reports), 410, 700)),
            Deeds.of(features, code["Feature Used"], spread(rng, len(features), 30, 500), figure=0),
            Deeds.of(prompted, code["Upgrade Prompt Viewed"], 15),
            Deeds.of(pressed, code["Upgrade Prompt Clicked"], 18),
            Deeds.of(sign_up, code["Home"], 0), Deeds.of(sign_up, code["Pricing"], 50),
            Deeds.of(sign_up, code["Signed Up"], 239), Deeds.of(tries, code["Trial Started"], 240),
            Deeds.of(opening, code["Dashboard"], 2), Deeds.of(opening, code["Sale Recorded"], 130),
            Deeds.of(growth, code["Upgrade Prompt Viewed"], 2),
            Deeds.of(growth, code["Upgrade Prompt Clicked"], 9),
            Deeds.of(strange, code["Home"], 0),
            Deeds.of(priced, code["Pricing"], spread(rng, len(priced), 8, 90)),
        ]  # fmt: skip
        self.lay(stays, deeds)

    def path(self, row: int) -> str:
        """Return the path of the page on which an event happened."""
        return PATHS.get(self.name(row)[1], "/app")

    def properties(self, row: int, name: str) -> dict:
        """Return what an event bears."""
        if name == "Feature Used":
            return {"feature": FEATURES[row % len(FEATURES)]}
        return {"plan": "chuyen_nghiep"} if name.startswith("Upgrade") else {}
