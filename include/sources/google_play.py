"""Google Play, the Android store: the app's reviews, and its installs by day and country.

The reviews API shows what was written or changed in the last seven days and forgets the rest: a
source that is not read for longer has lost reviews, which is told and kept in `data_losses`. It has no
filter by time, so every pull reads the whole week, newest first, and at the end the first page
again: what is on it and was not read came while the pages shifted, and the task is run again.
Stars without words are not in the API: the mean of these reviews is not the store's.

Installs lie in the developer account's bucket, one file in UTF-16 for each month, which Google
writes anew every day; the last days grow for some days more. The months of the last forty days are
read again and replaced whole. Running a pull twice is safe: a review has its id and its time of
change, a file's month is what the file says now. Run against the sandbox only.

**Credential.** In Google Cloud: a service account with a key in JSON; in Play Console: Users and
permissions, invite it. GOOGLE_PLAY_EMAIL and GOOGLE_PLAY_PRIVATE_KEY are `client_email` and
`private_key` of the file. GOOGLE_PLAY_FOLDER is where the bucket `pubsite_prod_…` is copied to
(`gcloud storage rsync`), GOOGLE_PLAY_PACKAGE the app's name of package. GOOGLE_PLAY_URL is
https://androidpublisher.googleapis.com, GOOGLE_PLAY_TOKEN_URL https://oauth2.googleapis.com/token.

**Scopes.** `androidpublisher`; in Play Console *View app information* and *Reply to reviews*.

**Limits.** 200 calls an hour; pages of 100 reviews.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from include import rest, settings
from include.sources import Page, PageMalformed, Record, SourceError, Stream, Window
from include.tokens import ServiceAccount

LIMIT = 100
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
COUNTS = ("Daily Device Installs", "Daily Device Upgrades", "Daily User Installs", "Daily User Uninstalls",
          "Active Device Installs")  # fmt: skip

STREAMS = (
    Stream(
        "reviews",
        key=("reviewId",),
        version="changed_at",
        types={
            "changed_at": "timestamptz",
            "answered_at": "timestamptz",
            "comments[].userComment.starRating": "numeric(9,4)",
        },
        retention=timedelta(days=7),
    ),
    Stream(
        "installs",
        key=("Date", "Package Name", "Country"),
        scope="month",
        types={"Date": "date"} | dict.fromkeys(COUNTS, "numeric(18,4)"),
        restated=timedelta(days=40),
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield the week's reviews, or the months that a window touches.

    Raises:
        SourceError: the reviews shifted while they were read, or a file breaks off.
    """
    package = settings.source_setting("GOOGLE_PLAY_PACKAGE", "vn.example.habit")
    return _reviews(package) if stream == "reviews" else _installs(package, window)


def _reviews(package: str) -> Iterator[Page]:
    url = settings.source_url("google_play")
    account = ServiceAccount(
        client_id=settings.source_setting("GOOGLE_PLAY_EMAIL", "warehouse@habit.example"),
        private_key=settings.secret("GOOGLE_PLAY_PRIVATE_KEY").replace("\\n", "\n"),
        auth_endpoint=settings.source_setting("GOOGLE_PLAY_TOKEN_URL", f"{url}/token"),
        scopes=SCOPE,
    )
    client = rest.connect(url, account, calls_a_second=200 / 3600)
    path, params = f"/androidpublisher/v3/applications/{package}/reviews", {"maxResults": LIMIT}
    paginator = JSONResponseCursorPaginator(cursor_path="tokenPagination.nextPageToken", cursor_param="token")
    seen: set[object] = set()
    for page in rest.pages(client, path, _listed, params, paginator):
        seen.update(review.get("reviewId") for review in page)
        yield Page([_dated(review) | {"packageName": package} for review in page])
    newest = _listed(rest.ask(client, path, params))
    if missed := [review for review in newest if review.get("reviewId") not in seen]:
        raise SourceError(
            f"{len(missed)} reviews came to the top of Google Play's list while it was read: run the task "
            "again."
        )


def _listed(answer: object) -> list:
    """Return the reviews of an answer, which has no list where there is none.

    Raises:
        KeyError: it is another answer.
    """
    if not isinstance(answer, dict) or answer.keys() - {"reviews", "tokenPagination", "pageInfo"}:
        raise KeyError("reviews")
    return answer.get("reviews", [])


def _dated(review: Record) -> dict[str, object]:
    """Return a review with the time of its words, and that of its last change, as texts."""
    times: dict[str, str] = {}
    for comment in review.get("comments") or ():
        for kind, said in comment.items():
            seconds = (said.get("lastModified") or {}).get("seconds")
            if seconds is not None:
                times[kind] = datetime.fromtimestamp(int(seconds), UTC).isoformat()
    return dict(review) | {
        "answered_at": times.get("userComment"), "changed_at": max(times.values(), default=None)
    }  # fmt: skip


def _installs(package: str, window: Window) -> Iterator[Page]:
    folder = settings.source_folder("google_play") / "stats" / "installs"
    month = window.start.date().replace(day=1)
    while month <= window.end.date():
        path = folder / f"installs_{package}_{month:%Y%m}_country.csv"
        if path.is_file():
            yield Page(_rows(path, month), scopes=(f"{month:%Y%m}",))
        month = (month + timedelta(days=31)).replace(day=1)


def _rows(path: Path, month: date) -> list[Record]:
    """Return a file's rows, each with its month.

    Raises:
        SourceError: the file breaks off.
        PageMalformed: it is of another form.
    """
    try:
        text = path.read_bytes().decode("utf-16")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is no UTF-16 to its end: is it still being copied?") from error
    rows = list(csv.DictReader(io.StringIO(text)))
    if not text.endswith("\n") or any(None in row or None in row.values() for row in rows):
        raise SourceError(f"{path} breaks off within a row: is it still being copied?")
    if rows and not {"Date", "Country", *COUNTS} <= rows[0].keys():
        raise PageMalformed(f"{path} has other columns: {', '.join(rows[0])}.")
    return [row | {"month": f"{month:%Y%m}"} for row in rows]
