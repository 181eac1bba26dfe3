"""How recurring revenue went from the start of a month to its end: a waterfall, and months beside it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from include.delivery.cards import Card, Panel
from include.delivery.figures import (
    AMBER,
    BLUE,
    GREEN,
    INK,
    MUTED,
    PALE,
    RED,
    STEPS,
    Figure,
    layout,
    named_from_the_end,
)
from include.delivery.numerals import LANGUAGES, Measure, Text, both
from include.delivery.periods import label
from include.delivery.reading import Reading, Unit
from include.delivery.snapshot import Snapshot

MONTHS = 12
NET = Text("Thay đổi thuần", "Net change")
START, END = Text("Đầu tháng", "Start"), Text("Cuối tháng", "End")
MOVEMENTS = (
    ("new_amount", 1, Text("Khách mới", "New"), BLUE),
    ("reactivation_amount", 1, Text("Trở lại", "Came back"), STEPS[2]),
    ("expansion_amount", 1, Text("Tăng thêm", "Expansion"), GREEN),
    ("contraction_amount", -1, Text("Giảm mức", "Contraction"), AMBER),
    ("churn_amount", -1, Text("Rời bỏ", "Churn"), RED),
)
DEFINITION = Text(
    "Doanh thu định kỳ (MRR) đầu tháng, cộng khách mới, khách trở lại và phần tăng thêm, trừ phần giảm "
    "mức và rời bỏ, là cuối tháng.",
    "Recurring revenue (MRR) at the start of a month, plus new customers, those who came back and "
    "expansion, less contraction and churn, is that at its end.",
)


def revenue_card(snapshot: Snapshot, reading: Reading, unit: Unit) -> Card:
    """Return the waterfall of the newest whole month, and the movements of the last `MONTHS`."""
    rows = snapshot.rows(
        "select month_start, start_amount, new_amount, reactivation_amount, expansion_amount, "
        "contraction_amount, churn_amount, end_amount from published.mart_recurring_revenue_monthly "
        "where business_unit_code = %s and is_provisional = 0 order by month_start desc limit %s",
        "mart_recurring_revenue_monthly",
        parameters=(unit.code, MONTHS),
    )[::-1]
    title = Text("Biến động doanh thu định kỳ", "How recurring revenue moved")
    measure = Measure("money", unit.currency)
    panels = [_month(rows[-1], measure), _months(rows, measure)] if rows else ()
    return Card(f"{unit.code}-recurring_revenue", title, panels)


def _steps(row: Any) -> list[tuple[Text, float]]:  # noqa: ANN401
    """Return what a month began with, what was added and taken, and what it ended with."""
    moved = [(name, sign * float(getattr(row, column))) for column, sign, name, _ in MOVEMENTS]
    return [(START, float(row.start_amount)), *moved, (END, float(row.end_amount))]


def _month(row: Any, measure: Measure) -> Panel:  # noqa: ANN401
    steps = _steps(row)
    month = label(row.month_start, "month")
    return Panel(
        month,
        DEFINITION,
        "mart_recurring_revenue_monthly",
        {language: _waterfall(steps, measure, language) for language in LANGUAGES},
        both(partial(_told, month, steps, measure)),
        [Text("Biến động", "Movement"), month],
        [[name, both(partial(measure.full, value))] for name, value in steps],
    )


def _months(rows: Sequence[Any], measure: Measure) -> Panel:
    newest = _steps(rows[-1])
    return Panel(
        Text(f"{len(rows)} tháng", f"{len(rows)} months"),
        DEFINITION,
        "mart_recurring_revenue_monthly",
        {language: _bars(rows, measure, language) for language in LANGUAGES},
        both(partial(_told, label(rows[-1].month_start, "month"), newest, measure)),
        [Text("Tháng", "Month"), *(name for name, _ in newest)],
        [
            [
                label(row.month_start, "month"),
                *(both(partial(measure.full, value)) for _, value in _steps(row)),
            ]
            for row in rows
        ],
    )


def _told(month: Text, steps: Sequence[tuple[Text, float]], measure: Measure, language: str) -> str:
    words = (f"{name.of(language)} {measure.full(value, language)}" for name, value in steps)
    return f"{month.of(language)}: {', '.join(words)}"


def _waterfall(steps: Sequence[tuple[Text, float]], measure: Measure, language: str) -> Figure:
    values = [value for _, value in steps]
    last = len(steps) - 1
    reached, heights = 0.0, []
    for value in values[:last]:
        reached += value
        heights.append(reached)
    marks, words = measure.scale([*heights, values[last], max(heights) * 1.08])
    figure = layout(300)
    figure["xaxis"] |= {"type": "category", "tickangle": 0}
    figure["yaxis"] |= {"tickvals": marks, "ticktext": words[language], "range": [marks[0], marks[-1]]}
    return {
        "data": [
            {
                "type": "waterfall",
                "x": [name.of(language).replace(" ", "<br>", 1) for name, _ in steps],
                "y": values,
                "measure": ["absolute", *["relative"] * (last - 1), "total"],
                "text": [measure.brief(value, language) for value in values],
                "textposition": "outside", "cliponaxis": False, "hoverinfo": "skip",
                "connector": {"line": {"color": PALE, "width": 1}},
                "totals": {"marker": {"color": BLUE}},
                "increasing": {"marker": {"color": GREEN}},
                "decreasing": {"marker": {"color": RED}},
            }
        ],
        "layout": figure,
    }  # fmt: skip


def _bars(rows: Sequence[Any], measure: Measure, language: str) -> Figure:
    """Return what came above nothing and what went below it, month by month, and the difference."""
    months = [label(row.month_start, "month").of(language) for row in rows]
    moved = [[value for _, value in _steps(row)[1:-1]] for row in rows]
    gained = [sum(value for value in values if value > 0) for values in moved]
    lost = [sum(value for value in values if value < 0) for values in moved]
    marks, words = measure.scale([*gained, *lost])
    figure = layout(300)
    figure |= {"barmode": "relative", "showlegend": True}
    figure["xaxis"] |= {
        "type": "category", "tickvals": named_from_the_end(months), "tickangle": 0, "showline": False,
    }  # fmt: skip
    figure["yaxis"] |= {
        "tickvals": marks, "ticktext": words[language], "range": [marks[0], marks[-1]],
        "zeroline": True, "zerolinecolor": MUTED,
    }  # fmt: skip
    data: list[Figure] = [
        {
            "type": "bar", "name": name.of(language), "x": months,
            "y": [values[index] for values in moved], "marker": {"color": colour},
            "customdata": [measure.full(values[index], language) for values in moved],
            "hovertemplate": "%{x}<br>%{fullData.name}: %{customdata}<extra></extra>",
        }
        for index, (_, _, name, colour) in enumerate(MOVEMENTS)
    ]  # fmt: skip
    net = [sum(values) for values in moved]
    data.append(
        {
            "type": "scatter", "mode": "lines+markers", "name": NET.of(language), "x": months,
            "y": net, "line": {"color": INK, "width": 2}, "marker": {"size": 6},
            "customdata": [measure.full(value, language) for value in net],
            "hovertemplate": "%{x}<br>%{fullData.name}: %{customdata}<extra></extra>",
        }
    )  # fmt: skip
    return {"data": data, "layout": figure}
