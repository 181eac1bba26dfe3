"""Land, check, accept: a source's records become versions in `raw_<source>`, each exactly once.

`land` copies records as they came into `landing_<source>` and moves the cursor in the same
transaction. `check` (here: types; `include.quality`: expectations) looks at what landed. `accept`
adds to `raw_<source>` what differs from the current version of its key, in the order of the
source's own version, and quarantines verbatim what cannot be taken. Each step can be killed and
run again: a landing is in one state, and a replay of the same records adds nothing.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite

import orjson
import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.sql import SQL, Identifier, Literal

from include import settings, sources, warehouse
from include.sources import Stream, Window

COLUMNS = (
    "landing_id, ordinal, record_key, parent_key, scope, version, is_deleted, record_hash, payload, "
    "verbatim, problem"
)
SPECIAL_INPUT = r"\m(nan|inf(inity)?|now|today|tomorrow|yesterday|epoch|allballs)\M"
"""Words that PostgreSQL reads as a number or a time although no source means them so."""
LONGEST_KEY = 200
"""Characters; the rooms keep keys of 256 with the source's name, and no index holds a page."""

JSON_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
"""What is no JSON is refused, as `json` does, and not made up."""

NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""An escaped NUL, and not an escaped backslash before the letters u0000."""

FRESH = timedelta(hours=1)
"""A source that landed within this time before a build is due need not be waited for."""


class SourceBusy(Exception):
    """Another task is landing or accepting the same source."""


@dataclass(frozen=True)
class Landing:
    """One committed pull of one stream, not yet accepted."""

    landing_id: int
    stream: str
    record_count: int


def prepare(source: str) -> None:
    """Make the landing and raw tables of a source; running it again changes nothing."""
    landing, raw = Identifier(f"landing_{source}"), Identifier(f"raw_{source}")
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('landing.prepare'))")
        cursor.execute(
            "create table if not exists quarantine.records (landing_id bigint not null, "
            "source text not null, stream text not null, ordinal bigint not null, record_key text, "
            "problem text not null, verbatim text not null, "
            "quarantined_at timestamptz not null default clock_timestamp(), "
            "primary key (landing_id, ordinal))"
        )
        for schema in (landing, raw):
            cursor.execute(SQL("create schema if not exists {}").format(schema))
            cursor.execute(SQL("grant usage on schema {} to cx_auditor, cx_transformer").format(schema))
        for stream in sources.load(source).STREAMS:
            _make_tables(cursor, landing, raw, stream)


def _make_tables(cursor: Cursor, landing: Identifier, raw: Identifier, stream: Stream) -> None:
    table = Identifier(stream.name)
    cursor.execute(
        SQL(
            "create table if not exists {}.{} (landing_id bigint not null, ordinal bigint not null, "
            "record_key text, parent_key text, scope text, version bigint, "
            "is_deleted boolean not null, record_hash uuid, payload jsonb, verbatim text, problem text)"
        ).format(landing, table)
    )
    cursor.execute(
        SQL(
            "create table if not exists {}.{} (record_key text not null, parent_key text, scope text, "
            "version bigint not null, acceptance_id bigint not null, landing_id bigint not null, "
            "ordinal bigint not null, is_deleted boolean not null, record_hash uuid, payload jsonb)"
        ).format(raw, table)
    )
    indexes = {
        "versions": "(record_key, version, acceptance_id, ordinal)",
        "accepted": "using brin (acceptance_id)",
    }
    if stream.parent:
        indexes["parents"] = "(parent_key)"
    for name, body in indexes.items():
        cursor.execute(
            SQL("create index if not exists {} on {}.{} ").format(
                Identifier(f"{stream.name}__{name}"), raw, table
            )
            + SQL(body)
        )
    cursor.execute(SQL("grant select on {}.{} to cx_auditor").format(landing, table))
    cursor.execute(SQL("grant select on {}.{} to cx_auditor, cx_transformer").format(raw, table))


@contextmanager
def _alone(source: str) -> Iterator[Connection]:
    """Yield a loader's connection while no other task lands or accepts this source.

    Raises:
        SourceBusy: another task does.
    """
    with warehouse.connection("cx_loader") as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(hashtext('landing'), hashtext(%s))", (source,))
            if not cursor.fetchone()[0]:
                raise SourceBusy(f"{source} is being landed by another task: wait for it to end.")
        yield connection


def land(source: str, now: datetime, backfill: tuple[datetime, datetime] | None = None) -> int:
    """Pull every stream of a source up to NOW and return the number of records that landed.

    A pull starts at the stream's cursor less its overlap. `backfill` is a window of its own that
    leaves the cursor where it is. A stream's longer windows are cut into slices; each commits with
    its cursor, so that a pull of years resumes where it stopped.

    Raises:
        SourceBusy: another task is at this source.
        SourceError: the source could not be read; what was committed before stays.
    """
    landed = 0
    with _alone(source) as connection:
        for stream in sources.load(source).STREAMS:
            for window in _windows(connection, source, stream, now, backfill):
                landed += _land_window(connection, source, stream, window, backfill is not None)
    return landed


def _windows(
    connection: Connection,
    source: str,
    stream: Stream,
    now: datetime,
    backfill: tuple[datetime, datetime] | None,
) -> Iterator[Window]:
    if backfill:
        start, end, cursor_text = *backfill, None
    else:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "select window_to, cursor from ops.cursors where source = %s and stream = %s",
                (source, stream.name),
            )
            at, cursor_text = cursor.fetchone() or (None, None)
        start = at - stream.overlap if at else datetime.fromisoformat(settings.HISTORY_START)
        end = now
    step = stream.longest_window
    while step and end - start > step:
        yield Window(start, start + step, cursor_text)
        start += step
    yield Window(start, end, cursor_text)


def _land_window(
    connection: Connection, source: str, stream: Stream, window: Window, is_backfill: bool
) -> int:
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into ops.landings (source, stream, state, window_from, window_to, is_backfill) "
            "values (%s, %s, 'landed', %s, %s, %s) returning landing_id",
            (source, stream.name, window.start, window.end, is_backfill),
        )
        landing_id = cursor.fetchone()[0]
        file = _CopyFile(stream, landing_id, sources.pages(source, stream.name, window))
        copy = SQL("copy {}.{} ({}) from stdin").format(
            Identifier(f"landing_{source}"), Identifier(stream.name), SQL(COLUMNS)
        )
        try:
            cursor.copy_expert(copy.as_string(connection), file, size=1 << 18)
        except psycopg2.Error:
            # psycopg2 hides what went wrong inside read() behind an error of its own
            if file.failure:
                raise file.failure from None
            raise
        cursor.execute(
            "update ops.landings set record_count = %s, scopes = %s, cursor_after = %s, cursor_before = "
            "(select cursor from ops.cursors where source = %s and stream = %s) where landing_id = %s",
            (file.count, list(file.scopes), file.cursor, source, stream.name, landing_id),
        )
        if not is_backfill:
            cursor.execute(
                "insert into ops.cursors as c (source, stream, window_to, cursor, landing_id) "
                "values (%s, %s, %s, %s, %s) on conflict (source, stream) do update set "
                "window_to = greatest(c.window_to, excluded.window_to), "
                "cursor = coalesce(excluded.cursor, c.cursor), landing_id = excluded.landing_id",
                (source, stream.name, window.end, file.cursor, landing_id),
            )
    return file.count


class _CopyFile:
    """The lines of a COPY, made while it reads: memory holds one page, however long the pull."""

    def __init__(self, stream: Stream, landing_id: int, pages: Iterable[sources.Page]) -> None:
        self.count = 0
        self.cursor: str | None = None
        self.scopes: dict[str, None] = {}
        self.failure: Exception | None = None
        self._stream = stream
        self._landing_id = landing_id
        self._lines = self._encode(pages)
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Return about SIZE bytes of lines, b"" at the end."""
        parts, length = [self._rest], len(self._rest)
        try:
            while length < size:
                line = next(self._lines, None)
                if line is None:
                    break
                parts.append(line)
                length += len(line)
        except Exception as failure:
            self.failure = failure
            raise
        data = b"".join(parts)
        self._rest = data[size:]
        return data[:size]

    def _encode(self, pages: Iterable[sources.Page]) -> Iterator[bytes]:
        at_landing = int(datetime.now(UTC).timestamp() * 1_000_000)
        for page in pages:
            self.cursor = page.cursor or self.cursor
            self.scopes.update(dict.fromkeys(page.scopes))
            for record in page.records:
                self.count += 1
                yield _line(self._stream, self._landing_id, self.count, record, at_landing)


