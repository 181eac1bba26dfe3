"""The trade of a shop with a website and a till: who buys there, what becomes of it, what is left behind."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from include.sandbox import trade
from include.sandbox.people import OLD_PREFIXES, RENUMBERED, Profiles, write_profiles
from include.sandbox.seasons import DAY, HOUR, NEVER, VIETNAM, day_weights, draw_times, midnight
from include.sandbox.trade import FREE_SHIPPING, POS, Columns, Lines, Orders
from include.sandbox.world import World

ARTICLES = 80
"""How many of the company's products the shop sells, the first ones."""
SHIPPING = 28_000
OPENED = date(2014, 3, 1)
"""Since when the till has noted customers, with the phones of their day."""


@dataclass
class Checkouts(Columns):
    """Baskets that were left before they were paid, by time."""

    person: np.ndarray
    created_at: np.ndarray
    completed_at: np.ndarray
    """When the buyer came back and paid, `NEVER` for most."""
    account: np.ndarray
    """-1 for who had not signed in."""


class Store:
    """Accounts, orders with their lines and amounts, and checkouts."""

    def __init__(self, name: str, world: World) -> None:
        rng = world.rng(name)
        persons = world.audience("shop_online", 0.2)
        days = world.days
        weights = day_weights(datetime.fromtimestamp(world.start, VIETNAM).date(), days)
        self.orders: Orders = trade.make_orders(
            rng, weights, world.start, persons, rng.integers(0, days, len(persons))
        )
        orders, count = self.orders, len(self.orders)
        # who pays at the till may say who they are
        known = (orders.source == POS) & (rng.random(count) < 0.35)
        orders.person[known] = rng.choice(persons, known.sum())
        self.accounts = self._accounts(rng, world, persons)
        account_of = np.full(len(world.people), -1)
        account_of[self.accounts.person] = np.arange(len(self.accounts))
        account = np.where(orders.person >= 0, account_of[orders.person], -1)
        is_there = (account >= 0) & (self.accounts.created_at[account] <= orders.created_at)
        self.account = np.where(is_there & (rng.random(count) < 0.9), account, -1)
        """Number of the account that each order was placed with, -1 for none."""

        articles = world.products[:ARTICLES]
        self.lines: Lines = trade.make_lines(rng, articles, count, 4)
        self._first = np.searchsorted(self.lines.order, np.arange(count + 1))
        self._reckon()

        left = rng.choice(persons, count // 8)
        left_at = np.sort(draw_times(rng, weights, world.start, rng.integers(0, days, len(left))))
        comes_back = np.where(
            rng.random(len(left)) < 0.2, left_at + rng.integers(HOUR, 2 * DAY, len(left)), NEVER
        )
        account = account_of[left]
        knows = (
            (account >= 0) & (self.accounts.created_at[account] <= left_at) & (np.arange(len(left)) % 5 < 3)
        )
        self.checkouts = Checkouts(left, left_at, comes_back, np.where(knows, account, -1))
        self.left_lines: Lines = trade.make_lines(rng, articles, len(left), 3)
        self._first_left = np.searchsorted(self.left_lines.order, np.arange(len(left) + 1))
        self.left_goods = np.bincount(self.left_lines.order, self.left_lines.net, len(left)).astype(np.int64)
        # who came as far as the address knows what the shipping costs
        self.left_total = self.left_goods + np.where(np.arange(len(left)) % 3 == 0, SHIPPING, 0)

    def _accounts(self, rng: np.random.Generator, world: World, persons: np.ndarray) -> Profiles:
        """Return three in four persons' accounts: of the till's first years, else of their first order."""
        first_at = np.full(len(world.people), NEVER)
        is_known = self.orders.person >= 0
        np.minimum.at(first_at, self.orders.person[is_known], self.orders.created_at[is_known])
        opened = midnight(OPENED)
        long_ago = opened + rng.integers(0, RENUMBERED - opened, len(persons))
        is_old = rng.random(len(persons)) < 0.4
        joined = np.where(is_old, long_ago, first_at[persons] - 60)
        members = (rng.random(len(persons)) < 0.75) & (joined < world.last)
        accounts = write_profiles(rng, world.people, persons[members], joined[members])
        for row in np.flatnonzero(accounts.created_at < RENUMBERED).tolist():
            # nobody has rewritten them since eleven digits became ten
            number = world.people[accounts.person[row]].phone_at(int(accounts.created_at[row]))
            if accounts.phones[row] and number[:2] in OLD_PREFIXES:
                accounts.phones[row] = f"0{OLD_PREFIXES[number[:2]]}{number[2:]}"
        return accounts

    def _reckon(self) -> None:
        """Add up what each order costs and what a refund gives back."""
        orders, lines, count = self.orders, self.lines, len(self.orders)

        def summed(values: np.ndarray) -> np.ndarray:
            return np.bincount(lines.order, values, count).astype(np.int64)

        self.gross = summed(lines.quantity * lines.price)
        self.goods = summed(lines.net)
        numbers = np.arange(count)
        self.is_tax_included = orders.has_invoice & (numbers % 2 == 0)
        """Whether the prices hold the tax already, as `taxes_included` says."""
        added = np.where(orders.has_invoice, self.goods * 8 // 100, 0)
        self.tax = np.where(self.is_tax_included, self.goods * 8 // 108, added)
        self.shipping = np.where((orders.source == POS) | (self.goods >= FREE_SHIPPING), 0, SHIPPING)
        self.total = self.goods + self.shipping + np.where(self.is_tax_included, 0, self.tax)
        first = self._first[:-1]
        one = lines.net[first] // lines.quantity[first]
        self.is_whole = orders.is_refunded_whole | (one == self.goods)
        self.is_amount_alone = ~self.is_whole & (numbers % 2 == 0)
        """Whether a refund is of money alone: nothing comes back."""
        part = np.where(self.is_amount_alone, one // 2, one)
        refund = np.where(self.is_whole, self.goods, part)
        self.goods_refund = np.where(orders.refunded_at != NEVER, refund, 0)
        # who cancels before anything was sent gets all back, shipping included
        is_cancelled = (orders.refunded_at != NEVER) & (orders.cancelled_at != NEVER)
        self.refund = np.where(is_cancelled, self.total, self.goods_refund)

    def lines_of(self, row: int) -> range:
        """Return the numbers of an order's lines."""
        return range(self._first[row], self._first[row + 1])

    def left_lines_of(self, row: int) -> range:
        """Return the numbers of a checkout's lines."""
        return range(self._first_left[row], self._first_left[row + 1])
