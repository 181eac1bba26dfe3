"""The picture of the reconciliation: the warehouse's figures beside those that the sources state."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import Any

from include.delivery.cards import Card, Panel
from include.delivery.figures import AMBER, BLUE, PALE, RED, Figure, layout
from include.delivery.numerals import LANGUAGES, Measure, Text, both, number
from include.delivery.periods import label
from include.delivery.snapshot import Snapshot

MONTHS = 13
COUNT, RATE = Measure("count"), Measure("score")
OURS, THEIRS = Text("Kho dữ liệu", "Warehouse"), Text("Nguồn công bố", "Stated by the source")
DIFFERENCE = Text("Chênh lệch", "Difference")


def reconciliation_card(snapshot: Snapshot) -> Card:
    """Return a picture per source and measure, over the last months of which it states a figure."""
    rows = snapshot.rows(
        "select source_key, business_unit_code, measure_name_vi, measure_name_en, month_start, "
        "counted_value, stated_value, difference, allowed_difference, is_within_tolerance, "
        "unit_code, causes_vi, causes_en from (select *, row_number() over (partition by source_key, "
        "business_unit_code, measure_code order by month_start desc) as recency "
        "from published.mart_reconciliation) as months "
        "where recency <= %s order by source_key, business_unit_code, measure_name_en, month_start",
        "mart_reconciliation",
        parameters=(MONTHS,),
    )
    panels = [
        _panel(list(months))
        for _, months in groupby(
            rows, lambda row: (row.source_key, row.business_unit_code, row.measure_name_en)
        )
    ]
    return Card(
        "company-reconciliation", Text("Đối chiếu với nguồn", "Reconciliation with the sources"), panels
    )


def _panel(rows: Sequence[Any]) -> Panel:
    newest = rows[-1]
    unit = RATE if newest.unit_code == "percent" else COUNT
    allowed = _share(newest.allowed_difference, newest)
    measure = Text(newest.measure_name_vi, newest.measure_name_en)

    def summary(language: str) -> str:
        return (
            f"{label(newest.month_start, 'month').of(language)}: {OURS.of(language)} "
            f"{unit.full(newest.counted_value, language)}, {THEIRS.of(language)} "
            f"{unit.full(newest.stated_value, language)}"
        )

    return Panel(
        both(lambda language: f"{newest.source_key} · {measure.of(language)}"),
        Text(
            f"{newest.business_unit_code}: chênh lệch theo tháng so với con số của chính nguồn; "
            f"cho phép {number(allowed, 1, 'vi')}%. "
            f"Nguyên nhân có thể: {newest.causes_vi}.",
            f"{newest.business_unit_code}: difference by month from the source's own figure; "
            f"{number(allowed, 1, 'en')}% is allowed. Possible causes: {newest.causes_en}.",
        ),
        "mart_reconciliation",
        {language: _figure(rows, language) for language in LANGUAGES},
        both(summary),
        [Text("Tháng", "Month"), OURS, THEIRS, DIFFERENCE],
        [
            [
                label(row.month_start, "month"),
                *(
                    both(partial(unit.full, value))
                    for value in (row.counted_value, row.stated_value, row.difference)
                ),
            ]
            for row in rows
        ],
    )


def _share(amount: Decimal, row: Any) -> float:  # noqa: ANN401
    """Return an amount in per cent of what the source states."""
    return float(amount / row.stated_value) * 100 if row.stated_value else 0.0


def _figure(rows: Sequence[Any], language: str) -> Figure:
    """Return the difference of each month in per cent, between two lines of what is allowed in it."""
    months = [label(row.month_start, "month").of(language) for row in rows]
    shares = [_share(row.difference, row) for row in rows]
    allowed = [_share(row.allowed_difference, row) for row in rows]
    reach = max(2 * min(allowed), *allowed, *map(abs, shares)) * 1.1
    figure = layout()
    figure["xaxis"] |= {"type": "category", "tickangle": 0, "nticks": 6}
    figure["yaxis"] |= {
        "range": [-reach, reach],
        "zeroline": True,
        "zerolinecolor": PALE,
        "ticksuffix": "%",
    }
    figure["separators"] = ",." if language == "vi" else ".,"
    return {
        "data": [
            *(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": months,
                    "y": [sign * each for each in allowed],
                    "line": {"color": AMBER, "width": 1.5, "dash": "dash", "shape": "hvh"},
                    "hoverinfo": "skip",
                }
                for sign in (-1, 1)
            ),
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": months,
                "y": shares,
                "line": {"color": BLUE, "width": 2},
                "marker": {
                    "size": 8,
                    "color": [BLUE if row.is_within_tolerance else RED for row in rows],
                },
                "customdata": [number(share, 2, language) for share in shares],
                "hovertemplate": f"%{{x}}<br>{DIFFERENCE.of(language)}: %{{customdata}}%<extra></extra>",
            },
        ],
        "layout": figure,
    }
