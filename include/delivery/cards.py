"""The pictures of one business unit, each with the same numbers as a table and in words.

A picture has a panel per period grain; where there is no data at all, there is no picture. A metric
bears the name that the catalogue gives it, as everywhere else, and each panel says which variant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from include.delivery.figures import Figure, Line, interval, over_time
from include.delivery.numerals import LANGUAGES, Measure, Text, both
from include.delivery.periods import GRAINS, Point, label, with_gaps
from include.delivery.plans import PLANS, Plan
from include.delivery.reading import Reading, Unit

Row = Sequence[Text]
NO_TEXT = Text("", "")


@dataclass(frozen=True)
class Panel:
    """One figure, what it says in words, and the same numbers as rows of text."""

    name: Text
    definition: Text
    origin: str
    """The metric and its variant, or the column, that the numbers come from."""
    figure: Mapping[str, Figure]
    summary: Text
    head: Row
    rows: Sequence[Row]
    has_small_samples: bool = False
    variant: Text = NO_TEXT
    """The variant's name; empty where the numbers are no metric's."""


@dataclass(frozen=True)
class Card:
    """A picture; without a panel there is nothing to show."""

    code: str
    title: Text
    panels: Sequence[Panel] = ()


def unit_cards(reading: Reading, unit: Unit) -> list[Card]:
    """Return the pictures of a business unit for which there are data, in the order of `PLANS`."""
    return [card for card in (_card(reading, unit, plan) for plan in PLANS) if card.panels]


def chosen(reading: Reading, unit: Unit, plan: Plan, grain: str) -> str | None:
    """Return the first of the plan's variants that has a value at GRAIN, or None."""
    metric = plan.series[0][0]
    for variant in dict(plan.panels).get(grain, ()):
        points = reading.points.get((unit.code, metric, variant, grain), ())
        if any(point.value is not None for point in points):
            return variant
    return None


def _card(reading: Reading, unit: Unit, plan: Plan) -> Card:
    panels = []
    for grain, _ in plan.panels:
        variant = chosen(reading, unit, plan, grain)
        if variant is not None:
            panels.append(_panel(reading, unit, plan, grain, variant))
    return Card(f"{unit.code}-{plan.code}", title(reading, plan), panels)


def title(reading: Reading, plan: Plan) -> Text:
    """Return the name that the catalogue gives the plan's metric, else the plan's own title."""
    metric = plan.series[0][0]
    return next((each.name for (code, _), each in reading.catalogue.items() if code == metric), plan.title)


def origin(metric: str, variant: str) -> str:
    """Return where numbers come from, so that they can be found again in the published tables."""
    return f"{metric} · {variant}" if variant else f"mart_ecommerce_daily.{metric}"


def _lines(reading: Reading, unit: Unit, plan: Plan, variant: str, grain: str) -> list[Line]:
    lines = []
    for code, name, colour in plan.series:
        points = with_gaps(reading.points.get((unit.code, code, variant, grain), ()), grain)
        # a total carries its parts: the first of several series is drawn as bars
        style = "bars" if len(plan.series) > 1 and not lines else plan.style
        lines.append(Line(name, style, colour, points))
    return lines


def _panel(reading: Reading, unit: Unit, plan: Plan, grain: str, variant: str) -> Panel:
    lines = _lines(reading, unit, plan, variant, grain)
    measure = Measure(plan.kind, unit.currency)
    metric = plan.series[0][0]
    defined = reading.catalogue.get((metric, variant))
    points = lines[0].points
    head = [GRAINS[grain], *(line.name for line in lines)]
    has_interval = any(point.low is not None for point in points)
    has_n = any(point.n is not None for point in points)
    if has_interval:
        head.append(Text("Khoảng tin cậy 95 %", "95 % interval"))
    if has_n:
        head.append(Text("n", "n"))
    rows = []
    for index, point in enumerate(points):
        row = [label(point.start, grain)]
        row += [both(partial(measure.full, line.points[index].value)) for line in lines]
        if has_interval:
            row.append(both(partial(interval, point, measure)))
        if has_n:
            row.append(both(partial(Measure("count").full, point.n)))
        rows.append(row)
    return Panel(
        GRAINS[grain],
        plan.definition or (defined.text if defined else NO_TEXT),
        origin(metric, variant),
        {language: over_time(lines, grain, measure, language) for language in LANGUAGES},
        both(partial(_summary, points, grain, measure, title(reading, plan))),
        head,
        rows,
        any(not point.is_reportable for point in points if point.value is not None),
        defined.variant if defined else NO_TEXT,
    )


def _summary(points: Sequence[Point], grain: str, measure: Measure, title: Text, language: str) -> str:
    """Return what a person who cannot see the figure needs: its span and its newest value."""
    newest = [point for point in points if point.value is not None][-1]
    first, last, named = (label(point.start, grain).of(language) for point in (points[0], points[-1], newest))
    return (
        f"{title.of(language)}, {GRAINS[grain].of(language).lower()}: {first} – {last}. "
        f"{named}: {measure.full(newest.value, language)}"
    )
