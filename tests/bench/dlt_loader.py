"""dlt's own loader, as its documentation shows it: records into tables of the same server."""

import os
import shutil
from collections.abc import Iterable, Iterator

os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}

import dlt

from include import settings
from include.sources import Record
from tests.databases import ask

SCHEMA = "loaded_by_dlt"


def load(records: Iterable[Record]) -> None:
    """Load records into an empty schema, in the fastest file format that dlt has for PostgreSQL.

    Raises:
        RuntimeError: dlt did not load all of it.
    """
    home = settings.HOME / "dlt"
    shutil.rmtree(home, ignore_errors=True)
    ask(f"drop schema if exists {SCHEMA} cascade; drop schema if exists {SCHEMA}_staging cascade")

    @dlt.resource(name="events", write_disposition="append")
    def events() -> Iterator[Record]:
        yield from records

    password = settings.secret("CX_PASSWORD_POSTGRES")
    pipeline = dlt.pipeline(
        "bench",
        destination=dlt.destinations.postgres(
            f"postgresql://postgres:{password}@{settings.PG_HOST}:{settings.PG_PORT}/{settings.DATABASE}"
        ),
        dataset_name=SCHEMA,
        pipelines_dir=str(home),
    )
    pipeline.run(events(), loader_file_format="csv").raise_on_failed_jobs()
