"""Who subscribes to the sales software, from when to when and for how much: the truth behind Stripe.

Everything that ever happens is drawn at once, the future included. Who is less satisfied leaves
sooner: the chance of leaving in a month falls from a fifth to one in a hundred with satisfaction.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from include.sandbox.care import Satisfaction
from include.sandbox.seasons import DAY, HOUR, NEVER
from include.sandbox.trade import Columns

PLANS = (("khoi_dau", "Khởi đầu", 199_000), ("chuyen_nghiep", "Chuyên nghiệp", 499_000),
         ("doanh_nghiep", "Doanh nghiệp", 1_490_000), ("mien_phi", "Miễn phí", 0))  # fmt: skip
"""Id, name and price of a seat a month; a year costs ten months. The last one is free."""
FREE = 3
STAYS_FREE, TIRES = 0.7, 0.3
"""Shares: of those who do not pay after a trial, who goes on for free; of those, who stops some day."""
TRIAL = 14 * DAY
GRACE = 14 * DAY
"""How long a payment is tried again before the subscription ends."""
FIRST_PAYMENT = 23 * HOUR
"""How long Stripe waits for a first payment that failed."""
NO_COUPON, FOREVER, ONCE, AMOUNT_OFF = range(4)
PERCENT_OFF = {FOREVER: 20, ONCE: 50}
DONG_OFF = 50_000
SETUP_FEE = 1_500_000
TAX_PERCENT = 8


@dataclass
class Subscriptions(Columns):
    """Subscriptions; a time is `NEVER` where it does not come."""

    customer: np.ndarray
    started_at: np.ndarray
    anchor_at: np.ndarray
    """Start of the first paid period: of the subscription, or the end of its trial."""
    months: np.ndarray
    """Length of a period: 1 or 12."""
    plan: np.ndarray
    seats: np.ndarray
    seats_later: np.ndarray
    changed_at: np.ndarray
    """When the number of seats changes."""
    coupon: np.ndarray
    failed_at: np.ndarray
    """When a renewal's payment fails."""
    recovered_at: np.ndarray
    asked_at: np.ndarray
    """When the customer cancels; the subscription goes on to the end of its period."""
    ended_at: np.ndarray
    is_incomplete: np.ndarray
    """Whether the first payment never came."""

    @property
    def has_trial(self) -> np.ndarray:
        """Whether it began with a trial."""
        return self.anchor_at > self.started_at

    def seats_at(self, rows: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Return how many seats each had at a time."""
        return np.where(times >= self.changed_at[rows], self.seats_later[rows], self.seats[rows])

    def monthly_at(self, now: int) -> float:
        """Return what all that are past their trial and not ended pay a month, before tax, in dong."""
        price = np.array([amount for *_, amount in PLANS])[self.plan] * np.where(
            self.months == 12, 10 / 12, 1
        )
        amount = price * self.seats_at(np.arange(len(self)), np.full(len(self), now))
        amount = np.where(self.coupon == FOREVER, amount * (1 - PERCENT_OFF[FOREVER] / 100), amount)
        amount = np.where(self.coupon == AMOUNT_OFF, np.maximum(amount - DONG_OFF / self.months, 0), amount)
        pays = (self.anchor_at <= now) & (self.ended_at > now) & ~self.is_incomplete
        return float(amount[pays].sum())


@dataclass
class Invoices(Columns):
    """Invoices by time of creation; amounts are whole dong."""

    subscription: np.ndarray
    created_at: np.ndarray
    number: np.ndarray
    """Of the period, from 0; -1 for a trial, -2 for setting up, which is of no subscription."""
    recurring: np.ndarray
    proration: np.ndarray
    tax: np.ndarray
    finalized_at: np.ndarray
    paid_at: np.ndarray
    given_up_at: np.ndarray
    """When it became void or uncollectible."""
    refunded_at: np.ndarray
    refund: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """What is to be paid, with tax."""
        return self.recurring + self.proration + self.tax


def period(anchor_at: np.ndarray, number: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Return the start of each period; an anchor lies in the first 28 days of a month."""
    month = anchor_at.astype("datetime64[s]").astype("datetime64[M]")
    offset = anchor_at - month.astype("datetime64[s]").astype(np.int64)
    return (month + number * months).astype("datetime64[s]").astype(np.int64) + offset


def subscribe(
    rng: Generator, satisfaction: Satisfaction, person: np.ndarray, customer: np.ndarray,
    wished_at: np.ndarray, last: int,
) -> Subscriptions:  # fmt: skip
    """Return a subscription of each customer, who is PERSON, from about WISHED_AT."""
    count = len(customer)

    def chance(probability: float | np.ndarray) -> np.ndarray:
        return rng.random(count) < probability

    tries = chance(0.6)
    anchor_at = wished_at + np.where(tries, TRIAL, 0)
    month = anchor_at.astype("datetime64[s]").astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)
    late = np.maximum(anchor_at - month - (28 * DAY - 1), 0)
    started_at, anchor_at = wished_at - late, anchor_at - late
    months = np.where(chance(0.2), 12, 1)
    plan = rng.choice(FREE, count, p=[0.5, 0.35, 0.15])
    seats = 1 + rng.poisson(1.2, count)

    is_incomplete = ~tries & chance(0.06)
    asked_at, ended_at = np.full(count, NEVER), np.full(count, NEVER)
    failed_at, recovered_at = np.full(count, NEVER), np.full(count, NEVER)
    mood = satisfaction.at(person, anchor_at)
    gives_up = tries & chance(np.clip(0.65 - 0.006 * mood, 0.1, 0.6))
    asked_at[gives_up] = (started_at + rng.integers(DAY, TRIAL - HOUR, count))[gives_up]
    ended_at[gives_up] = anchor_at[gives_up]
    ended_at[is_incomplete] = (started_at + FIRST_PAYMENT)[is_incomplete]

    stays = ~gives_up & ~is_incomplete
    for number in range(40):
        begins_at = period(anchor_at, np.full(count, number), np.ones(count, np.int64))
        mood = satisfaction.at(person, begins_at)
        leaves = stays & (begins_at < last) & chance(np.clip(0.16 - 0.002 * mood, 0.01, 0.2))
        fails = leaves & chance(0.3)
        next_at = period(anchor_at, number // months + 1, months)
        asks = leaves & ~fails
        asked_at[asks] = (begins_at + rng.integers(DAY, 25 * DAY, count))[asks]
        ended_at[asks] = next_at[asks]
        failed_at[fails] = next_at[fails] + 2 * HOUR
        recovered_at[fails] = NEVER
        ended_at[fails] = next_at[fails] + GRACE
        stumbles = stays & ~leaves & (failed_at == NEVER) & (months == 1) & chance(0.008)
        failed_at[stumbles] = next_at[stumbles] + 2 * HOUR
        recovered_at[stumbles] = next_at[stumbles] + 3 * DAY
        # who recovered may leave later, and then the failure is past
        stays &= ~leaves
    overtaken = (recovered_at != NEVER) & (recovered_at >= np.minimum(asked_at, ended_at))
    failed_at[overtaken] = recovered_at[overtaken] = NEVER

    changed_at = anchor_at + rng.integers(20 * DAY, 400 * DAY, count)
    changes = stays | (changed_at < np.minimum(np.minimum(asked_at, ended_at), failed_at))
    changed_at = np.where(changes & chance(0.35) & ~is_incomplete, changed_at, NEVER)
    seats_later = np.maximum(1, seats + rng.choice([-1, 1, 2, 3], count, p=[0.25, 0.4, 0.2, 0.15]))
    coupon = rng.choice(4, count, p=[0.75, 0.1, 0.1, 0.05])
    return Subscriptions(
        customer, started_at, anchor_at, months, plan, seats, seats_later, changed_at, coupon,
        failed_at, recovered_at, asked_at, ended_at, is_incomplete,
    )  # fmt: skip


def go_on_for_free(rng: Generator, first: Subscriptions, pays_at: np.ndarray) -> Subscriptions:
    """Return free subscriptions of those who gave up after a trial: until they pay, at PAYS_AT, or tire."""
    never_paid = first.has_trial & (first.ended_at == first.anchor_at)
    rows = np.flatnonzero(never_paid & (rng.random(len(first)) < STAYS_FREE))
    count = len(rows)
    started_at = first.ended_at[rows] + rng.integers(60, HOUR, count)
    month = (
        started_at.astype("datetime64[s]").astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)
    )
    # a period begins on one of the first 28 days of a month
    started_at = np.where(started_at - month >= 28 * DAY, started_at + 4 * DAY, started_at)
    tires = np.where(rng.random(count) < TIRES, started_at + rng.integers(20 * DAY, 200 * DAY, count), NEVER)
    ended_at = np.minimum(pays_at[rows], tires)
    late = ended_at <= started_at
    ended_at = np.where(late, started_at + HOUR, ended_at)
    never, one = np.full(count, NEVER), np.ones(count, np.int64)
    return Subscriptions(
        first.customer[rows], started_at, started_at, one, np.full(count, FREE), one, one, never,
        np.full(count, NO_COUPON), never, never, np.where(ended_at == tires, ended_at - HOUR, NEVER),
        ended_at, np.zeros(count, bool),
    )  # fmt: skip


