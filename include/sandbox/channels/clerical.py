"""Two thousand pairs of profiles that clerks have compared: of one person, or of two who look alike.

They compared what a person can: profiles that share a phone or a mailbox, however it is written, and, one
in five, those of one name only. They knew more than the profiles show, and made no mistake.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.exports import folder, replace
from include.sandbox.people import fold
from include.sandbox.seasons import DAY, local_text
from include.sandbox.world import World

PAIRS = 2000
OF_NAME = 0.2
CROWD = 20
"""Nobody compares the profiles of a value that more than this share: a hotline, the shop's own number."""
HEADER = "pair_no,one,other,is_one_person,labelled_on"


class Pair(NamedTuple):
    """Two profiles, and when the younger was there to be compared."""

    one: str
    other: str
    is_one_person: bool
    at: int


class Channel(channel.Channel):
    """The clerks' file."""

    ONLY_FILES = True
    MEETS = ("haravan", "zendesk")

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.pairs: list[Pair] = []
        self._now = world.end

    def meet(self, channels: Mapping[str, channel.Channel]) -> None:
        """Compare profiles of the other channels."""
        rng = self.world.rng(self.name)
        of_name = self._drawn(rng, list(_alike(channels, _names)), round(OF_NAME * PAIRS))
        of_contact = self._drawn(rng, list(_alike(channels, _contacts)), PAIRS - len(of_name))
        self.pairs = sorted({(pair.one, pair.other): pair for pair in (*of_contact, *of_name)}.values())

    @staticmethod
    def _drawn(rng: np.random.Generator, pairs: list[Pair], count: int) -> list[Pair]:
        pairs = sorted(set(pairs))
        chosen = rng.permutation(len(pairs))[:count]
        return [pairs[place] for place in chosen.tolist()]

    def stand(self, moment: Moment) -> None:
        """Remember when it is: the file is written from the pairs."""
        self._now = moment.now

    def _shown(self) -> list[tuple[int, Pair]]:
        """Return the pairs that are labelled by now, numbered for ever."""
        return [(n, pair) for n, pair in enumerate(self.pairs, 1) if pair.at + DAY <= self._now]

    def write(self, home: Path, moment: Moment) -> None:
        """Write the file whole."""
        lines = [HEADER]
        for number, pair in self._shown():
            answer = "yes" if pair.is_one_person else "no"
            lines.append(f"{number},{pair.one},{pair.other},{answer},{local_text(pair.at + DAY)[:10]}")
        replace(folder(home, self.name) / "pairs.csv", ("\n".join(lines) + "\n").encode())

    def keys(self, stream: str) -> set[str]:
        """Return the numbers of the pairs that are labelled."""
        return {f"pairs.csv/{number}" for number, _ in self._shown()}

    def ledger(self, moment: Moment) -> channel.Counts:
        """Return how many pairs there are."""
        return {"pairs": {"count": len(self._shown())}}


def _contacts(name: str | None, phone: str | None, email: str | None) -> Iterator[str]:
    digits = re.sub(r"[^0-9]", "", phone or "").removeprefix("84").removeprefix("0")
    if len(digits) >= 9:
        yield digits[-9:]
    if email:
        local, _, domain = email.lower().partition("@")
        yield f"{local.partition('+')[0]}@{domain}"


def _names(name: str | None, phone: str | None, email: str | None) -> Iterator[str]:
    if name and len(words := fold(name).lower().split()) > 2:
        yield " ".join(sorted(words))


def _alike(
    channels: Mapping[str, channel.Channel],
    shown: Callable[[str | None, str | None, str | None], Iterator[str]],
) -> Iterator[Pair]:
    """Yield the pairs of profiles that share a value that is SHOWN."""
    holders: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for source, each in sorted(channels.items()):
        for known in each.known:
            for name, phone, email, person, at, key in zip(
                known.names, known.phones, known.emails, known.person.tolist(), known.created_at.tolist(),
                known.ids, strict=True,
            ):  # fmt: skip
                for value in shown(name, phone, email):
                    holders[value].append((f"{source}:{key}", person, at))
    for found in holders.values():
        if len(found) <= CROWD:
            for (one, ours, since), (other, theirs, later) in combinations(sorted(set(found)), 2):
                if one != other:
                    yield Pair(one, other, ours == theirs, max(since, later))
