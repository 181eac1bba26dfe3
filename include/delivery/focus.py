"""The one metric that matters to a business unit now: its value beside its target, and its trend.

Which one it is, and what must not suffer for it, is chosen in the warehouse and only shown here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from include.delivery.cards import Card, Panel
from include.delivery.figures import AMBER, GREEN, MUTED, RED, Figure, layout, named_from_the_end
from include.delivery.numerals import LANGUAGES, Measure, Text, both, measure_of
from include.delivery.periods import GRAINS, Point, label, with_gaps
from include.delivery.reading import Reading, Series, Unit
from include.delivery.snapshot import Snapshot

TARGET, LINE = Text("Mục tiêu", "Target"), Text("Giới hạn", "Line")
VALUE, OUTCOME = Text("Giá trị", "Value"), Text("Kết quả", "Outcome")
COLOURS = {"met": GREEN, "between": AMBER, "missed": RED}
SHAPES = {"met": "circle", "between": "diamond", "missed": "x"}
PERIODS = 8
GUARDRAILS = ("guardrail_1", "guardrail_2", "guardrail_3")


@dataclass(frozen=True)
class Focus:
    """The metric's newest whole period; `card` holds the trend up to it, with its words and numbers."""

    card: Card
    period: Text
    value: Text
    change: Text | None
    """Against the period before; None where there is none to compare with."""
    target: Text
    line: Text
    verdict: str
    """`met`, `between` or `missed`; `open` where there is no value to judge."""
    verdict_name: Text
    guardrails: Sequence[tuple[Text, Text]]
    is_reportable: bool


def unit_focus(snapshot: Snapshot, reading: Reading, unit: Unit) -> Focus | None:
    """Return the unit's metric that matters, or None where none was chosen or no period is whole."""
    rows = snapshot.rows(
        "select * from published.mart_omtm where business_unit_code = %s and is_provisional = 0 "
        "order by period_start",
        "mart_omtm",
        parameters=(unit.code,),
    )
    if rows:
        newest = rows[-1]
        series = Series(unit.code, newest.metric_code, newest.variant_code, newest.period_grain_code)
        # whole by the same rule as in every other picture
        whole = {point.start for point in reading.points.get(series, ())}
        rows = [row for row in rows if row.period_start in whole]
    if not any(row.value is not None for row in rows):
        return None
    newest = rows[-1]
    measure = measure_of(newest.unit_code, unit.currency)
    is_compared = newest.value is not None and newest.previous_value is not None
    change = (
        both(partial(_change, measure, float(newest.value), float(newest.previous_value)))
        if is_compared
        else None
    )
    name = Text(newest.metric_name_vi, newest.metric_name_en)
    return Focus(
        Card(f"{unit.code}-focus", name, [_panel(rows, name, measure)]),
        label(newest.period_start, newest.period_grain_code),
        both(partial(measure.brief, _float(newest.value))),
        change if change and change.en else None,
        both(partial(measure.brief, _float(newest.target))),
        both(partial(measure.brief, _float(newest.line_in_the_sand))),
        newest.target_code,
        Text(newest.target_name_vi or "", newest.target_name_en or ""),
        [_guardrail(newest, each, reading, unit) for each in GUARDRAILS if getattr(newest, f"{each}_code")],
        newest.is_reportable == 1,
    )


def _float(value: Any) -> float | None:  # noqa: ANN401
    return None if value is None else float(value)


def _change(measure: Measure, now: float, before: float, language: str) -> str:
    return measure.change(now, before, language) or ""


def _guardrail(row: Any, column: str, reading: Reading, unit: Unit) -> tuple[Text, Text]:  # noqa: ANN401
    """Return a guardrail's name and its value in the period; the catalogue knows what it counts."""
    code = getattr(row, f"{column}_code")
    defined = reading.catalogue.get((code, reading.default_variant(code)))
    name = defined.name if defined else Text(code, code)
    measure = measure_of(defined.unit if defined else "", unit.currency)
    return name, both(partial(measure.brief, _float(getattr(row, f"{column}_value"))))


