"""The shop's website as Google Analytics 4 sees it: aggregates of the visits that consented to be counted.

It counts the very visits that the shop's own tracker does, but for the bots and for those who refuse. As in
life a day is not finished for two days and restated on the third, rows come in any order unless one is
asked for, and every answer costs tokens that all readers of the property share.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.channels.segment.visits import ORDERED, PAGE, STEPS, WEB, visits_of
from include.sandbox.desk import Desk
from include.sandbox.seasons import DAY, VIETNAM, midnights
from include.sandbox.service_accounts import ServiceAccount
from include.sandbox.shelf import Shelf
from include.sandbox.world import World

PROPERTY = "320000001"
SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
PLATFORMS = ("web", "Android")
"""The website, and the shop's small app, which has no tracker of ours."""
METRICS = ("sessions", "totalUsers", "screenPageViews", "eventCount", "ecommercePurchases", "purchaseRevenue")
REFUSES = 31
"""One device in so many refuses to be counted."""
MOST_ROWS = 250_000
TOKENS = {
    "tokensPerDay": 200_000, "tokensPerHour": 40_000, "tokensPerProjectPerHour": 14_000,
    "concurrentRequests": 10, "serverErrorsPerProjectPerHour": 10,
    "potentiallyThresholdedRequestsPerHour": 120,
}  # fmt: skip
COST = 10
"""Tokens that a report costs."""
SHARES = (80, 98, 100)
"""What a day shows of itself in hundredths: until 48 hours after its end, until 72 hours, and then."""


