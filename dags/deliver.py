"""Bring a publication to the people: the dashboard page and the workbook.

**What.** Both are written from `published` alone, as the role `cx_reader`, each in one transaction
that sees one publication, into the folder CX_DELIVERY.

**When.** After each publication.

**If it fails.** The page and the workbook of the publication before stay in place. Clear the task.
"""

from datetime import datetime, timedelta

from airflow.sdk import Asset, dag, task

from include import alerts


@dag(
    schedule=[Asset("cx://published")],
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    tags=["deliver"],
    doc_md=__doc__,
    default_args={
        "owner": "data-engineering",
        "retries": 3,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=15),
        "on_failure_callback": alerts.failed,
    },
)
def deliver() -> None:
    """Define the Dag."""

    @task
    def write_page() -> str:
        from include import settings
        from include.delivery import page

        return str(page.write_page(settings.DELIVERY))

    @task
    def write_workbook() -> str:
        from include import settings
        from include.delivery import workbook

        return str(workbook.write_workbook(settings.DELIVERY))

    write_page()
    write_workbook()


deliver()
