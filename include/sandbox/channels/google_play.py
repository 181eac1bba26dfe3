"""The habit app on Google Play: its reviews of the last week, and its installs in monthly files."""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import orjson
from fastapi import APIRouter, HTTPException, Query, Request, Response

from include.sandbox import channel, exports
from include.sandbox.channel import Moment
from include.sandbox.desk import Desk
from include.sandbox.people import fold
from include.sandbox.seasons import DAY, NEVER, VIETNAM, day_weights, draw_times
from include.sandbox.service_accounts import ServiceAccount
from include.sandbox.shelf import Shelf
from include.sandbox.vocabulary import BLAME, PRAISE
from include.sandbox.world import World

PACKAGE = "vn.example.habit"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
KEPT = 7 * DAY
"""How long after its last change a review is shown."""
COUNTRIES = {"VN": 0.86, "US": 0.05, "SG": 0.03, "KR": 0.03, "AU": 0.02, "FR": 0.01}
READY_AFTER, FINAL_AFTER = 2, 5
"""Days until the counts of a day are in its file, and until they change no more."""
COLUMNS = (
    "Date", "Package Name", "Country", "Daily Device Installs", "Daily Device Uninstalls",
    "Daily Device Upgrades", "Daily User Installs", "Daily User Uninstalls",
    "Active Device Installs",
)  # fmt: skip


