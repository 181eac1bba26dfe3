"""The preference centre, where people say what they agree to: each of their decisions, and who they are.

No vendor's API: it is what a preference centre of your own, or a bridge to a bought one, has to serve.
Both lists are read by the time of change, oldest first, with a cursor. A decision that a shop's tablet
took while it was offline was made days before it is recorded; the time of change is when it was
recorded, so a window holds it. A grant that needs a confirmation is `pending`, which is no consent, and
becomes `granted` under the same id; a withdrawal is a decision of its own. Whoever asked to be forgotten
comes once more, marked by `erased_at` and emptied; the decisions stay, because they are the proof. What
came is held against the list's own count. Running a window twice is safe: a record has its id and its
time of change. Run against the sandbox only.

`GET /v1/subjects` and `GET /v1/decisions`, with `changed_since`, `changed_until`, `limit` and `cursor`,
answer `{"data": [...], "next_cursor": "..." or null, "total": n}`. A subject has id, brand (the code of a
business unit), name, phone, email, created_at, changed_at, erased_at. A decision has id, subject_id,
brand, purpose, channel, status (granted, refused, withdrawn or pending), was_ticked (whether the box came
ticked: silence is no consent), decided_at, changed_at, collected_via, text_version and proof. Words of
purpose, channel and collected_via are translated in `seeds/code_map.csv`.

**Credential.** A token for reading, from whoever runs the preference centre: PREFERENCE_CENTRE_TOKEN.

**Scopes.** Reading subjects and decisions; writing is not needed.

**Limits.** Ten calls a second; pages of 500 records.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from include import rest, settings
from include.sources import Page, SourceError, Stream, Window

LIMIT = 500
RECORDED = timedelta(minutes=5)
"""How late a record shows in the list that has been changed."""

STREAMS = (
    Stream(
        "subjects",
        key=("id",),
        version="changed_at",
        deleted="erased_at",
        types=dict.fromkeys(("created_at", "changed_at", "erased_at"), "timestamptz"),
        overlap=RECORDED,
    ),
    Stream(
        "decisions",
        key=("id",),
        version="changed_at",
        parent=("subject_id",),
        types=dict.fromkeys(("decided_at", "changed_at"), "timestamptz")
        | {"was_ticked": "boolean", "text_version": "integer"},
        overlap=RECORDED,
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield what changed in a window.

    Raises:
        SourceError: fewer records came than the list counts.
    """
    client = rest.connect(
        settings.source_url("preference_centre"),
        BearerTokenAuth(settings.secret("PREFERENCE_CENTRE_TOKEN")),
        calls_a_second=10,
    )
    params = {
        "changed_since": _text(window.start), "changed_until": _text(window.end), "limit": LIMIT,
    }  # fmt: skip
    paginator = JSONResponseCursorPaginator(cursor_path="next_cursor", cursor_param="cursor")
    seen: set[object] = set()
    counted = 0
    for page in rest.pages(client, f"/v1/{stream}", _counted, params, paginator):
        # the last page's count: what changes meanwhile leaves the window, and comes in the next one
        counted = page.response.json()["total"]
        seen |= {record.get("id") for record in page}
        yield Page(list(page))
    if len(seen) < counted:
        raise SourceError(
            f"The preference centre counts {counted} {stream} changed since {params['changed_since']}, but "
            f"gave {len(seen)}. Run the task again."
        )


def _counted(answer: dict) -> list:
    """Return the records of an answer that also says how many there are."""
    int(answer["total"])
    return answer["data"]


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
