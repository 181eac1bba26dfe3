"""The curve of time to first purchase: the share of each cohort that has bought by each day."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Any

from include.delivery.cards import Card, Panel
from include.delivery.figures import STEPS, Figure, layout
from include.delivery.numerals import LANGUAGES, Measure, Text, both
from include.delivery.periods import GRAINS, label
from include.delivery.reading import Reading, Unit
from include.delivery.snapshot import Snapshot

COHORTS = 4
LAST_DAY = 90
DAYS = (1, 7, 14, 30, 60, 90)
"""The days that the table tells of."""
COLOURS = (*STEPS[1:4], "#0b2545")
SHARE = Measure("share")
DAY = Text("Ngày", "Day")


def curve_card(snapshot: Snapshot, reading: Reading, unit: Unit) -> Card:
    """Return the last cohorts by quarter and by month, each as far as all of it was followed."""
    panels = []
    for grain in ("quarter", "month"):
        # a cohort that is a few days old has nothing to show beside one of a quarter
        rows = snapshot.rows(
            "select cohort_start, day_number, event_share, followed_days from (select *, "
            "dense_rank() over (order by cohort_start desc) as recency from (select *, "
            "max(day_number) over (partition by cohort_start) as followed_days "
            "from published.mart_survival_curves where business_unit_code = %s "
            "and cohort_grain_code = %s and curve_code = 'first_purchase' and is_provisional = 0) as each "
            "where followed_days >= %s) as cohorts where recency <= %s and day_number <= %s "
            "order by cohort_start, day_number",
            "mart_survival_curves",
            parameters=(unit.code, grain, DAYS[1], COHORTS, LAST_DAY),
        )
        if rows:
            panels.append(_panel(rows, grain))
    return Card(f"{unit.code}-curve", Text("Thời gian tới lần mua đầu", "Time to first purchase"), panels)


def _by(rows: Sequence[Any], day: int) -> float | None:
    """Return the share that has bought by DAY; None where not all have been followed for so long."""
    if rows[0].followed_days < day:
        return None
    # between two days on which something happened, the curve stands still
    return max((float(row.event_share) for row in rows if row.day_number <= day), default=0.0)


def _panel(rows: Sequence[Any], grain: str) -> Panel:
    cohorts = {start: list(each) for start, each in groupby(rows, lambda row: row.cohort_start)}

    def told(language: str) -> str:
        words = []
        for start, each in cohorts.items():
            day = min(each[0].followed_days, LAST_DAY)
            share = SHARE.full(_by(each, day), language)
            words.append(f"{label(start, grain).of(language)}, {DAY.of(language).lower()} {day}: {share}")
        return "; ".join(words)

    return Panel(
        GRAINS[grain],
        Text(
            "Tỷ lệ đã mua lần đầu tới mỗi ngày kể từ ngày đầu tiên (Kaplan–Meier: ai chưa mua vẫn được "
            "tính), theo kỳ của ngày đầu tiên. Đường dừng ở ngày mà cả nhóm đã được theo dõi.",
            "Share that has bought for the first time by each day since the first one (Kaplan–Meier: who "
            "has not bought still counts), by the period of that first day. A curve ends on the day up to "
            "which all of its cohort have been followed.",
        ),
        "mart_survival_curves.event_share",
        {language: _figure(cohorts, grain, language) for language in LANGUAGES},
        both(told),
        [GRAINS[grain], *(Text(f"Ngày {day}", f"Day {day}") for day in DAYS)],
        [
            [label(start, grain), *(both(partial(SHARE.full, _by(each, day))) for day in DAYS)]
            for start, each in cohorts.items()
        ],
    )


def _figure(cohorts: dict[Any, list[Any]], grain: str, language: str) -> Figure:
    """Return a stair per cohort, the newest the darkest."""
    marks, words = SHARE.scale([0.0, *(float(row.event_share) for each in cohorts.values() for row in each)])
    figure = layout(300)
    figure["showlegend"] = len(cohorts) > 1
    last = min(LAST_DAY, max(each[0].followed_days for each in cohorts.values()))
    figure["xaxis"] |= {
        "range": [0, last], "dtick": 10 if last > 30 else 5,
        "title": {
            "text": Text("Ngày kể từ ngày đầu tiên", "Days since the first one").of(language),
            "standoff": 8, "font": {"size": 12},
        },
    }  # fmt: skip
    figure["yaxis"] |= {"tickvals": marks, "ticktext": words[language], "range": [marks[0], marks[-1]]}
    data = []
    for (start, each), colour in zip(cohorts.items(), COLOURS[-len(cohorts) :], strict=True):
        until = min(LAST_DAY, each[0].followed_days)
        days = [0, *(row.day_number for row in each if row.day_number > 0), until]
        begun = next((float(row.event_share) for row in each if row.day_number == 0), 0.0)
        shares = [begun, *(float(row.event_share) for row in each if row.day_number > 0)]
        shares.append(shares[-1])
        data.append(
            {
                "type": "scatter", "mode": "lines", "name": label(start, grain).of(language),
                "x": days, "y": shares, "line": {"color": colour, "width": 2, "shape": "hv"},
                "customdata": [SHARE.full(share, language) for share in shares],
                "hovertemplate": (
                    f"%{{fullData.name}}<br>{DAY.of(language)} %{{x}}: %{{customdata}}<extra></extra>"
                ),
            }
        )  # fmt: skip
    return {"data": data, "layout": figure}
