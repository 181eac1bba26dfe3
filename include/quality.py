"""Check the data's accuracy at the two borders with Great Expectations; results go to `ops`.

Suites are Python in `expectations/`, a module per schema. Great Expectations decides what failed,
this module what follows: a notice is shown, an approval asks a person once, an error stops. An
expectation that could not be evaluated is an error: an audit that did not run is not a pass.
Failing values are never kept, for they may be personal; what is kept is how many there were.
"""

import contextlib
import importlib
import io
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import ModuleType

from psycopg2.extras import execute_values
from psycopg2.sql import SQL, Identifier, Literal

from include import landing, settings, sources, warehouse

log = logging.getLogger(__name__)

VALUE_IN_ERROR = re.compile(r'((?:: |value )"|=\()[^")]*')
"""Where PostgreSQL's errors quote a value of the data, which may be personal."""

SEVERITIES = {"info": "notice", "warning": "approval", "critical": "error"}
NOTHING = "no rows to check"
COUNTED = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
"""No failing value is told. Rows that may be shown are told by the format COMPLETE alone."""


class ExpectationsFailed(Exception):
    """Expectations of severity error failed; the message names them, how many failed, what to do."""


@dataclass(frozen=True)
class Finding:
    """The result of one expectation, without any failing value."""

    suite: str
    expectation: str
    severity: str
    is_passed: bool
    failed_count: int | None
    observed: str

    def __str__(self) -> str:
        return f"{self.suite}: {self.expectation} ({self.observed})"


