"""What advertising on Facebook and Google costs: by day and campaign, and the campaigns' names.

Both platforms restate: invalid clicks are credited for days, and conversions are counted on the day of
the click, up to four weeks later. So every pull reads the last four weeks again and replaces each day of
each account whole: what is no longer charged is gone. Facebook refuses a report that is too large, and
the span is halved until it is small enough; what came is held against its own sum. Google states how
many rows there are. Days are those of the account's time zone. Today is read too, as far as it has
come. Running a pull twice is safe: a day is what the platform says of it now.

An account spends for one business unit. AD_SPEND_FACEBOOK_ACCOUNTS and AD_SPEND_GOOGLE_ACCOUNTS say for
which, as `501000000001=shop_online,501000000002=habit_app`; `none` where there is no such platform. All
is for new customers but what `seeds/code_map.csv` names otherwise (spend_purpose). Run against the
sandbox only.

**Credential.** Facebook: in Business settings a system user with the role *Analyst* of each account,
Generate token: AD_SPEND_FACEBOOK_TOKEN; AD_SPEND_FACEBOOK_URL is https://graph.facebook.com/ with a
version behind it. Google: a developer token of the manager account (API Center), and an OAuth client
with a refresh token of a user who may read: the variables AD_SPEND_GOOGLE_…; AD_SPEND_GOOGLE_URL is
https://googleads.googleapis.com/ with a version behind it, AD_SPEND_GOOGLE_LOGIN_URL
https://oauth2.googleapis.com.

**Scopes.** Facebook: `ads_read`. Google: `adwords`.

**Limits.** Facebook: by the account's spend; an answer says how long to wait. Google: 15,000 calls a day
with basic access; when they are spent, the pull waits for the next run.
"""

from collections.abc import Iterator
from datetime import timedelta

from include import settings
from include.sources import Page, PersonNeeded, Stream, StreamUnavailable, Window
from include.sources.ad_spend import facebook, google

RESTATED = timedelta(days=28)
WEST, EAST = timedelta(hours=12), timedelta(hours=14)
"""How far the days of an account may lie from those of UTC."""

STREAMS = (
    Stream(
        "facebook_days",
        key=("platform", "account_id", "date_start", "campaign_id"),
        scope="account_day",
        types={
            "date_start": "date",
            "spend": "numeric(18,4)",
            "impressions": "numeric(18,4)",
            "inline_link_clicks": "numeric(18,4)",
            "actions[].value": "numeric(18,4)",
        },
        restated=RESTATED,
        retention=facebook.KEPT,
        optional=True,
    ),
    Stream(
        "facebook_campaigns",
        key=("platform", "id"),
        types={"start_time": "timestamptz", "stop_time": "timestamptz"},
        optional=True,
    ),
    Stream(
        "google_days",
        key=("platform", "customer.id", "segments.date", "campaign.id"),
        scope="account_day",
        types={
            "segments.date": "date",
            # a hundred million dong are more micros than numeric(18,4) holds
            "metrics.costMicros": "bigint",
            "metrics.impressions": "numeric(18,4)",
            "metrics.clicks": "numeric(18,4)",
            "metrics.conversions": "numeric(18,4)",
        },
        restated=RESTATED,
        optional=True,
    ),
    Stream("google_campaigns", key=("platform", "campaign.id"), optional=True),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield the days of a window, account by account, or all campaigns.

    Raises:
        StreamUnavailable: the company has no account of this platform.
        PersonNeeded: the accounts are not written as they must be.
        SourceError: less came than the platform counts.
    """
    since, until = (window.start - WEST).date(), (window.end + EAST).date()
    if stream.startswith("facebook"):
        default = "501000000001=shop_online,501000000002=habit_app"
        accounts = _accounts("Facebook", settings.source_setting("AD_SPEND_FACEBOOK_ACCOUNTS", default))
        pages = facebook.days(accounts, since, until) if "days" in stream else facebook.campaigns(accounts)
    else:
        default = "5110000001=shop_online,5110000002=habit_app,5110000003=sales_software"
        accounts = _accounts("Google", settings.source_setting("AD_SPEND_GOOGLE_ACCOUNTS", default))
        pages = google.days(accounts, since, until) if "days" in stream else google.campaigns(accounts)
    yield from pages


def _accounts(platform: str, text: str) -> dict[str, str]:
    """Return the business unit of each account."""
    if text.strip() == "none":
        raise StreamUnavailable(f"No account of {platform} is named.")
    pairs = [part.strip().partition("=") for part in text.split(",")]
    if not all(account.isdigit() and unit for account, _, unit in pairs):
        raise PersonNeeded(
            f"{platform}'s accounts are {text!r}: write 501000000001=shop_online, with commas."
        )
    return {account: unit for account, _, unit in pairs}