def _panel(rows: Sequence[Any], name: Text, measure: Measure) -> Panel:
    newest = rows[-1]
    grain = newest.period_grain_code
    reason = Text(newest.reason_vi or "", newest.reason_en or "")

    def told(language: str) -> str:
        return (
            f"{name.of(language)}, {label(newest.period_start, grain).of(language)}: "
            f"{measure.full(_float(newest.value), language)}. "
            f"{TARGET.of(language)}: {measure.full(_float(newest.target), language)}. "
            f"{LINE.of(language)}: {measure.full(_float(newest.line_in_the_sand), language)}"
        )

    return Panel(
        GRAINS[grain],
        reason,
        f"{newest.metric_code} · {newest.variant_code}",
        {language: _figure(rows, grain, measure, language) for language in LANGUAGES},
        both(told),
        [GRAINS[grain], VALUE, TARGET, LINE, OUTCOME],
        [
            [
                label(row.period_start, grain),
                both(partial(measure.full, _float(row.value))),
                both(partial(measure.full, _float(row.target))),
                both(partial(measure.full, _float(row.line_in_the_sand))),
                Text(row.target_name_vi or "–", row.target_name_en or "–"),
            ]
            for row in rows
        ],
        variant=Text(newest.variant_name_vi or "", newest.variant_name_en or ""),
    )


def _figure(rows: Sequence[Any], grain: str, measure: Measure, language: str) -> Figure:
    """Return the trend between its target and its line, each point marked with how it came out."""
    known = {row.period_start: row for row in rows}
    points = with_gaps([Point(start, _float(row.value)) for start, row in known.items()], grain)[-PERIODS:]
    names = [label(point.start, grain).of(language) for point in points]
    values = [point.value for point in points]
    outcomes = [known[point.start].target_code if point.start in known else "" for point in points]
    bounds = [
        (word, _float(bound), colour, dash)
        for word, bound, colour, dash in (
            (TARGET, rows[-1].target, GREEN, "dash"),
            (LINE, rows[-1].line_in_the_sand, RED, "dot"),
        )
        if bound is not None
    ]
    marks, words = measure.scale(
        [value for value in (*values, *(b for _, b, *_ in bounds)) if value is not None]
    )
    figure = layout(190)
    figure["xaxis"] |= {
        "type": "category",
        "tickangle": 0,
        "tickvals": named_from_the_end(names, PERIODS // 2),
        "range": [-0.4, len(points) - 0.6],
    }
    figure["yaxis"] |= {"tickvals": marks, "ticktext": words[language], "range": [marks[0], marks[-1]]}
    figure["margin"] |= {"r": 120}
    figure["shapes"] = [
        {
            "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": bound, "y1": bound,
            "line": {"color": colour, "width": 1.5, "dash": dash},
        }
        for _, bound, colour, dash in bounds
    ]  # fmt: skip
    figure["annotations"] = [
        {
            "text": f"{word.of(language)} {measure.brief(bound, language)}", "xref": "paper", "x": 1,
            "y": bound, "xanchor": "left", "xshift": 6,
            # two that lie close together must not be written over each other
            "yanchor": "bottom" if bound == max(b for _, b, *_ in bounds) else "top", "showarrow": False,
            "font": {"color": colour, "size": 11},
        }
        for word, bound, colour, _ in bounds
    ]  # fmt: skip
    return {
        "data": [
            {
                "type": "scatter", "mode": "lines+markers", "x": names, "y": values,
                "connectgaps": False, "cliponaxis": False,
                "line": {"color": MUTED, "width": 2},
                "marker": {
                    "size": 9, "color": [COLOURS.get(outcome, MUTED) for outcome in outcomes],
                    "symbol": [SHAPES.get(outcome, "circle-open") for outcome in outcomes],
                },
                "customdata": [measure.full(value, language) for value in values],
                "hovertemplate": "%{x}: %{customdata}<extra></extra>",
            }
        ],
        "layout": figure,
    }  # fmt: skip
