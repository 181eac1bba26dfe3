"""Which profiles are one person, as a pure function of what they say.

A strong identifier joins profiles whose names can be of one person: a phone is often a family's, and a
mistyped one a stranger's. Profiles without a name, such as a guest's order, follow the identifier to the
one person whom they can be; where it may be several, they stay apart. A number of which one digit differs
joins the same name. What its source says itself, a loyalty number or that two were merged, needs no name.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from include.identity.values import names_agree

DEGREE_CAP = {"phone": 6, "email": 6, "loyalty_id": 6, "merged_id": 6}
"""How many accounts without a name may share a value before it says nothing about who they are."""
FAMILY = 3
"""The same for persons of different names."""
VALUE_CAP = 50
"""The same for profiles of any kind: every order without an account is one, and a loyal guest has many."""
GUESTS = ("guest:", "receipt:", "person:")
"""How staging begins the id of a profile that is an order, a receipt or an answer, and no account."""
COMPONENT_CAP = 25
"""A component of more accounts is an accident: it stays apart, and is logged."""
SAID_BY_SOURCE = ("loyalty_id", "merged_id")
"""Identifiers that a source gives to one person, whatever name was typed."""
FULL_NAME = 3
"""Words of a name with which a phone number of which one digit differs is a slip."""
FIRST_DIGIT = 3
"""Where the digits begin that people mistype: behind +84."""
NEIGHBOURS = 20
"""More numbers than this that differ in one place are a company's series."""

Link = tuple[int, int]


@dataclass(frozen=True)
class Profile:
    """A profile of a source, and when the warehouse first met it."""

    identifier_key: str
    source_key: str
    profile_id: str
    seen_at: datetime | None
    """When the customer is first known to have been there; an older order may move it back."""
    first_batch_id: int
    arrived_at: datetime | None = None
    """`seen_at` as it was when the profile arrived, which never moves."""
    own_key: str | None = None
    """The key of a customer whose oldest profile it is; None before it was given one."""
    name: str = ""
    """As `values.normalise_name` gives it."""

    @property
    def is_guest(self) -> bool:
        """Whether it is one order, receipt or answer of somebody without an account."""
        return self.profile_id.startswith(GUESTS)

    @property
    def age(self) -> tuple[int, str, str]:
        """Order of arrival: oldest first, stable for ever."""
        arrived_at = self.arrived_at or self.seen_at
        arrived = arrived_at.isoformat() if arrived_at else "9999"
        return self.first_batch_id, arrived, self.identifier_key


def customer_keys(
    profiles: Iterable[Profile], identifiers: Iterable[tuple[str, str, str]]
) -> dict[str, tuple[str, str]]:
    """Return (customer_key, rule) by identifier_key; each profile has its own key.

    `identifiers` are (identifier_key, type, normalised value), blocked values already left out.
    """
    known = sorted(profiles, key=lambda profile: profile.identifier_key)
    labels, ambiguous = _persons(known, list(_holders(known, identifiers)))
    members: dict[int, list[Profile]] = defaultdict(list)
    for label, profile in zip(labels, known, strict=True):
        members[label].append(profile)
    answer = {}
    for label, component in members.items():
        accounts = sum(not profile.is_guest for profile in component)
        groups = [component] if accounts <= COMPONENT_CAP else [[each] for each in component]
        rule = "alone" if len(component) == 1 else "strong" if len(groups) == 1 else "component_cap"
        if label in ambiguous and rule != "component_cap":
            rule = "ambiguous"
        for group in groups:
            oldest = min(group, key=lambda profile: profile.age)
            answer |= {profile.identifier_key: (oldest.own_key, rule) for profile in group}
    return answer


def _holders(
    known: Sequence[Profile], identifiers: Iterable[tuple[str, str, str]]
) -> Iterator[tuple[str, str, list[int]]]:
    """Yield the identifiers that say who somebody is, each with the numbers of its profiles."""
    numbers = {profile.identifier_key: number for number, profile in enumerate(known)}
    holders: dict[tuple[str, str], set[int]] = defaultdict(set)
    for key, kind, value in identifiers:
        if key in numbers:
            holders[kind, value].add(numbers[key])
    for (kind, value), found in sorted(holders.items()):
        accounts = sum(not (known[number].is_guest or known[number].name) for number in found)
        if len(found) <= VALUE_CAP and accounts <= DEGREE_CAP[kind]:
            yield kind, value, sorted(found)


