"""Google Ad Manager, the ad server of a site: what each slot was asked for, and what each deal filled.

Two reports by day: `slots` has the requests to each ad unit and those left unfilled, `deals` what each
type of line item delivered there. A report is made with the days of the pull, run, waited for and read
page by page; its pages are held against its own number of rows and days. Google filters invalid clicks
for days and closes a month's revenue after its end: each pull reads the last five weeks again and
replaces each day whole. Days and amounts are those of the network. Today is read too, as far as it has
come. Running a pull twice is safe: a day is what the report says of it now. Run against the sandbox
only.

**Credential.** In Google Cloud a service account with a key in JSON; in Ad Manager: Admin, Global
settings, API access switched on, and the account added as a service account user. AD_SERVER_EMAIL and
AD_SERVER_PRIVATE_KEY are `client_email` and `private_key` of the file, AD_SERVER_NETWORK is the
network's code. The API is https://admanager.googleapis.com.

**Scopes.** `admanager`; in Ad Manager a role that may create and run reports.

**Limits.** Two calls a second; pages of 10,000 rows.
"""

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from include import rest, settings
from include.rest import Api
from include.sources import Page, PageMalformed, Record, SourceError, Stream, Window
from include.tokens import ServiceAccount

LIMIT = 10_000
POLL_SECONDS, POLLS = 5.0, 120
"""How often a report that runs is looked at, and how many times at most."""
RESTATED = timedelta(days=35)
SCOPE = "https://www.googleapis.com/auth/admanager"
AGAIN = "Run the task again."
REPORTS = {
    "slots": (
        ("DATE", "AD_UNIT_ID", "AD_UNIT_NAME"),
        ("AD_REQUESTS", "IMPRESSIONS", "UNFILLED_IMPRESSIONS"),
    ),
    "deals": (
        ("DATE", "AD_UNIT_ID", "AD_UNIT_NAME", "LINE_ITEM_TYPE"),
        ("IMPRESSIONS", "ACTIVE_VIEW_VIEWABLE_IMPRESSIONS", "CLICKS", "AD_SERVER_CLICKS",
         "AD_SERVER_UNFILTERED_CLICKS", "REVENUE"),
    ),
}  # fmt: skip
"""Each report's dimensions and metrics; requests are not known by deal."""

STREAMS = tuple(
    Stream(
        name,
        key=tuple(each for each in dimensions if each != "AD_UNIT_NAME"),
        scope="DATE",
        types={"DATE": "date"} | dict.fromkeys(metrics, "numeric(18,4)"),
        restated=RESTATED,
    )
    for name, (dimensions, metrics) in REPORTS.items()
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield the days of a window, as one report has them.

    Raises:
        SourceError: the report fails, or less came than it counts.
    """
    url = settings.source_url("ad_server")
    account = ServiceAccount(
        client_id=settings.source_setting("AD_SERVER_EMAIL", "warehouse@news.example"),
        private_key=settings.secret("AD_SERVER_PRIVATE_KEY").replace("\\n", "\n"),
        auth_endpoint=settings.source_setting("AD_SERVER_TOKEN_URL", f"{url}/token"),
        scopes=SCOPE,
    )
    client = rest.connect(url, account, calls_a_second=2)
    network = f"networks/{settings.source_setting('AD_SERVER_NETWORK', '21800000001')}"
    told = rest.ask(client, f"/v1/{network}")
    zone = ZoneInfo(str(told["timeZone"]))
    since, until = (at.astimezone(zone).date() for at in (window.start, window.end))
    result = _run(client, network, stream, since, until)
    yield Page((), scopes=tuple(str(since + timedelta(days=n)) for n in range((until - since).days + 1)))
    for rows in _rows(client, result, stream, since, until):
        yield Page([row | {"currency": told["currencyCode"]} for row in rows])


def _run(client: Api, network: str, stream: str, since: date, until: date) -> str:
    """Return the name of the result of a report that is made for these days.

    Raises:
        SourceError: it fails, or takes too long.
    """
    dimensions, metrics = REPORTS[stream]
    body = {
        "displayName": f"{stream} {since} {until}",
        "visibility": "HIDDEN",
        "reportDefinition": {
            "reportType": "HISTORICAL", "dimensions": dimensions, "metrics": metrics,
            "dateRange": {"fixed": {"startDate": _parts(since), "endDate": _parts(until)}},
        },
    }  # fmt: skip
    report = rest.ask(client, f"/v1/{network}/reports", method="POST", body=body)
    operation = rest.ask(client, f"/v1/{report['name']}:run", method="POST", body={})
    name = operation["name"]
    for _ in range(POLLS):
        if operation["name"] != name:
            raise PageMalformed(f"Ad Manager was asked how {name} goes and told of another. {AGAIN}")
        if error := operation.get("error"):
            raise SourceError(f"The report of {stream} failed: {error.get('message')}. {AGAIN}")
        if operation.get("done"):
            return str(operation["response"]["reportResult"])
        time.sleep(POLL_SECONDS / settings.pace(settings.source_url("ad_server")))
        operation = rest.ask(client, f"/v1/{name}")
    raise SourceError(f"The report of {stream} is not ready after {POLLS * POLL_SECONDS:.0f} s. {AGAIN}")


def _rows(
    client: Api, result: str, stream: str, since: date, until: date
) -> Iterator[list[dict[str, object]]]:
    """Yield a result's rows, named by their dimensions and metrics.

    Raises:
        PageMalformed: it is the result of other days.
        SourceError: less came than it counts.
    """
    dimensions, metrics = REPORTS[stream]
    first: Record | None = None
    seen: set[tuple[object, ...]] = set()
    for page in rest.pages(
        client, f"/v1/{result}:fetchRows", lambda answer: answer.get("rows", []), {"pageSize": LIMIT},
        JSONResponseCursorPaginator("nextPageToken", cursor_param="pageToken"),
    ):  # fmt: skip
        if first is None:
            first = page.response.json()
            if first.get("dateRanges") != [{"startDate": _parts(since), "endDate": _parts(until)}]:
                raise PageMalformed(
                    f"Ad Manager was asked for {since} to {until} and gave other days. {AGAIN}"
                )
        rows = []
        for row in page:
            (values,) = row["metricValueGroups"]
            cells = [*row["dimensionValues"], *values["primaryValues"]]
            named = dict(zip((*dimensions, *metrics), map(_value, cells), strict=True))
            named["DATE"] = str(datetime.strptime(str(named["DATE"]), "%Y%m%d").date())
            seen.add(tuple(named[each] for each in dimensions))
            rows.append(named)
        yield rows
    total = int(first.get("totalRowCount") or 0) if first else 0
    if len(seen) < total:
        raise SourceError(f"The report of {stream} has {total} rows, but {len(seen)} came. {AGAIN}")


def _value(cell: Record) -> object:
    """Return what a cell holds, whatever its type; an empty one holds nothing."""
    return next(iter(cell.values()), None)


def _parts(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}
