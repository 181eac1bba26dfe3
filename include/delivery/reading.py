"""What the page and the workbook's summary say, read from one snapshot into plain values.

Only whole periods are kept: none that is provisional, that ends after the unit's last record or the
day of the publication, or that began before the first. Half a month looks like a fall.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from include.delivery.numerals import Text
from include.delivery.periods import Point, following
from include.delivery.snapshot import Snapshot

Series = tuple[str, str, str, str]
"""Business unit, metric, variant, period grain."""
SALES = ("net_revenue", "order_count", "cod_order_count", "cancelled_order_count")


@dataclass(frozen=True)
class Unit:
    """A business unit and the currency that its money is in."""

    code: str
    name: Text
    currency: str


@dataclass(frozen=True)
class Definition:
    """What the catalogue says of one variant of a metric."""

    name: Text
    variant: Text
    text: Text
    direction: str


@dataclass(frozen=True)
class Publication:
    """The publication that was read, and how many checks of its batch passed or failed."""

    number: int
    batch: int
    published_at: datetime
    passed: int
    failed: Mapping[str, int]
    """By severity; a severity without a failure is absent."""


@dataclass
class Reading:
    """One publication's answers."""

    publication: Publication | None = None
    units: Sequence[Unit] = ()
    points: Mapping[Series, Sequence[Point]] = field(default_factory=dict)
    catalogue: Mapping[tuple[str, str], Definition] = field(default_factory=dict)


def read(snapshot: Snapshot) -> Reading:
    """Return what SNAPSHOT holds."""
    publication = _publication(snapshot)
    until = publication.published_at.date() if publication else date.max
    points = defaultdict(list)
    starts = _first_days(snapshot)
    for grain in ("week", "month"):
        _read_sales(snapshot, grain, until, points)
    _read_metrics(snapshot, until, starts, points)
    # a unit of which nothing is measured yet has nothing to show
    measured = {series[0] for series in points}
    units = [unit for unit in _units(snapshot) if unit.code in measured]
    return Reading(publication, units, points, _catalogue(snapshot))


def _publication(snapshot: Snapshot) -> Publication | None:
    head = snapshot.rows(
        "select publication_id, batch_id, published_at_local from published.data_publications "
        "order by publication_id desc limit 1",
        "data_publications",
    )
    if not head:
        return None
    # an audit that was run again counts once: by its last word
    checks = snapshot.rows(
        "select severity, is_passed, count(*) as n from ("
        "select distinct on (suite, expectation) severity, is_passed from published.data_quality "
        "where batch_id = %s order by suite, expectation, check_id desc) as latest group by 1, 2",
        "data_quality",
        parameters=(head[0].batch_id,),
    )
    return Publication(
        head[0].publication_id,
        head[0].batch_id,
        head[0].published_at_local,
        sum(row.n for row in checks if row.is_passed),
        {row.severity: row.n for row in checks if not row.is_passed},
    )


def _units(snapshot: Snapshot) -> list[Unit]:
    rows = snapshot.rows(
        "select business_unit_code, name_vi, name_en, currency from published.dim_business_unit "
        "where business_unit_code <> 'unknown' order by business_unit_code",
        "dim_business_unit",
    )
    return [Unit(row.business_unit_code, Text(row.name_vi, row.name_en), row.currency) for row in rows]


def _first_days(snapshot: Snapshot) -> dict[str, date]:
    """Return the day of each unit's first order or answer: before it nothing was measured.

    A unit that has neither is absent, and the first period of each of its metrics is left out.
    """
    first: dict[str, date] = {}
    for table, column in (
        ("mart_ecommerce_daily", "order_date"),
        ("mart_feedback", "answered_date"),
    ):
        for row in snapshot.rows(
            f"select business_unit_code, min({column}) as day from published.{table} "
            f"where {column} is not null group by 1",
            table,
        ):
            first[row.business_unit_code] = min(row.day, first.get(row.business_unit_code, row.day))
    return first


def _read_sales(
    snapshot: Snapshot, grain: str, until: date, points: defaultdict[Series, list[Point]]
) -> None:
    """Add the sums of `SALES` for each whole period, as metrics named after their columns."""
    sums = ", ".join(f"sum({column}) as {column}" for column in SALES)
    rows = snapshot.rows(
        f"select business_unit_code, date_trunc(%s, order_date)::date as start, {sums}, "
        "min(min(order_date)) over unit as first_day, max(max(order_date)) over unit as last_day "
        "from published.mart_ecommerce_daily "
        # a day with visits alone is not yet one whose orders are known
        "where order_count > 0 or cancelled_order_count > 0 or refund_amount <> 0 group by 1, 2 "
        "window unit as (partition by business_unit_code) order by 1, 2",
        "mart_ecommerce_daily",
        parameters=(grain,),
    )
    for row in rows:
        end = following(row.start, grain)
        is_covered = row.first_day <= row.start and end <= row.last_day + timedelta(days=1)
        if not is_covered or end > until:
            continue
        for column in SALES:
            point = Point(row.start, _number(getattr(row, column)))
            points[(row.business_unit_code, column, "", grain)].append(point)


def _read_metrics(
    snapshot: Snapshot,
    until: date,
    starts: Mapping[str, date],
    points: defaultdict[Series, list[Point]],
) -> None:
    rows = snapshot.rows(
        "select business_unit_code, metric_code, variant_code, period_grain_code, period_start, "
        "value, ci_low, ci_high, n, is_reportable, min(period_start) over (partition by "
        "business_unit_code, metric_code, variant_code, period_grain_code) as first_start "
        "from published.mart_metrics "
        "where segment_type_code = 'all' and is_provisional = 0 and period_end <= %s "
        "and period_grain_code <> 'day' order by period_start",
        "mart_metrics",
        parameters=(until,),
    )
    for row in rows:
        first_day = starts.get(row.business_unit_code, row.first_start + timedelta(days=1))
        if row.period_start < first_day:
            continue
        series = (
            row.business_unit_code, row.metric_code, row.variant_code, row.period_grain_code,
        )  # fmt: skip
        points[series].append(
            Point(
                row.period_start,
                _number(row.value),
                _number(row.ci_low),
                _number(row.ci_high),
                row.n,
                row.is_reportable == 1,
            )
        )


def _catalogue(snapshot: Snapshot) -> dict[tuple[str, str], Definition]:
    rows = snapshot.rows(
        "select metric_code, variant_code, name_vi, name_en, variant_vi, variant_en, definition_vi, "
        "definition_en, direction_code from published.metric_catalogue",
        "metric_catalogue",
    )
    return {
        (row.metric_code, row.variant_code): Definition(
            Text(row.name_vi or "", row.name_en or ""),
            Text(row.variant_vi or "", row.variant_en or ""),
            Text(row.definition_vi or "", row.definition_en or ""),
            row.direction_code or "",
        )
        for row in rows
    }


def _number(value: Decimal | int | None) -> float | None:
    return None if value is None else float(value)
