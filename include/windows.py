"""Lists that end at a number of rows: a window that reaches the cap is cut in two, never cut off."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from include.sources import Page, SourceError, Window

SHORTEST = timedelta(seconds=1)


class CapReached(Exception):
    """A window holds as many rows as the source will ever give, or more."""


def below_cap(window: Window, read: Callable[[Window], Iterator[Page]]) -> Iterator[Page]:
    """Yield what READ gives of a window, or of its halves where it raises `CapReached`.

    READ raises before its first page. Both ends of a window may be given twice; a key makes them one.

    Raises:
        SourceError: a single second holds more than the cap.
    """
    pages = read(window)
    try:
        first = next(pages, None)
    except CapReached as reached:
        length = window.end - window.start
        if length <= SHORTEST:
            raise SourceError(
                f"{window.start.isoformat()} alone holds more rows than the source gives ({reached}). "
                "Ask the vendor for an export of this second."
            ) from reached
        middle = window.start + max(SHORTEST, timedelta(seconds=int(length.total_seconds() / 2)))
        yield from below_cap(replace(window, end=middle), read)
        yield from below_cap(replace(window, start=middle), read)
        return
    if first is not None:
        yield first
        yield from pages
