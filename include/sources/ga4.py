"""Google Analytics 4, the web's outside observer: its own count of each day's visits and purchases.

The Data API gives aggregates and no visits, and what it gives is no record of ours: it is landed by day
to hold our own events against it, and counted nowhere. A day's users are the day's: the same person is
one of many days, so that users are never added up. GA4 takes up to 48 hours to finish a day and restates
it after that: a window reads the days that were finished in it, and the three before it once more; a day
is replaced whole. A report is paged by its offset, in the order of its dimensions, because any other moves
while it is read; its pages are held against its own number of rows. Where GA4 rolled rows into `(other)`
or withheld small ones, the records say so, and state nothing that is reconciled. Running a window twice
is safe: a day is what the report says of it now. Run against the sandbox only.

**Credential.** In Google Cloud: a service account with a key in JSON, and the Google Analytics Data API
switched on; in GA4: Admin, Property access management, add its address as a viewer. GA4_EMAIL and
GA4_PRIVATE_KEY are `client_email` and `private_key` of the file, GA4_PROPERTY is the property's number. Its
time zone is to be Vietnam's. The API is https://analyticsdata.googleapis.com.

**Scopes.** `analytics.readonly`.

**Limits.** Of a standard property 200,000 tokens a day, 40,000 an hour, 10 calls at once and 10 errors of
the server an hour. Each answer says what is left; a pull stops while there still is some, because
whoever looks at the property's reports needs it too, and goes on with the next run. Pages of 100,000 rows.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request, Response

from include import rest, settings
from include.rest import Overloaded
from include.sources import Page, PageMalformed, QuotaSpent, Record, SourceError, Stream, Window
from include.tokens import ServiceAccount

LIMIT = 100_000
"""Rows of a page; Google allows 250,000."""
ATTEMPTS = 3
"""How often a call is made: each answer of 500 is one of the ten errors that an hour may have."""
FINISHED = timedelta(hours=48)
RESTATED = timedelta(days=3)
SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
VIETNAM = timezone(timedelta(hours=7))
LEFT = {
    "tokensPerDay": 1000, "tokensPerHour": 1000, "tokensPerProjectPerHour": 1000,
    "serverErrorsPerProjectPerHour": 2,
}  # fmt: skip
"""What a pull leaves of the property's allowances."""
DIMENSIONS = ("date", "platform")
METRICS = ("sessions", "totalUsers", "screenPageViews", "eventCount", "ecommercePurchases", "purchaseRevenue")
AGAIN = "Run the task again."

