"""The picture of the sources: how long ago each was landed and accepted, and what was kept out."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from include.delivery.cards import Card, Panel
from include.delivery.figures import BLUE, ORANGE, Figure, layout, moment, plain
from include.delivery.numerals import LANGUAGES, Measure, Text, both, number
from include.delivery.snapshot import Snapshot

DAYS = 30
COUNT = Measure("count")
SHOWN = 3
"""Losses of a source that are told; the others are counted."""
SINCE = Text("nguồn mất từ", "source lost since")


def freshness_card(snapshot: Snapshot) -> Card:
    """Return the picture of every source, as of now."""
    rows = snapshot.rows(
        "with now as ("
        "select at, at - interval '1 day' * %s as since "
        "from (select now() at time zone 'Asia/Ho_Chi_Minh' as at) as clock) "
        "select source, max(settled_at_local) filter (where state = 'accepted') as accepted_at, "
        "extract(epoch from min(now.at) - max(settled_at_local) filter (where state = 'accepted')) "
        "/ 3600.0 as hours, "
        "coalesce(sum(quarantined_count) filter (where settled_at_local > now.since), 0) "
        "as quarantined, "
        "count(*) filter (where state = 'rejected' and settled_at_local > now.since) as rejected "
        "from published.data_freshness cross join now group by source order by source desc",
        "data_freshness",
        parameters=(DAYS,),
    )
    losses = snapshot.rows(
        "select source, stream, field, lost_from_local, lost_to_local from published.data_losses "
        "order by lost_to_local desc nulls first, lost_from_local desc, stream, field",
        "data_losses",
    )
    holds = snapshot.rows("select source, held_at_local, reason from published.data_holds", "data_holds")
    title = Text("Độ mới của dữ liệu", "Data freshness")
    return Card("company-freshness", title, [_panel(rows, losses, holds)] if rows else ())


def _lost(losses: Sequence[Any], source: str, language: str) -> str:
    """Return what a source no longer gives, newest first."""
    told = []
    for loss in losses:
        if loss.source != source:
            continue
        what = loss.stream if loss.field == "*" else f"{loss.stream}.{loss.field}"
        since = moment(loss.lost_from_local, language)
        if loss.lost_to_local is None:
            told.append(f"{what}: {SINCE.of(language)} {since}")
        else:
            told.append(f"{what}: {since} – {moment(loss.lost_to_local, language)}")
    more = f"; +{len(told) - SHOWN}" if len(told) > SHOWN else ""
    return "; ".join(told[:SHOWN]) + more if told else "–"


def _held(holds: Sequence[Any], source: str, language: str) -> str:
    """Return since when a source is held, and why."""
    held = next((each for each in holds if each.source == source), None)
    return f"{moment(held.held_at_local, language)}: {held.reason}" if held else "–"


def _panel(rows: Sequence[Any], losses: Sequence[Any], holds: Sequence[Any]) -> Panel:
    oldest = max(rows, key=lambda row: float("inf") if row.hours is None else row.hours)

    def accepted(row: Any, language: str) -> str:  # noqa: ANN401
        return "–" if row.accepted_at is None else moment(row.accepted_at, language)

    return Panel(
        Text("Nguồn", "Source"),
        Text(
            "Số giờ từ lần nạp gần nhất được chấp nhận của mỗi nguồn đến lúc tạo trang này, và số "
            f"bản ghi bị cách ly trong {DAYS} ngày qua.",
            "Hours from each source's last accepted landing to the writing of this page, and the "
            f"records quarantined over the last {DAYS} days.",
        ),
        "data_freshness",
        {language: _figure(rows, {each.source for each in holds}, language) for language in LANGUAGES},
        both(lambda language: f"{oldest.source}: {_hours(oldest.hours, language)}"),
        [
            Text("Nguồn", "Source"), Text("Chấp nhận lúc (giờ Việt Nam)", "Accepted at (Vietnam time)"),
            Text("Cách đây", "Age"), Text("Bị cách ly", "Quarantined"),
            Text("Bị từ chối", "Rejected"), Text("Nguồn mất", "Source lost"),
            Text("Tạm dừng cập nhật từ", "Held since"),
        ],
        [
            [
                Text(row.source, row.source),
                both(partial(accepted, row)),
                both(partial(_hours, row.hours)),
                both(partial(COUNT.full, float(row.quarantined))),
                both(partial(COUNT.full, row.rejected)),
                both(partial(_lost, losses, row.source)),
                both(partial(_held, holds, row.source)),
            ]
            for row in reversed(rows)
        ],
    )  # fmt: skip


def _hours(hours: float | None, language: str) -> str:
    if hours is None:
        return Text("chưa từng được chấp nhận", "never accepted").of(language)
    if hours < 1:
        return f"{float(hours) * 60:.0f} {Text('phút', 'min').of(language)}"
    return f"{number(float(hours), 1, language)} {Text('giờ', 'h').of(language)}"


def _figure(rows: Sequence[Any], held: set[str], language: str) -> Figure:
    """Return bars of hours and of records side by side, a row per source; one that is HELD is marked."""
    sources = [plain(f"⏸ {row.source}" if row.source in held else row.source) for row in rows]
    figure = layout(max(200, 80 + (44 if len(rows) < 8 else 26) * len(rows)))
    figure["margin"] |= {"t": 28}
    figure["yaxis"] |= {"type": "category", "showgrid": False}
    # room to the right of the longest bar for its number
    axis = figure["xaxis"] | {"visible": False, "rangemode": "tozero"}
    columns = (
        ("x", [0, 0.48], Text("Giờ từ lần nạp cuối", "Hours since last landing"), BLUE,
         [None if row.hours is None else float(row.hours) for row in rows],
         [_hours(row.hours, language) for row in rows]),
        ("x2", [0.54, 1], Text(f"Cách ly, {DAYS} ngày", f"Quarantined, {DAYS} days"), ORANGE,
         [float(row.quarantined) for row in rows],
         [COUNT.full(float(row.quarantined), language) for row in rows]),
    )  # fmt: skip
    data, notes = [], []
    for name, domain, title, colour, values, texts in columns:
        most = max((value for value in values if value is not None), default=0) or 1
        # minutes look short beside a day
        most = max(most, 24) if name == "x" else most
        figure["xaxis" if name == "x" else "xaxis2"] = dict(axis, domain=domain, range=[0, most * 1.45])
        notes.append(
            {
                "text": title.of(language), "xref": "paper", "yref": "paper",
                "x": domain[0], "y": 1,
                "xanchor": "left", "yanchor": "bottom", "showarrow": False,
            }
        )  # fmt: skip
        data.append(
            {
                "type": "bar", "orientation": "h", "x": [value or 0 for value in values],
                "y": sources, "xaxis": name, "text": texts, "textposition": "outside",
                "cliponaxis": False, "marker": {"color": colour}, "hoverinfo": "skip",
            }
        )  # fmt: skip
    figure["annotations"] = notes
    return {"data": data, "layout": figure}
