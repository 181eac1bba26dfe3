"""Run `hold SOURCE REASON` or `release SOURCE`."""

import sys

from include import landing, sources

USAGE = "usage: python -m include.landing hold SOURCE REASON | release SOURCE"


class NothingDone(Exception):
    """What a person asked for changed nothing; the message says why."""


def main(arguments: list[str]) -> str:
    """Hold or release a source; return what was done.

    Raises:
        NothingDone: there is no such source, or it is held already, or it is not held.
    """
    match arguments:
        case ["hold", source, _] | ["release", source] if source not in sources.names():
            raise NothingDone(f"there is no source {source}: choose from {', '.join(sources.names())}.")
        case ["hold", source, reason]:
            if not landing.hold(source, reason):
                raise NothingDone(f"{source} is held already: `select * from ops.holds` tells since when.")
            return f"{source} stays at its published state until it is released."
        case ["release", source]:
            if not landing.release(source):
                raise NothingDone(f"{source} is not held: there is nothing to release.")
            return f"{source} catches up with the next batch."
    raise NothingDone(USAGE)


if __name__ == "__main__":
    try:
        sys.stdout.write(main(sys.argv[1:]) + "\n")
    except NothingDone as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
