"""Refresh tokens. Those that work once are kept encrypted in PostgreSQL, renewed by one task at a time.

The vendor gives a new pair with every refresh and kills the pair before. So the row is locked while
a new pair is fetched and both tokens are written in that transaction: whoever waits for the lock
finds the new access token and does not refresh again. A pair that the vendor refuses is marked dead
and stays so until a person sets another first token; no other source is touched. Another first token
takes the kept pair's place when it has worked once: one that was mistyped costs nothing. Those that last, and
the keys of service accounts, need no keeping: each client gets an access token of its own.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from cryptography.fernet import Fernet, InvalidToken
from dlt.sources.helpers.rest_client.auth import OAuthJWTAuth
from psycopg2.extensions import cursor as Cursor
from requests import PreparedRequest, Response
from requests.auth import AuthBase
from requests.exceptions import HTTPError

from include import settings, warehouse
from include.rest import Expired
from include.sources import SourceError, TokenRefused


@dataclass(frozen=True)
class Pair:
    """What a refresh gives: the token for the calls, and the one for the next refresh."""

    access: str
    refresh: str


class RotatingToken(AuthBase):
    """The credentials of a source whose refresh token rotates.

    FIRST is the refresh token that a person got from the vendor; another one starts afresh. REFRESH
    asks the vendor for a new pair and raises `TokenRefused` where it refuses.
    """

    def __init__(
        self, source: str, first: str, refresh: Callable[[str], Pair], *, header: str = "Authorization",
        prefix: str = "Bearer ",
    ) -> None:  # fmt: skip
        self._source = source
        self._first = first
        self._mark = hashlib.sha256(first.encode()).hexdigest()
        self._refresh = refresh
        self._header = header
        self._prefix = prefix
        self._access = ""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the access token into a request."""
        request.headers[self._header] = self._prefix + self.access()
        return request

    def access(self) -> str:
        """Return the access token, for a vendor who wants it elsewhere than in a header.

        Raises:
            TokenRefused: the vendor refuses the refresh token, now or before.
        """
        if not self._access:
            self.renew(stale=None)
        return self._access

    def renew(self, stale: str | None = "") -> None:
        """Take the pair that another task fetched meanwhile, else fetch a new one.

        STALE is the access token that the source refused; None accepts any that is kept.

        Raises:
            TokenRefused: the vendor refuses the refresh token, now or before.
            SourceError: what comes is the access token that was refused; nothing of it is kept.
        """
        stale = self._access if stale == "" else stale
        refused: TokenRefused | None = None
        with warehouse.transaction("cx_loader") as connection, connection.cursor() as cursor:
            kept = self._locked(cursor)
            if kept.access and kept.access != stale:
                self._access = kept.access
                return
            try:
                pair = self._refresh(kept.refresh)
            except TokenRefused as error:
                refused = self._mark_refused(cursor, error)
            else:
                if pair.access == stale:
                    raise SourceError(
                        f"{self._source} gave the access token again that it had just refused: an answer was "
                        "repeated on its way. Run the task again."
                    )
                cursor.execute(
                    "update ops.tokens set access_token = %s, refresh_token = %s, first_mark = %s, "
                    "why_dead = null, refused_mark = null, why_refused = null, "
                    "refreshed_at = clock_timestamp() where source = %s",
                    (_sealed(pair.access), _sealed(pair.refresh), self._mark, self._source),
                )
                self._access = pair.access
        if refused:
            raise refused

    def _locked(self, cursor: Cursor) -> Pair:
        """Return the pair to go on from, the source's row locked until the transaction ends.

        It is the one that is kept, or the first token where a person has set another.
        """
        cursor.execute(
            "insert into ops.tokens (source, first_mark, refresh_token) values (%s, %s, %s) "
            "on conflict (source) do nothing",
            (self._source, self._mark, _sealed(self._first)),
        )
        cursor.execute(
            "select first_mark, access_token, refresh_token, why_dead, refused_mark, why_refused "
            "from ops.tokens where source = %s for update",
            (self._source,),
        )
        mark, access, refresh, why_dead, refused_mark, why_refused = cursor.fetchone()
        if mark != self._mark:
            if refused_mark == self._mark:
                raise TokenRefused(why_refused)
            return Pair("", self._first)
        if why_dead:
            raise TokenRefused(why_dead)
        return Pair(_opened(access) if access else "", _opened(refresh))

    def _mark_refused(self, cursor: Cursor, error: TokenRefused) -> TokenRefused:
        """Remember that the token was refused, so that nobody asks with it again; return what to tell."""
        cursor.execute(
            "update ops.tokens set why_dead = %s, first_mark = %s, refresh_token = %s, access_token = null "
            "where source = %s and (first_mark = %s or why_dead is not null or refreshed_at is null)",
            (str(error), self._mark, _sealed(self._first), self._source, self._mark),
        )
        if cursor.rowcount:
            return error
        told = (
            f"{error} It is another first token than the one that worked before: the pair that came of that "
            "one is kept, and is used again once it is set."
        )
        cursor.execute(
            "update ops.tokens set refused_mark = %s, why_refused = %s where source = %s",
            (self._mark, told, self._source),
        )
        return TokenRefused(told)


