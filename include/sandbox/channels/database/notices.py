"""What the forum tells its members: who is told, who is held out, and who then acts.

Some people are held out for good: nothing is sent to them, but it is written down that it would have been.
Whoever is told acts more often within a day than they would have: by how much is the truth in `UPLIFT`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from include.sandbox.seasons import DAY, HOUR, NEVER
from include.sandbox.trade import Columns

CAMPAIGNS = (
    ("reply", "push", "Có người trả lời bạn"), ("reply", "email", "Bài của bạn có trả lời mới"),
    ("mention", "push", "Có người nhắc đến bạn"), ("digest", "push", "Chủ đề nổi bật tuần này"),
    ("digest", "email", "Bản tin diễn đàn trong tuần"),
)  # fmt: skip
"""Type, channel and subject of each."""
BASE = 0.06
"""How often somebody acts within a day who was not told."""
UPLIFT = {"reply": 0.14, "mention": 0.2, "digest": 0.04}
"""How much more often who is told: by the type."""
OPENS = {"push": 0.34, "email": 0.42}
HELD_OUT, FAILS, SWITCHES_OFF = 0.1, 0.03, 0.012
SINCE = 240 * DAY
"""For how long before the world's end the forum has told anything."""
READS_DIGEST, EVERY = 0.09, 14 * DAY
KINDS = ("sent", "delivered", "bounced", "opened", "clicked", "unsubscribed", "withheld")


@dataclass
class Notices(Columns):
    """What is told to somebody, or held back, by time."""

    user: np.ndarray
    campaign: np.ndarray
    at: np.ndarray
    post: np.ndarray
    is_held_out: np.ndarray
    acts: np.ndarray
    """Whether the member acts within a day."""
    switches_off: np.ndarray
    """Whether it is the last of its kind that the member wants."""


@dataclass
class Happenings(Columns):
    """What happened to notices, by time."""

    notice: np.ndarray
    kind: np.ndarray
    at: np.ndarray


def tell(
    rng: Generator, joined_at: np.ndarray, replied_to: np.ndarray, replied_at: np.ndarray, post: np.ndarray,
    last: int,
) -> Notices:  # fmt: skip
    """Return the notices: of each reply, to the author of its POST, and every two weeks of what was said.

    REPLIED_TO is the author; JOINED_AT of every member.
    """
    users = len(joined_at)
    is_held_out = rng.random(users) < HELD_OUT
    recent = np.flatnonzero((replied_at > last - SINCE) & (joined_at[replied_to] < replied_at))
    kind = np.where(rng.random(len(recent)) < 0.3, 2, rng.choice(2, len(recent), p=[0.6, 0.4]))
    mondays = np.arange(last - SINCE + 5 * DAY, last, EVERY)
    readers = np.flatnonzero(rng.random(users) < READS_DIGEST)
    reader, monday = (grid.ravel() for grid in np.meshgrid(readers, mondays, indexing="ij"))
    there = joined_at[reader] < monday
    reader, monday = reader[there], monday[there]
    user = np.concatenate([replied_to[recent], reader])
    campaign = np.concatenate([kind, 3 + reader % 2])
    at = np.concatenate([replied_at[recent] + 60, monday + 8 * HOUR])
    about = np.concatenate([post[recent], np.full(len(reader), -1)])
    uplift = np.array([UPLIFT[kind] for kind, *_ in CAMPAIGNS])[campaign]
    acts = rng.random(len(user)) < BASE + np.where(is_held_out[user], 0, uplift)
    switches_off = (rng.random(len(user)) < SWITCHES_OFF) & ~is_held_out[user] & ~acts
    notices = Notices(user, campaign, at, about, is_held_out[user], acts, switches_off)
    notices = notices.take(np.argsort(at, kind="stable"))
    # nothing more of a kind comes to who has switched it off
    of = notices.user * len(CAMPAIGNS) + notices.campaign
    gone_at = np.full(int(of.max(initial=0)) + 1, NEVER)
    np.minimum.at(gone_at, of[notices.switches_off], notices.at[notices.switches_off])
    return notices.take(np.flatnonzero(notices.at <= gone_at[of]))


def happen(rng: Generator, notices: Notices) -> Happenings:
    """Return what happens to each: sent, delivered or bounced, opened, clicked; or withheld."""
    count, one = len(notices), np.arange(len(notices))
    told = ~notices.is_held_out
    fails = told & (rng.random(count) < FAILS) & ~notices.switches_off
    arrives = told & ~fails
    channel = np.array([OPENS[channel] for _, channel, _ in CAMPAIGNS])[notices.campaign]
    # who acts because of it has opened it
    opens = arrives & (rng.random(count) < np.where(notices.acts, 0.85, channel))
    clicks = opens & (rng.random(count) < np.where(notices.acts, 0.75, 0.25))
    opened_at = notices.at + rng.integers(20, 6 * HOUR, count)
    parts = [
        (told, 0, notices.at), (arrives, 1, notices.at + 3), (fails, 2, notices.at + 4),
        (opens, 3, opened_at), (clicks, 4, opened_at + 8),
        (notices.switches_off, 5, notices.at + rng.integers(HOUR, DAY, count)), (~told, 6, notices.at),
    ]  # fmt: skip
    found = Happenings(
        np.concatenate([one[hit] for hit, *_ in parts]),
        np.concatenate([np.full(hit.sum(), kind) for hit, kind, _ in parts]),
        np.concatenate([at[hit] for hit, _, at in parts]),
    )
    return found.take(np.lexsort((found.kind, found.at)))
