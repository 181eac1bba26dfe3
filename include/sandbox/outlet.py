"""An outlet shop's own trade: who orders what there, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from include.sandbox import trade
from include.sandbox.people import Profiles, write_profiles
from include.sandbox.seasons import DAY, HOUR, NEVER, VIETNAM, day_weights, draw_times
from include.sandbox.trade import Columns, Lines
from include.sandbox.world import World

ARTICLES = 60
"""How many of the company's products the outlet sells, the first ones."""
SHIPPING, HANDLING = 25_000, 10_000
"""The fee for cash on delivery is a line of its own."""
COD, BACS, CARD, WALLET = range(4)
METHODS = (("cod", "Thu tiền khi nhận hàng"), ("bacs", "Chuyển khoản ngân hàng"),
           ("vnpay", "VNPAY"), ("momo", "Ví MoMo"))  # fmt: skip


@dataclass
class Orders(Columns):
    """Orders by time of creation; a time is `NEVER` where it does not come."""

    person: np.ndarray
    account: np.ndarray
    """-1 for a guest."""
    created_at: np.ndarray
    method: np.ndarray
    by_phone: np.ndarray
    """Whether staff typed the order in."""
    paid_at: np.ndarray
    completed_at: np.ndarray
    cancelled_at: np.ndarray
    failed_at: np.ndarray
    refunded_at: np.ndarray
    is_whole: np.ndarray
    """Whether the refund is of everything, shipping included."""
    has_tax: np.ndarray


class Outlet:
    """Accounts, orders and lines; NAME is that of the channel which shows them."""

    def __init__(self, name: str, world: World) -> None:
        rng = world.rng(name)
        persons = world.audience("shop_online", 0.2)
        first = datetime.fromtimestamp(world.start, VIETNAM).date()
        days = (world.last - world.start) // DAY
        person = np.repeat(persons, 1 + rng.poisson(2.2, len(persons)))
        created_at = draw_times(
            rng, day_weights(first, days), world.start, rng.integers(0, days, len(person))
        )
        by_time = np.lexsort((person, created_at))
        person, created_at = person[by_time], created_at[by_time]
        count = len(person)
        self.lines: Lines = trade.make_lines(rng, world.products[:ARTICLES], count, 3)
        self._first = np.searchsorted(self.lines.order, np.arange(count + 1))

        members = persons[rng.random(len(persons)) < 0.7]
        owners, first_order = np.unique(person, return_index=True)
        joined = created_at[first_order[np.isin(owners, members)]] - 60
        self.accounts: Profiles = write_profiles(rng, world.people, owners[np.isin(owners, members)], joined)
        self.moved_at = np.where(
            rng.random(len(joined)) < 0.2,
            self.accounts.created_at + rng.integers(DAY, 400 * DAY, len(joined)), NEVER,
        )  # fmt: skip
        by_person = np.argsort(self.accounts.person, kind="stable")
        found = np.searchsorted(self.accounts.person[by_person], person)
        account = by_person[np.minimum(found, len(by_person) - 1)]
        account = np.where(self.accounts.person[account] == person, account, -1)

        method = rng.choice(4, count, p=[0.55, 0.2, 0.15, 0.1])
        fails = (method >= CARD) & (rng.random(count) < 0.08)
        cancels = ~fails & (rng.random(count) < 0.1)
        waits = np.where(method == BACS, rng.integers(HOUR, 20 * HOUR, count), rng.integers(20, 600, count))
        completed_at = np.where(fails | cancels, NEVER, created_at + rng.integers(DAY, 6 * DAY, count))
        at_once = np.where(fails | cancels, NEVER, created_at + waits)
        paid_at = np.where(method == COD, completed_at, at_once)
        cancelled_at = np.where(cancels, created_at + rng.integers(20 * HOUR, 2 * DAY, count), NEVER)
        back = (completed_at != NEVER) & (rng.random(count) < 0.06)
        refunded_at = np.where(
            back, np.where(back, completed_at, 0) + rng.integers(2 * DAY, 15 * DAY, count), NEVER
        )
        self.orders = Orders(
            person, account, created_at, method, rng.random(count) < 0.05, paid_at, completed_at,
            cancelled_at, np.where(fails, created_at + 1800, NEVER), refunded_at, rng.random(count) < 0.5,
            rng.random(count) < 0.1,
        )  # fmt: skip

        def summed(values: np.ndarray) -> np.ndarray:
            return np.bincount(self.lines.order, values, count).astype(np.int64)

        self.subtotal = summed(self.lines.quantity * self.lines.price)
        self.goods = summed(self.lines.net)
        self.fee = np.where(method == COD, HANDLING, 0)
        self.tax = np.where(self.orders.has_tax, self.goods * 8 // 100, 0)
        self.total = self.goods + SHIPPING + self.fee + self.tax
        first_line = self._first[:-1]
        one = self.lines.net[first_line] // self.lines.quantity[first_line]
        self.orders.is_whole |= one == self.goods
        self.refund = np.where(self.orders.is_whole, self.total, one)
        self.changed_at = np.stack(
            [created_at, paid_at, completed_at, cancelled_at, self.orders.failed_at, refunded_at]
        )

    def lines_of(self, row: int) -> range:
        """Return the numbers of an order's lines."""
        return range(self._first[row], self._first[row + 1])
