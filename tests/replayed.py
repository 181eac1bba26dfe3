"""A company's daily builds from what dbt ran on the first of them.

Finding out what to run is most of what dbt's build of a small company takes, and it is the same each day.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest

from include import settings, transform
from tests.built import heard, never_clean, run_work, work_of


@contextmanager
def replayed() -> Iterator[None]:
    """Let dbt build in full, and by dirty keys once; later builds by dirty keys run its statements again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transform, "_invoke", _Replay(transform._invoke))
        yield


class _Replay:
    """Runs dbt's commands, a second time without dbt."""

    def __init__(self, invoke: Callable[..., None]) -> None:
        self._invoke = invoke
        self._kept: dict[tuple[str, ...], dict[str, list[str]]] = {}

    def __call__(self, dbt: object, batch_id: int, *command: str) -> None:
        """Run a dbt command.

        Raises:
            BuildFailed: a test of the project failed.
        """
        if command[0] != "build" or "--full-refresh" in command:
            self._invoke(dbt, batch_id, *command)
        elif command not in self._kept:
            with never_clean(), heard() as issued:
                self._invoke(dbt, batch_id, *command)
            self._kept[command] = issued
        else:
            self._run(self._kept[command])

    def _run(self, issued: dict[str, list[str]]) -> None:
        failed = []
        with closing(psycopg2.connect(settings.dsn("cx_transformer"))) as connection:
            for node, statements in issued.items():
                if node.startswith("model."):
                    switch, work = work_of(statements)
                    if work:  # a view stays what it is
                        run_work(switch, work, connection)
                else:
                    failures = _failures(statements, connection)
                    failed += [f"{node}: Got {failures} results"] if failures else []
        if failed:
            raise transform.BuildFailed("; ".join(failed))


def _failures(statements: list[str], connection: psycopg2.extensions.connection) -> int:
    counted = next(statement for statement in statements if "should_error" in statement)
    with connection, connection.cursor() as cursor:
        cursor.execute(counted)
        failures, _, is_error = cursor.fetchone()
        return failures if is_error else 0
