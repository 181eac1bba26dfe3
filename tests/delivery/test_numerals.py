"""Numbers as people write them in two languages."""

from datetime import date

import pytest

from include.delivery.numerals import Measure, measure_of, number, short
from include.delivery.periods import Point, following, label, together, with_gaps


@pytest.mark.parametrize(
    ("value", "digits", "vi", "en"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (-1234567, 0, "−1.234.567", "−1,234,567"),
        (0, 1, "0,0", "0.0"),
    ],
)
def test_separators(value: float, digits: int, vi: str, en: str) -> None:
    assert number(value, digits, "vi") == vi
    assert number(value, digits, "en") == en


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (1_240_000_000, "1,24\u00a0tỷ", "1.24B"),
        (999_960_000, "1\u00a0tỷ", "1B"),
        (12_500_000, "12,5\u00a0tr", "12.5M"),
        (999_000, "999.000", "999,000"),
        (82.5, "82,5", "82.5"),
        (-2_000_000, "−2\u00a0tr", "−2M"),
        (0, "0", "0"),
    ],
)
def test_shortened(value: float, vi: str, en: str) -> None:
    assert short(value, "vi") == vi
    assert short(value, "en") == en


def test_no_value_is_a_dash_and_no_change() -> None:
    measure = Measure("money", "VND")
    assert measure.full(None, "vi") == "–"
    assert measure.change(None, 1, "vi") is None
    assert measure.change(1, 0, "vi") is None


@pytest.mark.parametrize(
    ("measure", "now", "before", "vi"),
    [
        (Measure("money", "VND"), 110, 100, "+10,0%"),
        (Measure("score"), 41.2, 38.5, "+2,7 điểm"),
        (Measure("share"), 0.75, 0.8, "−5,0 điểm %"),
    ],
)
def test_changes(measure: Measure, now: float, before: float, vi: str) -> None:
    assert measure.change(now, before, "vi") == vi


@pytest.mark.parametrize("kind", ["money", "count", "number", "score", "share", "seconds"])
@pytest.mark.parametrize("values", [[], [0], [0.5], [0.79, 0.81], [1e-9], [3e10], [0.0, 0.0], [0.1, 1.0]])
def test_a_scale_spans_its_values(kind: str, values: list[float]) -> None:
    marks, words = Measure(kind, "VND").scale(values)
    assert 2 <= len(marks) <= 9
    assert marks == sorted(set(marks))
    assert all(marks[0] <= value <= marks[-1] + 1e-9 for value in values)
    assert len(set(words["vi"])) == len(marks) == len(set(words["en"]))


@pytest.mark.parametrize(
    ("start", "grain", "end", "vi", "en"),
    [
        (date(2026, 12, 28), "week", date(2027, 1, 4), "28/12/26", "28 Dec 26"),
        (date(2026, 12, 1), "month", date(2027, 1, 1), "T12/26", "Dec 26"),
        (date(2026, 10, 1), "quarter", date(2027, 1, 1), "Q4/2026", "Q4 2026"),
        (date(2026, 7, 1), "half", date(2027, 1, 1), "N2/2026", "H2 2026"),
        (date(2026, 1, 1), "year", date(2027, 1, 1), "2026", "2026"),
    ],
)
def test_periods(start: date, grain: str, end: date, vi: str, en: str) -> None:
    assert following(start, grain) == end
    assert label(start, grain) == (vi, en)


def test_a_missing_period_is_an_empty_point() -> None:
    points = [Point(date(2026, 1, 1), 1.0), Point(date(2026, 3, 1), 2.0)]
    assert [point.value for point in with_gaps(points, "month")] == [1.0, None, 2.0]
    assert with_gaps([], "month") == []


def test_several_series_share_their_periods() -> None:
    short, long = together(
        [[Point(date(2026, 2, 1), 1.0)], [Point(date(2026, 1, 1), 2.0), Point(date(2026, 3, 1), 3.0)]],
        "month",
    )
    assert [point.start.month for point in short] == [point.start.month for point in long] == [1, 2, 3]
    assert [point.value for point in short] == [None, 1.0, None]
    assert together([[], []], "week") == [[], []]


@pytest.mark.parametrize(
    ("unit", "value", "vi"),
    [
        ("share", 0.125, "12,5%"),
        ("currency", 1500.0, "1.500\u00a0₫"),
        ("VND", 1500.0, "1.500\u00a0₫"),
        ("seconds", 90.0, "1,5\u00a0phút"),
        ("score", 41.25, "41,2"),
        ("persons", 1234.0, "1.234"),
        ("customers", 0.254, "0,25"),
        ("days", 123.4, "123"),
    ],
)
def test_the_unit_of_the_catalogue_says_how_a_value_is_written(unit: str, value: float, vi: str) -> None:
    assert measure_of(unit, "VND").full(value, "vi") == vi


def test_the_scale_of_a_share_reaches_below_nothing_only_where_it_does() -> None:
    below, _ = Measure("share").scale([-0.012, 0.03])
    above, _ = Measure("share").scale([0.01, 0.03])
    assert below[0] < -0.012 + 1e-9 and above[0] == 0