def bill(rng: Generator, subscriptions: Subscriptions, last: int) -> Invoices:
    """Return the invoices of subscriptions: one a period, one of 0 for a trial, some for setting up."""
    one_of_each = np.arange(len(subscriptions))
    trials = one_of_each[subscriptions.has_trial]
    set_up = one_of_each[~subscriptions.is_incomplete & (rng.random(len(subscriptions)) < 0.06)]
    numbers = np.arange(60)
    row, number = (grid.ravel() for grid in np.meshgrid(one_of_each, numbers, indexing="ij"))
    begins_at = period(subscriptions.anchor_at[row], number, subscriptions.months[row])
    due = (begins_at < subscriptions.ended_at[row]) & (begins_at <= last)
    row = np.concatenate([row[due], trials, set_up])
    number = np.concatenate([number[due], np.full(len(trials), -1), np.full(len(set_up), -2)])
    created_at = np.concatenate(
        [begins_at[due], subscriptions.started_at[trials], subscriptions.started_at[set_up] + 2 * DAY]
    )
    by_time = np.lexsort((number, row, created_at))
    row, number, created_at = row[by_time], number[by_time], created_at[by_time]
    count, is_period = len(row), number >= 0
    subs = subscriptions.take(row)

    price = np.array([amount for *_, amount in PLANS])[subs.plan] * np.where(subs.months == 12, 10, 1)
    seats = subscriptions.seats_at(row, created_at)
    full = np.where(is_period, price * seats, np.where(number == -2, SETUP_FEE, 0))
    percent = np.where(subs.coupon == FOREVER, PERCENT_OFF[FOREVER], 0)
    percent = np.where((subs.coupon == ONCE) & (number == 0), PERCENT_OFF[ONCE], percent)
    off = np.where(subs.coupon == AMOUNT_OFF, DONG_OFF, full * percent // 100)
    recurring = full - np.where(is_period, off, 0)
    # the seats that came or went within the last period are charged or given back with the next
    before = period(subs.anchor_at, number - 1, subs.months)
    changed = (number > 0) & (subs.changed_at > before) & (subs.changed_at <= created_at)
    left = np.where(changed, created_at - subs.changed_at, 0) / np.maximum(created_at - before, 1)
    proration = (left * price * (subs.seats_later - subs.seats)).astype(np.int64)
    tax = (recurring + proration) * TAX_PERCENT // 100

    waits = np.where((number <= 0) | subs.is_incomplete, 0, HOUR)
    finalized_at = created_at + waits
    paid_at = finalized_at + rng.integers(5, 600, count)
    fails = (subs.failed_at >= created_at) & (subs.failed_at < created_at + 3 * HOUR) & is_period
    lost = (fails & (subs.recovered_at == NEVER)) | subs.is_incomplete
    paid_at = np.where(fails, subs.recovered_at, np.where(lost, NEVER, paid_at))
    given_up_at = np.where(lost, subs.ended_at, NEVER)
    refunds = (paid_at != NEVER) & (recurring > 0) & (rng.random(count) < 0.02)
    refunded_at = np.where(refunds, np.where(refunds, paid_at, 0) + rng.integers(DAY, 10 * DAY, count), NEVER)
    total = recurring + proration + tax
    refund = np.where(refunds, np.where(rng.random(count) < 0.5, total, total // 2), 0)
    return Invoices(
        row, created_at, number, recurring, proration, tax, finalized_at, paid_at, given_up_at,
        refunded_at, refund,
    )  # fmt: skip
