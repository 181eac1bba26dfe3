"""Who tells others of the online shop: invitations, who comes by them, and products that are shared.

All of it happens within visits that the website's tracker sees.

An invitation is sent by somebody who has bought, and is accepted by somebody who then buys for the first
time. The shop's server tells Segment of both, under an id that it makes itself: sent twice, it counts once.
A product is shared by who looks at it, customer or not, and the more the happier they are.
"""

from collections.abc import Mapping

import numpy as np

from include.sandbox.channels.segment.tracker import NOBODY, Deeds, Stays, Tracker
from include.sandbox.channels.segment.visits import CODE_OF, TRACK, WEB, Visits, product_properties
from include.sandbox.seasons import DAY, HOUR, NEVER
from include.sandbox.world import World

INVITES, AT_ONCE = 0.04, (0.55, 0.3, 0.15)
"""The share of the buyers who invite, and how often one, two or three friends at once."""
ACCEPTED = 0.22
SOONEST, LATEST, BUYS_WITHIN = HOUR, 21 * DAY, 30 * DAY
SHARES = 0.06
"""Of how many looks at a product it is shared, by whoever is as happy as most are."""
USUAL_MOOD = 62
VIAS = ("zalo", "facebook", "messenger", "copy_link")


class Referrals(Tracker):
    """Invitations of the shop's customers, and products that visitors share."""

    UNIT, PROJECT, SITE, MARK = "shop_online", "nha_an_web", "https://nhaan.example", ""
    STEPS = ((TRACK, "Invite Sent"), (TRACK, "Invite Accepted"), (TRACK, "Product Shared"))
    TELLS_ATTENTION = False
    SHARE = 0.0

    def __init__(self, world: World, accounts: Mapping[int, str], visits: Visits) -> None:
        super().__init__(world, accounts)
        rng, sessions = self.rng, visits.sessions
        self._visits = visits
        known = np.flatnonzero((sessions.unit == WEB) & (sessions.user >= 0) & ~sessions.is_bot)
        # whose shop account is the one that serves for all
        person = world.accounts.person[sessions.user[known]]
        known, person = known[self.has_account[person]], person[self.has_account[person]]
        orders = world.orders
        buys = orders.person >= 0
        first_at = np.full(len(world.people), NEVER)
        np.minimum.at(first_at, orders.person[buys], orders.created_at[buys])
        at, first = sessions.started_at[known], first_at[person]
        inviters = rng.permutation(np.unique(person[first < at]))
        inviters = inviters[: round(INVITES * int((first_at <= world.last).sum()))]
        may_send = np.flatnonzero((first < at) & np.isin(person, inviters))
        sent = np.repeat(may_send, rng.choice([1, 2, 3], len(may_send), p=AT_ONCE))
        # each comes once, and to who had invited them shortly before
        comes = rng.permutation(np.flatnonzero((first > at + HOUR) & (first < at + BUYS_WITHIN)))
        comes = comes[np.unique(person[comes], return_index=True)[1]]
        invited = np.full(len(sent), -1)
        for row in rng.permutation(comes)[: int(ACCEPTED * len(sent))].tolist():
            ago = at[row] - at[sent]
            free = np.flatnonzero(
                (ago > SOONEST) & (ago < LATEST) & (invited < 0) & (person[sent] != person[row])
            )
            if len(free):
                invited[free[rng.integers(len(free))]] = row
        accepted = np.flatnonzero(invited >= 0)
        rows = np.concatenate([sent, invited[accepted]])
        shared, shared_at, sharer = self._share()
        self._session = np.concatenate([known[rows], shared])
        stays = Stays.of(
            rng, sessions.device[self._session], np.concatenate([at[rows], shared_at]),
            np.concatenate([person[rows], sharer]),
        )  # fmt: skip
        stays.platform = sessions.platform[self._session].astype(np.int64)
        visit, told = np.arange(len(stays)), len(rows)
        self.lay(stays, [
            Deeds.of(visit[: len(sent)], self.code["Invite Sent"], 25, np.arange(len(sent))),
            Deeds.of(visit[len(sent) : told], self.code["Invite Accepted"], 15, accepted),
            Deeds.of(visit[told:], self.code["Product Shared"], 8),
        ])  # fmt: skip

    def _share(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the visits in which a product is shared, when it is looked at, and who is signed in then."""
        rng, events, sessions = self.rng, self._visits.events, self._visits.sessions
        looks = np.flatnonzero(events.step == CODE_OF["Product Viewed"])
        looks = looks[~sessions.is_bot[events.session[looks]]]
        visit, at = events.session[looks], events.happened_at[looks]
        user = np.where(events.is_known[looks], sessions.user[visit], NOBODY)
        person = np.where(user >= 0, self.world.accounts.person[np.maximum(user, 0)], NOBODY)
        mood = self.world.satisfaction.at(np.maximum(person, 0), at)
        shares = rng.random(len(looks)) < SHARES * np.where(person >= 0, mood / USUAL_MOOD, 1)
        sharer = np.where(person >= 0, self.signed_in(np.maximum(person, 0)), NOBODY)
        return visit[shares], at[shares], sharer[shares]

    def anonymous_id(self, visit: int) -> str:
        """Return the id of the cookie by which the website knows the visitor."""
        return self._visits.anonymous_id(int(self._session[visit]))

    def session_id(self, visit: int) -> str:
        """Return the visit of the website in which it happens."""
        return f"w{self._session[visit]}"

    def message_id(self, row: int, number: int) -> str:
        """Return the id that the server makes: of an acceptance, that of its invitation and a word."""
        if self.name(row)[1] == "Product Shared":
            return super().message_id(row, number)
        said = f"moi-{int(self.events.subject[row]):06d}"
        return f"{said}/accepted" if self.name(row)[1] == "Invite Accepted" else said

    def properties(self, row: int, name: str) -> dict:
        """Return what an event bears."""
        if name == "Product Shared":
            session = int(self._session[int(self.events.visit[row])])
            return product_properties(self.world, self._visits.product(session)) | {
                "share_via": VIAS[session % len(VIAS)]
            }
        return {"invite_id": f"moi-{int(self.events.subject[row]):06d}"}
