"""One company for all whose figures are told once more."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from include import settings
from include.sandbox import world
from include.sandbox.channels import database, stripe, typeform
from include.sandbox.channels.segment import app, referrals
from include.sandbox.channels.stripe import subscribers
from include.sandbox.live import playing
from include.sandbox.seasons import DAY, NEVER
from include.sandbox.stage import Stage
from tests import databases
from tests.built import fast_dbt
from tests.pointed import point
from tests.test_chain import ingest, run

NAME = "cx_told_twice"
SOURCES = (
    "ad_server", "ad_spend", "app_store", "database", "google_play", "haravan", "mailchimp", "segment",
    "stripe", "typeform", "zendesk",
)  # fmt: skip
"""What the figures are of; whom else the tracker meets is there all the same."""


def growing(*given: object) -> subscribers.Subscriptions:
    """Return subscriptions of which each gets a seat more once it has been paid for a while."""
    subs = subscribers.subscribe(*given)
    later = subs.anchor_at + 40 * DAY
    stays_until = np.minimum.reduce([subs.asked_at, subs.ended_at, subs.failed_at])
    grows = (subs.changed_at == NEVER) & (later < stays_until)
    subs.changed_at[grows], subs.seats_later[grows] = later[grows], subs.seats[grows] + 1
    return subs


@pytest.fixture(scope="session")
def company(prepared: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return the company with its trackers, stores and databases, pulled, built and published once."""
    with databases.made(NAME, prepared):
        # tests of other folders may follow in this process: nothing stays as it is here
        with pytest.MonkeyPatch.context() as patch:
            # enough visits for some of them to order
            patch.setattr(settings, "EVENTS_PER_CUSTOMER", 20.0)
            # and enough purchases in the app for curves of those who came in a week
            patch.setattr(app, "PAYS", 0.4)
            # and all buyers in the survey of validation, or few of the silent would be
            patch.setattr(typeform, "ASKED", 1.0)
            # and enough products that are shared
            patch.setattr(referrals, "SHARES", 0.3)
            # and enough readers who pay
            patch.setattr(database, "PAYS_TO_READ", 0.5)
            # and subscriptions that grow, and of which it is known when they did
            patch.setattr(stripe, "subscribe", growing)
            patch.setattr(stripe, "KEPT", 150 * DAY)
            there = world.build(seed=5, customers=600, end=date(2026, 10, 31), history=300)
            stage = Stage(there, tmp_path_factory.mktemp("sandbox"), chosen=SOURCES)
            with playing(stage) as played, fast_dbt():
                point(patch, played, SOURCES)
                ingest(played, *SOURCES)
                run()
        with databases.used("postgres"):
            yield stage


@pytest.fixture(scope="module")
def chain(company: Stage) -> Iterator[Stage]:
    """Point the settings at the warehouse of the company, and return what the company did."""
    with databases.used(NAME):
        yield company
