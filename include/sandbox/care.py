"""How the synthetic company's customers feel, what they ask support, and how they rate it.

Latent satisfaction is the truth behind every score: it starts at 62 ± 15 per person, moves with
what happens, and decays back to its mean by 2 % a day.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from include.sandbox.seasons import DAY, HOUR, NEVER, draw_seconds, midnights
from include.sandbox.trade import Columns, Orders, Receipts
from include.sandbox.vocabulary import AGENTS, TICKET_CHANNELS, TOPICS

LATE, UNANSWERED, SOLVED_AT_ONCE, DEFECT, EXCEEDED = -12, -8, 5, -15, 8
DAILY_MEMORY = 0.98
ANSWER_RATE = 0.18
CUSTOMER, BOT = -1, 0
"""Authors of a comment; above 0 it is an agent's number."""


@dataclass
class Tickets(Columns):
    """Requests to support by time of opening."""

    person: np.ndarray
    opened_at: np.ndarray
    order: np.ndarray
    """The order that it is about, -1 for none."""
    topic: np.ndarray
    channel: np.ndarray
    agent: np.ndarray
    replied_at: np.ndarray
    solved_at: np.ndarray
    reopened_at: np.ndarray
    resolved_at: np.ndarray
    """When it was solved for good."""
    closed_at: np.ndarray
    offered_at: np.ndarray
    rated_at: np.ndarray
    is_good: np.ndarray


@dataclass
class Comments(Columns):
    """What was said on tickets, by time."""

    ticket: np.ndarray
    said_at: np.ndarray
    author: np.ndarray
    text: np.ndarray


@dataclass
class Surveys(Columns):
    """Invitations to a survey by time, with the answer where there is one."""

    person: np.ndarray
    subject: np.ndarray
    """Number of the order or receipt."""
    is_online: np.ndarray
    invited_at: np.ndarray
    answered_at: np.ndarray
    score: np.ndarray


class Satisfaction:
    """The latent satisfaction of every person at any time."""

    def __init__(self, rng: Generator, persons: int) -> None:
        self.mean = np.clip(rng.normal(62, 15, persons + 1), 5, 98)
        self._person = self._time = np.empty(0, np.int64)
        self._impact = self._offset = np.empty(0)

    def feel(self, person: np.ndarray, time: np.ndarray, impact: int) -> None:
        """Add an experience of each person; a time that never comes is ignored."""
        known = (person >= 0) & (time != NEVER)
        person = np.concatenate([self._person, person[known]])
        time = np.concatenate([self._time, time[known]])
        impacts = np.concatenate([self._impact, np.full(known.sum(), float(impact))])
        order = np.lexsort((time, person))
        self._person, self._time, self._impact = person[order], time[order], impacts[order]
        same = np.diff(self._person, prepend=-1) == 0
        memory = np.where(same, DAILY_MEMORY ** (np.abs(np.diff(self._time, prepend=0)) / DAY), 0.0)
        offset, offsets = 0.0, []
        for kept, step in zip(memory.tolist(), self._impact.tolist(), strict=True):
            offset = offset * kept + step
            offsets.append(offset)
        self._offset = np.array(offsets)

    def at(self, person: np.ndarray, time: np.ndarray) -> np.ndarray:
        """Return the satisfaction of each person at each time, 0 to 100."""
        span = np.int64(1) << 34
        found = np.searchsorted(self._person * span + self._time, person * span + time, "right") - 1
        known = (found >= 0) & (self._person[found] == person)
        days = np.where(known, time - self._time[found], 0) / DAY
        offset = np.where(known, self._offset[found] * DAILY_MEMORY**days, 0.0)
        return np.clip(self.mean[person] + offset, 0, 100)


