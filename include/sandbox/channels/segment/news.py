"""The news site's readers: most come once a month, some nearly daily; much advertising drives them away."""

from collections.abc import Mapping

import numpy as np

from include.sandbox.channels.database import Channel as Database
from include.sandbox.channels.segment.tracker import (
    NOBODY,
    Deeds,
    Stays,
    Tracker,
    chosen,
    reading,
    spread,
)
from include.sandbox.channels.segment.visits import PAGE, TRACK
from include.sandbox.seasons import DAY, draw_seconds, midnights
from include.sandbox.world import World

BANDS = ((0.7, 0.5), (2.6, 0.27), (6.0, 0.15), (14.0, 0.08))
"""Visits a month of the kinds of readers, from those who come once to those who come nearly daily, and their
shares."""
VISITS_A_READER, EVENTS_A_VISIT = 7.0, 8.4
SLOTS = (2, 3, 4, 7)
"""How many advertisements a page shows: a long read, a report, the front page, and a gallery."""
VIEWPORTS = (390 * 844, 1440 * 900, 820 * 1180)
"""How many pixels are seen at once on a phone, a computer and a tablet."""
AD_PIXELS = (
    (320 * 50, 91_000, 91_000, 166_000), (242_500, 317_500, 422_500, 497_500),
    (75_000, 150_000, 225_000, 300_000),
)  # fmt: skip
"""How many of them are advertising, by device and kind of page."""
SAYS_NOTHING = 3
"""Of twenty devices, the one whose browser does not measure itself."""
FRONT = 2
ARTICLES = 400
SIGNED_IN = 0.3


