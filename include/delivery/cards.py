"""The pictures of one business unit, each with the same numbers as a table and in words.

A picture has a panel per period grain; where there is no data at all, there is no picture. A metric
bears the name that the catalogue gives it, as everywhere else, and each panel says which variants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from include.delivery.figures import Figure, Line, interval, over_time
from include.delivery.numerals import LANGUAGES, Measure, Text, both, measure_of
from include.delivery.periods import GRAINS, label, together
from include.delivery.plans import PLANS, Part, Plan
from include.delivery.reading import Reading, Series, Unit

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
    plans = [plan for plan in PLANS if not plan.types or unit.type in plan.types]
    return [card for card in (_card(reading, unit, plan) for plan in plans) if card.panels]


def chosen(reading: Reading, unit: Unit, plan: Plan, grain: str) -> str | None:
    """Return the variant by which the plan's first part is drawn at GRAIN, or None."""
    return _variant(reading, unit, plan, plan.parts[0], grain)


def _variant(reading: Reading, unit: Unit, plan: Plan, part: Part, grain: str) -> str | None:
    """Return the first of the part's variants that has a value at GRAIN, its default one last."""
    panels = dict(plan.panels)
    if grain not in panels:
        return None
    variants = (part.variant,) if part.variant else (*panels[grain], reading.default_variant(part.metric))
    for variant in variants:
        points = reading.points.get(Series(unit.code, part.metric, variant, grain, part.segment), ())
        if any(point.value is not None for point in points):
            return variant
    return None


def _card(reading: Reading, unit: Unit, plan: Plan) -> Card:
    panels = []
    for grain, _ in plan.panels:
        parts = [(part, _variant(reading, unit, plan, part, grain)) for part in plan.parts]
        drawn = [(part, variant) for part, variant in parts if variant is not None]
        if drawn:
            panels.append(_panel(reading, unit, plan, grain, drawn))
    return Card(f"{unit.code}-{plan.code}", title(reading, plan), panels)


def title(reading: Reading, plan: Plan) -> Text:
    """Return the name that the catalogue gives the plan's metric, else the plan's own title."""
    metric = plan.parts[0].metric
    return next((each.name for (code, _), each in reading.catalogue.items() if code == metric), plan.title)


def measured(reading: Reading, unit: Unit, plan: Plan, variant: str) -> Measure:
    """Return what the values of a variant count: as the catalogue says, else as the plan does."""
    defined = reading.catalogue.get((plan.parts[0].metric, variant))
    if defined is None or not defined.unit:
        return Measure(plan.kind, unit.currency)
    return measure_of(defined.unit, unit.currency, "count" if plan.kind == "count" else "number")


def origin(plan: Plan, variants: Sequence[str]) -> str:
    """Return where numbers come from, so that they can be found again in the published tables."""
    if plan.table:
        columns = dict.fromkeys(part.metric for part in plan.parts)
        return f"{plan.table}.{', '.join(columns)}"
    return f"{plan.parts[0].metric} · {', '.join(dict.fromkeys(variants))}"


def _lines(
    reading: Reading, unit: Unit, plan: Plan, drawn: Sequence[tuple[Part, str]], grain: str
) -> list[Line]:
    points = together(
        [
            reading.points.get(Series(unit.code, part.metric, variant, grain, part.segment), ())
            for part, variant in drawn
        ],
        grain,
    )
    return [
        Line(part.name, part.style or plan.style, part.colour, each)
        for (part, _), each in zip(drawn, points, strict=True)
    ]


def _words(reading: Reading, plan: Plan, drawn: Sequence[tuple[Part, str]]) -> tuple[Text, Text]:
    """Return the name of the variant that is drawn and its definition; of several, each by its legend."""
    if plan.definition is not None:
        return NO_TEXT, plan.definition
    known = {variant: (part, reading.catalogue.get((part.metric, variant))) for part, variant in drawn}
    defined = [(part.name, each) for part, each in known.values() if each is not None]
    if len(known) == 1:
        return (defined[0][1].variant, defined[0][1].text) if defined else (NO_TEXT, NO_TEXT)
    return NO_TEXT, both(
        lambda language: " ".join(f"{name.of(language)}: {each.text.of(language)}" for name, each in defined)
    )


def _panel(reading: Reading, unit: Unit, plan: Plan, grain: str, drawn: Sequence[tuple[Part, str]]) -> Panel:
    lines = _lines(reading, unit, plan, drawn, grain)
    variants = [variant for _, variant in drawn]
    measure = measured(reading, unit, plan, variants[0])
    points = lines[0].points
    head = [GRAINS[grain], *(line.name for line in lines)]
    # of several lines, each has its own: they are in the picture, where a pointer asks for them
    has_interval = len(lines) == 1 and any(point.low is not None for point in points)
    has_n = len(lines) == 1 and any(point.n is not None for point in points)
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
    variant, definition = _words(reading, plan, drawn)
    return Panel(
        GRAINS[grain],
        definition,
        origin(plan, variants),
        {language: over_time(lines, grain, measure, language) for language in LANGUAGES},
        both(partial(_summary, lines, grain, measure, title(reading, plan))),
        head,
        rows,
        any(not each.is_reportable for line in lines for each in line.points if each.value is not None),
        variant,
    )


def _summary(lines: Sequence[Line], grain: str, measure: Measure, title: Text, language: str) -> str:
    """Return what a person who cannot see the figure needs: its span and its newest values."""
    points = lines[0].points
    first, last = (label(point.start, grain).of(language) for point in (points[0], points[-1]))
    told = []
    for line in lines:
        newest = [point for point in line.points if point.value is not None][-1:]
        named = f"{line.name.of(language)}, " if len(lines) > 1 else ""
        told += [
            f"{named}{label(each.start, grain).of(language)}: {measure.full(each.value, language)}"
            for each in newest
        ]
    return f"{title.of(language)}, {GRAINS[grain].of(language).lower()}: {first} – {last}. {'; '.join(told)}"