def _at(record: object, path: str) -> object:
    for part in path.split("."):
        record = record.get(part) if isinstance(record, dict) else None
    return record


def _joined(record: object, paths: tuple[str, ...]) -> str | None:
    parts = []
    for path in paths:
        part = _at(record, path)
        if part is None or part == "":
            return None
        parts.append(str(part))
    return "/".join(parts) or None


def _microseconds(value: object) -> int:
    """Return a source's version, a number or an ISO time, as microseconds.

    Raises:
        ValueError: it is neither, or lies outside of what PostgreSQL can count.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value
    else:
        at = datetime.fromisoformat(str(value))
        seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    if not abs(seconds) < 2**63 / 1_000_000:  # true of NaN as well
        raise ValueError("it is beyond all times")
    return int(seconds * 1_000_000)


def _escaped(text: str | None) -> str:
    if text is None:
        return r"\N"
    if "\\" in text or "\n" in text or "\t" in text or "\r" in text:
        text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
        text = text.replace("\r", "\\r")
    return text


def _line(stream: Stream, landing_id: int, ordinal: int, record: object, at_landing: int) -> bytes:
    """Return one COPY line; a record that cannot be taken carries its problem and verbatim text."""
    problem, version = None, at_landing
    key = _joined(record, stream.key)
    if key is None:
        problem = f"no key: {', '.join(stream.key)} is missing"
    elif len(key) > LONGEST_KEY:
        key, problem = None, f"its key is too long: {len(key)} characters of at most {LONGEST_KEY}"
    if stream.version is not None:
        try:
            version = _microseconds(_at(record, stream.version))
        except ValueError:
            problem = problem or f"{stream.version}: {str(_at(record, stream.version))[:80]!r} is no time"
    try:
        payload = _json(record)
        if b"\\u0000" in payload and NUL.search(payload):
            raise ValueError("it holds a NUL character, which PostgreSQL cannot store")
    except ValueError as error:  # UnicodeEncodeError, for a lone surrogate, is one
        reason = "a lone surrogate is no text" if isinstance(error, UnicodeError) else str(error)
        return _problem_line(landing_id, ordinal, None, record, f"not storable: {reason}")
    except TypeError as error:
        return _problem_line(landing_id, ordinal, None, repr(record), f"not JSON: {error}")
    parent = _escaped(_joined(record, stream.parent)) if stream.parent else r"\N"
    scope = _escaped(_joined(record, (stream.scope,))) if stream.scope else r"\N"
    deleted = "t" if stream.deleted and _at(record, stream.deleted) else "f"
    digest = hashlib.md5(payload, usedforsecurity=False).hexdigest()
    fields = f"{landing_id}\t{ordinal}\t{_escaped(key)}\t{parent}\t{scope}\t{version}\t{deleted}\t{digest}\t"
    # joined as bytes: the payload, by far the longest field, is neither decoded nor copied again
    return b"".join(
        (fields.encode(), payload.replace(b"\\", b"\\\\"), b"\t\\N\t", _escaped(problem).encode(), b"\n")
    )


def _json(record: object) -> bytes:
    """Return a record as JSON, its keys sorted, so that equal records have equal bytes.

    Raises:
        ValueError: it holds a lone surrogate or a float that is no number.
        TypeError: it holds something that JSON does not know.
    """
    try:
        payload = orjson.dumps(record, option=JSON_OPTIONS)
        if b"null" not in payload or _is_finite((record,)):
            return payload
    except TypeError:
        pass
    # orjson is ten times as fast, but writes NaN as null and takes no integer above 64 bits
    return json.dumps(
        record, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode()


def _is_finite(values: Iterable[object]) -> bool:
    for value in values:
        kind = type(value)
        if kind is float:
            if not isfinite(value):
                return False
        elif kind is dict:
            if not _is_finite(value.values()):
                return False
        elif kind in (list, tuple) and not _is_finite(value):
            return False
    return True


def _problem_line(landing_id: int, ordinal: int, key: str | None, record: object, problem: str) -> bytes:
    verbatim = json.dumps(record, ensure_ascii=True)
    fields = (
        str(landing_id), str(ordinal), _escaped(key), r"\N", r"\N", r"\N", "f", r"\N", r"\N",
        _escaped(verbatim), _escaped(problem),
    )  # fmt: skip
    return ("\t".join(fields) + "\n").encode("utf-8", "backslashreplace")


def landed(source: str) -> dict[str, list[Landing]]:
    """Return the landings of a source that wait to be checked and accepted, by stream, in order."""
    waiting: dict[str, list[Landing]] = {}
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select landing_id, stream, record_count from ops.landings "
            "where source = %s and state = 'landed' order by landing_id",
            (source,),
        )
        for row in cursor.fetchall():
            waiting.setdefault(row[1], []).append(Landing(*row))
    return waiting


def check_types(source: str, stream: Stream, landings: list[Landing]) -> int:
    """Mark the landed records whose values are not of the declared types; return how many."""
    if not stream.types:
        return 0
    bad = [(path, kind, _misfits(path, kind)) for path, kind in stream.types.items()]
    statement = SQL(
        "update {}.{} set problem = case {} end where landing_id = any(%s) and problem is null and ({})"
    ).format(
        Identifier(f"landing_{source}"),
        Identifier(stream.name),
        SQL(" ").join(
            SQL("when {} then {}").format(test, Literal(f"{path} is no {kind}")) for path, kind, test in bad
        ),
        SQL(" or ").join(test for _, _, test in bad),
    )
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        cursor.execute(statement.as_string(connection), ([each.landing_id for each in landings],))
        return cursor.rowcount


def _misfits(path: str, kind: str) -> SQL:
    """Return a condition that holds for a payload whose value at PATH (`a.b`, `a[].b`) is no KIND."""
    before, is_list, _ = path.partition("[]")
    place = Literal(f"{{{before.replace('.', ',')}}}")
    if not is_list:
        return _misfit(SQL("payload #>> {}").format(place), kind)
    steps = (f'."{part[:-2]}"[*]' if part.endswith("[]") else f'."{part}"' for part in path.split("."))
    # asked first, because a path query costs five times as much as finding that the list is not there
    return SQL(
        "(payload #> {} is not null and exists (select from jsonb_path_query(payload, {}) as v where {}))"
    ).format(place, Literal(f"lax ${''.join(steps)}"), _misfit(SQL("v #>> '{}'"), kind))


def _misfit(text: SQL, kind: str) -> SQL:
    """Return a condition that holds for a value that is there and no KIND, given its text in SQL."""
    # the class comes first, because few values hold a letter but the T and the Z of an ISO time
    return SQL(
        "(not pg_input_is_valid(nullif({text}, ''), {kind}) or {text} ~* '[a-su-y]' and {text} ~* {special})"
    ).format(text=text, kind=Literal(kind), special=Literal(SPECIAL_INPUT))


def accept(source: str) -> dict[str, int]:
    """Accept what landed and was not rejected; return the number of added versions by stream.

    Raises:
        SourceBusy: another task is at this source.
    """
    added: dict[str, int] = {}
    with _alone(source) as connection:
        for name, landings in landed(source).items():
            stream = sources.stream(source, name)
            _count(connection, source, stream)
            for landing in landings:
                with connection, connection.cursor() as cursor:
                    added[name] = added.get(name, 0) + _accept_one(cursor, source, stream, landing)
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "insert into ops.pulls (source, pulled_through) "
                "select source, min(window_to) from ops.cursors where source = %s group by source "
                "on conflict (source) do update set pulled_through = excluded.pulled_through, "
                "finished_at = clock_timestamp()",
                (source,),
            )
    return added


def _count(connection: Connection, source: str, stream: Stream) -> None:
    """Tell the planner what landed: a table that is filled and emptied has the numbers of another pull.

    Where it believed that a full table was empty, accepting 50,000 records took minutes.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(
            SQL("analyze {}.{} (landing_id, record_key, version, ordinal, problem)").format(
                Identifier(f"landing_{source}"), Identifier(stream.name)
            )
        )


