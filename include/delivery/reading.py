"""What the page and the workbook's summary say, read from one snapshot into plain values.

Only whole periods are kept: none that is provisional, that ends after the unit's last record or the
day of the publication, or that began before the first. Half a month looks like a fall.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from include.delivery.numerals import Text
from include.delivery.periods import DRAWN, Point, following
from include.delivery.snapshot import Snapshot

SALES = ("net_revenue", "order_count", "cod_order_count", "cancelled_order_count")
SEGMENTS = ("all", "side", "engagement_tier")
"""Kinds of segment that a picture draws apart; no code stands in two of them."""
RETURN_DAYS = (1, 7, 30)
FEW = 100
"""A cohort of fewer is a small sample, as the metrics of retention have it."""

_OF_SERIES = (
    "from published.mart_metrics as m where m.business_unit_code = %s and m.metric_code = s.metric_code "
    "and m.variant_code = s.variant_code and m.period_grain_code = s.grain "
    "and m.segment_type_code = s.segment_type_code and m.is_provisional = 0 and m.period_end <= %s"
)


class Series(NamedTuple):
    """What is measured, by which period: the key of its points."""

    unit: str
    metric: str
    variant: str
    grain: str
    segment: str = "all"


@dataclass(frozen=True)
class Unit:
    """A business unit, what kind of business it is, and the currency that its money is in."""

    code: str
    name: Text
    currency: str
    type: str


@dataclass(frozen=True)
class Definition:
    """What the catalogue says of one variant of a metric."""

    name: Text
    variant: Text
    text: Text
    direction: str
    unit: str
    is_default: bool


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

    def default_variant(self, metric: str) -> str:
        """Return the variant by which METRIC is meant where none is named; empty where it is no metric."""
        return next(
            (
                variant
                for (code, variant), each in self.catalogue.items()
                if code == metric and each.is_default
            ),
            "",
        )


def read(snapshot: Snapshot) -> Reading:
    """Return what SNAPSHOT holds."""
    publication = _publication(snapshot)
    until = publication.published_at.date() if publication else date.max
    points = defaultdict(list)
    starts = _first_days(snapshot)
    for grain in ("week", "month"):
        _read_sales(snapshot, grain, until, points)
    units = _units(snapshot)
    for unit in units:
        _read_metrics(snapshot, unit.code, until, starts, points)
    _read_returns(snapshot, points)
    # a unit of which nothing is measured yet has nothing to show
    measured = {series.unit for series in points}
    units = [unit for unit in units if unit.code in measured]
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
        "select business_unit_code, name_vi, name_en, currency, business_type_code "
        "from published.dim_business_unit where business_unit_code <> 'unknown' order by business_unit_code",
        "dim_business_unit",
    )
    return [
        Unit(
            row.business_unit_code, Text(row.name_vi, row.name_en), row.currency, row.business_type_code
        )
        for row in rows
    ]  # fmt: skip


def _first_days(snapshot: Snapshot) -> dict[str, date]:
    """Return the day of each unit's first order or answer: before it nothing was measured.

    A unit that has neither is absent, and the first period of each of its metrics is left out.
    """
    first: dict[str, date] = {}
    for table, column in (
        ("mart_ecommerce_daily", "order_date"),
        ("mart_feedback", "answered_date"),
    ):
        # asked for each unit, an index tells it; asked of the table, all of it is read
        for row in snapshot.rows(
            "select u.business_unit_code, f.day from published.dim_business_unit as u cross join lateral "
            f"(select min(t.{column}) as day from published.{table} as t "
            "where t.business_unit_code = u.business_unit_code) as f where f.day is not null",
            table,
            "dim_business_unit",
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
            points[Series(row.business_unit_code, column, "", grain)].append(point)


def _read_metrics(
    snapshot: Snapshot,
    unit: str,
    until: date,
    starts: Mapping[str, date],
    points: defaultdict[Series, list[Point]],
) -> None:
    """Add the last periods of everything that is measured of UNIT, as many as a picture shows.

    Each series is found by its first and its last row, which an index tells: with years of history the answer
    is as long as with two.
    """
    rows = snapshot.rows(
        "with series as (select metric_code, variant_code, segment_type_code, grain, shown "
        "from published.metric_catalogue "
        "inner join unnest(%s, %s::interval[]) as lengths (grain, shown) "
        "on grain = any(string_to_array(grains, ' ')) "
        "cross join unnest(%s::text[]) as drawn (segment_type_code)) "
        "select s.metric_code, s.variant_code, s.grain, kept.*, f.first_start from series as s "
        f"cross join lateral (select period_start as last_start {_OF_SERIES} order by 1 desc limit 1) as l "
        f"cross join lateral (select period_start as first_start {_OF_SERIES} order by 1 limit 1) as f "
        "cross join lateral (select period_start, segment_code, value, ci_low, ci_high, n, is_reportable "
        # `offset` keeps the planner from reading all periods before it asks which are the last
        f"{_OF_SERIES} and period_start > cast(l.last_start - s.shown as date) offset 0) as kept "
        "order by kept.period_start",
        "mart_metrics",
        "metric_catalogue",
        parameters=(list(DRAWN), list(DRAWN.values()), list(SEGMENTS), *(3 * (unit, until))),
    )
    for row in rows:
        first_day = starts.get(unit, row.first_start + timedelta(days=1))
        if row.period_start < first_day:
            continue
        series = Series(unit, row.metric_code, row.variant_code, row.grain, row.segment_code)
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


def _read_returns(snapshot: Snapshot, points: defaultdict[Series, list[Point]]) -> None:
    """Add the share of each cohort that was back on each of `RETURN_DAYS`, as segments of one metric.

    The first cohort is left out: it holds everyone who was there before anything was measured.
    """
    rows = snapshot.rows(
        "select * from (select business_unit_code, cohort_grain_code, cohort_start, day_number, "
        "cohort_size, retained_share, is_provisional, min(cohort_start) over (partition by "
        "business_unit_code, cohort_grain_code) as first_start from published.mart_retention "
        "where kind_code = 'n_day' and day_number = any(%s)) as cohorts "
        "where is_provisional = 0 and cohort_start > first_start order by cohort_start",
        "mart_retention",
        parameters=(list(RETURN_DAYS),),
    )
    for row in rows:
        series = Series(
            row.business_unit_code, "retained_share", "", row.cohort_grain_code, f"day_{row.day_number}"
        )
        share, size = _number(row.retained_share), row.cohort_size
        points[series].append(Point(row.cohort_start, share, n=size, is_reportable=size >= FEW))


def _catalogue(snapshot: Snapshot) -> dict[tuple[str, str], Definition]:
    rows = snapshot.rows(
        "select metric_code, variant_code, name_vi, name_en, variant_vi, variant_en, definition_vi, "
        "definition_en, direction_code, unit_code, is_default from published.metric_catalogue",
        "metric_catalogue",
    )
    return {
        (row.metric_code, row.variant_code): Definition(
            Text(row.name_vi or "", row.name_en or ""),
            Text(row.variant_vi or "", row.variant_en or ""),
            Text(row.definition_vi or "", row.definition_en or ""),
            row.direction_code or "",
            row.unit_code or "",
            row.is_default == 1,
        )
        for row in rows
    }


def _number(value: Decimal | int | None) -> float | None:
    return None if value is None else float(value)
