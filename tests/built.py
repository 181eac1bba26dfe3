"""The project's own models, built once on a small company, and the SQL that dbt ran for them.

Asking dbt for every batch of a property test would take seconds each. The statements of an
incremental run do not depend on the data or the batch, so they are kept and run again.
"""

import fcntl
import os
import pickle
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from include import identity, publication, settings, transform, warehouse
from include.identity import likely, reading, writing
from include.identity.joining import customer_keys
from include.identity.values import as_meant
from tests import company, databases
from tests.databases import ask

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner
    from dbt.compilation import Compiler
    from dbt.contracts.graph.manifest import Manifest
    from dbt.contracts.graph.nodes import ModelNode
    from dbt.graph.selector_methods import PathSelectorMethod
    from dbt_common.events.base_types import BaseEvent
    from jinja2 import Environment

T = TypeVar("T")
NAME = "cx_built"
WORK = re.compile(r"__(dirty|fresh|difference)\b")
IS_CLEAN, NEVER = "select dirty_count = 0, ", "select false, "
NO_WORK = re.compile(r"pg_attribute|comment on", re.IGNORECASE)


@dataclass(frozen=True)
class Model:
    """A model that is built by dirty keys."""

    name: str
    room: str
    columns: dict[str, str]
    """Name to type."""
    switch: str
    """Asks whether nothing is dirty; empty where all is always computed."""
    statements: tuple[str, ...]
    """What an incremental run does; but for the first, where there are dirty keys."""
    whole: str
    """What the model is, computed from all of what lies before it."""


class Built:
    """A published warehouse to copy, and its models in the order in which they are built."""

    def __init__(self, database: str, models: tuple[Model, ...]) -> None:
        self.database = database
        self.models = models

    @property
    def said(self) -> tuple[Model, ...]:
        """What profiles say, which is built before it is resolved who they are."""
        return tuple(model for model in self.models if model.room == "identity")

    def resolve(self, batch_id: int) -> Counter[str]:
        """Keep what profiles say, and resolve who is who."""
        with closing(psycopg2.connect(settings.dsn("cx_transformer"))) as connection:
            run_statements(self.said, connection)
        return identity.resolve(batch_id)

    def __repr__(self) -> str:
        return f"Built({self.database})"


def who_is_otherwise() -> list[str]:
    """Return the tables of who is who that are not what resolving everybody would make of them."""
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        blocked, decisions = reading.blocked_values(cursor), reading.decisions(cursor)
        profiles = reading.profiles(cursor, 0)
        identifiers = reading.identifiers(cursor, blocked)
        strong = reading.joining_values(identifiers)
        keys = customer_keys(profiles, strong, decisions, likely.joined(cursor))
        wanted = {
            "identity_map": keys,
            "profile_contacts": writing.contacts(profiles, identifiers),
            "full_names": writing.full_names(profiles),
            "households": writing.households(profiles, strong, keys),
        }
        columns = writing.KEPT | {"identity_map": ("identifier_key", "customer_key", "rule")}
        identified = {
            (key, kind, each)
            for key, kind, given, usable in identifiers
            if usable and key in keys
            for each in (given, as_meant(kind, given))
        }
        cursor.execute(
            "select identifier_key, identifier_type, identifier_value from identity.profile_identifiers"
        )
        wrong = [] if set(cursor.fetchall()) == identified else ["profile_identifiers"]
        cursor.execute("select identifier_key, seen_at from identity.identity_map")
        if dict(cursor.fetchall()) != {each.identifier_key: each.seen_at for each in profiles}:
            wrong.append("identity_map.seen_at")
        for table, rows in wanted.items():
            cursor.execute(f"select {', '.join(columns[table])} from identity.{table}")
            if {key: tuple(row) for key, *row in cursor.fetchall()} != rows:
                wrong.append(table)
    return wrong


def run_statements(models: Iterable[Model], connection: Connection) -> None:
    """Run what an incremental run of each model does, a transaction each."""
    for model in models:
        run_work(model.switch, model.statements, connection)


def run_work(switch: str, statements: tuple[str, ...], connection: Connection) -> None:
    """Run what an incremental run of a model does, in a transaction."""
    with connection, connection.cursor() as cursor:
        first, *others = statements
        cursor.execute(first)
        if switch:
            cursor.execute(switch)
            if cursor.fetchone()[0]:
                return
        for statement in others:
            cursor.execute(statement)


_ears: list[list[tuple[str, str]]] = []


def _hear(event: object) -> None:
    if event.info.name == "SQLQuery":
        for ear in _ears:
            ear.append((event.data.conn_name, event.data.sql))


