"""The shop's Facebook Page as Meta's Graph API shows it.

As in life, a page of a list may be short without being the last, a metric that was retired refuses
the whole call, insights grow for two days, and a conversation moves to the top when somebody writes.
"""

import base64
import json
from collections.abc import Mapping
from functools import partial

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox import channel, chats
from include.sandbox.channel import Moment
from include.sandbox.desk import Desk
from include.sandbox.people import write_profiles
from include.sandbox.seasons import DAY, HOUR, draw_seconds, utc_text
from include.sandbox.shelf import Render, Shelf
from include.sandbox.vocabulary import BLAME, CATEGORIES, PRAISE
from include.sandbox.world import World

PAGE_ID = "104730000000001"
PSID, THREAD, POST, STORY = (
    24_000_000_000_000_003,
    122_100_000_000_007,
    998_000_000_000_011,
    3_300_000_000_013,
)
CALIFORNIA = 8 * HOUR
"""How long after midnight in UTC a day of the insights ends."""
GROWS = 2 * DAY
"""How long the insights of a day are restated."""
FOLLOWED = 28
"""Days of a post that anybody looks at it."""
PAGE_METRICS = (
    "page_media_view", "page_total_media_view_unique", "page_post_engagements", "page_views_total",
    "page_daily_follows_unique", "page_daily_unfollows_unique",
)  # fmt: skip
POST_METRICS = (
    "post_media_view", "post_total_media_view_unique", "post_clicks", "post_reactions_like_total",
    "post_activity_by_action_type", "post_video_view_time",
)  # fmt: skip


