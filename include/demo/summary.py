"""What the demo tells at its end: what was published, a few metrics, where to look."""

from datetime import date
from decimal import Decimal

import psycopg2
from psycopg2.extensions import cursor as Cursor

from include import settings
from include.delivery.numerals import Measure
from include.demo import say
from include.demo.airflow_api import login


def tell(seconds: float) -> None:
    """Show what was published, a few metrics, and where to look."""
    with psycopg2.connect(settings.dsn("cx_reader")) as connection, connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read")
        cursor.execute(
            "select publication_id, batch_id, published_at_local, changed_count "
            "from published.data_publications order by publication_id desc limit 1"
        )
        publication, batch, at, changed = cursor.fetchone()
        cursor.execute(
            "select count(*), count(*) filter (where is_passed = 1), "
            "count(*) filter (where is_passed = 0 and severity = 'notice') "
            "from published.data_quality where batch_id = %s",
            (batch,),
        )
        checks, passed, notices = cursor.fetchone()
        say(
            f"\nPublication {publication} of {at:%Y-%m-%d %H:%M} Vietnam time (batch {batch}): "
            f"{changed:,} rows changed; audit: {passed} of {checks} expectations passed, {notices} notices"
        )
        _tell_doubts(cursor, batch)
        _tell_tables(cursor)
        _tell_metrics(cursor)
    say(
        f"\nAirflow    {login()}\n"
        f"Dashboard  {settings.DELIVERY / 'index.html'}\n"
        f"Workbook   {settings.DELIVERY / 'cx_warehouse.xlsx'}\n"
        f"SQL        host={settings.PG_HOST} port={settings.PG_PORT} dbname={settings.DATABASE} "
        f"user=cx_reader password={settings.secret('CX_PASSWORD_READER')}\n"
        f"Took {seconds:.0f} s. `make down` stops everything, `make clean` forgets it."
    )


def _tell_doubts(cursor: Cursor, batch: int) -> None:
    """Name the notices of the audit, and what was kept out of the last day's pulls."""
    cursor.execute(
        "select suite, expectation, observed from published.data_quality where batch_id = %s "
        "and is_passed = 0 and severity = 'notice' order by check_id",
        (batch,),
    )
    for suite, expectation, observed in cursor.fetchall():
        say(f"  notice: {suite}: {expectation}: {str(observed)[:120]}")
    cursor.execute(
        "select source, stream, sum(quarantined_count), sum(record_count) from published.data_freshness "
        "where quarantined_count > 0 and settled_at_local > (select max(settled_at_local) "
        "from published.data_freshness) - interval '1 day' group by 1, 2 order by 1, 2"
    )
    for source, stream, kept_out, records in cursor.fetchall():
        say(
            f"  quarantined: {kept_out:,} of {records:,} records of {source}.{stream}; why, record by "
            "record: quarantine.records, as cx_loader (its password is in the folder of secrets)"
        )


def _tell_tables(cursor: Cursor) -> None:
    cursor.execute(
        "select t.table_name, t.row_count, v.schemaname from published.data_publication_tables as t "
        "inner join pg_views as v on v.viewname = t.table_name and v.schemaname in ('published', 'care') "
        "order by 3 desc, 1"
    )
    for table, rows, schema in cursor.fetchall():
        who = "  only for cx_care" if schema == "care" else ""
        say(f"  {f'{schema}.{table}':<32}{rows:>12,} rows{who}")


def _tell_metrics(cursor: Cursor) -> None:
    """Show the default variant of each metric in its last complete period, named as on the page."""
    say("\nMetrics, last complete period (giá trị kỳ trọn gần nhất)")
    cursor.execute(
        "select distinct on (m.business_unit_code, m.metric_code) m.business_unit_code, m.metric_name_vi, "
        "m.metric_name_en, m.variant_name_vi, m.variant_name_en, m.period_grain_code, m.period_start, "
        "m.value, m.unit_code, m.n, m.is_reportable, c.minimum_n from published.mart_metrics as m "
        "inner join published.metric_catalogue as c using (metric_code, variant_code) "
        "where m.is_default = 1 and m.segment_code = 'all' and m.is_provisional = 0 "
        "and m.period_grain_code in ('month', 'quarter', 'year') and m.value is not null "
        "order by m.business_unit_code, m.metric_code, m.period_start desc, m.period_grain_code"
    )
    found = cursor.fetchall()
    if not found:
        say("  none yet: no month, quarter or year is complete in these data")
    unit = ""
    for row in found:
        if row[0] != unit:
            unit = row[0]
            say(f"  {unit}")
        say(metric_lines(*row[1:]))


def metric_lines(
    name_vi: str,
    name_en: str,
    variant_vi: str,
    variant_en: str,
    grain: str,
    start: date,
    value: Decimal,
    kind: str,
    n: int,
    is_reportable: int,
    minimum: int,
) -> str:
    """Return a metric as two lines: its value, then which variant of it this is."""
    known = kind in ("share", "score", "seconds")
    shown = Measure(kind if known else "money", "" if known else kind).full(float(value), "en")
    doubt = "" if is_reportable else "  all answers alike, so no interval"
    small = f"  small sample (under {minimum:,})" if n < minimum else doubt
    return (
        f"    {f'{name_vi} / {name_en}':<76} {grain:<8}{start}  {shown:>16}  n = {n:,}{small}\n"
        f"      {variant_vi} / {variant_en}"
    )
