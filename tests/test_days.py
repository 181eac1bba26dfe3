"""Days are Vietnam's, and counted once they are over."""

from datetime import UTC, date, datetime, timedelta

from include import days
from include.sources import Window

NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)


def over(start: datetime, end: datetime, back: timedelta | None = None) -> list[date]:
    return list(days.over(Window(start, end), back))


def test_a_day_is_over_at_its_last_second() -> None:
    midnight = days.midnight(date(2026, 11, 21))
    assert midnight == datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert over(NOON, midnight - timedelta(seconds=2)) == []
    assert over(NOON, midnight - timedelta(seconds=1)) == [date(2026, 11, 20)]


def test_the_day_in_which_a_window_begins_is_counted_whole() -> None:
    assert over(NOON, NOON + timedelta(days=2)) == [date(2026, 11, 20), date(2026, 11, 21)]
    first, last = days.seconds(date(2026, 11, 20))
    assert first < NOON.timestamp() < last
    assert last - first == 24 * 3600 - 1


def test_no_more_is_counted_than_is_asked_for() -> None:
    long = over(NOON - timedelta(days=400), NOON, back=timedelta(days=40))
    assert (long[0], long[-1]) == (date(2026, 10, 11), date(2026, 11, 19))
