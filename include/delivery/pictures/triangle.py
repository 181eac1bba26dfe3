"""The triangle of who comes back: a row per cohort, a column per week of its life."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from include.delivery.cards import Card, Panel
from include.delivery.figures import heat_map
from include.delivery.numerals import LANGUAGES, Measure, Text, both
from include.delivery.periods import GRAINS, label
from include.delivery.reading import FEW, Reading, Unit
from include.delivery.snapshot import Snapshot

COHORTS = 12
WINDOW = 7
COUNT, SHARE = Measure("count"), Measure("share")
WEEK = Text("Tuần sau ngày đầu tiên", "Week after the first day")
SIZE = Text("Số người", "Persons")


def triangle_card(snapshot: Snapshot, reading: Reading, unit: Unit) -> Card:
    """Return the last `COHORTS` by month and by week, as far as each was seen in full."""
    panels = []
    for grain in ("month", "week"):
        # the first cohort holds everyone who was there before anything was measured
        rows = snapshot.rows(
            "select cohort_start, cohort_size, day_number, retained_share from (select *, "
            "dense_rank() over (order by cohort_start desc) as recency from (select *, "
            "min(cohort_start) over () as first_start from published.mart_retention "
            "where business_unit_code = %s and cohort_grain_code = %s and kind_code = 'bracket') as each "
            "where is_provisional = 0 and cohort_start > first_start) as cohorts "
            "where recency <= %s order by cohort_start, day_number",
            "mart_retention",
            parameters=(unit.code, grain, COHORTS),
        )
        if rows:
            panels.append(_panel(rows, grain))
    return Card(f"{unit.code}-triangle", Text("Tam giác giữ chân", "Retention triangle"), panels)


def _panel(rows: Sequence[Any], grain: str) -> Panel:
    days = sorted({row.day_number for row in rows})
    sizes = {row.cohort_start: row.cohort_size for row in rows}
    known = {
        (row.cohort_start, row.day_number): None if row.retained_share is None else float(row.retained_share)
        for row in rows
    }
    cells = [[known.get((start, day)) for day in days] for start in sizes]
    weeks = [str((day - 1) // WINDOW + 1) for day in days]
    spans = [f"{day}–{day + WINDOW - 1}" for day in days]
    columns = [Text(f"Ngày {span}", f"Days {span}") for span in spans]

    def named(start: Any, language: str) -> str:  # noqa: ANN401
        mark = "○ " if sizes[start] < FEW else ""
        return f"{mark}{label(start, grain).of(language)} · {COUNT.full(sizes[start], language)}"

    def told(language: str) -> str:
        first = next(start for start in reversed(sizes) if known.get((start, days[0])) is not None)
        share = SHARE.full(known[(first, days[0])], language)
        return f"{label(first, grain).of(language)}, {columns[0].of(language)}: {share}"

    return Panel(
        GRAINS[grain],
        Text(
            "Trong số người bắt đầu cùng kỳ (hàng), tỷ lệ quay lại trong từng tuần (cột) sau ngày hoạt động "
            "đầu tiên; cạnh tên nhóm là số người. Ô trống: chưa qua đủ ngày.",
            "Of those who began in the same period (row), the share that was back in each week (column) "
            "after the first active day; beside a cohort stands its size. An empty cell: not enough days "
            "have passed.",
        ),
        "mart_retention.retained_share",
        {
            language: heat_map(
                weeks, [named(start, language) for start in sizes], cells, WEEK.of(language), language
            )
            for language in LANGUAGES
        },
        both(told) if any(known.get((start, days[0])) is not None for start in sizes) else Text("–", "–"),
        [Text("Nhóm", "Cohort"), SIZE, *columns],
        [
            [
                label(start, grain),
                both(partial(COUNT.full, sizes[start])),
                *(both(partial(SHARE.full, cell)) for cell in row),
            ]
            for start, row in zip(sizes, cells, strict=True)
        ],
        any(size < FEW for size in sizes.values()),
    )
