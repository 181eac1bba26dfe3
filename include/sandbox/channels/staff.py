"""The company's HR system: a nightly export of teams, employees, the weeks' shifts and the staff survey.

As in life people come and leave, who left long ago is erased, a team gets another name, shifts are moved or
dropped after the week was published, some pass midnight, and nobody signs the survey.
"""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.exports import folder, replace
from include.sandbox.seasons import DAY, HOUR, NEVER, VIETNAM, midnight
from include.sandbox.vocabulary import BLAME, PRAISE
from include.sandbox.world import World

TEAMS = (
    ("T01", "Quầy Hoàn Kiếm", "shop_counter", "quay", "HN-HOANKIEM"),
    ("T02", "Quầy Lê Chân", "shop_counter", "quay", "HP-LECHAN"),
    ("T03", "Quầy Ninh Kiều", "shop_counter", "quay", "CT-NINHKIEU"),
    ("T04", "Chăm sóc khách hàng", "shop_online", "chat", "Văn phòng Hà Nội"),
    ("T05", "Tổng đài đêm", "shop_online", "tong_dai", "Văn phòng Hà Nội"),
    ("T06", "Hỗ trợ phần mềm", "sales_software", "ho_tro", "Văn phòng Đà Nẵng"),
)
"""Id, name, business unit, channel and place."""
RENAMED, NIGHT = 3, 4
"""Which team gets another name a day after the history ends, and which works at night."""
AT_THE_TILLS = 9
"""Employees at the counters, under the ids that tills and kiosks write."""
KEPT_DAYS, ERASED_AFTER = 365, 90 * DAY
"""How far back the shifts go; when a third of those who left is erased."""
NOTICE = 14 * DAY
"""How long before it comes a first or last day is known."""
QUESTIONS = (("enps", 0, 10), ("quyen_quyet", 1, 5), ("cong_cu", 1, 5), ("ho_tro", 1, 5))
HEADERS = {
    "teams": ("team_id", "name", "business_unit"),
    "employees": ("employee_id", "full_name", "team_id", "role", "place", "hired_on", "left_on"),
    "shifts": ("employee_id", "team_id", "work_date", "starts", "ends", "place", "channel", "hourly_cost"),
    "survey_answers": ("answer_no", "team_id", "question", "score", "comment", "answered_on"),
}
Row = tuple[object, ...]


