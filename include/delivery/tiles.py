"""The key figures of a business unit: its last whole month, and the month before beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from include.delivery.cards import NO_TEXT, chosen, measured, origin, title
from include.delivery.numerals import Measure, Text, both
from include.delivery.periods import Point, following, label
from include.delivery.plans import PLANS, Plan
from include.delivery.reading import Reading, Series, Unit

TILES = ("revenue", "orders", "order_value", "nps", "csat", "first_response")
FALLING_IS_GOOD = "down"


@dataclass(frozen=True)
class Tile:
    """One key figure; `change` is None where one of the two months has no value."""

    code: str
    title: Text
    variant: Text
    origin: str
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
    """Return the unit's key figures for one and the same month; none that it never had."""
    figures = []
    for plan in (next(plan for plan in PLANS if plan.code == code) for code in TILES):
        metric = plan.parts[0].metric
        variant = chosen(reading, unit, plan, "month") or dict(plan.panels)["month"][0]
        points = reading.points.get(Series(unit.code, metric, variant, "month"), ())
        figures.append((plan, variant, {point.start: point for point in points}))
    figures = [each for each in figures if any(point.value is not None for point in each[2].values())]
    months = sorted({start for _, _, points in figures for start in points})
    if not months:
        return Tiles(None, None, ())
    newest = months[-1]
    before = next((month for month in months if following(month, "month") == newest), None)
    tiles = []
    for plan, variant, points in figures:
        defined = reading.catalogue.get((plan.parts[0].metric, variant))
        is_down = defined is not None and defined.direction == FALLING_IS_GOOD
        former = points[before].value if before in points else None
        point = points.get(newest, Point(newest, None))
        named = title(reading, plan), defined.variant if defined else NO_TEXT
        measure = measured(reading, unit, plan, variant)
        tiles.append(_tile(plan, variant, measure, named, point, former, is_down))
    return Tiles(label(newest, "month"), before and label(before, "month"), tiles)


def _tile(
    plan: Plan,
    variant: str,
    measure: Measure,
    named: tuple[Text, Text],
    point: Point,
    former: float | None,
    is_down: bool,
) -> Tile:
    change, verdict = None, "same"
    if point.value is not None and former is not None and measure.change(point.value, former, "en"):
        change = both(partial(measure.change, point.value, former))
        if point.value != former:
            verdict = "worse" if (point.value > former) == is_down else "better"
    value = both(partial(measure.brief, point.value))
    return Tile(plan.code, *named, origin(plan, [variant]), value, change, verdict, point.is_reportable)
