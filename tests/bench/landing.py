"""Landing: against a raw COPY of the same bytes, in bounded memory, and against dlt's loader."""

import json
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path

from include import landing, quality, settings, warehouse
from tests.bench import dlt_loader, events
from tests.bench.ratios import Line, at_least, at_most, in_turns, say, seconds, together
from tests.databases import ask

RECORDS = 300_000
RECORDS_FOR_DLT = 100_000
RECORDS_FOR_MEMORY = (100_000, 300_000)
TURNS = 5
TURNS_OF_DLT = 3
MOST_GROWTH = 1.1


def measure() -> list[Line]:
    """Return how landing, and landing, checking and accepting compare."""
    return [*_against_copy(), _memory(), *_against_dlt()]


def _against_copy() -> list[Line]:
    path = settings.HOME / "events.copy"
    _write(path, RECORDS)
    what = f"{RECORDS:,} JSON records, {path.stat().st_size / RECORDS:.0f} bytes each"
    say(f"  {what}")
    ask("create table if not exists public.raw_copy (line text)")
    events.enlist(RECORDS)
    taken = in_turns(
        TURNS,
        copy=partial(_copy, path),
        land=_land,
        check=partial(seconds, partial(quality.check, events.SOURCE)),
        accept=partial(seconds, partial(landing.accept, events.SOURCE)),
    )
    path.unlink()
    whole = together(taken["land"], taken["check"], taken["accept"])
    return [
        at_most(f"landing {what}", taken["land"], taken["copy"], 4.5, "raw COPY"),
        at_most("landing, checking and accepting them", whole, taken["copy"], 9, "raw COPY"),
    ]


def _write(path: Path, number: int) -> None:
    """Write events as lines of COPY's text format: the bytes that the raw COPY has nothing to do for."""
    with path.open("w", encoding="utf-8") as file:
        for record in events.records(number):
            text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            file.write(text.replace("\\", "\\\\") + "\n")


def _copy(path: Path) -> float:
    ask("truncate public.raw_copy")

    def copy() -> None:
        with (
            path.open("rb") as file,
            warehouse.transaction("postgres") as connection,
            connection.cursor() as cursor,
        ):
            cursor.copy_expert("copy public.raw_copy from stdin", file, size=1 << 18)

    return seconds(copy)


def _land() -> float:
    """Land into empty tables: a replay of accepted records would add nothing."""
    ask(
        f"truncate landing_{events.SOURCE}.{events.STREAM}, raw_{events.SOURCE}.{events.STREAM}; "
        f"delete from ops.cursors where source = '{events.SOURCE}'; "
        f"update ops.landings set state = 'rejected' where source = '{events.SOURCE}'"
    )
    return seconds(partial(landing.land, events.SOURCE, events.WINDOW[1], events.WINDOW))


def _memory() -> Line:
    few, many = RECORDS_FOR_MEMORY
    peaks = []
    for number in RECORDS_FOR_MEMORY:
        # a process of its own: what a pull once took, Python may keep
        done = subprocess.run(
            [sys.executable, "-m", __name__, str(number)], check=True, capture_output=True, text=True
        )
        peaks.append(int(done.stdout))
        say(f"  {number:,} records: {peaks[-1] / 1024:.0f} MB at the peak")
    growth = peaks[1] / peaks[0]
    return Line(
        f"memory to land, check and accept {many:,} records against {few:,}",
        f"{peaks[1] / 1024:.0f} MB",
        f"{peaks[0] / 1024:.0f} MB",
        f"{growth:.2f} times",
        f"within {MOST_GROWTH:g} times",
        growth <= MOST_GROWTH,
    )


def _against_dlt() -> list[Line]:
    events.enlist(RECORDS_FOR_DLT)
    taken = in_turns(
        TURNS_OF_DLT,
        land=_land,
        check=partial(seconds, partial(quality.check, events.SOURCE)),
        accept=partial(seconds, partial(landing.accept, events.SOURCE)),
        dlt=lambda: seconds(partial(dlt_loader.load, events.records(RECORDS_FOR_DLT))),
    )
    whole = together(taken["land"], taken["check"], taken["accept"])
    return [
        at_least(f"landing {RECORDS_FOR_DLT:,} of them", taken["land"], taken["dlt"], 8, "dlt"),
        at_least("landing, checking and accepting these", whole, taken["dlt"], None, "dlt"),
    ]


def main(number: int) -> None:
    """Land, check and accept NUMBER records in this process; write its peak memory in KB."""
    events.enlist(number)
    _land()
    quality.check(events.SOURCE)
    landing.accept(events.SOURCE)
    sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


if __name__ == "__main__":
    main(int(sys.argv[1]))