class Channel(channel.Channel):
    """Four kinds of files and their manifest."""

    ONLY_FILES = True

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        rng = world.rng(name)
        count = AT_THE_TILLS + 4 + world.seed[1] // 200
        self.people = [world.people[i] for i in rng.choice(len(world.people), count, replace=False)]
        self.team = rng.integers(3, len(TEAMS), count)
        self.team[: AT_THE_TILLS + 4] = [*(np.arange(AT_THE_TILLS) % 3), 3, 4, 5, 3]
        self.hired_at = world.start + rng.integers(-900, (world.end - world.start) // DAY // 2, count) * DAY
        left_at = np.maximum(self.hired_at, world.start) + rng.integers(120, 900, count) * DAY
        leaves = rng.random(count) < 0.4
        self.left_at = np.where(leaves, left_at, NEVER)
        self.erased_at = np.where(leaves & (rng.random(count) < 1 / 3), left_at + ERASED_AFTER, NEVER)
        self._draw_shifts(rng)
        self._draw_survey(rng)
        self._now = world.end
        self._written = 0
        """When files were last written."""

    def _draw_shifts(self, rng: np.random.Generator) -> None:
        """Draw at most one shift per employee and day, in the order of days."""
        first = self.world.end + 1 - KEPT_DAYS * DAY
        days = first + DAY * np.arange((self.world.last + 1 - first) // DAY)
        is_there = (days[:, None] >= self.hired_at) & (days[:, None] <= self.left_at)
        day, self.employee = np.nonzero(is_there & (rng.random(is_there.shape) < 0.7))
        count = len(day)
        self.day_at = days[day]
        is_night = self.team[self.employee] == NIGHT
        self.hour = np.where(is_night, 22, rng.choice((8, 14), count))
        # a move changes the hour of the begin before the day, a drop takes the shift away on its morning
        self.moved_at = np.where(
            rng.random(count) < 0.06, self.day_at - rng.integers(1, 4, count) * DAY, NEVER
        )
        self.dropped_at = np.where(rng.random(count) < 0.03, self.day_at + 7 * HOUR, NEVER)
        self.cost = (35_000 + 1_000 * (self.employee % 30)) * np.where(is_night, 13, 10) // 10

    def _draw_survey(self, rng: np.random.Generator) -> None:
        """Draw a round of answers in the middle of each quarter."""
        self.rounds: dict[str, tuple[int, list[Row]]] = {}
        begins, ends = (datetime.fromtimestamp(at, VIETNAM) for at in (self.world.start, self.world.last))
        for year in range(begins.year, ends.year + 1):
            for quarter in range(1, 5):
                opens = datetime(year, 3 * quarter - 1, 10, tzinfo=VIETNAM)
                if begins <= opens <= ends:
                    self.rounds[f"{year}-Q{quarter}"] = self._answer(rng, opens)

    def _answer(self, rng: np.random.Generator, opens: datetime) -> tuple[int, list[Row]]:
        """Return when a round is closed, and its answers in an order that names nobody."""
        at = int(opens.timestamp())
        who = np.flatnonzero((self.hired_at <= at) & (self.left_at > at))
        who = rng.permutation(who[rng.random(len(who)) < 0.7])
        rows: list[Row] = []
        for number, employee in enumerate(who.tolist(), 1):
            mood = float(np.clip(rng.normal(0.7, 0.2), 0, 1))
            words = PRAISE if mood > 0.8 else BLAME if mood < 0.4 else ("",)
            on = (opens + timedelta(days=int(rng.integers(0, 10)))).date()
            for question, low, high in QUESTIONS:
                score = int(np.clip(round(low + (high - low) * (mood + rng.normal(0, 0.1))), low, high))
                comment = words[number % len(words)] if question == "enps" else ""
                rows.append((number, TEAMS[self.team[employee]][0], question, score, comment, on))
        return at + 10 * DAY, rows

    def stand(self, moment: Moment) -> None:
        """Remember when it is: files are written from the truth."""
        self._now = moment.now

    def _monday(self, at: int) -> date:
        day = datetime.fromtimestamp(int(at), VIETNAM).date()
        return day - timedelta(days=day.weekday())

    def _weeks(self) -> dict[date, np.ndarray]:
        """Return the shifts of each week that is published: a week before it begins."""
        weeks: dict[date, np.ndarray] = {}
        monday = self._monday(self.day_at[0])
        while midnight(monday) - 7 * DAY <= self._now:
            low, high = np.searchsorted(self.day_at, [midnight(monday), midnight(monday) + 7 * DAY])
            weeks[monday] = low + np.flatnonzero(self.dropped_at[low:high] > self._now)
            monday += timedelta(days=7)
        return weeks

    def _employed(self) -> np.ndarray:
        """Return who is in the export: from two weeks before the first day until erased."""
        return np.flatnonzero((self.hired_at - NOTICE <= self._now) & (self.erased_at > self._now))

    def write(self, home: Path, moment: Moment) -> None:
        """Write the export: the weeks whose content can have changed, the rest whole, the manifest last."""
        target = folder(home, self.name)
        for name in ("schedules", "survey"):
            (target / name).mkdir(exist_ok=True)
        manifest: list[Row] = []

        def export(file: str, stream: str, rows: list[Row]) -> None:
            manifest.append((file, len(rows)))
            replace(target / file, _csv(HEADERS[stream], rows))

        export("teams.csv", "teams", self._team_rows())
        export("employees.csv", "employees", [self._employee(row) for row in self._employed().tolist()])
        for monday, rows in self._weeks().items():
            file = f"schedules/{monday}.csv"
            if midnight(monday) + 7 * DAY < self._written and (target / file).exists():
                manifest.append((file, len(rows)))
            else:
                export(file, "shifts", [self._shift(row) for row in rows.tolist()])
        for name, (closes_at, answers) in self.rounds.items():
            if closes_at <= self._now:
                export(f"survey/{name}.csv", "survey_answers", answers)
        replace(target / "manifest.csv", _csv(("file", "rows"), manifest))
        self._written = self._now

    def _team_rows(self) -> list[Row]:
        is_renamed = self._now > self.world.end + DAY - 1
        names = [name + " 24/7" if is_renamed and row == RENAMED else name
                 for row, (_, name, *_) in enumerate(TEAMS)]  # fmt: skip
        return [(team, name, unit) for name, (team, _, unit, *_) in zip(names, TEAMS, strict=True)]

    def _employee(self, row: int) -> Row:
        person, team = self.people[row], TEAMS[self.team[row]]
        left_at = self.left_at[row]
        return (
            _employee_id(row), f"{person.family} {person.middle} {person.given}", team[0],
            "Trưởng nhóm" if row in {0, 1, 2, 9, 10, 11} else "Nhân viên", team[4], _date(self.hired_at[row]),
            _date(left_at) if left_at - NOTICE <= self._now else "",
        )  # fmt: skip

    def _starts(self, row: int) -> str:
        return f"{self.hour[row] + (self.moved_at[row] <= self._now):02d}:00"

    def _shift(self, row: int) -> Row:
        employee = int(self.employee[row])
        team, _, _, by, place = TEAMS[self.team[employee]]
        return (
            _employee_id(employee), team, _date(self.day_at[row]), self._starts(row),
            f"{(self.hour[row] + 8) % 24:02d}:00", place, by, int(self.cost[row]),
        )  # fmt: skip

    def _published(self) -> np.ndarray:
        return np.concatenate([np.empty(0, np.int64), *self._weeks().values()])

    def _answers(self) -> list[tuple[str, Row]]:
        return [
            (name, answer)
            for name, (closes_at, answers) in self.rounds.items() if closes_at <= self._now
            for answer in answers
        ]  # fmt: skip

    def keys(self, stream: str) -> set[str]:
        """Return the keys of what the export holds."""
        if stream == "teams":
            return {team for team, *_ in TEAMS}
        if stream == "employees":
            return {_employee_id(row) for row in self._employed().tolist()}
        if stream == "shifts":
            return {
                f"{_employee_id(self.employee[row])}/{_date(self.day_at[row])}/{self._starts(row)}"
                for row in self._published().tolist()
            }
        return {f"survey/{name}/{number}/{question}" for name, (number, _, question, *_) in self._answers()}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what the hours cost, and what the scores add up to."""
        if stream == "shifts":
            return {"hourly_cost": int(self.cost[self._published()].sum())}
        if stream == "survey_answers":
            return {"score": sum(answer[3] for _, answer in self._answers())}
        return {}

    def ledger(self, moment: Moment) -> channel.Counts:
        """Return how much the export holds."""
        return {stream: {"count": len(self.keys(stream))} | self.sums(stream, moment) for stream in HEADERS}


def _employee_id(row: int) -> str:
    return f"NV{row + 1:02d}"


def _date(at: int) -> str:
    return datetime.fromtimestamp(int(at), VIETNAM).date().isoformat()


def _csv(header: tuple[str, ...], rows: list[Row]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()
