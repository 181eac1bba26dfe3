"""A database of its own with a small company in it, on the embedded server."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# settings are read at import, so the home of a run that named none is made before it
HOME_IS_OURS = "CX_HOME" not in os.environ
if HOME_IS_OURS:
    os.environ["CX_HOME"] = tempfile.mkdtemp(prefix="cx-delivery-")
    Path(os.environ["CX_HOME"]).chmod(0o711)
    os.environ["CX_PG_PORT"] = str(_free_port())

from include import postgres, settings, warehouse  # noqa: E402

COMPANY = (Path(__file__).parent / "company.sql").read_text()


@pytest.fixture(scope="session")
def server() -> Iterator[None]:
    """Run the embedded server; stop and delete it again where this run made it."""
    was_running = postgres.is_running()
    postgres.make_passwords()
    postgres.start(durable=False)
    yield
    if not was_running and HOME_IS_OURS:
        postgres.erase()
        shutil.rmtree(settings.HOME)


def _make_database(name: str) -> Iterator[None]:
    """Point the settings at a new database NAME with the rooms in it; drop it at the end."""
    former, settings.DATABASE = settings.DATABASE, name
    try:
        _administer(f"drop database if exists {name} with (force)")
        warehouse.prepare()
        yield
        _administer(f"drop database {name} with (force)")
    finally:
        settings.DATABASE = former


def _administer(statement: str) -> None:
    with closing(psycopg2.connect(settings.dsn("postgres", "postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.fixture(scope="package")
def company(server: None) -> Iterator[None]:
    """Publish the small company of `company.sql`."""
    for _ in _make_database("cx_delivery_company"):
        with warehouse.transaction("postgres") as connection, connection.cursor() as cursor:
            cursor.execute(COMPANY)
            cursor.execute("update ops.head set batch_id = 12, publication_id = 2")
        yield


@pytest.fixture
def newborn(server: None) -> Iterator[None]:
    """Prepare a warehouse in which nothing was published yet."""
    yield from _make_database("cx_delivery_newborn")
