"""Build every room from what has landed, audit it, and publish it at once or not at all.

**What.** `wait_for_sources` waits, without a worker, until the sources due have landed or the
deadline has come. `build` freezes how far each source is read, runs dbt up to the contracts, resolves
who is who, and runs dbt on the rooms behind; once a week of data it also fits what customers will buy.
`audit` runs the border-out expectations on what changed. `publish` moves all tables in one transaction.

**When.** Every night at 03:30, Vietnam time; at the latest an hour later with the sources that
have landed by then. Triggered by hand, `{"sources": ["haravan"]}` waits for those only.

**If it fails.** Readers keep the last publication. Running it again is safe at any point.

- `build`: the message names each model or test that failed (also in `ops.model_results`).
- `audit`: the message names the expectations that failed and how many rows. Have the source
  mended, or hold it (docs/operations.md), and run again: the next batch carries everything since
  the last publication.
- `approve` asks a person, once: the badge *Required actions* shows what was found. No answer in
  time means no. `refuse` then rejects the batch.
- `publish`: the transaction was rolled back; clear the task, *on hold* after `release` alone.
"""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import (
    Asset,
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
    task,
)

from include import alerts, settings

FOR_A_PERSON = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception="include.transform.BuildFailed", action=RetryAction.FAIL),
        RetryRule(exception="include.quality.ExpectationsFailed", action=RetryAction.FAIL),
        RetryRule(exception="include.publication.ShapeChanged", action=RetryAction.FAIL),
        RetryRule(exception="include.publication.PublicationHeld", action=RetryAction.FAIL),
    ]
)


def findings(batch_id: int) -> str:
    """Return what a person is asked to approve."""
    from include import quality

    return quality.question(batch_id)


@dag(
    schedule=CronTriggerTimetable("30 3 * * *", timezone="Asia/Ho_Chi_Minh"),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    tags=["warehouse"],
    user_defined_macros={"findings": findings},
    doc_md=__doc__,
    default_args={
        "owner": "data-engineering",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=15),
        "retry_policy": FOR_A_PERSON,
        "on_failure_callback": alerts.failed,
    },
)
def warehouse() -> None:
    """Define the Dag."""

    @task.sensor(mode="reschedule", poke_interval=30, timeout=24 * 3600)
    def wait_for_sources() -> bool:
        from include import landing

        run = get_current_context()["dag_run"]
        return landing.have_landed((run.conf or {}).get("sources"), run.run_after)

    @task(pool="dbt_writer")
    def build() -> int:
        from include import transform

        return transform.build()

    @task.branch(pool="dbt_writer")
    def audit(batch_id: int) -> str:
        from include import quality

        return quality.next_step(batch_id)

    approve = ApprovalOperator(
        task_id="approve",
        subject="Publish batch {{ ti.xcom_pull(task_ids='build') }} in spite of these findings?",
        body="{{ findings(ti.xcom_pull(task_ids='build')) }}",
        defaults=["Reject"],
        response_timeout=timedelta(seconds=settings.APPROVAL_SECONDS),
        fail_on_reject=True,
        retries=0,
    )

    @task(
        pool="dbt_writer",
        trigger_rule="none_failed_min_one_success",
        outlets=[Asset("cx://published")],
    )
    def publish(batch_id: int) -> dict[str, int]:
        from include import publication, quality

        quality.acknowledge(batch_id)
        return publication.publish(batch_id)

    @task(trigger_rule="one_failed")
    def refuse() -> None:
        from include import quality

        quality.refuse("a person said no, or nobody answered in time")

    batch_id = build()
    wait_for_sources() >> batch_id
    decision, published = audit(batch_id), publish(batch_id)
    decision >> [approve, published]
    approve >> [published, refuse()]


warehouse()
