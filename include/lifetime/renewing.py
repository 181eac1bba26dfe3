"""How long a customer with a contract goes on to renew it: the shifted-beta-geometric model.

At each renewal a subscriber leaves with a chance of their own, the same every time; the chances are beta
distributed (alpha, b). Whoever is likely to leave leaves first, so those who stay are ever likelier to stay
(Fader and Hardie 2007).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import special

from include.lifetime.histories import Numbers
from include.lifetime.purchasing import NotFitted, most_likely

STARTS = ((1.0, 1.0), (0.5, 5.0))
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Stays:
    """The first stays of subscribers, a place in each array for one, in months counted from whichever."""

    first: NDArray[np.int64]
    """The first month at whose end somebody pays."""
    left: NDArray[np.int64]
    """The first month after it at whose end they do not pay; `NEVER` where they pay until now."""

    def __len__(self) -> int:
        return len(self.first)

    def until(self, month: int) -> "Stays":
        """Return what is known at the end of MONTH: who pays then has not left."""
        there = self.first <= month
        return Stays(self.first[there], np.where(self.left <= month, self.left, NEVER)[there])

    def renewals(self, month: int) -> Numbers:
        """Return how often each has renewed by the end of MONTH."""
        return (np.minimum(self.left - 1, month) - self.first).astype(float)

    @property
    def has_left(self) -> NDArray[np.bool_]:
        """Who has left."""
        return self.left != NEVER


@dataclass(frozen=True)
class Renewing:
    """A fitted model of monthly renewals."""

    alpha: float
    b: float
    log_likelihood: float = np.nan

    @classmethod
    def fit(cls, known: Stays, month: int) -> Self:
        """Return the model that makes these stays most likely, as they are known at the end of MONTH.

        Raises:
            NotFitted: the likelihood has no maximum that could be found.
        """
        known = known.until(month)
        (renewals, has_left), weight = np.unique(
            np.stack([known.renewals(month), known.has_left]), axis=1, return_counts=True
        )
        if not len(weight):
            raise NotFitted("nobody has paid over the end of a month")

        def loss(logarithms: Numbers) -> float:
            return -(weight @ cls(*np.exp(logarithms))._log_likelihoods(renewals, has_left)) / weight.sum()

        found = most_likely(loss, STARTS)
        alpha, b = np.exp(found)
        return cls(float(alpha), float(b), float(-loss(found) * weight.sum()))

    def _log_likelihoods(self, renewals: Numbers, has_left: Numbers) -> Numbers:
        """Return them of who renewed so often, and then left (1) or was not seen any further (0)."""
        return special.betaln(self.alpha + has_left, self.b + renewals) - special.betaln(self.alpha, self.b)

    def survival(self, renewals: Numbers) -> Numbers:
        """Return which share of all renews at least so often."""
        return np.exp(self._log_likelihoods(np.asarray(renewals), np.zeros(np.shape(renewals))))

    def expected_months(self, renewals: Numbers, months: int) -> Numbers:
        """Return for how many of the next MONTHS somebody pays who has renewed so often until now."""
        ahead = renewals[:, None] + np.arange(1, months + 1)
        return (self.survival(ahead) / self.survival(renewals)[:, None]).sum(axis=1)
