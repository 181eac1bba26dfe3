"""Which profiles are one person, as a pure function of what they say.

A strong identifier joins profiles whose names can be of one person: a phone is often a family's, and a
mistyped one a stranger's. Profiles without a name, such as a guest's order, follow the identifier to the
one person whom they can be; where it may be several, they are a customer of their own. A number of which
one digit differs joins the same full name. What its source says itself, a loyalty number or that two were
merged, needs no name. What a person has decided of two profiles wins over all of it.

Links are in the order of their identifiers, and what is not one is kept apart in that order: the answer
depends on the profiles, and not on the order in which they arrive.
"""

import gc
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from math import inf
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from include.identity import neighbourhoods
from include.identity.values import names_agree

if TYPE_CHECKING:
    import numpy as np

DEGREE_CAP = {"phone": 6, "email": 6, "loyalty_id": 6, "merged_id": 6}
"""How many accounts without a name may share a value before it says nothing about who they are.

Of what a source says itself, how many of any name.
"""
FAMILY = 3
"""The same for persons of different names."""
VALUE_CAP = 50
"""The same for profiles of any kind: every order without an account is one, and a loyal guest has many."""
GUESTS = ("guest:", "receipt:", "person:")
"""How staging begins the id of a profile that is an order, a receipt or an answer, and no account."""
COMPONENT_CAP, MEMBER_CAP = 25, 100
"""A component of more accounts, or of more profiles of any kind, is an accident: it falls apart."""
OFFERED_YEARS = frozenset((1900, 1970, 1980, 1990, 2000))
"""What stands in a form before anybody has chosen."""
GENERATION = 15
"""Years of birth that lie so far apart are of two people, of whatever name: a parent and a child."""
SAID_BY_SOURCE = ("loyalty_id", "merged_id")
"""Identifiers that a source gives to one person, whatever name was typed."""
Link = tuple[int, int]


class Decision(NamedTuple):
    """What a person has decided of two profiles."""

    one: str
    other: str
    is_one_person: bool


class Profile(NamedTuple):
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
    birth_year: int | None = None

    @property
    def born(self) -> int:
        """The year of birth as far as it tells people apart, else 0: forms offer some years by themselves."""
        return 0 if self.birth_year in OFFERED_YEARS else self.birth_year or 0

    @property
    def is_guest(self) -> bool:
        """Whether it is one order, receipt or answer of somebody without an account."""
        return self.profile_id.startswith(GUESTS)

    @property
    def age(self) -> tuple[int, float, str]:
        """Order of arrival: oldest first, stable for ever."""
        arrived_at = self.arrived_at or self.seen_at
        return self.first_batch_id, arrived_at.timestamp() if arrived_at else inf, self.identifier_key


OLDEST = attrgetter("age")


def customer_keys(
    profiles: Iterable[Profile], identifiers: Iterable[tuple[str, str, str]],
    decisions: Iterable[Decision] = (), likely: Iterable[tuple[str, str]] = (),
    strangers: Collection[str] = (),
) -> dict[str, tuple[str, str]]:  # fmt: skip
    """Return (customer_key, rule) by identifier_key; each profile has its own key.

    `identifiers` are (identifier_key, type, normalised value), blocked values already left out. A decision
    of a profile that is gone waits for it to come back. `likely` are pairs that are one for what they say,
    the likeliest first. `strangers` are phones of full names whose profiles are not among these.
    """
    with uncollected():
        known = sorted(profiles, key=attrgetter("identifier_key"))
        return _customer_keys(known, identifiers, decisions, likely, strangers)


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of cycles away: tuples have none, and it would read millions again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _customer_keys(
    known: Sequence[Profile], identifiers: Iterable[tuple[str, str, str]], decisions: Iterable[Decision],
    likely: Iterable[tuple[str, str]], strangers: Collection[str],
) -> dict[str, tuple[str, str]]:  # fmt: skip
    numbers = {profile.identifier_key: number for number, profile in enumerate(known)}
    decided = [each for each in sorted(decisions) if each.one in numbers and each.other in numbers]
    alike = [pair for pair in likely if pair[0] in numbers and pair[1] in numbers]
    around = neighbourhoods.find(
        known, numbers, identifiers,
        [(numbers[one], numbers[other]) for one, other, *_ in (*decided, *alike)],
        value_cap=VALUE_CAP, degree_caps=DEGREE_CAP, said=SAID_BY_SOURCE, sizes=(COMPONENT_CAP, MEMBER_CAP),
        generation=GENERATION, strangers=strangers,
    )  # fmt: skip
    simple = around.is_simple[around.labels]
    answer = _whole(known, around.labels, simple.nonzero()[0])
    rest = (~simple).nonzero()[0].tolist()
    if rest:
        are_theirs = ~simple[around.owners]
        held = [
            (known[owner].identifier_key, *around.values[value])
            for owner, value in zip(
                around.owners[are_theirs].tolist(), around.held[are_theirs].tolist(), strict=True
            )
        ]
        places = {number: place for place, number in enumerate(rest)}
        slips = [(places[one], places[other]) for one, other in around.slips if one in places]
        answer |= by_rules([known[number] for number in rest], held, decided, alike, slips)
    return answer


