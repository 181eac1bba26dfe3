"""The sandbox's state: the world, its clock, the defects that are in, and what has been served."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from include.sandbox import channels, defects
from include.sandbox.channel import Counts, Moment
from include.sandbox.seasons import DAY
from include.sandbox.shelf import Shelf
from include.sandbox.world import FUTURE_DAYS, World


class PastTheEnd(Exception):
    """The clock would pass the last day that the world has."""


class EveryKey(dict[str, str]):
    """Secrets that are all the same, as tests use them, but for private keys."""

    def __missing__(self, name: str) -> str:
        """Return the one key that opens everything."""
        return channels.private_key(name) or "key"


class Stage:
    """Shows the world as it is at `now`, an epoch second.

    HOME gets the inbox and the exports; CHOSEN limits the channels that are built.
    """

    def __init__(
        self, world: World, home: Path, on: tuple[str, ...] = (), *,
        secrets: Mapping[str, str] | None = None, chosen: Iterable[str] | None = None,
    ) -> None:  # fmt: skip
        self.world = world
        self.home = home
        self.now = world.end
        self.on: list[str] = []
        self.hidden_day = 0
        self.channels = channels.build(world, EveryKey() if secrets is None else secrets, chosen)
        self._stand()
        for name in on:
            self._mark(name)
        self._stand()
        self._write()

    @property
    def moment(self) -> Moment:
        """Return the clock and the defects as channels look at them."""
        return Moment(self.now, frozenset(self.on), self.hidden_day)

    def shelf(self, stream: str) -> Shelf:
        """Return a stream's shelf, such as that of `haravan.orders`.

        Raises:
            KeyError: there is no such stream.
        """
        source, name = stream.split(".", 1)
        return self.channels[source].shelves[name]

    def ledger(self) -> dict[str, Counts]:
        """Return per source and stream how much there is, counted from the truth.

        Sums are of the records as they are without defects; a defect that hides or adds counts.
        """
        return {name: channel.ledger(self.moment) for name, channel in self.channels.items()}

    def served(self) -> dict[str, dict[str, object]]:
        """Return per stream the ids that went out, how often each, and how many there are."""
        return {
            f"{name}.{stream}": {
                "count": len(shelf.served),
                "ids": {str(key): count for key, count in shelf.served.items()},
            }
            for name, channel in self.channels.items()
            for stream, shelf in channel.shelves.items()
        }

    @property
    def _days_gone(self) -> int:
        return (self.now - self.world.end) // DAY

    def advance(self, days: int) -> None:
        """Let days pass, to the last second of a day.

        Raises:
            PastTheEnd: the world has no day as late as that.
        """
        left = FUTURE_DAYS - self._days_gone
        if not 1 <= days <= left:
            raise PastTheEnd(f"{days} days cannot pass: {left} are left to play.")
        self.now = self.world.end + (self._days_gone + days) * DAY
        self._stand()
        self._write()

    def switch(self, name: str, on: bool) -> None:
        """Put a defect in, or take it out; either changes the records that it concerns.

        Raises:
            KeyError: there is no such defect.
        """
        if name not in defects.NAMES:
            raise KeyError(f"{name} is no defect: choose one of {', '.join(defects.NAMES)}.")
        if on != (name in self.on):
            self.now += 1
            self._mark(name) if on else self._clear(name)
            self._stand()
            self._write()

    def _mark(self, name: str) -> None:
        self.on.append(name)
        if name == "day_without_orders":
            tomorrow = self.world.end + 1 + self._days_gone * DAY
            # what was served cannot be taken back: then the empty day is still to come
            is_served = bool(self.shelf("haravan.orders").served)
            self.hidden_day = tomorrow if is_served else tomorrow - 4 * DAY
        for stream in self._spoiled_by(name):
            source, resource = stream.split(".", 1)
            shelf = self.shelf(stream)
            marked = self.channels[source].marked.setdefault(resource, {})
            rows = defects.hit_rows(name, stream, shelf.updated_at, self.now)
            for row in rows.tolist():
                marked.setdefault(row, []).append(name)
            shelf.touched_at[rows] = self.now

    def _clear(self, name: str) -> None:
        self.on.remove(name)
        if name == "day_without_orders":
            self.hidden_day = 0
        for stream in self._spoiled_by(name):
            source, resource = stream.split(".", 1)
            for row, names in self.channels[source].marked.get(resource, {}).items():
                if name in names:
                    names.remove(name)
                    self.shelf(stream).touched_at[row] = self.now

    def _spoiled_by(self, name: str) -> list[str]:
        streams = defects.RECORD_DEFECTS.get(name, {})
        return [stream for stream in streams if stream.split(".")[0] in self.channels]

    def _stand(self) -> None:
        for channel in self.channels.values():
            channel.stand(self.moment)

    def _write(self) -> None:
        for channel in self.channels.values():
            channel.write(self.home, self.moment)