@cache
def _parsed() -> "Manifest":
    """Return the project as dbt parsed it, which takes long, once for all processes of a run."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    path = Path(os.environ["TESTS_PROJECT"])
    told, ours = path.with_suffix(".json"), settings.HOME / "dbt" / "target" / "manifest.json"
    with path.with_suffix(".lock").open("w") as lock:
        # released when the file is closed
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            settings.export_for_dbt()
            parsed = dbtRunner().invoke(["parse", *transform._paths()])
            assert parsed.success, parsed.exception
            # by name: a manifest that is pickled whole comes back with its parts in another order
            parts = {part.name: getattr(parsed.result, part.name) for part in fields(Manifest)}
            kept = {name: part for name, part in parts.items() if not name.startswith("_")}
            shutil.copy(ours, told)
            path.write_bytes(pickle.dumps(kept))
    # by which is told what is published
    ours.parent.mkdir(parents=True, exist_ok=True)
    if not ours.exists():
        shutil.copy(told, ours)
    return Manifest(**pickle.loads(path.read_bytes()))  # noqa: S301 - written by this run


@cache
def _only_runner() -> "dbtRunner":
    from dbt.cli.main import dbtRunner

    return dbtRunner(manifest=_parsed(), callbacks=[_hear])


def _runner(database: str) -> "dbtRunner":
    """Return the runner of all builds, for a database: where a relation is, is part of what was parsed."""
    manifest = _parsed()
    for each in (*manifest.nodes.values(), *manifest.sources.values()):
        if each.database != database and each.relation_name:
            each.relation_name = each.relation_name.replace(f'"{each.database}"', f'"{database}"', 1)
        each.database = database
    settings.export_for_dbt()
    return _only_runner()


@contextmanager
def fast_dbt() -> Iterator[None]:
    """Let builds share a runner that tells its SQL, and what each would find out or make anew.

    Most of a small company's build is dbt's own work in Python.
    """
    import jinja2
    from dbt.compilation import Compiler
    from dbt.context.macros import MacroNamespaceBuilder
    from dbt.graph.selector_methods import PathSelectorMethod
    from dbt_common.behavior_flags import BehaviorFlagRendered
    from dbt_common.events.base_types import BaseEvent
    from dbt_common.events.event_manager import EventManager

    with pytest.MonkeyPatch.context() as patch:
        # with all that tests import, finding out which adapter has a flag takes a second of each build
        patch.setattr(BehaviorFlagRendered, "_default_source", staticmethod(lambda: "dbt-postgres"))
        patch.setattr(Compiler, "compile", _once("graph", Compiler.compile, _by_manifest))
        compile_template = jinja2.Environment.compile
        patch.setattr(jinja2.Environment, "compile", _once("template", compile_template, _by_text))
        patch.setattr(BaseEvent, "__init__", _written_if_heard(BaseEvent.__init__))
        patch.setattr(EventManager, "fire_event", _told_if_heard(EventManager.fire_event))
        patch.setattr(MacroNamespaceBuilder, "build_namespace", _namespace)
        search = PathSelectorMethod.search
        listed = _once("nodes", lambda *asked: list(search(*asked)), _by_selector)
        patch.setattr(PathSelectorMethod, "search", listed)
        patch.setenv("DBT_QUIET", "1")
        patch.setattr(transform, "_runner", lambda: _runner(settings.DATABASE))
        yield


class _Macros(dict):
    """All macros by the name by which a template calls them; dbt's own mapping looks each up again."""

    def __init__(self, internal: dict[str, Callable], packages: dict[str, dict[str, Callable]]) -> None:
        super().__init__(internal, dbt=internal, **packages)
        self._internal, self._packages = internal, packages

    def get_from_package(self, package: str | None, name: str) -> Callable | None:
        if package is None:
            return self.get(name)
        return (self._internal if package == "dbt" else self._packages[package]).get(name)


def _namespace(builder: object, macros: dict[str, dict[str, object]], context: dict[str, object]) -> _Macros:
    """Return the macros as a node sees them: those of the project before those of dbt's adapter and dbt."""
    from dbt.clients.jinja import MacroGenerator

    made = {
        package: {
            name: MacroGenerator(macro, context, builder.node, builder.thread_ctx)
            for name, macro in named.items()
        }
        for package, named in macros.items()
    }
    internal: dict[str, Callable] = {}
    for package in reversed(builder.internal_package_names_order):
        internal |= made.pop(package, {})
    found = _Macros(internal, made)
    for package in (builder.root_package, builder.search_package):
        found.update(made.get(package, {}))
    return found


_made: dict[tuple, object] = {}


def _once(name: str, make: Callable[..., T], key: Callable[..., tuple | None]) -> Callable[..., T]:
    """Return MAKE, which makes what has the same KEY once for all builds, for the project is the same.

    What has no key is made anew.
    """

    def make_once(*arguments: object, **options: object) -> T:
        found = key(*arguments, **options)
        if found is None:
            return make(*arguments, **options)
        kept = (name, found)
        if kept not in _made:
            _made[kept] = make(*arguments, **options)
        return _made[kept]

    return make_once


