"""Each role may do its step and nothing else: every grant is tried from the wrong side."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege, ObjectNotInPrerequisiteState

from include import settings, sources, warehouse
from tests import databases
from tests.built import Built
from tests.databases import ask

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("copy")]

DRIVERS = ("PostgreSQL Unicode", "PostgreSQL ANSI")
ROOMS = ("seeds", "staging", "intermediate", "identity", "core", "metrics", "marts", "changed")
GATE_VIEWS = (
    "data_freshness",
    "data_holds",
    "data_losses",
    "data_publication_tables",
    "data_publications",
    "data_quality",
)
TYPES = {
    "smallint": int,
    "integer": int,
    "bigint": int,
    "numeric": Decimal,
    "date": date,
    "timestamp without time zone": datetime,
    "character varying": str,
    "text": str,
}


@pytest.fixture(scope="module")
def copy(built: Built) -> Iterator[None]:
    with databases.made("cx_roles", built.database):
        yield
        for role in settings.ROLES:
            _session(role).close()
        _session.cache_clear()


def tables(*schemas: str) -> list[str]:
    """Return the tables and views of schemas, by their qualified names."""
    rows = ask(
        "select format('%%I.%%I', n.nspname, c.relname) from pg_class as c inner join pg_namespace as n "
        "on n.oid = c.relnamespace where n.nspname = any(%s) and c.relkind in ('r', 'v') order by 1",
        list(schemas),
    )
    return [name for (name,) in rows]


def schemas_of(prefix: str) -> list[str]:
    return [f"{prefix}_{name}" for name in sources.names()]


@cache
def _session(role: str) -> psycopg2.extensions.connection:
    return psycopg2.connect(settings.dsn(role))


def may(role: str, statement: str) -> bool:
    """Return whether ROLE is allowed a statement, whatever else is wrong with it; it is undone."""
    connection = _session(role)
    try:
        with connection.cursor() as cursor:
            # what a session sets for itself is no protection
            cursor.execute("set transaction read write")
            cursor.execute(statement)
    except (InsufficientPrivilege, ObjectNotInPrerequisiteState):  # or a view that no one can write
        return False
    except psycopg2.Error:
        return True
    else:
        return True
    finally:
        connection.rollback()


def may_write(role: str, table: str) -> list[str]:
    """Return the ways in which ROLE may change a table or a view."""
    ((is_view, column),) = ask(
        "select c.relkind = 'v', a.attname from pg_class as c inner join pg_attribute as a "
        "on a.attrelid = c.oid and a.attidentity = '' and a.attgenerated = '' and not a.attisdropped "
        "where c.oid = %s::regclass order by a.attnum desc limit 1",
        table,
    )
    statements = {
        "delete": f"delete from {table}",
        "insert": f"insert into {table} default values",
        "update": f"update {table} set {column} = {column}",
        "drop": f"drop {'view' if is_view else 'table'} {table}",
        "rename": f"alter {'view' if is_view else 'table'} {table} rename to intruder",
    }
    if not is_view:
        statements |= {"truncate": f"truncate {table}"}
    return [name for name, statement in statements.items() if may(role, statement)]


# readers


def test_a_reader_reads_every_published_table() -> None:
    found = tables("published")
    assert {f"published.{name}" for name in GATE_VIEWS} < set(found)
    assert len(found) >= 17
    for table in found:
        assert may("cx_reader", f"select * from {table} limit 5"), table
        assert may("cx_care", f"select * from {table} limit 5"), table


def test_a_reader_reads_nothing_else() -> None:
    entered = ask(
        "select nspname from pg_namespace where has_schema_privilege('cx_reader', oid, 'usage') "
        "and nspname not like 'pg\\_%' order by 1"
    )
    assert entered == [("information_schema",), ("published",)]
    for table in tables(*ROOMS, "ops", "pub_store", "undo", "care", "quarantine", *schemas_of("raw")):
        assert not may("cx_reader", f"select * from {table} limit 1"), table


def test_a_reader_changes_nothing_even_if_it_asks_for_a_transaction_that_may() -> None:
    for table in tables("published"):
        assert may_write("cx_reader", table) == [], table
    for statement in (
        "create table published.mine (x integer)",
        "create table public.mine (x integer)",
        "create schema mine",
        "create temporary table mine (x integer)",
        "call ops.publish(1)",
        "call ops.roll_back(1)",
        "select nextval('ops.acceptance')",
        "select lo_from_bytea(0, 'mine')",
        "select lo_create(0)",
        "select lo_creat(-1)",
        "select pg_logical_emit_message(false, 'mine', 'mine')",
    ):
        assert not may("cx_reader", statement), statement


def test_a_readers_own_session_is_read_only_and_limited() -> None:
    assert ask("show default_transaction_read_only", role="cx_reader") == [("on",)]
    assert ask("show statement_timeout", role="cx_reader") == [("2min",)]


def test_only_care_sees_who_the_customers_are() -> None:
    held = tables("care")
    assert held == ["care.bridge_identity", "care.dim_customer_contact"]
    asked = (*(f"select * from {table}" for table in held), "select * from care.find_customer('0901000001')")
    for role, expected in (("cx_care", True), ("cx_reader", False), ("cx_loader", False)):
        for statement in asked:
            assert may(role, statement) is expected, (role, statement)
    for table in held:
        assert may_write("cx_care", table) == [], table
    for table in (
        "identity.profile_contacts", "identity.profile_identifiers", "identity.identity_history",
        "pub_store.dim_customer_contact", "pub_store.bridge_identity",
    ):  # fmt: skip
        assert not may("cx_care", f"select * from {table}"), table


def test_no_role_but_care_calls_what_finds_a_customer() -> None:
    assert ask(
        "select r.rolname, p.proname from pg_proc as p cross join pg_roles as r "
        "where p.pronamespace = 'care'::regnamespace and has_function_privilege(r.oid, p.oid, 'execute') "
        "and not r.rolsuper order by 1, 2"
    ) == [("cx_care", name) for name in ("email_meant", "find_customer", "phones_meant")]


def test_nothing_personal_is_published() -> None:
    personal = ["phone", "email", "full_name", "comment_text", "identifier_value", "payload"]
    found = "select column_name from information_schema.columns where table_schema = 'published' and "
    assert ask(f"{found} column_name = 'customer_key'") != []
    assert ask(f"{found} column_name = any(%s)", personal) == []
    phones = "0901 000 001", "901000001"
    for table in tables("published"):
        shown = str(ask(f"select * from {table}", role="cx_reader"))
        assert not any(phone in shown for phone in phones), table


# the steps


def test_a_loader_sees_no_room_behind_its_own() -> None:
    for table in tables(*ROOMS, "pub_store", "undo", "published", "care"):
        assert not may("cx_loader", f"select * from {table} limit 1"), table


def test_a_transformer_reads_raw_and_writes_no_room_but_its_own() -> None:
    for table in tables(*schemas_of("raw")):
        assert may("cx_transformer", f"select * from {table} limit 1"), table
        assert may_write("cx_transformer", table) == [], table
    for table in tables(*schemas_of("landing"), "quarantine", "pub_store", "undo"):
        assert not may("cx_transformer", f"select * from {table} limit 1"), table
        assert may_write("cx_transformer", table) == [], table
    assert "insert" in may_write("cx_transformer", "marts.mart_customers")
    for table in (
        "ops.landings",
        "ops.head",
        "ops.check_results",
        "ops.acknowledgements",
        "ops.publications",
    ):
        assert may_write("cx_transformer", table) == [], table
    assert not may("cx_transformer", "call ops.publish(1)")


def test_an_auditor_reads_what_it_audits_and_writes_only_what_it_found() -> None:
    for table in tables("core", "metrics", "marts", *schemas_of("landing")):
        assert may("cx_auditor", f"select * from {table} limit 1"), table
        assert may_write("cx_auditor", table) == [], table
    for table in tables("pub_store", *schemas_of("raw")):
        assert may_write("cx_auditor", table) == [], table
    for table in ("ops.head", "ops.publications", "ops.landings", "ops.cursors"):
        assert may_write("cx_auditor", table) == [], table
    assert not may("cx_auditor", "call ops.publish(1)")


def test_a_publisher_reads_rooms_and_writes_none() -> None:
    for table in tables("core", "marts"):
        assert may("cx_publisher", f"select * from {table} limit 1"), table
        assert may_write("cx_publisher", table) == [], table
    for table in tables(*schemas_of("raw"), *schemas_of("landing"), "quarantine"):
        assert not may("cx_publisher", f"select * from {table} limit 1"), table
    for table in ("ops.check_results", "ops.acknowledgements", "ops.landings"):
        assert may_write("cx_publisher", table) == [], table


def test_a_table_that_dbt_makes_anew_is_granted_by_itself() -> None:
    ask("create table marts.mart_new (x integer)", role="cx_transformer")
    for role, expected in (("cx_auditor", True), ("cx_publisher", True), ("cx_reader", False)):
        assert may(role, "select * from marts.mart_new") is expected


def test_no_role_of_the_warehouse_is_more_than_a_role() -> None:
    names = list(settings.ROLES)
    assert ask(
        "select rolname from pg_roles where rolname = any(%s) and (rolsuper or rolcreaterole or "
        "rolcreatedb or rolreplication or rolbypassrls)", names,
    ) == []  # fmt: skip
    assert ask(
        "select r.rolname, m.rolname from pg_auth_members as a inner join pg_roles as r on r.oid = a.roleid "
        "inner join pg_roles as m on m.oid = a.member where m.rolname = any(%s)", names,
    ) == [("cx_reader", "cx_care")]  # fmt: skip


def test_no_role_enters_another_database_or_without_its_password() -> None:
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(settings.dsn("cx_reader").replace("password=", "password=x"))
    with pytest.raises(psycopg2.OperationalError, match="no password supplied"):
        psycopg2.connect(f"host={settings.PG_HOST} port={settings.PG_PORT} user=cx_reader dbname=cx_roles")
    others = ask("select datname from pg_database where datallowconn and datname not like 'cx%%'")
    assert {("airflow",), ("postgres",), ("template1",)} <= set(others)
    for (database,) in others:
        for role in settings.ROLES:
            with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
                psycopg2.connect(settings.dsn(role, database))


@pytest.fixture
def stranger() -> Iterator[str]:
    """Yield the role of another program; beside its own database there is one that everybody may enter."""
    name = "stranger"
    ask(f"create role {name} login password 'stranger'")
    try:
        for database, owner in ((name, name), ("older", "postgres")):
            databases.administer(f"create database {database} owner {owner}")
        yield name
    finally:
        for database in (name, "older"):
            databases.administer(f"drop database if exists {database} with (force)")
        databases.administer(f"drop role {name}")


def test_who_else_is_on_the_server_keeps_its_databases(stranger: str) -> None:
    def enters(role: str, password: str, database: str) -> bool:
        try:
            psycopg2.connect(
                host=settings.PG_HOST, port=settings.PG_PORT, user=role, password=password, dbname=database
            ).close()
        except psycopg2.OperationalError as error:
            assert "permission denied for database" in str(error)
            return False
        return True

    reader = settings.secret("CX_PASSWORD_READER")
    assert enters("cx_reader", reader, "older")
    for _ in range(2):
        warehouse.prepare()
        for database in (stranger, "older"):
            assert enters(stranger, "stranger", database)
            assert not enters("cx_reader", reader, database)
        assert not enters(stranger, "stranger", settings.DATABASE)
    assert enters("airflow", settings.secret("CX_PASSWORD_AIRFLOW"), "airflow")


# over ODBC, as Excel reads


def test_every_published_table_arrives_over_odbc_in_its_types() -> None:
    pyodbc = pytest.importorskip(
        "pyodbc", reason="unixODBC (Debian: odbc-postgresql) is not installed", exc_type=ImportError
    )
    driver = next((name for name in DRIVERS if name in pyodbc.drivers()), None)
    if driver is None:
        pytest.skip("the ODBC driver of PostgreSQL (Debian: odbc-postgresql) is not installed")
    password = settings.secret("CX_PASSWORD_READER")
    documented = {
        (f"published.{table}", column): TYPES[kind] for table, column, kind in
        ask("select table_name, column_name, data_type from information_schema.columns "
            "where table_schema = 'published'")
    }  # fmt: skip
    connection = pyodbc.connect(
        f"DRIVER={{{driver}}};SERVER={settings.PG_HOST};PORT={settings.PG_PORT};"
        f"DATABASE={settings.DATABASE};UID=cx_reader;PWD={password};BoolsAsChar=0;MaxVarcharSize=8190"
    )
    try:
        cursor = connection.cursor()
        for table in tables("published"):
            cursor.execute(f"select * from {table} limit 5")
            described = {(table, column[0]): column[1] for column in cursor.description}
            assert described == {key: kind for key, kind in documented.items() if key[0] == table}
            for row in cursor.fetchall():
                for (_, name), value in zip(described, row, strict=True):
                    assert value is None or isinstance(value, documented[table, name]), (table, name)
        with pytest.raises(pyodbc.Error):
            cursor.execute("select * from marts.mart_customers")
    finally:
        connection.close()