def _accept_one(cursor: Cursor, source: str, stream: Stream, landing: Landing) -> int:
    names = {
        "landing": SQL("{}.{}").format(Identifier(f"landing_{source}"), Identifier(stream.name)),
        "raw": SQL("{}.{}").format(Identifier(f"raw_{source}"), Identifier(stream.name)),
    }
    values = {"landing_id": landing.landing_id, "source": source, "stream": stream.name}
    cursor.execute("select nextval('ops.acceptance')")
    values["acceptance"] = cursor.fetchone()[0]
    cursor.execute(
        SQL(
            "insert into quarantine.records (landing_id, source, stream, ordinal, record_key, problem, "
            "verbatim) select landing_id, %(source)s, %(stream)s, ordinal, record_key, problem, "
            "coalesce(verbatim, payload::text) from {landing} "
            "where landing_id = %(landing_id)s and problem is not null"
        ).format(**names),
        values,
    )
    quarantined = cursor.rowcount
    cursor.execute(SQL(_ADD_VERSIONS).format(**names), values)
    added = cursor.rowcount
    cursor.execute(SQL(_ADD_DELETIONS).format(**names), values)
    deleted = cursor.rowcount
    cursor.execute(SQL("delete from {landing} where landing_id <= %(landing_id)s").format(**names), values)
    cursor.execute(
        "update ops.landings set state = 'accepted', settled_at = clock_timestamp(), "
        "acceptance_id = %s, quarantined_count = %s, added_count = %s, "
        "unchanged_count = record_count - %s, deleted_count = %s where landing_id = %s",
        (
            values["acceptance"],
            quarantined,
            added,
            quarantined + added,
            deleted,
            landing.landing_id,
        ),
    )
    return added


