"""The tills of three more shops: a file of lines per shop and day, and its control totals.

A till that was offline sends its day late: one day in forty comes a day later, and one in thirty
comes short at first and is sent again whole the next day.
"""

import csv
import gzip
import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import numpy as np

from include.sandbox import channel, trade
from include.sandbox.channel import Moment
from include.sandbox.exports import folder, replace
from include.sandbox.people import spell_phone
from include.sandbox.seasons import DAY, VIETNAM, day_weights, local_text
from include.sandbox.world import World

SHOPS = ("HN-HOANKIEM", "HP-LECHAN", "CT-NINHKIEU")
TERMINALS = 2
LATE, SHORT = 40, 30
"""One day in so many comes late, or short."""
HEADER = (
    "store_id", "terminal_id", "receipt_no", "line_no", "sold_at", "returned_at", "sku", "name", "qty",
    "unit_price", "discount", "tax", "payment", "loyalty_card", "phone", "cashier_id",
)  # fmt: skip


class Channel(channel.Channel):
    """Receipts by shop and day."""

    ONLY_FILES = True

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self._written = 0
        """How many days had passed when files were last written."""
        rng = world.rng(name)
        days = world.days
        weights = day_weights(datetime.fromtimestamp(world.start, VIETNAM).date(), days)
        members = world.audience("shop_counter", 0.25)
        count = max(len(world.people) // 2, 2 * days)
        self._receipts = trade.make_receipts(
            rng, weights, world.start, members, np.zeros(len(members), np.int64), count
        )
        self._lines = trade.make_lines(rng, world.products, len(self._receipts), 3)
        self._first = np.searchsorted(self._lines.order, np.arange(len(self._receipts) + 1))
        self._shop = self._receipts.store % len(SHOPS)
        self._day = (self._receipts.sold_at - world.start) // DAY
        self._luck = rng.integers(0, 1 << 20, (len(SHOPS), days))
        self._now = world.end

    def stand(self, moment: Moment) -> None:
        """Remember when it is: files are written from the receipts."""
        self._now = moment.now

    def _shown(self, shop: int, day: int) -> np.ndarray:
        """Return the receipts in a shop's file of a day, as of now; none where it has not come."""
        luck, ends = int(self._luck[shop, day]), self.world.start + (day + 1) * DAY
        is_late, is_short = luck % LATE == 0, luck % SHORT == 1
        if self._now + 1 < ends + (DAY if is_late else 0):
            return np.empty(0, np.int64)
        rows = np.flatnonzero((self._shop == shop) & (self._day == day))
        return rows[: max(1, len(rows) // 2)] if is_short and self._now + 1 < ends + DAY else rows

    def _days(self) -> int:
        return (self._now + 1 - self.world.start) // DAY

    def write(self, home: Path, moment: Moment) -> None:
        """Write the files of the days whose content can have changed, or that are not there yet."""
        target = folder(home, self.name)
        for shop, name in enumerate(SHOPS):
            (target / name).mkdir(exist_ok=True)
            for day in range(self._days()):
                path = target / name / f"{self._date(day)}.csv.gz"
                if day < self._written - 3 and path.exists():
                    continue
                rows = self._shown(shop, day)
                if len(rows):
                    lines = [line for row in rows.tolist() for line in self._row_lines(row, name)]
                    replace(path, gzip.compress(_csv(HEADER, lines), 1, mtime=0))
                    total = (name, self._date(day), len(rows), len(lines), int(self._gross(rows)))
                    header = ("store_id", "business_date", "receipts", "lines", "gross")
                    replace(path.with_name(f"{self._date(day)}.total.csv"), _csv(header, [total]))
        self._written = self._days()

    def _date(self, day: int) -> str:
        return local_text(self.world.start + day * DAY)[:10]

    def _gross(self, rows: np.ndarray) -> float:
        on_line = np.isin(self._lines.order, rows)
        return float((self._lines.quantity * self._lines.price)[on_line].sum())

    def _row_lines(self, row: int, shop: str) -> list[tuple[object, ...]]:
        receipts, lines = self._receipts, self._lines
        person, returned = int(receipts.person[row]), receipts.returned_at[row]
        known = person >= 0
        phone = (
            spell_phone(self.world.people[person].phone_at(int(receipts.sold_at[row])), row)
            if known and row % 2
            else ""
        )
        return [
            (
                shop, f"T{row % TERMINALS + 1}", f"R{row + 1:07d}", number, local_text(receipts.sold_at[row]),
                # a day is sent once: what comes back later is on another day's list of returns
                "" if returned > self.world.start + (self._day[row] + 1) * DAY else local_text(returned),
                self.world.products[lines.product[line]].sku, self.world.products[lines.product[line]].title,
                int(lines.quantity[line]), int(lines.price[line]), int(lines.discount[line]), 0,
                "card" if receipts.is_card[row] else "cash", f"C{person:06d}" if known else "", phone,
                f"NV{row % 9 + 1:02d}",
            )
            for number, line in enumerate(range(self._first[row], self._first[row + 1]), 1)
        ]  # fmt: skip

    def _all_shown(self) -> np.ndarray:
        parts = [self._shown(shop, day) for shop in range(len(SHOPS)) for day in range(self._days())]
        return np.sort(np.concatenate([np.empty(0, np.int64), *parts]))

    def keys(self, stream: str) -> set[str]:
        """Return the receipts, or the shops' days, that files hold."""
        if stream == "totals":
            return {
                f"{name}/{self._date(day)}"
                for shop, name in enumerate(SHOPS)
                for day in range(self._days())
                if len(self._shown(shop, day))
            }
        return {
            f"{SHOPS[self._shop[row]]}/T{row % TERMINALS + 1}/R{row + 1:07d}"
            for row in self._all_shown().tolist()
        }

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return the gross amount that the totals state."""
        return {"gross": self._gross(self._all_shown())} if stream == "totals" else {}

    def ledger(self, moment: Moment) -> channel.Counts:
        """Return how many receipts and days there are."""
        return {
            stream: {"count": len(self.keys(stream))} | self.sums(stream, moment)
            for stream in ("receipts", "totals")
        }


def _csv(header: tuple[str, ...], rows: list[tuple[object, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()
