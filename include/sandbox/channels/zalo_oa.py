"""The shop's Zalo Official Account: its users, its chats, and how its ZNS messages are rated.

As in life the status is 200 whatever happens, every refresh spends its token, rows shift when
somebody writes, and a page may be short without being the last.
"""

from collections.abc import Mapping
from functools import partial
from urllib.parse import parse_qs

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox import channel, chats
from include.sandbox.channel import Moment
from include.sandbox.channels.haravan.orders import FIRST_NUMBER
from include.sandbox.desk import Desk
from include.sandbox.pairs import Pairs
from include.sandbox.people import write_profiles
from include.sandbox.places import written
from include.sandbox.seasons import DAY, HOUR, NEVER, local_text, midnight
from include.sandbox.shelf import Shelf
from include.sandbox.vocabulary import BLAME, PRAISE
from include.sandbox.world import World

OA_ID = "4318720000000000001"
USER_ID, BY_APP = 2_512_523_625_412_515_000, 4_870_000_000_000_000_000
TEMPLATES = ("310001", "310002")
"""ZNS templates that ask for a rating: after delivery, and after an exchange."""
REACHABLE = 10_000
LASTS = 90_000
"""Seconds that an access token works."""


class Channel(channel.Channel):
    """Three shelves: users, messages, ratings."""

    SECRETS = ("ZALO_OA_REFRESH_TOKEN", "ZALO_OA_APP_SECRET")
    CALLS, CALLS_A_SECOND = 10, 5.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        rng = world.rng(name)
        self.pairs = Pairs(secrets["ZALO_OA_REFRESH_TOKEN"], LASTS)
        self.lacking: set[str] = set()
        """Streams that the account's package lacks."""
        self.passing = 0
        """Seconds that pass with every page of chats or messages: somebody writes meanwhile."""
        self.bad_rates = False
        """Whether a rating is 0, which the scale does not have."""
        self._now = world.end
        persons = world.audience("shop_online", 0.05)
        self._said = said = chats.make_messages(rng, world, len(persons), 1.8)
        self._first = np.searchsorted(said.talker, np.arange(len(persons) + 1))
        self._followed_at = said.said_at[self._first[:-1]] - rng.integers(60, 30 * DAY, len(persons))
        self._followed_at = np.maximum(self._followed_at, world.start)
        self._profiles = write_profiles(rng, world.people, persons, self._followed_at)
        self._shares_phone = rng.random(len(persons)) < 0.35
        self._is_nickname = rng.random(len(persons)) < 0.25
        self.know(
            self._profiles, map(_user_id, range(len(persons))), names=~self._is_nickname,
            phones=self._shares_phone, emails=False, birth_years=False,
        )  # fmt: skip
        orders = world.orders
        arrived = np.flatnonzero((orders.person >= 0) & (orders.delivered_at != NEVER))
        self._rated = arrived[rng.random(len(arrived)) < 0.04]
        at = orders.delivered_at[self._rated] + rng.integers(HOUR, 3 * DAY, len(self._rated))
        by_time = np.argsort(at, kind="stable")
        self._rated, at = self._rated[by_time], at[by_time]
        mood = world.satisfaction.at(orders.person[self._rated], at) + rng.normal(0, 12, len(at))
        self._rate = np.clip(np.rint(1.8 + mood / 25), 1, 5).astype(int)
        self.shelves = {
            "users": Shelf(1 + np.arange(len(persons)), self._followed_at, self._user),
            "messages": Shelf(1 + np.arange(len(said)), said.said_at, self._message),
            "ratings": Shelf(1 + np.arange(len(at)), at, self._rating),
        }

    def stand(self, moment: Moment) -> None:
        """Show what was said, and each user with the last interaction."""
        self._now = moment.now
        said_at = self._said.said_at
        is_said = said_at <= moment.now
        last = np.where(self._followed_at <= moment.now, self._followed_at, 0)
        np.maximum.at(last, self._said.talker[is_said], said_at[is_said])
        self.shelves["users"].stand(last)
        self.shelves["messages"].stand(np.where(is_said, said_at, 0))
        at = self.shelves["ratings"].created_at
        self.shelves["ratings"].stand(np.where(at <= moment.now, at, 0))

    def allows(self, request: Request) -> bool:
        """Return whether a request bears the newest access token, or to the login the app's secret."""
        if request.url.path.endswith("/access_token"):
            return request.headers.get("secret_key") == self.secrets["ZALO_OA_APP_SECRET"]
        return self.pairs.is_valid(request.headers.get("access_token", ""), self._now)

    def refusal(self, request: Request) -> Response:
        """Return what Zalo answers to a dead token."""
        if request.url.path.endswith("/access_token"):
            return _answer(orjson.dumps({"error": -14004, "error_name": "Invalid secret key"}))
        return _answer(_error(-216, "Access token has expired"))

    def busy(self, retry_after: str) -> Response:
        """Return what Zalo answers to a caller who asks too often: it does not say how long to wait."""
        return _answer(_error(-32, "Your application reached limit call api"))

    def keys(self, stream: str) -> set[str]:
        """Return the ids of what is there."""
        name = {"users": _user_id, "messages": _message_id, "ratings": _rating_id}[stream]
        return {name(row) for row in np.flatnonzero(self.shelves[stream].updated_at > 0).tolist()}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return how many messages are customers', and the sum of the ratings."""
        shown = self.shelves[stream].updated_at > 0
        if stream == "messages":
            return {"src": int(self._said.is_customer[shown].sum())}
        return {"rate": int(self._rate[shown].sum())} if stream == "ratings" else {}

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints of the three hosts."""
        router = APIRouter()
        users, messages, ratings = (self.shelves[name] for name in ("users", "messages", "ratings"))

        async def answer(
            request: Request, place: str, stream: str, data: bytes, rows: np.ndarray
        ) -> Response:  # fmt: skip
            shelf = self.shelves[stream]
            if stream in self.lacking:
                body = _error(-224, "Your OA has not subscribed to a package with this feature")
                return await desk.answer(request, place, body)
            body = b'{"data":%s,"error":0,"message":"Success"}' % data
            response = await desk.answer(request, place, body, note=partial(shelf.note, rows))
            if self.passing and stream == "messages":
                desk.stage.now += self.passing
                self.stand(desk.stage.moment)
            return response

        @router.post("/v4/oa/access_token")
        async def refresh(request: Request) -> Response:
            form = parse_qs((await request.body()).decode())
            offer = self.pairs.offer(form.get("refresh_token", [""])[0])
            if offer is None:
                body = orjson.dumps({"error": -14020, "error_name": "Refresh token was used before"})
                return await desk.answer(request, "login", body)
            number, access, again = offer
            pair = {"access_token": access, "refresh_token": again, "expires_in": str(LASTS)}
            spend = partial(self.pairs.spend, number, self._now)
            return await desk.answer(request, "login", orjson.dumps(pair), note=spend)

        @router.get("/v3.0/oa/user/getlist")
        async def list_users(request: Request, data: str) -> Response:
            asked = orjson.loads(data)
            offset, count = int(asked["offset"]), int(asked["count"])
            if not 1 <= count <= 50 or offset >= REACHABLE:
                return _answer(_error(-203, "offset or count is out of range"))
            first, last = (
                midnight(np.datetime64(day.replace("_", "-")).item())
                for day in asked["last_interaction_period"].split(":")
            )
            rows = users.rows(updated=(max(first, 1), last + DAY - 1), by="updated_at")[::-1]
            page = rows[offset : offset + count]
            body = orjson.dumps({
                "total": len(rows), "count": len(page), "offset": offset,
                "users": [{"user_id": _user_id(row)} for row in page.tolist()],
            })  # fmt: skip
            return await answer(request, "getlist", "users", body, page[:0])

        @router.get("/v3.0/oa/user/detail")
        async def show_user(request: Request, data: str) -> Response:
            row = _row_of(orjson.loads(data).get("user_id"))
            if not 0 <= row < len(users.ids) or not users.updated_at[row]:
                return _answer(_error(-213, "User has not interacted with the OA"))
            rows = np.array([row])
            return await answer(request, "users", "users", users.json(rows), rows)

        @router.get("/v2.0/oa/listrecentchat")
        async def recent(request: Request, data: str) -> Response:
            asked = orjson.loads(data)
            offset, count = int(asked["offset"]), int(asked["count"])
            if not 1 <= count <= 10:
                return _answer(_error(-203, "count is out of range"))
            shown = np.flatnonzero(messages.updated_at > 0)
            # sorted by talker and time: the last of each talker is the chat's newest
            newest = shown[np.flatnonzero(np.diff(self._said.talker[shown], append=-1) != 0)]
            newest = newest[np.lexsort((newest, self._said.said_at[newest]))][::-1]
            page = newest[offset : offset + count]
            body = b"[%s]" % messages.json(page)
            return await answer(request, "listrecentchat", "messages", body, page[:0])

        @router.get("/v2.0/oa/conversation")
        async def conversation(request: Request, data: str) -> Response:
            asked = orjson.loads(data)
            offset, count, row = int(asked["offset"]), int(asked["count"]), _row_of(asked["user_id"])
            if not 1 <= count <= 10 or not 0 <= row < len(users.ids):
                return _answer(_error(-203, "count or user_id is out of range"))
            rows = np.arange(self._first[row], self._first[row + 1])
            rows = rows[messages.updated_at[rows] > 0][::-1]
            # one chat in three begins with a page that is short, and is not the last
            size = min(count, 3) if row % 3 == 0 and offset == 0 else count
            page = rows[offset : offset + size]
            body = b"[%s]" % messages.json(page)
            if row % 2:
                body = b'{"total":%d,"data":%s}' % (len(rows), body)
            return await answer(request, "messages", "messages", body, page)

        @router.get("/rating/get")
        async def rate(
            request: Request, template_id: str, from_time: int, to_time: int, offset: int, limit: int
        ) -> Response:  # fmt: skip
            if template_id not in TEMPLATES or not 1 <= limit <= 10_000:
                return _answer(_error(-117, "Template is not of this OA"))
            rows = ratings.rows(updated=(-(-from_time // 1000), to_time // 1000))
            rows = rows[rows % 4 // 3 == TEMPLATES.index(template_id)]
            page = rows[offset : offset + limit]
            body = b'{"total":%d,"data":[%s]}' % (len(rows), ratings.json(page))
            return await answer(request, "ratings", "ratings", body, page)

        return router

    def _user(self, row: int, now: int) -> bytes:
        profiles = self._profiles
        person = self.world.people[int(profiles.person[row])]
        phone = profiles.phones[row] if self._shares_phone[row] else None
        name = f"{person.given} {person.birth_year % 100}" if self._is_nickname[row] else profiles.names[row]
        shared = {"address": "", "city": written(person.place, row).province, "district": "", "phone": phone,
                  "name": profiles.names[row], "user_dob": ""} if phone else {}  # fmt: skip
        return orjson.dumps({
            "user_id": _user_id(row), "user_id_by_app": str(BY_APP + 7919 * row),
            "user_external_id": "", "display_name": name, "user_alias": name, "is_sensitive": False,
            "user_last_interaction_date": "/".join(reversed(local_text(now)[:10].split("-"))),
            "user_is_follower": row % 9 != 0, "avatar": "https://s120.zalo.example/default",
            "tags_and_notes_info": {"notes": [], "tag_names": ["khách quen"] if row % 5 == 0 else []},
            "shared_info": shared,
        })  # fmt: skip

    def _message(self, row: int, now: int) -> bytes:
        said, user = self._said, int(self._said.talker[row])
        customer = {"id": _user_id(user), "display_name": self._profiles.names[user]}
        shop = {"id": OA_ID, "display_name": "Cửa hàng"}
        is_customer = bool(said.is_customer[row])
        sender, receiver = (customer, shop) if is_customer else (shop, customer)
        return orjson.dumps({
            "message_id": _message_id(row), "src": int(is_customer), "type": "text",
            "time": int(said.said_at[row]) * 1000 + row % 1000,
            "sent_time": local_text(said.said_at[row]), "message": chats.words(said, row),
            **{f"from_{key}": value for key, value in sender.items()},
            **{f"to_{key}": value for key, value in receiver.items()},
        })  # fmt: skip

    def _rating(self, row: int, now: int) -> bytes:
        rate = 0 if self.bad_rates and row == 0 else int(self._rate[row])
        notes = PRAISE if rate >= 4 else BLAME
        return orjson.dumps({
            "msgId": _rating_id(row), "oaId": OA_ID, "rate": rate, "note": notes[row % len(notes)],
            "feedbacks": ["Giao hàng nhanh"] if rate == 5 else [],
            "trackingId": f"#{FIRST_NUMBER + int(self._rated[row])}",
            "submitDate": str(int(self.shelves["ratings"].created_at[row]) * 1000),
        })  # fmt: skip


def _answer(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def _error(code: int, message: str) -> bytes:
    return orjson.dumps({"error": code, "message": message})


def _user_id(row: int) -> str:
    return str(USER_ID + 104_729 * row)


def _row_of(user_id: object) -> int:
    row, rest = divmod(int(str(user_id)) - USER_ID, 104_729)
    return row if rest == 0 else -1


def _message_id(row: int) -> str:
    return f"{row * 2654435761 % (1 << 32):08x}{row:08x}"


def _rating_id(row: int) -> str:
    return f"zns{row * 40503 % (1 << 16):04x}{row:08x}"