STREAMS = (
    Stream(
        "days",
        key=("property", *DIMENSIONS),
        scope="date",
        types={"date": "date"} | dict.fromkeys(METRICS, "numeric(18,4)"),
        restated=RESTATED,
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield the days that GA4 finished in a window.

    Raises:
        QuotaSpent: the property's allowance is nearly used up, and there is more to read.
        PageMalformed: GA4 gave what it was not asked for.
        SourceError: less came than GA4 counts.
    """
    url, name = settings.source_url("ga4"), settings.source_setting("GA4_PROPERTY", "320000001")
    account = ServiceAccount(
        client_id=settings.source_setting("GA4_EMAIL", "warehouse@shop.example"),
        private_key=settings.secret("GA4_PRIVATE_KEY").replace("\\n", "\n"),
        auth_endpoint=settings.source_setting("GA4_TOKEN_URL", f"{url}/token"),
        scopes=SCOPE,
    )
    client = rest.connect(url, account, meaning=_meaning, calls_a_second=2, attempts=ATTEMPTS)
    since, until = ((at - FINISHED).astimezone(VIETNAM).date() for at in (window.start, window.end))
    days = tuple(str(since + timedelta(days=n)) for n in range((until - since).days))
    if not days:
        return
    yield Page((), scopes=days)
    paginator, seen = Offset(), set()
    body = _asked(days[0], days[-1])
    for page in rest.pages(
        client, f"/v1beta/properties/{name}:runReport", _rows, {}, paginator, method="POST", body=body
    ):
        answer = page.response.json()
        records = [_named(row, answer) | {"property": name} for row in page]
        if any(record["date"] not in days for record in records):
            raise PageMalformed(f"GA4 was asked for {days[0]} to {days[-1]} and gave other days. {AGAIN}")
        seen |= {(record["date"], record["platform"]) for record in records}
        yield Page(records)
        if paginator.has_next_page:
            _spare(answer)
    if len(seen) < paginator.total:
        raise SourceError(f"GA4's report has {paginator.total} rows, but {len(seen)} came. {AGAIN}")


def _asked(first: str, last: str) -> dict[str, object]:
    """Return a report's request, its rows sorted by all dimensions, so that pages never overlap."""
    return {
        "dateRanges": [{"startDate": first, "endDate": last}],
        "dimensions": [{"name": each} for each in DIMENSIONS],
        "metrics": [{"name": each} for each in METRICS],
        "orderBys": [{"dimension": {"dimensionName": each}} for each in DIMENSIONS],
        "limit": LIMIT, "offset": 0, "returnPropertyQuota": True,
    }  # fmt: skip


def _rows(answer: object) -> list:
    """Return the rows of a report, which has no list where there is none.

    Raises:
        KeyError: it is no report.
    """
    if answer["kind"] != "analyticsData#runReport":
        raise KeyError("kind")
    return answer.get("rows", [])


def _named(row: Record, answer: Record) -> dict[str, object]:
    """Return a row by its columns' names, with what the report says of all its rows.

    Raises:
        PageMalformed: the report has other columns.
    """
    names = [each["name"] for part in ("dimensionHeaders", "metricHeaders") for each in answer[part]]
    values = [each.get("value") for part in ("dimensionValues", "metricValues") for each in row[part]]
    if sorted(names) != sorted((*DIMENSIONS, *METRICS)) or len(values) != len(names):
        raise PageMalformed(f"GA4's report has other columns: {', '.join(names)}. {AGAIN}")
    told, found = answer.get("metadata", {}), dict(zip(names, values, strict=True))
    day: date = datetime.strptime(str(found["date"]), "%Y%m%d").date()
    return found | {
        "date": str(day), "currency": told.get("currencyCode"), "time_zone": told.get("timeZone"),
        "dataLossFromOtherRow": bool(told.get("dataLossFromOtherRow")),
        "subjectToThresholding": bool(told.get("subjectToThresholding")),
    }  # fmt: skip


def _spare(answer: Record) -> None:
    """Stop while something is left of each allowance.

    Raises:
        QuotaSpent: another page would take what others need.
    """
    for name, status in answer.get("propertyQuota", {}).items():
        left = status.get("remaining", 0)
        if left < LEFT.get(name, 0):
            raise QuotaSpent(
                f"GA4 has {left} of {name} left for this property, and the report goes on: the pull stops. "
                "Dashboards on the same property use the same allowance."
            )


def _meaning(response: Response, answer: object) -> None:
    """Raise what a 429 means: tokens come again in an hour or a day, a free place at once."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if response.status_code == 429 and isinstance(error, dict):
        message = str(error.get("message"))
        if "concurrent" in message:
            raise Overloaded(f"GA4 asks to wait: {message}", response=response)
        raise QuotaSpent(f"GA4 has nothing left for this property: {message}")


class Offset(BasePaginator):
    """Pages of a report by their offset in the body, as far as its number of rows."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0
        """How many rows the report has."""
        self._offset = 0

    def update_state(self, response: Response, data: list[dict] | None = None) -> None:
        """Read how many rows there are; a report without any does not say."""
        self.total = int(response.json().get("rowCount", 0))
        self._offset += LIMIT
        self._has_next_page = self._offset < self.total

    def update_request(self, request: Request) -> None:
        """Ask for the next rows."""
        request.json = {**request.json, "offset": self._offset}
