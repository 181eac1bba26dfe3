"""A source whose answers a test writes; run as a program, a process that a test can kill."""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from include import landing
from include.sources import Page, Stream, Window
from tests.databases import ask

NOW = datetime(2026, 7, 1, tzinfo=UTC)
Answer = Callable[[Window], Iterable[Page]]


class FakeSource:
    """Stands where a module of `include.sources` does, under a name of its own."""

    def __init__(self, name: str, *streams: Stream) -> None:
        self.name = name
        self.STREAMS = streams
        self.windows: list[Window] = []
        self.answers: dict[str, Answer] = {}
        sys.modules[f"include.sources.{name}"] = self
        landing.prepare(name)

    def pull(self, stream: str, window: Window) -> Iterator[Page]:
        self.windows.append(window)
        yield from self.answers.get(stream, lambda _: ())(window)

    def gives(self, *records: object, cursor: str | None = None, scopes: tuple[str, ...] = ()) -> None:
        """Let the first stream's next pulls answer with one page."""
        self.answers[self.STREAMS[0].name] = lambda _: [Page(records, cursor, scopes)]

    def take(self, *records: object, scopes: tuple[str, ...] = ()) -> dict[str, int]:
        """Land, check and accept records of the first stream; return their landing's counts."""
        self.gives(*records, scopes=scopes)
        landing.land(self.name, NOW)
        return self.settle()

    def settle(self) -> dict[str, int]:
        """Check and accept what landed; return the counts of the last landing, which must add up."""
        for stream in self.STREAMS:
            landing.check_types(self.name, stream, landing.landed(self.name).get(stream.name, []))
        landing.confirm(self.name, landing.landed(self.name))
        landing.accept(self.name)
        names = ("record_count", "quarantined_count", "added_count", "unchanged_count", "deleted_count")
        (row,) = ask(
            f"select {', '.join(names)} from ops.landings where source = %s "
            "and state = 'accepted' order by landing_id desc limit 1",
            self.name,
        )
        counts = dict(zip((name.removesuffix("_count") for name in names), row, strict=True))
        assert counts["record"] == counts["quarantined"] + counts["added"] + counts["unchanged"]
        return counts

    def current(self, stream: str | None = None) -> dict[str, object]:
        """Return the payload of each key's current version, as staging sees it."""
        rows = ask(
            "select record_key, payload, is_deleted from (select *, row_number() over (partition by "
            "record_key order by version desc, acceptance_id desc, ordinal desc) as recency "
            f"from raw_{self.name}.{stream or self.STREAMS[0].name}) as versions where recency = 1"
        )
        return {key: payload for key, payload, is_deleted in rows if not is_deleted}

    def version_count(self) -> int:
        ((number,),) = ask(f"select count(*) from raw_{self.name}.{self.STREAMS[0].name}")
        return number

    def quarantined(self) -> list[tuple[str, str]]:
        """Return (problem, verbatim) of what was quarantined, in order."""
        return ask(
            "select problem, verbatim from quarantine.records where source = %s order by landing_id, ordinal",
            self.name,
        )

    def cursor(self) -> tuple[datetime, str | None] | None:
        rows = ask("select window_to, cursor from ops.cursors where source = %s", self.name)
        return rows[0] if rows else None

    def checksum(self) -> list[tuple]:
        """Return what the source's raw table holds, apart from the numbers of the runs."""
        return ask(
            f"select record_key, record_hash, is_deleted, payload::text "
            f"from raw_{self.name}.{self.STREAMS[0].name} order by version, 1"
        )


def _pages_of(number: int) -> Iterator[Page]:
    ids = count()
    for _ in range(0, number, 1000):
        yield Page([{"id": next(ids), "text": "x" * 300} for _ in range(1000)])


def main(name: str, what: str, path: str) -> None:
    """Land the records of a file and wait to be killed, or COUNT records and tell the memory."""
    source = FakeSource(name, Stream("things", key=("id",), version="at" if what == "land" else None))
    if what == "land":
        source.gives(*json.loads(Path(path).read_text()), cursor="next")
        landing.land(name, NOW)
        sys.stdout.write("landed\n")
        sys.stdout.flush()
        time.sleep(60)
    else:
        source.answers["things"] = lambda _: _pages_of(int(path))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        landing.land(name, NOW)
        sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))


if __name__ == "__main__":
    main(*sys.argv[1:])
