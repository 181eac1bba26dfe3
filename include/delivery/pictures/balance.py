"""What more advertising brings, and what it drives away: by tenths of the visitors."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from include.delivery.cards import Card, Panel
from include.delivery.figures import BLUE, GREEN, ORANGE, Figure, layout
from include.delivery.numerals import LANGUAGES, Measure, Text, both, number
from include.delivery.periods import label
from include.delivery.reading import Reading, Unit
from include.delivery.snapshot import Snapshot

COUNT, SHARE = Measure("count"), Measure("share")
TENTH, VISITORS = Text("Nhóm", "Tenth"), Text("Độc giả", "Visitors")
LOAD = Text("Quảng cáo mỗi trang", "Advertisements per page")
VALUE = Text("Doanh thu 28 ngày mỗi độc giả", "28-day revenue per visitor")
BACK = Text("Quay lại trong 7 ngày", "Back within 7 days")


def balance_card(snapshot: Snapshot, reading: Reading, unit: Unit) -> Card:
    """Return the tenths of the newest month that is known in full."""
    rows = snapshot.rows(
        "select month_start, decile, visitor_count, ad_load, return_7d, revenue_28d_per_visitor, "
        "is_balance_point from (select *, max(month_start) over () as newest_start "
        "from published.mart_ad_balance where business_unit_code = %s and is_provisional = 0) as months "
        "where month_start = newest_start order by decile",
        "mart_ad_balance",
        parameters=(unit.code,),
    )
    title = Text("Cân bằng nội dung và quảng cáo", "Balance of content and advertising")
    panels = [_panel(rows, Measure("money", unit.currency))] if rows else ()
    return Card(f"{unit.code}-balance", title, panels)


def _panel(rows: Sequence[Any], money: Measure) -> Panel:
    month = label(rows[0].month_start, "month")
    best = next((row for row in rows if row.is_balance_point), None)

    def load(row: Any, language: str) -> str:  # noqa: ANN401
        return "–" if row.ad_load is None else number(float(row.ad_load), 1, language)

    def told(language: str) -> str:
        if best is None:
            return f"{month.of(language)}: {VALUE.of(language)}, {BACK.of(language)}"
        value, back = (
            money.full(_float(best.revenue_28d_per_visitor), language),
            SHARE.full(_float(best.return_7d), language),
        )
        return (
            f"{month.of(language)}, {TENTH.of(language).lower()} {best.decile}: "
            f"{VALUE.of(language)} {value}, {BACK.of(language)} {back}"
        )

    return Panel(
        month,
        Text(
            f"{month.vi}: độc giả chia mười nhóm theo lượng quảng cáo mỗi trang ở lần ghé đầu, 1 là ít nhất. "
            "Nhóm tô xanh lá có doanh thu 28 ngày mỗi độc giả cao nhất: điểm cân bằng.",
            f"{month.en}: visitors in ten groups by the advertisements per page of their first visit, 1 "
            "with the least. The green one has the highest 28-day revenue per visitor: the balance point.",
        ),
        "mart_ad_balance",
        {language: _figure(rows, money, language) for language in LANGUAGES},
        both(told),
        [TENTH, VISITORS, LOAD, VALUE, BACK],
        [
            [
                Text(*[f"{row.decile}{' ★' if row.is_balance_point else ''}"] * 2),
                both(partial(COUNT.full, row.visitor_count)),
                both(partial(load, row)),
                both(partial(money.full, _float(row.revenue_28d_per_visitor))),
                both(partial(SHARE.full, _float(row.return_7d))),
            ]
            for row in rows
        ],
    )


def _float(value: Any) -> float | None:  # noqa: ANN401
    return None if value is None else float(value)


def _figure(rows: Sequence[Any], money: Measure, language: str) -> Figure:
    """Return what a visitor brings above and who comes back below, on scales of their own."""
    tenths = [str(row.decile) for row in rows]
    figure = layout(340)
    figure["margin"] |= {"t": 28}
    title = Text("Nhóm theo lượng quảng cáo (1: ít nhất)", "Tenth by advertising (1: the least)")
    figure["xaxis"] |= {
        "type": "category", "tickangle": 0,
        "title": {"text": title.of(language), "standoff": 8, "font": {"size": 12}},
    }  # fmt: skip
    data, notes = [], []
    for axis, domain, name, measure, column in (
        ("y2", [0.56, 0.97], VALUE, money, "revenue_28d_per_visitor"),
        ("y", [0, 0.41], BACK, SHARE, "return_7d"),
    ):
        values = [_float(getattr(row, column)) for row in rows]
        marks, words = measure.scale([0.0, *(value for value in values if value is not None)])
        figure["yaxis" if axis == "y" else "yaxis2"] = figure["yaxis"] | {
            "domain": domain, "tickvals": marks, "ticktext": words[language],
            "range": [marks[0], marks[-1]],
        }  # fmt: skip
        notes.append(
            {
                "text": f"<b>{name.of(language)}</b>", "x": 0, "y": domain[1], "xref": "paper",
                "yref": "paper", "xanchor": "left", "yanchor": "bottom", "showarrow": False, "yshift": 3,
            }
        )  # fmt: skip
        colours = [GREEN if row.is_balance_point else BLUE for row in rows]
        data.append(
            {
                "x": tenths, "y": values, "yaxis": axis,
                "customdata": [measure.full(value, language) for value in values],
                "hovertemplate": f"%{{x}}<br>{name.of(language)}: %{{customdata}}<extra></extra>",
            }
            | (
                {"type": "bar", "marker": {"color": colours}}
                if axis == "y2"
                else {
                    "type": "scatter", "mode": "lines+markers", "connectgaps": False, "cliponaxis": False,
                    "line": {"color": ORANGE, "width": 2}, "marker": {"size": 7},
                }
            )
        )  # fmt: skip
    figure["annotations"] = notes
    return {"data": data, "layout": figure}
