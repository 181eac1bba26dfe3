"""What the purchase days of customers say of each: how often, how lately, since when, how much."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Days:
    """Purchase days, a place in each array for one, ordered by customer and then by day."""

    customer: NDArray[np.int64]
    day: NDArray[np.int64]
    """Days since whatever day, the same for all."""
    amount: Numbers

    def until(self, day: int) -> "Days":
        """Return the days up to and with DAY."""
        return self._where(self.day <= day)

    def after(self, day: int) -> "Days":
        """Return the days behind DAY."""
        return self._where(self.day > day)

    def _where(self, chosen: NDArray[np.bool_]) -> "Days":
        return Days(self.customer[chosen], self.day[chosen], self.amount[chosen])


@dataclass(frozen=True)
class Histories:
    """Customers, a place in each array for one, in days or in any other unit of time."""

    customer: NDArray[np.int64]
    frequency: Numbers
    """Purchase days after the first: the orders of one day are one purchase."""
    recency: Numbers
    """From the first purchase to the last."""
    age: Numbers
    """From the first purchase to the end of what is known."""
    amount: Numbers
    """Mean of the repeated purchases; 0 where there is none."""

    def __len__(self) -> int:
        return len(self.frequency)


def histories(days: Days, through: int) -> Histories:
    """Return what is known of each customer at the end of the day THROUGH."""
    known = days.until(through)
    customer, first, count = np.unique(known.customer, return_index=True, return_counts=True)
    frequency = count - 1.0
    if not len(customer):
        return Histories(customer, frequency, frequency, frequency, frequency)
    repeated = np.add.reduceat(known.amount, first) - known.amount[first]
    return Histories(
        customer,
        frequency,
        (known.day[first + count - 1] - known.day[first]).astype(float),
        (through - known.day[first]).astype(float),
        np.divide(repeated, frequency, out=np.zeros(len(customer)), where=frequency > 0),
    )
