"""Pictures as Plotly reads them: plain dictionaries, each in one language.

The colours differ in lightness too, so that they can be told apart without seeing hue and in grey.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from textwrap import wrap
from typing import Any

from include.delivery.numerals import Measure, Text, number
from include.delivery.periods import Point, label

Figure = dict[str, Any]

BLUE, ORANGE, GREEN, RED, AMBER = "#1b5e9e", "#c2571a", "#2e7d6b", "#a61e2e", "#d9a21b"
INK, MUTED, LINE, PALE = "#1d2733", "#5b6776", "#e3e7ec", "#b9c6d3"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
STEPS = ("#d3dfec", "#a4c0dc", "#6c98c4", "#33699f", "#123c66")
"""Of one thing that has an order, from little to much."""
MOST_LABELS = 7


@dataclass(frozen=True)
class Line:
    """One measure over time, drawn as `bars`, as a `stack` of them, as a `line`, or with `intervals`."""

    name: Text
    style: str
    colour: str
    points: Sequence[Point]


def layout(height: int = 260) -> Figure:
    """Return the look that all pictures share."""
    axis = {
        "fixedrange": True,
        "automargin": True,
        "zeroline": False,
        "ticks": "",
        "ticklabelstandoff": 5,
    }
    return {
        "height": height,
        "autosize": True,
        "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": MUTED},
        "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": LINE, "font": {"color": INK}},
        "hovermode": "closest",
        "dragmode": False,
        "bargap": 0.28,
        "showlegend": False,
        "legend": {
            "orientation": "h", "traceorder": "normal", "x": 0, "y": 1.02, "yanchor": "bottom",
        },
        "xaxis": axis | {"showgrid": False, "linecolor": PALE, "showline": True},
        "yaxis": axis | {"gridcolor": LINE},
    }  # fmt: skip


def named_from_the_end(labels: Sequence[str], most: int = MOST_LABELS) -> list[str]:
    """Return at most MOST of LABELS, evenly apart; the newest period always carries its name."""
    return list(labels[:: -max(1, -(-len(labels) // most))])[::-1]


def plain(text: str) -> str:
    """Return TEXT so that Plotly, which reads a little HTML in texts, shows it as it is."""
    return escape(text, quote=False)


def over_time(lines: Sequence[Line], grain: str, measure: Measure, language: str) -> Figure:
    """Return one picture of LINES that share their periods and their measure."""
    starts = [point.start for point in lines[0].points]
    labels = [label(start, grain).of(language) for start in starts]
    stacks = [line.points for line in lines if line.style == "stack"]
    # shares of a whole, each rounded, add up to a millionth more than it, and would get a mark beyond 100 %
    values = [round(sum(point.value or 0 for point in points), 3) for points in zip(*stacks, strict=True)]
    values += [
        bound
        for line in lines
        for point in line.points
        for bound in (point.value, *((point.low, point.high) if line.style == "intervals" else ()))
        if bound is not None
    ]
    marks, words = measure.scale(values)
    kept = named_from_the_end(labels)
    figure = layout()
    figure["showlegend"] = len(lines) > 1
    if stacks:
        figure["barmode"] = "stack"
    figure["xaxis"] |= {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": labels,
        "tickvals": kept,
        "ticktext": kept,
        "range": [-0.6, len(labels) - 0.4],
        "tickangle": 0 if len(kept) <= 4 else "auto",
    }
    figure["yaxis"] |= {
        "tickvals": marks,
        "ticktext": words[language],
        "range": [marks[0], marks[-1]],
    }
    if marks[0] < 0:
        figure["yaxis"] |= {"zeroline": True, "zerolinecolor": PALE}
    data = [_trace(line, labels, measure, language) for line in lines]
    if len(lines) > 1:
        for trace in data:
            trace["hovertemplate"] = "%{x}<br>%{fullData.name}: %{customdata}<extra></extra>"
    return {"data": data, "layout": figure}


def heat_map(
    columns: Sequence[str],
    rows: Sequence[str],
    shares: Sequence[Sequence[float | None]],
    title: str,
    language: str,
) -> Figure:
    """Return SHARES as cells under COLUMNS, which TITLE names, and beside ROWS; darker where higher.

    A cell without a value stays empty: it is not yet known, or nobody was there. A cell is narrow: it
    shows whole per cent, and what a pointer brings up is exact.
    """
    figure = layout(110 + 26 * len(rows))
    # their names are no numbers, even where they are written in digits
    figure["xaxis"] |= {
        "type": "category", "side": "top", "showline": False, "tickangle": 0,
        "title": {"text": title, "standoff": 6, "font": {"size": 12}},
    }  # fmt: skip
    figure["yaxis"] |= {"type": "category", "autorange": "reversed", "showgrid": False}
    # a long name over a narrow column takes several lines
    names = ["\n".join(wrap(each, 9, break_long_words=False)) for each in columns]
    known = [
        ["" if each is None else f"{number(each * 100, 0, language)}%" for each in row] for row in shares
    ]
    exact = [[Measure("share").full(each, language) for each in row] for row in shares]
    return {
        "data": [
            {
                "type": "heatmap", "x": [plain(each).replace("\n", "<br>") for each in names],
                "y": [plain(each) for each in rows], "z": [list(row) for row in shares],
                "text": known, "texttemplate": "%{text}", "customdata": exact, "xgap": 2, "ygap": 2,
                "zmin": 0, "colorscale": [[0, "#f1f5f9"], [1, BLUE]], "showscale": False,
                "hoverongaps": False, "textfont": {"size": 11},
                "hovertemplate": f"%{{y}}<br>{title} %{{x}}: %{{customdata}}<extra></extra>",
            }
        ],
        "layout": figure,
    }  # fmt: skip


def _trace(line: Line, labels: Sequence[str], measure: Measure, language: str) -> Figure:
    small = Text("mẫu nhỏ", "small sample").of(language)
    tooltips = [
        " · ".join(
            part
            for part in (
                f"<b>{measure.full(point.value, language)}</b>",
                interval(point, measure, language),
                "" if point.n is None else f"n = {Measure('count').full(point.n, language)}",
                "" if point.is_reportable else small,
            )
            if part
        )
        for point in line.points
    ]
    trace: Figure = {
        "name": plain(line.name.of(language)),
        "x": list(labels),
        "y": [point.value for point in line.points],
        "customdata": tooltips,
        "hovertemplate": "%{x}<br>%{customdata}<extra></extra>",
    }
    reliable = [point.is_reportable for point in line.points]
    if line.style in ("bars", "stack"):
        shapes = ["" if each else "/" for each in reliable]
        marker = {"color": line.colour, "pattern": {"shape": shapes, "fillmode": "replace"}}
        return trace | {"type": "bar", "marker": marker}
    edge = {"color": line.colour, "width": 2}
    fills = [line.colour if each else "#ffffff" for each in reliable]
    trace |= {
        "type": "scatter",
        "mode": "lines+markers",
        "connectgaps": False,
        "cliponaxis": False,
        "line": {"color": line.colour, "width": 2},
        "marker": {"size": 7, "color": fills, "line": edge},
    }
    if line.style == "intervals":
        trace["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": [_distance(point.high, point.value) for point in line.points],
            "arrayminus": [_distance(point.value, point.low) for point in line.points],
            "color": MUTED,
            "thickness": 1.2,
            "width": 3,
        }
    return trace


def interval(point: Point, measure: Measure, language: str) -> str:
    """Return the 95 % interval of a point in words, or nothing where it has none."""
    if point.low is None or point.high is None:
        return ""
    return f"{measure.full(point.low, language)} … {measure.full(point.high, language)}"


def _distance(upper: float | None, lower: float | None) -> float | None:
    return None if upper is None or lower is None else upper - lower


def moment(at: datetime, language: str) -> str:
    """Return a local time as people write it."""
    return f"{at:%d/%m/%Y %H:%M}" if language == "vi" else f"{at:%Y-%m-%d %H:%M}"
