"""Measure all parts, or those named, and print one table: `python -m tests.bench landing`."""

import argparse
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port

PARTS = (
    "landing", "channels", "hourly", "publication", "warehouse", "history", "families", "dashboard",
    "identity", "joining", "resolving",
)  # fmt: skip


@contextmanager
def _own_server() -> Iterator[None]:
    """Run an embedded server of the bench's own, durable as a real one, and forget it at the end."""
    for name in [name for name in os.environ if name.startswith("CX_")]:
        del os.environ[name]
    home = Path(tempfile.mkdtemp(prefix="cx-bench-"))
    # root's server runs as another user, who must be able to enter the folder
    home.chmod(0o711)
    os.environ |= {"CX_HOME": str(home), "CX_PG_PORT": str(free_port())}
    # settings are read when they are imported, so only now
    from include import postgres

    try:
        postgres.make_passwords()
        postgres.start()
        yield
    finally:
        postgres.erase()
        shutil.rmtree(home, ignore_errors=True)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; default: all")
    chosen = parser.parse_args().parts or PARTS
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"{', '.join(unknown)}: no such part, choose of {', '.join(PARTS)}")
    lines = []
    with _own_server():
        from include import settings
        from tests import databases
        from tests.bench import ratios

        for part in chosen:
            ratios.say(f"{part} …")
            # the files of another part's company would be read as this one's
            for folder in ("exports", "inbox"):
                shutil.rmtree(settings.HOME / folder, ignore_errors=True)
            with databases.made(f"bench_{part}") as name:
                # for the processes that a part starts
                os.environ["CX_DATABASE"] = name
                lines += importlib.import_module(f"tests.bench.{part}").measure()
    sys.stdout.write(ratios.table(lines) + "\n")


if __name__ == "__main__":
    main()
