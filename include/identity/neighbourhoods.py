"""Which profiles can have to do with each other at all, before anybody's name is looked at.

Most people are simple: what hangs together by their phones and e-mails has one name. That is found for all at
once, by arrays; only a neighbourhood where names differ, or where a person has decided, needs the rules of
`joining`, link by link. A profile outside a neighbourhood changes nothing in it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, count, islice, repeat
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from include.identity.values import is_full

if TYPE_CHECKING:
    import numpy as np

    from include.identity.joining import Link, Profile

FIRST_DIGIT = 3
"""Where the digits begin that people mistype: behind +84."""
NEIGHBOURS = 3
"""More numbers than this that differ in one place are a series, and no slips."""
PART = 1 << 18
"""Identifiers that are read at a time."""
HALF = 32
"""Bits of a number of 64."""
LOWER = (1 << HALF) - 1
"""The lower ones."""
LONGEST_NUMBER = 18
"""Digits that a whole number of 64 bits holds."""


@dataclass(frozen=True)
class Neighbourhoods:
    """The profiles by neighbourhood, and what they are known by; profiles and values by their numbers."""

    labels: "np.ndarray"
    """By profile: its neighbourhood."""
    is_simple: "np.ndarray"
    """By neighbourhood: whether all of it is one person, without asking anything else."""
    owners: "np.ndarray"
    held: "np.ndarray"
    """The pairs of a profile and a value of it, as far as the value says who somebody is."""
    values: Sequence[tuple[str, str]]
    """Kind and value, by number."""
    slips: "Sequence[Link]"
    """Profiles of one full name whose phone numbers differ in one digit."""


def find(
    known: "Sequence[Profile]", numbers: Mapping[str, int], identifiers: Iterable[tuple[str, str, str]],
    links: "Sequence[Link]", *, value_cap: int, degree_caps: Mapping[str, int], said: Sequence[str],
    sizes: tuple[int, int], generation: int, strangers: Collection[str] = (),
) -> Neighbourhoods:  # fmt: skip
    """Return the neighbourhoods of profiles.

    LINKS join whatever they have; none of theirs is simple. Values of more profiles than VALUE_CAP, or of
    more accounts without a name than DEGREE_CAPS by kind (of kinds that are SAID by a source: with any name),
    say nothing. SIZES are the accounts and the profiles of the largest person; born a GENERATION of years
    apart are two. STRANGERS are phones of full names whose profiles are not here.
    """
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = len(known)
    places: dict[tuple[str, str], int] = defaultdict(count().__next__)
    parts_said = []
    said_of = iter(identifiers)
    # in parts, because millions of them at once would be most of the memory
    while part := list(islice(said_of, PART)):
        owner = np.fromiter(map(numbers.get, map(itemgetter(0), part), repeat(-1)), np.int64, len(part))
        value = np.fromiter(map(places.__getitem__, map(itemgetter(1, 2), part)), np.int64, len(part))
        parts_said.append(owner[owner >= 0] << HALF | value[owner >= 0])
    # both numbers in one, so that a value which is said twice counts once
    pairs = _distinct(np.concatenate(parts_said or [np.empty(0, np.int64)]))
    values, owners, held = list(places), pairs >> HALF, pairs & LOWER
    del pairs, parts_said
    is_account = np.fromiter((not each.is_guest for each in known), bool, size)
    name_places: dict[str, int] = defaultdict(count(1).__next__, {"": 0})
    names = np.fromiter(map(name_places.__getitem__, map(attrgetter("name"), known)), np.int64, size)
    is_said = np.fromiter((kind in said for kind, _ in values), bool, len(values))
    caps = np.fromiter((degree_caps[kind] for kind, _ in values), np.int64, len(values))
    counts = np.bincount(held, minlength=len(values))
    nameless = is_account[owners] & ((names[owners] == 0) | is_said[held])
    accounts = np.bincount(held, nameless, len(values))
    tells = (counts <= value_cap) & (accounts <= caps)
    owners, held = owners[tells[held]], held[tells[held]]
    is_full_name = np.fromiter((is_full(name) for name in name_places), bool, len(name_places))
    full = is_full_name[names[owners]]
    slips = list(_slips(known, owners[full], held[full], values, strangers))
    left, right = np.array([*links, *slips] or np.empty((0, 2)), np.int64).reshape(-1, 2).T
    graph = coo_array(
        (
            np.ones(len(owners) + len(left), bool),
            (
                np.concatenate([owners, left]).astype(np.int32),
                np.concatenate([held + size, right]).astype(np.int32),
            ),
        ),
        shape=(size + len(values),) * 2,
    )
    parts, found = connected_components(graph, directed=False)
    labels = found[:size].astype(np.int64)
    is_named = names > 0
    of_names = np.bincount(_distinct(labels[is_named] << HALF | names[is_named]) >> HALF, minlength=parts)
    most_accounts, most_profiles = sizes
    years = np.fromiter((each.born for each in known), np.int64, size)
    first, last = np.full(parts, np.iinfo(np.int64).max // 2), np.zeros(parts, np.int64)
    np.minimum.at(first, labels[years > 0], years[years > 0])
    np.maximum.at(last, labels, years)
    is_simple = (
        (of_names <= 1)
        & (last - first < generation)
        & (np.bincount(labels, is_account, parts) <= most_accounts)
        & (np.bincount(labels, minlength=parts) <= most_profiles)
    )
    if links:
        is_simple[labels[np.array(links).reshape(-1)]] = False
    return Neighbourhoods(labels, is_simple, owners, held, values, slips)


def _slips(
    known: "Sequence[Profile]",
    owners: "np.ndarray",
    held: "np.ndarray",
    values: Sequence[tuple[str, str]],
    strangers: Collection[str],
) -> "Iterator[Link]":
    """Yield profiles of one full name whose phone numbers differ in one digit, place by place.

    OWNERS have full names; one of each name stands for those who have it.
    """
    import numpy as np

    holders: dict[int, list[int]] = defaultdict(list)
    for owner, place in zip(owners.tolist(), held.tolist(), strict=True):
        holders[place].append(owner)
    here = {
        value: place
        for place in holders
        if (kind_and_value := values[place])[0] == "phone" and is_number(value := kind_and_value[1])
    }
    phones = sorted(dict.fromkeys(strangers, -1) | here)
    if not phones:
        return
    digits = np.array([int(text[1:]) for text in phones], np.int64)
    lengths = np.array([len(text) for text in phones], np.int64)
    for place in range(FIRST_DIGIT, int(lengths.max())):
        rows = np.flatnonzero(lengths > place)
        power = 10 ** (lengths[rows] - 1 - place)
        others = digits[rows] - digits[rows] // power % 10 * power
        by_others = np.lexsort((rows, others, lengths[rows]))
        ordered = rows[by_others]
        is_first = np.ones(len(rows), bool)
        is_first[1:] = (np.diff(others[by_others]) != 0) | (np.diff(lengths[ordered]) != 0)
        begins = np.flatnonzero(is_first)
        counts = np.diff(np.append(begins, len(rows)))
        near = [
            ordered[begin : begin + number].tolist()
            for begin, number in zip(begins.tolist(), counts.tolist(), strict=True)
            if 1 < number <= NEIGHBOURS
        ]
        for group in sorted(near):
            named = [
                {known[owner].name: owner for owner in reversed(holders[here.get(phones[each], -1)])}
                for each in group
            ]
            for ours, theirs in combinations(named, 2):
                if not ours.keys().isdisjoint(theirs):
                    for name in sorted(ours.keys() & theirs.keys()):
                        yield ours[name], theirs[name]


def is_number(phone: str) -> bool:
    """Return whether a phone is compared digit by digit."""
    return phone[1:].isdecimal() and len(phone) <= LONGEST_NUMBER


def _distinct(numbers: "np.ndarray") -> "np.ndarray":
    """Return the distinct numbers in order; sorting them is faster than the hashing of `numpy.unique`."""
    import numpy as np

    ordered = np.sort(numbers)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered
