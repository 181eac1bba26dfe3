"""Who is who in the company: what the pipeline never sees, and is measured against.

A pair of profiles of one person is *linkable* where a chain of clean identifiers leads from one to the
other: the person's own phone number, whichever spelling, and the person's own mailbox, whichever
capitals and tags, also with a slip in its domain.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import networkx as nx

from include.sandbox.channel import Channel
from include.sandbox.people import MISTYPED_DOMAINS, OLD_PREFIXES, Person
from include.sandbox.world import World


@dataclass(frozen=True)
class Known:
    """One profile, as a source shows it, and whose it is."""

    source: str
    identifier: str
    person: int
    name: str | None
    phone: str | None
    email: str | None
    birth_year: int | None

    @property
    def key(self) -> str:
        """Return the name by which the warehouse knows the profile."""
        return f"{self.source}:{self.identifier}"


def profiles(channels: Mapping[str, Channel]) -> Iterator[Known]:
    """Yield every profile that a channel shows of somebody."""
    for source, channel in channels.items():
        for known in channel.known:
            for values in zip(
                known.ids, known.person.tolist(), known.names, known.phones, known.emails,
                known.birth_years, strict=True,
            ):  # fmt: skip
                yield Known(source, *values)


def linkable(world: World, known: Iterable[Known]) -> dict[str, int]:
    """Return a number for each profile, alike where a chain of clean identifiers joins them."""
    chain = nx.Graph()
    for profile in known:
        chain.add_node(profile.key)
        person = world.people[profile.person]
        phone, mailbox = _own_number(profile.phone, person), _own_mailbox(profile.email, person)
        for value in filter(None, (phone, mailbox)):
            # two persons never share a node, though parent and child share a number
            chain.add_edge(profile.key, (profile.person, value))
    numbers = {}
    for number, component in enumerate(nx.connected_components(chain)):
        numbers |= {key: number for key in component if isinstance(key, str)}
    return numbers


def _own_number(phone: str | None, person: Person) -> str | None:
    """Return which of a person's own numbers was written, if it was one."""
    digits = re.sub(r"\D", "", phone or "")
    national = digits.removeprefix("84").removeprefix("0")
    return next(
        (
            own for own in (person.phone, person.former_phone)
            if own and national in (own, OLD_PREFIXES.get(own[:2], "") + own[2:])
        ),
        None,
    )  # fmt: skip


def _own_mailbox(email: str | None, person: Person) -> str | None:
    """Return a person's address where it was written, also where its domain was mistyped."""
    if not email:
        return None
    local, _, domain = email.lower().partition("@")
    own_local, _, own_domain = person.email.partition("@")
    is_own = domain == own_domain or (own_domain == "gmail.com" and domain in MISTYPED_DOMAINS)
    return person.email if is_own and local.split("+")[0] == own_local else None


@dataclass(frozen=True)
class Agreement:
    """How many pairs of profiles are one person by an answer, by the truth, and by both."""

    found: int
    true: int
    right: int

    @property
    def precision(self) -> float:
        """Return the share of the pairs found that are true."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Return the share of the true pairs that were found."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return 2 * self.right / (self.found + self.true) if self.found + self.true else 1.0


def agreement(answer: Mapping[str, object], truth: Mapping[str, object]) -> Agreement:
    """Compare two labellings pair by pair, over the keys that both have."""
    both = answer.keys() & truth.keys()
    found, true, right = (
        sum(count * (count - 1) // 2 for count in Counter(labels).values())
        for labels in (
            [answer[key] for key in both],
            [truth[key] for key in both],
            [(answer[key], truth[key]) for key in both],
        )
    )
    return Agreement(found, true, right)


def clusters(answer: Mapping[str, object], truth: Mapping[str, object]) -> Agreement:
    """Compare two labellings cluster by cluster: a cluster is right where it is the same in both."""
    both = answer.keys() & truth.keys()

    def groups(labels: Mapping[str, object]) -> set[frozenset[str]]:
        members = defaultdict(set)
        for key in both:
            members[labels[key]].add(key)
        return set(map(frozenset, members.values()))

    ours, theirs = groups(answer), groups(truth)
    return Agreement(len(ours), len(theirs), len(ours & theirs))
