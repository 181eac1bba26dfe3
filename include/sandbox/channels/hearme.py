"""The kiosks of three shops: a file of taps per device and day, some of them tapped twice.

A kiosk that was offline sends its day late: one day in forty comes a day later, and one in thirty
comes short at first and is sent again whole the next day.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.exports import folder, replace
from include.sandbox.seasons import DAY, VIETNAM, day_weights, draw_times, local_text
from include.sandbox.world import World

DEVICES = (("KIOSK-01", "HN-HOANKIEM"), ("KIOSK-02", "HP-LECHAN"), ("KIOSK-03", "CT-NINHKIEU"))
QUESTIONS = ("nhan_vien", "cho_doi")
HEADER = "device_id,store_id,employee_id,question_id,score,answered_at,lang"
LATE, SHORT = 40, 30
"""One day in so many comes late, or short."""


class Channel(channel.Channel):
    """Taps by device and day."""

    ONLY_FILES = True

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        rng = world.rng(name)
        days = world.days
        visitors = world.audience("shop_counter", 0.25)
        count = max(len(world.people) // 2, 2 * days)
        weights = day_weights(datetime.fromtimestamp(world.start, VIETNAM).date(), days)
        at = draw_times(rng, weights, world.start, np.zeros(count, np.int64))
        mood = world.satisfaction.at(visitors[rng.integers(0, len(visitors), count)], at)
        score = np.clip(np.rint(1.8 + (mood + rng.normal(0, 12, count)) / 25), 1, 5).astype(int)
        # one tap in twenty is tapped again within three seconds, and not always on the same face
        again = np.flatnonzero(rng.random(count) < 0.05)
        moved = np.clip(score[again] + rng.integers(-1, 2, len(again)), 1, 5)
        device, question = rng.integers(0, len(DEVICES), count), rng.integers(0, len(QUESTIONS), count)
        later = at[again] + rng.integers(1, 4, len(again))
        # none stands on the other side of midnight
        later = np.where((later - world.start) // DAY == (at[again] - world.start) // DAY, later, at[again])
        at = np.concatenate([at, later])
        by_time = np.argsort(at, kind="stable")
        self._at = at[by_time]
        self._score = np.concatenate([score, moved])[by_time]
        self._device = np.concatenate([device, device[again]])[by_time]
        self._question = np.concatenate([question, question[again]])[by_time]
        self._day = (self._at - world.start) // DAY
        self._luck = rng.integers(0, 1 << 20, (len(DEVICES), days))
        self._now = world.end
        self._written = 0
        """How many days had passed when files were last written."""

    def stand(self, moment: Moment) -> None:
        """Remember when it is: files are written from the taps."""
        self._now = moment.now

    def _shown(self, device: int, day: int) -> np.ndarray:
        """Return the taps in a device's file of a day, as of now; none where it has not come."""
        luck, ends = int(self._luck[device, day]), self.world.start + (day + 1) * DAY
        if self._now + 1 < ends + (DAY if luck % LATE == 0 else 0):
            return np.empty(0, np.int64)
        low, high = np.searchsorted(self._day, [day, day + 1])
        rows = low + np.flatnonzero(self._device[low:high] == device)
        is_short = luck % SHORT == 1 and self._now + 1 < ends + DAY
        return rows[: max(1, len(rows) // 2)] if is_short else rows

    def _days(self) -> int:
        return (self._now + 1 - self.world.start) // DAY

    def write(self, home: Path, moment: Moment) -> None:
        """Write the files of the days whose content can have changed, or that are not there yet."""
        target = folder(home, self.name)
        for device, (name, _) in enumerate(DEVICES):
            (target / name).mkdir(exist_ok=True)
            for day in range(self._days()):
                path = target / name / f"{local_text(self.world.start + day * DAY)[:10]}.csv"
                if day < self._written - 3 and path.exists():
                    continue
                rows = self._shown(device, day)
                if len(rows):
                    lines = [HEADER, *(self._line(row) for row in rows.tolist())]
                    replace(path, ("\n".join(lines) + "\n").encode())
        self._written = self._days()

    def _line(self, row: int) -> str:
        device, store = DEVICES[self._device[row]]
        employee = f"NV{row % 9 + 1:02d}" if row % 4 else ""
        question, lang = QUESTIONS[self._question[row]], "en" if row % 12 == 0 else "vi"
        return f"{device},{store},{employee},{question},{self._score[row]},{local_text(self._at[row])},{lang}"

    def _all_shown(self) -> np.ndarray:
        parts = [self._shown(device, day) for device in range(len(DEVICES)) for day in range(self._days())]
        return np.sort(np.concatenate([np.empty(0, np.int64), *parts]))

    def keys(self, stream: str) -> set[str]:
        """Return the taps that files hold, numbered within a second."""
        found: set[str] = set()
        for row in self._all_shown().tolist():
            at = datetime.fromtimestamp(int(self._at[row]), UTC).isoformat()
            place, number = f"{DEVICES[self._device[row]][0]}/{QUESTIONS[self._question[row]]}/{at}", 1
            while f"{place}/{number}" in found:
                number += 1
            found.add(f"{place}/{number}")
        return found

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what the scores add up to, repeated taps too."""
        return {"score": int(self._score[self._all_shown()].sum())}

    def ledger(self, moment: Moment) -> channel.Counts:
        """Return how many taps there are."""
        return {"answers": {"count": len(self._all_shown())} | self.sums("answers", moment)}
