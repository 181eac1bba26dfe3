"""What Airflow imports when it starts: the modules of our tasks, loaded once for all of them.

A task runs in a fork of the scheduler (LocalExecutor) or of a Celery worker. Great Expectations costs
five seconds to import and dbt three; loaded in that parent, every task has them for nothing. Other
processes, the API server and the Dag processor, import none of it.

CX_LOG_SERVER_HOST keeps the servers that hand out logs on one address: Airflow binds them to all.
"""

import gc
import importlib
import os
import sys

WARM = (
    "great_expectations", "great_expectations.expectations.core", "great_expectations.execution_engine",
    "dbt.cli.main", "dbt.adapters.postgres", "dlt.sources.helpers.rest_client",
    "include.identity", "include.landing", "include.publication", "include.quality", "include.transform",
)  # fmt: skip

if {"scheduler", "celery"} & set(sys.argv):
    for name in WARM:
        importlib.import_module(name)
    # what is frozen is never looked at by a collection, so that forks go on sharing its memory
    gc.collect()
    gc.freeze()

if host := os.environ.get("CX_LOG_SERVER_HOST"):
    import types

    import uvicorn
    from airflow.utils.serve_logs import core

    def _run(app: object, **options: object) -> None:
        uvicorn.run(app, **options | {"host": host})

    core.uvicorn = types.SimpleNamespace(run=_run)
