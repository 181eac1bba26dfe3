"""The news site's ad server as Google Ad Manager's API shows it: reports that are run and waited for."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.desk import Desk
from include.sandbox.seasons import DAY, HOUR, VIETNAM, day_weights
from include.sandbox.service_accounts import ServiceAccount
from include.sandbox.shelf import Shelf
from include.sandbox.world import World

NETWORK = "21800000001"
SCOPE = "https://www.googleapis.com/auth/admanager"
SLOTS = (
    ("22900000001", "Trang chủ | Đầu trang 970x250", 1.0),
    ("22900000002", "Trang chủ | Cột phải 300x600", 0.9),
    ("22900000003", "Bài viết | Giữa bài 300x250", 2.6),
    ("22900000004", "Bài viết | Cuối bài 300x250", 1.7),
    ("22900000005", "Di động | Dính chân trang 320x50", 3.1),
)
"""Ad units: their ids, names and how often each is asked for."""
KINDS = ("STANDARD", "PRICE_PRIORITY", "AD_EXCHANGE", "HOUSE")
SHARES = (0.34, 0.12, 0.44, 0.10)
PRICES = (28_000, 14_000, 9_000, 0)
"""Dong for a thousand impressions."""
FILTERED_AFTER = 3
"""Days until invalid clicks are filtered and the exchange's revenue is no estimate any more."""