class LastingToken(AuthBase):
    """The credentials of a source whose refresh token lasts.

    REFRESH asks the vendor for an access token, and raises `TokenRefused` where it refuses.
    """

    def __init__(self, refresh: Callable[[], str]) -> None:
        self._refresh = refresh
        self._access = ""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the access token into a request."""
        if not self._access:
            self.renew()
        request.headers["Authorization"] = f"Bearer {self._access}"
        return request

    def renew(self) -> None:
        """Get another access token."""
        self._access = self._refresh()


class Renewal:
    """Renews a token that a vendor calls too old, once: refused again before it worked, it is dead."""

    def __init__(self, token: RotatingToken | LastingToken, vendor: str) -> None:
        self._token = token
        self._vendor = vendor
        self._is_fresh = False

    def renew(self, response: Response, told: str) -> NoReturn:
        """Get another token and let the call be sent again; TOLD is what the vendor said.

        Raises:
            Expired: there is a new one.
            TokenRefused: the last one that it got is refused.
        """
        if self._is_fresh:
            raise TokenRefused(f"{self._vendor} refuses a token that it just gave ({told}).")
        self._token.renew()
        self._is_fresh = True
        raise Expired(f"{self._vendor}'s token is too old ({told})", response=response)

    def worked(self) -> None:
        """Note that the token is good."""
        self._is_fresh = False


class ServiceAccount(OAuthJWTAuth):
    """Access tokens of Google's for what a service account's key has signed."""

    def obtain_token(self) -> None:
        """Get a token.

        Raises:
            TokenRefused: Google does not take the key.
        """
        try:
            super().obtain_token()
        except HTTPError as error:
            if error.response is not None and error.response.status_code in {400, 401, 403}:
                raise TokenRefused(
                    f"{self.auth_endpoint} refuses the service account's key ({error.response.text[:200]}): "
                    f"make a new key of {self.client_id}."
                ) from error
            raise
        except ValueError as error:
            raise TokenRefused(
                f"What is set as the key of {self.client_id} is no private key in PEM."
            ) from error


def _key() -> Fernet:
    digest = hashlib.sha256(settings.secret("CX_TOKEN_KEY").encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def _sealed(token: str) -> str:
    return _key().encrypt(token.encode()).decode()


def _opened(token: str) -> str:
    try:
        return _key().decrypt(token.encode()).decode()
    except InvalidToken:
        raise TokenRefused(
            "The tokens in ops.tokens were written with another CX_TOKEN_KEY: set that one again, or "
            "get a new refresh token from the vendor and set it as the source's first one."
        ) from None