def live_through_orders(rng: Generator, satisfaction: Satisfaction, orders: Orders) -> None:
    """Let late, defective and surprisingly good parcels move satisfaction."""
    late, arrived = orders.is_late, orders.delivered_at
    satisfaction.feel(orders.person, np.where(late, arrived, NEVER), LATE)
    broken = np.where(orders.is_defective, arrived, NEVER)
    satisfaction.feel(orders.person, broken, DEFECT)
    good = ~late & ~orders.is_defective & (rng.random(len(orders)) < 0.15)
    satisfaction.feel(orders.person, np.where(good, arrived, NEVER), EXCEEDED)


def make_tickets(rng: Generator, satisfaction: Satisfaction, orders: Orders) -> tuple[Tickets, Comments]:
    """Return tickets: one in four of the unhappy complains, others ask; and all that was said."""
    known = orders.person >= 0
    late, broken = orders.is_late, orders.is_defective
    complains = known & (late | broken) & (rng.random(len(orders)) < 0.26)
    asks = known & ~complains & (rng.random(len(orders)) < 0.075)
    order = np.flatnonzero(complains | asks)
    count = len(order)
    bad = complains[order]
    topic = np.where(
        bad,
        np.where(broken[order], 1, 0),
        rng.choice(len(TOPICS), count, p=[0.3, 0.1, 0.2, 0.2, 0.2]),
    )
    basis = np.where(
        bad & broken[order], orders.delivered_at[order],
        np.where(bad, orders.promised_at[order], orders.created_at[order]),
    )  # fmt: skip
    earliest = basis + (rng.random(count) * 2 * DAY).astype(np.int64) + HOUR
    opened_at = midnights(earliest) + draw_seconds(rng, count)
    opened_at += np.where(opened_at < earliest, DAY, 0)
    by_time = np.lexsort((order, opened_at))
    order, topic, opened_at = order[by_time], topic[by_time], opened_at[by_time]

    share = np.array([row[1] for row in TICKET_CHANNELS]) / 100
    channel = rng.choice(len(share), count, p=share)
    agent = rng.integers(1, len(AGENTS), count)
    answered = rng.random(count) > 0.06
    wait = (rng.lognormal(np.log(2400), 1.2, count)).astype(np.int64) + 60
    # nobody works from 21:00 to 8:00: what is asked then is answered in the morning
    second = opened_at - midnights(opened_at)
    morning = midnights(opened_at) + 8 * HOUR + np.where(second >= 21 * HOUR, DAY, 0)
    at_work = (second >= 8 * HOUR) & (second < 21 * HOUR)
    replied_at = np.where(answered, np.where(at_work, opened_at, morning) + wait, NEVER)
    rounds = rng.choice(4, count, p=[0.45, 0.3, 0.15, 0.1])
    said = [(opened_at, np.arange(count), np.full(count, CUSTOMER))]
    bot = np.flatnonzero((channel >= 2) & (rng.random(count) < 0.6))
    said.append((opened_at[bot] + 8, bot, np.full(len(bot), BOT)))
    human = np.flatnonzero(answered)
    said.append((replied_at[human], human, agent[human]))
    last = np.where(answered, replied_at, opened_at)
    for number in range(1, 4):
        going = np.flatnonzero(answered & (rounds >= number))
        asked = last[going] + rng.integers(300, 8 * HOUR, len(going))
        last[going] = asked + rng.integers(200, 5 * HOUR, len(going))
        said += [(asked, going, np.full(len(going), CUSTOMER)), (last[going], going, agent[going])]
    is_solved = answered & (rng.random(count) < 0.96)
    solved_at = np.where(is_solved, last + rng.integers(300, DAY, count), NEVER)
    reopens = is_solved & (rng.random(count) < 0.06)
    reopened_at = np.where(reopens, solved_at + rng.integers(HOUR, 2 * DAY, count), NEVER)
    again = np.flatnonzero(reopens)
    answer_at = reopened_at[again] + rng.integers(600, 10 * HOUR, len(again))
    said += [
        (reopened_at[again], again, np.full(len(again), CUSTOMER)),
        (answer_at, again, agent[again]),
    ]
    resolved_at = solved_at.copy()
    resolved_at[again] = answer_at + rng.integers(300, DAY, len(again))
    person = orders.person[order]
    at_once = is_solved & (rounds == 0) & ~reopens
    satisfaction.feel(person, np.where(at_once, solved_at, NEVER), SOLVED_AT_ONCE)
    waited = np.where(answered, NEVER, opened_at + DAY)
    satisfaction.feel(person, waited, UNANSWERED)
    offered_at = np.where(is_solved & (rng.random(count) < 0.6), resolved_at + DAY, NEVER)
    rated_at = np.where(
        (offered_at != NEVER) & (rng.random(count) < 0.3),
        np.where(offered_at != NEVER, offered_at, 0) + rng.integers(300, 5 * DAY, count), NEVER,
    )  # fmt: skip
    mood = satisfaction.at(person, np.where(rated_at != NEVER, rated_at, opened_at))
    is_good = mood + rng.normal(0, 10, count) > 48
    closed_at = np.where(is_solved, resolved_at + 4 * DAY, NEVER)
    tickets = Tickets(
        person, opened_at, order, topic, channel, agent, replied_at, solved_at, reopened_at,
        resolved_at, closed_at, offered_at, rated_at, is_good,
    )  # fmt: skip
    time, ticket, author = (np.concatenate(part) for part in zip(*said, strict=True))
    comments = Comments(ticket, time, author, rng.integers(0, 1 << 20, len(time)))
    return tickets, comments.take(np.lexsort((ticket, time)))


