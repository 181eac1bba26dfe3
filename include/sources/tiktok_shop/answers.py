"""How TikTok Shop is asked and what its answers mean: each call is signed, and `code` says what it is."""

import time
from collections.abc import Callable, Mapping

from requests import PreparedRequest, Response
from requests.auth import AuthBase

from include import rest, settings, signing
from include.rest import Expired, Overloaded
from include.sources import QuotaSpent, SourceError, StreamUnavailable, TokenRefused
from include.tokens import Pair, Renewal, RotatingToken

REFRESH = "/api/v2/token/refresh"
HEADER = "x-tts-access-token"
EXPIRED, NO_SCOPE, SPENT = 105002, 105005, 45101004
BUSY = {36009002, 36009003, 36009007, 45101001}
"""Too many requests, an internal error, a timeout, an internal error of the customer service."""
MEANING_MUCH = 36009004
"""A credential, a time or a parameter that is wrong: only the message says which."""
REFUSED = {101000, 106001, 36009033}
"""A token of another shop, a signature of another app, an address that is not allowed."""


class Signed(AuthBase):
    """Signs each call, its parameters and its body, for five minutes."""

    def __init__(self, token: RotatingToken) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the token, who asks, when and the signature into a request, in place of those that it has."""
        # a first token is fetched here, which takes its time: the clock is looked at afterwards
        request = self._token(request)
        # TikTok tells a call without a body by its type, too
        request.headers.setdefault("Content-Type", "application/json")
        shown = {
            "app_key": settings.source_setting("TIKTOK_SHOP_APP_KEY", "68xu9ks5p4i8"),
            "shop_cipher": settings.source_setting("TIKTOK_SHOP_CIPHER", "ROW_xkMbgAAAeVAQra0eZWebFQq5"),
            "timestamp": str(int(time.time())),
        }
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body

        def sign(path: str, asked: Mapping[str, str]) -> str:
            secret = settings.secret("TIKTOK_SHOP_APP_SECRET")
            said = f"{secret}{path}{signing.in_order(asked)}".encode() + body + secret.encode()
            return signing.digest(secret, said)

        return signing.put(request, settings.source_url("tiktok_shop"), shown, sign)


def refreshed(refresh_token: str) -> Pair:
    """Spend a refresh token and return the pair that TikTok gives for it.

    Raises:
        TokenRefused: TikTok refuses it.
    """

    def refused(response: Response, answer: object) -> None:
        code, told = _code(answer)
        if code in BUSY:
            raise Overloaded(f"TikTok has no time now ({told})", response=response)
        if code:
            raise TokenRefused(
                f"TikTok gives no new token ({told}). The owner of the shop must authorise the app anew: set "
                "the refresh token that comes of it as TIKTOK_SHOP_REFRESH_TOKEN."
            )

    login = settings.source_setting("TIKTOK_SHOP_LOGIN_URL", settings.source_url("tiktok_shop"))
    asked = {
        "app_key": settings.source_setting("TIKTOK_SHOP_APP_KEY", "68xu9ks5p4i8"),
        "app_secret": settings.secret("TIKTOK_SHOP_APP_SECRET"),
        "refresh_token": refresh_token, "grant_type": "refresh_token",
    }  # fmt: skip
    given = rest.ask(rest.connect(login, None, meaning=refused), REFRESH, asked)["data"]
    return Pair(str(given["access_token"]), str(given["refresh_token"]))


def meaning(token: RotatingToken) -> Callable[[Response, object], None]:
    """Return what reads the `code` of an answer; a token that is too old is renewed once."""
    renewal = Renewal(token, "TikTok")

    def read(response: Response, answer: object) -> None:
        code, told = _code(answer)
        if code == MEANING_MUCH and "timestamp" in told.lower():
            # who waited long before asking again shows an old signature
            raise Expired(f"TikTok finds the call too old ({told})", response=response)
        if code == EXPIRED or (code == MEANING_MUCH and "access" in told.lower()):
            renewal.renew(response, told)
        if code in BUSY:
            raise Overloaded(f"TikTok is asked too often, or has no time ({told})", response=response)
        if code == SPENT:
            raise QuotaSpent(f"TikTok's allowance of the day is used up ({told}).")
        if code == NO_SCOPE:
            raise StreamUnavailable(f"The app has no scope for this ({told}): ask for it in Partner Center.")
        if code in REFUSED:
            raise TokenRefused(f"TikTok refuses the app ({told}): mend it in Partner Center.")
        if code:
            raise SourceError(f"{response.url.split('?')[0]} answered {told}.")
        if isinstance(answer, dict):
            renewal.worked()

    return read


def _code(answer: object) -> tuple[int, str]:
    """Return the code of an answer, 0 for none, and what is told of it."""
    if not isinstance(answer, dict):
        return 0, ""
    return int(answer.get("code") or 0), f"{answer.get('code')}: {answer.get('message')}"
