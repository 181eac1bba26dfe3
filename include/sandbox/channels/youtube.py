"""The news site's YouTube channel, as the Data and the Analytics API show it.

As in life every call of the Data API costs a unit, figures end two days ago and grow for two days
more, and the videos that were deleted are in no list any more.
"""

from collections.abc import Mapping
from functools import partial
from urllib.parse import parse_qs

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.desk import Desk
from include.sandbox.people import fold
from include.sandbox.places import PLACES
from include.sandbox.seasons import DAY, HOUR, draw_seconds, utc_text
from include.sandbox.shelf import Render, Shelf
from include.sandbox.vocabulary import BLAME, PRAISE, TOPICS
from include.sandbox.world import World

CHANNEL_ID, UPLOADS = "UCtinTucHomNay0000000001", "UUtinTucHomNay0000000001"
CALIFORNIA = 8 * HOUR
DELAY, GROWS = 2 * DAY, 2 * DAY
"""How long after its end a day is shown, and for how long it then grows."""
WATCHED = 60
"""Days of a video that anybody watches it."""
SHOWN_REPLIES = 5
UNITS = 10_000
METRICS = ("views", "estimatedMinutesWatched", "averageViewDuration", "likes", "comments", "shares",
           "subscribersGained", "subscribersLost")  # fmt: skip


