"""A YouTube channel: its videos, their comments, and the channel's and each video's figures by day.

Videos are listed through the playlist of uploads, never by search, which has a hundred calls a day;
each pull restates them all, so that a deleted video is deleted here too, as YouTube's terms ask.
Comments are read from the newest thread back; a month is read again for replies and edits. Figures
end at the last day that YouTube has finished, whatever is asked for: the next pull begins a week
before that day, because figures are restated. Columns are read by their headers. Running a pull twice
is safe: each record has its key, and the same bytes add nothing. Days are those of California. Run
against the sandbox only.

**Credential.** In the Google Cloud console, an OAuth client (YOUTUBE_CLIENT_ID, YOUTUBE_CLIENT_SECRET),
with the YouTube Data and Analytics APIs switched on; the channel's owner grants it offline access once,
which gives YOUTUBE_REFRESH_TOKEN. The API is https://www.googleapis.com, YOUTUBE_ANALYTICS_URL
https://youtubeanalytics.googleapis.com, YOUTUBE_LOGIN_URL https://oauth2.googleapis.com.

**Scopes.** `youtube.readonly`, `yt-analytics.readonly`, and `youtube.force-ssl` for comments.

**Limits.** 10,000 units a day and project, a unit for each page; when they are spent, the pull waits
for the next run. Pages of 50 videos and 100 comments.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from include import rest, settings
from include.rest import Api
from include.sources import Page, PageMalformed, Record, SourceError, Stream, Window
from include.sources.youtube import google
from include.tokens import LastingToken

VIDEOS, COMMENTS = 50, 100
"""Records of a page."""
RESTATED = timedelta(days=7)
ANSWERED = timedelta(days=30)
"""How long after a comment its replies and edits are still looked for."""
CALIFORNIA = ZoneInfo("America/Los_Angeles")
METRICS = ("views", "estimatedMinutesWatched", "averageViewDuration", "likes", "comments", "shares",
           "subscribersGained", "subscribersLost")  # fmt: skip
DAY_TYPES = {"day": "date"} | dict.fromkeys(METRICS, "numeric(18,4)")
AGAIN = "Run the task again."

STREAMS = (
    Stream("channels", key=("id",)),
    Stream(
        "videos",
        key=("id",),
        scope="snippet.channelId",
        types={"snippet.publishedAt": "timestamptz", "contentDetails.duration": "interval"},
    ),
    Stream(
        "comments",
        key=("id",),
        version="snippet.updatedAt",
        types={"snippet.publishedAt": "timestamptz"},
        overlap=ANSWERED,
    ),
    Stream("channel_days", key=("channel_id", "day"), types=DAY_TYPES, restated=RESTATED),
    Stream("video_days", key=("video_id", "day"), types=DAY_TYPES, restated=RESTATED),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield what a stream holds of a window, and of what is restated.

    Raises:
        QuotaSpent: the day's units are used up.
        SourceError: less came than YouTube counts.
    """
    token = LastingToken(google.refreshed)
    data = rest.connect(settings.source_url("youtube"), token, meaning=google.meaning(token))
    channel = _channel(data)
    if stream == "channels":
        yield Page([channel])
    elif stream == "videos":
        for videos in _videos(data, channel):
            yield Page(videos, scopes=(channel["id"],))
    elif stream == "comments":
        yield from _comments(data, channel["id"], window.start)
    else:
        base = settings.source_setting("YOUTUBE_ANALYTICS_URL", settings.source_url("youtube"))
        analytics = rest.connect(base, token, meaning=google.meaning(token))
        if stream == "channel_days":
            yield from _days(analytics, window, [{"channel_id": channel["id"]}])
        else:
            videos = [video for page in _videos(data, channel) for video in page]
            asked = [{"video_id": video["id"], "from": video["snippet"]["publishedAt"]} for video in videos]
            yield from _days(analytics, window, asked)


def _channel(client: Api) -> Record:
    parts = {"part": "snippet,statistics,contentDetails", "mine": "true"}
    channels = rest.ask(client, "/youtube/v3/channels", parts).get("items") or []
    if len(channels) != 1:
        raise SourceError(f"The grant is of {len(channels)} channels: grant it for one.")
    return channels[0]