class Channel(channel.Channel):
    """A shelf over the reviews, and one over the days of installs."""

    SECRETS = ("GOOGLE_PLAY_PRIVATE_KEY",)
    PRIVATE_KEYS: Mapping[str, str] = {"GOOGLE_PLAY_PRIVATE_KEY": "RS256"}
    CALLS, CALLS_A_SECOND = 200, 200 / 3600

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        rng = world.rng(name)
        self._account = ServiceAccount(secrets["GOOGLE_PLAY_PRIVATE_KEY"], SCOPE)
        self._days = world.days
        self._first_day = datetime.fromtimestamp(world.start, VIETNAM).date()
        weights = day_weights(self._first_day, self._days)

        users = world.audience("habit_app", 0.3)
        known = users[rng.random(len(users)) < 0.25]
        # most who write a review have no other dealings with the company
        self._person = np.concatenate([known, np.full(500 + len(known), -1)])
        count = len(self._person)
        written = draw_times(rng, weights, world.start, np.zeros(count, np.int64))
        by_time = np.argsort(written, kind="stable")
        self._person, self._written_at = self._person[by_time], written[by_time]
        later = rng.integers(DAY, 60 * DAY, count)
        self._edited_at = np.where(rng.random(count) < 0.2, self._written_at + later, NEVER)
        answer = rng.integers(DAY // 4, 3 * DAY, count)
        self._replied_at = np.where(rng.random(count) < 0.35, self._written_at + answer, NEVER)
        mood = world.satisfaction.at(np.maximum(self._person, 0), self._written_at)
        noisy = np.where(self._person >= 0, mood, 64) + rng.normal(0, 22, count)
        self._first = np.clip(np.rint(1.2 + noisy / 22), 1, 5).astype(int)
        self._second = np.clip(self._first + rng.integers(-1, 3, count), 1, 5)
        self._shown = np.zeros(count, bool)

        base = world.seed[1] / 250 + 6
        mean = base * weights[:, None] * np.array(list(COUNTRIES.values()))
        self.installs = rng.poisson(mean)
        self.uninstalls = rng.poisson(mean * 0.45)
        self.updates = rng.poisson(mean * 3)
        self.active = np.cumsum(self.installs - self.uninstalls, axis=0).clip(0) + 20
        cells = self.installs.size
        ends = world.start + (1 + np.arange(cells) // len(COUNTRIES)) * DAY
        self.shelves = {
            "reviews": Shelf(1 + np.arange(count), self._written_at, self._review),
            "installs": Shelf(1 + np.arange(cells), ends, self._day),
        }

    def stand(self, moment: Moment) -> None:
        """Show the reviews that changed in the last week, and the days whose counts are ready."""
        times = np.stack([self._written_at, self._edited_at, self._replied_at])
        changed = np.where(times <= moment.now, times, 0).max(axis=0)
        changed[self._written_at > moment.now] = 0
        is_kept = changed > moment.now - KEPT
        self._shown |= is_kept
        self.shelves["reviews"].stand(np.where(is_kept, changed, 0))
        shelf = self.shelves["installs"]
        age = (moment.now + 1 - shelf.created_at) // DAY
        self._share = np.where(age >= FINAL_AFTER, 1.0, 0.9).reshape(self.installs.shape)
        ready = shelf.created_at + np.where(age >= FINAL_AFTER, FINAL_AFTER, READY_AFTER) * DAY
        shelf.stand(np.where(age >= READY_AFTER, ready, 0))

    def write(self, home: Path, moment: Moment) -> None:
        """Write the months of the bucket's folder, in UTF-16 as Google does."""
        shelf, months = self.shelves["installs"], {}
        for row in np.flatnonzero(shelf.updated_at > 0).tolist():
            record = self._install_day(row)
            months.setdefault(str(record["Date"])[:7].replace("-", ""), []).append(record)
        target = exports.folder(home, self.name) / "stats" / "installs"
        target.mkdir(parents=True, exist_ok=True)
        for month, records in months.items():
            text = io.StringIO()
            rows = csv.DictWriter(text, COLUMNS)
            rows.writeheader()
            rows.writerows(records)
            path = target / f"installs_{PACKAGE}_{month}_country.csv"
            exports.replace(path, text.getvalue().encode("utf-16"))

    def allows(self, request: Request) -> bool:
        """Return whether a request bears an access token that was given out."""
        return self._account.is_borne(request)

    def refusal(self, request: Request) -> Response:
        """Return what Google answers to dead credentials."""
        body = {"error": {"code": 401, "message": "Invalid Credentials", "status": "UNAUTHENTICATED"}}
        return Response(orjson.dumps(body), 401, media_type="application/json")

    def busy(self, retry_after: str) -> Response:
        """Return what Google answers to a caller who asks too often."""
        body = {"error": {"code": 429, "message": "Quota exceeded", "status": "RESOURCE_EXHAUSTED"}}
        headers = {"Retry-After": retry_after}
        return Response(orjson.dumps(body), 429, headers, media_type="application/json")

    def keys(self, stream: str) -> set[str]:
        """Return the keys: of the reviews all that were ever shown, though they are no more."""
        if stream == "reviews":
            return {_review_id(row) for row in np.flatnonzero(self._shown).tolist()}
        rows = np.flatnonzero(self.shelves[stream].updated_at > 0).tolist()
        return {"/".join((self._date(row).isoformat(), PACKAGE, self._country(row))) for row in rows}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return the installs of the days that are ready."""
        if stream != "installs":
            return {}
        ready = (self.shelves[stream].updated_at > 0).reshape(self.installs.shape)
        return {"Daily User Installs": int((self.installs * self._share).astype(int)[ready].sum())}

    def routes(self, desk: Desk) -> APIRouter:
        """Return where tokens are got and reviews are listed."""
        router = APIRouter()
        shelf = self.shelves["reviews"]

        @router.post("/token")
        async def token(request: Request) -> dict[str, object]:
            return await self._account.grant(request)

        @router.get("/androidpublisher/v3/applications/{package}/reviews")
        async def reviews(
            request: Request, package: str, token: str = "",
            maxResults: Annotated[int, Query(ge=1, le=100)] = 10,
        ) -> Response:  # fmt: skip
            if package != PACKAGE:
                raise HTTPException(404, "applicationNotFound")
            rows = shelf.rows(by="updated_at")[::-1]
            begin = int(token, 36) if token else 0
            page, following = rows[begin : begin + maxResults], begin + maxResults
            parts = []
            # Google leaves a list out that is empty
            if len(page):
                parts.append(b'"reviews":[%s]' % shelf.json(page))
            if following < len(rows):
                parts.append(
                    b'"tokenPagination":{"nextPageToken":"%s"}' % np.base_repr(following, 36).encode()
                )
            body = b"{%s}" % b",".join(parts)
            return await desk.answer(request, "reviews", body, note=partial(shelf.note, page))

        return router

    def _review(self, row: int, stamp: int) -> bytes:
        is_edited, is_answered = self._edited_at[row] <= stamp, self._replied_at[row] <= stamp
        stars = int(self._second[row] if is_edited else self._first[row])
        words = PRAISE if stars >= 4 else BLAME
        changed = int(self._edited_at[row] if is_edited else self._written_at[row])
        person = self.world.people[int(self._person[row])] if self._person[row] >= 0 else None
        comments = [{"userComment": {
            "text": "\t" + (words[row % len(words)] or "Ứng dụng tốt"), "starRating": stars,
            "reviewerLanguage": "vi", "lastModified": {"seconds": str(changed), "nanos": row * 1000},
            "device": "a55x", "androidOsVersion": 35, "appVersionName": "3.4.0", "thumbsUpCount": row % 7,
        }}]  # fmt: skip
        if is_answered:
            comments.append({"developerComment": {
                "text": "Cảm ơn bạn đã góp ý ạ.",
                "lastModified": {"seconds": str(int(self._replied_at[row]))},
            }})  # fmt: skip
        author = fold(f"{person.given} {person.family}") if person else "Người dùng Google"
        return orjson.dumps({"reviewId": _review_id(row), "authorName": author, "comments": comments})

    def _date(self, row: int) -> date:
        return self._first_day + timedelta(days=row // len(COUNTRIES))

    def _country(self, row: int) -> str:
        return list(COUNTRIES)[row % len(COUNTRIES)]

    def _day(self, row: int, stamp: int) -> bytes:
        return orjson.dumps(self._install_day(row))

    def _install_day(self, row: int) -> dict[str, object]:
        place = divmod(row, len(COUNTRIES))
        share = self._share[place]
        installs, uninstalls = int(self.installs[place] * share), int(self.uninstalls[place] * share)
        numbers = (installs, uninstalls, int(self.updates[place]), installs, uninstalls, self.active[place])
        return dict(zip(COLUMNS, (self._date(row), PACKAGE, self._country(row), *numbers), strict=True))


def _review_id(row: int) -> str:
    return f"gp:AOq{row * 2654435761 % (1 << 40):010x}{row:05d}"
