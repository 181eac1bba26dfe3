"""A stall of the company on a marketplace: who buys there, what becomes of it, how it is rated."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from include.sandbox import trade
from include.sandbox.seasons import DAY, HOUR, NEVER, VIETNAM, day_weights, draw_times
from include.sandbox.trade import Columns, Lines
from include.sandbox.world import World

ARTICLES, VARIANTS = 60, 5
"""How many of the company's products a stall sells, the first ones; so many are variants of one article."""
SHIPPING, FREE_FROM = 16_500, 300_000
VOUCHER = 12_000
"""What the marketplace, not the shop, takes off some orders."""
COD, WALLET, CARD = range(3)


@dataclass
class Sales(Columns):
    """Orders by time of creation; a time is `NEVER` where it does not come."""

    person: np.ndarray
    created_at: np.ndarray
    method: np.ndarray
    paid_at: np.ndarray
    shipped_at: np.ndarray
    delivered_at: np.ndarray
    completed_at: np.ndarray
    """When the buyer confirms, or the time to complain is over."""
    cancelled_at: np.ndarray
    """Given up before it was sent."""
    failed_at: np.ndarray
    """The parcel came back undelivered."""
    complained_at: np.ndarray
    """The buyer asks to return it."""
    refunded_at: np.ndarray
    declined_at: np.ndarray
    """The buyer gets nothing back."""
    is_whole: np.ndarray
    """Whether all of it comes back, shipping included."""
    has_voucher: np.ndarray
    reviewed_at: np.ndarray
    star: np.ndarray
    edited_at: np.ndarray
    """When the review was changed, once."""
    answered_at: np.ndarray
    """When the shop replied to the review."""


class Stall:
    """Orders, their lines and their reviews; NAME is the marketplace's, SHARE of all people buy there."""

    def __init__(self, name: str, world: World, share: float) -> None:
        rng = world.rng(name)
        persons = world.audience("shop_online", share)
        days = (world.last - world.start) // DAY
        first = datetime.fromtimestamp(world.start, VIETNAM).date()
        person = np.repeat(persons, 1 + rng.poisson(2.5, len(persons)))
        created_at = draw_times(
            rng, day_weights(first, days), world.start, rng.integers(0, days, len(person))
        )
        by_time = np.lexsort((person, created_at))
        person, created_at = person[by_time], created_at[by_time]
        count = len(person)
        self.lines: Lines = trade.make_lines(rng, world.products[:ARTICLES], count, 3)
        self._first = np.searchsorted(self.lines.order, np.arange(count + 1))
        self.sale_price = self.lines.price - self.lines.discount // self.lines.quantity
        """What one unit of each line costs."""

        def when(happens: np.ndarray, at: np.ndarray, low: int, high: int) -> np.ndarray:
            later = at + rng.integers(low, high, count)
            return np.where(happens & (at != NEVER), later, NEVER)

        def chance(probability: float) -> np.ndarray:
            return rng.random(count) < probability

        everyone = np.ones(count, bool)
        method = rng.choice(3, count, p=[0.6, 0.25, 0.15])
        cancels = chance(0.08)
        shipped_at = when(~cancels, created_at, 4 * HOUR, 2 * DAY)
        fails = (method == COD) & chance(0.07)
        delivered_at = when(~fails, shipped_at, DAY, 5 * DAY)
        complains = chance(0.08)
        agrees = complains & chance(0.75)
        complained_at = when(complains, delivered_at, HOUR, 2 * DAY)
        refunded_at = when(agrees, complained_at, DAY, 9 * DAY)
        declined_at = when(complains & ~agrees, complained_at, DAY, 9 * DAY)
        settled = np.minimum(refunded_at, declined_at)
        completed_at = np.where(
            complains,
            np.where(settled != NEVER, settled + 60, NEVER),
            when(everyone, delivered_at, HOUR, 3 * DAY),
        )
        at_once = when(~cancels | chance(0.5), created_at, 20, 900)
        reviewed_at = when(chance(0.4), completed_at, HOUR, 6 * DAY)
        rates = reviewed_at != NEVER
        mood = world.satisfaction.at(person, np.where(rates, reviewed_at, created_at))
        self.sales = Sales(
            person, created_at, method,
            # cash is paid when the parcel is
            np.where(method == COD, delivered_at, at_once),
            shipped_at, delivered_at, completed_at,
            when(cancels, created_at, HOUR, DAY), when(fails, shipped_at, 4 * DAY, 9 * DAY),
            complained_at, refunded_at, declined_at, chance(0.6), chance(0.3),
            reviewed_at, np.clip(np.rint(1.5 + (mood + rng.normal(0, 12, count)) / 25), 1, 5).astype(int),
            when(rates & chance(0.1), reviewed_at, HOUR, 20 * DAY),
            when(rates & chance(0.5), reviewed_at, HOUR, 5 * DAY),
        )  # fmt: skip

        def summed(values: np.ndarray) -> np.ndarray:
            return np.bincount(self.lines.order, values, count).astype(np.int64)

        self.gross = summed(self.lines.quantity * self.lines.price)
        self.goods = summed(self.lines.quantity * self.sale_price)
        self.shipping = np.where(self.goods >= FREE_FROM, 0, SHIPPING)
        self.voucher = np.where(self.sales.has_voucher, VOUCHER, 0)
        self.total = self.goods + self.shipping - self.voucher
        """What the buyer pays."""
        one = self.sale_price[self._first[:-1]]
        self.sales.is_whole |= one == self.goods
        # of what does not come back whole, every other refund was bargained down to half
        part = np.where(np.arange(count) % 2 == 0, one, one // 2)
        self.refund = np.where(self.sales.is_whole, self.goods + self.shipping, part)
        self.goods_refund = np.where(self.sales.is_whole, self.goods, part)
        """What a refund gives back of the goods, without shipping."""

    def last_change(self, now: int, *names: str) -> np.ndarray:
        """Return when the last of some times of each order came, 0 where none has by NOW."""
        times = np.stack([getattr(self.sales, name) for name in names])
        return np.where(times <= now, times, 0).max(axis=0)

    def lines_of(self, row: int) -> range:
        """Return the numbers of an order's lines."""
        return range(self._first[row], self._first[row + 1])

    def returned(self, row: int) -> list[tuple[int, int]]:
        """Return the lines that come back, each with how many of it."""
        lines = self.lines_of(row)
        if self.sales.is_whole[row]:
            return [(line, int(self.lines.quantity[line])) for line in lines]
        return [(lines[0], 1)]