class Channel(channel.Channel):
    """A shelf over days and platforms."""

    SECRETS = ("GA4_PRIVATE_KEY",)
    PRIVATE_KEYS: Mapping[str, str] = {"GA4_PRIVATE_KEY": "RS256"}
    CALLS, CALLS_A_SECOND = 10, 10.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self._account = ServiceAccount(secrets["GA4_PRIVATE_KEY"], SCOPE)
        self.tokens = dict(TOKENS)
        """What is left of each allowance."""
        self.is_rolled = False
        """Whether rows are rolled into `(other)`."""
        self._today = 0
        self._first_day = datetime.fromtimestamp(world.start, VIETNAM).date()
        days = world.days
        self._ends = world.start + (1 + np.arange(days)) * DAY
        self.figures = np.zeros((days, len(PLATFORMS), len(METRICS)), np.int64)
        """What there is to see of each day in the end."""
        self.figures[:, 0] = self._seen(world, days)
        # the app is used by a few, and sells nothing
        self.figures[:, 1, :4] = self.figures[:, 0, :4] // 4
        self._finished = np.zeros(days, bool)
        ends = np.repeat(self._ends, len(PLATFORMS))
        self.shelves = {"days": Shelf(1 + np.arange(len(ends)), ends, self._row)}

    def _seen(self, world: World, days: int) -> np.ndarray:
        """Return the website's figures by day and metric, from the visits that may be counted."""
        events, sessions = visits_of(world).events, visits_of(world).sessions
        session = events.session
        counts = (sessions.unit == WEB) & ~sessions.is_bot & (sessions.device % REFUSES != 5)
        rows = np.flatnonzero(counts[session])
        session, step = session[rows].astype(np.int64), events.step[rows]
        day = (midnights(events.happened_at[rows]) - world.start) // DAY
        inside = (day >= 0) & (day < days)
        session, step, day = session[inside], step[inside], day[inside]

        def per_day(which: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
            return np.bincount(day[which], weights, days).astype(np.int64)

        def distinct(values: np.ndarray) -> np.ndarray:
            _, first = np.unique(day * (1 << 40) + values, return_index=True)
            return per_day(first)

        is_page = np.array([kind == PAGE for kind, _ in STEPS])[step]
        bought = np.flatnonzero(step == ORDERED)
        worth = np.bincount(world.order_lines.order, world.order_lines.net, len(world.orders))
        everything = np.arange(len(day))
        return np.stack([
            distinct(session), distinct(sessions.device[session]), per_day(np.flatnonzero(is_page)),
            per_day(everything), per_day(bought), per_day(bought, worth[sessions.order[session[bought]]]),
        ], axis=1)  # fmt: skip

    def stand(self, moment: Moment) -> None:
        """Show the days that have begun; a day changes when it is finished, and once more a day later."""
        now = moment.now
        if self._today != (today := now // DAY):
            self._today, self.tokens = today, dict(TOKENS)
        begun = self._ends - DAY <= now
        age = np.clip((now - self._ends) // DAY, 1, len(SHARES))
        self._finished = self._ends + 2 * DAY <= now
        at = np.where(begun, self._ends + age * DAY, 0)
        there = self.figures[:, :, METRICS.index("eventCount")] > 0
        self.shelves["days"].stand(np.where(there, at[:, None], 0).ravel())

    def allows(self, request: Request) -> bool:
        """Return whether a request bears an access token that was given out."""
        return self._account.is_borne(request)

    def refusal(self, request: Request) -> Response:
        """Return what Google answers to dead credentials."""
        return _error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")

    def busy(self, retry_after: str) -> Response:
        """Return what Google answers to more calls at once than ten."""
        answer = _error(
            429, "RESOURCE_EXHAUSTED",
            "Exhausted concurrent requests quota. Please send fewer requests concurrently.",
        )  # fmt: skip
        answer.headers["Retry-After"] = retry_after
        return answer

    def keys(self, stream: str) -> set[str]:
        """Return the keys of the days that are finished."""
        return {f"{PROPERTY}/{self._date(row)}/{PLATFORMS[row % 2]}" for row in self._rows_finished()}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return the figures of the days that are finished, as they are told now."""
        rows = self._rows_finished()
        told = np.array([self._told(row) for row in rows]).reshape(len(rows), len(METRICS)).sum(axis=0)
        return {name: int(value) for name, value in zip(METRICS, told, strict=True)}

    def ledger(self, moment: Moment) -> channel.Counts:
        """Return how much there is of the days that are finished."""
        return {"days": {"count": len(self._rows_finished())} | self.sums("days", moment)}

    def _rows_finished(self) -> list[int]:
        finished = np.repeat(self._finished, len(PLATFORMS))
        return np.flatnonzero((self.shelves["days"].updated_at > 0) & finished).tolist()

    def routes(self, desk: Desk) -> APIRouter:
        """Return where tokens are got and reports are run."""
        router = APIRouter()
        shelf = self.shelves["days"]

        @router.post("/token")
        async def token(request: Request) -> dict[str, object]:
            return await self._account.grant(request)

        @router.post("/v1beta/properties/{number}:runReport")
        async def report(request: Request, number: str) -> Response:
            asked = orjson.loads(await request.body())
            dimensions, metrics = (
                [each["name"] for each in asked.get(part, ())] for part in ("dimensions", "metrics")
            )
            limit, offset = int(asked.get("limit", 10_000)), int(asked.get("offset", 0))
            if number != PROPERTY:
                return _error(403, "PERMISSION_DENIED", "User does not have sufficient permissions.")
            if (dimensions, metrics) != (["date", "platform"], [*METRICS]) or not 0 < limit <= MOST_ROWS:
                return _error(400, "INVALID_ARGUMENT", "Did you mean another dimension or metric?")
            if spent := [name for name, left in self.tokens.items() if left < 1]:
                return _error(
                    429, "RESOURCE_EXHAUSTED",
                    f"Exhausted property tokens ({spent[0]}). These quota tokens will return later.",
                )  # fmt: skip
            for name in ("tokensPerDay", "tokensPerHour", "tokensPerProjectPerHour"):
                self.tokens[name] -= COST
            span = asked["dateRanges"][0]
            day = np.array([self._date(row) for row in range(len(shelf.ids))])
            within = (day >= span["startDate"]) & (day <= span["endDate"])
            rows = np.flatnonzero((shelf.updated_at > 0) & within)
            if not asked.get("orderBys"):
                # the largest first, whatever day it is of
                sessions = [self._told(row)[0] for row in rows.tolist()]
                rows = rows[np.argsort(sessions, kind="stable")[::-1]]
            page = rows[offset : offset + limit]
            body = b'{"kind":"analyticsData#runReport",%s%s' % (
                b'"rows":[%s],' % shelf.json(page) if len(page) else b"",
                orjson.dumps(self._around(dimensions, len(rows), asked))[1:],
            )
            # the report of one span is never the answer to a question for another
            place = f"days.{span['startDate']}.{span['endDate']}"
            return await desk.answer(request, place, body, note=partial(shelf.note, page))

        return router

    def _around(self, dimensions: list[str], count: int, asked: dict) -> dict[str, object]:
        """Return what a report says besides its rows; what is false or 0 is left out, as Google does."""
        told: dict[str, object] = {
            "dimensionHeaders": [{"name": name} for name in dimensions],
            "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in METRICS],
            "metadata": {"currencyCode": "VND", "timeZone": "Asia/Ho_Chi_Minh"}
            | ({"dataLossFromOtherRow": True} if self.is_rolled else {}),
        }
        if count:
            told["rowCount"] = count
        if asked.get("returnPropertyQuota"):
            told["propertyQuota"] = {
                name: {"consumed": COST, "remaining": left} if left else {"consumed": COST}
                for name, left in self.tokens.items()
            }
        return told

    def _date(self, row: int) -> str:
        return (self._first_day + timedelta(days=row // len(PLATFORMS))).isoformat()

    def _told(self, row: int) -> np.ndarray:
        """Return a day's figures as they are told now."""
        day, platform = divmod(row, len(PLATFORMS))
        age = (int(self.shelves["days"].updated_at[row]) - int(self._ends[day])) // DAY
        return self.figures[day, platform] * SHARES[age - 1] // 100

    def _row(self, row: int, stamp: int) -> bytes:
        date = self._date(row).replace("-", "")
        return orjson.dumps({
            "dimensionValues": [{"value": date}, {"value": PLATFORMS[row % len(PLATFORMS)]}],
            "metricValues": [{"value": str(value)} for value in self._told(row)],
        })  # fmt: skip


def _error(status: int, name: str, message: str) -> Response:
    body = {"error": {"code": status, "message": message, "status": name}}
    return Response(orjson.dumps(body), status, media_type="application/json")
