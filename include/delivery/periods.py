"""Calendar periods: their ends, their names in two languages, and the gaps between them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from include.delivery.numerals import Text

MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
LENGTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
GRAINS = {
    "day": Text("Ngày", "Day"),
    "week": Text("Tuần", "Week"),
    "month": Text("Tháng", "Month"),
    "quarter": Text("Quý", "Quarter"),
    "half": Text("Nửa năm", "Half-year"),
    "year": Text("Năm", "Year"),
}
SHOWN = {"day": 60, "week": 18, "month": 18, "quarter": 8, "half": 6, "year": 5}
"""How many periods a picture shows at most."""
DRAWN = {"week": f"{SHOWN['week']} weeks"} | {
    grain: f"{SHOWN[grain] * months} months" for grain, months in LENGTHS.items()
}
"""How long these are together, of the grains that a metric is drawn at."""


@dataclass(frozen=True)
class Point:
    """One measure in one period; `value` None means that nobody was asked, or nothing was there."""

    start: date
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    is_reportable: bool = True


def following(start: date, grain: str) -> date:
    """Return the first day after the period of GRAIN that begins on START."""
    if grain in ("day", "week"):
        return start + timedelta(days=1 if grain == "day" else 7)
    months = start.year * 12 + start.month - 1 + LENGTHS[grain]
    return date(months // 12, months % 12 + 1, 1)


def label(start: date, grain: str) -> Text:
    """Return a period's short name: T10/26 or Oct 26, 05/10 or 5 Oct, Q4/2026 or Q4 2026."""
    match grain:
        case "day" | "week":
            return Text(f"{start:%d/%m/%y}", f"{start.day} {MONTHS[start.month - 1]} {start:%y}")
        case "month":
            return Text(f"T{start.month}/{start:%y}", f"{MONTHS[start.month - 1]} {start:%y}")
        case "quarter":
            quarter = (start.month + 2) // 3
            return Text(f"Q{quarter}/{start.year}", f"Q{quarter} {start.year}")
        case "half":
            half = 1 if start.month < 7 else 2
            return Text(f"N{half}/{start.year}", f"H{half} {start.year}")
    return Text(str(start.year), str(start.year))


def together(series: Sequence[Iterable[Point]], grain: str) -> list[list[Point]]:
    """Return the last `SHOWN` periods of several SERIES in order, the same ones for each.

    A period that a series lacks is an empty point, and is drawn as a gap: zero would claim that the
    shop was open and nobody came.
    """
    known = [{point.start: point for point in points} for points in series]
    starts = [start for points in known for start in points]
    if not starts:
        return [[] for _ in known]
    kept, start = [], min(starts)
    while start <= max(starts):
        kept.append(start)
        start = following(start, grain)
    kept = kept[-SHOWN[grain] :]
    return [[points.get(start) or Point(start, None) for start in kept] for points in known]


def with_gaps(points: Iterable[Point], grain: str) -> list[Point]:
    """Return the last `SHOWN` periods of one series, as `together` does."""
    return together([points], grain)[0]
