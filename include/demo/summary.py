"""What the demo tells at its end: what was published, a few metrics, where to look."""

import psycopg2

from include import settings
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
            f"\nPublication {publication} of {at:%Y-%m-%d %H:%M} (batch {batch}): {changed:,} rows changed; "
            f"audit: {passed} of {checks} expectations passed, {notices} notices"
        )
        cursor.execute("select table_name, row_count from published.data_publication_tables order by 1")
        for table, rows in cursor.fetchall():
            say(f"  {table:<24}{rows:>12,} rows")
        say("\nMetrics, last complete period (giá trị kỳ trọn gần nhất)")
        cursor.execute(
            "select distinct on (business_unit_code, metric_code) business_unit_code, metric_name_vi, "
            "period_grain_code, period_start, value, unit_code, n from published.mart_metrics "
            "where is_default = 1 and segment_code = 'all' and is_provisional = 0 "
            "and period_grain_code in ('month', 'quarter', 'year') and value is not null "
            "order by business_unit_code, metric_code, period_start desc, period_grain_code"
        )
        for unit, name, grain, start, value, kind, n in cursor.fetchall():
            shown = f"{value:.1%}" if kind == "share" else f"{value:,.0f} {kind}"
            say(f"  {unit:<14}{name:<44}{grain:<8}{start}  {shown:>16}  n = {n:,}")
    say(
        f"\nAirflow    {login()}\n"
        f"Dashboard  {settings.DELIVERY / 'index.html'}\n"
        f"Workbook   {settings.DELIVERY / 'cx_warehouse.xlsx'}\n"
        f"SQL        host={settings.PG_HOST} port={settings.PG_PORT} dbname={settings.DATABASE} "
        f"user=cx_reader password={settings.secret('CX_PASSWORD_READER')}\n"
        f"Took {seconds:.0f} s. `make down` stops everything, `make clean` forgets it."
    )
