"""The key figures of a business unit: its last whole month, and the month before beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from include.delivery.cards import chosen_variant
from include.delivery.numerals import Measure, Text, both
from include.delivery.periods import Point, following, label
from include.delivery.plans import PLANS
from include.delivery.reading import Reading, Unit

TILES = ("revenue", "orders", "order_value", "nps", "csat", "first_response")
FALLING_IS_GOOD = "down"


@dataclass(frozen=True)
class Tile:
    """One key figure; `change` is None where one of the two months has no value."""

    code: str
    title: Text
    value: Text
    change: Text | None
    verdict: str
    """`better`, `worse` or `same`."""
    is_reportable: bool


@dataclass(frozen=True)
class Tiles:
    """The key figures of one unit; the months are None where no month is whole yet."""

    month: Text | None
    before: Text | None
    tiles: Sequence[Tile]


def unit_tiles(reading: Reading, unit: Unit) -> Tiles:
    """Return the unit's key figures for one and the same month."""
    chosen = []
    for plan in (next(plan for plan in PLANS if plan.code == code) for code in TILES):
        variant = chosen_variant(reading, unit, plan)
        metric = plan.series[0][0]
        points = reading.points.get((unit.code, metric, variant, "month"), ())
        defined = reading.catalogue.get((metric, variant))
        is_down = defined is not None and defined.direction == FALLING_IS_GOOD
        chosen.append((plan, {point.start: point for point in points}, is_down))
    months = sorted({start for _, points, _ in chosen for start in points})
    if not months:
        return Tiles(None, None, ())
    newest = months[-1]
    before = next((month for month in months if following(month, "month") == newest), None)
    tiles = []
    for plan, points, is_down in chosen:
        measure = Measure(plan.kind, unit.currency)
        title = plan.series[0][1]
        tiles.append(_tile(plan.code, title, measure, points, newest, before, is_down))
    return Tiles(label(newest, "month"), before and label(before, "month"), tiles)


def _tile(
    code: str,
    title: Text,
    measure: Measure,
    points: dict[date, Point],
    newest: date,
    before: date | None,
    is_down: bool,
) -> Tile:
    point = points.get(newest, Point(newest, None))
    former = points[before].value if before in points else None
    verdict = "same"
    change = None
    if point.value is not None and former is not None and measure.change(point.value, former, "en"):
        change = both(partial(measure.change, point.value, former))
        if point.value != former:
            verdict = "worse" if (point.value > former) == is_down else "better"
    return Tile(
        code, title, both(partial(measure.brief, point.value)), change, verdict, point.is_reportable
    )
