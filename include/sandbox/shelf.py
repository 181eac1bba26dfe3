"""A stream of the sandbox: records as they stand at the sandbox's now, rendered when asked for."""

from collections.abc import Callable

import numpy as np

Render = Callable[[int, int], bytes]
"""Return the JSON of a row as it stood at a time."""


class Shelf:
    """The records of one stream, found by id, by time of creation or by time of change."""

    def __init__(self, ids: np.ndarray, created_at: np.ndarray, render: Render) -> None:
        self.ids = ids
        self.created_at = created_at
        self.updated_at = np.zeros(len(ids), np.int64)
        """0 where the record is not there yet."""
        self.touched_at = np.zeros(len(ids), np.int64)
        """When a defect was put into a record or taken out of it."""
        self.moves_after: int | None = None
        """After how many pages of a list by time of change a record of it changes, and leaves it."""
        self.served: dict[int, int] = {}
        """How often each id went out."""
        self._render = render
        self._cache: dict[int, tuple[int, bytes]] = {}

    def stand(self, updated_at: np.ndarray) -> None:
        """Set when each record last changed, 0 for those that are not there yet."""
        self.updated_at = np.where(updated_at > 0, np.maximum(updated_at, self.touched_at), 0)

    def rows(
        self, *, since_id: int = 0, updated: tuple[int, int] | None = None,
        created: tuple[int, int] | None = None, by: str = "id",
    ) -> np.ndarray:  # fmt: skip
        """Return the rows in inclusive ranges, sorted by `id`, `updated_at` or `created_at`."""
        found = (self.updated_at > 0) & (self.ids > since_id)
        if updated:
            found &= (self.updated_at >= updated[0]) & (self.updated_at <= updated[1])
        if created:
            found &= (self.created_at >= created[0]) & (self.created_at <= created[1])
        rows = np.flatnonzero(found)
        keys = {"id": self.ids, "updated_at": self.updated_at, "created_at": self.created_at}
        return rows[np.lexsort((self.ids[rows], keys[by][rows]))]

    def turn(self, rows: np.ndarray, until: int) -> None:
        """Count a page of a list as read; the list's first record may change after UNTIL, its end."""
        if self.moves_after is None or not len(rows):
            return
        self.moves_after -= 1
        if self.moves_after == 0:
            self.updated_at[rows[0]] = until + 60

    def json(self, rows: np.ndarray) -> bytes:
        """Return the rows as the inside of a JSON array."""
        parts = []
        for row in rows.tolist():
            stamp = int(self.updated_at[row])
            cached = self._cache.get(row)
            if cached is None or cached[0] != stamp:
                # a copy of its own length: what orjson returns keeps three times the memory
                body = bytes(memoryview(self._render(row, stamp)))
                cached = self._cache[row] = (stamp, body)
            parts.append(cached[1])
        return b",".join(parts)

    def note(self, rows: np.ndarray) -> None:
        """Count the rows as served."""
        for identity in self.ids[rows].tolist():
            self.served[identity] = self.served.get(identity, 0) + 1
