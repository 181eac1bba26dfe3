"""Inboxes of real data: the SELECTs beside this module, with links to the data that they read.

    python -m tests.real.inbox olist cdnow /some/folder && make demo INBOX=/some/folder

The data stay where they are (CX_REAL_DATA): they are not ours to copy into the project.
"""

import argparse
import shutil
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from include import settings

SELECTS = Path(__file__).parent
NAMES = tuple(sorted({path.parents[1].name for path in SELECTS.glob("*/*/*.sql")}))


class DataMissing(Exception):
    """A data set is not in the folder of real data; the message says which, and where it should be."""


def is_present(name: str) -> bool:
    """Return whether the folder of real data holds a data set."""
    return (settings.REAL_DATA / name).is_dir()


def make(names: Iterable[str], folder: Path) -> None:
    """Make an inbox in FOLDER: a business unit's folder for each that the data sets have.

    Raises:
        DataMissing: a data set is not there.
        FileExistsError: FOLDER holds such a unit already.
    """
    for name in names:
        if not is_present(name):
            raise DataMissing(
                f"{settings.REAL_DATA / name} is no folder: set CX_REAL_DATA to the folder of real data."
            )
        for unit in sorted(path for path in (SELECTS / name).iterdir() if path.is_dir()):
            if (folder / unit.name).exists():
                raise FileExistsError(f"{folder / unit.name} is there already: remove it first.")
            shutil.copytree(unit, folder / unit.name)
            _link(settings.REAL_DATA / name, folder / unit.name)


def renew(name: str, folder: Path) -> None:
    """Have the SELECTs of a data set in FOLDER read its next dump, a folder `dump_<when>` of files."""
    dumps = sorted(path.name for path in (settings.REAL_DATA / name).glob("dump_*"))
    for unit in (folder / path.name for path in (SELECTS / name).iterdir() if path.is_dir()):
        for select in unit.glob("*.sql"):
            sql = select.read_text()
            # the last pair first, so that none is replaced twice
            for former, later in reversed(list(pairwise(dumps))):
                sql = sql.replace(former, later)
            select.write_text(sql)
        _link(settings.REAL_DATA / name, unit)


def _link(data: Path, unit: Path) -> None:
    """Link the files and folders that the unit's SELECTs name."""
    sql = "".join(select.read_text() for select in unit.glob("*.sql"))
    for path in data.iterdir():
        if path.name in sql and not (unit / path.name).exists():
            (unit / path.name).symlink_to(path.resolve())


def main(arguments: list[str] | None = None) -> None:
    """Make an inbox of the data sets that the command line names.

    Raises:
        SystemExit: the inbox cannot be made; it says why.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.real.inbox", description=__doc__)
    parser.add_argument("names", nargs="+", choices=NAMES, help=" or ".join(NAMES))
    parser.add_argument("folder", type=Path, help="made if need be; give it to make demo as INBOX")
    chosen = parser.parse_args(arguments)
    try:
        make(chosen.names, chosen.folder)
    except (DataMissing, FileExistsError) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
