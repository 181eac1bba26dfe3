"""What the synthetic company sells: products, online orders with their fate, receipts at counters.

Every time of an order is drawn at once, the future included: an order stands at any moment as its
times up to that moment say. Amounts are whole dong, and the lines of an order sum to it.
"""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.random import Generator

from include.sandbox.seasons import DAY, HOUR, NEVER, draw_seconds, draw_times
from include.sandbox.vocabulary import CATEGORIES, GATEWAYS, ORDER_SOURCES, STORES, VARIANTS

COD = 0
CASH = len(GATEWAYS) - 1
POS = len(ORDER_SOURCES) - 1
FREE_SHIPPING = 500_000
LEAVES_AFTER = (0.09, 0.13, 0.16)
"""Probability of leaving after the first, second, third bad experience: 9, 21, 34 points in sum."""


@dataclass(frozen=True)
class Product:
    """One article, sold online and at the counters under one SKU."""

    sku: str
    title: str
    category: str
    price: int


@dataclass
class Columns:
    """Arrays of one length, selected together."""

    def take(self, rows: np.ndarray) -> Self:
        """Return the rows in the order given."""
        return type(self)(*(getattr(self, each.name)[rows] for each in fields(self)))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(getattr(self, fields(self)[0].name))


@dataclass
class Orders(Columns):
    """Online and POS orders by time of creation; a time is `NEVER` where it does not come."""

    person: np.ndarray
    """-1 where nobody knows who bought."""
    created_at: np.ndarray
    source: np.ndarray
    gateway: np.ndarray
    promised_at: np.ndarray
    confirmed_at: np.ndarray
    paid_at: np.ndarray
    shipped_at: np.ndarray
    delivered_at: np.ndarray
    returned_at: np.ndarray
    """The parcel came back undelivered."""
    cancelled_at: np.ndarray
    refunded_at: np.ndarray
    closed_at: np.ndarray
    is_defective: np.ndarray
    is_refunded_whole: np.ndarray
    has_invoice: np.ndarray
    """A company's invoice adds 8 % of tax."""

    @property
    def is_late(self) -> np.ndarray:
        """Whether the parcel came after the promised time."""
        return (self.delivered_at != NEVER) & (self.delivered_at > self.promised_at)


@dataclass
class Receipts(Columns):
    """Sales at the counters by time."""

    person: np.ndarray
    sold_at: np.ndarray
    store: np.ndarray
    is_card: np.ndarray
    returned_at: np.ndarray


@dataclass
class Lines(Columns):
    """Lines of orders or receipts, in their order; discounts are whole thousands."""

    order: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    price: np.ndarray
    discount: np.ndarray

    @property
    def net(self) -> np.ndarray:
        """What each line costs after its discount."""
        return self.quantity * self.price - self.discount


def make_products(rng: Generator) -> list[Product]:
    """Return 200 products in eight categories."""
    products: list[Product] = []
    for category, (code, kinds, (low, high)) in CATEGORIES.items():
        for kind in kinds:
            price = rng.integers(low, high)
            for step, variant in enumerate(VARIANTS):
                sku = f"{code}-{len(products) + 1:03d}"
                own = int(price * (1 + 0.15 * step)) * 1000
                products.append(Product(sku, f"{kind} {variant}", category, own))
    return products


def make_lines(rng: Generator, products: list[Product], orders: int, longest: int) -> Lines:
    """Return one to LONGEST lines for each of ORDERS orders; a quarter of them discounted."""
    weights = np.array([0.52, 0.27, 0.14, 0.07][:longest])
    count = rng.choice(np.arange(1, longest + 1), orders, p=weights / weights.sum())
    order = np.repeat(np.arange(orders), count)
    popularity = 1 / np.arange(1, len(products) + 1) ** 0.6
    product = rng.permutation(len(products))[
        rng.choice(len(products), len(order), p=popularity / popularity.sum())
    ]
    quantity = rng.choice(4, len(order), p=[0, 0.78, 0.16, 0.06])
    price = np.array([each.price for each in products])[product]
    share = np.where(rng.random(orders) < 0.25, rng.choice([0.05, 0.1, 0.15, 0.2], orders), 0)
    discount = (quantity * price * share[order] / 1000).astype(np.int64) * 1000
    return Lines(order, product, quantity, price, discount)


def make_orders(
    rng: Generator, weights: np.ndarray, start: int, persons: np.ndarray, joined: np.ndarray
) -> Orders:
    """Return the orders of PERSONS, who come by the day JOINED, and one POS sale or more a day."""
    counts = 1 + rng.poisson(rng.gamma(0.8, 4.4 / 0.8, len(persons)) * (1 - joined / len(weights)))
    person, earliest = np.repeat(persons, counts), np.repeat(joined, counts)
    days = len(weights)
    walk_ins = days + len(person) // 40
    walk_in_days = np.concatenate([np.arange(days), rng.integers(0, days, walk_ins - days)])
    created_at = np.concatenate(
        [
            draw_times(rng, weights, start, earliest),
            start + walk_in_days * DAY + draw_seconds(rng, walk_ins),
        ]
    )
    is_pos = np.arange(len(created_at)) >= len(person)
    person = np.concatenate([person, np.full(walk_ins, -1)])
    by_time = np.lexsort((person, created_at))
    return _without_those_who_left(rng, _fate(rng, person[by_time], created_at[by_time], is_pos[by_time]))


