"""One task of the `warehouse` Dag in a process of its own, as Airflow runs it: `… build`, `audit 7`.

Its answer is a line of JSON: what the task returned, whether everything was compared, and the
seconds of each stage that every run pays before any SQL.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STAGES: dict[str, float] = {}


@contextmanager
def _stage(name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    STAGES[name] = time.perf_counter() - began


def build(compares_all: bool) -> dict[str, object]:
    """Build the rooms of a new batch; `compares_all` is what a change of the project brings about."""
    with _stage("import dbt"):
        import dbt.cli.main
    from include import transform

    runner, open_batch = transform._runner, transform.open_batch
    seen = {}

    def parse() -> "dbt.cli.main.dbtRunner":
        with _stage("parse the project"):
            return runner()

    def open_one() -> tuple[int, bool]:
        batch_id, is_new_project = open_batch()
        seen["compares_all"] = is_new_project or compares_all
        return batch_id, seen["compares_all"]

    transform._runner, transform.open_batch = parse, open_one
    return {"answer": transform.build()} | seen


def audit(batch_id: int) -> dict[str, object]:
    """Audit a batch."""
    with _stage("import Great Expectations"):
        import great_expectations  # noqa: F401
    from include import quality

    return {"answer": quality.next_step(batch_id)}


def publish(batch_id: int) -> dict[str, object]:
    """Publish a batch."""
    from include import publication, quality

    quality.acknowledge(batch_id)
    return {"answer": sum(publication.publish(batch_id).values())}


TASKS: dict[str, Callable[[str], dict[str, object]]] = {
    "build": lambda _: build(compares_all=False),
    "build_all": lambda _: build(compares_all=True),
    "audit": lambda batch_id: audit(int(batch_id)),
    "publish": lambda batch_id: publish(int(batch_id)),
}

if __name__ == "__main__":
    done = TASKS[sys.argv[1]](sys.argv[2] if len(sys.argv) > 2 else "")
    sys.stdout.write(f"\n{json.dumps(done | {'stages': STAGES})}\n")