# A record is added when it differs from the version before it, in the order of the source's own
# version: within this landing, else in raw. Only keys and hashes are sorted. What is stale is sought,
# not what is fresh: the payloads then come in one pass over the landing.
_ADD_VERSIONS = """
with candidate as (
    select
        l.ctid as place, l.record_key, l.version, l.ordinal, l.is_deleted, l.record_hash,
        row_number() over same as repetition,
        lag(l.record_hash) over versions as before_hash,
        lag(l.is_deleted) over versions as before_deleted
    from {landing} as l
    where l.landing_id = %(landing_id)s and l.problem is null
    window
        versions as (partition by l.record_key order by l.version, l.ordinal),
        same as (partition by l.record_key, l.version, l.record_hash, l.is_deleted order by l.ordinal)
),
stale as (
    -- distinct tells the planner that it may hash these, and need not hash the payloads
    select distinct c.place
    from candidate as c
    left join lateral (
        select r.record_hash, r.is_deleted, r.version
        from {raw} as r
        where r.record_key = c.record_key and r.version <= c.version
        order by r.version desc, r.acceptance_id desc, r.ordinal desc
        limit 1
    ) as before on c.before_hash is null
    where c.repetition > 1
        or (c.record_hash, c.is_deleted) is not distinct from (
            coalesce(c.before_hash, before.record_hash), coalesce(c.before_deleted, before.is_deleted)
        )
        -- raw may have this very version below another one
        or ((c.before_hash is not null or before.version = c.version) and exists (
            select from {raw} as r
            where r.record_key = c.record_key and r.version = c.version
                and r.record_hash = c.record_hash and r.is_deleted = c.is_deleted
        ))
)
insert into {raw} (
    record_key, parent_key, scope, version, acceptance_id, landing_id, ordinal, is_deleted,
    record_hash, payload
)
select
    l.record_key, l.parent_key, l.scope, l.version, %(acceptance)s, l.landing_id, l.ordinal,
    l.is_deleted, l.record_hash, l.payload
from {landing} as l
where l.landing_id = %(landing_id)s and l.problem is null
    and not exists (select from stale as s where s.place = l.ctid)
"""

