"""The forum's visitors: most only read; members come to act, and what is shared brings strangers."""

from collections.abc import Mapping

import numpy as np

from include.sandbox.channels.database import ACTS
from include.sandbox.channels.database import Channel as Database
from include.sandbox.channels.segment.tracker import (
    BY_SHARE,
    NOBODY,
    Deeds,
    Stays,
    Tracker,
    chosen,
    joined,
    reading,
    spread,
)
from include.sandbox.channels.segment.visits import PAGE, TRACK
from include.sandbox.seasons import DAY
from include.sandbox.world import World

EVENTS_A_VISIT = 5.2
ACTING, SHARED, LATE = 0.3, 0.1, 0.2
"""Shares: of the visits, those in which somebody acts, and those that a share link brings; of these, those
that come after more than a week."""


class Forum(Tracker):
    """Visits of members who act, of members and strangers who read, and of those who follow a link."""

    UNIT, PROJECT, SITE, MARK = "forum", "dien_dan_web", "https://diendan.example", "dd"
    STEPS = ((PAGE, "Thread"), (TRACK, "Heartbeat"))
    SHARE = 0.1
    TELLS_ATTENTION = False

    def __init__(self, world: World, accounts: Mapping[int, str], database: Database) -> None:
        super().__init__(world, accounts)
        rng, visits = self.rng, int(self.budget / EVENTS_A_VISIT) + 6
        at, kind = database.acted_at, np.array(ACTS)[database.act_kind]
        inside = (at >= self.start + DAY) & (at <= world.last)
        inside &= database.users.created_at[database.act_user] < at - DAY
        person = database.users.person
        known = self.has_account[person[database.act_user]]
        acts = rng.permutation(np.flatnonzero(inside & known & (kind != "view")))[: int(visits * ACTING)]
        shares = np.flatnonzero(inside & (kind == "share"))
        # a share brings none or a few, most of them within a week
        brought = np.repeat(shares, rng.poisson(1.1, len(shares)))
        brought = rng.permutation(brought)[: int(visits * SHARED)]
        others = max(visits - len(acts) - len(brought), 4)
        member = rng.random(others) < 0.25
        users = len(database.users)
        user = np.where(member, rng.integers(0, users, others), NOBODY) if users else np.full(others, NOBODY)
        seen_at = self.clock(spread(rng, others, 0, self.days))
        user = np.where(database.users.created_at[user] <= seen_at, user, NOBODY) if users else user
        device = np.where(user >= 0, (1 << 33) + user, (1 << 32) + spread(rng, others, 0, others * 0.45))
        reader = np.where(user >= 0, self.signed_in(person[np.maximum(user, 0)]), NOBODY)
        # what is new is read most
        post = np.searchsorted(np.sort(database.posted_at), seen_at) - 1 - rng.geometric(0.05, others)
        by_age = np.argsort(database.posted_at, kind="stable")
        post = by_age[np.clip(post, 0, len(by_age) - 1)] if len(by_age) else np.full(others, NOBODY)
        actor = database.act_user[acts]
        links = len(brought)
        comes = np.where(rng.random(links) < LATE, spread(rng, links, 8 * DAY, 20 * DAY),
                         spread(rng, links, 300, 6 * DAY))  # fmt: skip
        parts = [
            Stays.of(rng, (1 << 33) + actor, at[acts] - 45, person[actor]),
            Stays.of(rng, device, seen_at, reader, may_be_bots=True),
            Stays.of(
                rng, (1 << 35) + np.arange(links), at[brought] + comes,
                origin=np.full(links, BY_SHARE),
            ),
        ]  # fmt: skip
        stays = joined(parts)
        self._share = np.concatenate([np.full(len(stays) - links, NOBODY), brought])
        thread = np.concatenate([database.act_post[acts], post, database.act_post[brought]])
        visit, acting = np.arange(len(stays)), np.arange(len(stays)) < len(acts)
        mean = np.where(acting, 5.0, np.where(stays.user >= 0, 3.4, 2.2))
        beats = np.where(stays.is_bot, 0, np.minimum(rng.geometric(1 / (1 + mean)) - 1, 40))
        again = chosen(rng, visit, np.where(acting, 0.5, 0.2))
        reopened = 10 * beats[again] + 8
        second = thread[rng.permutation(len(thread))][: len(again)]
        more = np.where(stays.is_bot[again], 0, rng.geometric(0.35, len(again)) - 1)
        code = self.code
        self.lay(stays, [
            Deeds.of(visit, code["Thread"], 0, thread),
            reading(rng, visit, np.zeros(len(visit), np.int64), beats, code["Heartbeat"], thread),
            Deeds.of(again, code["Thread"], reopened, second),
            reading(rng, again, reopened, more, code["Heartbeat"], second),
        ])  # fmt: skip

    def campaign(self, visit: int) -> dict[str, str]:
        """Return what the link says of itself by which a visit came: of a shared one, which share it was."""
        said, share = super().campaign(visit), int(self._share[visit])
        return said | {"name": f"forum/{share + 1}"} if share >= 0 else said

    def path(self, row: int) -> str:
        """Return the path of the page on which an event happened."""
        return f"/chu-de/{int(self.events.subject[row]) + 1}"

    def properties(self, row: int, name: str) -> dict:
        """Return what an event bears: the post by the warehouse's name of it."""
        return {"content_id": f"forum/{int(self.events.subject[row]) + 1}"}
