"""Google Ads' API: GAQL queries of an account's campaigns."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from requests import Response

from include import rest, settings
from include.rest import Api, Overloaded
from include.sources import Page, PageMalformed, QuotaSpent, Record, SourceError, TokenRefused
from include.tokens import LastingToken, Renewal

AGAIN = "Run the task again."
DAYS = (
    "SELECT customer.id, customer.currency_code, campaign.id, campaign.name, segments.date, "
    "metrics.cost_micros, metrics.impressions, metrics.clicks, metrics.conversions FROM campaign "
    "WHERE segments.date BETWEEN '{since}' AND '{until}'"
)
CAMPAIGNS = (
    "SELECT customer.id, campaign.id, campaign.name, campaign.status, campaign.advertising_channel_type "
    "FROM campaign"
)


def days(accounts: Mapping[str, str], since: date, until: date) -> Iterator[Page]:
    """Yield pages per account; every day of the span is a scope, also one without a row."""
    client, query = _client(), DAYS.format(since=since, until=until)
    for account, unit in accounts.items():
        scopes = tuple(
            f"google/{account}/{since + timedelta(days=n)}" for n in range((until - since).days + 1)
        )
        yield Page((), scopes=scopes)
        for rows in _rows(client, account, query):
            if any(not str(since) <= row["segments"]["date"] <= str(until) for row in rows):
                raise PageMalformed(f"Google was asked for {since} to {until} and gave other days. {AGAIN}")
            named = {"platform": "google", "business_unit": unit}
            yield Page(
                [
                    {**row, **named, "account_day": f"google/{account}/{row['segments']['date']}"}
                    for row in rows
                ]
            )


def campaigns(accounts: Mapping[str, str]) -> Iterator[Page]:
    """Yield all campaigns, removed ones too: their costs remain."""
    client = _client()
    for account, unit in accounts.items():
        for rows in _rows(client, account, CAMPAIGNS):
            yield Page([{**row, "platform": "google", "business_unit": unit} for row in rows])


def _client() -> Api:
    base = settings.source_setting("AD_SPEND_GOOGLE_URL", f"{settings.source_url('ad_spend')}/google")
    token = LastingToken(_refreshed)
    headers = {"developer-token": settings.secret("AD_SPEND_GOOGLE_DEVELOPER_TOKEN")}
    manager = settings.source_setting("AD_SPEND_GOOGLE_MANAGER", "none")
    if manager != "none":
        headers["login-customer-id"] = manager
    return rest.connect(base, token, headers=headers, meaning=_meaning(token))


def _rows(client: Api, account: str, query: str) -> Iterator[list[Record]]:
    body = {"query": query, "searchSettings": {"returnTotalResultsCount": True}}
    pages = rest.pages(
        client, f"/customers/{account}/googleAds:search", lambda answer: answer.get("results", []), {},
        JSONResponseCursorPaginator("nextPageToken", cursor_body_path="pageToken"), method="POST", body=body,
    )  # fmt: skip
    seen: set[tuple[object, object]] = set()
    total = 0
    for page in pages:
        if any(str(row["customer"]["id"]) != account for row in page):
            raise PageMalformed(f"Google was asked for account {account} and gave another. {AGAIN}")
        total = int(page.response.json().get("totalResultsCount") or 0)
        seen |= {(row["campaign"]["id"], (row.get("segments") or {}).get("date")) for row in page}
        yield page
    if len(seen) < total:
        raise SourceError(f"Google counts {total} rows of account {account}, but gave {len(seen)}. {AGAIN}")


def _refreshed() -> str:
    """Return an access token.

    Raises:
        TokenRefused: Google refuses the refresh token or the client.
    """
    base = settings.source_setting("AD_SPEND_GOOGLE_LOGIN_URL", f"{settings.source_url('ad_spend')}/google")
    client = rest.connect(base, None, meaning=_refused)
    known = "sandbox.apps.googleusercontent.example"
    form = {
        "grant_type": "refresh_token", "refresh_token": settings.secret("AD_SPEND_GOOGLE_REFRESH_TOKEN"),
        "client_id": settings.source_setting("AD_SPEND_GOOGLE_CLIENT_ID", known),
        "client_secret": settings.secret("AD_SPEND_GOOGLE_CLIENT_SECRET"),
    }  # fmt: skip
    return str(rest.ask(client, "/token", method="POST", form=form)["access_token"])


def _refused(response: Response, answer: object) -> None:
    if isinstance(answer, dict) and isinstance(answer.get("error"), str):
        raise TokenRefused(
            f"Google gives no token ({answer['error']}): grant access anew and set "
            "AD_SPEND_GOOGLE_REFRESH_TOKEN."
        )


def _meaning(token: LastingToken) -> Callable[[Response, object], None]:
    """Return what reads an answer's error; a token that is too old is renewed once."""
    renewal = Renewal(token, "Google")

    def read(response: Response, answer: object) -> None:
        if response.status_code == 401:
            renewal.renew(response, "status 401: look at the client's grants")
        if response.status_code == 200:
            renewal.worked()
        codes = _codes(answer)
        if "RESOURCE_EXHAUSTED" in codes:
            raise QuotaSpent("The developer token's calls of the day are used up.")
        if "RESOURCE_TEMPORARILY_EXHAUSTED" in codes:
            raise Overloaded("Google asks to wait", response=response)
        if response.status_code == 403:
            raise TokenRefused(
                f"Google refuses: {', '.join(sorted(codes)) or '403'}. Look at the accounts' users."
            )

    return read


def _codes(answer: object) -> set[str]:
    """Return the codes of an error, such as RESOURCE_EXHAUSTED."""
    error = answer.get("error") if isinstance(answer, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    return {
        str(code)
        for detail in details or ()
        for each in detail.get("errors") or ()
        for code in (each.get("errorCode") or {}).values()
    }
