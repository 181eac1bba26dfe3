"""The picture of the checks: how many passed and failed in each run, by severity."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from include.delivery.cards import Card, Panel
from include.delivery.figures import AMBER, ORANGE, PALE, RED, Figure, layout
from include.delivery.numerals import LANGUAGES, Measure, Text, both
from include.delivery.snapshot import Snapshot

SEVERITIES = {
    "notice": (Text("Lưu ý", "Notice"), AMBER),
    "approval": (Text("Cần duyệt", "Approval"), ORANGE),
    "error": (Text("Lỗi", "Error"), RED),
}
PASSED = Text("Đạt", "Passed")
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
        {language: _figure(rows, language) for language in LANGUAGES},
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


def _figure(rows: Sequence[Any], language: str) -> Figure:
    """Return failures below and passes above, on scales of their own.

    On one scale a single error would vanish under hundreds of passes.
    """
    runs = [row.run for row in rows]
    figure = layout()
    figure |= {"barmode": "stack", "showlegend": True}
    figure["xaxis"] |= {"type": "category", "nticks": 7, "range": [-0.6, max(len(runs), FEW) - 0.4]}
    most = max(sum(getattr(row, each) for each in SEVERITIES) for row in rows)
    figure["yaxis2"] = figure["yaxis"] | {"domain": [0.66, 1], "rangemode": "tozero", "nticks": 3}
    figure["yaxis"] |= {"domain": [0, 0.56], "range": [0, max(most, 1) * 1.1]}
    figure["yaxis"]["dtick"] = max(1, -(-most // 4))
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