class Channel(channel.Channel):
    """A shelf over the days of the slots, and one over those of their deals."""

    SECRETS = ("AD_SERVER_PRIVATE_KEY",)
    PRIVATE_KEYS: Mapping[str, str] = {"AD_SERVER_PRIVATE_KEY": "RS256"}
    CALLS, CALLS_A_SECOND = 20, 2.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        rng = world.rng(name)
        self._account = ServiceAccount(secrets["AD_SERVER_PRIVATE_KEY"], SCOPE)
        self.most_rows = 10_000
        """Rows of a page at most."""
        self.polls = 1
        """How often a report is not ready yet when it is looked at."""
        self.fails = False
        """Whether reports fail."""
        self._reports: list[dict] = []
        self._runs: list[tuple[int, int]] = []
        """Of each run the report, and how often it was looked at."""
        self._first_day = datetime.fromtimestamp(world.start, VIETNAM).date()
        days = world.days
        self._starts = world.start + np.arange(days) * DAY
        weights = day_weights(self._first_day, days) ** 0.3
        often = np.array([share for *_, share in SLOTS])
        self.requests = rng.poisson((20 + world.seed[1] * 0.3) * weights[:, None] * often)
        filled = rng.binomial(self.requests, 0.88)
        self.unfilled = rng.binomial(self.requests - filled, 0.8)
        self.impressions = rng.multinomial(filled, SHARES)
        self.viewable = rng.binomial(self.impressions, 0.61)
        self.unfiltered = rng.binomial(self.impressions, 0.006)
        self.clicks = self.unfiltered - rng.binomial(self.unfiltered, 0.07)
        self.revenue = self.impressions * np.array(PRICES) // 1000
        slots, deals = np.repeat(self._starts, len(SLOTS)), np.repeat(self._starts, len(SLOTS) * len(KINDS))
        self.shelves = {
            "slots": Shelf(1 + np.arange(len(slots)), slots, self._slot),
            "deals": Shelf(1 + np.arange(len(deals)), deals, self._deal),
        }

    def stand(self, moment: Moment) -> None:
        """Show the days until today; what is filtered is so after three days."""
        age = (moment.now + 1 - self._starts) // DAY
        is_new = (age < FILTERED_AFTER)[:, None, None]
        self.shown_clicks = np.where(is_new, self.unfiltered, self.clicks)
        estimated = self.revenue + self.revenue * (np.array(KINDS) == "AD_EXCHANGE") // 25
        self.shown_revenue = np.where(is_new, estimated, self.revenue)
        since = np.where(age < FILTERED_AFTER, 1, FILTERED_AFTER)
        at = np.where(self._starts + 20 * HOUR <= moment.now, self._starts + since * DAY, 0)
        for name, counts in (("slots", self.requests), ("deals", self.impressions)):
            flat = counts.reshape(len(at), -1)
            self.shelves[name].stand(np.where(flat > 0, at[:, None], 0).ravel())

    def allows(self, request: Request) -> bool:
        """Return whether a request bears an access token that was given out."""
        return self._account.is_borne(request)

    def refusal(self, request: Request) -> Response:
        """Return what Google answers to dead credentials."""
        return _error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")

    def busy(self, retry_after: str) -> Response:
        """Return what Google answers to a caller who asks too often."""
        answer = _error(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Requests'.")
        answer.headers["Retry-After"] = retry_after
        return answer

    def keys(self, stream: str) -> set[str]:
        """Return the keys: day and slot, and the type of line item of a deal."""
        found = set()
        for row in np.flatnonzero(self.shelves[stream].updated_at > 0).tolist():
            if stream == "slots":
                day, slot = divmod(row, len(SLOTS))
                found.add(f"{self._date(day)}/{SLOTS[slot][0]}")
            else:
                day, slot, kind = self._place(row)
                found.add(f"{self._date(day)}/{SLOTS[slot][0]}/{KINDS[kind]}")
        return found

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return the requests of the slots, or what the deals delivered, as it is told now."""
        shown = self.shelves[stream].updated_at > 0
        counts = (
            {"AD_REQUESTS": self.requests, "UNFILLED_IMPRESSIONS": self.unfilled}
            if stream == "slots"
            else {"IMPRESSIONS": self.impressions, "CLICKS": self.shown_clicks, "REVENUE": self.shown_revenue}
        )
        return {name: int(figures.ravel()[shown].sum()) for name, figures in counts.items()}

    def routes(self, desk: Desk) -> APIRouter:
        """Return where tokens are got, reports are made and run, and their rows are read."""
        router = APIRouter()
        network = f"/v1/networks/{NETWORK}"

        @router.post("/token")
        async def token(request: Request) -> dict[str, object]:
            return await self._account.grant(request)

        @router.get(network)
        async def show(request: Request) -> Response:
            told = {"name": network[4:], "networkCode": NETWORK, "displayName": "Trang tin",
                    "timeZone": "Asia/Ho_Chi_Minh", "currencyCode": "VND"}  # fmt: skip
            return await desk.answer(request, "network", orjson.dumps(told))

        @router.post(f"{network}/reports")
        async def create(request: Request) -> Response:
            report = orjson.loads(await request.body())
            self._reports.append(report["reportDefinition"])
            name = f"networks/{NETWORK}/reports/{len(self._reports)}"
            return await desk.answer(request, "reports", orjson.dumps(report | {"name": name}))

        @router.post(network + "/reports/{report}:run")
        async def run(request: Request, report: int) -> Response:
            self._runs.append((report - 1, 0))
            return await desk.answer(request, "runs", self._operation(len(self._runs)))

        @router.get(network + "/operations/reports/runs/{number}")
        async def look(request: Request, number: int) -> Response:
            report, looked = self._runs[number - 1]
            self._runs[number - 1] = report, looked + 1
            return await desk.answer(request, "operations", self._operation(number))

        @router.get(network + "/reports/{report}/results/{number}:fetchRows")
        async def rows(
            request: Request, report: int, number: int, pageToken: str = "",
            pageSize: Annotated[int, Query(ge=1, le=10_000)] = 1000,
        ) -> Response:  # fmt: skip
            asked = self._reports[report - 1]
            stream = "deals" if "LINE_ITEM_TYPE" in asked["dimensions"] else "slots"
            span = asked["dateRange"]["fixed"]
            since, until = ((date(**span[each]) - self._first_day).days for each in ("startDate", "endDate"))
            shelf = self.shelves[stream]
            day = np.arange(len(shelf.ids)) // (len(shelf.ids) // len(self._starts))
            found = np.flatnonzero((shelf.updated_at > 0) & (day >= since) & (day <= until))
            size, begin = min(pageSize, self.most_rows), int(pageToken or "0", 36)
            page, end = found[begin : begin + size], begin + size
            told: dict[str, object] = {"runTime": "2026-11-21T00:00:00Z"}
            # only with the first page
            if not pageToken:
                told |= {"totalRowCount": len(found), "dateRanges": [span]}
            if end < len(found):
                told["nextPageToken"] = np.base_repr(end, 36)
            listed = b'"rows":[%s],' % shelf.json(page) if len(page) else b""
            body = b"{" + listed + orjson.dumps(told)[1:]
            return await desk.answer(request, stream, body, note=partial(shelf.note, page))

        return router

    def _operation(self, number: int) -> bytes:
        report, looked = self._runs[number - 1]
        told: dict[str, object] = {"name": f"networks/{NETWORK}/operations/reports/runs/{number}"}
        if self.fails:
            told |= {"done": True, "error": {"code": 13, "message": "Internal error"}}
        elif looked > self.polls:
            result = f"networks/{NETWORK}/reports/{report + 1}/results/{number}"
            told |= {"done": True, "response": {"reportResult": result}}
        return orjson.dumps(told)

    def _date(self, day: int) -> date:
        return self._first_day + timedelta(days=day)

    def _place(self, row: int) -> tuple[int, int, int]:
        """Return a deal's day, slot and kind."""
        day, cell = divmod(row, len(SLOTS) * len(KINDS))
        return day, *divmod(cell, len(KINDS))

    def _slot(self, row: int, stamp: int) -> bytes:
        place = divmod(row, len(SLOTS))
        counts = (self.requests[place], self.impressions[place].sum(), self.unfilled[place])
        return self._row(*place, (), [{"intValue": str(count)} for count in counts])

    def _deal(self, row: int, stamp: int) -> bytes:
        place = self._place(row)
        clicks, is_own = self.shown_clicks[place], KINDS[place[2]] != "AD_EXCHANGE"
        # what the exchange delivers is filtered there, and not told unfiltered
        own = (clicks, self.unfiltered[place]) if is_own else (0, 0)
        counts = (self.impressions[place], self.viewable[place], clicks, *own)
        revenue = {"doubleValue": float(self.shown_revenue[place])}
        told = [*({"intValue": str(count)} for count in counts), revenue]
        return self._row(place[0], place[1], (KINDS[place[2]],), told)

    def _row(self, day: int, slot: int, more: tuple[str, ...], values: list[dict[str, object]]) -> bytes:
        identity, name, _ = SLOTS[slot]
        named = [{"intValue": f"{self._date(day):%Y%m%d}"}, {"intValue": identity}, {"stringValue": name}]
        named += [{"stringValue": each} for each in more]
        return orjson.dumps({"dimensionValues": named, "metricValueGroups": [{"primaryValues": values}]})


def _error(status: int, name: str, message: str) -> Response:
    body = {"error": {"code": status, "message": message, "status": name}}
    return Response(orjson.dumps(body), status, media_type="application/json")
