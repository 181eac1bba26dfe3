"""Every channel of the company: landing, checking and accepting all against a raw COPY of the same bytes.

The sources read the sandbox once, and what they read is kept, a file for each window of a stream. Then
both sides take those files in turns, so that neither pays for the sandbox. BENCH_CUSTOMERS is the
size of the company: 100,000 have five million events.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

import orjson
import pytest

from include import landing, quality, settings, sources, warehouse
from include.sandbox import world
from include.sandbox.live import Played, playing
from include.sandbox.stage import Stage
from include.sources import Page, Window
from tests.bench.ratios import Line, at_most, in_turns, say, seconds, together
from tests.databases import ask
from tests.pointed import point

SEED = 20261122
CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS") or 10_000)
TURNS = 3
END = date.today() - timedelta(days=1)
Asked = tuple[str, str, Window]


@dataclass
class Kept:
    """What every source gave, in files of lines that COPY reads as they are."""

    folder: Path
    windows: dict[Asked, list[Page]] = field(default_factory=dict)
    """Per window of a stream its pages, with a number of records in place of them."""
    counts: dict[Asked, list[int]] = field(default_factory=dict)

    def path(self, asked: Asked) -> Path:
        """Return the file of a window."""
        return self.folder / f"{list(self.windows).index(asked)}.copy"

    def listen(self, source: str, stream: str, window: Window) -> Iterator[Page]:
        """Yield what a source gives, and keep it."""
        asked = (source, stream, window)
        self.windows[asked], self.counts[asked] = [], []
        with self.path(asked).open("wb") as file:
            for page in sources.load(source).pull(stream, window):
                for record in page.records:
                    file.write(orjson.dumps(record).replace(b"\\", b"\\\\") + b"\n")
                self.windows[asked].append(Page([], page.cursor, page.scopes))
                self.counts[asked].append(len(page.records))
                yield page

    def tell(self, source: str, stream: str, window: Window) -> Iterator[Page]:
        """Yield what was kept."""
        asked = (source, stream, window)
        with self.path(asked).open("rb") as file:
            for page, count in zip(self.windows[asked], self.counts[asked], strict=True):
                records = [orjson.loads(line.replace(b"\\\\", b"\\")) for line in islice(file, count)]
                yield Page(records, page.cursor, page.scopes)

    def of(self, source: str) -> list[Path]:
        """Return the files of a source."""
        return [self.path(asked) for asked in self.windows if asked[0] == source]


def measure() -> list[Line]:
    """Return what landing, checking and accepting every channel costs."""
    kept = Kept(settings.HOME / "kept")
    kept.folder.mkdir()
    made: list[Stage] = []
    taken = seconds(lambda: made.append(Stage(world.build(SEED, CUSTOMERS, END), settings.HOME)))
    say(f"  a company of {CUSTOMERS:,} customers is written in {taken:.0f} s")
    with pytest.MonkeyPatch.context() as patch, playing(made[0], speed=1e6) as sandbox:
        point(patch, sandbox)
        patch.setattr(sources, "pages", kept.listen)
        say(f"  its channels are read in {seconds(partial(_land, sandbox)):.0f} s")
        patch.setattr(sources, "pages", kept.tell)
        ask("create table public.raw_copy (line text)")
        return _lines(kept, sandbox)


def _lines(kept: Kept, sandbox: Played) -> list[Line]:
    files = {name: kept.of(name) for name in sources.names()}
    size = sum(path.stat().st_size for paths in files.values() for path in paths)
    count = sum(map(sum, kept.counts.values()))
    what = f"{count:,} records of {len(files)} channels, {size / 2**20:,.0f} MB"
    say(f"  {what}")
    turns = in_turns(
        TURNS,
        copy=lambda: seconds(partial(_copy, files)),
        land=lambda: _emptied() or seconds(partial(_land, sandbox)),
        check=lambda: seconds(partial(_each, quality.check)),
        accept=lambda: seconds(partial(_each, landing.accept)),
    )
    whole = together(turns["land"], turns["check"], turns["accept"])
    return [
        at_most(f"landing {what}", turns["land"], turns["copy"], None, "raw COPY"),
        at_most("landing, checking and accepting them", whole, turns["copy"], 9, "raw COPY"),
    ]


def _land(sandbox: Played) -> None:
    for source in sources.names():
        landing.land(source, sandbox.now)


def _each(step: Callable[[str], object]) -> None:
    for source in sources.names():
        step(source)


def _emptied() -> None:
    """Empty what was landed and accepted: a replay of accepted records would add nothing."""
    tables = ask(
        "select format('%I.%I', schemaname, tablename) from pg_tables "
        "where schemaname like 'landing\\_%' or schemaname like 'raw\\_%'"
    )
    ask(f"truncate {', '.join(name for (name,) in tables)}; delete from ops.cursors; delete from ops.fields")
    ask("update ops.landings set state = 'rejected'")


def _copy(files: dict[str, list[Path]]) -> None:
    ask("truncate public.raw_copy")
    for paths in files.values():
        with warehouse.transaction("postgres") as connection, connection.cursor() as cursor:
            for path in paths:
                with path.open("rb") as file:
                    cursor.copy_expert("copy public.raw_copy from stdin", file, size=1 << 18)
