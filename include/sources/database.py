"""A company's own databases: PostgreSQL, MySQL or SQLite, read by one SELECT per contract.

DATABASE_FOLDER holds `<business unit>/<contract>.sql`, as an inbox does, but each SELECT is asked of
the unit's database, which DATABASE_<UNIT>_URL names (`postgresql+psycopg2://reader:…@host/app`). A
SELECT that names `:since` and `:until` is asked for what changed between them, by its own column of
change: `where updated_at >= :since and updated_at < :until`. A row that is deleted there is not seen
so; a SELECT without the two gives its table whole, and what it lacks was deleted.

Rows stream from the server, some thousands at a time, in a transaction that only reads. Times
without an offset are UTC. Every pull starts five minutes before the last one ended, for rows that
were committed late. Running it twice is safe: a row has its contract's key, and the same values add
nothing. Run against SQLite and PostgreSQL only, in the sandbox and in tests; MySQL needs its driver
(PyMySQL) and was not tried.

**Credential.** Ask the database's administrator for a login of its own for the warehouse, and put it
into DATABASE_<UNIT>_URL.

**Scopes.** SELECT on the tables that are read, better on a replica.

**Limits.** One SELECT at a time; the database's own statement timeout holds.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from include import settings
from include.contracts import CONTRACTS, UNIT, Contract
from include.rows import demand_columns, plain
from include.sources import Page, SelectMistaken, SourceError, TokenRefused, Window

BATCH = 5000
EVER = datetime(1970, 1, 1, tzinfo=UTC)
REFUSED = ("28P01", "28000", "1045", "1044")
"""What PostgreSQL and MySQL say of a login that they do not let in."""

STREAMS = tuple(
    replace(contract.stream(name, may_repeat=False), overlap=timedelta(minutes=5))
    for name, contract in CONTRACTS.items()
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield a contract's rows of every business unit that has a SELECT for it.

    Raises:
        SelectMistaken: a SELECT has a mistake or lacks a column, or its database has no address.
        TokenRefused: a database does not let the login in.
        SourceError: a database cannot be reached, or broke off.
    """
    folder = settings.source_folder("database")
    for select in sorted(folder.glob(f"*/{stream}.sql")):
        yield from _read(select, CONTRACTS[stream], window)


def _read(select: Path, contract: Contract, window: Window) -> Iterator[Page]:
    sql = select.read_text("utf-8").strip().rstrip(";")
    if not re.match(r"(?is)(--[^\n]*\n|\s)*(select|with)\b", sql):
        raise SelectMistaken(f"{select} must be one SELECT and nothing else.")
    # the first pull reads all that there is: an account may be older than the history that is kept
    is_first = window.start <= datetime.fromisoformat(settings.HISTORY_START)
    since = EVER if is_first else window.start.astimezone(UTC)
    asked = {"since": since, "until": window.end.astimezone(UTC)}
    is_whole = not re.search(r":(since|until)\b", sql)
    unit = select.parent.name
    engine = _engine(select)
    try:
        with engine.connect() as connection:
            for rows in _answer(connection, select, sql, contract, {} if is_whole else asked):
                yield Page([{UNIT: unit} | row for row in rows], scopes=(unit,) if is_whole else ())
            if is_whole:
                # also where the SELECT found nothing: then the unit is restated as empty
                yield Page((), scopes=(unit,))
    except SQLAlchemyError as error:
        raise _in_our_words(select, error) from error
    finally:
        engine.dispose()


def _answer(
    connection: Connection, select: Path, sql: str, contract: Contract, asked: Mapping[str, object]
) -> Iterator[list[dict[str, object]]]:
    options = {"stream_results": True, "max_row_buffer": BATCH}
    if connection.dialect.name == "postgresql":
        options["postgresql_readonly"] = True
    if connection.dialect.name == "sqlite":
        # SQLite keeps times as text, and compares them so
        asked = {name: at.strftime("%Y-%m-%d %H:%M:%S") for name, at in asked.items()}
    answer = connection.execution_options(**options).execute(text(sql), asked)
    columns = list(answer.keys())
    demand_columns(select, contract, columns)
    for rows in answer.partitions(BATCH):
        yield [
            {name: plain(name, value, UTC) for name, value in zip(columns, row, strict=True)} for row in rows
        ]


def _engine(select: Path) -> Engine:
    unit = select.parent.name
    beside = select.parent / f"{unit}.sqlite"
    name = f"DATABASE_{unit.upper()}_URL"
    try:
        # the sandbox's databases lie beside their SELECTs
        url = f"sqlite:///file:{beside}?mode=ro&uri=true" if beside.is_file() else settings.secret(name)
        return create_engine(url, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise SelectMistaken(f"{name} is no database's address, or its driver is missing: {error}") from error


def _in_our_words(select: Path, error: SQLAlchemyError) -> SourceError:
    said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    code = str(getattr(getattr(error, "orig", None), "pgcode", "") or "")
    if code in REFUSED or "password authentication failed" in said or "Access denied" in said:
        return TokenRefused(f"the database of {select.parent.name} does not let the login in: {said}")
    is_mistake = isinstance(error, DBAPIError) and not error.connection_invalidated and (
        code[:2] in {"42", "22"} or "no such" in said or "syntax error" in said
    )  # fmt: skip
    if is_mistake:
        return SelectMistaken(f"{select}: {said}")
    return SourceError(f"the database of {select.parent.name} cannot be read: {said}")
