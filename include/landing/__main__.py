"""Run `check`, `dry-run`, `replay DAY`, `hold REASON` or `release` on a source."""

import sys
from datetime import UTC, date, datetime

import psycopg2

from include import landing, quality, settings, sources
from include.landing import trying

USAGE = (
    "usage: python -m include.landing check SOURCE | dry-run SOURCE | replay SOURCE YYYY-MM-DD | "
    "hold SOURCE REASON | release SOURCE"
)


class NothingDone(Exception):
    """What a person asked for changed nothing; the message says why."""


TOLD = (
    NothingDone, landing.SourceBusy, sources.SourceError, quality.ExpectationsFailed,
    settings.SettingMissing, psycopg2.OperationalError,
)  # fmt: skip
"""What ends a command with its sentence alone; anything else is a mistake of ours, with its traceback."""


def main(arguments: list[str]) -> str:
    """Do what is asked of a source; return what was done, for a person.

    Raises:
        NothingDone: there is no such source, it is held already, or for no reason, or not held, or
            cannot be read.
    """
    match arguments:
        case [_, "", *_]:
            raise NothingDone(f"give NAME=<source>, one of {', '.join(sources.names())}.")
        case [_, source, *_] if source not in sources.names():
            raise NothingDone(f"there is no source {source!r}: choose from {', '.join(sources.names())}.")
        case ["check", source]:
            return _told(source, "one page of each stream", trying.check_source(source, datetime.now(UTC)))
        case ["dry-run", source]:
            return _told(source, "the next pull", trying.dry_run(source, datetime.now(UTC)))
        case ["replay", source, day]:
            return _replay(source, day)
        case ["hold", source, reason] if not reason.strip():
            raise NothingDone(f"say why {source} is held, for those who ask later: REASON='…'.")
        case ["hold", source, reason]:
            if not landing.hold(source, reason):
                raise NothingDone(f"{source} is held already: `select * from ops.holds` tells since when.")
            return f"{source} stays at its published state until it is released."
        case ["release", source]:
            if not landing.release(source):
                raise NothingDone(f"{source} is not held: there is nothing to release.")
            return f"{source} catches up with the next batch."
    raise NothingDone(USAGE)


def _told(source: str, what: str, found: list[trying.Tried]) -> str:
    """Return what was tried, nothing of it taken.

    Raises:
        NothingDone: a stream could not be read.
    """
    text = "\n".join([f"{source}, {what}; nothing was taken:", *map(str, found)])
    if any(each.refusal for each in found):
        raise NothingDone(text)
    return text


def _replay(source: str, day: str) -> str:
    """Land, check and accept a day of the company's calendar again; the cursor stays.

    Raises:
        NothingDone: it is no day, has not ended, or lies before the history.
    """
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        raise NothingDone(f"{day!r} is no day: write it as 2026-11-20.") from None
    # any other day would leave control totals of nothing in the reconciliation
    first, last = trying.days_to_replay(datetime.now(UTC))
    if not first <= chosen <= last:
        raise NothingDone(
            f"{day} cannot be read again: choose a day from {first} (CX_HISTORY_START) to {last}, the last "
            "that has ended."
        )
    landed = landing.land(source, datetime.now(UTC), trying.day_window(chosen))
    quality.check(source)
    added = sum(landing.accept(source).values())
    return f"{source}, {day} again: {landed} records read, {added} of them new or changed."


if __name__ == "__main__":
    try:
        sys.stdout.write(main(sys.argv[1:]) + "\n")
    except TOLD as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