def _whole(
    known: Sequence[Profile], labels: "np.ndarray", chosen: "np.ndarray"
) -> dict[str, tuple[str, str]]:
    """Return the answer for profiles of whom each neighbourhood is one person."""
    import numpy as np

    members = [known[number] for number in chosen.tolist()]
    # members are in the order of their keys, which tells the age of those who arrived together
    batches = np.fromiter((each.first_batch_id for each in members), np.int64, len(members))
    arrivals = np.fromiter((each.age[1] for each in members), np.float64, len(members))
    order = np.lexsort((arrivals, batches, labels[chosen]))
    counts = np.unique(labels[chosen], return_counts=True)[1]
    oldest = order[np.cumsum(counts) - counts]
    answer, begin = {}, 0
    for first, size in zip(oldest.tolist(), counts.tolist(), strict=True):
        given = members[first].own_key, "alone" if size == 1 else "strong"
        for place in order[begin : begin + size].tolist():
            answer[members[place].identifier_key] = given
        begin += size
    return answer


def by_rules(
    known: Sequence[Profile], identifiers: Iterable[tuple[str, str, str]], decided: Sequence[Decision],
    likely: Iterable[tuple[str, str]], slips: Sequence[Link],
) -> dict[str, tuple[str, str]]:  # fmt: skip
    """Return (customer_key, rule) by identifier_key of profiles in the order of their keys, link by link."""
    numbers = {profile.identifier_key: number for number, profile in enumerate(known)}
    together, apart = (
        [(numbers[each.one], numbers[each.other]) for each in decided if each.is_one_person is wanted]
        for wanted in (True, False)
    )
    holders = list(_holders(known, numbers, identifiers))
    alike = [(numbers[one], numbers[other]) for one, other in likely]
    labels, ambiguous = _persons(
        known, holders, together, [*apart, *_generations(known, holders)], (*slips, *alike)
    )
    resembling = {labels[one] for one, other in alike if labels[one] == labels[other]}
    kept = _components(len(known), together, Bounds())
    touched = {labels[number] for link in (*together, *apart) for number in link}
    members: dict[int, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        members[label].append(number)
    answer = {}
    for label, component in members.items():
        groups, rule = [component], "alone" if len(component) == 1 else "strong"
        accounts = sum(not known[number].is_guest for number in component)
        if accounts > COMPONENT_CAP or len(component) > MEMBER_CAP:
            alone: dict[int, list[int]] = defaultdict(list)
            for number in component:
                alone[kept[number]].append(number)
            groups, rule = list(alone.values()), "component_cap"
        elif label in ambiguous:
            rule = "ambiguous"
        elif label in resembling:
            rule = "likely"
        if label in touched:
            rule = "decided"
        for group in groups:
            oldest = min((known[number] for number in group), key=OLDEST)
            answer |= {known[number].identifier_key: (oldest.own_key, rule) for number in group}
    return answer


def _holders(
    known: Sequence[Profile], numbers: Mapping[str, int], identifiers: Iterable[tuple[str, str, str]]
) -> Iterator[tuple[str, str, list[int]]]:
    """Yield the identifiers that say who somebody is, each with the numbers of its profiles."""
    holders: dict[tuple[str, str], set[int]] = defaultdict(set)
    for key, kind, value in identifiers:
        if key in numbers:
            holders[kind, value].add(numbers[key])
    for (kind, value), found in sorted(holders.items()):
        is_said = kind in SAID_BY_SOURCE
        accounts = sum(not known[number].is_guest and (is_said or not known[number].name) for number in found)
        if len(found) <= VALUE_CAP and accounts <= DEGREE_CAP[kind]:
            yield kind, value, sorted(found)


def _persons(
    known: Sequence[Profile], holders: Sequence[tuple[str, str, list[int]]], together: Sequence[Link],
    apart: Sequence[Link], last: Sequence[Link],
) -> tuple[list[int], set[int]]:  # fmt: skip
    """Return a label for each profile, alike where they are one person, and the ambiguous labels.

    What a person has decided, that two are one or are not, goes before everything else; LAST go links that no
    shared value makes.
    """
    named = list(together)
    for kind, _, found in holders:
        named += _star(found) if kind in SAID_BY_SOURCE else ()
    sure, own = len(named), {number: (each.name,) for number, each in enumerate(known) if each.name}
    labels = _components(len(known), named, Bounds(apart))
    said = _by_label(own, labels)
    nameless: list[Link] = []
    around: list[Link] = []
    for kind, _, found in holders:
        if kind in SAID_BY_SOURCE:
            continue
        by_name: dict[str, list[int]] = defaultdict(list)
        for number in found:
            by_name[_name(known[number], said.get(labels[number], ()))].append(number)
        without = by_name.pop("", [])
        persons = _agreeing(by_name)
        if len(persons) > FAMILY:
            continue
        nameless += _star(without)
        for group in persons:
            named += _star(group)
            around += [(number, group[0]) for number in without]
    named += last
    labels = _components(len(known), named, Bounds(apart, own, sure))
    return _follow(labels, _by_label(own, labels), nameless, around, apart)


def _generations(known: Sequence[Profile], holders: Sequence[tuple[str, str, list[int]]]) -> Iterator[Link]:
    """Yield profiles that share a phone or an e-mail and were born too far apart to be one."""
    for kind, _, found in holders:
        if kind not in SAID_BY_SOURCE:
            dated = [number for number in found if known[number].born]
            for one, other in combinations(dated, 2):
                if abs(known[one].born - known[other].born) >= GENERATION:
                    yield one, other


def _by_label(names: Mapping[int, Collection[str]], labels: Sequence[int]) -> dict[int, set[str]]:
    """Return the names of whoever has a label."""
    said: dict[int, set[str]] = defaultdict(set)
    for number, each in names.items():
        said[labels[number]].update(each)
    return dict(said)


def _name(profile: Profile, said: Collection[str]) -> str:
    """Return a profile's name: its own, or the only one that is SAID of who it is by its source."""
    return profile.name or (next(iter(said)) if len(said) == 1 else "")


def _star(numbers: Sequence[int]) -> list[Link]:
    return [(numbers[0], other) for other in numbers[1:]]


def _agreeing(by_name: Mapping[str, list[int]]) -> list[list[int]]:
    """Return the profiles of one identifier, together where their names can be of one person.

    A name joins those with all of whom it agrees, the fullest first; one that may be of several is of none.
    """
    persons: list[list[str]] = []
    for name in sorted(by_name, key=lambda name: (-name.count(" "), name)):
        fitting = [names for names in persons if all(names_agree(name, other) for other in names)]
        if len(fitting) == 1:
            fitting[0].append(name)
        else:
            persons.append([name])
    return [[number for name in names for number in by_name[name]] for names in persons]


def _follow(
    labels: list[int], names: Mapping[int, set[str]], nameless: Sequence[Link], around: Sequence[Link],
    apart: Sequence[Link],
) -> tuple[list[int], set[int]]:  # fmt: skip
    """Let persons without a name, of NAMES by label, follow their identifiers to the one whom they can be."""
    size = max(labels, default=-1) + 1
    between = [(labels[a], labels[b]) for a, b in nameless]
    links = [(a, b) for a, b in between if a not in names and b not in names]
    bounds = Bounds([(labels[a], labels[b]) for a, b in apart], names)
    groups = _components(size, links, bounds)
    reached: dict[int, set[int]] = defaultdict(set)
    for one, other in (*((labels[a], labels[b]) for a, b in around), *between):
        for ours, theirs in ((one, other), (other, one)):
            if theirs in names and ours not in names:
                reached[groups[ours]].add(theirs)
    first = {group: label for label, group in reversed(list(enumerate(groups)))}
    ambiguous: set[int] = set()
    for group, persons in reached.items():
        if _agree(*(names[person] for person in persons)):
            links += [(first[group], person) for person in sorted(persons)]
        else:
            ambiguous.add(first[group])
    joined = _components(size, links, bounds)
    return [joined[label] for label in labels], {joined[label] for label in ambiguous}


def _agree(*persons: set[str]) -> bool:
    """Return whether several persons can be one, by the names that each has."""
    return all(names_agree(a, b) for ours, theirs in combinations(persons, 2) for a in ours for b in theirs)


def _fit(ours: set[str], theirs: set[str]) -> bool:
    """Return whether two persons can be one; who has several names, as somebody said, fits by any of them."""
    if _agree(ours, theirs):
        return True
    is_said = any(not _agree(*({name} for name in names)) for names in (ours, theirs))
    return is_said and any(names_agree(a, b) for a in ours for b in theirs)


@dataclass(frozen=True)
class Bounds:
    """What does not become one, whichever way links lead: who is apart, and whose names cannot be one's."""

    apart: Sequence[Link] = ()
    names: Mapping[int, Collection[str]] = field(default_factory=dict)
    """By number; who has none agrees with all."""
    sure: int = 0
    """How many links, the first ones, hold whatever the names are."""


def _components(size: int, links: Sequence[Link], bounds: Bounds) -> list[int]:
    """Return a label for each of SIZE numbers, alike where links lead from one to the other.

    Where that would join what is not one, those links are left out that come last.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not links:
        return list(range(size))
    left, right = zip(*links, strict=True)
    graph = coo_array(([True] * len(left), (left, right)), shape=(size, size))
    labels = connected_components(graph, directed=False)[1].tolist()
    torn = {
        label for label, names in _by_label(bounds.names, labels).items()
        if len(names) > 1 and not _agree(*({name} for name in sorted(names)))
    }  # fmt: skip
    torn |= {labels[one] for one, other in bounds.apart if labels[one] == labels[other]}
    return _torn(labels, torn, links, bounds) if torn else labels


def _torn(labels: list[int], torn: set[int], links: Sequence[Link], bounds: Bounds) -> list[int]:
    """Return labels anew for components that hold what is not one, link by link."""
    side = {number: number for number, label in enumerate(labels) if label in torn}
    members = {number: [number] for number in side}
    names = {number: set(bounds.names.get(number, ())) for number in side}
    foes: dict[int, set[int]] = defaultdict(set)
    for one, other in bounds.apart:
        if one in side and other in side:
            foes[one].add(other)
            foes[other].add(one)
    for place, (one, other) in enumerate(links):
        if labels[one] not in torn:
            continue
        ours, theirs = side[one], side[other]
        if ours == theirs or any(side[foe] == theirs for each in members[ours] for foe in foes[each]):
            continue
        if place >= bounds.sure and not _fit(names[ours], names[theirs]):
            continue
        for number in members[theirs]:
            side[number] = ours
        members[ours] += members.pop(theirs)
        names[ours] = names[ours] | names.pop(theirs)
    first = max(labels) + 1
    return [first + side[number] if number in side else label for number, label in enumerate(labels)]
