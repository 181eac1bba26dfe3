"""When people buy: hours of the day, days of the week, Tết, sale days and slow growth."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
from numpy.random import Generator

VIETNAM = timezone(timedelta(hours=7))
HOUR, DAY = 3600, 86400
NEVER = np.int64(1) << 62
TET = (date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26),
       date(2029, 2, 13), date(2030, 2, 3))  # fmt: skip
WEEK = (0.95, 0.92, 0.92, 0.96, 1.05, 1.18, 1.22)
HOURS = np.array([2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 13, 12, 11, 10, 9, 9, 10, 10, 12, 14, 16, 15, 10, 5])


def midnight(day: date) -> int:
    """Return the epoch second at which DAY begins in Vietnam."""
    return int(datetime(day.year, day.month, day.day, tzinfo=VIETNAM).timestamp())


def midnights(seconds: np.ndarray) -> np.ndarray:
    """Return the epoch seconds at which the days of SECONDS begin in Vietnam."""
    ahead = 7 * HOUR
    return (seconds + ahead) // DAY * DAY - ahead


def day_weights(first: date, days: int) -> np.ndarray:
    """Return how much is bought on each of DAYS days, about 1 each; no day is without a sale."""
    weights = np.empty(days)
    for i in range(days):
        day = first + timedelta(days=i)
        weight = WEEK[day.weekday()] * (0.8 + 0.4 * i / days)
        since_tet = min(((day - tet).days for tet in TET), key=abs)
        if -14 <= since_tet <= -2:
            weight *= 1.6
        elif -1 <= since_tet <= 5:
            weight *= 0.25
        if (day.month, day.day) in {(9, 9), (10, 10), (11, 11), (12, 12)}:
            weight *= 1.8
        weights[i] = weight
    return weights


def draw_times(rng: Generator, weights: np.ndarray, start: int, earliest: np.ndarray) -> np.ndarray:
    """Return epoch seconds, one per entry of EARLIEST (a day's number), drawn by the seasons."""
    cumulative = np.concatenate([[0.0], np.cumsum(weights)])
    low = cumulative[earliest]
    drawn = low + rng.random(len(earliest)) * (cumulative[-1] - low)
    day = np.clip(np.searchsorted(cumulative, drawn, side="right") - 1, earliest, len(weights) - 1)
    return start + day * DAY + draw_seconds(rng, len(earliest))


def draw_seconds(rng: Generator, count: int) -> np.ndarray:
    """Return seconds of the day by the shop's hours."""
    hour = rng.choice(24, count, p=HOURS / HOURS.sum())
    return hour * HOUR + rng.integers(0, HOUR, count)


def utc_text(second: int) -> str:
    """Return an epoch second as `2026-01-05T03:12:09Z`."""
    # five times as fast as strftime
    return datetime.fromtimestamp(int(second), UTC).isoformat()[:19] + "Z"


def local_text(second: int) -> str:
    """Return an epoch second as Vietnam's wall clock shows it, without an offset."""
    return datetime.fromtimestamp(int(second), VIETNAM).strftime("%Y-%m-%d %H:%M:%S")


def instant(text: str, default: int) -> int:
    """Return an ISO time or a number of seconds as an epoch second, DEFAULT where there is none."""
    if not text:
        return default
    return int(text) if text.isdigit() else int(datetime.fromisoformat(text).timestamp())
