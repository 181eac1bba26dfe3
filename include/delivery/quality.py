"""The picture of the checks: how many passed and failed in each run, by severity."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from include.delivery.cards import Card, Panel
from include.delivery.figures import AMBER, MOST_LABELS, ORANGE, PALE, RED, Figure, layout
from include.delivery.numerals import LANGUAGES, Measure, Text, both
from include.delivery.snapshot import Snapshot

SEVERITIES = {
    "notice": (Text("Lưu ý", "Notice"), AMBER),
    "approval": (Text("Cần duyệt", "Approval"), ORANGE),
    "error": (Text("Lỗi", "Error"), RED),
}
PASSED = Text("Đạt", "Passed")
FAILED = Text("Không đạt", "Failed")
HEIGHT = 320
RUNS = 30
FEW = 8
"""Bars keep the width that this many would have."""
COUNT = Measure("count")


def quality_card(snapshot: Snapshot) -> Card:
    """Return the picture over the last `RUNS` builds, and over as many days of landings."""
    definition = Text(
        "Số phép kiểm tra đạt và không đạt của mỗi lần chạy, theo mức độ. Bản dựng có lỗi "
        "thì không được công bố.",
        "Checks that passed and failed in each run, by severity. A build with an error is not published.",
    )
    panels = []
    for name, column, run, label in (
        (Text("Bản dựng", "Build"), "batch_id", "batch_id", "'#' || batch_id"),
        (
            Text("Ngày nạp", "Day of landing"), "landing_id", "checked_at_local::date",
            "to_char(checked_at_local::date, 'DD/MM/YY')",
        ),
    ):  # fmt: skip
        failed = ", ".join(
            f"count(*) filter (where is_passed = 0 and severity = '{severity}') as {severity}"
            for severity in SEVERITIES
        )
        # a run that was checked again counts once: by its last word
        rows = snapshot.rows(
            f"select {label} as run, count(*) filter (where is_passed = 1) as passed, {failed} "
            f"from (select distinct on ({column}, suite, expectation) * "
            f"from published.data_quality where {column} is not null "
            f"order by {column}, suite, expectation, check_id desc) as latest "
            f"group by {run} order by {run} desc limit {RUNS}",
            "data_quality",
        )[::-1]
        if rows:
            panels.append(_panel(name, definition, rows))
    return Card("company-quality", Text("Chất lượng dữ liệu", "Data quality"), panels)


def _panel(name: Text, definition: Text, rows: Sequence[Any]) -> Panel:
    newest = rows[-1]

    def summary(language: str) -> str:
        failed = ", ".join(
            f"{word.of(language)} {getattr(newest, severity)}" for severity, (word, _) in SEVERITIES.items()
        )
        return f"{newest.run}: {PASSED.of(language)} {newest.passed}, {failed}"

    return Panel(
        name,
        definition,
        "data_quality",
        {language: _figure(rows, name, language) for language in LANGUAGES},
        both(summary),
        [name, PASSED, *(word for word, _ in SEVERITIES.values())],
        [
            [
                Text(row.run, row.run),
                *(both(partial(COUNT.full, getattr(row, each))) for each in ("passed", *SEVERITIES)),
            ]
            for row in rows
        ],
    )


def _figure(rows: Sequence[Any], name: Text, language: str) -> Figure:
    """Return failures below and passes above, on scales of their own, over the runs that NAME names.

    On one scale a single error would vanish under hundreds of passes.
    """
    runs = [row.run for row in rows]
    figure = layout(HEIGHT)
    figure |= {"barmode": "stack", "showlegend": True}
    # counted from the end: the newest run always carries its name
    named = runs[:: -max(1, -(-len(runs) // MOST_LABELS))]
    figure["xaxis"] |= {
        "type": "category",
        "tickvals": named,
        "tickangle": 0,
        "range": [-0.6, max(len(runs), FEW) - 0.4],
        "title": {"text": name.of(language), "standoff": 8, "font": {"size": 12}},
    }
    passed, words = COUNT.scale([row.passed for row in rows])
    most = max(sum(getattr(row, each) for each in SEVERITIES) for row in rows)
    step = max(1, -(-most // 4))
    upper, lower = [0.68, 0.93], [0, 0.5]
    figure["yaxis2"] = figure["yaxis"] | {
        "domain": upper,
        "range": [0, passed[-1]],
        "tickvals": [0, passed[-1]],
        "ticktext": [words[language][0], words[language][-1]],
    }
    figure["yaxis"] |= {"domain": lower, "range": [0, step * max(1, -(-most // step))], "dtick": step}
    figure["annotations"] = [
        {
            "text": f"<b>{word.of(language)}</b>", "x": 0, "y": top, "xref": "paper", "yref": "paper",
            "xanchor": "left", "yanchor": "bottom", "showarrow": False, "yshift": 3,
        }
        for word, (_, top) in ((PASSED, upper), (FAILED, lower))
    ]  # fmt: skip
    figure["separators"] = ",." if language == "vi" else ".,"
    parts = [(PASSED, PALE, "passed", "y2")]
    parts += [(word, colour, code, "y") for code, (word, colour) in SEVERITIES.items()]
    data = [
        {
            "type": "bar",
            "name": word.of(language),
            "x": runs,
            "y": [getattr(row, code) for row in rows],
            "yaxis": axis,
            "marker": {"color": colour},
            "hovertemplate": f"%{{x}}<br>{word.of(language)}: %{{y}}<extra></extra>",
        }
        for word, colour, code, axis in parts
    ]
    return {"data": data, "layout": figure}