def _videos(client: Api, channel: Record) -> Iterator[list[Record]]:
    """Yield all videos; one that went between the list and the question is not among them."""
    playlist = channel["contentDetails"]["relatedPlaylists"]["uploads"]
    params = {"part": "contentDetails", "playlistId": playlist, "maxResults": VIDEOS}
    seen, total = set(), 0
    for page in rest.pages(client, "/youtube/v3/playlistItems", "items", params, _next_page()):
        total = page.response.json()["pageInfo"]["totalResults"]
        ids = [item["contentDetails"]["videoId"] for item in page]
        seen |= set(ids)
        asked = {"part": "snippet,statistics,contentDetails,status", "id": ",".join(ids)}
        videos = rest.ask(client, "/youtube/v3/videos", asked)["items"] if ids else []
        if any(video["id"] not in ids for video in videos):
            raise PageMalformed(f"YouTube was asked for videos and gave others. {AGAIN}")
        yield videos
    if len(seen) < total:
        raise SourceError(f"YouTube counts {total} videos, but listed {len(seen)}. {AGAIN}")


def _comments(client: Api, channel_id: str, since: datetime) -> Iterator[Page]:
    params = {
        "part": "snippet,replies", "allThreadsRelatedToChannelId": channel_id, "order": "time",
        "textFormat": "plainText", "maxResults": COMMENTS,
    }  # fmt: skip
    for page in rest.pages(client, "/youtube/v3/commentThreads", "items", params, _next_page()):
        found: list[Record] = []
        for thread in page:
            replies = (thread.get("replies") or {}).get("comments") or []
            if thread["snippet"]["totalReplyCount"] > len(replies):
                replies = _replies(client, thread["id"])
            found += [thread["snippet"]["topLevelComment"], *replies]
        yield Page(found)
        if page and _published(page[-1]["snippet"]["topLevelComment"]) < since:
            return


def _replies(client: Api, parent: str) -> list[Record]:
    """Return all replies to a comment; a thread shows the first few alone."""
    params = {"part": "snippet", "parentId": parent, "textFormat": "plainText", "maxResults": COMMENTS}
    pages = rest.pages(client, "/youtube/v3/comments", "items", params, _next_page())
    replies = [reply for page in pages for reply in page]
    if any(reply["snippet"]["parentId"] != parent for reply in replies):
        raise PageMalformed(f"YouTube was asked for the replies to {parent} and gave others. {AGAIN}")
    return replies


def _days(client: Api, window: Window, asked: list[dict[str, str]]) -> Iterator[Page]:
    """Yield a page per channel or video; the cursor is the last day that YouTube had finished."""
    start, end = (at.astimezone(CALIFORNIA).date() for at in (window.start, window.end))
    latest = date.fromisoformat(window.cursor) if window.cursor else None
    if latest:
        start = min(start, latest - RESTATED)
    for named in asked:
        key, name = next(iter(named.items()))
        since = max(start, _day(named["from"])) if "from" in named else start
        if since > end:
            continue
        params = {
            "ids": "channel==MINE", "startDate": since.isoformat(), "endDate": end.isoformat(),
            "dimensions": "day", "sort": "day", "metrics": ",".join(METRICS),
        } | ({"filters": f"video=={name}"} if key == "video_id" else {})  # fmt: skip
        answer = rest.ask(client, "/v2/reports", params)
        columns = [header["name"] for header in answer["columnHeaders"]]
        rows = [dict(zip(columns, row, strict=True)) for row in answer.get("rows") or []]
        if any(not since <= date.fromisoformat(row["day"]) <= end for row in rows):
            raise PageMalformed(f"YouTube was asked for {since} to {end} and gave other days. {AGAIN}")
        latest = max(
            [*([latest] if latest else []), *(date.fromisoformat(row["day"]) for row in rows)], default=None
        )
        yield Page([{key: name, **row} for row in rows], latest.isoformat() if latest else None)


def _next_page() -> JSONResponseCursorPaginator:
    return JSONResponseCursorPaginator("nextPageToken", cursor_param="pageToken")


def _published(comment: Record) -> datetime:
    return datetime.fromisoformat(comment["snippet"]["publishedAt"])


def _day(text: str) -> date:
    """Return the first day on which a video may have been watched, or the one before it."""
    return (datetime.fromisoformat(text) - timedelta(days=1)).astimezone(CALIFORNIA).date()
