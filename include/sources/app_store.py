"""The App Store, Apple's store: the app's reviews, and its downloads by day and country.

Reviews have no filter by time: every pull reads them all, newest first, and replaces them whole, so
that an edited review is what it says now and a deleted one is gone. At the end the first page is read
again: what is on it and was not read came meanwhile, and the task is run again. Stars without words
are not in the API: the mean of these reviews is not the store's.

Downloads are in the daily sales reports, one file in gzip for each day of California. A report comes
a day late and at times three: the last week is asked for again, a day that Apple has not finished is
left for the next pull, and one that is overdue fails the task. A day without downloads has no report,
and says so. Reports are kept for a year. Running a pull twice is safe: a review has its id, and a day
is what its report says now. Run against the sandbox only.

**Credential.** In App Store Connect: Users and Access, Integrations, a team key; its file `.p8` is
APP_STORE_PRIVATE_KEY, its id APP_STORE_KEY_ID, the issuer above the list APP_STORE_ISSUER_ID. The
vendor's number stands in Payments and Financial Reports: APP_STORE_VENDOR. APP_STORE_APP is the app's
Apple ID. The API is https://api.appstoreconnect.apple.com.

**Scopes.** The roles *Customer Support* (reviews) and *Sales and Reports*.

**Limits.** 3,600 calls an hour; pages of 200 reviews; a token lives for 20 minutes at most.
"""

import csv
import gzip
import io
import json
import time
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import jwt
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import PreparedRequest, Request, Response
from requests.auth import AuthBase

from include import rest, settings
from include.rest import Api
from include.sources import Page, PageMalformed, Record, SourceError, Stream, TokenRefused, Window

LIMIT = 200
TOKEN_SECONDS = 1200
CALIFORNIA = ZoneInfo("America/Los_Angeles")
KEPT = timedelta(days=364)
LATE = timedelta(days=5)
"""After how long a report that is not there is no longer awaited, but missed."""
AGAIN = "Run the task again."

STREAMS = (
    Stream(
        "reviews",
        key=("id",),
        scope="app_id",
        types={"attributes.createdDate": "timestamptz", "attributes.rating": "numeric(9,4)"},
    ),
    Stream(
        "downloads",
        key=("day", "app_id", "country_code"),
        scope="day",
        types={"day": "date", "lines[].Units": "numeric(18,4)"},
        restated=timedelta(days=7),
        retention=timedelta(days=365),
    ),
)


