"""Segment, the event tracker: what visitors and users do on the website and in the app.

One stream of events comes two ways. The storage destination puts gzip files of JSON lines into
SEGMENT_FOLDER, one for each hour of receipt (`2026-11-21/09.json.gz`); the events API is asked for
the rest. Both are read by the time of receipt and not by when an event happened, because a phone
without a network sends what it kept up to three days late. `identifies` are the identify calls of
known users among them, one record per user: the last one received says who they are.

An hour's file may be completed a little late, so the last hours are read again. What came over
HTTP is held against the API's own count. Running a window twice is safe: an event has the id that
the device gave it, whichever way and however often it comes, and the same bytes add nothing. How
long somebody looked is the property `engagement_time_msec`, which trackers send for Google Analytics
with an event: milliseconds in the foreground since the one before. The project that took an event in
(`projectId`) says of which business unit it is, by the rows `business_unit,segment` of `code_map.csv`.
`Invite Sent` with an `invite_id` is an invitation; `Invite Accepted` is its acceptance, whose message
id is that of the invitation and `/accepted`. `Product Shared` is an act on content, whose id is the
product's (`product_id`). `Ads Rendered` says how many `slots` a page showed, and of the `viewport_pixels` how
many were advertising (`ad_pixels`). A link that somebody shared has `utm_source=share` and, as its
`utm_campaign`, the id of the share. Ids of contents, acts, listings and bookings are those by which the
contracts know them. Run against the sandbox only.

**Credential.** In Segment: Settings, Access management, Tokens, create one; SEGMENT_TOKEN.
SEGMENT_FOLDER is where the storage destination's files lie. SEGMENT_URL is https://api.segmentapis.com, in
the European Union https://eu1.api.segmentapis.com.

**Scopes.** Source Admin, for reading.

**Limits.** Ten calls a second; pages of 1,000 events.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from include import rest, settings
from include.sources import Page, PageMalformed, Record, SourceError, Stream, Window

LIMIT = 1000
HOUR = timedelta(hours=1)
TIMES = {"timestamp": "timestamptz", "receivedAt": "timestamptz"}

STREAMS = (
    Stream(
        "events",
        key=("messageId",),
        version="receivedAt",
        types=TIMES
        | {
            "properties.revenue": "numeric(18,4)",
            "properties.results": "numeric(9)",
            "properties.position": "numeric(9)",
            "properties.slots": "numeric(9)",
            "properties.amount": "numeric(18,4)",
            "properties.ad_pixels": "numeric(9)",
            "properties.viewport_pixels": "numeric(9)",
            "properties.engagement_time_msec": "numeric(18,4)",
        },
        overlap=2 * HOUR,
        longest_window=timedelta(days=30),
    ),
    Stream(
        "identifies",
        key=("userId",),
        version="receivedAt",
        types=TIMES | {"traits.createdAt": "timestamptz", "traits.birthYear": "numeric(9)"},
        overlap=2 * HOUR,
        longest_window=timedelta(days=30),
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield what was received in a window, over HTTP and from the files.

    Raises:
        SourceError: a file breaks off, or fewer events came than Segment counts.
    """
    yield from _asked(stream, window)
    for path in _files(window):
        yield Page(_chosen(stream, _lines(path)))


def _chosen(stream: str, records: Iterable[Record]) -> list[Record]:
    if stream == "events":
        return list(records)
    return [record for record in records if record.get("type") == "identify" and record.get("userId")]


def _files(window: Window) -> list[Path]:
    """Return the files of a window's hours."""
    folder = settings.source_folder("segment")
    hour, found = window.start.astimezone(UTC).replace(minute=0, second=0, microsecond=0), []
    while hour < window.end:
        day = folder / f"{hour:%Y-%m-%d}"
        if not day.is_dir():
            hour = hour.replace(hour=0) + timedelta(days=1)
            continue
        path = day / f"{hour:%H}.json.gz"
        if path.is_file():
            found.append(path)
        hour += HOUR
    return found


def _lines(path: Path) -> Iterator[Record]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                record = json.loads(line)
                if not isinstance(record, dict):
                    raise PageMalformed(f"{path}, line {number} is no record.")
                yield record
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise SourceError(
            f"{path} cannot be read to its end ({error}). Is it still being written?"
        ) from error


def _asked(stream: str, window: Window) -> Iterator[Page]:
    client = rest.connect(
        settings.source_url("segment"),
        BearerTokenAuth(settings.secret("SEGMENT_TOKEN")),
        calls_a_second=10,
    )
    span = {"received_after": _text(window.start), "received_before": _text(window.end)}
    span |= {"type": "identify"} if stream == "identifies" else {}
    paginator = JSONResponseCursorPaginator(cursor_path="data.pagination.next", cursor_param="cursor")
    seen: set[object] = set()
    for page in rest.pages(client, "/v1/events", "data.events", span | {"limit": LIMIT}, paginator):
        seen.update(record.get("messageId") for record in page if _is_within(record, window))
        yield Page(_chosen(stream, page))
    counted = rest.value(client, "/v1/events/count", "data.count", span)
    if len(seen) < counted:
        raise SourceError(
            f"Segment counts {counted} events received from {span['received_after']} to "
            f"{span['received_before']}, but gave {len(seen)}. Run the task again; if it stays so, its "
            "list and its count disagree: ask Segment."
        )


def _is_within(record: Record, window: Window) -> bool:
    """Return whether an event is of the window, and not of a page that was sent by mistake."""
    try:
        received = datetime.fromisoformat(str(record.get("receivedAt")))
    except ValueError:
        # the landing says what is wrong with it
        return True
    return received.tzinfo is None or window.start - HOUR <= received < window.end + HOUR


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
