"""How much a customer spends on a purchase: the Gamma-Gamma model (Fader and Hardie 2013).

What a customer spends varies around a mean of their own, whatever they buy how often: that those who buy
often spend neither more nor less is the assumption that `fit` looks at first.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import special

from include.lifetime.histories import Histories, Numbers
from include.lifetime.purchasing import NotFitted, most_likely

INDEPENDENT = 0.3
"""How far frequency and spending may be correlated."""
STARTS = ((1.0, 1.5, 1.0), (5.0, 4.0, 1.0))


def repeated(known: Histories) -> Histories:
    """Return the customers who came back and, on the mean, paid something."""
    chosen = (known.frequency > 0) & (known.amount > 0)
    return Histories(
        *(
            values[chosen]
            for values in (known.customer, known.frequency, known.recency, known.age, known.amount)
        )
    )


def correlation(known: Histories) -> float:
    """Return how frequency and spending go together among those who came back; NaN where nothing varies."""
    again = repeated(known)
    if len(again) < 2 or not np.ptp(again.frequency) or not np.ptp(again.amount):
        return float("nan")
    return float(np.corrcoef(again.frequency, again.amount)[0, 1])


@dataclass(frozen=True)
class Spending:
    """A fitted model, in the currency of the histories it was fitted on."""

    p: float
    q: float
    v: float
    log_likelihood: float = np.nan

    @classmethod
    def fit(cls, known: Histories) -> Self:
        """Return the model that makes the spending of those who came back most likely.

        Raises:
            NotFitted: frequency and spending go together, or the likelihood has no maximum.
        """
        again = repeated(known)
        if not abs(correlation(again)) < INDEPENDENT:
            raise NotFitted(
                f"how often customers buy and what they spend is correlated by {correlation(again):.2f}: "
                f"the model holds below {INDEPENDENT}"
            )
        unit = float(np.mean(again.amount))
        frequency, amount = again.frequency, again.amount / unit

        def loss(logarithms: Numbers) -> float:
            return -float(np.mean(cls(*np.exp(logarithms))._log_likelihoods(frequency, amount)))

        found = most_likely(loss, STARTS)
        p, q, v = np.exp(found)
        if q <= 1:
            raise NotFitted(f"spending has no mean (q = {q:.3f}): a few customers spend nearly all")
        total = -loss(found) * len(again) - len(again) * np.log(unit)
        return cls(float(p), float(q), float(v * unit), float(total))

    def _log_likelihoods(self, frequency: Numbers, amount: Numbers) -> Numbers:
        bought = self.p * frequency
        return (
            special.gammaln(bought + self.q) - special.gammaln(bought) - special.gammaln(self.q)
            + self.q * np.log(self.v) + (bought - 1) * np.log(amount) + bought * np.log(frequency)
            - (bought + self.q) * np.log(self.v + amount * frequency)
        )  # fmt: skip

    def expected_amount(self, known: Histories) -> Numbers:
        """Return what each customer spends on a purchase: their own mean, drawn towards everybody's."""
        return (
            self.p * (self.v + known.frequency * np.maximum(known.amount, 0))
            / (self.p * known.frequency + self.q - 1)
        )  # fmt: skip
