"""How Lazada is asked and what its answers mean: each call is signed, and `code` says what a 200 is."""

import re
import time
from collections.abc import Callable, Mapping

from requests import PreparedRequest, Response
from requests.auth import AuthBase

from include import rest, settings, signing
from include.rest import LONGEST_WAIT_SECONDS, Expired, Overloaded
from include.sources import PersonNeeded, QuotaSpent, SourceError, StreamUnavailable, TokenRefused
from include.tokens import Pair, Renewal, RotatingToken

REFRESH = "/auth/token/refresh"
DEAD = {"IllegalRefreshToken", "AUTH_TYPE_UNSUPPORTED"}
"""What is said of a refresh token that gives no other."""
TOKEN = {"IllegalAccessToken", "InvalidAccessToken"}
BUSY = {"ApiCallLimit", "AppCallLimit", "ServiceTimeout", "TRAFFIC_CONTROL", "901"}
NOT_OURS = {"ISP", "SYSTEM"}
"""Types of error that are Lazada's own: a caller's is ISV."""
UNREADABLE = {"InsufficientPermission", "Mp3SellerApiLimit"}
REFUSED = {
    "IncompleteSignature", "InvalidAppKey", "IllegalAppKey", "AppNotSubscribed", "AppWhiteIpLimit",
    "SellerNotVerified",
}  # fmt: skip
TOO_OLD = re.compile(r"STARTTIME_OVER_LIMIT|checking 90 days")
BAN = re.compile(r"ban will last (\d+) second")


class TooOld(SourceError):
    """Lazada does not look back as far."""


class Signed(AuthBase):
    """Signs each call with its parameters: with the shop's token, or without one where there is none yet."""

    def __init__(self, token: RotatingToken | None = None) -> None:
        self._token = token
        self._home = settings.source_url("lazada") if token else login_url()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put who asks, when and the signature into a request, in place of those that it has."""
        # a first token is fetched here, which takes its time: the clock is looked at afterwards
        shown = {"access_token": self._token.access()} if self._token else {}
        shown |= {
            "app_key": settings.source_setting("LAZADA_APP_KEY", "131415"),
            "timestamp": str(int(time.time() * 1000)),
            "sign_method": "sha256",
        }

        def sign(path: str, asked: Mapping[str, str]) -> str:
            secret = settings.secret("LAZADA_APP_SECRET")
            return signing.digest(secret, path + signing.in_order(asked)).upper()

        return signing.put(request, self._home, shown, sign)


def login_url() -> str:
    """Return where tokens are refreshed: all countries have it in common."""
    return settings.source_setting("LAZADA_LOGIN_URL", settings.source_url("lazada"))


def refreshed(refresh_token: str) -> Pair:
    """Spend a refresh token and return the pair that Lazada gives for it.

    Raises:
        TokenRefused: Lazada refuses it.
        PersonNeeded: Lazada refuses the app.
        SourceError: Lazada gives none for another reason.
    """

    def refused(response: Response, answer: object) -> None:
        code, told = _error(answer)
        if code in DEAD:
            raise TokenRefused(
                f"Lazada gives no new token ({told}). The owner of the shop must authorise the app anew: set "
                "the refresh token that comes of it as LAZADA_REFRESH_TOKEN."
            )
        if code in REFUSED:
            # the refresh token may still be good, and is not given up
            raise PersonNeeded(_app_refused(told))
        _raise_if_passing(response, answer, code, told)
        if code:
            raise SourceError(f"Lazada gives no new token now ({told}).")

    client = rest.connect(login_url(), Signed(), meaning=refused)
    answer = rest.ask(client, REFRESH, {"refresh_token": refresh_token})
    return Pair(str(answer["access_token"]), str(answer["refresh_token"]))


def meaning(token: RotatingToken) -> Callable[[Response, object], None]:
    """Return what reads the `code` of an answer; a token that is too old is renewed once."""
    renewal = Renewal(token, "Lazada")

    def read(response: Response, answer: object) -> None:
        code, told = _error(answer)
        if code in TOKEN:
            renewal.renew(response, told)
        if code in UNREADABLE:
            raise StreamUnavailable(f"The app may not read this ({told}): ask for it in Lazada's console.")
        if code in REFUSED:
            raise TokenRefused(_app_refused(told))
        if TOO_OLD.search(told):
            raise TooOld(f"{response.url.split('?')[0]} answered {told}.")
        _raise_if_passing(response, answer, code, told)
        if code:
            raise SourceError(f"{response.url.split('?')[0]} answered {told}.")
        if isinstance(answer, dict):
            renewal.worked()

    return read


def _app_refused(told: str) -> str:
    return f"Lazada refuses the app ({told}): mend it in Lazada's console, or LAZADA_APP_SECRET."


def _error(answer: object) -> tuple[str, str]:
    """Return the code of what went wrong, "" for nothing, and what is told of it.

    Behind a `code` of 0 the service that was asked may still say that it has no success.
    """
    if not isinstance(answer, dict):
        return "", ""
    if (code := str(answer.get("code") or "0")) != "0":
        return code, f"{code}: {answer.get('message')}"
    for part in (answer, answer.get("result")):
        if isinstance(part, dict) and part.get("success") in (False, "false"):
            code = str(part.get("error_code") or "no success")
            return code, f"{code}: {part.get('error_msg')}"
    return "", ""


def _raise_if_passing(response: Response, answer: object, code: str, told: str) -> None:
    """Raise what asking again may help against."""
    if "timestamp" in code.lower():
        # who waited long before asking again shows an old signature
        raise Expired(f"Lazada finds the call too old ({told})", response=response)
    ban = BAN.search(told)
    if ban and int(ban[1]) > LONGEST_WAIT_SECONDS:
        raise QuotaSpent(f"Lazada's allowance is used up ({told}).")
    if ban:
        response.headers["Retry-After"] = ban[1]
    if ban or code in BUSY or (code and answer.get("type") in NOT_OURS):
        raise Overloaded(f"Lazada is asked too often, or has no time ({told})", response=response)
