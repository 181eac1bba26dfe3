"""The shop's live chat as Subiz's API shows it: chats that have ended, newest first, by page number.

As in life a chat that ends while the list is read shifts it, ratings come after the end, and who asks
at night leaves a message that nobody answers in the chat.
"""

import base64
from collections.abc import Mapping
from functools import partial
from typing import Annotated

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request, Response

from include.sandbox import channel, chats
from include.sandbox.channel import Moment
from include.sandbox.desk import Desk
from include.sandbox.people import write_profiles
from include.sandbox.places import written
from include.sandbox.seasons import DAY, HOUR, NEVER, instant, midnights, utc_text
from include.sandbox.shelf import Shelf
from include.sandbox.vocabulary import BOT_REPLY
from include.sandbox.world import World

IDLE = 600
"""Seconds without a word after which a chat has ended."""
TAGS = ("Giao hàng", "Đổi trả", "Sản phẩm", "Thanh toán", "Tư vấn", "Khác")


class Channel(channel.Channel):
    """Three shelves: visitors, chats, messages."""

    SECRETS = ("SUBIZ_SECRET_KEY",)
    CALLS, CALLS_A_SECOND = 50, 10.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.failing = 0
        """How many valid requests will fail."""
        self.passing = 0
        """Seconds that pass with every page: chats end meanwhile."""
        rng = world.rng(name)
        persons = world.audience("shop_online", 0.08)
        said = chats.make_messages(rng, world, len(persons), 1.7, wait=75)
        said = said.take(np.lexsort((said.said_at, said.chat)))
        opened = said.said_at[np.flatnonzero(np.diff(said.chat, prepend=-1))][
            np.cumsum(np.diff(said.chat, prepend=-1) != 0) - 1
        ]
        second = opened - midnights(opened)
        is_night = (second >= 21 * HOUR) | (second < 8 * HOUR)
        self._said = said = said.take(np.flatnonzero(~is_night | said.is_question))
        starts = np.flatnonzero(np.diff(said.chat, prepend=-1))
        self._first = np.append(starts, len(said))
        self._visitor = said.talker[starts]
        self._start, self._end = said.said_at[starts], said.said_at[self._first[1:] - 1] + IDLE
        count = len(starts)
        second = self._start - midnights(self._start)
        self._is_offline = (second >= 21 * HOUR) | (second < 8 * HOUR)
        self._is_greeted = ~self._is_offline & (rng.random(count) < 0.3)
        self._tag = rng.choice(len(TAGS), count)
        is_answered = np.diff(self._first) > 1
        rates = is_answered & (rng.random(count) < 0.35)
        self._rated_at = np.where(rates, self._end + rng.integers(5, 2 * DAY, count), NEVER)
        mood = world.satisfaction.at(persons[self._visitor], self._end) + rng.normal(0, 10, count)
        self._is_good = mood > 48

        by_end = np.lexsort((np.arange(count), self._end))
        self._order = by_end[::-1]
        seen_first = np.full(len(persons), NEVER)
        np.minimum.at(seen_first, self._visitor, self._end)
        self._profiles = write_profiles(rng, world.people, persons, np.minimum(seen_first, world.last))
        self._is_named = named = rng.random(len(persons)) < 0.7
        self.know(
            self._profiles, map(_visitor_id, range(len(persons))), names=named, phones=named, emails=named,
            birth_years=False,
        )  # fmt: skip
        ends = np.repeat(self._end, np.diff(self._first))
        self.shelves = {
            "visitors": Shelf(1 + np.arange(len(persons)), seen_first, self._visitor_of),
            "chats": Shelf(1 + np.arange(count), self._end, self._chat),
            "messages": Shelf(1 + np.arange(len(said)), ends, self._message),
        }

    def stand(self, moment: Moment) -> None:
        """Show what has ended; a chat changes once, when it is rated."""
        for shelf in self.shelves.values():
            shelf.stand(np.where(shelf.created_at <= moment.now, shelf.created_at, 0))
        changed = np.where(self._rated_at <= moment.now, self._rated_at, self._end)
        self.shelves["chats"].stand(np.where(self._end <= moment.now, changed, 0))

    def allows(self, request: Request) -> bool:
        """Return whether a request shows the key, as a user without a password."""
        shown = base64.b64encode(f"{self.secrets['SUBIZ_SECRET_KEY']}:".encode()).decode()
        return request.headers.get("authorization") == f"Basic {shown}"

    def refusal(self, request: Request) -> Response:
        """Return what Subiz answers to a wrong key."""
        body = b'{"code":401,"message":"Invalid API key"}'
        return Response(body, 401, media_type="application/json")

    def keys(self, stream: str) -> set[str]:
        """Return the keys of what is there; a greeting counts as a message."""
        rows = np.flatnonzero(self.shelves["chats"].updated_at > 0).tolist()
        if stream == "chats":
            return {_chat_id(row) for row in rows}
        if stream == "visitors":
            return {_visitor_id(self._visitor[row]) for row in rows}
        return {f"{_chat_id(row)}/{place}" for row in rows for place in range(self._count(row))}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return the messages that chats count."""
        if stream != "chats":
            return {}
        rows = np.flatnonzero(self.shelves["chats"].updated_at > 0)
        return {"count": int((np.diff(self._first) + self._is_greeted)[rows].sum())}

    def routes(self, desk: Desk) -> APIRouter:
        """Return the list of chats."""
        router = APIRouter()
        shelf = self.shelves["chats"]

        @router.get("/chats")
        async def list_chats(
            request: Request, ended_since: str = "", page: Annotated[int, Query(ge=1)] = 1,
            limit: Annotated[int, Query(ge=1, le=100)] = 20,
        ) -> Response:  # fmt: skip
            if self.failing:
                self.failing -= 1
                body = b'{"code":402,"message":"Request failed"}'
                return Response(body, 402, media_type="application/json")
            since = instant(ended_since, 0)
            shown = (shelf.updated_at[self._order] > 0) & (self._end[self._order] >= since)
            found = self._order[shown]
            rows = found[(page - 1) * limit : page * limit]
            body = b'{"total":%d,"page":%d,"chats":[%s]}' % (len(found), page, shelf.json(rows))
            response = await desk.answer(request, "chats", body, note=partial(shelf.note, rows))
            if self.passing:
                desk.stage.now += self.passing
                self.stand(desk.stage.moment)
            return response

        return router

    def _count(self, row: int) -> int:
        return int(self._first[row + 1] - self._first[row]) + int(self._is_greeted[row])

    def _visitor_of(self, row: int, now: int) -> bytes:
        profiles = self._profiles
        is_named = bool(self._is_named[row])
        return orjson.dumps({
            "id": _visitor_id(row), "name": profiles.names[row] if is_named else f"Khách {row + 1}",
            "email": (profiles.emails[row] or "") if is_named else "",
            "phone": (profiles.phones[row] or "") if is_named else "", "banned": 0,
        })  # fmt: skip

    def _message(self, row: int, now: int) -> bytes:
        return orjson.dumps({
            "type": "message", "text": chats.words(self._said, row),
            "user_type": "visitor" if self._said.is_customer[row] else "agent",
            "time": utc_text(self._said.said_at[row]),
        })  # fmt: skip

    def _chat(self, row: int, now: int) -> bytes:
        visitor = int(self._visitor[row])
        person = self.world.people[int(self._profiles.person[visitor])]
        start, end = int(self._start[row]), int(self._end[row])
        history = [
            orjson.loads(self._message(said, now)) for said in range(self._first[row], self._first[row + 1])
        ]
        if self._is_greeted[row]:
            greeting = {"type": "message", "text": BOT_REPLY, "user_type": "trigger"}
            history.insert(1, greeting | {"time": utc_text(start + 4)})
        chat = {
            "id": _chat_id(row), "visitor": orjson.loads(self._visitor_of(visitor, now)),
            "type": "offline message" if self._is_offline[row] else "chat", "started_by": "visitor",
            "session": {
                "id": f"z{row:023x}", "browser_name": "Chrome", "platform": "Android",
                "city": written(person.place, visitor).province, "country_code": "VN",
                "start_time": utc_text(start), "end_time": utc_text(end),
            },
            "count": len(history), "duration": end - start, "history": history,
            "tags": [] if row % 4 == 0 else [TAGS[self._tag[row]]],
            "visited_pages": [{"title": "Trang chủ", "url": "https://shop.example/"}],
        }  # fmt: skip
        if self._rated_at[row] <= now:
            chat["rating"] = "good" if self._is_good[row] else "bad"
        return orjson.dumps(chat)


def _chat_id(row: int) -> str:
    return f"573{int(row) * 2654435761 % (1 << 32):08x}{int(row):013x}"


def _visitor_id(row: int) -> str:
    return f"v{int(row) * 40503 % (1 << 16):04x}{int(row):010d}"
