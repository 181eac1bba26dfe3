"""The sandbox's state: the world, its clock, the defects that are in, and what has been served."""

from pathlib import Path

import numpy as np

from include.sandbox import defects
from include.sandbox.files import write_inbox
from include.sandbox.haravan import Haravan
from include.sandbox.seasons import DAY
from include.sandbox.shelf import Shelf
from include.sandbox.world import FUTURE_DAYS, World
from include.sandbox.zendesk import Zendesk


class PastTheEnd(Exception):
    """The clock would pass the last day that the world has."""


class Stage:
    """Shows the world as it is at `now`, an epoch second."""

    def __init__(self, world: World, inbox: Path, on: tuple[str, ...] = ()) -> None:
        self.world = world
        self.now = world.end
        self.on: list[str] = []
        self.hidden_day = 0
        self.haravan = Haravan(world)
        self.zendesk = Zendesk(world)
        self._inbox = inbox
        self._stand()
        for name in on:
            self._mark(name)
        self._stand()
        self._write()

    def shelf(self, stream: str) -> Shelf:
        """Return a stream's shelf, such as that of `haravan.orders`.

        Raises:
            KeyError: there is no such stream.
        """
        source, name = stream.split(".")
        return {"haravan": self.haravan, "zendesk": self.zendesk}[source].shelves[name]

    @property
    def hidden(self) -> np.ndarray:
        """Return which online orders a hidden day hides."""
        created = self.world.orders.created_at
        return (self.hidden_day > 0) & (created >= self.hidden_day) & (created < self.hidden_day + DAY)

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
        for stream in defects.RECORD_DEFECTS.get(name, {}):
            shelf = self.shelf(stream)
            marked = self.haravan.marked.setdefault(stream.split(".")[1], {})
            rows = defects.hit_rows(name, stream, shelf.updated_at, self.now)
            for row in rows.tolist():
                marked.setdefault(row, []).append(name)
            shelf.touched_at[rows] = self.now

    def _clear(self, name: str) -> None:
        self.on.remove(name)
        if name == "day_without_orders":
            self.hidden_day = 0
        for stream in defects.RECORD_DEFECTS.get(name, {}):
            marked = self.haravan.marked[stream.split(".")[1]]
            for row, names in marked.items():
                if name in names:
                    names.remove(name)
                    self.shelf(stream).touched_at[row] = self.now

    def _stand(self) -> None:
        self.haravan.stand(self.now, self.hidden)
        self.zendesk.stand(self.now)

    def _write(self) -> None:
        write_inbox(self._inbox, self.world, self.now, set(self.on), self.hidden_day)
