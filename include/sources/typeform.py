"""Typeform, the surveys: every answer of the forms in TYPEFORM_FORMS, completed or not.

A window is over the time of submission. Inside it the list is read from the newest answer back
(`before` the last token), because `after` starts at a token that may have been deleted. Very recent
answers appear minutes late, so every pull reads the last hours again. An answer that was only begun
has no time of submission and no cursor of its own: it is read again with its form's last month, and
becomes the completed one under the same token. Running a window twice is safe: an answer has its
token, and the same bytes add nothing. Run against the sandbox only.

**Credential.** In Typeform: account, Personal tokens, Generate a new token; TYPEFORM_TOKEN.
TYPEFORM_FORMS lists the forms' ids, with commas: one that begins with `nps` asks on 0 to 10, one that begins
with `kiem_chung` is the survey of validation, sent to some customers at random, and the others ask how
satisfied somebody is on 1 to 5. TYPEFORM_URL is https://api.typeform.com, for an account
in the European Union https://api.eu.typeform.com.

**Scopes.** `responses:read`.

**Limits.** Two calls a second; pages of 1,000 answers.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request, Response

from include import rest, settings
from include.sources import Page, Record, Stream, Window

LIMIT = 1000
BEGUN = timedelta(days=30)
"""How long an answer that was only begun may still be completed."""

STREAMS = (
    Stream(
        "responses",
        key=("form_id", "token"),
        types={"landed_at": "timestamptz", "submitted_at": "timestamptz"},
        overlap=timedelta(hours=6),
        longest_window=timedelta(days=180),
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield the answers of a window, and those that were begun in the month before its end."""
    client = rest.connect(
        settings.source_url("typeform"),
        BearerTokenAuth(settings.secret("TYPEFORM_TOKEN")),
        calls_a_second=2,
    )
    for form in settings.source_setting("TYPEFORM_FORMS", "nps_don_hang,csat_cham_soc,kiem_chung").split(","):
        completed = {"completed": "true", "since": _text(window.start), "until": _text(window.end)}
        begun = {
            "completed": "false",
            "since": _text(min(window.start, window.end - BEGUN)),
            "until": _text(window.end),
        }
        for chosen in (completed, begun):
            params = chosen | {"page_size": LIMIT}
            for page in rest.pages(client, f"/forms/{form}/responses", "items", params, BeforeLast()):
                yield Page([_known(record, form) for record in page])


def _known(record: Record, form: str) -> Record:
    """Return an answer that says which form it belongs to; one only begun was submitted never."""
    kept = {name: value for name, value in record.items() if name != "response_type"}
    is_begun = record.get("response_type") not in (None, "completed")
    return kept | {"form_id": form, "is_completed": not is_begun}


class BeforeLast(BasePaginator):
    """Pages that continue before the last answer; one that is not full is the last."""

    def __init__(self) -> None:
        super().__init__()
        self._last: object = None

    def update_state(self, response: Response, data: list[dict] | None = None) -> None:
        """Remember the last token."""
        rows = data or []
        self._last = rows[-1].get("token") if rows else None
        self._has_next_page = len(rows) >= LIMIT and self._last is not None

    def update_request(self, request: Request) -> None:
        """Ask for what lies before it."""
        if self._has_next_page:
            request.params["before"] = self._last


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