class Channel(channel.Channel):
    """Seven shelves."""

    SECRETS = ("FACEBOOK_PAGE_TOKEN",)
    CALLS, CALLS_A_SECOND = 200, 20.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.retired: set[str] = set()
        """Metrics that Meta gives no longer."""
        self.regain_minutes = 0
        """How long a caller who asks too often is told to wait."""
        self.passing = 0
        """Seconds that pass with every page of conversations: somebody writes meanwhile."""
        rng = world.rng(name)
        persons = world.audience("shop_online", 0.06)
        self._said = said = chats.make_messages(rng, world, len(persons), 1.6)
        self._first = np.searchsorted(said.talker, np.arange(len(persons) + 1))
        opened_at = said.said_at[self._first[:-1]]
        self._profiles = write_profiles(rng, world.people, persons, opened_at)
        self.know(
            self._profiles, PSID + 7919 * np.arange(len(self._profiles)), phones=False, emails=False,
            birth_years=False,
        )  # fmt: skip

        days = (world.last - world.start) // DAY
        post_days = np.flatnonzero(rng.random(days) < 0.35)
        posted_at = world.start + post_days * DAY + draw_seconds(rng, len(post_days))
        self._is_video = rng.random(len(posted_at)) < 0.3
        # a post's days begin with the one, in California, on which it appeared
        first_day = (posted_at - CALIFORNIA) // DAY
        self._day = (first_day[:, None] + np.arange(FOLLOWED)).ravel()
        reach = rng.lognormal(7, 0.6, len(posted_at))
        views = reach[:, None] * 0.75 ** np.arange(FOLLOWED) * rng.lognormal(0, 0.2, (len(reach), FOLLOWED))
        self._views = views.ravel().astype(np.int64)
        self._page_day = np.arange((world.start - CALIFORNIA) // DAY + 1, (world.last - CALIFORNIA) // DAY)
        self._page_views = rng.lognormal(8, 0.3, len(self._page_day)).astype(np.int64)
        self._follows = rng.poisson(9, len(self._page_day))
        self._unfollows = rng.poisson(3, len(self._page_day))

        rated_at = np.sort(rng.integers(world.start, world.last, max(days // 4, 20)))
        self._raters = rng.integers(0, len(persons), len(rated_at))
        mood = world.satisfaction.at(persons[self._raters], rated_at)
        self._is_positive = mood + rng.normal(0, 12, len(mood)) > 50

        def shelf(at: np.ndarray, render: Render) -> Shelf:
            return Shelf(1 + np.arange(len(at)), at, render)

        self.shelves = {
            "pages": shelf(np.array([world.start]), self._page),
            "conversations": shelf(opened_at, self._conversation),
            "messages": shelf(said.said_at, self._message),
            "posts": shelf(posted_at, self._post),
            "page_insights": shelf(_end(self._page_day), self._page_values),
            "post_insights": shelf(_end(self._day), self._post_values),
            "ratings": shelf(rated_at, self._rating),
        }

    def stand(self, moment: Moment) -> None:
        """Show what happened; a conversation changes with its last message, a day of insights once."""
        for shelf in self.shelves.values():
            shelf.stand(np.where(shelf.created_at <= moment.now, shelf.created_at, 0))
        is_said = self._said.said_at <= moment.now
        last = np.zeros(len(self._profiles), np.int64)
        np.maximum.at(last, self._said.talker[is_said], self._said.said_at[is_said])
        self.shelves["conversations"].stand(last)
        for name in ("page_insights", "post_insights"):
            shelf, end = self.shelves[name], self.shelves[name].created_at
            shelf.stand(np.where(end > moment.now, 0, np.where(end + GROWS <= moment.now, end + GROWS, end)))

    def allows(self, request: Request) -> bool:
        """Return whether a request bears the Page's token."""
        return request.headers.get("authorization") == f"Bearer {self.secrets['FACEBOOK_PAGE_TOKEN']}"

    def refusal(self, request: Request) -> Response:
        """Return what Meta answers to a dead token."""
        return _error(190, "Error validating access token: the session has been invalidated.")

    def busy(self, retry_after: str) -> Response:
        """Return what Meta answers to a caller who asks too often."""
        use = {"type": "pages", "call_count": 100, "total_cputime": 25, "total_time": 25,
               "estimated_time_to_regain_access": self.regain_minutes}  # fmt: skip
        response = _error(80001, "There have been too many calls to this Page account.")
        response.headers["X-Business-Use-Case-Usage"] = json.dumps({PAGE_ID: [use]})
        return response

    def keys(self, stream: str) -> set[str]:
        """Return the keys of what is there."""
        name = {
            "pages": lambda row: PAGE_ID, "conversations": _thread_id, "messages": _message_id,
            "posts": _post_id, "ratings": _story_id,
            "page_insights": lambda row: f"{PAGE_ID}/{_date(self._page_day[row])}",
            "post_insights": lambda row: f"{_post_id(row // FOLLOWED)}/{_date(self._day[row])}",
        }[stream]  # fmt: skip
        return {name(row) for row in np.flatnonzero(self.shelves[stream].updated_at > 0).tolist()}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return the views by day, as restated until now."""
        shelf = self.shelves[stream]
        shown = shelf.updated_at > 0
        is_grown = shelf.created_at + GROWS <= moment.now
        if stream == "post_insights":
            return {"values.post_media_view": int(_grown(self._views, is_grown)[shown].sum())}
        if stream == "page_insights":
            return {
                "values.page_media_view": int(_grown(self._page_views, is_grown)[shown].sum()),
                "values.page_daily_follows_unique": int(self._follows[shown].sum()),
            }
        return {}

    def routes(self, desk: Desk) -> APIRouter:
        """Return the edges of the Page, its posts and its conversations."""
        router = APIRouter()

        async def newest(
            request: Request, stream: str, rows: np.ndarray, limit: int, after: str
        ) -> Response:  # fmt: skip
            shelf = self.shelves[stream]
            at = shelf.updated_at if stream == "conversations" else shelf.created_at
            rows = rows[np.lexsort((rows, at[rows]))][::-1]
            if after:
                time, row = (int(part) for part in base64.urlsafe_b64decode(after).split(b":"))
                rows = rows[(at[rows] < time) | ((at[rows] == time) & (rows < row))]
            # later pages are shorter than asked for, as Meta likes it
            page = rows[: max(1, min(limit, 100) // (2 if after else 1))]
            paging: dict[str, object] = {}
            if len(page):
                cursor = base64.urlsafe_b64encode(b"%d:%d" % (at[page[-1]], page[-1])).decode()
                paging["cursors"] = {"before": "QVFI", "after": cursor}
                if len(page) < len(rows):
                    paging["next"] = f"https://graph.facebook.example/next?after={cursor}"
            body = b'{"data":[%s],"paging":%s}' % (shelf.json(page), orjson.dumps(paging))
            response = await desk.answer(request, stream, body, note=partial(shelf.note, page))
            if self.passing and stream == "conversations":
                desk.stage.now += self.passing
                self.stand(desk.stage.moment)
            return response

        @router.get("/{node}/{edge}")
        async def edges(
            request: Request, node: str, edge: str, limit: int = 25, after: str = "",
            since: int = 0, until: int = 1 << 40,
        ) -> Response:  # fmt: skip
            stream = {"published_posts": "posts"}.get(edge, edge)
            if edge == "messages":
                row = _row(node.removeprefix("t_"), THREAD)
                if not 0 <= row < len(self._profiles):
                    return _error(100, f"Object with ID '{node}' does not exist")
                rows = np.arange(self._first[row], self._first[row + 1])
            elif node == PAGE_ID and stream in ("conversations", "posts", "ratings"):
                rows = np.arange(len(self.shelves[stream].ids))
            else:
                return _error(100, f"Unsupported get request: {edge} of {node}")
            shelf = self.shelves[stream]
            shown = (shelf.updated_at[rows] > 0) & (shelf.created_at[rows] >= since)
            return await newest(
                request, stream, rows[shown & (shelf.created_at[rows] <= until)], limit, after
            )

        return self._with_objects(router, desk)

    def _with_objects(self, outer: APIRouter, desk: Desk) -> APIRouter:
        """Return a router that knows the Page itself and insights before the edges."""
        router = APIRouter()

        @router.get("/{node}")
        async def show(request: Request, node: str) -> Response:
            rows, shelf = np.array([0]), self.shelves["pages"]
            if node != PAGE_ID:
                return _error(100, f"Object with ID '{node}' does not exist")
            return await desk.answer(request, "pages", shelf.json(rows), note=partial(shelf.note, rows))

        @router.get("/{node}/insights")
        async def insights(
            request: Request, node: str, metric: str, since: int, until: int, period: str = "day"
        ) -> Response:  # fmt: skip
            names = metric.split(",")
            known = PAGE_METRICS if node == PAGE_ID else POST_METRICS
            if any(name not in known or name in self.retired for name in names):
                return _error(100, "(#100) The value must be a valid insights metric")
            stream = "page_insights" if node == PAGE_ID else "post_insights"
            shelf = self.shelves[stream]
            shown = (shelf.updated_at > 0) & (shelf.created_at > since) & (shelf.created_at <= until)
            if node != PAGE_ID:
                first = _row(node.split("_")[-1], POST) * FOLLOWED
                shown[:first] = shown[first + FOLLOWED :] = False
            rows = np.flatnonzero(shown)
            days = orjson.loads(b"[%s]" % shelf.json(rows))
            data = [
                {"name": name, "period": period, "id": f"{node}/insights/{name}/{period}",
                 "values": [{"value": day[name], "end_time": day["end_time"]} for day in days]}
                for name in names
            ] if days else []  # fmt: skip
            body = orjson.dumps({"data": data})
            return await desk.answer(request, stream, body, note=partial(shelf.note, rows))

        router.include_router(outer)
        return router

    def _page(self, row: int, now: int) -> bytes:
        return orjson.dumps({"id": PAGE_ID, "name": "Cửa hàng", "category": "Mua sắm & bán lẻ"})

    def _conversation(self, row: int, now: int) -> bytes:
        said = self._said.said_at[self._first[row] : self._first[row + 1]]
        return orjson.dumps({
            "id": _thread_id(row), "updated_time": _text(now), "message_count": int((said <= now).sum()),
            "participants": {"data": [self._person(row), {"name": "Cửa hàng", "id": PAGE_ID}]},
        })  # fmt: skip

    def _person(self, row: int) -> dict[str, str]:
        return {"name": self._profiles.names[row], "id": str(PSID + 7919 * row)}

    def _message(self, row: int, now: int) -> bytes:
        customer, page = self._person(int(self._said.talker[row])), {"name": "Cửa hàng", "id": PAGE_ID}
        sender, receiver = (customer, page) if self._said.is_customer[row] else (page, customer)
        return orjson.dumps({
            "id": _message_id(row), "created_time": _text(self._said.said_at[row]), "from": sender,
            "to": {"data": [receiver]}, "message": chats.words(self._said, row),
        })  # fmt: skip

    def _post(self, row: int, now: int) -> bytes:
        category = tuple(CATEGORIES)[row % len(CATEGORIES)]
        return orjson.dumps({
            "id": _post_id(row), "created_time": _text(self.shelves["posts"].created_at[row]),
            "updated_time": _text(self.shelves["posts"].created_at[row]),
            "message": f"{category}: ưu đãi tuần này\nXem ngay tại cửa hàng trực tuyến nhé!",
            "permalink_url": f"https://www.facebook.example/{_post_id(row)}",
            "status_type": "added_video" if self._is_video[row] else "added_photos",
            "comments": {"data": [], "summary": {"total_count": row % 17}},
            "reactions": {"data": [], "summary": {"total_count": row % 91}},
        })  # fmt: skip

    def _page_values(self, row: int, now: int) -> bytes:
        end = self.shelves["page_insights"].created_at[row]
        views = int(_grown(self._page_views[row], now >= end + GROWS))
        return orjson.dumps({
            "end_time": _text(end), "page_media_view": views, "page_total_media_view_unique": views // 2,
            "page_post_engagements": views // 20, "page_views_total": views // 40,
            "page_daily_follows_unique": int(self._follows[row]),
            "page_daily_unfollows_unique": int(self._unfollows[row]),
        })  # fmt: skip

    def _post_values(self, row: int, now: int) -> bytes:
        end = self.shelves["post_insights"].created_at[row]
        views = int(_grown(self._views[row], now >= end + GROWS))
        is_video = bool(self._is_video[row // FOLLOWED])
        return orjson.dumps({
            "end_time": _text(end), "post_media_view": views, "post_total_media_view_unique": views * 4 // 5,
            "post_clicks": views // 30, "post_reactions_like_total": views // 25,
            "post_activity_by_action_type": {"comment": views // 200, "share": views // 300},
            "post_video_view_time": views * 4200 if is_video else 0,
        })  # fmt: skip

    def _rating(self, row: int, now: int) -> bytes:
        is_positive = bool(self._is_positive[row])
        words = PRAISE if is_positive else BLAME
        return orjson.dumps({
            "created_time": _text(self.shelves["ratings"].created_at[row]),
            "recommendation_type": "positive" if is_positive else "negative",
            "review_text": words[row % len(words)], "reviewer": self._person(int(self._raters[row])),
            "open_graph_story": {"id": _story_id(row)},
        })  # fmt: skip


def _error(code: int, message: str) -> Response:
    error = {"message": message, "type": "OAuthException", "code": code, "is_transient": code == 80001,
             "fbtrace_id": "AbCdEfGhIjK"}  # fmt: skip
    return Response(orjson.dumps({"error": error}), 400, media_type="application/json")


def _grown(views: np.ndarray, is_grown: object) -> np.ndarray:
    """Return views as they are told: a tenth of a day's comes late."""
    return np.where(is_grown, views, views * 9 // 10)


def _end(day: np.ndarray) -> np.ndarray:
    return (day + 1) * DAY + CALIFORNIA


def _date(day: int) -> str:
    return utc_text(int(day) * DAY)[:10]


def _text(second: int) -> str:
    return utc_text(second).replace("Z", "+0000")


def _row(text: str, first: int) -> int:
    row, rest = divmod(int(text) - first, 104_729) if text.isdigit() else (-1, 0)
    return row if rest == 0 else -1


def _thread_id(row: int) -> str:
    return f"t_{THREAD + 104_729 * row}"


def _message_id(row: int) -> str:
    return f"m_{row * 2654435761 % (1 << 64):016x}{row:012x}"


def _post_id(row: int) -> str:
    return f"{PAGE_ID}_{POST + 104_729 * row}"


def _story_id(row: int) -> str:
    return str(STORY + 104_729 * row)
