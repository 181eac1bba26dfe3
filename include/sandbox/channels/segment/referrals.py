"""Who invites friends to the online shop, and who comes by it: within visits that the website's tracker sees.

An invitation is sent by somebody who has bought, and is accepted by somebody who then buys for the first
time. The shop's server tells Segment of both, under an id that it makes itself: sent twice, it counts once.
"""

from collections.abc import Mapping

import numpy as np

from include.sandbox.channels.segment.tracker import Deeds, Stays, Tracker
from include.sandbox.channels.segment.visits import TRACK, WEB, Visits
from include.sandbox.seasons import DAY, HOUR, NEVER
from include.sandbox.world import World

INVITES, AT_ONCE = 0.04, (0.55, 0.3, 0.15)
"""The share of the buyers who invite, and how often one, two or three friends at once."""
ACCEPTED = 0.22
SOONEST, LATEST, BUYS_WITHIN = HOUR, 21 * DAY, 30 * DAY


class Referrals(Tracker):
    """Invitations of the shop's customers."""

    UNIT, PROJECT, SITE, MARK = "shop_online", "nha_an_web", "https://nhaan.example", ""
    STEPS = ((TRACK, "Invite Sent"), (TRACK, "Invite Accepted"))
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
        self._session = known[rows]
        stays = Stays.of(rng, sessions.device[self._session], at[rows], person[rows])
        stays.platform = sessions.platform[self._session].astype(np.int64)
        visit = np.arange(len(rows))
        self.lay(stays, [
            Deeds.of(visit[: len(sent)], self.code["Invite Sent"], 25, np.arange(len(sent))),
            Deeds.of(visit[len(sent) :], self.code["Invite Accepted"], 15, accepted),
        ])  # fmt: skip

    def anonymous_id(self, visit: int) -> str:
        """Return the id of the cookie by which the website knows the visitor."""
        return self._visits.anonymous_id(int(self._session[visit]))

    def session_id(self, visit: int) -> str:
        """Return the visit of the website in which it happens."""
        return f"w{self._session[visit]}"

    def message_id(self, row: int, number: int) -> str:
        """Return the id that the server makes: of an acceptance, that of its invitation and a word."""
        said = f"moi-{int(self.events.subject[row]):06d}"
        return f"{said}/accepted" if self.name(row)[1] == "Invite Accepted" else said

    def properties(self, row: int, name: str) -> dict:
        """Return what an event bears."""
        return {"invite_id": f"moi-{int(self.events.subject[row]):06d}"}
