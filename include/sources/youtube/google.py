"""How Google lets a caller in, and what the errors of its APIs mean."""

from collections.abc import Callable

from requests import Response

from include import rest, settings
from include.rest import Overloaded
from include.sources import QuotaSpent, TokenRefused
from include.tokens import LastingToken, Renewal

SPENT = {"quotaExceeded", "dailyLimitExceeded"}
TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded", "backendError"}


def refreshed() -> str:
    """Return an access token.

    Raises:
        TokenRefused: Google refuses the refresh token or the client.
    """
    client = rest.connect(
        settings.source_setting("YOUTUBE_LOGIN_URL", settings.source_url("youtube")), None, meaning=_refused
    )
    form = {
        "grant_type": "refresh_token", "refresh_token": settings.secret("YOUTUBE_REFRESH_TOKEN"),
        "client_id": settings.source_setting("YOUTUBE_CLIENT_ID", "sandbox.apps.googleusercontent.example"),
        "client_secret": settings.secret("YOUTUBE_CLIENT_SECRET"),
    }  # fmt: skip
    return str(rest.ask(client, "/token", method="POST", form=form)["access_token"])


def _refused(response: Response, answer: object) -> None:
    if isinstance(answer, dict) and isinstance(answer.get("error"), str):
        raise TokenRefused(
            f"Google gives no token ({answer['error']}: {answer.get('error_description')}). The channel's "
            "owner must grant access anew: set YOUTUBE_REFRESH_TOKEN."
        )
    _raise_if_busy(response, answer)


def meaning(token: LastingToken) -> Callable[[Response, object], None]:
    """Return what reads an answer's error; a token that is too old is renewed once."""
    renewal = Renewal(token, "Google")

    def read(response: Response, answer: object) -> None:
        if response.status_code == 401:
            renewal.renew(response, "status 401: look at the client's grants")
        if response.status_code == 200:
            renewal.worked()
        reasons = _reasons(answer)
        if reasons & SPENT:
            raise QuotaSpent(
                "The project's units of the day are used up; they come again at midnight in California."
            )
        if reasons & TOO_FAST:
            raise Overloaded(f"Google asks to wait ({', '.join(sorted(reasons))})", response=response)
        if response.status_code == 403:
            raise TokenRefused(
                f"Google refuses: {', '.join(sorted(reasons)) or '403'}. Look at the grant's scopes."
            )

    return read


def _raise_if_busy(response: Response, answer: object) -> None:
    reasons = _reasons(answer)
    if reasons & SPENT:
        raise QuotaSpent("The project's units of the day are used up, until midnight in California.")
    if reasons & TOO_FAST:
        raise Overloaded(f"Google asks to wait ({', '.join(sorted(reasons))})", response=response)


def _reasons(answer: object) -> set[str]:
    error = answer.get("error") if isinstance(answer, dict) else None
    errors = error.get("errors") if isinstance(error, dict) else None
    return {str(each.get("reason")) for each in errors or () if isinstance(each, dict)}
