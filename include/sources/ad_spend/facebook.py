"""Facebook's Marketing API: an account's insights by day, and its campaigns."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from requests import Response

from include import rest, settings
from include.rest import Api, Overloaded
from include.sources import Page, PageMalformed, Record, SourceError, TokenRefused
from include.sources.facebook_page import graph
from include.sources.facebook_page.graph import After

LIMIT = 500
KEPT = timedelta(days=1095)
"""How far back insights go, a month less than Facebook says."""
TOO_MANY = {80000, 80004}
AGAIN = "Run the task again."
FIELDS = ("account_id,account_currency,campaign_id,campaign_name,spend,impressions,inline_link_clicks,"
          "actions")  # fmt: skip
STATUSES = ["ACTIVE", "PAUSED", "ARCHIVED", "DELETED", "IN_PROCESS", "WITH_ISSUES"]


class _TooLarge(SourceError):
    """Facebook wants a smaller report."""


def days(accounts: Mapping[str, str], since: date, until: date) -> Iterator[Page]:
    """Yield a page per account and span, with each of its days as a scope."""
    client = _client()
    since = max(since, until - KEPT)
    for account, unit in accounts.items():
        yield from _span(client, account, unit, since, until)


def campaigns(accounts: Mapping[str, str]) -> Iterator[Page]:
    """Yield all campaigns, archived and deleted ones too: their costs remain."""
    client = _client()
    params = {
        "fields": "id,account_id,name,objective,effective_status,start_time,stop_time",
        "effective_status": json.dumps(STATUSES), "limit": LIMIT,
    }  # fmt: skip
    for account, unit in accounts.items():
        for page in rest.pages(client, f"/act_{account}/campaigns", "data", params, After()):
            _hold_account(page, account)
            yield Page([{**row, "platform": "facebook", "business_unit": unit} for row in page])


def _client() -> Api:
    base = settings.source_setting("AD_SPEND_FACEBOOK_URL", f"{settings.source_url('ad_spend')}/facebook")
    # in a header, because an address is written into logs
    token = BearerTokenAuth(settings.secret("AD_SPEND_FACEBOOK_TOKEN"))
    return rest.connect(base, token, meaning=_meaning)


def _span(client: Api, account: str, unit: str, since: date, until: date) -> Iterator[Page]:
    """Yield a span's days, or those of its halves where it is too large."""
    try:
        rows = _rows(client, account, since, until)
    except _TooLarge:
        if since == until:
            raise
        middle = since + (until - since) // 2
        yield from _span(client, account, unit, since, middle)
        yield from _span(client, account, unit, middle + timedelta(days=1), until)
        return
    named = {"platform": "facebook", "business_unit": unit}
    yield Page(
        [{**row, **named, "account_day": f"facebook/{account}/{row['date_start']}"} for row in rows],
        scopes=tuple(
            f"facebook/{account}/{since + timedelta(days=n)}" for n in range((until - since).days + 1)
        ),
    )


def _rows(client: Api, account: str, since: date, until: date) -> list[Record]:
    params = {
        "level": "campaign", "time_increment": 1, "fields": FIELDS, "summary": "spend", "limit": LIMIT,
        "time_range": json.dumps({"since": str(since), "until": str(until)}),
    }  # fmt: skip
    found: dict[tuple[object, object], Record] = {}
    summary: Mapping[str, object] = {}
    for page in rest.pages(client, f"/act_{account}/insights", "data", params, After()):
        _hold_account(page, account)
        summary = page.response.json().get("summary") or {}
        asked = (str(since), str(until))
        if summary and (summary.get("date_start"), summary.get("date_stop")) != asked:
            raise PageMalformed(f"Facebook was asked for {since} to {until} and gave other days. {AGAIN}")
        found |= {(row["date_start"], row["campaign_id"]): row for row in page}
    if any(not str(since) <= str(day) <= str(until) for day, _ in found):
        raise PageMalformed(f"Facebook was asked for {since} to {until} and gave other days. {AGAIN}")
    spent = sum((Decimal(str(row["spend"])) for row in found.values()), Decimal(0))
    if summary and Decimal(str(summary["spend"])) != spent:
        raise SourceError(f"Account {account} spent {summary['spend']}, its days say {spent}. {AGAIN}")
    return list(found.values())


def _hold_account(rows: list[Record], account: str) -> None:
    if any(row["account_id"] != account for row in rows):
        raise PageMalformed(f"Facebook was asked for account {account} and gave another. {AGAIN}")


def _meaning(response: Response, answer: object) -> None:
    """Raise what the error of an answer means; what all of Meta's APIs say alike is `graph`'s to know."""
    error = answer.get("error") if isinstance(answer, dict) else None
    code, message = (error.get("code"), str(error.get("message"))) if isinstance(error, dict) else (None, "")
    if "reduce the amount of data" in message:
        raise _TooLarge(f"Facebook wants a smaller report: {message}")
    if code == graph.DEAD:
        raise TokenRefused(f"Facebook refuses the token ({message}): get a new AD_SPEND_FACEBOOK_TOKEN.")
    if code in TOO_MANY:
        raise Overloaded(f"Facebook asks to wait ({code}: {message})", response=response)
    graph.meaning(response, answer)
