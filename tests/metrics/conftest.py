"""One company for all whose figures are told once more."""

from collections.abc import Iterator
from datetime import date

import pytest

from include import settings
from include.sandbox import world
from include.sandbox.channels import database, typeform
from include.sandbox.channels.segment import app, referrals
from include.sandbox.live import playing
from include.sandbox.stage import Stage
from tests import databases
from tests.built import fast_dbt
from tests.pointed import point
from tests.test_chain import ingest, run

NAME = "cx_told_twice"
SOURCES = (
    "ad_server", "app_store", "database", "google_play", "haravan", "mailchimp", "segment", "typeform",
    "zendesk",
)  # fmt: skip
"""What the figures are of; whom else the tracker meets is there all the same."""


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