@contextlib.contextmanager
def _unprinted() -> Iterator[None]:
    """Keep out of the log what Great Expectations prints of each query of a whole table: all meant so."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


def _module(name: str) -> ModuleType:
    with _unprinted():
        return importlib.import_module(f"expectations.{name}")


@_unprinted()
def _evaluate(suites: Mapping[str, tuple[str, Mapping[str, object]]]) -> list[Finding]:
    """Evaluate suites, each (query of its rows, named expectations); one finding an expectation."""
    import great_expectations as gx
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.datasource.fluent.sql_datasource import QueryAsset
    from great_expectations.validator.v1_validator import Validator

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    password = settings.secret("CX_PASSWORD_AUDITOR")
    source = context.data_sources.add_postgres(
        "warehouse",
        # a suite asks its rows a dozen times, and what it asks of takes long to take out of JSON
        create_temp_table=True,
        connection_string=f"postgresql+psycopg2://cx_auditor:{password}@{settings.PG_HOST}:"
        f"{settings.PG_PORT}/{settings.DATABASE}",
        # at once: for each asset that is added later, the whole source is written out as YAML
        assets=[
            QueryAsset(name=suite, query=query, batch_definitions=[BatchDefinition(name="all")])
            for suite, (query, _) in suites.items()
        ],
    )
    findings = []
    for suite, (_, expectations) in suites.items():
        # one for both formats: `Batch.validate` makes another each time, and with it the table anew
        validator = Validator(source.get_asset(suite).get_batch_definition("all"))
        named = []
        for name, expectation in expectations.items():
            # copied, because one expectation may stand in several suites
            twin = expectation.model_copy() if hasattr(expectation, "model_copy") else expectation.copy()
            twin.meta = (expectation.meta or {}) | {"name": name}
            named.append(twin)
        for is_shown, told in ((False, COUNTED), (True, "COMPLETE")):
            chosen = [each for each in named if each.meta.get("show_rows", False) is is_shown]
            if chosen:
                validator.result_format = told
                answer = validator.validate_expectation_suite(gx.ExpectationSuite(suite, expectations=chosen))
                findings += [_finding(suite, result) for result in answer.results]
    source.get_engine().dispose()
    return findings


def _finding(suite: str, result: object) -> Finding:
    config = result.expectation_config
    meta, told = config.meta or {}, result.result or {}
    raised = "exception_message" in str(result.exception_info) and not told
    if raised:
        message = _first_message(result.exception_info)
        return Finding(suite, meta["name"], "error", False, None, f"could not be evaluated: {message}"[:500])
    rows = (told.get("details") or {}).get("unexpected_rows") if meta.get("show_rows") else None
    failed = told.get("unexpected_count", told.get("observed_value"))
    if rows:
        observed = "; ".join(" ".join(f"{k}={v}" for k, v in row.items()) for row in rows)
    else:
        observed = _seen(told)
    severity = SEVERITIES[str(getattr(config.severity, "value", config.severity)).lower()]
    count = int(failed) if isinstance(failed, int) and not result.success else None
    return Finding(suite, meta["name"], severity, bool(result.success), count, observed[:500])


def _seen(told: Mapping[str, object]) -> str:
    """Return what an expectation saw as numbers, for a value itself may be personal."""
    total = told.get("element_count")
    if total == 0:
        return NOTHING
    if "unexpected_count" in told:
        return f"{told['unexpected_count']}" + ("" if total is None else f" of {total}")
    value = told.get("observed_value")
    if value is None:
        return NOTHING
    if isinstance(value, int | float | Decimal):
        return f"observed {value}"
    return f"observed {len(value)} values" if isinstance(value, list) else "observed another value"


def _first_message(info: object) -> str:
    if isinstance(info, dict) and "exception_message" in info:
        return VALUE_IN_ERROR.sub(r"\1…", str(info["exception_message"]))
    for value in info.values() if isinstance(info, dict) else ():
        return _first_message(value)
    return str(info)


def _keep(findings: Iterable[Finding], batch_id: int | None, landing_id: int | None) -> None:
    with warehouse.transaction("cx_auditor") as connection, connection.cursor() as cursor:
        execute_values(
            cursor,
            "insert into ops.check_results (batch_id, landing_id, suite, expectation, severity, "
            "is_passed, failed_count, observed) values %s",
            [
                (batch_id, landing_id, f.suite, f.expectation, f.severity, int(f.is_passed),
                 f.failed_count, f.observed)
                for f in findings
            ],
        )  # fmt: skip


def check(source: str) -> list[Finding]:
    """Check what a source landed, its types and its border-in suites; return what did not pass.

    One failing stream refuses the whole pull, for its streams belong together: an order would
    otherwise come without its lines.

    Raises:
        ExpectationsFailed: an error failed; the landings are rejected and will be pulled again.
    """
    waiting = landing.landed(source)
    suites: dict[str, tuple[str, Mapping[str, object]]] = {}
    drifted: list[Finding] = []
    for name, landings in waiting.items():
        stream = sources.stream(source, name)
        landing.check_types(source, stream, landings)
        if any(each.record_count for each in landings):
            changes = landing.drifts(source, stream, landings)
            drifted += [_drift(f"landing_{source}.{name}", change) for change in changes]
            tables = _module(f"landing_{source}").TABLES[name]
            query = _landed_query(source, name, [each.landing_id for each in landings], tables["columns"])
            suites[f"landing_{source}.{name}"] = (query, tables["expectations"])
    if not suites:
        landing.confirm(source, waiting)
        return []
    findings = drifted + _evaluate(suites)
    last = max(each.landing_id for landings in waiting.values() for each in landings)
    _keep(findings, None, last)
    errors = [f for f in findings if f.severity == "error" and not f.is_passed]
    if errors:
        why = f"{source} is refused: {'; '.join(map(str, errors))}"
        landing.reject(source, waiting, why)
        raise ExpectationsFailed(
            f"{why}. Nothing of this pull was accepted; look at it in landing_{source} where landing_id "
            f"<= {last}, have the source mended, and run the Dag again: it pulls the same window."
        )
    landing.confirm(source, waiting)
    return [f for f in findings if not f.is_passed]


def _drift(suite: str, change: landing.Drift) -> Finding:
    """Return drift as a finding: a new field is a notice, a loss of what staging reads an error."""
    is_new = change.change == "is new"
    severity = "error" if change.is_read and not is_new else "notice"
    name = f"field_{change.field}_is_as_before"
    return Finding(suite, name, severity, False, None, f"{change.field} {change.change}")


def _landed_query(source: str, stream: str, ids: list[int], columns: Mapping[str, str]) -> str:
    # a value that is no number must not stop the check that reports it
    shown = SQL("").join(
        SQL(", case when problem is null then {} end as {}").format(SQL(sql), Identifier(name))
        for name, sql in columns.items()
    )
    # joined to nothing, the payload is taken out of its storage once, and not once for every column
    query = SQL(
        "select record_key, problem{} from (select record_key, problem, payload || '{{}}' as payload "
        "from {}.{} where landing_id in ({}) offset 0) as l"
    ).format(
        shown,
        Identifier(f"landing_{source}"),
        Identifier(stream),
        SQL(", ").join(map(Literal, ids)),
    )
    with warehouse.connection("cx_auditor") as connection:
        return query.as_string(connection)


def audit(batch_id: int) -> list[Finding]:
    """Audit a built batch; return the findings that need a person's approval (none: publish).

    Raises:
        ExpectationsFailed: an error failed; the batch is rejected, readers keep what they have.
    """
    with warehouse.transaction("cx_auditor") as connection, connection.cursor() as cursor:
        cursor.execute("select state from ops.batches where batch_id = %s", (batch_id,))
        state = (cursor.fetchone() or ("unknown",))[0]
        if state not in ("built", "approval", "audited"):
            raise ExpectationsFailed(f"batch {batch_id} is {state}: only a built batch can be audited.")
        cursor.execute("select ops.head_batch()")
        head = cursor.fetchone()[0]
    suites = {
        f"published.{table.split('.')[1]}": (
            f"select * from {table} where batch_id > {head}", expectations
        )
        for table, expectations in _module("published").TABLES.items()
    } | {
        table: (f"select * from {table}", expectations)
        for table, expectations in _module("sources").TABLES.items()
    }  # fmt: skip
    # where this raises, the batch stays built: not published, and audited again by the retry
    findings = _evaluate(suites)
    _keep(findings, batch_id, None)
    failed = [f for f in findings if not f.is_passed]
    for finding in failed:
        log.warning("%s: %s", finding.severity, finding)
    if errors := [f for f in failed if f.severity == "error"]:
        why = "; ".join(map(str, errors))
        _settle(batch_id, "rejected", why)
        raise ExpectationsFailed(
            f"batch {batch_id} is rejected, the published tables stay as they are: {why}. Mend the "
            "source (or hold it: see docs/operations.md) and run the Dag again; the next batch "
            "carries everything since the last publication."
        )
    asking = [f for f in failed if f.severity == "approval" and not _is_acknowledged(f, batch_id)]
    _settle(batch_id, "approval" if asking else "audited", "; ".join(map(str, asking)) or None)
    return asking


def _is_acknowledged(finding: Finding, batch_id: int) -> bool:
    with warehouse.transaction("cx_auditor") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update ops.check_results set is_acknowledged = 1 where batch_id = %s and suite = %s "
            "and expectation = %s and exists (select from ops.acknowledgements where suite = %s "
            "and expectation = %s and observed = %s)",
            (batch_id, *(finding.suite, finding.expectation) * 2, finding.observed),
        )
        return cursor.rowcount > 0


def _settle(batch_id: int, state: str, why: str | None) -> None:
    with warehouse.transaction("cx_auditor") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update ops.batches set state = %s, why = %s, settled_at = case when %s = 'rejected' "
            "then clock_timestamp() end where batch_id = %s",
            (state, why, state, batch_id),
        )


def acknowledge(batch_id: int) -> None:
    """Let a batch that waits for approval pass, and remember what was let pass."""
    with warehouse.transaction("cx_auditor") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update ops.batches set state = 'audited' where batch_id = %s and state = 'approval'",
            (batch_id,),
        )
        if not cursor.rowcount:
            return  # what was refused, or never asked, is not let pass
        cursor.execute(
            "with passed as (update ops.check_results set is_acknowledged = 1 where batch_id = %s "
            "and severity = 'approval' and is_passed = 0 returning suite, expectation, observed, batch_id) "
            "insert into ops.acknowledgements (suite, expectation, observed, batch_id) "
            "select * from passed on conflict do nothing",
            (batch_id,),
        )


def refuse(why: str) -> None:
    """Reject the batch that waits for approval: a person said no, or nobody answered in time."""
    with warehouse.transaction("cx_auditor") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update ops.batches set state = 'rejected', settled_at = clock_timestamp(), "
            "why = %s || ': ' || coalesce(why, '') where state = 'approval'",
            (why,),
        )


def next_step(batch_id: int) -> str:
    """Audit a batch and return the task that follows: `approve` or `publish`."""
    return "approve" if audit(batch_id) else "publish"


def question(batch_id: int) -> str:
    """Return, as Markdown, what a person is asked to approve of a batch."""
    with warehouse.transaction("cx_auditor") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select suite, expectation, observed from ops.check_results where batch_id = %s "
            "and severity = 'approval' and is_passed = 0 and is_acknowledged = 0 order by check_id",
            (batch_id,),
        )
        return "\n".join(f"- **{suite}**: {name}: {seen}" for suite, name, seen in cursor.fetchall())
