"""A list that moves while it is read loses nothing, and one that never stands still is refused."""

from collections.abc import Iterator
from itertools import count

import pytest

from include.rereading import READINGS, settled
from include.sources import Record, SourceError


def reading(*readings: list[str]) -> tuple[list[str], int]:
    """Return what settles of some readings, lists of pages of letters, and how many it took."""
    left = list(readings)

    def read() -> Iterator[list[Record]]:
        for page in left.pop(0):
            yield [{"id": letter} for letter in page]

    found = [record["id"] for page in settled("letters", "id", read) for record in page]
    return found, len(readings) - len(left)


def test_one_page_is_read_once() -> None:
    assert reading(["abc"], []) == (["a", "b", "c"], 1)
    assert reading([], []) == ([], 1)


def test_what_slipped_between_two_pages_is_found_by_the_next_reading() -> None:
    assert reading(["ab", "de"], ["bc", "de"], ["bc", "de"]) == (["a", "b", "d", "e", "c"], 3)


def test_what_comes_twice_is_one() -> None:
    assert reading(["aab", "bc"], ["ab", "c"]) == (["a", "b", "c"], 2)


def test_fewer_than_stated_are_read_again() -> None:
    pages = iter([["a"], ["b"]])
    found = [
        record["id"]
        for page in settled("letters", "id", lambda: iter([[{"id": next(pages)[0]}]]), lambda: 2)
        for record in page
    ]
    assert found == ["a", "b"]


def test_a_list_that_never_stands_still_is_refused() -> None:
    numbers = count()

    def read() -> Iterator[list[Record]]:
        yield [{"id": next(numbers)}]
        yield [{"id": next(numbers)}]

    with pytest.raises(SourceError, match=f"{2 * READINGS} in {READINGS} readings"):
        list(settled("letters", "id", read))