# A restated scope is replaced whole: a key that the landing lacks there was deleted at the source.
_ADD_DELETIONS = """
insert into {raw} (
    record_key, parent_key, scope, version, acceptance_id, landing_id, ordinal, is_deleted
)
select
    c.record_key, c.parent_key, c.scope,
    (extract(epoch from o.landed_at) * 1000000)::bigint, %(acceptance)s, o.landing_id, 0, true
from ops.landings as o
cross join lateral (
    select distinct on (r.record_key) r.record_key, r.parent_key, r.scope, r.is_deleted
    from {raw} as r
    where r.scope = any(o.scopes)
    order by r.record_key, r.version desc, r.acceptance_id desc, r.ordinal desc
) as c
where o.landing_id = %(landing_id)s
    and not c.is_deleted
    and not exists (
        select from {landing} as l
        where l.landing_id = o.landing_id and l.record_key = c.record_key
    )
"""


def reject(source: str, stream: str, landings: list[Landing], why: str) -> None:
    """Refuse landings: nothing of them is accepted, and the next pull starts where theirs did.

    Their rows stay in `landing_<source>` to be looked at until the next landing is accepted.
    """
    ids = [each.landing_id for each in landings]
    with _alone(source) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "update ops.landings set state = 'rejected', settled_at = clock_timestamp(), why = %s "
            "where landing_id = any(%s)",
            (why, ids),
        )
        cursor.execute(
            "update ops.cursors as c set window_to = first.window_from, cursor = first.cursor_before, "
            "landing_id = first.landing_id from (select * from ops.landings where landing_id = any(%s) "
            "and not is_backfill order by landing_id limit 1) as first "
            "where c.source = first.source and c.stream = first.stream",
            (ids,),
        )


