"""The application databases of the forum and the home-stay marketplace, as SQLite files.

Beside each lie the SELECTs that read it into the contracts, by its own column of change.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.exports import folder, replace
from include.sandbox.people import Profiles, write_profiles
from include.sandbox.places import PLACES, written
from include.sandbox.seasons import DAY, HOUR, NEVER
from include.sandbox.vocabulary import TOPICS
from include.sandbox.world import World

SELECTS = Path(__file__).parents[1] / "selects"
SINCE = "updated_at >= :since and updated_at < :until"
ACTS = ("view", "like", "comment", "share", "report")
SLOTS, BASES = ("home_similar", "mail_weekly"), ("none", "browse", "purchase", "both")
"""Where homes are recommended to a guest, and what the choice rests on."""
CITIES = ("Đà Lạt", "Hội An", "Sa Pa", "Phú Quốc", "Nha Trang", "Hà Nội", "Huế")
Table = tuple[str, str, list[np.ndarray | list]]
"""Name, columns with their types, and a column of values each; the last two are created and updated."""


class Channel(channel.Channel):
    """Two databases, each a set of tables by time of change."""

    ONLY_FILES = True

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        rng = world.rng(name)
        self._now = world.end
        self._forum(rng)
        self._home_stay(rng)

    def _forum(self, rng: np.random.Generator) -> None:
        world = self.world
        people = world.audience("forum", 0.2)
        joined = rng.integers(world.start - 400 * DAY, world.last, len(people))
        self.users = write_profiles(rng, world.people, people, np.sort(joined))
        self.know(self.users, (f"forum/{1 + row}" for row in range(len(self.users))))
        count = 3 * len(people)
        self.author = _busy(rng, len(people), count)
        self.posted_at = np.sort(rng.integers(world.start, world.last, count))
        self.posted_at = np.maximum(self.posted_at, self.users.created_at[self.author] + HOUR)
        self.post_kind = rng.choice(3, count, p=[0.55, 0.25, 0.2])
        self.topic = rng.integers(0, len(TOPICS), count)
        gone = rng.random(count) < 0.03
        self.removed_at = np.where(gone, self.posted_at + rng.integers(HOUR, 20 * DAY, count), NEVER)
        acts = 4 * count
        self.act_post = rng.integers(0, count, acts)
        self.act_user = _busy(rng, len(people), acts)
        self.act_kind = rng.choice(len(ACTS), acts, p=[0.62, 0.22, 0.09, 0.05, 0.02])
        spread = (rng.exponential(2.0, acts) * DAY).astype(np.int64) + 60
        self.acted_at = self.posted_at[self.act_post] + spread

    def _home_stay(self, rng: np.random.Generator) -> None:
        world = self.world
        people = world.audience("home_stay", 0.15)
        joined = rng.integers(world.start - 300 * DAY, world.last, len(people))
        self.guests = write_profiles(rng, world.people, people, np.sort(joined))
        self.know(self.guests, (f"home_stay/{1 + row}" for row in range(len(self.guests))))
        homes = max(len(people) // 8, 3)
        self.host = rng.integers(0, len(people), homes)
        self.listed_at = np.maximum(
            rng.integers(world.start - 200 * DAY, world.last, homes), self.guests.created_at[self.host] + HOUR
        )
        self.city, self.price = rng.integers(0, len(CITIES), homes), rng.integers(6, 40, homes) * 50_000
        count = 3 * len(people)
        self.home = _busy(rng, homes, count)
        self.guest = rng.integers(0, len(people), count)
        self.requested_at = np.maximum(
            np.sort(rng.integers(world.start, world.last, count)), self.listed_at[self.home] + DAY
        )
        mood = world.satisfaction.at(people[self.guest % len(people)], self.requested_at)
        answered = rng.random(count) < 0.93
        wait = (rng.lognormal(np.log(2 * HOUR), 1, count)).astype(np.int64) + 60
        self.responded_at = np.where(answered, self.requested_at + wait, NEVER)
        self.is_accepted = answered & (rng.random(count) < 0.86)
        self.nights = rng.integers(1, 6, count)
        self.starts = self.requested_at + rng.integers(3 * DAY, 40 * DAY, count)
        self.is_cancelled = self.is_accepted & (rng.random(count) < 0.05 + np.where(mood < 45, 0.08, 0))
        self.cancelled_at = np.where(self.is_cancelled, self.starts - 2 * DAY, NEVER)
        ends = self.starts + self.nights * DAY
        self.completed_at = np.where(self.is_accepted & ~self.is_cancelled, ends, NEVER)
        self.amount = self.price[self.home] * self.nights
        invites = len(people) // 3
        self.inviter = rng.integers(0, len(people), invites)
        self.invited_at = np.maximum(
            rng.integers(world.start, world.last, invites), self.guests.created_at[self.inviter] + DAY
        )
        said_yes = rng.random(invites) < 0.22
        self.joined_at = np.where(said_yes, self.invited_at + rng.integers(HOUR, 9 * DAY, invites), NEVER)
        shows = 6 * len(people)
        self.shown_home, self.shown_to = _busy(rng, homes, shows), rng.integers(0, len(people), shows)
        self.shown_at = np.maximum(
            np.sort(rng.integers(world.start, world.last, shows)),
            np.maximum(self.listed_at[self.shown_home], self.guests.created_at[self.shown_to]) + DAY,
        )
        self.shown_slot = rng.choice(len(SLOTS), shows, p=[0.7, 0.3])
        self.shown_rank = 1 + np.arange(shows) % 4
        self.shown_basis = rng.choice(len(BASES), shows, p=[0.3, 0.35, 0.2, 0.15])
        # one guest in ten sees what everybody sees, so that the others can be compared
        self.is_control = self.shown_to % 10 == 3
        self.shown_basis = np.where(self.is_control, 0, self.shown_basis)
        clicks = rng.random(shows) < np.where(self.shown_basis > 0, 0.09, 0.05) / self.shown_rank**0.5
        self.clicked_at = np.where(clicks, self.shown_at + rng.integers(2, 300, shows), NEVER)

    def stand(self, moment: Moment) -> None:
        """Remember when it is: the databases are written from the arrays."""
        self._now = moment.now

    def _tables(self) -> dict[str, list[Table]]:
        post_ids, acts = 1 + np.arange(len(self.author)), 1 + np.arange(len(self.acted_at))
        posts = (
            "posts", "id integer, user_id integer, kind text, topic text, words integer, published_at text, "
            "removed_at text",
            [post_ids, 1 + self.author, [("post", "question", "answer")[k] for k in self.post_kind.tolist()],
             [TOPICS[t] for t in self.topic.tolist()], 20 + post_ids * 7 % 180, self._past(self.posted_at),
             self._past(self.removed_at), self.posted_at, self._latest(self.posted_at, self.removed_at)],
        )  # fmt: skip
        reactions = (
            "reactions", "id integer, post_id integer, user_id integer, kind text, happened_at text",
            [acts, 1 + self.act_post, 1 + self.act_user, [ACTS[k] for k in self.act_kind.tolist()],
             self._past(self.acted_at), self.acted_at, self.acted_at],
        )  # fmt: skip
        homes, stays = 1 + np.arange(len(self.host)), 1 + np.arange(len(self.home))
        listings = (
            "listings", "id integer, host_id integer, city text, price integer, listed_at text",
            [homes, 1 + self.host, [CITIES[c] for c in self.city.tolist()], self.price,
             self._past(self.listed_at), self.listed_at, self.listed_at],
        )  # fmt: skip
        times = (self.requested_at, self.responded_at, self.cancelled_at, self.completed_at)
        bookings = (
            "bookings", "id integer, listing_id integer, guest_id integer, host_id integer, "
            "requested_at text, responded_at text, accepted_at text, cancelled_at text, completed_at text, "
            "starts_on text, ends_on text, amount integer, fee integer, status text",
            [stays, 1 + self.home, 1 + self.guest, 1 + self.host[self.home], self._past(self.requested_at),
             self._past(self.responded_at), self._past(np.where(self.is_accepted, self.responded_at, NEVER)),
             self._past(self.cancelled_at), self._past(self.completed_at), _days(self.starts),
             _days(self.starts + self.nights * DAY), self.amount, self.amount * 12 // 100, self._status(),
             self.requested_at, self._latest(*times)],
        )  # fmt: skip
        invites = (
            "invites", "id integer, user_id integer, sent_at text, accepted_at text",
            [1 + np.arange(len(self.inviter)), 1 + self.inviter, self._past(self.invited_at),
             self._past(self.joined_at), self.invited_at, self._latest(self.invited_at, self.joined_at)],
        )  # fmt: skip
        shows = (
            "recommendations", "id integer, guest_id integer, listing_id integer, slot text, rank integer, "
            "basis text, shown_at text, clicked_at text, is_control integer",
            [1 + np.arange(len(self.shown_at)), 1 + self.shown_to, 1 + self.shown_home,
             [SLOTS[n] for n in self.shown_slot.tolist()], self.shown_rank,
             [BASES[n] for n in self.shown_basis.tolist()], self._past(self.shown_at),
             self._past(self.clicked_at), self.is_control.astype(int), self.shown_at,
             self._latest(self.shown_at, self.clicked_at)],
        )  # fmt: skip
        return {
            "forum": [_users(self.users, "users"), posts, reactions],
            "home_stay": [_users(self.guests, "users"), listings, bookings, invites, shows],
        }

    def _past(self, times: np.ndarray) -> list[str | None]:
        """Return times as the database shows them now: what is to come is not there."""
        return [
            text if at <= self._now else None for text, at in zip(_texts(times), times.tolist(), strict=True)
        ]

    def _latest(self, *times: np.ndarray) -> np.ndarray:
        return np.stack([np.where(each <= self._now, each, times[0]) for each in times]).max(axis=0)

    def _status(self) -> list[str]:
        now = self._now
        answered = self.responded_at <= now
        status = np.full(len(self.home), "requested", dtype="U9")
        status[answered] = np.where(self.is_accepted, "accepted", "declined")[answered]
        status[self.cancelled_at <= now] = "cancelled"
        status[self.completed_at <= now] = "completed"
        return status.tolist()

    def write(self, home: Path, moment: Moment) -> None:
        """Write both databases as they stand, and the SELECTs that read them."""
        target = folder(home, self.name)
        for unit, tables in self._tables().items():
            (target / unit).mkdir(exist_ok=True)
            for select in sorted((SELECTS / unit).glob("*.sql")):
                replace(target / unit / select.name, select.read_bytes())
            part = target / unit / f"{unit}.part"
            part.unlink(missing_ok=True)
            with sqlite3.connect(part) as connection:
                for name, columns, values in tables:
                    created = values[-2]
                    there = np.flatnonzero(created <= moment.now).tolist()
                    # a NumPy number would be stored as bytes
                    lists = [
                        column.tolist() if isinstance(column, np.ndarray) else column
                        for column in values[:-2]
                    ]
                    lists.append(_texts(values[-1]))
                    connection.execute(f"create table {name} ({columns}, updated_at text)")
                    marks = ", ".join("?" * len(lists))
                    rows: Iterable = ([column[row] for column in lists] for row in there)
                    connection.executemany(f"insert into {name} values ({marks})", rows)
            connection.close()
            part.replace(target / unit / f"{unit}.sqlite")

    def _there(self, unit: str, table: str) -> np.ndarray:
        values = next(each for each in self._tables()[unit] if each[0] == table)[2]
        return np.flatnonzero(values[-2] <= self._now)

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a contract's rows, of both units."""
        found: set[str] = set()
        for unit, table, contract in (
            ("forum", "users", "customers"), ("forum", "posts", "contents"),
            ("forum", "reactions", "content_events"), ("home_stay", "users", "customers"),
            ("home_stay", "listings", "listings"), ("home_stay", "bookings", "bookings"),
            ("home_stay", "invites", "invites"), ("home_stay", "recommendations", "recommendations"),
        ):  # fmt: skip
            if contract == stream:
                found |= {f"{unit}/{row + 1}" for row in self._there(unit, table).tolist()}
        if stream == "identifiers":
            for unit, profiles in (("forum", self.users), ("home_stay", self.guests)):
                for row in self._there(unit, "users").tolist():
                    found |= {
                        f"{unit}/{row + 1}/{kind}/{value}"
                        for kind, value in (("phone", profiles.phones[row]), ("email", profiles.emails[row]))
                        if value
                    }
        return found

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what the bookings amount to."""
        if stream != "bookings":
            return {}
        return {"amount": int(self.amount[self._there("home_stay", "bookings")].sum())}

    def ledger(self, moment: Moment) -> channel.Counts:
        """Return how many rows each contract has."""
        contracts = (
            "customers",
            "identifiers",
            "contents",
            "content_events",
            "listings",
            "bookings",
            "invites",
            "recommendations",
        )
        return {name: {"count": len(self.keys(name))} | self.sums(name, moment) for name in contracts}


def _users(profiles: Profiles, name: str) -> Table:
    return (
        name,
        "id integer, full_name text, phone text, email text, birth_year integer, city text, joined_at text",
        [1 + np.arange(len(profiles)), profiles.names, profiles.phones, profiles.emails, profiles.birth_years,
         [written(row % len(PLACES), row).province for row in range(len(profiles))],
         _texts(profiles.created_at), profiles.created_at, profiles.created_at],
    )  # fmt: skip


def _busy(rng: np.random.Generator, among: int, count: int) -> np.ndarray:
    """Return COUNT draws of a few that do much and many that do little."""
    weights = 1 / np.arange(1, among + 1) ** 0.7
    return rng.permutation(among)[rng.choice(among, count, p=weights / weights.sum())]


def _texts(times: np.ndarray) -> list[str]:
    """Return epoch seconds as `2026-01-05 03:12:09`, UTC, as SQLite keeps times."""
    shown = np.where(times == NEVER, 0, times).astype("datetime64[s]")
    return [text.replace("T", " ") for text in np.datetime_as_string(shown).tolist()]


def _days(times: np.ndarray) -> list[str]:
    return [text[:10] for text in _texts(times + 7 * HOUR)]
