"""How Shopee is asked and what its answers mean: each call is signed, and `error` says what a 200 is."""

import time
from collections.abc import Callable, Mapping

from requests import PreparedRequest, Response
from requests.auth import AuthBase

from include import rest, settings, signing
from include.rest import Expired, Overloaded
from include.sources import SourceError, StreamUnavailable, TokenRefused
from include.tokens import Pair, Renewal, RotatingToken

REFRESH = "/api/v2/auth/access_token/get"
NO_ERROR = {"", "-"}
"""Shopee's own examples have the dash."""
TOKEN = {"error_auth", "invalid_access_token", "invalid_acceess_token"}
"""The typing mistake is Shopee's."""
BUSY = {
    "error_server", "error_inner", "error_network", "error_system_busy", "error_limit", "error_rate_limit",
    "get_cmt_failed",
}  # fmt: skip


class Signed(AuthBase):
    """Signs each call for five minutes: with the shop's token, or without one where there is none yet."""

    def __init__(self, token: RotatingToken | None = None) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put who asks, when and the signature into a request, in place of those that it has."""
        partner, shop = settings.source_setting("SHOPEE_PARTNER_ID", "2001887"), ""
        # a first token is fetched here, which takes its time: the clock is looked at afterwards
        access = self._token.access() if self._token else ""
        shown = {"partner_id": partner, "timestamp": str(int(time.time()))}
        if access:
            shop = settings.source_setting("SHOPEE_SHOP_ID", "14701711")
            shown |= {"access_token": access, "shop_id": shop}

        def sign(path: str, asked: Mapping[str, str]) -> str:
            said = partner + path + shown["timestamp"] + access + shop
            return signing.digest(settings.secret("SHOPEE_PARTNER_KEY"), said)

        return signing.put(request, settings.source_url("shopee"), shown, sign)


def refreshed(refresh_token: str) -> Pair:
    """Spend a refresh token and return the pair that Shopee gives for it.

    Raises:
        TokenRefused: Shopee refuses it.
    """

    def refused(response: Response, answer: object) -> None:
        name, told = _error(answer)
        if _is_busy(name, told):
            raise Overloaded(f"Shopee has no time now ({told})", response=response)
        if _is_stale(told):
            raise Expired(f"Shopee finds the call too old ({told})", response=response)
        if name:
            raise TokenRefused(
                f"Shopee gives no new token ({told}). The owner of the shop must authorise the app anew: set "
                "the refresh token that comes of it as SHOPEE_REFRESH_TOKEN."
            )

    client = rest.connect(settings.source_url("shopee"), Signed(), meaning=refused)
    body = {
        "refresh_token": refresh_token,
        "partner_id": int(settings.source_setting("SHOPEE_PARTNER_ID", "2001887")),
        "shop_id": int(settings.source_setting("SHOPEE_SHOP_ID", "14701711")),
    }
    answer = rest.ask(client, REFRESH, method="POST", body=body)
    return Pair(str(answer["access_token"]), str(answer["refresh_token"]))


def meaning(token: RotatingToken) -> Callable[[Response, object], None]:
    """Return what reads the `error` of an answer; a token that is too old is renewed once."""
    renewal = Renewal(token, "Shopee")

    def read(response: Response, answer: object) -> None:
        name, told = _error(answer)
        if _is_stale(told):
            # who waited long before asking again shows an old signature
            raise Expired(f"Shopee finds the call too old ({told})", response=response)
        if "permission" in name or "no permission" in told.lower():
            raise StreamUnavailable(f"The app may not read this ({told}): ask for it in Shopee's console.")
        if name in TOKEN:
            renewal.renew(response, told)
        if name == "error_sign":
            raise TokenRefused(f"Shopee refuses the signature ({told}): SHOPEE_PARTNER_KEY is another app's.")
        if _is_busy(name, told):
            raise Overloaded(f"Shopee has no time now ({told})", response=response)
        if name:
            raise SourceError(f"{response.url.split('?')[0]} answered {told}.")
        if isinstance(answer, dict):
            renewal.worked()

    return read


def _error(answer: object) -> tuple[str, str]:
    """Return the name of an answer's error without its module, "" for none, and what is told of it."""
    if not isinstance(answer, dict):
        return "", ""
    error = str(answer.get("error") or "")
    if error in NO_ERROR:
        return "", ""
    return error.rpartition(".")[2], f"{error}: {answer.get('message')}"


def _is_busy(name: str, told: str) -> bool:
    return name in BUSY or "try later" in told.lower() or "try again later" in told.lower()


def _is_stale(told: str) -> bool:
    return "invalid timestamp" in told.lower()
