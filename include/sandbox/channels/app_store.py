"""The habit app on the App Store: all its reviews, and its downloads in daily sales reports."""

import csv
import gzip
import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from functools import partial
from typing import Annotated

import jwt
import numpy as np
import orjson
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fastapi import APIRouter, HTTPException, Query, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.desk import Desk
from include.sandbox.people import fold
from include.sandbox.seasons import DAY, HOUR, NEVER, VIETNAM, day_weights, draw_times
from include.sandbox.shelf import Shelf
from include.sandbox.vocabulary import BLAME, PRAISE
from include.sandbox.world import World

APP, SKU, VENDOR = "1480000001", "vn.example.habit", "85000001"
PACIFIC = timezone(timedelta(hours=-8))
"""What Apple writes times in, whatever the season."""
TITLES = ("Tuyệt vời", "Hài lòng", "", "Góp ý", "Cần sửa")
LAUNCHED = 300
"""How many days before the world's end the app came to the store."""
COUNTRIES = {"VN": 0.72, "US": 0.12, "SG": 0.06, "JP": 0.06, "AU": 0.04}
KINDS = ("1F", "3F", "7F")
"""First downloads, repeated ones, updates."""
PLUS, PLUS_PRICE = "1480000002", 59000
"""What is sold within the app: a line of its own product, which is no download."""
READY_AFTER, LATE_BY = DAY + 5 * HOUR, 2 * DAY
COLUMNS = (
    "Provider", "Provider Country", "SKU", "Developer", "Title", "Version", "Product Type Identifier",
    "Units", "Developer Proceeds", "Begin Date", "End Date", "Customer Currency", "Country Code",
    "Currency of Proceeds", "Apple Identifier", "Customer Price", "Promo Code", "Parent Identifier",
)  # fmt: skip
NOT_YET = "Report is not available yet. Daily reports are available by 5 am Pacific Time the next day."
NO_SALES = "There were no sales for the date specified."


