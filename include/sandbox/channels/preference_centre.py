"""The company's preference centre: what people of three brands agreed to, refused and took back.

As in life most of what is asked for is granted once and never looked at again; the unhappy withdraw. A
confirmation by e-mail often never comes, tablets in shops send their decisions days late, old lists were
imported without a proof, and some boxes came ticked.
"""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

import numpy as np
import orjson
from fastapi import APIRouter, HTTPException, Query, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.desk import Desk
from include.sandbox.people import write_profiles
from include.sandbox.seasons import DAY, HOUR, NEVER, instant, utc_text
from include.sandbox.shelf import Shelf
from include.sandbox.world import World

BRANDS = {"shop_online": 0.12, "news_site": 0.06, "habit_app": 0.06}
"""Share of all people who have been to the preference centre of each brand."""
ASKED = (
    ("tiep_thi", "email", 0.9), ("tiep_thi", "sms", 0.4), ("tiep_thi", "zalo", 0.5),
    ("phan_tich", None, 0.8), ("khao_sat", "email", 0.5),
)  # fmt: skip
"""Purposes and channels, and how often each is asked for."""
FORM, TABLET, CALL, IMPORT, LINK = range(5)
VIA = ("bieu_mau", "may_tinh_bang", "tong_dai", "nhap_cu", "lien_ket_email")
GRANTED, REFUSED, WITHDRAWN = "granted", "refused", "withdrawn"


