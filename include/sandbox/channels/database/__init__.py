"""The databases of forum, home-stay marketplace, the shop's recommender and the news, as SQLite files.

Beside each lie the SELECTs that read it into the contracts, by its own column of change.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.channels.database import homes, notices, offers, subscribers
from include.sandbox.exports import folder, replace
from include.sandbox.people import Profiles, write_profiles
from include.sandbox.places import PLACES, written
from include.sandbox.seasons import DAY, HOUR, NEVER
from include.sandbox.vocabulary import TOPICS
from include.sandbox.world import World

SELECTS = Path(__file__).parents[2] / "selects"
SINCE = "updated_at >= :since and updated_at < :until"
ACTS = ("view", "like", "comment", "share", "report", "save", "follow", "donate")
VIEW, LIKE, COMMENT, SHARE = range(4)
PAYS_TO_READ = 0.1
"""The share of the news site's audience that subscribes some day."""
REACHES, GOES_ON = 0.8, 0.1
"""How many views a share brings, and how many of those are shared again."""
MODERATED, DONG_A_MINUTE = 0.9, 1_000
"""Of the reports, those that somebody looks into; what a minute of that costs."""
GIFTS = (10_000, 20_000, 50_000, 100_000)
CHEATS, CHEATING_STAYS, FOUND_OUT = 0.02, 7, 6 * DAY
"""The share of the hosts who book their own homes under another name, how often, and when it is cancelled."""
SLOTS, BASES = ("home_similar", "mail_weekly"), ("none", "browse", "purchase", "both")
"""Where homes are recommended to a guest, and what the choice rests on."""
CITIES = ("Đà Lạt", "Hội An", "Sa Pa", "Phú Quốc", "Nha Trang", "Hà Nội", "Huế")
Table = tuple[str, str, list[np.ndarray | list]]
"""Name, columns with their types, and a column of values each; the last two are created and updated."""


