"""A synthetic Vietnamese company over eighteen months, the same for the same seed, size and end.

It sells online and at counters, answers support requests and asks for ratings. Sixty days more than
asked for are already written, so that the sandbox's clock can go on from `end`. The truth, who is
who and how satisfied, stays here: no API serves it.
"""

import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from include.sandbox import care, trade
from include.sandbox.care import Comments, Satisfaction, Surveys, Tickets
from include.sandbox.kin import complicate
from include.sandbox.people import Person, Profiles, make_people, write_profiles
from include.sandbox.seasons import DAY, VIETNAM, day_weights, midnight
from include.sandbox.trade import Lines, Orders, Product, Receipts

HISTORY_DAYS = 548
FUTURE_DAYS = 60
COUNTED_DAYS = 40
COUNTER_FROM = "2021-03-01"


@dataclass(frozen=True)
class World:
    """Everything that is true of the company; rows are referred to by their number."""

    seed: tuple[int, int, int]
    """Seed, size and end, which with `start` make this world and no other."""
    start: int
    """Epoch second of the first midnight."""
    end: int
    """Epoch second of the last second of history."""
    people: list[Person]
    products: list[Product]
    accounts: Profiles
    """Customer accounts of the online shop."""
    members: Profiles
    """Members of the counters' loyalty programme."""
    requesters: Profiles
    """Users of the help desk."""
    orders: Orders
    order_account: np.ndarray
    """Number of the account that each order was placed with, -1 for a guest."""
    order_lines: Lines
    receipts: Receipts
    receipt_lines: Lines
    tickets: Tickets
    comments: Comments
    nps: Surveys
    csat: Surveys
    satisfaction: Satisfaction

    @property
    def days(self) -> int:
        """Return how many days are written, of which the last are still to come."""
        return (self.last + 1 - self.start) // DAY

    @property
    def last(self) -> int:
        """Return the epoch second after which nothing is written yet."""
        return self.end + FUTURE_DAYS * DAY

    def rng(self, name: str) -> np.random.Generator:
        """Return a generator of its own for each name: a new channel changes no other."""
        return np.random.default_rng([*self.seed, zlib.crc32(name.encode())])

    def audience(self, unit: str, share: float) -> np.ndarray:
        """Return the numbers of the persons whom a business unit meets, a SHARE of all.

        Units draw apart, so that their customers overlap as chance has it.
        """
        return np.flatnonzero(self.rng(f"audience of {unit}").random(len(self.people)) < share)

    def counted_days(self, now: int) -> list[date]:
        """Return the days that a source counts: whole ones, since forty before history ends."""
        first = datetime.fromtimestamp(self.end - COUNTED_DAYS * DAY, VIETNAM).date()
        last = datetime.fromtimestamp(now + 1, VIETNAM).date()
        return [first + timedelta(days=n) for n in range((last - first).days)]


def build(seed: int, customers: int, end: date, history: int = HISTORY_DAYS) -> World:
    """Return the company with CUSTOMERS accounts or more on its END day, the last of HISTORY days."""
    seeds = (seed, customers, end.toordinal())
    rng = np.random.default_rng(seeds)
    days = history + FUTURE_DAYS
    first = end - timedelta(days=history - 1)
    start, weights = midnight(first), day_weights(first, days)
    people = make_people(rng, int(customers * 1.35) + 10)
    kin = np.random.default_rng([*seeds, zlib.crc32(b"kin")])
    people = complicate(kin, people, start, start + days * DAY)
    products = trade.make_products(rng)

    everyone = np.arange(len(people))
    # a third were customers before the history begins
    joined = np.where(rng.random(len(people)) < 0.35, 0, rng.integers(1, days, len(people)))
    kind = rng.random(len(people))
    has_account, is_online = kind < 0.84, kind < 0.92
    orders = trade.make_orders(rng, weights, start, everyone[is_online], joined[is_online])
    lines = trade.make_lines(rng, products, len(orders), 4)

    is_member = (rng.random(len(people)) < 0.28) | ~is_online
    receipts = trade.make_receipts(
        rng, weights, start, everyone[is_member], joined[is_member], int(customers * 1.8)
    )
    receipt_lines = trade.make_lines(rng, products, len(receipts), 3)

    satisfaction = Satisfaction(rng, len(people))
    care.live_through_orders(rng, satisfaction, orders)
    tickets, comments = care.make_tickets(rng, satisfaction, orders)
    nps = care.join_surveys(
        care.survey_orders(rng, satisfaction, orders, 0.3),
        care.survey_receipts(rng, satisfaction, receipts, 0.5, 10),
    )
    csat = care.survey_receipts(rng, satisfaction, receipts, 0.4, 5)

    since = start + joined * DAY - rng.integers(60, DAY, len(people))
    before = start - rng.integers(1, 8 * 365, len(people)) * DAY - rng.integers(0, DAY, len(people))
    since = np.where(joined == 0, before, since)
    twice = everyone[has_account][rng.random(has_account.sum()) < 0.04]
    again = np.minimum(since[twice] + rng.integers(1, 300, len(twice)) * DAY, start + days * DAY)
    accounts = write_profiles(
        rng, people,
        np.concatenate([everyone[has_account], twice]),
        np.concatenate([since[has_account], again]),
    )  # fmt: skip
    opened = np.maximum(since, midnight(date.fromisoformat(COUNTER_FROM)))[is_member]
    members = write_profiles(rng, people, everyone[is_member], opened)
    asking, first_ticket = np.unique(tickets.person, return_index=True)
    requesters = write_profiles(rng, people, asking, tickets.opened_at[first_ticket])
    return World(
        seeds, start, start + history * DAY - 1, people, products, accounts, members, requesters,
        orders, _accounts_of(rng, orders, accounts), lines, receipts, receipt_lines, tickets,
        comments, nps, csat, satisfaction,
    )  # fmt: skip


def _accounts_of(rng: np.random.Generator, orders: Orders, accounts: Profiles) -> np.ndarray:
    """Return each order's account: its person's newest, or none for one order in eight."""
    span = np.int64(1) << 34
    by_person = np.lexsort((accounts.created_at, accounts.person))
    keys = accounts.person[by_person] * span + accounts.created_at[by_person]
    found = np.searchsorted(keys, orders.person * span + orders.created_at, "right") - 1
    account = by_person[np.maximum(found, 0)]
    is_own = (found >= 0) & (accounts.person[account] == orders.person)
    return np.where(is_own & (orders.person >= 0) & (rng.random(len(orders)) > 0.125), account, -1)
