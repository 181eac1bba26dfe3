"""Pull a source into the warehouse: land, check, accept. One Dag per module of `include/sources`.

**What.** `land` copies the source's records, as they are, into `landing_<source>` and moves the
cursor in the same transaction. `check` holds them against the types that staging casts and the
expectations of `expectations/landing_<source>.py`. `accept` adds what is new to `raw_<source>` and
puts what cannot be taken, verbatim and with the reason, into `quarantine.records`.

**When.** By the line in SCHEDULES below. A backfill (`airflow backfill create`) pulls the window of
each run and leaves the cursor alone.

**If it fails.** Running it again is safe at any point.

- `land`, *the source refuses the credentials*, or a variable *is not set*: give the source its token.
- `land`, *<unit>/<contract>.sql, line 3*: a SELECT of the inbox has a mistake: mend the file.
  Neither is retried, nor taken for "no data": clear the task when it is mended.
- `land`, anything else: it was retried with growing delays; the source is down or changed. The
  message names the address and what it answered.
- `check`: the message names the expectations that failed. Nothing of the pull was accepted, and
  the next run pulls the same window again. Look at `landing_<source>`; readers are not affected.
- A source that stays broken delays a build by CX_WAIT_MINUTES at most. An error that the audit finds of it
  stops the publication of all: `python -m include.landing hold <source> '<why>'` (docs/operations.md).
"""

from datetime import datetime, timedelta

from airflow.sdk import (
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
    task,
)

from include import alerts, sources

SCHEDULES = {
    "haravan": "2 * * * *",
    "woocommerce": "5 * * * *",
    "stripe": "8 * * * *",
    "segment": "11 * * * *",
    "zalo_oa": "14 * * * *",
    "facebook_page": "17 * * * *",
    "subiz": "20 * * * *",
    "zendesk": "23 * * * *",
    "hubspot": "26 * * * *",
    "mailchimp": "29 * * * *",
    "typeform": "32 * * * *",
    "database": "35 * * * *",
    "files": "38 * * * *",
    "preference_centre": "41 * * * *",
    "shopee": "44 * * * *",
    "chatwoot": "47 * * * *",
    "tiktok_shop": "50 * * * *",
    "shopify": "53 * * * *",
    "sapo": "56 * * * *",
    "lazada": "59 * * * *",
    # within the hour before the build, or it would wait for a landing that is a day away
    "pos": "32 2 * * *",
    "hearme": "35 2 * * *",
    "staff": "38 2 * * *",
    "clerical": "41 2 * * *",
    "google_play": "10 3 * * *",
    "app_store": "13 3 * * *",
    "youtube": "15 3 * * *",
    "ad_spend": "18 3 * * *",
    "ad_server": "21 3 * * *",
    "ga4": "24 3 * * *",
}
FOR_A_PERSON = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception="include.sources.PersonNeeded", action=RetryAction.FAIL),
        RetryRule(exception="include.sources.QuotaSpent", action=RetryAction.FAIL),
        RetryRule(exception="include.settings.SettingMissing", action=RetryAction.FAIL),
        RetryRule(exception="include.quality.ExpectationsFailed", action=RetryAction.FAIL),
    ]
)


def _interval(source: str) -> timedelta:
    """Return the window of a backfill's run: the hour or the day that the schedule repeats."""
    return timedelta(hours=1) if SCHEDULES[source].split()[1] == "*" else timedelta(days=1)


def ingest(source: str) -> None:
    """Define the Dag `ingest_<source>`."""

    @dag(
        dag_id=f"ingest_{source}",
        # with an interval, so that a backfill has a window to pull
        schedule=CronTriggerTimetable(
            SCHEDULES[source], timezone="Asia/Ho_Chi_Minh", interval=_interval(source)
        ),
        start_date=datetime(2025, 1, 1),
        catchup=False,
        max_active_runs=1,
        tags=["ingest"],
        doc_md=__doc__,
        default_args={
            "owner": "data-engineering",
            "retries": 4,
            "retry_delay": timedelta(seconds=30),
            "retry_exponential_backoff": 2.0,
            "max_retry_delay": timedelta(minutes=15),
            "retry_policy": FOR_A_PERSON,
            "on_failure_callback": alerts.failed,
        },
    )
    def pull() -> None:
        @task(pool="sources")
        def land() -> int:
            from include import landing

            run = get_current_context()["dag_run"]
            window = landing.backfill_window(run.run_type, run.data_interval_start, run.data_interval_end)
            return landing.land(source, run.start_date, window)

        @task
        def check() -> list[str]:
            from include import quality

            return [str(finding) for finding in quality.check(source)]

        @task
        def accept() -> dict[str, int]:
            from include import landing

            return landing.accept(source)

        land() >> check() >> accept()

    pull()


for name in sources.names():
    ingest(name)
