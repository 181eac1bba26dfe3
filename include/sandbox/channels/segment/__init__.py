"""Behaviour on the websites of five units and in the habit app, as Segment hands it on.

What visitors of websites do is written by the hour of receipt to files of JSON lines; what the app's
users do is asked for over HTTP, in pages. Events are numbered: those of `visits.py` first, then those
of each unit's tracker.
"""

import gzip
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, cast

import numpy as np
import orjson
from fastapi import APIRouter, HTTPException, Query, Request, Response

from include.sandbox import channel, exports
from include.sandbox.channel import Moment
from include.sandbox.channels.database import Channel as Database
from include.sandbox.channels.haravan.orders import CUSTOMER_ID, ORDER_ID
from include.sandbox.channels.segment.app import App
from include.sandbox.channels.segment.forum import Forum
from include.sandbox.channels.segment.lodging import Lodging
from include.sandbox.channels.segment.news import News
from include.sandbox.channels.segment.referrals import Referrals
from include.sandbox.channels.segment.software import Software
from include.sandbox.channels.segment.tracker import LONGEST_LOOK, ORIGINS, Tracker
from include.sandbox.channels.segment.visits import (
    IDENTIFY,
    IS_IDENTIFY,
    ORDERED,
    PAGE,
    SCREEN,
    STEPS,
    WEB,
    Events,
    Sessions,
    message_id,
    product_properties,
    visits_of,
)
from include.sandbox.channels.stripe import Channel as Stripe
from include.sandbox.desk import Desk
from include.sandbox.people import Profiles
from include.sandbox.seasons import HOUR, instant, utc_text
from include.sandbox.shelf import Shelf
from include.sandbox.vocabulary import AD_CAMPAIGNS
from include.sandbox.world import World

SITE = "https://nhaan.example"
BROWSERS = (
    "Mozilla/5.0 (Linux; Android 15; SM-A556E) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Safari/604.1",
)
BOT_AGENTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 HeadlessChrome/141.0 Safari/537.36",
)
DEVICES = ("mobile", "desktop", "tablet")
SEARCHES = ("kem chống nắng", "serum", "tã quần", "nước giặt", "vitamin c", "áo thun", "son dưỡng")
HABITS = ("Uống nước", "Đi bộ 30 phút", "Đọc sách", "Thiền", "Ngủ trước 23 giờ")
PROJECTS = ("nha_an_web", "thoi_quen_app")
"""The names of the shop's and the app's places in Segment."""
REFERRERS = ("", "https://www.google.com/", "https://www.facebook.com/", "", "https://coccoc.com/search")