class Channel(channel.Channel):
    """Two shelves: subjects and decisions."""

    SECRETS = ("PREFERENCE_CENTRE_TOKEN",)
    CALLS, CALLS_A_SECOND = 60, 10.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.withheld = 0
        """How many records of a list are counted and not given."""
        rng = world.rng(name)
        parts = [world.audience(brand, share) for brand, share in BRANDS.items()]
        persons = np.concatenate(parts)
        span = world.last - world.start - DAY
        joined = world.start + (rng.random(len(persons)) * span).astype(np.int64)
        self.subjects = subjects = write_profiles(rng, world.people, persons, joined)
        self.know(subjects, map(_subject, range(len(subjects))), birth_years=False)
        # profiles come sorted by their times, and by person within one
        self.brand = np.repeat(np.arange(len(parts)), [len(part) for part in parts])[
            np.lexsort((persons, joined))
        ]
        count = len(subjects)
        self.erased_at = np.where(
            rng.random(count) < 0.015, subjects.created_at + rng.integers(30 * DAY, 400 * DAY, count), NEVER
        )
        self._decide(rng)
        # a new text every half year
        self.text_version = 1 + (self.decided_at - world.start) // (180 * DAY)
        self.shelves = {
            "subjects": Shelf(1 + np.arange(count), subjects.created_at, self._subject_of),
            "decisions": Shelf(1 + np.arange(len(self.subject)), self.recorded_at, self._decision),
        }

    def _decide(self, rng: np.random.Generator) -> None:
        """Draw the decisions: those at the first visit, then the withdrawals of what was granted."""
        subjects, count = self.subjects, len(self.subjects)
        mood = self.world.satisfaction.at(subjects.person, subjects.created_at)
        via_of = rng.choice(4, count, p=(0.74, 0.13, 0.05, 0.08))
        is_asked = rng.random((count, len(ASKED))) < [share for _, _, share in ASKED]
        subject, asked = np.nonzero(is_asked)
        via, size = via_of[subject], len(subject)
        decided_at = subjects.created_at[subject] + rng.integers(5, 120, size)
        grants = (rng.random(size) < 0.45 + mood[subject] / 250) | (via == IMPORT)
        # an e-mail for marketing that is left in a form has to be confirmed; one in six never is
        needs = grants & (via == FORM) & (asked == 0)
        confirms = rng.random(size) < 5 / 6
        confirmed_at = decided_at + (rng.exponential(6, size) * HOUR).astype(np.int64) + 30
        confirmed_at = np.where(needs, np.where(confirms, confirmed_at, NEVER), 0)
        is_offline = (via == TABLET) & (rng.random(size) < 0.3)
        recorded_at = decided_at + np.where(is_offline, rng.integers(DAY, 3 * DAY, size), 1)

        held = np.flatnonzero(grants & (confirmed_at != NEVER))
        later = np.maximum(recorded_at, confirmed_at)[held] + rng.integers(DAY, 300 * DAY, len(held))
        mood = self.world.satisfaction.at(subjects.person[subject[held]], later)
        leaves = rng.random(len(held)) < np.clip(0.34 - 0.004 * mood, 0.04, 0.34)
        leaves &= later < self.erased_at[subject[held]]
        taken, later = held[leaves], later[leaves]

        def all_of(first: np.ndarray, then: object) -> np.ndarray:
            return np.concatenate([first, np.broadcast_to(then, taken.shape)])

        self.subject, self.asked = all_of(subject, subject[taken]), all_of(asked, asked[taken])
        self.via = all_of(via, rng.choice((FORM, CALL, LINK), len(taken), p=(0.4, 0.1, 0.5)))
        self.decided_at, self.recorded_at = all_of(decided_at, later), all_of(recorded_at, later + 1)
        self.confirmed_at = all_of(confirmed_at, 0)
        self.status = all_of(np.where(grants, GRANTED, REFUSED), WITHDRAWN)
        self.was_ticked = all_of(grants & (rng.random(size) < 0.04), False)

    def stand(self, moment: Moment) -> None:
        """Show who was there and what was recorded; a decision changes once, when it is confirmed."""
        self._now = now = moment.now
        erased_at = np.where(self.erased_at <= now, self.erased_at, 0)
        created_at = self.subjects.created_at
        self.shelves["subjects"].stand(np.where(created_at <= now, np.maximum(created_at, erased_at), 0))
        confirmed_at = np.where(self.confirmed_at <= now, self.confirmed_at, 0)
        changed_at = np.maximum(self.recorded_at, confirmed_at)
        self.shelves["decisions"].stand(np.where(self.recorded_at <= now, changed_at, 0))

    def allows(self, request: Request) -> bool:
        """Return whether a request bears the token."""
        return request.headers.get("authorization") == f"Bearer {self.secrets['PREFERENCE_CENTRE_TOKEN']}"

    def keys(self, stream: str) -> set[str]:
        """Return the ids of what is there and was not erased."""
        is_there = self.shelves[stream].updated_at > 0
        if stream == "subjects":
            return {_subject(row) for row in np.flatnonzero(is_there & (self.erased_at > self._now)).tolist()}
        return {_decision(row) for row in np.flatnonzero(is_there).tolist()}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what the versions of the texts add up to."""
        if stream == "subjects":
            return {}
        return {"text_version": int(self.text_version[self.recorded_at <= moment.now].sum())}

    def routes(self, desk: Desk) -> APIRouter:
        """Return the one endpoint of both lists."""
        router = APIRouter()

        @router.get("/v1/{stream}")
        async def listed(
            request: Request, stream: str, changed_since: str = "", changed_until: str = "", cursor: str = "",
            limit: Annotated[int, Query(ge=1, le=500)] = 100,
        ) -> Response:  # fmt: skip
            if stream not in self.shelves:
                raise HTTPException(404, "no such list")
            shelf = self.shelves[stream]
            span = instant(changed_since, 0), instant(changed_until, 1 << 40)
            rows = shelf.rows(updated=span, by="updated_at")
            total, rows = len(rows), rows[self.withheld :]
            if cursor:
                at, identity = (int(part) for part in cursor.split("-"))
                changed, ids = shelf.updated_at[rows], shelf.ids[rows]
                rows = rows[(changed > at) | ((changed == at) & (ids > identity))]
            page, following = rows[:limit], None
            if len(rows) > limit:
                following = f"{shelf.updated_at[page[-1]]}-{shelf.ids[page[-1]]}"
            body = b'{"data":[%s],"next_cursor":%s,"total":%d}' % (
                shelf.json(page), orjson.dumps(following), total,
            )  # fmt: skip
            return await desk.answer(request, stream, body, note=partial(shelf.note, page))

        return router

    def _subject_of(self, row: int, at: int) -> bytes:
        subjects, is_erased = self.subjects, self.erased_at[row] <= at
        record = {
            "id": _subject(row), "brand": list(BRANDS)[self.brand[row]],
            "name": None if is_erased else subjects.names[row],
            "phone": None if is_erased else subjects.phones[row],
            "email": None if is_erased else subjects.emails[row],
            "created_at": utc_text(subjects.created_at[row]), "changed_at": utc_text(at),
            "erased_at": utc_text(self.erased_at[row]) if is_erased else None,
        }  # fmt: skip
        return self.dump("subjects", row, record)

    def _decision(self, row: int, at: int) -> bytes:
        subject, via = int(self.subject[row]), int(self.via[row])
        purpose, by, _ = ASKED[self.asked[row]]
        record = {
            "id": _decision(row), "subject_id": _subject(subject), "brand": list(BRANDS)[self.brand[subject]],
            "purpose": purpose, "channel": by,
            "status": "pending" if self.confirmed_at[row] > at else str(self.status[row]),
            "was_ticked": bool(self.was_ticked[row]), "decided_at": utc_text(self.decided_at[row]),
            "changed_at": utc_text(at), "collected_via": VIA[via],
            "text_version": int(self.text_version[row]),
            "proof": None if via == IMPORT else f"bang_chung/{row * 2654435761 % (1 << 32):08x}",
        }  # fmt: skip
        return self.dump("decisions", row, record)


def _subject(row: int) -> str:
    return f"s{row + 1:06d}"


def _decision(row: int) -> str:
    return f"d{row + 1:07d}"