def hold(source: str, reason: str) -> None:
    """Keep a source at the landing of the published head while the others go on."""
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into ops.holds (source, acceptance_id, reason) select %s, coalesce(("
            "select acceptance_id from ops.batch_limits where source = %s and batch_id = "
            "(select batch_id from ops.head)), 0), %s on conflict (source) do nothing",
            (source, source, reason),
        )


def release(source: str) -> None:
    """Let a source that was held catch up with the next batch."""
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        cursor.execute("delete from ops.holds where source = %s", (source,))


def backfill_window(
    run_type: str, start: datetime | None, end: datetime | None
) -> tuple[datetime, datetime] | None:
    """Return the window of a backfill run; None for any other run, which follows its cursor."""
    return (start, end) if run_type == "backfill" and start and end else None


def have_landed(names: list[str] | None, due: datetime) -> bool:
    """Return whether the sources have landed within the hour before DUE, or the deadline has come.

    Without names, these are the sources that ever landed and are not held: a new one delays nobody.
    """
    if datetime.now(UTC) >= due + timedelta(minutes=settings.WAIT_MINUTES):
        return True
    with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select source, finished_at from ops.pulls where source not in (select source from ops.holds)"
        )
        landed_at = dict(cursor.fetchall())
    wanted = landed_at.keys() if names is None else names
    return all(name in landed_at and landed_at[name] >= due - FRESH for name in wanted)