class Channel(channel.Channel):
    """A shelf over the reviews, and one over products, countries and days."""

    SECRETS = ("APP_STORE_PRIVATE_KEY",)
    PRIVATE_KEYS: Mapping[str, str] = {"APP_STORE_PRIVATE_KEY": "ES256"}
    CALLS, CALLS_A_SECOND = 3600, 1.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        rng = world.rng(name)
        self._public = load_pem_private_key(secrets["APP_STORE_PRIVATE_KEY"].encode(), None).public_key()
        self._start = world.end + 1 - LAUNCHED * DAY
        self._first_day = datetime.fromtimestamp(self._start, VIETNAM).date()
        days = (world.last + 1 - self._start) // DAY
        weights = day_weights(self._first_day, days)

        users = world.audience("habit_app", 0.3)
        known = users[rng.random(len(users)) < 0.15]
        # most who write a review have no other dealings with the company
        person = np.concatenate([known, np.full(450 + len(known), -1)])
        count = len(person)
        written = draw_times(rng, weights, self._start, np.zeros(count, np.int64))
        by_time = np.argsort(written, kind="stable")
        self._person, self._written_at = person[by_time], written[by_time]
        edited = self._written_at + rng.integers(DAY, 60 * DAY, count)
        self._edited_at = np.where(rng.random(count) < 0.15, edited, NEVER)
        deleted = self._written_at + rng.integers(DAY, 90 * DAY, count)
        self._deleted_at = np.where(rng.random(count) < 0.04, deleted, NEVER)
        mood = world.satisfaction.at(np.maximum(self._person, 0), self._written_at)
        noisy = np.where(self._person >= 0, mood, 66) + rng.normal(0, 22, count)
        self._first = np.clip(np.rint(1.2 + noisy / 22), 1, 5).astype(int)
        self._second = np.clip(self._first + rng.integers(-1, 3, count), 1, 5)

        share = (world.seed[1] / 400 + 4) * weights[:, None] * np.array(list(COUNTRIES.values()))
        self.units = np.stack([rng.poisson(share * times) for times in (1.0, 0.3, 4.0)], axis=-1)
        """Of each day and country: first downloads, repeated ones, updates."""
        self.sold = rng.poisson(share * 0.04)
        # an app that is new is not updated yet, and on its first days it is not found
        self.units[:3], self.sold[:3] = 0, 0
        self._is_late = rng.random(days) < 0.06
        cells = np.stack([self.units.sum(axis=-1), self.sold], axis=-1)
        ends = self._start + (1 + np.arange(cells.size) // (2 * len(COUNTRIES))) * DAY
        self._is_filled = cells.reshape(-1) > 0
        self.shelves = {
            "reviews": Shelf(1 + np.arange(count), self._written_at, self._review),
            "downloads": Shelf(1 + np.arange(cells.size), ends, self._cell),
        }

    def stand(self, moment: Moment) -> None:
        """Show the reviews that are there, and the days whose reports are ready."""
        changed = np.where(self._edited_at <= moment.now, self._edited_at, self._written_at)
        is_there = (self._written_at <= moment.now) & (self._deleted_at > moment.now)
        self.shelves["reviews"].stand(np.where(is_there, changed, 0))
        ready = self._ready_at()[np.arange(len(self._is_filled)) // (2 * len(COUNTRIES))]
        self.shelves["downloads"].stand(np.where(self._is_filled & (ready <= moment.now), ready, 0))

    def _ready_at(self) -> np.ndarray:
        """Return when each day's report is ready; a day of California ends in Vietnam's next afternoon."""
        days = np.arange(len(self._is_late))
        return self._start + days * DAY + 14 * HOUR + READY_AFTER + self._is_late * LATE_BY

    def allows(self, request: Request) -> bool:
        """Return whether a request bears a token that the key signed for this API and for 20 minutes."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            claims = jwt.decode(
                token, self._public, ["ES256"], audience="appstoreconnect-v1",
                options={"require": ["exp", "iat", "iss"]},
            )  # fmt: skip
        except jwt.InvalidTokenError:
            return False
        return claims["exp"] - claims["iat"] <= 1200 and "kid" in jwt.get_unverified_header(token)

    def refusal(self, request: Request) -> Response:
        """Return what Apple answers to dead credentials."""
        return _error(401, "NOT_AUTHORIZED", "Provide a properly configured and signed bearer token.")

    def busy(self, retry_after: str) -> Response:
        """Return what Apple answers to a caller who asks too often."""
        answer = _error(429, "RATE_LIMIT_EXCEEDED", "The request rate limit has been reached.")
        answer.headers["Retry-After"] = retry_after
        return answer

    def keys(self, stream: str) -> set[str]:
        """Return the keys: ids of reviews, or day, product and country."""
        rows = np.flatnonzero(self.shelves[stream].updated_at > 0).tolist()
        if stream == "reviews":
            return {_review_id(row) for row in rows}
        found = set()
        for row in rows:
            day, country, product = self._place(row)
            found.add(f"{self._date(day)}/{(APP, PLUS)[product]}/{list(COUNTRIES)[country]}")
        return found

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return the stars of the reviews, or the units of each record's first line."""
        is_there = self.shelves[stream].updated_at > 0
        if stream == "reviews":
            stars = np.where(self._edited_at <= moment.now, self._second, self._first)
            return {"attributes.rating": int(stars[is_there].sum())}
        lines = np.argmax(self.units > 0, axis=-1)
        first = np.take_along_axis(self.units, lines[..., None], axis=-1)[..., 0]
        return {"lines.0.Units": int(np.stack([first, self.sold], axis=-1).reshape(-1)[is_there].sum())}

    def routes(self, desk: Desk) -> APIRouter:
        """Return where reviews are listed and reports are fetched."""
        router = APIRouter()
        reviews, downloads = self.shelves["reviews"], self.shelves["downloads"]

        @router.get("/v1/apps/{app}/customerReviews")
        async def listed(
            request: Request, app: str, cursor: str = "", sort: str = "",
            limit: Annotated[int, Query(ge=1, le=200)] = 50,
        ) -> Response:  # fmt: skip
            if app != APP:
                raise HTTPException(404, "NOT_FOUND")
            rows = reviews.rows(by="updated_at")[:: -1 if sort == "-createdDate" else 1]
            begin = int(cursor, 36) if cursor else 0
            page, following = rows[begin : begin + limit], begin + limit
            links = {"self": str(request.url)}
            if following < len(rows):
                links["next"] = str(request.url.include_query_params(cursor=np.base_repr(following, 36)))
            body = b'{"data":[%s],"links":%s,"meta":{"paging":{"total":%d,"limit":%d}}}' % (
                reviews.json(page), orjson.dumps(links), len(rows), limit,
            )  # fmt: skip
            return await desk.answer(
                request, "reviews", body, note=partial(reviews.note, page), headers=self._rate(desk)
            )

        @router.get("/v1/salesReports")
        async def report(request: Request) -> Response:
            asked = {name[7:-1]: value for name, value in request.query_params.items()}
            wanted = {"frequency": "DAILY", "reportType": "SALES", "reportSubType": "SUMMARY"}
            if wanted.items() - asked.items() or asked.get("vendorNumber") != VENDOR:
                return _error(400, "PARAMETER_ERROR.INVALID", "A parameter has an invalid value.")
            day = (date.fromisoformat(asked["reportDate"]) - self._first_day).days
            rows = np.flatnonzero(self._is_filled & (self._days() == day))
            is_ready = day < 0 or self._ready_at()[day] <= desk.stage.now
            if is_ready and len(rows):
                body = gzip.compress(self._text(rows), 1, mtime=0)
                return await desk.answer(
                    request, "downloads", body, note=partial(downloads.note, rows),
                    headers=self._rate(desk), media_type="application/a-gzip",
                )  # fmt: skip
            none = bytes(_error(404, "NOT_FOUND", NO_SALES if is_ready else NOT_YET).body)
            answer = await desk.answer(request, "downloads", none)
            if answer.status_code == 200:
                answer.status_code = 404
            return answer

        return router

    def _rate(self, desk: Desk) -> dict[str, str]:
        return {"X-Rate-Limit": f"user-hour-lim:{self.CALLS};user-hour-rem:{self.CALLS - 1};"}

    def _review(self, row: int, stamp: int) -> bytes:
        is_edited = self._edited_at[row] <= stamp
        stars = int(self._second[row] if is_edited else self._first[row])
        words = PRAISE if stars >= 4 else BLAME
        person = self.world.people[int(self._person[row])] if self._person[row] >= 0 else None
        shown = self._edited_at[row] if is_edited else self._written_at[row]
        created = datetime.fromtimestamp(int(shown), PACIFIC).isoformat()
        attributes = {
            "rating": stars, "title": TITLES[5 - stars], "body": words[row % len(words)] or "Ứng dụng tốt",
            "reviewerNickname": fold(person.given).lower() + str(row) if person else f"user{row}",
            "createdDate": created, "territory": "VNM",
        }  # fmt: skip
        own = f"/v1/customerReviews/{_review_id(row)}"
        return orjson.dumps({
            "type": "customerReviews", "id": _review_id(row), "attributes": attributes,
            "relationships": {"response": {"links": {"related": f"{own}/response"}}},
            "links": {"self": own},
        })  # fmt: skip

    def _place(self, row: int) -> tuple[int, int, int]:
        """Return a row's day, country and product."""
        day, cell = divmod(row, 2 * len(COUNTRIES))
        return day, *divmod(cell, 2)

    def _days(self) -> np.ndarray:
        return np.arange(len(self._is_filled)) // (2 * len(COUNTRIES))

    def _date(self, day: int) -> date:
        return self._first_day + timedelta(days=day)

    def _cell(self, row: int, stamp: int) -> bytes:
        return self._text(np.array([row]))

    def _text(self, rows: np.ndarray) -> bytes:
        """Return a day's report, as text with tabs."""
        text = io.StringIO()
        lines = csv.writer(text, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE)
        lines.writerow(COLUMNS)
        for row in rows.tolist():
            day, country, product = self._place(row)
            on, code = f"{self._date(day):%m/%d/%Y}", list(COUNTRIES)[country]
            if product:
                sold = [("IAY", int(self.sold[day, country]), SKU + ".plus", PLUS, PLUS_PRICE, SKU)]
            else:
                units = self.units[day, country].tolist()
                sold = [(kind, n, SKU, APP, 0, " ") for kind, n in zip(KINDS, units, strict=True) if n]
            for kind, count, sku, apple, price, parent in sold:
                lines.writerow((
                    "APPLE", "US", sku, "Habit VN", "Thói Quen", "3.4.0", kind, count, round(price * 0.7),
                    on, on, "VND", code, "VND", apple, price, " ", parent,
                ))  # fmt: skip
        return text.getvalue().encode()


def _review_id(row: int) -> str:
    return f"{row * 2654435761 % (1 << 32):08x}-b08c-0014-729e-{row:012x}"


def _error(status: int, code: str, detail: str) -> Response:
    body = {"errors": [{"status": str(status), "code": code, "title": code, "detail": detail}]}
    return Response(orjson.dumps(body), status, media_type="application/json")