def _by_manifest(compiler: "Compiler", manifest: "Manifest", *arguments: object, **options: object) -> tuple:
    return (id(manifest), arguments, tuple(sorted(options.items())))


def _by_text(
    environment: "Environment", source: object, *arguments: object, **options: object
) -> tuple | None:
    if not isinstance(source, str):
        return None
    how = tuple(sorted(options.items()))
    return (type(environment), tuple(environment.extensions), source, arguments, how)


def _by_selector(method: "PathSelectorMethod", included: set[str], selector: str) -> tuple:
    return (id(method.manifest), selector, frozenset(included))


def _is_heard(event: "BaseEvent") -> bool:
    from dbt_common.events.base_types import EventLevel

    return type(event).__name__ == "SQLQuery" or event.level_tag() != EventLevel.DEBUG


def _written_if_heard(write: Callable[..., None]) -> Callable[..., None]:
    """Return how dbt writes an event down, which leaves empty what nobody listens to."""

    def write_it(event: "BaseEvent", *arguments: object, **content: object) -> None:
        if _is_heard(event):
            write(event, *arguments, **content)
        else:
            event.pb_msg = getattr(event.PROTO_TYPES_MODULE, type(event).__name__)()

    return write_it


def _told_if_heard(fire: Callable[..., None]) -> Callable[..., None]:
    """Return dbt's teller of events, which makes no message of what nobody listens to."""

    def tell(manager: object, event: "BaseEvent", *arguments: object, **options: object) -> None:
        if _is_heard(event):
            fire(manager, event, *arguments, **options)

    return tell


@contextmanager
def heard() -> Iterator[dict[str, list[str]]]:
    """Keep what dbt runs within the context: the statements of each node, in the order of their firsts.

    They do not name the database, for they are run on copies of it.
    """
    said: list[tuple[str, str]] = []
    issued: dict[str, list[str]] = {}
    _ears.append(said)
    try:
        yield issued
    finally:
        _ears.remove(said)
    for node, sql in said:
        if node.startswith(("model.cx.", "test.cx.")):
            text = re.sub(r"^/\*.*?\*/", "", sql, flags=re.DOTALL)
            issued.setdefault(node, []).append(text.replace(f'"{settings.DATABASE}".', ""))


def run() -> dict[str, list[str]]:
    """Build a batch with dbt and return the statements by model."""
    with fast_dbt(), heard() as issued:
        transform.build()
    return {node.rpartition(".")[2]: said for node, said in issued.items() if node.startswith("model.")}


def work_of(statements: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Return what an incremental run of a model asks first and does then; see `Model`."""
    work = [s for s in statements if WORK.search(s) and not NO_WORK.search(s)]
    switch = next((s for s in work if s.startswith(NEVER)), "")
    return switch.replace(NEVER, IS_CLEAN), tuple(s for s in work if s != switch)


def unit_test() -> list[str]:
    """Run the models' own unit tests; return what failed, with what dbt said of it."""
    found = _runner(settings.DATABASE).invoke(["test", "--select", "test_type:unit", *transform._paths()])
    assert found.result is not None, found.exception
    assert found.result.results, "there is no unit test"
    return [f"{each.node.name}: {each.message}" for each in found.result.results if each.status != "pass"]


def publish() -> None:
    """Publish the last batch as if its audit had passed."""
    batch_id = databases.one("select ops.current_batch()")
    ask("update ops.batches set state = 'audited' where batch_id = %s and state = 'built'", batch_id)
    publication.publish(batch_id)


def build() -> Built:
    """Build and publish the small company; the settings point at its database."""
    company.opened().arrive()
    run()
    publish()
    with never_clean():
        issued = run()
    models = []
    compiled = _compiled()
    for name, statements in issued.items():
        node = compiled[name]
        if node.config.materialized == "dirty_keys":
            switch, done = work_of(statements)
            columns = {column.name: column.data_type for column in node.columns.values()}
            whole = node.compiled_code.replace(f'"{settings.DATABASE}".', "")
            models.append(Model(name, node.schema, columns, switch, done, whole))
    return Built(settings.DATABASE, tuple(models))


@contextmanager
def never_clean() -> Iterator[None]:
    """Let dbt take each model for dirty, so that it says all that it would do."""
    from dbt.adapters.postgres import PostgresConnectionManager

    asked = PostgresConnectionManager.add_query

    def ask_otherwise(manager: PostgresConnectionManager, sql: str, *arguments: object, **options: object):
        return asked(manager, sql.replace(IS_CLEAN, NEVER), *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PostgresConnectionManager, "add_query", ask_otherwise)
        yield


def _compiled() -> dict[str, "ModelNode"]:
    """Return every model with its SQL as a full refresh runs it."""
    answer = _runner(settings.DATABASE).invoke(
        ["compile", "--select", "resource_type:model", *transform._paths()]
    )
    assert answer.success, answer.exception
    return {result.node.name: result.node for result in answer.result}