class Channel(channel.Channel):
    """A shelf over all events, and one over the users who were ever identified."""

    SECRETS = ("SEGMENT_TOKEN",)
    CALLS, CALLS_A_SECOND = 20, 10.0

    MEETS = ("stripe", "database")

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.visits = visits_of(world)
        events, sessions = self.visits.events, self.visits.sessions
        self._unit = sessions.unit[events.session]
        self._identify = np.flatnonzero(events.step == IS_IDENTIFY)
        user = sessions.user[events.session[self._identify]] * 2 + self._unit[self._identify]
        users, first = np.unique(user, return_index=True)
        self._user_of_identify = np.searchsorted(users, user)
        app, web = users[users % 2 != WEB] // 2, users[users % 2 == WEB] // 2
        self.know(self.visits.users.only(app), (f"hu{row:07d}" for row in app.tolist()))
        # the website's users are the online shop's customers, under the same numbers
        self.know(world.accounts.only(web), CUSTOMER_ID + web)
        self._attention = _attention(events, sessions)
        self._subtotal = np.bincount(world.order_lines.order, world.order_lines.net, len(world.orders))
        self._written_to = 0
        self.shelves = {
            "identifies": Shelf(
                1 + np.arange(len(users)), events.received_at[self._identify[first]], self._latest
            ),
        }

    def meet(self, channels: Mapping[str, channel.Channel]) -> None:
        """Follow the customers of the other channels, too, and put everything on the shelves."""
        world, accounts = self.world, self._accounts()
        stripe, database = cast("Stripe", channels["stripe"]), cast("Database", channels["database"])
        self.trackers: list[Tracker] = [
            App(world, accounts, self.visits), Software(world, accounts, stripe),
            News(world, accounts, database), Forum(world, accounts, database),
            Lodging(world, accounts, database), Referrals(world, accounts, self.visits),
        ]  # fmt: skip
        events, sessions = self.visits.events, self.visits.sessions
        self._first = np.cumsum([0, len(events), *(len(each.events) for each in self.trackers)])
        """The number of each tracker's first event, the first one being that of `visits.py`."""
        self.received_at = np.concatenate(
            [events.received_at, *(each.events.received_at for each in self.trackers)]
        )
        self._is_app = np.concatenate(
            [sessions.unit[events.session] != WEB,
             *(np.full(len(each.events), each.IS_APP) for each in self.trackers)]
        )  # fmt: skip
        by_time = np.argsort(self.received_at, kind="stable")
        self._web, self._app = by_time[~self._is_app[by_time]], by_time[self._is_app[by_time]]
        self.shelves["events"] = Shelf(1 + np.arange(len(by_time)), self.received_at, self._event)

    def _accounts(self) -> dict[int, str]:
        """Return the id of each person who signed in by the end of history: units share one account."""
        events, sessions = self.visits.events, self.visits.sessions
        rows = self._identify[events.received_at[self._identify] <= self.world.end]
        found: dict[int, str] = {}
        for row in rows.tolist():
            session = events.session[row]
            known = self.world.accounts if sessions.unit[session] == WEB else self.visits.users
            found.setdefault(int(known.person[sessions.user[session]]), self._user_id(row))
        return found

    def stand(self, moment: Moment) -> None:
        """Show what was received; a user stands as they were identified last."""
        received = self.received_at
        self.shelves["events"].stand(np.where(received <= moment.now, received, 0))
        latest = np.zeros(len(self.shelves["identifies"].ids), np.int64)
        seen = received[self._identify] <= moment.now
        # received in order, so that the last is the latest
        latest[self._user_of_identify[seen]] = received[self._identify[seen]]
        self.shelves["identifies"].stand(latest)

    def write(self, home: Path, moment: Moment) -> None:
        """Write the website's events, one file of JSON lines for each hour that received any."""
        received = self.received_at[self._web]
        first, end = np.searchsorted(received, [self._written_to, moment.now + 1])
        target = exports.folder(home, self.name)
        hours = received[first:end] // HOUR
        there, begins = np.unique(hours, return_index=True)
        ends = np.append(begins[1:], end - first)[: len(there)]
        for hour, low, high in zip(there.tolist(), first + begins, first + ends, strict=True):
            lines = b"".join(self._event(row, 0) + b"\n" for row in self._web[low:high].tolist())
            day, clock = utc_text(hour * HOUR)[:13].split("T")
            (target / day).mkdir(exist_ok=True)
            exports.replace(target / day / f"{clock}.json.gz", gzip.compress(lines, 1, mtime=0))
        # the hour that is not over is written again
        self._written_to = max(self._written_to, moment.now // HOUR * HOUR)

    def allows(self, request: Request) -> bool:
        """Return whether a request bears the access token."""
        return request.headers.get("authorization") == f"Bearer {self.secrets['SEGMENT_TOKEN']}"

    def keys(self, stream: str) -> set[str]:
        """Return the ids of messages, or of the users who were identified."""
        if stream == "events":
            return {
                self._message(row) for row in np.flatnonzero(self.shelves[stream].updated_at > 0).tolist()
            }
        seen = self._identify[self.visits.events.received_at[self._identify] <= self._now(stream)]
        return {self._user_id(row) for row in seen.tolist()}

    def _now(self, stream: str) -> int:
        return int(self.shelves[stream].updated_at.max(initial=0))

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return the revenue of the orders that the tracker saw."""
        if stream != "events":
            return {}
        events = self.visits.events
        rows = np.flatnonzero((events.step == ORDERED) & (events.received_at <= moment.now))
        orders = self.visits.sessions.order[events.session[rows]]
        total = int(self._subtotal[orders].sum())
        return {"properties.revenue": total + sum(each.revenue(moment.now) for each in self.trackers)}

    def routes(self, desk: Desk) -> APIRouter:
        """Return the app's events in pages, and how many there are."""
        router = APIRouter()

        def found(after: str, before: str, kind: str) -> np.ndarray:
            received = self.received_at
            rows = self._identify[self._unit[self._identify] != WEB] if kind == IDENTIFY else self._app
            first = np.searchsorted(received[rows], instant(after, 0))
            end = min(instant(before, 1 << 40), desk.stage.now + 1)
            return rows[first : np.searchsorted(received[rows], end)]

        def place(kind: str) -> str:
            return "identifies" if kind == IDENTIFY else "events"

        @router.get("/v1/events")
        async def events(
            request: Request, received_after: str = "", received_before: str = "", type: str = "",
            cursor: str = "", limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        ) -> Response:  # fmt: skip
            rows = found(received_after, received_before, type)
            if cursor and not cursor.startswith("r"):
                raise HTTPException(400, "cursor is none of ours")
            begin = int(cursor[1:], 36) if cursor else 0
            page, end = rows[begin : begin + limit], begin + limit
            following = b'"r%s"' % np.base_repr(end, 36).encode() if end < len(rows) else b"null"
            shelf = self.shelves["events"]
            body = b'{"data":{"events":[%s],"pagination":{"next":%s}}}' % (shelf.json(page), following)
            return await desk.answer(request, place(type), body, note=partial(shelf.note, page))

        @router.get("/v1/events/count")
        async def count(
            request: Request, received_after: str = "", received_before: str = "", type: str = ""
        ) -> Response:
            counted = len(found(received_after, received_before, type))
            return await desk.answer(request, place(type), b'{"data":{"count":%d}}' % counted)

        return router

    def _latest(self, row: int, stamp: int) -> bytes:
        """Return the identify call by which a user was known at STAMP."""
        calls = self._identify[self._user_of_identify == row]
        known = calls[self.visits.events.received_at[calls] <= stamp]
        return self._event(int(known[-1]), stamp)

    def _place(self, row: int) -> tuple[Tracker | None, int]:
        """Return whose event it is, none for one of `visits.py`, and its row there."""
        number = int(np.searchsorted(self._first, row, "right")) - 1
        return (self.trackers[number - 1] if number else None), row - int(self._first[number])

    def _message(self, row: int) -> str:
        tracker, place = self._place(row)
        return tracker.message_id(place, row) if tracker else message_id(row)

    def _user_id(self, row: int) -> str:
        session = self.visits.events.session[row]
        user = int(self.visits.sessions.user[session])
        return str(CUSTOMER_ID + user) if self._unit[row] == WEB else f"hu{user:07d}"

    def _event(self, row: int, stamp: int) -> bytes:
        tracker, place = self._place(row)
        return orjson.dumps(self._tracked(tracker, row, place) if tracker else self._visited(row))

    def _visited(self, row: int) -> dict:
        """Return an event of the shop's website or of the app's first users."""
        events, sessions = self.visits.events, self.visits.sessions
        session, (kind, name) = int(events.session[row]), STEPS[events.step[row]]
        is_web = not self._is_app[row]
        # one phone in fifty has a wrong clock; Segment corrects by when the phone says that it sent
        wrong = 5400 if not is_web and sessions.device[session] % 50 == 7 else 0
        user = self._user_id(row) if events.is_known[row] else None
        record = self._record(
            row, kind, self.visits.anonymous_id(session), user, int(events.happened_at[row]), wrong
        )
        record["projectId"] = PROJECTS[not is_web]
        record["context"] = self._web_context(row, session) if is_web else self._app_context(session)
        if kind == IDENTIFY:
            user = int(sessions.user[session])
            record["traits"] = _traits(self.world.accounts if is_web else self.visits.users, user)
        else:
            record["name" if kind in (PAGE, SCREEN) else "event"] = name
            record["properties"] = self._properties(row, session, name)
            if attention := int(self._attention[row]):
                record["properties"]["engagement_time_msec"] = attention
        return record

    def _tracked(self, tracker: Tracker, row: int, place: int) -> dict:
        """Return an event of a unit's own tracker."""
        events, (kind, name) = tracker.events, tracker.name(place)
        visit = int(events.visit[place])
        user = tracker.accounts[int(tracker.stays.user[visit])] if events.is_known[place] else None
        record = self._record(row, kind, tracker.anonymous_id(visit), user, int(events.happened_at[place]), 0)
        record["projectId"] = tracker.PROJECT
        stays, device = tracker.stays, int(tracker.stays.device[visit])
        if tracker.IS_APP:
            record["context"] = _phone(device, int(stays.platform[visit]))
            record["context"]["sessionId"] = tracker.session_id(visit)
        else:
            agent = BOT_AGENTS[visit % 3] if stays.is_bot[visit] else BROWSERS[stays.platform[visit]]
            referrer, *_ = ORIGINS[stays.origin[visit]]
            path = tracker.path(place)
            record["context"] = {
                "library": {"name": "analytics.js", "version": "2.1.0"}, "locale": "vi-VN",
                "userAgent": agent, "device": {"type": DEVICES[stays.platform[visit]]},
                "sessionId": tracker.session_id(visit),
                "page": {"path": path, "url": tracker.SITE + path, "title": tracker.SITE[8:],
                         "referrer": referrer},
            }  # fmt: skip
            if campaign := tracker.campaign(visit):
                record["context"]["campaign"] = campaign
        record["name" if kind == PAGE else "event"] = name
        record["properties"] = tracker.properties(place, name)
        if attention := int(events.attention[place]):
            record["properties"]["engagement_time_msec"] = attention
        return record

    def _record(self, row: int, kind: str, device: str, user: str | None, happened: int, wrong: int) -> dict:
        """Return what every event bears; a phone's clock may be WRONG by some seconds."""
        received = int(self.received_at[row])
        at, taken = utc_text(happened), utc_text(received)
        return {
            "messageId": self._message(row), "type": kind, "channel": "client",
            "anonymousId": device, "userId": user,
            "timestamp": at, "originalTimestamp": utc_text(happened + wrong) if wrong else at,
            "sentAt": utc_text(received + wrong) if wrong else taken,
            "receivedAt": f"{taken[:-1]}.{row % 1000:03d}Z",
        }  # fmt: skip

    def _web_context(self, row: int, session: int) -> dict:
        sessions, events = self.visits.sessions, self.visits.events
        is_bot, platform = bool(sessions.is_bot[session]), int(sessions.platform[session])
        agent = BOT_AGENTS[session % 3] if is_bot else BROWSERS[platform]
        path = "/" if STEPS[events.step[row]][1] == "Home" else f"/products/{self._product(row).sku.lower()}"
        context = {
            "library": {"name": "analytics.js", "version": "2.1.0"}, "locale": "vi-VN",
            "userAgent": agent, "device": {"type": DEVICES[platform]}, "sessionId": f"w{session}",
            "page": {
                "path": path, "url": f"{SITE}{path}?ref=menu", "title": "Nhà An",
                "referrer": REFERRERS[session % len(REFERRERS)] if path == "/" else f"{SITE}/",
            },
        }  # fmt: skip
        if (campaign := int(sessions.campaign[session])) >= 0:
            platform_name, _, title, *_ = AD_CAMPAIGNS[campaign]
            source, medium = platform_name.split("_ads")[0], "cpc"
            context["campaign"] = {"source": source, "medium": medium, "name": title}
        return context

    def _app_context(self, session: int) -> dict:
        device, platform = int(self.visits.sessions.device[session]), self.visits.sessions.platform[session]
        return _phone(device, int(platform)) | {"sessionId": f"a{session}"}

    def _product(self, row: int) -> object:
        return self.world.products[self._product_number(row)]

    def _product_number(self, row: int) -> int:
        return self.visits.product(int(self.visits.events.session[row]))

    def _properties(self, row: int, session: int, name: str) -> dict:
        if name in ("Product", "Product Viewed", "Product Added", "Product Clicked"):
            found = product_properties(self.world, self._product_number(row))
            return found | ({"position": 1 + row % 12} if name == "Product Clicked" else {})
        if name == "Products Searched":
            return {"query": SEARCHES[session % len(SEARCHES)], "results": session * 31 % 48}
        if name == "Experiment Viewed":
            arm = "moi" if int(self.visits.sessions.device[session]) % 2 else "cu"
            return {"experiment_id": "gio_hang_mot_trang", "variation_id": arm}
        if name == "Order Completed":
            order = int(self.visits.sessions.order[session])
            return {
                "order_id": str(ORDER_ID + order),
                "revenue": int(self._subtotal[order]),
                "currency": "VND",
            }
        if name.startswith("Habit"):
            return {"habit": HABITS[session % len(HABITS)]}
        return {"version": "3.4.0"} if name.startswith("Application") else {}


def _attention(events: Events, sessions: Sessions) -> np.ndarray:
    """Return for how many milliseconds each event's visitor looked, since the event before.

    Whoever pauses for long looks elsewhere after a while; a bot looks at nothing.
    """
    order = np.lexsort((events.happened_at, events.session))
    gap = np.diff(events.happened_at[order], prepend=0)
    begins = np.diff(events.session[order], prepend=-1) != 0
    looked = np.zeros(len(order), np.int64)
    looked[order] = np.where(begins, 0, np.minimum(gap, LONGEST_LOOK) * 900)
    return np.where(sessions.is_bot[events.session], 0, looked)


def _phone(device: int, platform: int) -> dict:
    """Return what an app tells of the phone that it runs on."""
    name = "android" if platform == 3 else "ios"
    return {
        "library": {"name": f"analytics-{name}", "version": "4.11.0"}, "locale": "vi-VN",
        "app": {"name": "Thói quen", "version": f"3.{device % 5}.0", "namespace": "vn.example.habit"},
        "device": {"type": name, "model": "SM-A556E" if platform == 3 else "iPhone15,2"},
        "os": {"name": "Android" if platform == 3 else "iOS", "version": "15"},
        "screen": {"width": 2000 if device % 20 == 0 else 1080},
    }  # fmt: skip


def _traits(known: Profiles, user: int) -> dict:
    """Return what an identify call tells of a user."""
    traits = {
        "name": known.names[user], "phone": known.phones[user], "email": known.emails[user],
        "birthYear": known.birth_years[user], "createdAt": utc_text(known.created_at[user]),
    }  # fmt: skip
    return {name: value for name, value in traits.items() if value is not None}
