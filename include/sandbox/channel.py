"""One channel of the sandbox's company: what it holds, how its API answers, what it exports.

A module of `include.sandbox.channels` defines `class Channel(channel.Channel)`; the folder is the
registry. A channel draws its part of the world from `world.rng(name)`, so that a new channel
changes no other. Records lie on shelves; `stand` shows them as they are at a moment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox import defects
from include.sandbox.people import Profiles
from include.sandbox.seasons import DAY
from include.sandbox.shelf import Shelf
from include.sandbox.world import World

if TYPE_CHECKING:
    from include.sandbox.desk import Desk

Counts = dict[str, dict[str, object]]


@dataclass(frozen=True)
class Moment:
    """When the world is looked at, and which defects are in."""

    now: int
    """Epoch second."""
    on: frozenset[str] = frozenset()
    hidden_day: int = 0
    """First second of a day of which nothing is shown, 0 for none."""

    def hides(self, at: int) -> bool:
        """Return whether what happened AT an epoch second is hidden."""
        return 0 < self.hidden_day <= at < self.hidden_day + DAY


class Channel:
    """One source's part of the sandbox."""

    SECRETS: tuple[str, ...] = ()
    """Names of what a caller has to show, such as HARAVAN_TOKEN; the sandbox makes the values."""
    PRIVATE_KEYS: Mapping[str, str] = {}
    """Those of them that are private keys, and the algorithm that callers sign with."""
    CALLS, CALLS_A_SECOND = 100.0, 10.0
    """The vendor's limit: how many calls at once, and how many a second in the long run."""

    MEETS: tuple[str, ...] = ()
    """Other channels without which it has nothing to say."""
    WAIT_SECONDS = 1.0
    """How long a caller who asks too often is told to wait, at least."""

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        self.name = name
        self.world = world
        self.secrets = secrets
        self.shelves: dict[str, Shelf] = {}
        self.marked: dict[str, dict[int, list[str]]] = {}
        """Which defects each record of a stream carries."""
        self.known: list[Profiles] = []
        """What the channel knows of people, and the truth of who they are."""

    def know(self, profiles: Profiles, ids: Iterable[object], **shown: np.ndarray | bool) -> None:
        """Remember whom the channel knows, by the ids under which it shows them.

        SHOWN says of which profiles it shows their `names`, `phones`, `emails` or `birth_years`: all, if
        nothing is said.
        """
        values = {
            name: [value if is_shown else None for value, is_shown in zip(
                getattr(profiles, name), np.broadcast_to(which, len(profiles)).tolist(), strict=True
            )]
            for name, which in shown.items()
        }  # fmt: skip
        self.known.append(replace(profiles, ids=[str(each) for each in ids], **values))

    def meet(self, channels: Mapping[str, "Channel"]) -> None:
        """See the other channels of the company, once all are there."""

    def stand(self, moment: Moment) -> None:
        """Show every shelf as it is at a moment."""

    def routes(self, desk: "Desk") -> APIRouter | None:
        """Return the API's endpoints, mounted at /<name>; None for a channel without an API."""
        return None

    def write(self, home: Path, moment: Moment) -> None:
        """Write the files that the channel exports, whole, to `exports/<name>` in HOME."""

    def allows(self, request: Request) -> bool:
        """Return whether a request shows the right credentials."""
        return True

    def refusal(self, request: Request) -> Response:
        """Return what the vendor answers to dead credentials."""
        return Response(b'{"error":"invalid credentials"}', 401, media_type="application/json")

    def busy(self, retry_after: str) -> Response:
        """Return what the vendor answers to a caller who asks too often."""
        body = b'{"error":"too many requests"}'
        return Response(body, 429, {"Retry-After": retry_after}, media_type="application/json")

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a landed stream's records as the warehouse writes them."""
        shelf = self.shelves[stream]
        return {str(identity) for identity in shelf.ids[shelf.updated_at > 0].tolist()}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what numbers of a stream's records add up to, by their path, from the truth."""
        return {}

    def ledger(self, moment: Moment) -> Counts:
        """Return per stream how much there is."""
        return {
            stream: {"count": int((shelf.updated_at > 0).sum())} | self.sums(stream, moment)
            for stream, shelf in self.shelves.items()
        }

    def dump(self, stream: str, row: int, record: dict) -> bytes:
        """Return a record as JSON, with the defects that it carries."""
        names = self.marked.get(stream, {}).get(row)
        if not names:
            return orjson.dumps(record)
        defects.spoil(record, row, names, f"{self.name}.{stream}")
        return defects.as_bytes(orjson.dumps(record))
