"""Run `hold SOURCE REASON` or `release SOURCE`."""

import sys

from include import landing, sources

USAGE = "usage: python -m include.landing hold SOURCE REASON | release SOURCE; sources: "


def main(arguments: list[str]) -> str:
    """Hold or release a source; return what was done.

    Raises:
        SystemExit: the arguments are neither.
    """
    match arguments:
        case ["hold", source, reason] if source in sources.names():
            landing.hold(source, reason)
            return f"{source} stays at its published state until it is released."
        case ["release", source] if source in sources.names():
            landing.release(source)
            return f"{source} catches up with the next batch."
    raise SystemExit(USAGE + ", ".join(sources.names()))


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]) + "\n")
