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
COUNT = Measure("count")
POINTS = Text(" điểm %", " pp")
OURS, THEIRS = Text("Kho dữ liệu", "Warehouse"), Text("Nguồn công bố", "Stated by the source")
DIFFERENCE, THROUGH = Text("Chênh lệch", "Difference"), Text("Đến ngày", "Through")
ROLLING = Text(
    "Tỷ lệ tính trên những ngày gần nhất; của một tháng là trung bình các ngày mà nguồn công bố",
    "The rate is of the last days; of a month, it is the mean of the days of which the source states it",
)
OBSERVED = Text(
    "Nguồn tính theo quy tắc riêng: chênh lệch chỉ để lưu ý, không dừng công bố",
    "The source counts by rules of its own: a difference is a notice and stops nothing",
)
OWN = Text(
    "Con số của chính nguồn: vượt mức cho phép thì dừng công bố",
    "The source's own figure: more than is allowed stops the publication",
)


def reconciliation_card(snapshot: Snapshot) -> Card:
    """Return a picture per source and measure, over the last months of which it states a figure."""
    rows = snapshot.rows(
        "select source_key, business_unit_code, measure_name_vi, measure_name_en, month_start, "
        "counted_value, stated_value, difference, allowed_difference, is_within_tolerance, "
        "is_own_figure, stated_through_date, unit_code, causes_vi, causes_en "
        "from (select *, row_number() over (partition by source_key, business_unit_code, "
        "measure_code order by month_start desc) as recency "
        "from published.mart_reconciliation) as months "
        "where recency <= %s order by source_key, business_unit_code, measure_name_en, month_start",
        "mart_reconciliation",
        parameters=(MONTHS,),
    )
    groups = [
        list(months)
        for _, months in groupby(
            rows, lambda row: (row.source_key, row.business_unit_code, row.measure_name_en)
        )
    ]
    # what is out of its bounds now comes first
    groups.sort(key=lambda months: months[-1].is_within_tolerance)
    return Card(
        "company-reconciliation",
        Text("Đối chiếu với nguồn", "Reconciliation with the sources"),
        [_panel(months) for months in groups],
    )


def _panel(rows: Sequence[Any]) -> Panel:
    newest = rows[-1]
    is_rate = newest.unit_code == "percent"
    measure = Text(newest.measure_name_vi, newest.measure_name_en)
    mark = "" if newest.is_within_tolerance else "⚠ "

    def value(amount: Decimal, language: str) -> str:
        return f"{number(float(amount), 2, language)}%" if is_rate else COUNT.full(amount, language)

    def apart(amount: Decimal, language: str) -> str:
        return (
            number(float(amount), 2, language) + POINTS.of(language) if is_rate else value(amount, language)
        )

    def note(language: str) -> str:
        allowed = (
            apart(newest.allowed_difference, language)
            if is_rate
            else f"{number(_share(newest.allowed_difference, newest), 1, language)}%"
        )
        kind = (OWN if newest.is_own_figure else OBSERVED).of(language)
        told = Text(
            f"{newest.business_unit_code}: chênh lệch theo tháng, cho phép {allowed}. {kind}. "
            f"Nguyên nhân có thể: {newest.causes_vi}.",
            f"{newest.business_unit_code}: difference by month, {allowed} is allowed. {kind}. "
            f"Possible causes: {newest.causes_en}.",
        ).of(language)
        return f"{told} {ROLLING.of(language)}." if is_rate else told

    def summary(language: str) -> str:
        return (
            f"{label(newest.month_start, 'month').of(language)}: {OURS.of(language)} "
            f"{value(newest.counted_value, language)}, {THEIRS.of(language)} "
            f"{value(newest.stated_value, language)}"
        )

    return Panel(
        both(lambda language: f"{mark}{newest.source_key} · {measure.of(language)}"),
        both(note),
        "mart_reconciliation",
        {language: _figure(rows, language, is_rate) for language in LANGUAGES},
        both(summary),
        [Text("Tháng", "Month"), THROUGH, OURS, THEIRS, DIFFERENCE],
        [
            [
                label(row.month_start, "month"),
                label(row.stated_through_date, "day"),
                both(partial(value, row.counted_value)),
                both(partial(value, row.stated_value)),
                both(partial(apart, row.difference)),
            ]
            for row in rows
        ],
    )


def _share(amount: Decimal, row: Any) -> float:  # noqa: ANN401
    """Return an amount in per cent of what the source states; of nothing, any amount is all of it."""
    if not row.stated_value:
        return 100.0 if amount else 0.0
    return float(amount / row.stated_value) * 100


def _figure(rows: Sequence[Any], language: str, is_rate: bool) -> Figure:
    """Return the difference of each month, between two lines of what is allowed in it.

    It is in per cent of the stated figure; of a rate, in points.
    """
    months = [label(row.month_start, "month").of(language) for row in rows]
    shares, allowed = (
        [float(getattr(row, name)) if is_rate else _share(getattr(row, name), row) for row in rows]
        for name in ("difference", "allowed_difference")
    )
    unit = POINTS.of(language) if is_rate else "%"
    reach = max(2 * min(allowed), *allowed, *map(abs, shares)) * 1.1
    figure = layout()
    figure["xaxis"] |= {"type": "category", "tickangle": 0, "nticks": 6}
    figure["yaxis"] |= {
        "range": [-reach, reach],
        "zeroline": True,
        "zerolinecolor": PALE,
        "ticksuffix": unit,
    }
    figure["separators"] = ",." if language == "vi" else ".,"
    return {
        "data": [
            *(
                {
                    "type": "scatter",
                    # one month is a point, and a point has no line
                    "mode": "lines" if len(months) > 1 else "markers",
                    "marker": {"symbol": "line-ew-open", "size": 40, "color": AMBER},
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
                "hovertemplate": f"%{{x}}<br>{DIFFERENCE.of(language)}: %{{customdata}}{unit}<extra></extra>",
            },
        ],
        "layout": figure,
    }
