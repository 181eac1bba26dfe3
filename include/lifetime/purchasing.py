"""How often a customer without a contract goes on to buy, and whether they still do.

Both models are of the family *buy till you die*: customers buy at random at a rate of their own (gamma
distributed: r, alpha), and after a purchase each is gone for good with a chance of their own (beta
distributed: a, b). In BG/NBD (Fader, Hardie and Lee 2005) nobody is gone before a second purchase; in
MBG/NBD (Batislam, Denizel and Filiztekin 2007) the first may have been the last as well.

Expectations have a closed form, a hypergeometric function, which no database has. They are computed here as
`lifetime_scores` computes them: the mean over the customers' chances of leaving, by Gauss and Jacobi's rule.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import linalg, optimize, special

from include.lifetime.histories import Histories, Numbers

BOUND = 9.0
"""Logarithms of parameters stay within: what lies farther off is told apart by no data."""
STARTS = ((0.5, 0.5, 0.5, 2.0), (2.0, 2.0, 0.1, 1.0))
NODES = 24


class NotFitted(ValueError):
    """No model of these customers can be had; the message says why."""


def most_likely(loss: Callable[[Numbers], float], starts: Sequence[Sequence[float]]) -> Numbers:
    """Return the logarithms of the parameters of least LOSS.

    Raises:
        NotFitted: none was found.
    """
    bounds = [(-BOUND, BOUND)] * len(starts[0])
    tried = [optimize.minimize(loss, np.log(start), method="L-BFGS-B", bounds=bounds).x for start in starts]
    # where parameters run off together the slope is too flat for it, but not for a simplex; sums of some
    # hundred logarithms are not told apart any closer
    found = optimize.minimize(
        loss, min(tried, key=loss), method="Nelder-Mead", bounds=bounds,
        options={"xatol": 1e-6, "fatol": 1e-10, "maxiter": 5000, "maxfev": 5000},
    )  # fmt: skip
    if not found.success or not np.isfinite(found.fun):
        raise NotFitted(f"no maximum of the likelihood was found: {found.message}")
    return found.x


@dataclass(frozen=True)
class Purchasing:
    """A fitted model, in the unit of time of the histories it was fitted on."""

    r: float
    alpha: float
    a: float
    b: float
    leaves_at_first: bool
    """Whether the first purchase may have been the last: MBG/NBD, and not BG/NBD."""
    log_likelihood: float = np.nan

    @classmethod
    def fit(cls, known: Histories, leaves_at_first: bool) -> Self:
        """Return the model that makes these histories most likely.

        Raises:
            NotFitted: the likelihood has no maximum that could be found.
        """
        histories, weight = np.unique(
            np.stack([known.frequency, known.recency, known.age]), axis=1, return_counts=True
        )
        frequency, recency, age = histories
        unit = age.max()
        if not unit > 0:
            raise NotFitted("everybody bought for the first time on the last day")
        recency, age = recency / unit, age / unit

        def loss(logarithms: Numbers) -> float:
            model = cls(*np.exp(logarithms), leaves_at_first)
            return -(weight @ model._log_likelihoods(frequency, recency, age)) / weight.sum()

        found = most_likely(loss, STARTS)
        r, alpha, a, b = np.exp(found)
        # likelihoods in years and in days differ by the unit, to the power of the purchases
        total = -loss(found) * weight.sum() - (weight @ frequency) * np.log(unit)
        return cls(float(r), float(alpha * unit), float(a), float(b), leaves_at_first, float(total))

    def _survived(self, frequency: Numbers) -> Numbers:
        """Return after how many purchases a customer who is still there had the chance to leave."""
        return frequency + self.leaves_at_first

    def _log_odds_of_leaving(self, frequency: Numbers, recency: Numbers, age: Numbers) -> Numbers:
        can_have_left = self._survived(frequency) > 0
        odds = np.log(self.a) - np.log(np.where(can_have_left, self.b + self._survived(frequency) - 1, 1))
        silence = (self.r + frequency) * (np.log(self.alpha + age) - np.log(self.alpha + recency))
        return np.where(can_have_left, odds + silence, -np.inf)

    def _log_likelihoods(self, frequency: Numbers, recency: Numbers, age: Numbers) -> Numbers:
        buying = (
            special.gammaln(self.r + frequency) - special.gammaln(self.r) + self.r * np.log(self.alpha)
            - (self.r + frequency) * np.log(self.alpha + age)
        )  # fmt: skip
        staying = special.betaln(self.a, self.b + self._survived(frequency)) - special.betaln(self.a, self.b)
        left = self._log_odds_of_leaving(frequency, recency, age)
        return buying + staying + np.logaddexp(0, left)

    def probability_alive(self, known: Histories) -> Numbers:
        """Return the probability with which each customer will buy again, one day or another."""
        return special.expit(-self._log_odds_of_leaving(known.frequency, known.recency, known.age))

    def nodes(self) -> tuple[Numbers, Numbers]:
        """Return chances of leaving and their weights, over which a mean is the mean over all customers."""
        # Golub and Welsch's way, because SciPy's own weights vanish where the chances are much alike
        left, right, order = self.b - 1, self.a - 1, np.arange(1, NODES)
        both = left + right + 2 * order
        diagonal = np.r_[
            (right - left) / (left + right + 2),
            (right - left) * (right + left) / (both * (both + 2)),
        ]
        beside = 4 * order * (order + left) * (order + right) / (both**2 * (both + 1))
        # of the first, a factor of numerator and denominator is the same, and may be 0
        beside[1:] *= (order[1:] + left + right) / (both[1:] - 1)
        beside[0] = 4 * self.b * self.a / (both[0] ** 2 * (both[0] + 1))
        places, vectors = linalg.eigh_tridiagonal(diagonal, np.sqrt(beside))
        return np.clip((places + 1) / 2, 1e-200, 1 - 1e-15), vectors[0] ** 2

    def expected_purchases(self, known: Histories, time: float) -> Numbers:
        """Return how many purchases each customer makes in the TIME that follows."""
        chances, weights = self.nodes()
        staying = weights * np.power.outer(1 - chances, self._survived(known.frequency)).T
        since = (self.alpha + known.age)[:, None]
        bought = (
            -np.expm1((self.r + known.frequency)[:, None] * -np.log1p(chances[None, :] * time / since))
            / chances
        )
        return self.probability_alive(known) * (staying * bought).sum(axis=1) / staying.sum(axis=1)
