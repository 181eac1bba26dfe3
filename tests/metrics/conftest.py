"""One company for all whose figures are told once more."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import pytest

from include import settings
from include.sandbox import world
from include.sandbox.channels import database, stripe, typeform
from include.sandbox.channels.database import offers
from include.sandbox.channels.database.offers import Offers
from include.sandbox.channels.segment import app, lodging, news, referrals, visits
from include.sandbox.channels.segment.visits import WEB, visits_of
from include.sandbox.channels.stripe import subscribers
from include.sandbox.live import playing
from include.sandbox.seasons import NEVER
from include.sandbox.stage import Stage
from include.sandbox.world import World
from tests import databases
from tests.built import fast_dbt
from tests.metrics import ledger
from tests.metrics.ledger import DAY, HOUR, SHOP, Order, Stay, Visit
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


def more_hosts(audience: Callable[[World, str, float], np.ndarray]) -> Callable[..., np.ndarray]:
    """Return how audiences are drawn, the home-stay site's being thrice what it is, and without staff."""

    def drawn(there: World, unit: str, share: float) -> np.ndarray:
        if unit != "home_stay":
            return audience(there, unit, share)
        found = audience(there, unit, 3 * share)
        return found[[not there.people[person].is_staff for person in found.tolist()]]

    return drawn


def taken_later(show: Callable[..., Offers]) -> Callable[..., Offers]:
    """Return how things are recommended, some of them twice, of which some are taken hours or days later."""

    def shown(rng: np.random.Generator, count: int, last: int) -> Offers:
        found = show(rng, count, last)
        twice = np.arange(9, count, 10)
        for own in (found.visitor, found.product, found.slot, found.basis):
            own[twice] = own[twice - 1]
        later = np.array([0, 20 * HOUR, 3 * DAY, 6 * DAY])[np.arange(count) % 4]
        for times in (found.added_at, found.bought_at):
            times += np.where(times == NEVER, 0, later)
        return found

    return shown


def buy_what_was_looked_at(there: World) -> None:
    """Let the first line of a customer's order be of what they last looked at on the website, if anything."""
    seen, lines = visits_of(there), there.order_lines
    looks: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for session in np.flatnonzero((seen.sessions.unit == WEB) & (seen.sessions.user >= 0)).tolist():
        looks[int(seen.sessions.user[session])].append((int(seen.sessions.started_at[session]), session))
    first = np.searchsorted(lines.order, np.arange(len(there.orders)))
    for order, account in enumerate(there.order_account.tolist()):
        before = [look for look in looks[account] if look[0] <= there.orders.created_at[order]]
        if before:
            lines.product[first[order]] = seen.product(max(before)[1])


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
            # and enough visits of the shop's website that come back, or lead to a first order
            patch.setattr(visits, "SHARES", (1.8, 0.4))
            # and enough readers with two devices
            patch.setattr(news.News, "SHARE", 0.38)
            # and enough hosts who came of late, and searches of as many guests
            patch.setattr(World, "audience", more_hosts(World.audience))
            patch.setattr(lodging.Lodging, "SHARE", 0.2)
            # and things that are recommended once more, or taken long after
            patch.setattr(offers, "show", taken_later(offers.show))
            there = world.build(seed=5, customers=600, end=date(2026, 10, 31), history=300)
            buy_what_was_looked_at(there)
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


@pytest.fixture(scope="module")
def shop_visits(chain: Stage) -> list[Visit]:
    """Return the visits of the shop's website."""
    # what is shared, and who is invited, happens within visits of the website
    return ledger.visits_of(SHOP, ledger.first_steps_of(chain, WEB) + ledger.steps_of(chain, SHOP))


@pytest.fixture(scope="module")
def orders(chain: Stage) -> list[Order]:
    """Return the shop's orders."""
    return ledger.orders_of(chain)


@pytest.fixture(scope="module")
def whose(chain: Stage) -> dict[tuple[str, int], str]:
    """Return the customer of each visit of somebody known."""
    return ledger.customers_of_visits()


@pytest.fixture(scope="module")
def stays(chain: Stage) -> list[Stay]:
    """Return the home-stay site's bookings."""
    return ledger.stays_of(chain)
