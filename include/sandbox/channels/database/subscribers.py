"""Who pays to read the news site, since when and under which terms.

Half of them begin with a week for nothing, after which some never pay. Who is less satisfied leaves sooner:
with the end of what is paid, or because a payment failed and was tried again in vain. Some come back.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from include.sandbox.care import Satisfaction
from include.sandbox.seasons import DAY, NEVER

PLANS = (("thang", "Đọc tháng", 30 * DAY, 49_000), ("nam", "Đọc năm", 365 * DAY, 39_000))
"""Id, name, how long a period is, and what a month costs in dong."""
YEARLY, TRIES, GIVES_UP, RETURNS = 0.2, 0.5, 0.3, 0.25
TRIAL, TRIED_AGAIN, STUMBLES = 7 * DAY, 20 * DAY, 3 * DAY
FAILS, RECOVERS = 0.25, 0.02
"""Of those who leave, whose payment failed; of the periods, after which one fails and is made days later."""
TRIALING, ACTIVE, CANCELLED, PAST_DUE, ENDED = STATES = (
    "trialing", "active", "cancelled", "past_due", "ended",
)  # fmt: skip


@dataclass(frozen=True)
class Terms:
    """A subscription as it stood from a time on, an epoch second; what has not come is `NEVER`."""

    subscription: int
    reader: int
    """Number of the profile."""
    plan: int
    started_at: int
    trial_until: int
    at: int
    state: str
    period_from: int
    period_to: int
    asked_at: int = NEVER
    """When the reader cancelled."""
    ended_at: int = NEVER
    by_payment: bool = False
    """Whether it ended because nothing was paid."""


def subscribe(
    rng: Generator, satisfaction: Satisfaction, person: np.ndarray, wished_at: np.ndarray, last: int
) -> list[Terms]:
    """Return by time what PERSONs, each a profile, subscribe to from WISHED_AT on, until the LAST second."""
    found: list[Terms] = []
    subscription = 0
    for reader, (who, begins_at) in enumerate(zip(person.tolist(), wished_at.tolist(), strict=True)):
        while begins_at <= last:
            terms = _live(rng, satisfaction, who, (subscription, reader), begins_at, last)
            found += terms
            subscription += 1
            if terms[-1].state != ENDED or rng.random() > RETURNS:
                break
            begins_at = terms[-1].at + int(rng.integers(5 * DAY, 90 * DAY))
    return sorted((each for each in found if each.at <= last), key=lambda each: (each.at, each.subscription))


def _live(
    rng: Generator, satisfaction: Satisfaction, person: int, ids: tuple[int, int], begins_at: int, last: int
) -> list[Terms]:
    """Return the terms of one subscription, the last of which may lie ahead of the LAST second."""
    plan, tries = int(rng.random() < YEARLY), rng.random() < TRIES
    length, trial_until = PLANS[plan][2], begins_at + TRIAL if tries else NEVER
    about = (*ids, plan, begins_at, trial_until)
    terms = []
    since = begins_at
    if tries:
        terms.append(Terms(*about, since, TRIALING, since, trial_until))
        if rng.random() < GIVES_UP:
            asked = since + int(rng.integers(DAY // 2, TRIAL))
            return [
                *terms,
                Terms(*about, asked, TRIALING, since, trial_until, asked),
                Terms(*about, trial_until, ENDED, since, trial_until, asked, trial_until),
            ]
        since = trial_until
    terms.append(Terms(*about, since, ACTIVE, since, since + length))
    while since <= last:
        until = since + length
        mood = float(satisfaction.at(np.array([person]), np.array([since]))[0])
        if rng.random() < np.clip(0.2 - 0.0022 * mood, 0.02, 0.2):
            if rng.random() < FAILS:
                given_up = until + TRIED_AGAIN
                return [
                    *terms,
                    Terms(*about, until, PAST_DUE, until, until + length),
                    Terms(*about, given_up, ENDED, until, until + length, NEVER, given_up, by_payment=True),
                ]
            asked = since + int(rng.integers(DAY, 25 * DAY))
            return [
                *terms,
                Terms(*about, asked, CANCELLED, since, until, asked),
                Terms(*about, until, ENDED, since, until, asked, until),
            ]
        if rng.random() < RECOVERS:
            terms += [
                Terms(*about, until, PAST_DUE, until, until + length),
                Terms(*about, until + STUMBLES, ACTIVE, until, until + length),
            ]
        since = until
    return terms
