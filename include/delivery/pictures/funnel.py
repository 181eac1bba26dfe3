"""The funnel of a shop: how many visits of the newest whole month came to each step."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from include.delivery.cards import Card, Panel
from include.delivery.figures import BLUE, PALE, Figure, layout, plain
from include.delivery.numerals import LANGUAGES, Measure, Text, both
from include.delivery.periods import label
from include.delivery.reading import Reading, Series, Unit
from include.delivery.snapshot import Snapshot

COUNT, SHARE = Measure("count"), Measure("share")
STEP, VISITS = Text("Bước", "Step"), Text("Số phiên", "Visits")
OF_FIRST, OF_FORMER = (
    Text("so với bước đầu", "of the first step"),
    Text("so với bước trước", "of the step before"),
)


def funnel_card(snapshot: Snapshot, reading: Reading, unit: Unit) -> Card:
    """Return the picture of the newest month whose conversion rate is whole."""
    series = Series(unit.code, "ecommerce.conversion_rate", "session", "month")
    whole = [point.start for point in reading.points.get(series, ())]
    rows = snapshot.rows(
        "select month_start, step_number, step_name_vi, step_name_en, entered_count from ("
        "select *, max(month_start) over () as newest_start from published.mart_conversion_funnel "
        "where business_unit_code = %s and month_start = any(%s::date[])) as months "
        "where month_start = newest_start order by step_number",
        "mart_conversion_funnel",
        parameters=(unit.code, whole),
    )
    title = Text("Phễu chuyển đổi", "Conversion funnel")
    is_drawn = bool(rows) and rows[0].entered_count > 0
    return Card(f"{unit.code}-funnel", title, [_panel(rows)] if is_drawn else ())


def _panel(rows: Sequence[Any]) -> Panel:
    month = label(rows[0].month_start, "month")
    names = [Text(row.step_name_vi, row.step_name_en) for row in rows]
    firsts = [row.entered_count / rows[0].entered_count for row in rows]
    formers: list[float | None] = [None]
    for former, row in pairwise(rows):
        formers.append(row.entered_count / former.entered_count if former.entered_count else None)
    last = len(rows) - 1

    def told(language: str) -> str:
        return (
            f"{month.of(language)}: {names[0].of(language)} {COUNT.full(rows[0].entered_count, language)}, "
            f"{names[last].of(language)} {COUNT.full(rows[last].entered_count, language)} "
            f"({SHARE.full(firsts[last], language)})"
        )

    return Panel(
        month,
        Text(
            f"{month.vi}: số phiên đi tới mỗi bước, từ lúc ghé thăm đến lúc đặt hàng. Ai tới một bước "
            "thì tính là đã qua các bước trước. Cạnh số phiên là tỷ lệ so với bước đầu.",
            f"{month.en}: visits that came to each step, from the visit to the order. Whoever came to a "
            "step has passed those before it. Beside the visits stands their share of the first step.",
        ),
        "mart_conversion_funnel",
        {language: _figure(rows, names, firsts, formers, language) for language in LANGUAGES},
        both(told),
        [STEP, VISITS, OF_FIRST, OF_FORMER],
        [
            [
                names[index],
                both(partial(COUNT.full, row.entered_count)),
                both(partial(SHARE.full, firsts[index])),
                both(partial(SHARE.full, formers[index])),
            ]
            for index, row in enumerate(rows)
        ],
    )


def _figure(
    rows: Sequence[Any],
    names: Sequence[Text],
    firsts: Sequence[float],
    formers: Sequence[float | None],
    language: str,
) -> Figure:
    """Return a bar per step with its share of the first one; below its name stands that of the former."""
    small = '<span style="font-size:10px">'
    steps, texts = [], []
    for row, name, first, former in zip(rows, names, firsts, formers, strict=True):
        step, text = plain(name.of(language)), f"<b>{COUNT.full(row.entered_count, language)}</b>"
        if former is not None:
            text += f" · {SHARE.full(first, language)}"
            step += f"<br>{small}{SHARE.full(former, language)} {OF_FORMER.of(language)}</span>"
        steps.append(step)
        texts.append(text)
    figure = layout(60 + 44 * len(rows))
    figure["yaxis"] |= {"type": "category", "autorange": "reversed", "showgrid": False}
    # room to the right of the longest bar for its number
    figure["xaxis"] |= {"visible": False, "range": [0, rows[0].entered_count * 1.3]}
    return {
        "data": [
            {
                "type": "bar", "orientation": "h", "x": [row.entered_count for row in rows],
                "y": steps, "text": texts,
                "textposition": "outside", "cliponaxis": False, "hoverinfo": "skip",
                "marker": {"color": [PALE] + [BLUE] * (len(rows) - 1)},
            }
        ],
        "layout": figure,
    }  # fmt: skip