class News(Tracker):
    """Readers, each with a pace of their own, until the advertising has driven them away."""

    UNIT, PROJECT, SITE, MARK = "news_site", "trang_tin_web", "https://tinmoi.example", "tt"
    STEPS = (
        (PAGE, "Home"), (PAGE, "Article"), (TRACK, "Ads Rendered"), (TRACK, "Ad Clicked"),
        (TRACK, "Heartbeat"),
    )  # fmt: skip
    SHARE = 0.19
    TELLS_ATTENTION = False

    def __init__(self, world: World, accounts: Mapping[int, str], database: Database) -> None:
        super().__init__(world, accounts)
        rng = self.rng
        readers = int(self.budget / EVENTS_A_VISIT / VISITS_A_READER) + 4
        pace = np.array([pace for pace, _ in BANDS])[
            rng.choice(len(BANDS), readers, p=[share for *_, share in BANDS])
        ]
        taste = rng.random(readers)
        reader, at, kind = self._come(pace, taste)
        persons, count = rng.permutation(np.flatnonzero(self.has_account)), int(readers * SIGNED_IN)
        # half of those who sign in do so because they pay, as far as there are so many
        pays = np.isin(persons, database.readers.person)
        persons = np.concatenate([persons[pays][: count // 2], persons[~pays]])[:count]
        # each of those who sign in is one reader
        account = np.full(readers, NOBODY)
        account[rng.permutation(readers)[: len(persons)]] = persons
        stays = Stays.of(rng, (1 << 33) + reader, at, account[reader], may_be_bots=True)
        self._read(stays, kind)

    def _come(self, pace: np.ndarray, taste: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return who comes when, and to what kind of page; who saw much advertising comes back less."""
        rng, world = self.rng, self.world
        readers = len(pace)
        next_at = self.start + spread(rng, readers, 0, self.days * DAY)
        # half were readers before the tracker was put in
        next_at = np.where(
            rng.random(readers) < 0.5,
            self.start + (rng.exponential(1, readers) * 30 * DAY / pace).astype(np.int64), next_at,
        )  # fmt: skip
        alive, visits = np.arange(readers), []
        while len(alive := alive[next_at[alive] <= world.last]):
            kind = np.where(rng.random(len(alive)) < 0.55, (taste[alive] * 2).astype(int), 3)
            kind = np.where(rng.random(len(alive)) < 0.3, FRONT, kind)
            visits.append((alive, next_at[alive], kind))
            load = np.array(SLOTS)[kind]
            waits = rng.exponential(1, len(alive)) * 30 * DAY / pace[alive] * (0.75 + 0.08 * load)
            next_at[alive] += waits.astype(np.int64) + DAY // 12
            alive = alive[rng.random(len(alive)) > 0.01 + 0.012 * load]
        reader, at, kind = (np.concatenate(each) for each in zip(*visits, strict=True))
        at = midnights(at) + draw_seconds(rng, len(at))
        return reader, at, kind

    def _read(self, stays: Stays, kind: np.ndarray) -> None:
        """Lay out what is read in each visit."""
        rng, code = self.rng, self.code
        visit = np.arange(len(stays))
        is_home = kind == FRONT
        home = visit[is_home]
        # from the front page most go on to an article; from an article a third to another
        first = np.concatenate([visit[~is_home], chosen(rng, home, 0.7)])
        first_kind = np.where(
            is_home[first], rng.choice([0, 1, 3], len(first), p=[0.4, 0.4, 0.2]), kind[first]
        )
        opened = np.where(is_home[first], 12, 0)
        beats = self._beats(first_kind, stays.is_bot[first])
        again = np.flatnonzero(rng.random(len(first)) < 0.34 - 0.03 * np.array(SLOTS)[first_kind])
        second_kind = rng.choice([0, 1, 3], len(again), p=[0.4, 0.4, 0.2])
        reopened = opened[again] + 10 * beats[again] + 9
        views = [(home, np.full(len(home), FRONT), np.zeros(len(home), np.int64), None)]
        views += [(first, first_kind, opened, beats)]
        views += [(first[again], second_kind, reopened, self._beats(second_kind, stays.is_bot[first[again]]))]
        deeds = []
        for who, what, since, looked in views:
            article = np.where(what == FRONT, NOBODY, spread(rng, len(who), 0, ARTICLES // 4) * 4 + what)
            page = code["Home"] if looked is None else code["Article"]
            clicks = np.flatnonzero(rng.random(len(who)) < 0.006 * np.array(SLOTS)[what])
            deeds += [
                Deeds.of(who, page, since, article),
                Deeds.of(who, code["Ads Rendered"], since + 1, article, np.array(SLOTS)[what]),
                Deeds.of(who[clicks], code["Ad Clicked"], since[clicks] + 6, article[clicks]),
            ]  # fmt: skip
            if looked is not None:
                deeds.append(reading(rng, who, since, looked, code["Heartbeat"], article))
        self.lay(stays, deeds)

    def _beats(self, kind: np.ndarray, is_bot: np.ndarray) -> np.ndarray:
        """Return how often a tracker tells that something is still read: less where advertising is much."""
        mean = np.array([5.5, 4.5, 0, 2.2])[kind]
        return np.where(is_bot, 0, np.minimum(self.rng.geometric(1 / (1 + mean)) - 1, 40))

    def path(self, row: int) -> str:
        """Return the path of the page on which an event happened."""
        article = int(self.events.subject[row])
        return "/" if article < 0 else f"/bai-viet/{article:04d}"

    def properties(self, row: int, name: str) -> dict:
        """Return what an event bears."""
        article = int(self.events.subject[row])
        about: dict[str, object] = {} if article < 0 else {"content_id": f"bai-{article:04d}"}
        if name == "Ads Rendered":
            about["slots"] = int(self.events.figure[row])
            if pixels := self.pixels(row):
                about["ad_pixels"], about["viewport_pixels"] = pixels
        return about

    def pixels(self, row: int) -> tuple[int, int] | None:
        """Return how much of what was seen at once was advertising and how much that is, if it is known."""
        stays, visit = self.stays, int(self.events.visit[row])
        if stays.device[visit] % 20 == SAYS_NOTHING:
            return None
        platform = int(stays.platform[visit])
        return AD_PIXELS[platform][SLOTS.index(int(self.events.figure[row]))], VIEWPORTS[platform]
