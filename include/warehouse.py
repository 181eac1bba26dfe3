"""The warehouse's databases, roles and rooms: brought up to date on any PostgreSQL 18 server.

Works on the embedded server and on a company's own, given the superuser's password once.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import encrypt_password

from include import settings

SQL = Path(__file__).parent / "database"


class NotReached(psycopg2.OperationalError):
    """The server did not answer, or let nobody in; the message tells what it said and what to do."""


@contextmanager
def connection(role: str) -> Iterator[Connection]:
    """Yield a connection of ROLE; `with connection:` inside it is one transaction.

    Raises:
        NotReached: the server is down, or refuses the role.
        SettingMissing: the role's password is nowhere to be found.
    """
    try:
        opened = psycopg2.connect(settings.dsn(role))
    except psycopg2.OperationalError as error:
        said = " ".join(str(error).split())
        raise NotReached(
            f"the warehouse cannot be reached ({said}): start it with `make demo`, in production with "
            "`docker compose up --detach`."
        ) from error
    with closing(opened):
        yield opened


@contextmanager
def transaction(role: str) -> Iterator[Connection]:
    """Yield a connection of ROLE that commits at the end, or rolls back when an error leaves it."""
    with connection(role) as opened, opened:
        yield opened


def prepare() -> None:
    """Make databases, roles, rooms, tables and procedures; running it again changes nothing."""
    from include import landing, sources

    with closing(psycopg2.connect(settings.dsn("postgres", "postgres"))) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            for role in (*settings.ROLES, "airflow"):
                password = settings.secret(f"CX_PASSWORD_{role.removeprefix('cx_').upper()}")
                # a verifier, so that no password stands in a statement that the server may log
                verifier = encrypt_password(password, role, server, "scram-sha-256")
                cursor.execute("select set_config(%s, %s, false)", (f"cx.password_{role}", verifier))
            cursor.execute((SQL / "roles.sql").read_text())
            for name, owner in ((settings.DATABASE, "postgres"), ("airflow", "airflow")):
                cursor.execute("select 1 from pg_database where datname = %s", (name,))
                if not cursor.fetchone():
                    cursor.execute(f"create database {name} owner {owner}")
                cursor.execute(f"revoke all on database {name} from public")
            cursor.execute((SQL / "databases.sql").read_text())
    with transaction("postgres") as opened, opened.cursor() as cursor:
        for name in ("rooms", "ops", "publication", "visible", "care"):
            text = (SQL / f"{name}.sql").read_text()
            cursor.execute(text.replace("{database}", settings.DATABASE))
    for name in sources.names():
        landing.prepare(name)


if __name__ == "__main__":
    prepare()