class Channel(channel.Channel):
    """Five shelves."""

    SECRETS = ("YOUTUBE_REFRESH_TOKEN", "YOUTUBE_CLIENT_SECRET")
    CALLS, CALLS_A_SECOND = 100, 50.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.units = UNITS
        """What is left of the day's units."""
        self.unfinished_days = 0
        """How many more days than usual the figures are behind."""
        self.turned_columns = False
        """Whether the columns of a report come in another order."""
        self._tokens = 0
        self._today = 0
        rng = world.rng(name)
        days = (world.last - world.start) // DAY
        uploads = np.flatnonzero(rng.random(days) < 0.22)
        self._at = world.start + uploads * DAY + draw_seconds(rng, len(uploads))
        count = len(self._at)
        self._seconds = rng.integers(45, 1500, count)
        views = rng.lognormal(7.5, 0.7, count)[:, None] * 0.88 ** np.arange(WATCHED)
        self._views = (views * rng.lognormal(0, 0.25, views.shape)).astype(np.int64).ravel() + 1
        first = (self._at - CALIFORNIA) // DAY
        self._day = (first[:, None] + np.arange(WATCHED)).ravel()
        self._channel_day = np.arange((world.start - CALIFORNIA) // DAY + 1, (world.last - CALIFORNIA) // DAY)
        self._channel_views = np.zeros(len(self._channel_day), np.int64)
        inside = (self._day >= self._channel_day[0]) & (self._day <= self._channel_day[-1])
        np.add.at(self._channel_views, self._day[inside] - self._channel_day[0], self._views[inside])
        self._gained = rng.poisson(14, len(self._channel_day))
        self._left = rng.poisson(4, len(self._channel_day))
        self._write_comments(rng)
        # some that nobody commented were deleted later, long before the present
        is_quiet = ~np.isin(np.arange(count), self._video)
        is_old = self._at < world.end - 150 * DAY
        self._deleted_at = np.where(is_quiet & is_old, self._at + 80 * DAY, np.int64(1) << 62)

        def shelf(at: np.ndarray, render: Render) -> Shelf:
            return Shelf(1 + np.arange(len(at)), at, render)

        self.shelves = {
            "channels": shelf(np.array([world.start]), self._channel),
            "videos": shelf(self._at, self._show),
            "comments": shelf(self._said_at, self._comment),
            "channel_days": shelf(_end(self._channel_day), self._channel_figures),
            "video_days": shelf(_end(self._day), self._video_figures),
        }

    def _write_comments(self, rng: np.random.Generator) -> None:
        """Draw threads, which a third of the replies, and a few long ones, follow within ten days."""
        viewers = self.world.audience("news_site", 0.12)
        video = np.repeat(np.arange(len(self._at)), np.maximum(rng.poisson(5, len(self._at)) - 1, 0))
        at = self._at[video] + (rng.exponential(2, len(video)) * DAY).astype(np.int64) + 60
        replies = np.where(rng.random(len(video)) < 0.06, SHOWN_REPLIES + 3, rng.poisson(0.4, len(video)))
        parent = np.repeat(np.arange(len(video)), replies)
        count = len(video) + len(parent)
        self._parent = np.concatenate([np.full(len(video), -1), parent])
        self._video = np.concatenate([video, video[parent]])
        self._said_at = np.concatenate([at, at[parent] + rng.integers(60, 10 * DAY, len(parent))])
        self._author = viewers[rng.integers(0, len(viewers), count)]
        self._text = rng.integers(0, 1 << 20, count)

    def stand(self, moment: Moment) -> None:
        """Show what was uploaded and not deleted, what was said, and the days that are finished."""
        now = moment.now
        self._now = now
        if (today := (now - CALIFORNIA) // DAY) != self._today:
            self._today, self.units = today, UNITS
        self.shelves["channels"].stand(np.array([now]))
        is_there = (self._at <= now) & (self._deleted_at > now)
        # its statistics change as long as it is watched
        self.shelves["videos"].stand(np.where(is_there, np.minimum(self._at + WATCHED * DAY, now), 0))
        self.shelves["comments"].stand(np.where(self._said_at <= now, self._said_at, 0))
        behind = DELAY + self.unfinished_days * DAY
        for name in ("channel_days", "video_days"):
            shelf, end = self.shelves[name], self.shelves[name].created_at
            is_finished = end + behind <= now
            if name == "video_days":
                is_finished &= np.repeat(is_there, WATCHED)
            grown = end + DELAY + GROWS
            shelf.stand(np.where(is_finished, np.where(grown <= now, grown, end + DELAY), 0))

    def allows(self, request: Request) -> bool:
        """Return whether a request bears the newest access token, or to the login the client's secret."""
        if request.url.path.endswith("/token"):
            return True
        return request.headers.get("authorization") == f"Bearer {self._access}"

    def expire(self) -> None:
        """Let the access token that was given be too old."""
        self._tokens += 1

    @property
    def _access(self) -> str:
        return f"ya29.{self.secrets['YOUTUBE_REFRESH_TOKEN']}.{self._tokens}"

    def refusal(self, request: Request) -> Response:
        """Return what Google answers to dead credentials."""
        if request.url.path.endswith("/token"):
            return _json({"error": "invalid_grant", "error_description": "Token has been revoked."}, 400)
        return _error(401, "authError", "Invalid Credentials")

    def busy(self, retry_after: str) -> Response:
        """Return what Google answers to a caller who asks too fast."""
        response = _error(403, "rateLimitExceeded", "Rate Limit Exceeded")
        response.headers["Retry-After"] = retry_after
        return response

    def keys(self, stream: str) -> set[str]:
        """Return the keys of what is there."""
        name = {
            "channels": lambda row: CHANNEL_ID, "videos": _video_id, "comments": self._comment_id,
            "channel_days": lambda row: f"{CHANNEL_ID}/{_date(self._channel_day[row])}",
            "video_days": lambda row: f"{_video_id(row // WATCHED)}/{_date(self._day[row])}",
        }[stream]  # fmt: skip
        return {name(row) for row in np.flatnonzero(self.shelves[stream].updated_at > 0).tolist()}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return the figures of all days, as restated until now."""
        shelf = self.shelves[stream]
        shown = shelf.updated_at > 0
        is_grown = shelf.created_at + DELAY + GROWS <= moment.now
        if stream == "video_days":
            return {"views": int(_grown(self._views, is_grown)[shown].sum())}
        if stream == "channel_days":
            return {"subscribersGained": int(self._gained[shown].sum())}
        return {}

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints of the three hosts."""
        router = APIRouter()

        async def answer(
            request: Request, place: str, body: bytes, stream: str, rows: np.ndarray
        ) -> Response:  # fmt: skip
            if self.units < 1:
                return _error(403, "quotaExceeded", "The request cannot be completed: quota exceeded.")
            self.units -= 1
            return await desk.answer(request, place, body, note=partial(self.shelves[stream].note, rows))

        def listed(stream: str, rows: np.ndarray, size: int, token: str) -> tuple[np.ndarray, bytes]:
            """Return a page of rows and the head of its answer; a page goes on before a time and row."""
            at = self.shelves[stream].created_at
            rows = rows[np.lexsort((rows, at[rows]))][::-1]
            total = len(rows)
            if token:
                time, row = (int(part) for part in token.split("-"))
                rows = rows[(at[rows] < time) | ((at[rows] == time) & (rows < row))]
            page = rows[:size]
            head: dict[str, object] = {"pageInfo": {"totalResults": total, "resultsPerPage": size}}
            if len(rows) > size:
                head["nextPageToken"] = f"{at[page[-1]]}-{page[-1]}"
            return page, orjson.dumps(head)[:-1]

        @router.post("/token")
        async def login(request: Request) -> Response:
            form = {name: each[0] for name, each in parse_qs((await request.body()).decode()).items()}
            shown = (form.get("refresh_token"), form.get("client_secret"))
            if shown != (self.secrets["YOUTUBE_REFRESH_TOKEN"], self.secrets["YOUTUBE_CLIENT_SECRET"]):
                return self.refusal(request)
            body = orjson.dumps({"access_token": self._access, "expires_in": 3599, "token_type": "Bearer"})
            return await desk.answer(request, "login", body)

        @router.get("/youtube/v3/channels")
        async def channels(request: Request, part: str, mine: bool = False) -> Response:
            rows = np.array([0])
            body = b'{"items":[%s]}' % self.shelves["channels"].json(rows)
            return await answer(request, "channels", body, "channels", rows)

        @router.get("/youtube/v3/playlistItems")
        async def items(
            request: Request, playlistId: str, maxResults: int = 5, pageToken: str = ""
        ) -> Response:
            if playlistId != UPLOADS or not 0 < maxResults <= 50:
                return _error(404, "playlistNotFound", "The playlist cannot be found.")
            shown = np.flatnonzero(self.shelves["videos"].updated_at > 0)
            page, head = listed("videos", shown, maxResults, pageToken)
            names = [{"contentDetails": {"videoId": _video_id(row)}} for row in page.tolist()]
            body = head + b',"items":%s}' % orjson.dumps(names)
            return await answer(request, "playlist", body, "videos", page[:0])

        @router.get("/youtube/v3/videos")
        async def videos(request: Request, part: str, id: str) -> Response:
            wanted = np.array([_row_of(name) for name in id.split(",")])
            if len(wanted) > 50:
                return _error(400, "invalidParameter", "Too many ids.")
            rows = wanted[wanted >= 0]
            rows = rows[self.shelves["videos"].updated_at[rows] > 0]
            body = b'{"items":[%s]}' % self.shelves["videos"].json(rows)
            return await answer(request, "videos", body, "videos", rows)

        @router.get("/youtube/v3/commentThreads")
        async def threads(
            request: Request, allThreadsRelatedToChannelId: str, maxResults: int = 20, pageToken: str = ""
        ) -> Response:  # fmt: skip
            if allThreadsRelatedToChannelId != CHANNEL_ID or not 0 < maxResults <= 100:
                return _error(404, "channelNotFound", "The channel cannot be found.")
            shelf = self.shelves["comments"]
            tops = np.flatnonzero((shelf.updated_at > 0) & (self._parent < 0))
            page, head = listed("comments", tops, maxResults, pageToken)
            parts, shown = [], [page]
            for row in page.tolist():
                replies = np.flatnonzero((self._parent == row) & (shelf.updated_at > 0))
                shown.append(replies[:SHOWN_REPLIES])
                some = shelf.json(replies[:SHOWN_REPLIES])
                parts.append(
                    b'{"id":"%s","snippet":{"videoId":"%s","totalReplyCount":%d,"topLevelComment":%s}%s}' % (
                        self._comment_id(row).encode(), _video_id(self._video[row]).encode(), len(replies),
                        shelf.json(np.array([row])), b',"replies":{"comments":[%s]}' % some if some else b"",
                    )
                )  # fmt: skip
            body = head + b',"items":[%s]}' % b",".join(parts)
            return await answer(request, "comments", body, "comments", np.concatenate(shown))

        @router.get("/youtube/v3/comments")
        async def replies(
            request: Request, parentId: str, maxResults: int = 20, pageToken: str = ""
        ) -> Response:
            shelf, parent = self.shelves["comments"], int(parentId.rsplit("-", 1)[1])
            rows = np.flatnonzero((self._parent == parent) & (shelf.updated_at > 0))
            page, head = listed("comments", rows, maxResults, pageToken)
            body = head + b',"items":[%s]}' % shelf.json(page)
            return await answer(request, "replies", body, "comments", page)

        @router.get("/v2/reports")
        async def reports(
            request: Request, startDate: str, endDate: str, metrics: str, dimensions: str, filters: str = ""
        ) -> Response:  # fmt: skip
            stream = "video_days" if filters else "channel_days"
            shelf, day = self.shelves[stream], self._day if filters else self._channel_day
            shown = shelf.updated_at > 0
            if filters:
                first = _row_of(filters.removeprefix("video==")) * WATCHED
                shown[: max(first, 0)] = shown[max(first + WATCHED, 0) :] = False
            shown &= (day >= _day(startDate)) & (day <= _day(endDate))
            rows = np.flatnonzero(shown)
            names = [dimensions, *metrics.split(",")]
            if self.turned_columns:
                names = names[::-1]
            found = orjson.loads(b"[%s]" % shelf.json(rows))
            table: dict[str, object] = {
                "kind": "youtubeAnalytics#resultTable",
                "columnHeaders": [{"name": name, "columnType": "METRIC"} for name in names],
            }
            if found:
                table["rows"] = [[figures[name] for name in names] for figures in found]
            # a report of one video is never the answer to a question for another
            place = f"{stream}.{filters.removeprefix('video==')}" if filters else stream
            return await desk.answer(request, place, orjson.dumps(table), note=partial(shelf.note, rows))

        return router

    def _channel(self, row: int, now: int) -> bytes:
        days = self._channel_day < (now - CALIFORNIA) // DAY
        return orjson.dumps({
            "id": CHANNEL_ID,
            "snippet": {"title": "Tin tức hôm nay", "publishedAt": utc_text(self.world.start)},
            "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": UPLOADS}},
            "statistics": {
                "viewCount": str(self._channel_views[days].sum()),
                "subscriberCount": str((self._gained - self._left)[days].sum()),
                "videoCount": str((self._at <= now).sum()),
            },
        })  # fmt: skip

    def _show(self, row: int, now: int) -> bytes:
        minutes, seconds = divmod(int(self._seconds[row]), 60)
        days = slice(row * WATCHED, (row + 1) * WATCHED)
        views = int(self._views[days][self._day[days] < (now - CALIFORNIA) // DAY].sum())
        place = PLACES[row % len(PLACES)].province
        return orjson.dumps({
            "id": _video_id(row),
            "snippet": {
                "publishedAt": utc_text(self._at[row]), "channelId": CHANNEL_ID, "categoryId": "25",
                "title": f"{place}: bản tin số {row + 1}", "channelTitle": "Tin tức hôm nay",
                "tags": [fold(place).lower(), TOPICS[row % len(TOPICS)]],
            },
            "contentDetails": {"duration": f"PT{minutes}M{seconds}S", "definition": "hd"},
            "status": {"privacyStatus": "public", "uploadStatus": "processed"},
            "statistics": {"viewCount": str(views), "likeCount": str(views // 30),
                           "commentCount": str(int((self._video == row).sum()))},
        })  # fmt: skip

    def _comment(self, row: int, now: int) -> bytes:
        person, parent = self.world.people[int(self._author[row])], int(self._parent[row])
        texts = PRAISE[:3] + BLAME + ("Cảm ơn kênh!", "Video hay quá 😊")
        written = utc_text(self._said_at[row])
        snippet = {
            "channelId": CHANNEL_ID, "videoId": _video_id(self._video[row]),
            "textOriginal": texts[int(self._text[row]) % len(texts)],
            "authorDisplayName": f"@{fold(person.given).lower().replace(' ', '')}{person.birth_year}",
            "authorChannelId": {"value": f"UCxem{int(self._author[row]):019d}"},
            "likeCount": int(self._text[row]) % 7, "publishedAt": written, "updatedAt": written,
        }  # fmt: skip
        if parent >= 0:
            snippet["parentId"] = self._comment_id(parent)
        return orjson.dumps({"id": self._comment_id(row), "snippet": snippet})

    def _comment_id(self, row: int) -> str:
        parent = int(self._parent[row])
        return (
            f"Ugz{row * 2654435761 % (1 << 32):08x}-{row}"
            if parent < 0
            else f"{self._comment_id(parent)}.{row}"
        )

    def _channel_figures(self, row: int, now: int) -> bytes:
        end = self.shelves["channel_days"].created_at[row]
        views = int(_grown(self._channel_views[row], now >= end + DELAY + GROWS))
        figures = _figures(self._channel_day[row], views)
        gained, left = int(self._gained[row]), int(self._left[row])
        return orjson.dumps(figures | {"subscribersGained": gained, "subscribersLost": left})

    def _video_figures(self, row: int, now: int) -> bytes:
        end = self.shelves["video_days"].created_at[row]
        return orjson.dumps(
            _figures(self._day[row], int(_grown(self._views[row], now >= end + DELAY + GROWS)))
        )


def _figures(day: int, views: int) -> dict[str, object]:
    """Return a day's figures as its views have them."""
    return {
        "day": _date(day), "views": views, "estimatedMinutesWatched": views * 3, "averageViewDuration": 180,
        "likes": views // 30, "comments": views // 400, "shares": views // 250,
        "subscribersGained": views // 900, "subscribersLost": views // 3000,
    }  # fmt: skip


def _json(body: object, status: int) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def _error(code: int, reason: str, message: str) -> Response:
    errors = [{"message": message, "domain": "youtube", "reason": reason}]
    return _json({"error": {"code": code, "message": message, "errors": errors}}, code)


def _grown(views: np.ndarray, is_grown: object) -> np.ndarray:
    """Return views as they are told: a twentieth of a day's comes late."""
    return np.where(is_grown, views, views * 19 // 20)


def _end(day: np.ndarray) -> np.ndarray:
    return (day + 1) * DAY + CALIFORNIA


def _date(day: int) -> str:
    return utc_text(int(day) * DAY)[:10]


def _day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(int))


def _video_id(row: int) -> str:
    return f"v{int(row) * 2654435761 % (1 << 24):06x}{int(row):04d}"


def _row_of(video_id: str) -> int:
    return int(video_id[-4:]) if video_id[-4:].isdigit() else -1
