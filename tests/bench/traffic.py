"""A year of visits to six units, one of each type, as an inbox; their SELECTs are in `inbox/`.

The units are those of which the project knows their type and their core events.
"""

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

SELECTS, VISITS = Path(__file__).parent / "inbox", Path(__file__).parent / "visits.sql"
DAYS = 365


@dataclass(frozen=True)
class Unit:
    """One business unit."""

    share: float
    """Of all events."""
    names: tuple[str, ...]
    """What visitors do, in the order in which they come to it."""
    signs_up: bool = False
    """Whether its tracker tells that somebody signed up."""


UNITS = {
    "shop_online": Unit(
        0.30,
        ("Home", "Products Searched", "Product Viewed", "Product Viewed", "Product Added",
         "Checkout Started", "Order Completed"),
    ),
    "sales_software": Unit(
        0.25,
        ("Home", "Dashboard", "Sale Recorded", "Report Viewed", "Sale Recorded", "Upgrade Prompt Viewed"),
        signs_up=True,
    ),
    "home_stay": Unit(
        0.20,
        ("Home", "Products Searched", "Product Clicked", "Product Viewed", "Product Added",
         "Checkout Started", "Order Completed"),
        signs_up=True,
    ),
    "news_site": Unit(0.10, ("Home", "Article", "Article", "Article", "Shared")),
    "habit_app": Unit(
        0.10, ("Home", "Habit Completed", "Habit Completed", "In-App Purchase"), signs_up=True
    ),
    "forum": Unit(0.05, ("Thread", "Thread", "Products Searched", "Thread")),
}  # fmt: skip


def write(inbox: Path, events: int, end: date) -> None:
    """Write the inbox of a company of about so many EVENTS in the year before END."""
    for name, unit in UNITS.items():
        shutil.copytree(SELECTS / name, inbox / name)
        parameters = {
            "days": DAYS,
            "start": end - timedelta(days=DAYS),
            "events": events * unit.share,
            "names": list(unit.names),
            "signs_up": unit.signs_up,
        }
        with duckdb.connect() as connection:
            for statement in connection.extract_statements(VISITS.read_text()):
                wanted = {key: parameters[key] for key in statement.named_parameters}
                connection.execute(statement, wanted or None)
            connection.table("events").write_parquet(str(inbox / name / "visits.parquet"))
