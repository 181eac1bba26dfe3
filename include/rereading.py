"""Lists that move while they are read: read again until a reading shows nothing new.

What changes meanwhile leaves a list by time of change, and the rest moves one place up: an entry that
stood at the edge of two pages is on neither. A list of one page cannot lose any so.
"""

from collections.abc import Callable, Iterator, Sequence

from include.sources import Record, SourceError

READINGS = 4
"""How often a list is read that moves while it is."""


def settled(
    what: str, key: str, read: Callable[[], Iterator[Sequence[Record]]], stated: Callable[[], int] = lambda: 0
) -> Iterator[list[Record]]:  # fmt: skip
    """Yield the records that READ gives page by page, each once by its KEY; without a key, always.

    STATED is how many the source says there are, asked after each reading: where fewer came, the list is
    read again as well.

    Raises:
        SourceError: the last reading still showed something new, or too little.
    """
    seen: set[object] = set()
    for _ in range(READINGS):
        pages, found = 0, 0
        for page in read():
            before, new = len(seen), []
            for record in page:
                name = record.get(key)
                # what has no key is the landing's to judge
                if name is None or name not in seen:
                    new.append(record)
                seen |= set() if name is None else {name}
            pages, found = pages + 1, found + len(seen) - before
            yield new
        if (pages < 2 or not found) and len(seen) >= stated():
            return
    raise SourceError(
        f"The list of {what} gave {len(seen)} in {READINGS} readings, and the last one was not like those "
        "before: it changes faster than it can be read. Run the task again at a quieter hour."
    )
