"""What the shop's recommender shows its visitors, and what they take of it."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from include.sandbox.seasons import DAY, NEVER
from include.sandbox.trade import Columns

SLOTS = ("home_for_you", "product_similar", "cart_together")
BASES = ("none", "browse", "purchase", "both")
CLICKED = (0.05, 0.10, 0.12, 0.16)
"""By what an offer rests on: whoever is known takes more of it."""
ADDED, BOUGHT = 0.5, 0.4
"""Of who clicked, and of who put it into a cart."""
SINCE, PRODUCTS = 200 * DAY, 240


@dataclass
class Offers(Columns):
    """Things shown to visitors; a time is `NEVER` where it does not come."""

    visitor: np.ndarray
    product: np.ndarray
    slot: np.ndarray
    rank: np.ndarray
    basis: np.ndarray
    shown_at: np.ndarray
    clicked_at: np.ndarray
    added_at: np.ndarray
    bought_at: np.ndarray


def show(rng: Generator, count: int, last: int) -> Offers:
    """Return COUNT offers of the days up to LAST, by when they were shown."""
    shown_at = np.sort(last - rng.integers(0, SINCE, count))
    basis = rng.choice(len(BASES), count, p=[0.4, 0.3, 0.15, 0.15])
    chance = rng.random((3, count))
    clicked = chance[0] < np.array(CLICKED)[basis]
    added = clicked & (chance[1] < ADDED)
    bought = added & (chance[2] < BOUGHT)
    clicked_at = shown_at + rng.integers(2, 120, count)
    added_at = clicked_at + rng.integers(10, 900, count)
    bought_at = added_at + rng.integers(60, 2 * DAY, count)
    return Offers(
        rng.integers(0, max(count // 4, 1), count),
        rng.integers(0, PRODUCTS, count),
        rng.integers(0, len(SLOTS), count),
        1 + rng.integers(0, 6, count),
        basis,
        shown_at,
        *(
            np.where(done, at, NEVER)
            for done, at in ((clicked, clicked_at), (added, added_at), (bought, bought_at))
        ),
    )
