"""One publication, read as `cx_reader` in one REPEATABLE READ transaction.

What is delivered asks several questions, and a publication may be made between two of them; in one
snapshot all answers come from the same one. A table that was never published yet counts as empty.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ
from psycopg2.extensions import connection as Connection
from psycopg2.extras import NamedTupleCursor

from include import warehouse

SCHEMA = "published"
FETCH_SIZE = 2000


class Snapshot:
    """The tables of schema `published` as they stood when the snapshot was taken."""

    def __init__(self, connection: Connection) -> None:
        """Take the list of tables that the connection's role may read."""
        self._connection = connection
        self.tables: frozenset[str] = frozenset()
        self.tables = frozenset(
            row.table_name
            for row in self.rows(
                "select relname as table_name from pg_class "
                "where relnamespace = %s::regnamespace and relkind in ('r', 'v', 'm') "
                "and has_table_privilege(oid, 'select') order by relname",
                parameters=(SCHEMA,),
            )
        )

    def rows(self, query: str, *needs: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the answer as named tuples; none where a table that the query NEEDS is missing."""
        if not self.tables.issuperset(needs):
            return []
        with self._connection.cursor(cursor_factory=NamedTupleCursor) as cursor:
            cursor.execute(query, parameters)
            return cursor.fetchall()

    def stream(
        self, query: str, table: str, parameters: Sequence[object] = ()
    ) -> tuple[list[str], Iterator[tuple[object, ...]]]:
        """Return the columns and the rows of a query on TABLE, holding `FETCH_SIZE` rows at a time.

        A table that is missing has neither. One stream is read to its end before the next begins.
        """
        if table not in self.tables:
            return [], iter(())
        cursor = self._connection.cursor(name="delivery")
        cursor.itersize = FETCH_SIZE
        cursor.execute(query, parameters)
        first = cursor.fetchmany(FETCH_SIZE)
        columns = [column.name for column in cursor.description]

        def remaining() -> Iterator[tuple[object, ...]]:
            with cursor:
                yield from first
                yield from cursor

        return columns, remaining()

    def select_all(self, table: str) -> str:
        """Return the query for every column of TABLE, quoted."""
        name = sql.Identifier(SCHEMA, table).as_string(self._connection)
        return f"select * from {name}"


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Yield the published tables as of now; nothing can be written through it."""
    with warehouse.transaction("cx_reader") as connection:
        connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        yield Snapshot(connection)