def _persons(
    known: Sequence[Profile], holders: Sequence[tuple[str, str, list[int]]]
) -> tuple[list[int], set[int]]:
    """Return a label for each profile, alike where they are one person, and the ambiguous labels."""
    named: list[Link] = []
    nameless: list[Link] = []
    around: list[Link] = []
    for kind, _, found in holders:
        if kind in SAID_BY_SOURCE:
            named += _star(found)
            continue
        by_name: dict[str, list[int]] = defaultdict(list)
        for number in found:
            by_name[known[number].name].append(number)
        without = by_name.pop("", [])
        persons = _agreeing(by_name)
        if len(persons) > FAMILY:
            continue
        nameless += _star(without)
        for group in persons:
            named += _star(group)
            around += [(number, group[0]) for number in without]
    named += _slips(known, holders)
    labels = _components(len(known), named)
    return _follow(known, labels, nameless, around)


def _star(numbers: Sequence[int]) -> list[Link]:
    return [(numbers[0], other) for other in numbers[1:]]


def _agreeing(by_name: dict[str, list[int]]) -> list[list[int]]:
    """Return the profiles of one identifier, together where their names can be of one person."""
    names = list(by_name)
    if len(names) < 2:
        return list(by_name.values())
    links = [(a, b) for a, b in combinations(range(len(names)), 2) if names_agree(names[a], names[b])]
    groups: dict[int, list[int]] = defaultdict(list)
    for label, name in zip(_components(len(names), links), names, strict=True):
        groups[label] += by_name[name]
    return list(groups.values())


def _slips(known: Sequence[Profile], holders: Sequence[tuple[str, str, list[int]]]) -> Iterator[Link]:
    """Yield profiles of one full name whose phone numbers differ in one digit."""
    near: dict[str, list[tuple[str, list[int]]]] = defaultdict(list)
    for kind, value, found in holders:
        full = [number for number in found if known[number].name.count(" ") >= FULL_NAME - 1]
        if kind == "phone" and full:
            for place in range(FIRST_DIGIT, len(value)):
                near[f"{value[:place]}*{value[place + 1 :]}"].append((value, full))
    for alike in near.values():
        if 1 < len(alike) <= NEIGHBOURS:
            for (_, ours), (_, theirs) in combinations(alike, 2):
                for one in ours:
                    for other in theirs:
                        if known[one].name == known[other].name:
                            yield one, other


def _follow(
    known: Sequence[Profile], labels: list[int], nameless: Sequence[Link], around: Sequence[Link]
) -> tuple[list[int], set[int]]:
    """Let persons without a name follow their identifiers to the one whom they can be."""
    names: dict[int, set[str]] = defaultdict(set)
    for label, profile in zip(labels, known, strict=True):
        if profile.name:
            names[label].add(profile.name)
    size = max(labels, default=-1) + 1
    between = [(labels[a], labels[b]) for a, b in nameless]
    links = [(a, b) for a, b in between if a not in names and b not in names]
    groups = _components(size, links)
    reached: dict[int, set[int]] = defaultdict(set)
    for one, other in (*((labels[a], labels[b]) for a, b in around), *between):
        for ours, theirs in ((one, other), (other, one)):
            if ours not in names and theirs in names:
                reached[groups[ours]].add(theirs)
    first = {group: label for label, group in reversed(list(enumerate(groups)))}
    ambiguous: set[int] = set()
    for group, persons in reached.items():
        said = sorted(set().union(*(names[person] for person in persons)))
        if len(persons) == 1 or all(names_agree(a, b) for a, b in combinations(said, 2)):
            links += [(first[group], person) for person in persons]
        else:
            ambiguous.add(first[group])
    joined = _components(size, links)
    return [joined[label] for label in labels], {joined[label] for label in ambiguous}


def _components(size: int, links: Sequence[Link]) -> list[int]:
    """Return a label for each of SIZE numbers, alike where links lead from one to the other."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not links:
        return list(range(size))
    left, right = zip(*links, strict=True)
    graph = coo_array(([True] * len(left), (left, right)), shape=(size, size))
    return connected_components(graph, directed=False)[1].tolist()
