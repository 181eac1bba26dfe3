"""Warehouses that tests have to themselves, and plain questions to them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2

from include import settings, warehouse


def administer(statement: str) -> None:
    """Run a statement beside all warehouses, such as `create database`."""
    with closing(psycopg2.connect(settings.dsn("postgres", "postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


@contextmanager
def used(name: str) -> Iterator[None]:
    """Point the settings at a warehouse."""
    former, settings.DATABASE = settings.DATABASE, name
    try:
        yield
    finally:
        settings.DATABASE = former


@contextmanager
def made(name: str, template: str = "") -> Iterator[str]:
    """Use a new warehouse NAME, empty or a copy; drop it at the end."""
    with used(name):
        administer(f"drop database if exists {name} with (force)")
        if template:
            # dbt and SQLAlchemy keep idle connections, and a template may have none
            administer(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{template}'")
            administer(f"create database {name} template {template} strategy file_copy")
            # a copy has the rooms but not the grants on the database itself
            rooms = (warehouse.SQL / "rooms.sql").read_text()
            ask(rooms.replace("{database}", name))
        else:
            warehouse.prepare()
        try:
            yield name
        finally:
            administer(f"drop database {name} with (force)")


def ask(statement: str, *values: object, role: str = "postgres") -> list[tuple]:
    """Run a statement in a transaction of its own and return its rows, if it has any."""
    with warehouse.transaction(role) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def one(statement: str, *values: object, role: str = "postgres") -> object:
    """Return the one value that a query finds."""
    ((value,),) = ask(statement, *values, role=role)
    return value
