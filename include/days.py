"""The days of Vietnam: of which sources count, and that the warehouse is held against."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone

from include.sources import Window

VIETNAM = timezone(timedelta(hours=7))
SECOND = timedelta(seconds=1)
"""Sources count in whole seconds: a day is over a second before the next begins."""


def over(window: Window, back: timedelta | None = None) -> Iterator[date]:
    """Yield the days that are over when a window ends, from that in which it begins, at most BACK."""
    start = max(window.start, window.end - back) if back else window.start
    day = start.astimezone(VIETNAM).date()
    while midnight(day + timedelta(days=1)) <= window.end + SECOND:
        yield day
        day += timedelta(days=1)


def day_before(moment: datetime) -> date:
    """Return the last day that was over at a moment."""
    return moment.astimezone(VIETNAM).date() - timedelta(days=1)


def midnight(day: date) -> datetime:
    """Return when a day begins."""
    return datetime.combine(day, time(), VIETNAM)


def last_second(day: date) -> datetime:
    """Return the last second of a day."""
    return midnight(day + timedelta(days=1)) - SECOND


def seconds(day: date) -> tuple[int, int]:
    """Return the first and the last second of a day."""
    return int(midnight(day).timestamp()), int(last_second(day).timestamp())
