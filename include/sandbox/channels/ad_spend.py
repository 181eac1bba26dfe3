"""What the company's advertising costs, as Facebook's and Google's APIs tell it: restated for days."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from urllib.parse import parse_qs

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.desk import Desk
from include.sandbox.seasons import DAY, HOUR, VIETNAM, day_weights, utc_text
from include.sandbox.shelf import Shelf
from include.sandbox.vocabulary import AD_CAMPAIGNS
from include.sandbox.world import World

ACCOUNTS = {
    "facebook": {"shop_online": "501000000001", "habit_app": "501000000002"},
    "google": {"shop_online": "5110000001", "habit_app": "5110000002", "sales_software": "5110000003"},
}
MONEY = 350
"""Dong that are spent a day, for each customer of the world."""
CREDITED_AFTER, COUNTED_AFTER = 3, 7
"""Days until invalid clicks are credited, and until all conversions are counted."""
MICRO = 1_000_000


@dataclass
class Platform:
    """The campaigns of one platform: figures by day and campaign, final and as they are shown now."""

    campaigns: list[tuple[str, str, str]]
    """Id, name and account."""
    spend: np.ndarray
    impressions: np.ndarray
    clicks: np.ndarray
    conversions: np.ndarray
    is_void: np.ndarray
    """Days all of whose clicks turn out to be invalid."""
    shown_spend: np.ndarray
    shown_conversions: np.ndarray


class Channel(channel.Channel):
    """For each platform a shelf over its days, and one over its campaigns."""

    SECRETS = (
        "AD_SPEND_FACEBOOK_TOKEN", "AD_SPEND_GOOGLE_DEVELOPER_TOKEN", "AD_SPEND_GOOGLE_CLIENT_SECRET",
        "AD_SPEND_GOOGLE_REFRESH_TOKEN",
    )  # fmt: skip
    CALLS, CALLS_A_SECOND = 200, 10.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        rng = world.rng(name)
        self.most_days = 400
        """A longer report is too large for Facebook."""
        self.page_size = 10_000
        """Rows of a page of Google's."""
        self.is_spent = False
        """Whether the calls of Google's day are used up."""
        self._tokens = 0
        self._is_facebook = True
        self._first_day = datetime.fromtimestamp(world.start, VIETNAM).date()
        days = world.days
        weights = day_weights(self._first_day, days)
        self._starts = world.start + np.arange(days) * DAY
        self.platforms = {each: self._drawn(rng, each, weights) for each in ACCOUNTS}
        for each, platform in self.platforms.items():
            count = len(platform.campaigns)
            at = np.repeat(self._starts, count)
            self.shelves[f"{each}_days"] = Shelf(
                1 + np.arange(len(at)), at, self._facebook_day if each == "facebook" else self._google_day
            )
            self.shelves[f"{each}_campaigns"] = Shelf(
                1 + np.arange(count), np.full(count, world.start),
                self._facebook_campaign if each == "facebook" else self._google_campaign,
            )  # fmt: skip

    def _drawn(self, rng: np.random.Generator, name: str, weights: np.ndarray) -> Platform:
        chosen = [row for row in AD_CAMPAIGNS if row[0] == f"{name}_ads"]
        part = np.array([share for *_, share in chosen]) / sum(share for *_, share in AD_CAMPAIGNS)
        mean = MONEY * self.world.seed[1] * weights[:, None] * part
        # one day in ten a campaign pauses
        runs = rng.random(mean.shape) < 0.9
        spend = np.rint(mean * rng.gamma(12, 1 / 12, mean.shape) * runs).astype(np.int64)
        price, rate = (2600, 0.012) if name == "facebook" else (4100, 0.045)
        clicks = rng.poisson(spend / price)
        impressions = clicks + rng.poisson(spend / price / rate)
        conversions = rng.binomial(clicks, 0.035)
        is_void = (clicks > 0) & (rng.random(mean.shape) < 0.01)
        conversions[is_void] = 0
        campaigns = [(identity, title, ACCOUNTS[name][unit]) for _, identity, title, unit, _ in chosen]
        return Platform(campaigns, spend, impressions, clicks, conversions, is_void, spend, conversions)

    def stand(self, moment: Moment) -> None:
        """Show the days until today, as far as they are restated."""
        age = (moment.now + 1 - self._starts) // DAY
        for name, each in self.platforms.items():
            is_new, is_counted = (age < CREDITED_AFTER)[:, None], (age >= COUNTED_AFTER)[:, None]
            each.shown_spend = np.where(is_new, each.spend + each.spend // 50, each.spend)
            each.shown_conversions = np.where(is_counted, each.conversions, each.conversions * 4 // 5)
            is_there = (self._starts + 20 * HOUR <= moment.now)[:, None] & (each.spend > 0)
            is_there = is_there & (is_new | ~each.is_void)
            since = np.where(
                age < CREDITED_AFTER, 1, np.where(age < COUNTED_AFTER, CREDITED_AFTER, COUNTED_AFTER)
            )
            self.shelves[f"{name}_days"].stand(
                np.where(is_there, (self._starts + since * DAY)[:, None], 0).ravel()
            )
            shelf = self.shelves[f"{name}_campaigns"]
            shelf.stand(shelf.created_at)

    def allows(self, request: Request) -> bool:
        """Return whether a request shows the platform's tokens."""
        bearer = request.headers.get("authorization")
        self._is_facebook = "/facebook/" in request.url.path
        if self._is_facebook:
            return bearer == f"Bearer {self.secrets['AD_SPEND_FACEBOOK_TOKEN']}"
        developer = request.headers.get("developer-token")
        return (
            bearer == f"Bearer {self._access}"
            and developer == self.secrets["AD_SPEND_GOOGLE_DEVELOPER_TOKEN"]
        )

    def expire(self) -> None:
        """Let the access token that Google gave be too old."""
        self._tokens += 1

    @property
    def _access(self) -> str:
        return f"ya29.{self.secrets['AD_SPEND_GOOGLE_REFRESH_TOKEN']}.{self._tokens}"

    def refusal(self, request: Request) -> Response:
        """Return what the platform answers to dead credentials."""
        if "/facebook/" in request.url.path:
            return _graph_error(190, "Error validating access token: the session has been invalidated.")
        return _ads_error(401, "UNAUTHENTICATED", {"authenticationError": "OAUTH_TOKEN_EXPIRED"})

    def busy(self, retry_after: str) -> Response:
        """Return what the platform that was asked last answers to a caller who asks too often."""
        if self._is_facebook:
            answer = _graph_error(80000, "There have been too many calls from this ad-account.")
        else:
            answer = _ads_error(429, "RESOURCE_EXHAUSTED", {"quotaError": "RESOURCE_TEMPORARILY_EXHAUSTED"})
        answer.headers["Retry-After"] = retry_after
        return answer

    def keys(self, stream: str) -> set[str]:
        """Return the keys: a campaign, or a campaign's day of an account."""
        name, _, kind = stream.partition("_")
        campaigns = self.platforms[name].campaigns
        found = set()
        for row in np.flatnonzero(self.shelves[stream].updated_at > 0).tolist():
            day, number = divmod(row, len(campaigns))
            identity, _, account = campaigns[number]
            found.add(
                f"{name}/{account}/{self._date(day)}/{identity}" if kind == "days" else f"{name}/{identity}"
            )
        return found

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what was spent, and Google's clicks and conversions."""
        name, _, kind = stream.partition("_")
        if kind != "days":
            return {}
        each, shown = self.platforms[name], self.shelves[stream].updated_at > 0
        spend = int(each.shown_spend.ravel()[shown].sum())
        if name == "facebook":
            return {"spend": spend, "impressions": int(each.impressions.ravel()[shown].sum())}
        return {
            "metrics.costMicros": spend * MICRO,
            "metrics.clicks": int(each.clicks.ravel()[shown].sum()),
            "metrics.conversions": int(each.shown_conversions.ravel()[shown].sum()),
        }

    def routes(self, desk: Desk) -> APIRouter:
        """Return Facebook's edges of an account, and Google's search and login."""
        router = APIRouter()

        @router.get("/facebook/act_{account}/{edge}")
        async def edges(
            request: Request, account: str, edge: str, limit: int = 25, after: str = "", time_range: str = "",
        ) -> Response:  # fmt: skip
            stream = "facebook_days" if edge == "insights" else "facebook_campaigns"
            rows, extra = self._of("facebook", stream, account), {}
            if edge == "insights":
                since, until = (date.fromisoformat(day) for day in orjson.loads(time_range).values())
                rows = rows[self._within("facebook", rows, since, until)]
                if (until - since).days >= self.most_days:
                    refusal = _graph_error(
                        1, "Please reduce the amount of data you're asking for, then retry"
                    )
                    answer = await desk.answer(request, stream, bytes(refusal.body))
                    return refusal if answer.status_code == 200 else answer
                spent = int(self.platforms["facebook"].shown_spend.ravel()[rows].sum())
                extra["summary"] = {"spend": str(spent), "date_start": str(since), "date_stop": str(until)}
            begin = int(after, 36) if after else 0
            page, end = rows[begin : begin + limit], begin + limit
            paging: dict[str, object] = {"cursors": {"after": np.base_repr(end, 36)}}
            if end < len(rows):
                paging["next"] = f"https://graph.facebook.example/next?after={np.base_repr(end, 36)}"
            rest = orjson.dumps({"paging": paging} | extra)[1:]
            body = b'{"data":[%s],%s' % (self.shelves[stream].json(page), rest)
            return await desk.answer(request, stream, body, note=partial(self.shelves[stream].note, page))

        @router.post("/google/token")
        async def token(request: Request) -> Response:
            form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
            wanted = ("AD_SPEND_GOOGLE_REFRESH_TOKEN", "AD_SPEND_GOOGLE_CLIENT_SECRET")
            if [form.get("refresh_token"), form.get("client_secret")] != [
                self.secrets[each] for each in wanted
            ]:
                return Response(b'{"error":"invalid_grant"}', 400, media_type="application/json")
            body = {"access_token": self._access, "expires_in": 3599, "token_type": "Bearer"}
            return Response(orjson.dumps(body), media_type="application/json")

        @router.post("/google/customers/{account}/googleAds:search")
        async def search(request: Request, account: str) -> Response:
            asked = orjson.loads(await request.body())
            span = re.search(r"BETWEEN '(.+?)' AND '(.+?)'", asked["query"])
            stream = "google_days" if span else "google_campaigns"
            if self.is_spent:
                return _ads_error(429, "RESOURCE_EXHAUSTED", {"quotaError": "RESOURCE_EXHAUSTED"})
            rows = self._of("google", stream, account)
            if span:
                rows = rows[self._within("google", rows, *(date.fromisoformat(day) for day in span.groups()))]
            begin = int(asked.get("pageToken") or "0", 36)
            page, end = rows[begin : begin + self.page_size], begin + self.page_size
            told: dict[str, object] = {"totalResultsCount": str(len(rows)), "fieldMask": "campaign.id"}
            if end < len(rows):
                told["nextPageToken"] = np.base_repr(end, 36)
            # Google leaves a list out that is empty
            results = b'"results":[%s],' % self.shelves[stream].json(page) if len(page) else b""
            body = b"{" + results + orjson.dumps(told)[1:]
            return await desk.answer(request, stream, body, note=partial(self.shelves[stream].note, page))

        return router

    def _of(self, name: str, stream: str, account: str) -> np.ndarray:
        """Return the rows of a stream that are an account's."""
        campaigns = self.platforms[name].campaigns
        own = np.array([each == account for *_, each in campaigns])
        shelf = self.shelves[stream]
        return np.flatnonzero((shelf.updated_at > 0) & own[np.arange(len(shelf.ids)) % len(campaigns)])

    def _within(self, name: str, rows: np.ndarray, since: date, until: date) -> np.ndarray:
        day = rows // len(self.platforms[name].campaigns)
        return (day >= (since - self._first_day).days) & (day <= (until - self._first_day).days)

    def _date(self, day: int) -> date:
        return self._first_day + timedelta(days=day)

    def _facebook_day(self, row: int, stamp: int) -> bytes:
        each = self.platforms["facebook"]
        place = divmod(row, len(each.campaigns))
        identity, title, account = each.campaigns[place[1]]
        day = str(self._date(place[0]))
        record = {
            "account_id": account, "account_currency": "VND", "campaign_id": identity, "campaign_name": title,
            "spend": str(each.shown_spend[place]), "impressions": str(each.impressions[place]),
            "date_start": day, "date_stop": day,
        }  # fmt: skip
        # Facebook leaves out what did not happen
        if clicks := int(each.clicks[place]):
            bought = "mobile_app_install" if "Cài" in title else "purchase"
            counts = {"link_click": clicks, bought: int(each.shown_conversions[place])}
            record["inline_link_clicks"] = str(clicks)
            record["actions"] = [{"action_type": kind, "value": str(n)} for kind, n in counts.items() if n]
        return orjson.dumps(record)

    def _facebook_campaign(self, row: int, stamp: int) -> bytes:
        identity, title, account = self.platforms["facebook"].campaigns[row]
        return orjson.dumps({
            "id": identity, "account_id": account, "name": title, "effective_status": "ACTIVE",
            "objective": "OUTCOME_APP_PROMOTION" if "Cài" in title else "OUTCOME_SALES",
            "start_time": utc_text(self.world.start).replace("Z", "+0000"),
        })  # fmt: skip

    def _google_day(self, row: int, stamp: int) -> bytes:
        each = self.platforms["google"]
        place = divmod(row, len(each.campaigns))
        identity, title, account = each.campaigns[place[1]]
        return orjson.dumps({
            "customer": {"resourceName": f"customers/{account}", "id": account, "currencyCode": "VND"},
            "campaign": {
                "resourceName": f"customers/{account}/campaigns/{identity}", "id": identity, "name": title,
            },
            "metrics": {
                "costMicros": str(int(each.shown_spend[place]) * MICRO),
                "impressions": str(each.impressions[place]), "clicks": str(each.clicks[place]),
                "conversions": float(each.shown_conversions[place]),
            },
            "segments": {"date": str(self._date(place[0]))},
        })  # fmt: skip

    def _google_campaign(self, row: int, stamp: int) -> bytes:
        identity, title, account = self.platforms["google"].campaigns[row]
        kind = "SEARCH" if "Tìm kiếm" in title else "SHOPPING" if "Mua sắm" in title else "MULTI_CHANNEL"
        return orjson.dumps({
            "customer": {"resourceName": f"customers/{account}", "id": account},
            "campaign": {
                "resourceName": f"customers/{account}/campaigns/{identity}", "id": identity, "name": title,
                "status": "ENABLED", "advertisingChannelType": kind,
            },
        })  # fmt: skip


def _graph_error(code: int, message: str) -> Response:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbCdEfGhIjK"}
    return Response(orjson.dumps({"error": error}), 400, media_type="application/json")


def _ads_error(status: int, name: str, code: Mapping[str, str]) -> Response:
    failure = {"@type": "type.googleapis.com/google.ads.googleads.v21.errors.GoogleAdsFailure",
               "errors": [{"errorCode": dict(code), "message": name}]}  # fmt: skip
    error = {"code": status, "message": name, "status": name, "details": [failure]}
    return Response(orjson.dumps({"error": error}), status, media_type="application/json")
