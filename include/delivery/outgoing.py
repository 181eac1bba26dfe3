"""A file that leaves the warehouse: whole or not at all, because someone may be opening it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Yield a name beside PATH to write to; it takes PATH's place unless an error leaves the block.

    The folder is made where it is missing. Until the end, readers find the file of the last time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{os.getpid()}.unfinished.{path.name}")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
