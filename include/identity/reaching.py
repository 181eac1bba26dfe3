"""Which profiles what changed can reach: a day's run asks the rules about these, and nobody else changes.

Who is who depends on what hangs together: by a value that not too many have, by numbers of one full name that
differ in a digit, by what a person decided and by what was scored. From the profiles that changed, that is
followed to its ends, by what they said before and by what they say now; whom it does not reach keeps the
customer that they are. What is reached is whole: each value of it comes with all who have it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Protocol

from include.identity.neighbourhoods import FIRST_DIGIT, NEIGHBOURS, is_number

Value = tuple[str, str]
"""Kind and value."""


class Known(Protocol):
    """Where to ask who says what; before and now are asked together."""

    def values_of(self, profiles: Collection[str], /) -> Mapping[str, Collection[Value]]:
        """Return what each profile is known by, or was before."""

    def holders_of(self, values: Collection[Value], /) -> Mapping[Value, Collection[str]]:
        """Return who is known by each value, or was before."""

    def full_names_of(self, profiles: Collection[str], /) -> Mapping[str, Collection[str]]:
        """Return the full names that each profile has and had; who never had one is left out."""


@dataclass
class Reached:
    """What a change reaches."""

    profiles: set[str] = field(default_factory=set)
    silent: set[Value] = field(default_factory=set)
    """Values of theirs that more have than say anything: nobody is reached by them."""
    strangers: set[str] = field(default_factory=set)
    """Phones of full names that are a digit off one of theirs and lead to nobody: they make it a series."""


def reach(
    changed: Iterable[str], linked: Mapping[str, Set[str]], known: Known, *, value_cap: int, sure: int
) -> Reached:
    """Return what profiles that CHANGED can reach.

    LINKED leads from a profile to those with whom it was decided or scored. A value that more than VALUE_CAP
    unchanged profiles have says nothing, before and now; of up to SURE profiles, it says who somebody is.
    """
    reached, first = Reached(), set(changed)
    frontier, seen = set(first), set()
    while frontier:
        reached.profiles |= frontier
        values = {value for each in known.values_of(frontier).values() for value in each} - seen
        seen |= values
        holders = known.holders_of(values)
        loud = [value for value in sorted(values) if len(set(holders[value]) - first) <= value_cap]
        reached.silent |= values.difference(loud)
        found = {profile for value in loud for profile in holders[value]}
        found |= {other for profile in frontier for other in linked.get(profile, ())}
        phones = [value for value in loud if value[0] == "phone" and is_number(value[1])]
        found |= _slipped(phones, holders, first, known, value_cap, sure, reached.strangers)
        frontier = found - reached.profiles
    return reached


def _slipped(
    phones: Collection[Value], holders: Mapping[Value, Collection[str]], first: Set[str], known: Known,
    value_cap: int, sure: int, strangers: set[str],
) -> set[str]:  # fmt: skip
    """Return the profiles that PHONES lead to by a digit; add the phones that make a series of one."""
    names = known.full_names_of({profile for phone in phones for profile in holders[phone]})
    near = {
        phone: dict(_one_digit_off(phone[1]))
        for phone in phones
        if not names.keys().isdisjoint(holders[phone])
    }
    there = dict(known.holders_of({("phone", other) for others in near.values() for other in others}))
    there |= {phone: holders[phone] for phone in near}
    names = known.full_names_of({profile for found in there.values() for profile in found})
    full = {
        value: {name for profile in found for name in names.get(profile, ())}
        for value, found in there.items()
        if found and len(set(found) - first) <= value_cap
    }
    moved = {value for value, found in there.items() if not first.isdisjoint(found)}
    certain = {value for value in full if full[value] and value not in moved and len(there[value]) <= sure}
    led: set[str] = set()
    for phone, others in near.items():
        if not full.get(phone):
            continue
        groups: dict[int, list[Value]] = defaultdict(list)
        for other, place in others.items():
            if full.get(("phone", other)):
                groups[place].append(("phone", other))
        for group in groups.values():
            if len(certain.intersection([phone, *group])) > NEIGHBOURS:
                leads: Iterable[Value] = ()
            elif moved.isdisjoint([phone, *group]):
                leads = [each for each in group if each not in certain or full[each] & full[phone]]
            else:
                leads = group
            led |= {profile for each in leads for profile in there[each]}
            strangers |= {number for _, number in certain.intersection(group).difference(leads)}
    return led


def _one_digit_off(phone: str) -> Iterator[tuple[str, int]]:
    """Yield the numbers that differ from a phone in one digit behind the country, with the place of it."""
    for place in range(FIRST_DIGIT, len(phone)):
        for digit in "0123456789":
            if digit != phone[place]:
                yield f"{phone[:place]}{digit}{phone[place + 1 :]}", place
