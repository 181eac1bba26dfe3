"""Run dbt in this process on the rooms, and keep what it did in `ops`.

`build` opens a batch, which freezes how far each source may be read, builds the views up to the
contracts, keeps what profiles say, resolves who is who, and builds the rooms behind; where models of what
customers will do are due, they are fitted between `core` and the rooms that read them. dbt is imported and
its project parsed once for all of it. One build runs at a time; a build that was killed is abandoned by
the next.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values
from psycopg2.sql import SQL, Identifier

from include import identity, settings, warehouse

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner

log = logging.getLogger(__name__)

LEFT_ROOMS = ("staging", "intermediate")
IDENTITY = ("identity",)
RIGHT_ROOMS = ("core", "predictions", "metrics", "marts")


class BuildFailed(Exception):
    """A model or a test of the project failed; the message names each with what it said."""


class WriterBusy(Exception):
    """Another build is writing the rooms."""


@contextmanager
def _only_writer() -> Iterator[None]:
    with warehouse.connection("cx_transformer") as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(hashtext('transform'))")
            if not cursor.fetchone()[0]:
                raise WriterBusy("another build is writing the rooms: wait for it to end.")
            yield


@cache
def fingerprint() -> str:
    """Return a hash of the dbt project: where it changed, everything is compared."""
    digest = hashlib.sha256()
    for path in sorted(settings.DBT_PROJECT.rglob("*")):
        if path.suffix in (".sql", ".yml", ".csv") and "target" not in path.parts:
            digest.update(str(path.relative_to(settings.DBT_PROJECT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def open_batch() -> tuple[int, bool]:
    """Open a batch and freeze what it may read; return its id and whether the project changed.

    A source that is held stays where it was; every other may be read up to its last acceptance.
    """
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update ops.batches set state = 'abandoned', settled_at = clock_timestamp(), "
            "why = 'a newer batch was opened before this one was settled' "
            "where state in ('building', 'built', 'approval', 'audited')"
        )
        cursor.execute(
            "insert into ops.batches (state, project) values ('building', %s) returning batch_id",
            (fingerprint(),),
        )
        batch_id = cursor.fetchone()[0]
        cursor.execute(
            "insert into ops.batch_limits (batch_id, source, acceptance_id) "
            "select %s, l.source, coalesce(max(h.acceptance_id), max(l.acceptance_id)) "
            "from ops.landings as l left join ops.holds as h on h.source = l.source "
            "where l.state = 'accepted' group by l.source",
            (batch_id,),
        )
        _prune_changes(cursor)
        # also a batch that was rejected since: it left its views and rows behind
        cursor.execute(
            "select ops.head_batch() = 0 or exists (select from ops.batches "
            "where batch_id >= ops.head_batch() and project <> %s)",
            (fingerprint(),),
        )
        return batch_id, cursor.fetchone()[0]


def _prune_changes(cursor: Cursor) -> None:
    """Forget which keys changed before the publications that can be rolled back."""
    cursor.execute(
        "select relname from pg_class where relnamespace = 'changed'::regnamespace and relkind = 'r'"
    )
    for (table,) in cursor.fetchall():
        cursor.execute(
            SQL(
                "delete from changed.{} where batch_id < (select min(batch_id) from (select batch_id "
                "from ops.publications where not is_undone order by 1 desc limit 8) as kept)"
            ).format(Identifier(table))
        )


def build() -> int:
    """Build every room for a new batch and return its id; nobody outside sees it yet.

    Raises:
        WriterBusy: another build runs.
        BuildFailed: a model or test failed; the batch is rejected and its keys stay dirty.
    """
    from include import lifetime

    with _only_writer():
        batch_id, is_new_project = open_batch()
        try:
            dbt = _runner()
            if is_new_project:
                _invoke(dbt, batch_id, "seed", "--full-refresh")
                _invoke(dbt, batch_id, "run", *_select(LEFT_ROOMS))
            # what reads all history belongs to a full comparison, not to a day
            full = ["--full-refresh"] if is_new_project else ["--exclude", "tag:whole"]
            full += ["--exclude-resource-type", "unit_test", "seed"]
            _invoke(dbt, batch_id, "build", *_select(IDENTITY), *full)
            changes = identity.resolve(batch_id)
            log.info("identity: %s", dict(changes))
            rooms = RIGHT_ROOMS
            lifetime.prepare()
            # once a week: every other day all rooms are one run, of which dbt starts what it can at once
            if lifetime.is_due():
                # a test that also reads a room behind waits until that is built
                _invoke(
                    dbt, batch_id, "build", *_select(rooms[:1]), *full, "--indirect-selection", "cautious"
                )
                log.info("lifetime: %s", lifetime.refit(batch_id))
                rooms = rooms[1:]
            _invoke(dbt, batch_id, "build", *_select(rooms), *full)
        except Exception as failure:
            _settle(batch_id, "rejected", str(failure))
            raise
        _settle(batch_id, "built", None)
    return batch_id


def _select(rooms: tuple[str, ...]) -> list[str]:
    return ["--select", *(f"path:models/{room}" for room in rooms)]


def _settle(batch_id: int, state: str, why: str | None) -> None:
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update ops.batches set state = %s, why = %s, "
            "built_at = case when %s = 'built' then clock_timestamp() end, "
            "settled_at = case when %s = 'rejected' then clock_timestamp() end where batch_id = %s",
            (state, why, state, state, batch_id),
        )


def _runner() -> "dbtRunner":
    from dbt.cli.main import dbtRunner

    settings.export_for_dbt()
    _forget_other_projects()
    runner = dbtRunner()
    parsed = runner.invoke(["parse", *_paths()])
    if not parsed.success:
        raise BuildFailed(f"the dbt project cannot be parsed: {parsed.exception}")
    return dbtRunner(manifest=parsed.result)


def _forget_other_projects() -> None:
    """Have the whole project parsed where it changed.

    Of a model whose file is as it was, dbt keeps the configuration that it parsed before, and does not see
    that a macro in it now says otherwise: rows would be told anew by keys of the former project.
    """
    target = settings.HOME / "dbt" / "target"
    parsed_of, project = target / "project", fingerprint()
    if not parsed_of.exists() or parsed_of.read_text() != project:
        (target / "partial_parse.msgpack").unlink(missing_ok=True)
        target.mkdir(parents=True, exist_ok=True)
        parsed_of.write_text(project)


def _paths() -> list[str]:
    return [
        "--project-dir", str(settings.DBT_PROJECT),
        "--profiles-dir", str(settings.DBT_PROJECT),
        "--target-path", str(settings.HOME / "dbt" / "target"),
        "--log-path", str(settings.HOME / "dbt" / "logs"),
    ]  # fmt: skip


def _invoke(dbt: "dbtRunner", batch_id: int, command: str, *arguments: str) -> None:
    """Run one dbt command; keep each node's result.

    Raises:
        BuildFailed: a node failed.
    """
    # results go to `ops`; the manifest was written when the project was parsed
    answer = dbt.invoke([command, *arguments, "--no-write-json", *_paths()])
    if answer.exception:
        raise BuildFailed(f"dbt {command}: {answer.exception}") from answer.exception
    results = list(answer.result)
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        execute_values(
            cursor,
            "insert into ops.model_results (batch_id, node, status, seconds, row_count, message) values %s",
            [
                (
                    batch_id, result.node.name, str(result.status), round(result.execution_time, 3),
                    (result.adapter_response or {}).get("rows_affected"), (result.message or "")[:2000],
                )
                for result in results
            ],
        )  # fmt: skip
    failed = [r for r in results if str(r.status) in ("error", "fail", "runtime error")]
    if failed or not answer.success:
        raise BuildFailed("; ".join(f"{r.node.name}: {' '.join((r.message or '').split())}" for r in failed))
