"""The registry: every module beside this one is a source system.

A source module declares how its system is read and leaves the rest to `include.rest` and
`include.landing`:

    STREAMS: tuple[Stream, ...]     what it has, in landing order
    def pull(stream: str, window: Window) -> Iterator[Page]

Names are listed without importing the modules, so that Airflow parses the Dags in no time.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType

Record = Mapping[str, object]


@dataclass(frozen=True)
class Stream:
    """One kind of record of a source, and what the landing needs to know of it.

    Paths are dotted (`customer.id`). `types` maps a path to the PostgreSQL type that staging casts
    it to: a record whose value is no such thing is quarantined, never half-read.
    """

    name: str
    """The source's own word; the table in `landing_<source>` and `raw_<source>`."""
    key: tuple[str, ...]
    """Paths of the natural key."""
    version: str | None = None
    """Path of the source's own time of change; without it the order of landing decides."""
    parent: tuple[str, ...] = ()
    """Paths of the key of the record that this one belongs to (a comment's ticket)."""
    scope: str | None = None
    """Path of the scope that a landing restates whole: what it lacks there was deleted."""
    deleted: str | None = None
    """Path that is true or filled where the record says that it was deleted at the source."""
    types: Mapping[str, str] = field(default_factory=dict)
    overlap: timedelta = timedelta(0)
    """How far before the cursor a pull starts again, because a source shows records late."""
    longest_window: timedelta | None = None
    """A longer pull is cut into slices of this length; each commits with its cursor."""
    restated: timedelta = timedelta(0)
    """How far back the source rewrites what it said: every pull reads this much again."""
    retention: timedelta | None = None
    """How long the source keeps a record; what is not pulled within it is lost."""
    has_chosen_fields: bool = False
    """Whether whoever writes its SELECT chooses its fields: their coming and going is no drift."""
    optional: bool = False
    """Whether an account may lack this stream (`StreamUnavailable`); the others go on without it."""


@dataclass(frozen=True)
class Window:
    """What a pull reads: half-open [start, end), `end` frozen when the run began, both UTC.

    `cursor` is the opaque text that the last pull of this stream left, None at first.
    """

    start: datetime
    end: datetime
    cursor: str | None = None


@dataclass(frozen=True)
class Page:
    """Records as the source gave them; `cursor` is where the next pull may resume after this page.

    `scopes` names the scopes that this landing restates whole, also those left without a record.
    `lost` names fields that the source no longer gives, with what it said: their values are unknown,
    not zero.
    """

    records: Sequence[Record]
    cursor: str | None = None
    scopes: tuple[str, ...] = ()
    lost: Mapping[str, str] = field(default_factory=dict)


class SourceError(Exception):
    """A source could not be read; the message says which, what it answered and what to do.

    SourceError
    ├── PersonNeeded        asking again is no help: somebody must change something first
    │   ├── TokenRefused    the credentials are dead
    │   └── SelectMistaken  an inbox holds a mistake: a SELECT, its name, a workbook, a zone
    ├── QuotaSpent          the day's allowance is used up: wait for the next one
    ├── StreamUnavailable   this account has no such stream; the source's others go on
    └── PageMalformed       the answer is not what the API promises, after retries
    """


class PersonNeeded(SourceError):
    """A person must mend something before the source can be read; a retry is no help."""


class TokenRefused(PersonNeeded):
    """The source refuses the credentials."""


class SelectMistaken(PersonNeeded):
    """An inbox holds a mistake; the message names the file, the line and what to do."""


class QuotaSpent(SourceError):
    """The source's allowance is used up; the next scheduled run asks again."""


class StreamUnavailable(SourceError):
    """The account lacks what a stream needs, such as a package of the vendor's."""


class PageMalformed(SourceError):
    """The source's answer could not be read."""


def names() -> list[str]:
    """Return the names of all sources, sorted, without importing one."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(name: str) -> ModuleType:
    """Import the source module NAME.

    Raises:
        ModuleNotFoundError: there is no such source.
    """
    return importlib.import_module(f"{__name__}.{name}")


def stream(source: str, name: str) -> Stream:
    """Return a source's stream by name.

    Raises:
        KeyError: the source has no such stream.
    """
    return {each.name: each for each in load(source).STREAMS}[name]


def pages(source: str, name: str, window: Window) -> Iterator[Page]:
    """Pull one stream of a source for a window.

    Raises:
        TokenRefused: the credentials are dead; the message names the variables that hold them.
        SourceError: the source could not be read.
    """
    try:
        yield from load(source).pull(name, window)
    except TokenRefused as error:
        secrets = variables(source, "secret")
        if not secrets or any(each in str(error) for each in secrets):
            raise
        raise TokenRefused(f"{error} The credentials are in {' and '.join(secrets)}.") from error


def variables(source: str, kind: str = "secret|source_setting") -> list[str]:
    """Return the variables of the environment that a source's module asks `settings` for."""
    return sorted(set(re.findall(rf"settings\.(?:{kind})\(\s*[\"']([A-Z0-9_]+)[\"']", code(source))))


def code(source: str) -> str:
    """Return the text of a source's module, all its files."""
    path = Path(load(source).__file__ or "")
    files = sorted(path.parent.glob("*.py")) if path.name == "__init__.py" else [path]
    return "\n".join(file.read_text() for file in files)
