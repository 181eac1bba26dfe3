"""How Zalo pages and what its answers mean: the status is 200 whatever happened, `error` says it."""

import json
from collections.abc import Callable

from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request, Response

from include import rest, settings
from include.rest import Overloaded
from include.sources import PageMalformed, Record, SourceError, StreamUnavailable, TokenRefused
from include.tokens import Pair, Renewal, RotatingToken

EXPIRED, BUSY, NO_PACKAGE = -216, -32, -224
DEAD = -14_000
"""The errors of the login, which are of this number and below: another secret, a token that is spent."""
REFUSED = {-201, -202, -205, -206}
"""Wrong credentials, no permission, no such account, app not linked."""


class Overlapping(BasePaginator):
    """Pages by row that begin with the last row of the page before; only an empty page is the end."""

    def __init__(self, asked: Record, key: str) -> None:
        super().__init__()
        self._asked = asked
        self._key = key
        self._offset = 0
        self._seen: set[str] = set()
        self._overlaps = False

    def init_request(self, request: Request) -> None:
        """Begin at the first row."""
        self.update_request(request)

    def update_state(self, response: Response, data: list[dict] | None = None) -> None:
        """Go on with the last row.

        Raises:
            PageMalformed: the page does not touch the one before: rows were lost between them.
        """
        names = {str(row.get(self._key)) for row in data or ()}
        if names and self._overlaps and not names & self._seen:
            raise PageMalformed(
                f"{response.url.split('?')[0]} lost rows between two pages. Run the task again."
            )
        self._seen |= names
        self._overlaps = len(names) > 1
        self._offset += max(len(data or ()) - 1, 1)
        self._has_next_page = bool(names)

    def update_request(self, request: Request) -> None:
        """Ask for the rows from there: all parameters travel as one JSON."""
        request.params["data"] = json.dumps({**self._asked, "offset": self._offset})


def refreshed(refresh_token: str) -> Pair:
    """Spend a refresh token and return the pair that Zalo gives for it.

    Raises:
        TokenRefused: Zalo refuses it.
        SourceError: Zalo gives none now.
    """
    client = rest.connect(
        settings.source_setting("ZALO_OA_LOGIN_URL", settings.source_url("zalo_oa")), None,
        headers={"secret_key": settings.secret("ZALO_OA_APP_SECRET")}, meaning=_refused,
    )  # fmt: skip
    form = {
        "refresh_token": refresh_token, "grant_type": "refresh_token",
        "app_id": settings.source_setting("ZALO_OA_APP_ID", "1180000000000000001"),
    }  # fmt: skip
    answer = rest.ask(client, "/v4/oa/access_token", method="POST", form=form)
    return Pair(str(answer["access_token"]), str(answer["refresh_token"]))


def _refused(response: Response, answer: object) -> None:
    code = _code(answer)
    if code == BUSY:
        raise Overloaded(f"Zalo is asked too often ({_told(answer)})", response=response)
    if code in REFUSED or code <= DEAD:
        raise TokenRefused(
            f"Zalo gives no new token ({_told(answer)}). An administrator of the account must grant the app "
            "anew: set the refresh token that they get as ZALO_OA_REFRESH_TOKEN."
        )
    if code:
        # whatever else it is, the refresh token may still be good: only a person could make another
        raise SourceError(f"Zalo gives no new token now ({_told(answer)}).")


def meaning(token: RotatingToken) -> Callable[[Response, object], None]:
    """Return what reads the `error` of an answer; a token that is too old is renewed once."""
    renewal = Renewal(token, "Zalo")

    def read(response: Response, answer: object) -> None:
        code = EXPIRED if response.status_code == 401 else _code(answer)
        if code == EXPIRED:
            renewal.renew(response, _told(answer))
        if code == BUSY:
            raise Overloaded(f"Zalo is asked too often ({_told(answer)})", response=response)
        if code == NO_PACKAGE:
            raise StreamUnavailable(f"The account's package lacks this ({_told(answer)}).")
        if code in REFUSED:
            raise TokenRefused(f"Zalo refuses the app ({_told(answer)}): mend it at developers.zalo.me.")
        if code:
            raise SourceError(f"{response.url.split('?')[0]} answered {_told(answer)}.")
        if isinstance(answer, dict):
            renewal.worked()

    return read


def _code(answer: object) -> int:
    return int(answer.get("error") or 0) if isinstance(answer, dict) else 0


def _told(answer: object) -> str:
    if not isinstance(answer, dict):
        return "status 401"
    # the login calls its message otherwise, or gives none
    message = answer.get("message") or answer.get("error_name")
    return f"{answer.get('error')}: {message}" if message else f"error {answer.get('error')}"