def survey_orders(rng: Generator, satisfaction: Satisfaction, orders: Orders, share: float) -> Surveys:
    """Return surveys of 0 to 10 sent after a SHARE of delivered orders of known persons."""
    arrived = (orders.person >= 0) & (orders.delivered_at != NEVER)
    asked = np.flatnonzero(arrived & (rng.random(len(orders)) < share))
    return _survey(rng, satisfaction, orders.person[asked], asked, True, orders.delivered_at[asked], 10)


def survey_receipts(
    rng: Generator, satisfaction: Satisfaction, receipts: Receipts, share: float, top: int
) -> Surveys:
    """Return surveys up to TOP sent after a SHARE of the members' receipts."""
    asked = np.flatnonzero((receipts.person >= 0) & (rng.random(len(receipts)) < share))
    return _survey(rng, satisfaction, receipts.person[asked], asked, False, receipts.sold_at[asked], top)


def _survey(
    rng: Generator, satisfaction: Satisfaction, person: np.ndarray, subject: np.ndarray,
    is_online: bool, after: np.ndarray, top: int,
) -> Surveys:  # fmt: skip
    count = len(person)
    invited_at = after + rng.integers(2 * HOUR, DAY, count)
    mood = satisfaction.at(person, invited_at)
    # happier and angrier people answer more
    answers = rng.random(count) < ANSWER_RATE * (0.7 + np.abs(mood - 55) / 50)
    delay = (rng.exponential(0.8, count) * DAY).astype(np.int64) + 120
    noisy = mood + rng.normal(0, 12, count)
    score = noisy / 100 * 10 + 1.8 if top == 10 else 1 + noisy / 100 * 4 + 0.8
    lowest = 0 if top == 10 else 1
    return Surveys(
        person, subject, np.full(count, is_online), invited_at,
        np.where(answers, invited_at + delay, NEVER),
        np.clip(np.rint(score), lowest, top).astype(int),
    )  # fmt: skip


def join_surveys(first: Surveys, second: Surveys) -> Surveys:
    """Return both sets of surveys as one, by time of the invitation."""
    pairs = zip(vars(first).values(), vars(second).values(), strict=True)
    both = Surveys(*(np.concatenate(pair) for pair in pairs))
    return both.take(np.lexsort((both.subject, both.invited_at)))