def _fate(rng: Generator, person: np.ndarray, created_at: np.ndarray, is_pos: np.ndarray) -> Orders:
    count = len(person)

    def chance(probability: float) -> np.ndarray:
        return rng.random(count) < probability

    def between(low: float, high: float) -> np.ndarray:
        return (low + rng.random(count) * (high - low)).astype(np.int64)

    def when(condition: np.ndarray, time: np.ndarray) -> np.ndarray:
        return np.where(condition, time, NEVER)

    share = np.array([row[-1] for row in GATEWAYS]) / 100
    gateway = np.where(is_pos, CASH, rng.choice(len(GATEWAYS), count, p=share))
    share = np.array([row[-1] for row in ORDER_SOURCES]) / 100
    source = np.where(is_pos, POS, rng.choice(len(ORDER_SOURCES), count, p=share))
    confirmed_at = created_at + np.where(is_pos, 0, between(600, 14 * HOUR))
    # COD: 22 in 100 do not arrive, a third of them given up before they leave the warehouse
    is_cod, fails = gateway == COD, chance(0.22)
    is_cancelled = ~is_pos & np.where(is_cod, fails & chance(0.33), chance(0.03))
    comes_back = is_cod & fails & ~is_cancelled
    is_shipped = ~is_pos & ~is_cancelled
    shipped = confirmed_at + between(2 * HOUR, 30 * HOUR)
    promised = created_at + between(3 * DAY, 5 * DAY)
    travel = (rng.lognormal(np.log(1.6), 0.45, count) * DAY).astype(np.int64)
    arrives = is_shipped & ~comes_back
    delivered_at = np.where(is_pos, created_at, when(arrives, shipped + travel))
    returned_at = when(comes_back, shipped + travel + between(3 * DAY, 7 * DAY))
    cancelled_at = np.where(
        comes_back, returned_at, when(is_cancelled, created_at + between(HOUR, 36 * HOUR))
    )
    confirmed_at = when(confirmed_at < cancelled_at, confirmed_at)
    is_defective = arrives & chance(0.04)
    is_refunded = (arrives & np.where(is_defective, chance(0.6), chance(0.025))) | (is_pos & chance(0.01))
    paid_at = np.where(
        is_pos | ~is_cod,
        created_at + np.where(is_pos, 0, between(30, 900)),
        when(arrives, delivered_at),
    )
    base = np.where(delivered_at == NEVER, created_at, delivered_at)
    refunded_at = np.where(
        is_cancelled & ~is_cod,
        cancelled_at + HOUR,
        when(is_refunded, base + between(DAY, 18 * DAY)),
    )
    closed_at = when(delivered_at != NEVER, base + np.where(is_pos, 0, 3 * DAY))
    return Orders(
        person, created_at, source, gateway, when(~is_pos, promised), confirmed_at, paid_at,
        when(is_shipped, shipped), delivered_at, returned_at, cancelled_at, refunded_at, closed_at,
        is_defective, (is_cancelled & ~is_cod) | chance(0.35), ~is_pos & chance(0.05),
    )  # fmt: skip


def _without_those_who_left(rng: Generator, orders: Orders) -> Orders:
    """Drop what a person would have ordered after leaving over bad experiences."""
    is_bad = (orders.person >= 0) & (orders.is_late | orders.is_defective)
    bad = np.flatnonzero(is_bad)
    bad = bad[np.lexsort((orders.delivered_at[bad], orders.person[bad]))]
    people = orders.person[bad]
    first = np.searchsorted(people, people)
    nth = np.minimum(np.arange(len(bad)) - first, len(LEAVES_AFTER) - 1)
    leaves = bad[rng.random(len(bad)) < np.array(LEAVES_AFTER)[nth]]
    gone_at = np.full(orders.person.max() + 2, NEVER)
    np.minimum.at(gone_at, orders.person[leaves], orders.delivered_at[leaves])
    return orders.take(np.flatnonzero(orders.created_at <= gone_at[orders.person]))


def make_receipts(
    rng: Generator,
    weights: np.ndarray,
    start: int,
    members: np.ndarray,
    joined: np.ndarray,
    count: int,
) -> Receipts:
    """Return about COUNT sales at the counters, at least one a day, half of them to MEMBERS."""
    days = len(weights)
    pick = rng.integers(0, len(members), count // 2)
    others = days + max(count - count // 2 - days, 0)
    day = np.concatenate([np.arange(days), rng.integers(0, days, others - days)])
    sold_at = np.concatenate(
        [
            draw_times(rng, weights, start, joined[pick]),
            start + day * DAY + draw_seconds(rng, others),
        ]
    )
    person = np.concatenate([members[pick], np.full(others, -1)])
    by_time = np.lexsort((person, sold_at))
    is_returned = rng.random(len(sold_at)) < 0.015
    later = sold_at + (rng.random(len(sold_at)) * 10 * DAY).astype(np.int64) + HOUR
    return Receipts(
        person, sold_at, rng.integers(0, len(STORES), len(sold_at)), rng.random(len(sold_at)) < 0.4,
        np.where(is_returned, later, NEVER),
    ).take(by_time)  # fmt: skip