class _NoReport(SourceError):
    """Apple has no report of this day; the text is what it says of it."""


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield all reviews, or the days of a window whose reports are there.

    Raises:
        SourceError: less came than Apple counts, or a report is overdue.
    """
    app = settings.source_setting("APP_STORE_APP", "1480000001")
    client = rest.connect(settings.source_url("app_store"), Signed(), meaning=_meaning, calls_a_second=1)
    return _reviews(client, app) if stream == "reviews" else _downloads(client, window)


def _reviews(client: Api, app: str) -> Iterator[Page]:
    path, params = f"/v1/apps/{app}/customerReviews", {"sort": "-createdDate", "limit": LIMIT}
    seen: set[object] = set()
    total = 0
    for page in rest.pages(client, path, "data", params, Cursor()):
        total = page.response.json()["meta"]["paging"]["total"]
        seen.update(review["id"] for review in page)
        yield Page([{**review, "app_id": app} for review in page], scopes=(app,))
    if len(seen) < total:
        raise SourceError(f"Apple counts {total} reviews, but listed {len(seen)}. {AGAIN}")
    newest = rest.ask(client, path, params)["data"]
    if missed := [review for review in newest if review["id"] not in seen]:
        raise SourceError(f"{len(missed)} reviews came to the top of Apple's list while it was read. {AGAIN}")


def _downloads(client: Api, window: Window) -> Iterator[Page]:
    start, today = (at.astimezone(CALIFORNIA).date() for at in (window.start, window.end))
    start = max(start, today - KEPT)
    for day in (start + timedelta(days=n) for n in range((today - start).days)):
        params = {
            "filter[frequency]": "DAILY", "filter[reportType]": "SALES", "filter[reportSubType]": "SUMMARY",
            "filter[version]": "1_1", "filter[reportDate]": day.isoformat(),
            "filter[vendorNumber]": settings.source_setting("APP_STORE_VENDOR", "85000001"),
        }  # fmt: skip
        try:
            lines = rest.ask(client, "/v1/salesReports", params, kind=list, parse=_report)
        except _NoReport as none:
            if "no sales" in str(none):
                yield Page((), scopes=(day.isoformat(),))
            elif today - day > LATE:
                raise SourceError(
                    f"The report of {day} is overdue ({none}): look in App Store Connect."
                ) from none
            continue
        if any(line["Begin Date"] != f"{day:%m/%d/%Y}" for line in lines):
            raise PageMalformed(f"Apple was asked for the report of {day} and gave another. {AGAIN}")
        yield Page(_by_country(day, lines), scopes=(day.isoformat(),))


def _by_country(day: date, lines: list[Record]) -> list[Record]:
    """Return a record per product and country, with its lines: what tells lines apart Apple does not say."""
    found: dict[tuple[object, object], list[Record]] = {}
    for line in lines:
        found.setdefault((line["Apple Identifier"], line["Country Code"]), []).append(line)
    return [
        {"day": day.isoformat(), "app_id": product, "country_code": country, "lines": kept}
        for (product, country), kept in found.items()
    ]


def _report(body: bytes) -> object:
    """Return the lines of a report, or the JSON that came instead.

    Raises:
        ValueError: it is neither, or breaks off.
    """
    if not body.startswith(b"\x1f\x8b"):
        return json.loads(body)
    try:
        text = gzip.decompress(body).decode()
    except (EOFError, OSError, zlib.error) as error:
        raise ValueError("the gzip breaks off") from error
    lines = list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    needed = {"Begin Date", "Apple Identifier", "Country Code", "Product Type Identifier", "Units"}
    if not lines or not needed <= lines[0].keys() or any(None in line.values() for line in lines):
        raise ValueError("the report has other columns, or breaks off")
    return lines


def _meaning(response: Response, answer: object) -> None:
    """Raise what the errors of an answer mean.

    Raises:
        _NoReport: there is no report of this day.
    """
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if response.status_code == 404 and errors and "/v1/salesReports" in response.url:
        raise _NoReport(str(errors[0].get("detail")))


class Cursor(BasePaginator):
    """Pages that continue at the cursor of `links.next`, which is taken out of the address, not followed."""

    def __init__(self) -> None:
        super().__init__()
        self._cursor = ""

    def update_state(self, response: Response, data: list[dict] | None = None) -> None:
        """Remember the cursor."""
        following = (response.json().get("links") or {}).get("next") or ""
        self._cursor = parse_qs(urlsplit(following).query).get("cursor", [""])[0]
        self._has_next_page = bool(self._cursor)

    def update_request(self, request: Request) -> None:
        """Ask for what lies behind it."""
        if self._has_next_page:
            request.params["cursor"] = self._cursor


class Signed(AuthBase):
    """Tokens that the team's key signs here, anew after half of their life."""

    def __init__(self) -> None:
        self._token, self._since = "", 0

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put a token into a request.

        Raises:
            TokenRefused: the key is none.
        """
        now = int(time.time())
        if now - self._since > TOKEN_SECONDS // 2:
            claims = {
                "iss": settings.source_setting("APP_STORE_ISSUER_ID", "00000000-sandbox"),
                "iat": now, "exp": now + TOKEN_SECONDS, "aud": "appstoreconnect-v1",
            }  # fmt: skip
            key = settings.secret("APP_STORE_PRIVATE_KEY").replace("\\n", "\n")
            named = {"kid": settings.source_setting("APP_STORE_KEY_ID", "SANDBOX001")}
            try:
                self._token = jwt.encode(claims, key, "ES256", named)
            except (jwt.PyJWTError, ValueError, TypeError) as error:
                raise TokenRefused("APP_STORE_PRIVATE_KEY is no private key in PEM.") from error
            self._since = now
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request
