"""Who climbs and who falls: from each tier of a month to the tier of the next one."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from include.delivery.cards import Card, Panel
from include.delivery.figures import heat_map
from include.delivery.numerals import LANGUAGES, Measure, Text, both
from include.delivery.periods import following, label
from include.delivery.reading import Reading, Unit
from include.delivery.snapshot import Snapshot

TIERS = ("lurker", "reactor", "commenter", "creator", "core", "exit")
"""From the least to the most; who is absent stands last."""
COUNT, SHARE = Measure("count"), Measure("share")
USERS = Text("Số người", "Users")


def transitions_card(snapshot: Snapshot, reading: Reading, unit: Unit) -> Card:
    """Return the transitions out of the newest month whose next one is over."""
    rows = snapshot.rows(
        "select month_start, tier_from_code, tier_from_name_vi, tier_from_name_en, tier_to_code, "
        "tier_to_name_vi, tier_to_name_en, user_count from (select *, max(month_start) over () as "
        "newest_start from published.mart_engagement_transitions "
        "where business_unit_code = %s and is_provisional = 0) as months "
        "where month_start = newest_start",
        "mart_engagement_transitions",
        parameters=(unit.code,),
    )
    title = Text("Chuyển bậc gắn kết", "Moves between tiers of engagement")
    return Card(f"{unit.code}-transitions", title, [_panel(rows)] if rows else ())


def _place(code: str) -> int:
    """Return where a tier stands; one that is not known here stands behind all others."""
    return TIERS.index(code) if code in TIERS else len(TIERS)


def _panel(rows: Sequence[Any]) -> Panel:
    month = label(rows[0].month_start, "month")
    later = label(following(rows[0].month_start, "month"), "month")
    names = {row.tier_from_code: Text(row.tier_from_name_vi, row.tier_from_name_en) for row in rows}
    names |= {row.tier_to_code: Text(row.tier_to_name_vi, row.tier_to_name_en) for row in rows}
    ins = sorted({row.tier_from_code for row in rows}, key=_place)
    outs = sorted({row.tier_to_code for row in rows}, key=_place)
    counts = {(row.tier_from_code, row.tier_to_code): row.user_count for row in rows}
    totals = {tier: sum(counts.get((tier, out), 0) for out in outs) for tier in ins}
    cells = [[counts.get((tier, out), 0) / totals[tier] for out in outs] for tier in ins]

    def told(language: str) -> str:
        parts = []
        for tier, row in zip(ins, cells, strict=True):
            share, out = max(zip(row, outs, strict=True))
            parts.append(
                f"{names[tier].of(language)} → {names[out].of(language)}: {SHARE.full(share, language)}"
            )
        return f"{month.of(language)} → {later.of(language)}. {'; '.join(parts)}"

    def named(tier: str, language: str) -> str:
        return f"{names[tier].of(language)} · {COUNT.full(totals[tier], language)}"

    return Panel(
        month,
        Text(
            f"Trong số người ở mỗi bậc (hàng) tháng {month.vi.removeprefix('T')}, tỷ lệ ở từng bậc (cột) "
            f"tháng {later.vi.removeprefix('T')}; cạnh tên bậc là số người.",
            f"Of those in each tier (row) in {month.en}, the share in each tier (column) in {later.en}; "
            "beside a tier stands how many they are.",
        ),
        "mart_engagement_transitions",
        {
            language: heat_map(
                [names[out].of(language) for out in outs],
                [named(tier, language) for tier in ins],
                cells,
                later.of(language),
                language,
            )
            for language in LANGUAGES
        },
        both(told),
        [Text("Từ bậc", "From tier"), USERS, *(names[out] for out in outs)],
        [
            [
                names[tier],
                both(partial(COUNT.full, totals[tier])),
                *(both(partial(SHARE.full, cell)) for cell in row),
            ]
            for tier, row in zip(ins, cells, strict=True)
        ],
    )