class Channel(channel.Channel):
    """Four databases, each a set of tables by time of change."""

    ONLY_FILES = True

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        rng = world.rng(name)
        self._now, self._made_at = world.end, -1
        self._forum(rng)
        self._home_stay(rng)
        self._tell_members(world.rng(f"{name} notices"))
        self._moderate(world.rng(f"{name} moderation"))
        self._live_on(world.rng(f"{name} homes"))
        self.offers = offers.show(world.rng(f"{name} offers"), max(len(world.orders) // 2, 40), world.last)
        self._news(world.rng(f"{name} news"))

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
        self.act_kind = rng.choice(5, acts, p=[0.62, 0.22, 0.09, 0.05, 0.02])
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

    def _news(self, rng: np.random.Generator) -> None:
        """Let some of the news site's audience pay to read; who works for the company reads for nothing."""
        world = self.world
        people = world.audience("news_site", 0.12)
        people = people[[not world.people[person].is_staff for person in people.tolist()]]
        people = people[rng.random(len(people)) < PAYS_TO_READ]
        joined = rng.integers(world.start - 60 * DAY, world.last - DAY, len(people))
        self.readers = write_profiles(rng, world.people, people, np.sort(joined))
        self.know(self.readers, (f"news_site/{1 + row}" for row in range(len(self.readers))))
        wished_at = self.readers.created_at + rng.integers(60, 3 * DAY, len(self.readers))
        self.terms = subscribers.subscribe(
            rng, world.satisfaction, self.readers.person, wished_at, world.last
        )  # fmt: skip

    def _tell_members(self, rng: np.random.Generator) -> None:
        """Let the forum tell its members things, and let them and others act on it."""
        last, joined_at = self.world.last, self.users.created_at
        said = np.flatnonzero((self.act_kind == COMMENT) & (self.author[self.act_post] != self.act_user))
        self.notices = told = notices.tell(
            rng, joined_at, self.author[self.act_post[said]], self.acted_at[said], self.act_post[said], last
        )  # fmt: skip
        self.happenings = notices.happen(rng, told)
        acting = np.flatnonzero(told.acts)
        any_post = rng.integers(0, len(self.author), len(acting))
        parts = [(
            told.user[acting], np.where(told.post[acting] >= 0, told.post[acting], any_post),
            rng.choice([LIKE, COMMENT, ACTS.index("save")], len(acting), p=[0.5, 0.35, 0.15]),
            told.at[acting] + rng.integers(120, 23 * HOUR, len(acting)), np.full(len(acting), -1),
        )]  # fmt: skip
        more = len(self.act_user) // 18
        post = rng.integers(0, len(self.author), more)
        parts.append((
            _busy(rng, len(joined_at), more), post, rng.choice([5, 6, 7], more, p=[0.55, 0.35, 0.1]),
            self.posted_at[post] + (rng.exponential(3.0, more) * DAY).astype(np.int64) + 90,
            np.full(more, -1),
        ))  # fmt: skip
        # what a share brings is known by the share, and may be shared on
        shared, first = np.flatnonzero(self.act_kind == SHARE), len(self.act_user) + len(acting) + more
        shared_at, shared_post = self.acted_at[shared], self.act_post[shared]
        while len(shared):
            brought = np.repeat(np.arange(len(shared)), rng.poisson(REACHES, len(shared)))
            on = np.flatnonzero(rng.random(len(brought)) < GOES_ON)
            at = shared_at[brought] + rng.integers(300, 3 * DAY, len(brought))
            user, post = rng.integers(0, len(joined_at), len(brought)), shared_post[brought]
            parts.append((user, post, np.full(len(brought), VIEW), at, shared[brought]))
            parts.append((user[on], post[on], np.full(len(on), SHARE), at[on] + 60, first + on))
            shared_at, shared_post = at[on] + 60, post[on]
            shared = first + len(brought) + np.arange(len(on))
            first += len(brought) + len(on)
        user, post, kind, at, self.act_parent = (
            np.concatenate(each) for each in zip(
                (self.act_user, self.act_post, self.act_kind, self.acted_at, np.full(len(self.act_user), -1)),
                *parts, strict=True,
            )
        )  # fmt: skip
        self.act_user, self.act_post, self.act_kind, self.acted_at = user, post, kind, at
        gift = np.array(GIFTS)[rng.choice(len(GIFTS), len(kind), p=[0.4, 0.35, 0.2, 0.05])]
        self.act_amount = np.where(kind == ACTS.index("donate"), gift, 0)

    def _moderate(self, rng: np.random.Generator) -> None:
        """Let somebody who is paid for it look into most of what is reported, and into some new posts."""
        reported = np.flatnonzero(self.act_kind == ACTS.index("report"))
        reported = reported[rng.random(len(reported)) < MODERATED]
        looked = np.flatnonzero(rng.random(len(self.author)) < 0.05)
        self.moderated_post = np.concatenate([self.act_post[reported], looked])
        count = len(self.moderated_post)
        since = np.concatenate([self.acted_at[reported], self.posted_at[looked]])
        self.moderated_at = since + rng.integers(600, 2 * DAY, count)
        self.moderation_minutes = rng.integers(2, 15, count)

    def _live_on(self, rng: np.random.Generator) -> None:
        """Let homes change, guests pay, review and write, and some hosts cheat."""
        world, last = self.world, self.world.last
        since = np.maximum(self.guests.created_at[self.host], self.listed_at) + DAY
        known = [
            home for home in np.unique(self.home).tolist()
            if self.guests.phones[self.host[home]] and since[home] < world.end - 40 * DAY
        ]  # fmt: skip
        # a host with one telephone and a second name, under which the own home is booked
        cheated = rng.permutation(np.array(known, np.int64))[: max(round(CHEATS * len(self.host)), 2)]
        host = self.host[cheated]
        began = rng.integers(since[cheated], np.full(len(cheated), world.end - 10 * DAY))
        cheated, host = cheated[np.argsort(began)], host[np.argsort(began)]
        second = write_profiles(rng, world.people, self.guests.person[host], np.sort(began))
        second.phones = [self.guests.phones[row] for row in host.tolist()]
        count = len(self.guests)
        self.know(second, (f"home_stay/{1 + count + row}" for row in range(len(host))))
        self.guests = _both(self.guests, second)
        cheat = np.repeat(np.arange(len(host)), CHEATING_STAYS)
        asked_at = second.created_at[cheat] + HOUR + 1200 * (np.arange(len(cheat)) % CHEATING_STAYS)
        home = cheated[cheat]
        self.cheating = len(self.home) + np.arange(len(cheat))
        """Which bookings are a host's own."""
        for name, values in (
            ("home", home), ("guest", count + cheat), ("requested_at", asked_at),
            ("responded_at", asked_at + 60),
            ("is_accepted", np.ones(len(cheat), bool)), ("nights", np.ones(len(cheat), np.int64)),
            ("starts", asked_at + HOUR), ("is_cancelled", np.ones(len(cheat), bool)),
            ("cancelled_at", asked_at + FOUND_OUT), ("completed_at", asked_at + 30 * HOUR),
            ("amount", self.price[home]),
        ):  # fmt: skip
            setattr(self, name, np.concatenate([getattr(self, name), values]))
        bookings = len(self.home)
        paid_at = self.responded_at + rng.integers(120, 8 * HOUR, bookings)
        self.paid_at = np.where(self.is_accepted, np.minimum(paid_at, self.starts - 60), NEVER)
        self.paid_at = np.where(self.is_accepted, np.maximum(self.paid_at, self.responded_at + 30), NEVER)
        self.is_fraud = self.is_cancelled & (rng.random(bookings) < 0.04)
        self.is_fraud[self.cheating] = True
        self.versions = homes.change(
            rng, self.listed_at, self.price, self.home, self.requested_at, last
        )  # fmt: skip
        proposed = (
            self.price * rng.choice([0.85, 0.95, 1.0, 1.0, 1.1, 1.2], len(self.price)) // 10_000 * 10_000
        )
        self.proposed = np.where(rng.random(len(self.price)) < homes.PROPOSED, proposed, -1).astype(np.int64)
        done = np.flatnonzero((self.completed_at != NEVER) & ~np.isin(np.arange(bookings), self.cheating))
        person = self.guests.person[self.guest[done]]
        mood = world.satisfaction.at(person, self.completed_at[done])
        honest = homes.review(rng, done, self.completed_at[done], mood)
        praised_at = self.completed_at[self.cheating] + 600
        false = homes.Reviews(
            self.cheating, praised_at - 300, praised_at, np.full(len(cheat), 5), np.arange(len(cheat)) % 2
        )
        self.reviews = homes.Reviews(
            *(np.concatenate(pair) for pair in zip(vars(honest).values(), vars(false).values(), strict=True))
        )
        recent = np.flatnonzero(self.requested_at > world.start + 300 * DAY)
        self.chats = homes.chat(rng, recent, self.requested_at[recent])

    def stand(self, moment: Moment) -> None:
        """Remember when it is: the databases are written from the arrays."""
        self._now = moment.now

    @property
    def tables(self) -> dict[str, list[Table]]:
        """Return the tables of each database as they stand, made once for each moment."""
        if self._made_at != self._now:
            self._made, self._made_at = self._tables(), self._now
        return self._made

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
            "reactions", "id integer, post_id integer, user_id integer, kind text, happened_at text, "
            "parent_id integer, amount integer",
            [acts, 1 + self.act_post, 1 + self.act_user, [ACTS[k] for k in self.act_kind.tolist()],
             self._past(self.acted_at), _or_none(1 + self.act_parent, 0), _or_none(self.act_amount, 0),
             self.acted_at, self.acted_at],
        )  # fmt: skip
        moderations = (
            "moderations", "id integer, post_id integer, minutes integer, dong integer, done_at text",
            [1 + np.arange(len(self.moderated_at)), 1 + self.moderated_post, self.moderation_minutes,
             self.moderation_minutes * DONG_A_MINUTE, self._past(self.moderated_at), self.moderated_at,
             self.moderated_at],
        )  # fmt: skip
        place, stays = 1 + np.arange(len(self.host)), 1 + np.arange(len(self.home))
        listings = (
            "listings", "id integer, host_id integer, city text, title text, listed_at text, "
            "proposed_price integer",
            [place, 1 + self.host, [CITIES[c] for c in self.city.tolist()],
             [f"Homestay {CITIES[c]} số {1 + n}" for n, c in enumerate(self.city.tolist())],
             self._past(self.listed_at), _or_none(self.proposed, -1), self.listed_at, self.listed_at],
        )  # fmt: skip
        was = self.versions
        states = (
            "listing_states", "id integer, listing_id integer, state text, price integer, reason text, "
            "removed_at text, since text",
            [1 + np.arange(len(was)), 1 + was.home, [homes.STATES[s] for s in was.state.tolist()], was.price,
             [homes.REASONS[r] or None for r in was.reason.tolist()], self._past(was.removed_at),
             _texts(was.at), was.at, was.at],
        )  # fmt: skip
        said, texts = self.reviews, (homes.BLAME, homes.PRAISE)
        reviews = (
            "reviews", "id integer, booking_id integer, guest_id integer, stars integer, words text, "
            "asked_at text, written_at text",
            [1 + np.arange(len(said)), 1 + said.booking, 1 + self.guest[said.booking], said.score,
             [texts[score > 3][n] if n >= 0 else None for score, n in zip(
                 said.score.tolist(), said.text.tolist(), strict=True)],
             _texts(said.asked_at), _texts(said.answered_at), said.answered_at, said.answered_at],
        )  # fmt: skip
        chats = self.chats
        phones = [self.guests.phones[row] or "0900 000 000" for row in self.host[self.home].tolist()]
        messages = (
            "messages", "id integer, booking_id integer, guest_id integer, is_guest integer, words text, "
            "sent_at text",
            [1 + np.arange(len(chats)), 1 + chats.booking, 1 + self.guest[chats.booking],
             chats.is_guest.astype(int),
             [homes.said(chats, row, phones[booking]) for row, booking in enumerate(chats.booking.tolist())],
             _texts(chats.at), chats.at, chats.at],
        )  # fmt: skip
        told, what = self.notices, self.happenings
        began = np.full(len(notices.CAMPAIGNS), self.world.last - notices.SINCE)
        campaigns = (
            "campaigns", "id integer, name text, kind text, channel text, subject text, began_at text",
            [1 + np.arange(len(began)), [f"{kind} | {where}" for kind, where, _ in notices.CAMPAIGNS],
             [kind for kind, *_ in notices.CAMPAIGNS], [where for _, where, _ in notices.CAMPAIGNS],
             [subject for *_, subject in notices.CAMPAIGNS], _texts(began), began, began],
        )  # fmt: skip
        of = told.campaign[what.notice]
        sent = (
            "notices", "id integer, campaign_id integer, user_id integer, channel text, kind text, "
            "happened_at text",
            [1 + np.arange(len(what)), 1 + of, 1 + told.user[what.notice],
             [notices.CAMPAIGNS[n][1] for n in of.tolist()], [notices.KINDS[k] for k in what.kind.tolist()],
             _texts(what.at), what.at, what.at],
        )  # fmt: skip
        times = (self.requested_at, self.responded_at, self.paid_at, self.cancelled_at, self.completed_at)
        bookings = (
            "bookings", "id integer, listing_id integer, guest_id integer, host_id integer, "
            "requested_at text, responded_at text, accepted_at text, paid_at text, cancelled_at text, "
            "completed_at text, cancel_reason text, starts_on text, ends_on text, amount integer, "
            "fee integer, status text",
            [stays, 1 + self.home, 1 + self.guest, 1 + self.host[self.home], self._past(self.requested_at),
             self._past(self.responded_at), self._past(np.where(self.is_accepted, self.responded_at, NEVER)),
             self._past(self.paid_at), self._past(self.cancelled_at), self._past(self.completed_at),
             ["fraud" if f and at <= self._now else None for f, at in zip(
                 self.is_fraud.tolist(), self.cancelled_at.tolist(), strict=True)], _days(self.starts),
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
        offered, taken = self.offers, len(self.offers)
        offers_shown = (
            "recommendations", "id integer, visitor text, product_id integer, slot text, rank integer, "
            "basis text, shown_at text, clicked_at text, added_at text, bought_at text",
            [1 + np.arange(taken), [f"visitor-{n}" for n in offered.visitor.tolist()], 1 + offered.product,
             [offers.SLOTS[n] for n in offered.slot.tolist()], offered.rank,
             [offers.BASES[n] for n in offered.basis.tolist()], self._past(offered.shown_at),
             self._past(offered.clicked_at), self._past(offered.added_at), self._past(offered.bought_at),
             offered.shown_at,
             self._latest(offered.shown_at, offered.clicked_at, offered.added_at, offered.bought_at)],
        )  # fmt: skip
        terms, plans = self.terms, [subscribers.PLANS[each.plan] for each in self.terms]
        since = np.array([each.at for each in terms], np.int64)

        def told(*names: str) -> list[list[str | None]]:
            """Return when things come of which the terms already say so, though it be ahead."""
            return [
                [
                    None if at == NEVER else text
                    for text, at in zip(_texts(times), times.tolist(), strict=True)
                ]
                for times in (np.array([getattr(each, name) for each in terms], np.int64) for name in names)
            ]

        subscriptions = (
            "subscription_terms", "id integer, subscription_id integer, user_id integer, since text, "
            "plan text, plan_name text, state text, started_at text, trial_until text, period_from text, "
            "period_to text, cancelled_at text, ended_at text, reason text, monthly_price integer",
            [1 + np.arange(len(terms)), [1 + each.subscription for each in terms],
             [1 + each.reader for each in terms], _texts(since), [code for code, *_ in plans],
             [title for _, title, *_ in plans], [each.state for each in terms],
             *told("started_at", "trial_until", "period_from", "period_to", "asked_at", "ended_at"),
             ["payment_failed" if each.by_payment else None for each in terms],
             [price for *_, price in plans], since, since],
        )  # fmt: skip
        return {
            "news_site": [_users(self.readers), subscriptions],
            "shop_online": [offers_shown],
            "forum": [_users(self.users), posts, reactions, moderations, campaigns, sent],
            "home_stay": [
                _users(self.guests),
                listings,
                states,
                bookings,
                invites,
                shows,
                reviews,
                messages,
            ],
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
        status[self.completed_at <= now] = "completed"
        # also what is over already, where it turns out to have been fraud
        status[self.cancelled_at <= now] = "cancelled"
        return status.tolist()

    def write(self, home: Path, moment: Moment) -> None:
        """Write the databases as they stand, and the SELECTs that read them."""
        target = folder(home, self.name)
        for unit, tables in self.tables.items():
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
        return np.flatnonzero(self._table(unit, table)[2][-2] <= self._now)

    def _table(self, unit: str, name: str) -> Table:
        return next(each for each in self.tables[unit] if each[0] == name)

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a contract's rows, of all units."""
        found: set[str] = set()
        for unit, table, contract in (
            ("forum", "users", "customers"), ("forum", "posts", "contents"),
            ("forum", "reactions", "content_events"), ("home_stay", "users", "customers"),
            ("home_stay", "listings", "listings"), ("home_stay", "bookings", "bookings"),
            ("home_stay", "invites", "invites"), ("home_stay", "recommendations", "recommendations"),
            ("shop_online", "recommendations", "recommendations"),
            ("forum", "campaigns", "campaigns"), ("forum", "notices", "message_events"),
            ("home_stay", "reviews", "feedback"), ("home_stay", "messages", "messages"),
            ("news_site", "users", "customers"),
        ):  # fmt: skip
            if contract == stream:
                found |= {f"{unit}/{row + 1}" for row in self._there(unit, table).tolist()}
        if stream == "identifiers":
            for unit in ("forum", "home_stay", "news_site"):
                _, _, columns = self._table(unit, "users")
                for row in self._there(unit, "users").tolist():
                    found |= {
                        f"{unit}/{row + 1}/{kind}/{value}"
                        for kind, value in (("phone", columns[2][row]), ("email", columns[3][row]))
                        if value
                    }
        if stream == "content_events":
            found |= {f"forum/m{row + 1}" for row in self._there("forum", "moderations").tolist()}
        if stream == "subscriptions":
            terms = [self.terms[row] for row in self._there("news_site", "subscription_terms").tolist()]
            found |= {
                f"news_site/{1 + each.subscription}/{datetime.fromtimestamp(each.at, UTC).isoformat()}"
                for each in terms
            }
        if stream == "conversations":
            rows = self._there("home_stay", "messages")
            found |= {f"home_stay/{1 + booking}" for booking in self.chats.booking[rows].tolist()}
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
            "campaigns",
            "message_events",
            "feedback",
            "conversations",
            "messages",
            "subscriptions",
        )
        counts = {name: {"count": len(self.keys(name))} | self.sums(name, moment) for name in contracts}
        # a home is told of once for each time that it became another
        counts["listings"]["count"] = len(self._there("home_stay", "listing_states"))
        return counts


def _both(first: Profiles, second: Profiles) -> Profiles:
    """Return the profiles of both, in their order."""
    return Profiles(
        np.concatenate([first.person, second.person]), np.concatenate([first.created_at, second.created_at]),
        first.names + second.names, first.phones + second.phones, first.emails + second.emails,
        first.birth_years + second.birth_years,
    )  # fmt: skip


def _users(profiles: Profiles) -> Table:
    return (
        "users",
        "id integer, full_name text, phone text, email text, birth_year integer, city text, joined_at text",
        [1 + np.arange(len(profiles)), profiles.names, profiles.phones, profiles.emails, profiles.birth_years,
         [written(row % len(PLACES), row).province for row in range(len(profiles))],
         _texts(profiles.created_at), profiles.created_at, profiles.created_at],
    )  # fmt: skip


def _or_none(values: np.ndarray, nothing: int) -> list[int | None]:
    return [None if value == nothing else value for value in values.tolist()]


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
