"""How Meta's Graph API pages and what its errors mean: each is a status of 400 with a code of its own."""

import json
from collections.abc import Iterable
from datetime import datetime

from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request, Response

from include.fields import FieldsRefused
from include.rest import Overloaded
from include.sources import SourceError, TokenRefused

TOO_MANY = {4, 17, 32, 613, 80001}
DEAD, BAD_PARAMETER = 190, 100


class After(BasePaginator):
    """Pages that continue after a cursor for as long as the answer links a next one, however short.

    The address of the next page is not followed: it bears the token, and could lead it elsewhere.
    """

    def __init__(self) -> None:
        super().__init__()
        self._after: object = None

    def update_state(self, response: Response, data: list[dict] | None = None) -> None:
        """Remember the cursor."""
        paging = response.json().get("paging") or {}
        self._after = (paging.get("cursors") or {}).get("after")
        self._has_next_page = bool(paging.get("next") and self._after)

    def update_request(self, request: Request) -> None:
        """Ask for what lies behind it."""
        if self._has_next_page:
            request.params["after"] = self._after


def meaning(response: Response, answer: object) -> None:
    """Raise what the error of an answer means.

    Raises:
        TokenRefused: the token is dead, or lacks a permission.
        FieldsRefused: a metric among those asked for was retired.
        Overloaded: the allowance is used up for a while, or Meta stumbled.
    """
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return
    code, message = int(error.get("code") or 0), str(error.get("message"))
    if code == DEAD:
        raise TokenRefused(f"Meta refuses the Page's token ({message}): get a new FACEBOOK_PAGE_TOKEN.")
    if code == 10 or 200 <= code <= 299:
        raise TokenRefused(f"The Page's token lacks a permission ({message}): grant it and get a new one.")
    if code == BAD_PARAMETER and "metric" in message:
        raise FieldsRefused(message)
    if code in TOO_MANY:
        if minutes := _minutes(response.headers.get("X-Business-Use-Case-Usage", "")):
            response.headers["Retry-After"] = str(minutes * 60)
        raise Overloaded(f"Meta asks to wait ({code}: {message})", response=response)
    if error.get("is_transient") or code in {1, 2}:
        raise Overloaded(f"Meta stumbled ({code}: {message})", response=response)
    raise SourceError(f"{response.url.split('?')[0]} answered {code}: {message}")


def at(text: object) -> datetime:
    """Return a time as Meta writes it, `2026-11-01T03:04:05+0000`."""
    return datetime.fromisoformat(str(text))


def _minutes(usage: str) -> int:
    """Return the longest wait that a usage header names."""
    try:
        told = json.loads(usage).values()
    except (ValueError, AttributeError):
        return 0
    uses: Iterable[object] = (use for uses in told if isinstance(uses, list) for use in uses)
    waits = [use.get("estimated_time_to_regain_access") for use in uses if isinstance(use, dict)]
    return max([0, *(int(wait) for wait in waits if isinstance(wait, int | float))])
