"""A record as a line of COPY: encoded, hashed and keyed while PostgreSQL reads the one before it."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import isfinite

import orjson

from include import sources
from include.sources import Stream

COLUMNS = (
    "landing_id, ordinal, record_key, parent_key, scope, version, is_deleted, record_hash, payload, "
    "verbatim, problem"
)

LONGEST_KEY = 200
"""Characters; the rooms keep keys of 256 with the source's name, and no index holds a page."""
SECONDS_DIGITS = 10
"""Of a time that is a number since 1970, at least: a shorter one may be a date."""

JSON_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
"""What is no JSON is refused, as `json` does, and not made up."""

NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""An escaped NUL, and not an escaped backslash before the letters u0000."""


class CopyFile:
    """The lines of a COPY, made while it reads: memory holds one page, however long the pull."""

    def __init__(self, stream: Stream, landing_id: int, pages: Iterable[sources.Page]) -> None:
        self.count = 0
        self.cursor: str | None = None
        self.scopes: dict[str, None] = {}
        self.lost: dict[str, str] = {}
        self.page_count = 0
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
            self.lost.update(page.lost)
            self.page_count += 1
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

    Some write a number as text, or a space before the offset from UTC.

    Raises:
        ValueError: it is neither, or lies outside of what PostgreSQL can count.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value
    else:
        text = str(value)
        if text.isdecimal() and len(text) >= SECONDS_DIGITS:
            return _microseconds(int(text))
        at = datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-"))
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
    said = None if stream.version is None else _at(record, stream.version)
    # a SELECT need not have it: then the order of landing decides
    if stream.version is not None and not (stream.has_chosen_fields and said is None):
        try:
            version = _microseconds(said)
        except ValueError:
            problem = problem or f"{stream.version}: {str(said)[:80]!r} is no time"
    try:
        payload = _json(record)
        if b"\\u0000" in payload and NUL.search(payload):
            raise ValueError("it holds a NUL character, which PostgreSQL cannot store")
    except ValueError as error:  # UnicodeEncodeError, for a lone surrogate, is one
        reason = "a lone surrogate is no text" if isinstance(error, UnicodeError) else str(error)
        return _problem_line(landing_id, ordinal, _storable(key), record, f"not storable: {reason}")
    except TypeError as error:
        return _problem_line(landing_id, ordinal, _storable(key), repr(record), f"not JSON: {error}")
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


def _storable(key: str | None) -> str | None:
    """Return a key that a text column can hold, so that its record is not taken for deleted."""
    if key is None or "\0" in key or any("\ud800" <= letter <= "\udfff" for letter in key):
        return None
    return key


def _problem_line(landing_id: int, ordinal: int, key: str | None, record: object, problem: str) -> bytes:
    verbatim = json.dumps(record, ensure_ascii=True)
    fields = (
        str(landing_id), str(ordinal), _escaped(key), r"\N", r"\N", r"\N", "f", r"\N", r"\N",
        _escaped(verbatim), _escaped(problem),
    )  # fmt: skip
    return ("\t".join(fields) + "\n").encode("utf-8", "backslashreplace")
