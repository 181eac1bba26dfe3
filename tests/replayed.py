"""A company's daily builds from what dbt ran on the first of them.

Finding out what to run is most of what dbt's build of a small company takes, and it is the same each day.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

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
        self._kept: dict[tuple[str, ...], list[_Step]] = {}

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
            self._kept[command] = [_step(node, statements) for node, statements in issued.items()]
        else:
            self._run(self._kept[command])

    @staticmethod
    def _run(steps: list["_Step"]) -> None:
        failed = []
        with closing(psycopg2.connect(settings.dsn("cx_transformer"))) as connection:
            for step in steps:
                if step.count:
                    failures = _failures(step.count, connection)
                    failed += [f"{step.node}: Got {failures} results"] if failures else []
                elif step.work:  # a view stays what it is
                    run_work(step.switch, step.work, connection)
        if failed:
            raise transform.BuildFailed("; ".join(failed))


@dataclass(frozen=True)
class _Step:
    """What dbt does for a model, or asks for a test."""

    node: str
    switch: str = ""
    work: tuple[str, ...] = ()
    count: str = ""


def _step(node: str, statements: list[str]) -> _Step:
    if node.startswith("model."):
        return _Step(node, *work_of(statements))
    return _Step(node, count=next(each for each in statements if "should_error" in each))


def _failures(count: str, connection: psycopg2.extensions.connection) -> int:
    with connection, connection.cursor() as cursor:
        cursor.execute(count)
        failures, _, is_error = cursor.fetchone()
        return failures if is_error else 0
