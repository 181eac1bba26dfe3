"""The shop's surveys as Typeform's API shows them: three forms, answers completed and only begun."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated

import numpy as np
import orjson
from fastapi import APIRouter, HTTPException, Query, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.channels.haravan.orders import FIRST_NUMBER
from include.sandbox.desk import Desk
from include.sandbox.people import spell_phone
from include.sandbox.seasons import DAY, NEVER, VIETNAM, instant, midnight, utc_text
from include.sandbox.shelf import Shelf
from include.sandbox.vocabulary import BLAME, PRAISE
from include.sandbox.world import World

FORMS = {"nps_don_hang": (0, 10), "csat_cham_soc": (1, 5), "kiem_chung": (1, 5)}
"""The forms and the ends of their scales: after an order, after care, and of whoever bought of late."""
VALIDATION = 2
"""The number of the last form."""
ASKED = 0.25
"""The share of recent buyers who are asked at random each month, whatever they met, and begin to answer."""
RECENT = 112
"""For how many days somebody has bought of late."""
SHOWN_LATE = 300
"""Seconds until an answer is in the list."""


class Channel(channel.Channel):
    """One shelf over the answers of both forms."""

    SECRETS = ("TYPEFORM_TOKEN",)
    CALLS, CALLS_A_SECOND = 2, 2.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        rng, orders = world.rng(name), world.orders
        arrived = np.flatnonzero((orders.person >= 0) & (orders.delivered_at != NEVER))
        asked = arrived[rng.random(len(arrived)) < 0.25]
        begun_at = orders.delivered_at[asked] + rng.integers(DAY, 4 * DAY, len(asked))
        by_time = np.argsort(begun_at, kind="stable")
        order, begun_at = asked[by_time], begun_at[by_time]
        form = (rng.random(len(order)) < 0.35).astype(int)
        about_orders = _answered(rng, world, orders.person[order], form, begun_at)
        buyers, asked_at = _recent_buyers(rng, world)
        at_random = _answered(rng, world, buyers, np.full(len(buyers), VALIDATION), asked_at)
        self._person, self._form, self._begun_at, self._score, self._submitted_at = (
            np.concatenate(pair) for pair in zip(about_orders, at_random, strict=True)
        )
        self._order = np.concatenate([order, np.full(len(buyers), -1)])
        count = len(self._order)
        self.shelves = {"responses": Shelf(1 + np.arange(count), self._begun_at, self._answer)}

    def stand(self, moment: Moment) -> None:
        """Show the answers that were begun; each changes once, when it is submitted."""
        seen = moment.now - SHOWN_LATE
        changed = np.where(self._submitted_at <= seen, self._submitted_at, self._begun_at)
        self.shelves["responses"].stand(np.where(self._begun_at <= seen, changed, 0))

    def allows(self, request: Request) -> bool:
        """Return whether a request bears the personal token."""
        return request.headers.get("authorization") == f"Bearer {self.secrets['TYPEFORM_TOKEN']}"

    def refusal(self, request: Request) -> Response:
        """Return what Typeform answers to dead credentials."""
        body = b'{"code":"AUTHENTICATION_FAILED","description":"Authentication credentials not found"}'
        return Response(body, 403, media_type="application/json")

    def keys(self, stream: str) -> set[str]:
        """Return the keys: a form and a token."""
        rows = np.flatnonzero(self.shelves[stream].updated_at > 0)
        return {f"{list(FORMS)[self._form[row]]}/{_token(row)}" for row in rows.tolist()}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return the sum of the scores of completed answers."""
        done = self._submitted_at <= moment.now - SHOWN_LATE
        return {"answers.0.number": int(self._score[done].sum())}

    def routes(self, desk: Desk) -> APIRouter:
        """Return the one endpoint."""
        router = APIRouter()
        shelf = self.shelves["responses"]

        @router.get("/forms/{form}/responses")
        async def responses(
            request: Request, form: str, since: str = "", until: str = "", completed: str = "",
            before: str = "", page_size: Annotated[int, Query(ge=1, le=1000)] = 25,
        ) -> Response:  # fmt: skip
            if form not in FORMS:
                raise HTTPException(404, "FORM_NOT_FOUND")
            number, now = list(FORMS).index(form), desk.stage.now - SHOWN_LATE
            done = self._submitted_at <= now
            at = np.where(done, self._submitted_at, self._begun_at)
            low, high = instant(since, 0), instant(until, 1 << 40)
            shown = (shelf.updated_at > 0) & (self._form == number) & (at >= low) & (at <= high)
            if completed:
                shown &= done == (completed == "true")
            rows = np.flatnonzero(shown)
            rows = rows[np.lexsort((rows, at[rows]))][::-1]
            total = len(rows)
            if before:
                place = np.flatnonzero([_token(row) == before for row in rows.tolist()])
                if not len(place):
                    raise HTTPException(400, "VALIDATION_ERROR: before is no token of this form")
                rows = rows[place[0] + 1 :]
            page = rows[:page_size]
            body = b'{"total_items":%d,"page_count":%d,"items":[%s]}' % (
                total, -(-total // page_size), shelf.json(page),
            )  # fmt: skip
            # a host that repeats an answer repeats it to the same question
            place = f"responses.{form}.{completed}"
            return await desk.answer(request, place, body, note=partial(shelf.note, page))

        return router

    def _answer(self, row: int, now: int) -> bytes:
        form, order = list(FORMS)[self._form[row]], int(self._order[row])
        is_about_order = order >= 0
        is_done = self._submitted_at[row] <= now
        score, top = int(self._score[row]), FORMS[form][1]
        phone = self.world.people[int(self._person[row])].phone_at(int(self._begun_at[row]))
        words = PRAISE if score >= 0.85 * top else BLAME if score <= 0.6 * top else ("",)
        record = {
            "token": _token(row), "response_id": _token(row),
            "response_type": "completed" if is_done else "started",
            "landed_at": utc_text(self._begun_at[row]),
            "submitted_at": utc_text(self._submitted_at[row]) if is_done else "0001-01-01T00:00:00Z",
            "metadata": {"platform": "mobile" if row % 3 else "other", "referer": "https://tf.example"},
            "hidden": {
                "order_id": f"#{FIRST_NUMBER + order}" if is_about_order else "",
                "moment": "post" if is_about_order else "validation",
                "phone": spell_phone(phone, row) if row % 4 else "",
            },
            "answers": [
                {"field": {"id": "q1", "type": "opinion_scale", "ref": "score"}, "type": "number",
                 "number": score},
                {"field": {"id": "q2", "type": "long_text", "ref": "why"}, "type": "text",
                 "text": words[row % len(words)]},
            ] if is_done else [],
        }  # fmt: skip
        return orjson.dumps(record)


def _answered(
    rng: np.random.Generator, world: World, person: np.ndarray, form: np.ndarray, begun_at: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Return persons, forms and beginnings of answers, what they score, and when they are submitted."""
    count = len(person)
    noisy = world.satisfaction.at(person, begun_at) + rng.normal(0, 12, count)
    nps = np.clip(np.rint(noisy / 10 + 1.8), 0, 10)
    # who is asked out of the blue has no service to be polite about
    csat = np.clip(np.rint(np.where(form == VALIDATION, 1.0, 1.8) + noisy / 25), 1, 5)
    # one in seven is begun and left; a third of those come back within three days
    left = rng.random(count) < 1 / 7
    back = rng.random(count) < 1 / 3
    takes = np.where(left, rng.integers(DAY // 2, 3 * DAY, count), rng.integers(20, 400, count))
    score = np.where(form == 0, nps, csat).astype(int)
    return person, form, begun_at, score, np.where(left & ~back, NEVER, begun_at + takes)


def _recent_buyers(rng: np.random.Generator, world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return who is asked at random in the first weeks of each month, and when."""
    orders = world.orders
    persons, times = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for month in _months(world):
        is_recent = (orders.created_at >= month - RECENT * DAY) & (orders.created_at < month)
        buyers = np.unique(orders.person[is_recent & (orders.person >= 0)])
        chosen = buyers[rng.random(len(buyers)) < ASKED]
        persons.append(chosen)
        times.append(np.sort(month + rng.integers(DAY, 20 * DAY, len(chosen))))
    return np.concatenate(persons), np.concatenate(times)


def _months(world: World) -> list[int]:
    """Return the first second of each month that begins in the world's days."""
    days = (datetime.fromtimestamp(world.start + n * DAY, VIETNAM).date() for n in range(world.days))
    return [midnight(day) for day in days if day.day == 1]


def _token(row: int) -> str:
    return f"tf{row * 2654435761 % (1 << 40):010x}{row:06d}"
