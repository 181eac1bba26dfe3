"""Figures that end before today, columns in any order, units that are spent, videos that are deleted."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from include import sources
from include.sandbox.channels import youtube as sandbox
from include.sandbox.live import Played
from include.sandbox.seasons import DAY
from include.sources import Page, QuotaSpent, SourceError, TokenRefused, Window, youtube

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def tube(played: Played) -> sandbox.Channel:
    return played.stage.channels["youtube"]


def pages(played: Played, stream: str, start: datetime = START, cursor: str | None = None) -> list[Page]:
    return list(sources.pages("youtube", stream, Window(start, played.now, cursor)))


def pull(played: Played, stream: str, start: datetime = START) -> list[dict]:
    return [dict(record) for page in pages(played, stream, start) for record in page.records]


def test_the_watermark_is_the_last_day_that_came(played: Played, tube: sandbox.Channel) -> None:
    (page,) = pages(played, "channel_days")
    last = max(str(record["day"]) for record in page.records)
    assert page.cursor == last
    behind = played.now.date() - date.fromisoformat(last)
    assert timedelta(days=2) <= behind <= timedelta(days=4)


def test_days_that_are_finished_late_are_read_when_they_are(played: Played, tube: sandbox.Channel) -> None:
    tube.unfinished_days = 15
    tube.stand(played.stage.moment)
    (before,) = pages(played, "channel_days")
    tube.unfinished_days = 0
    tube.stand(played.stage.moment)
    # a window of a week alone would begin after the gap
    (after,) = pages(played, "channel_days", played.now - youtube.RESTATED, before.cursor)
    days = {record["day"] for page in (before, after) for record in page.records}
    assert {f"{sandbox.CHANNEL_ID}/{day}" for day in days} == tube.keys("channel_days")


def test_figures_grow_and_are_read_again(played: Played) -> None:
    before = {record["day"]: record["views"] for record in pull(played, "channel_days")}
    since = played.now - youtube.RESTATED
    played.stage.advance(2)
    after = {record["day"]: record["views"] for record in pull(played, "channel_days", since)}
    assert any(after[day] > before[day] for day in before.keys() & after.keys())


def test_columns_are_read_by_their_headers(played: Played, tube: sandbox.Channel) -> None:
    before = pull(played, "video_days")
    tube.turned_columns = True
    assert pull(played, "video_days") == before
    assert sum(record["views"] for record in before) == tube.sums("video_days", played.stage.moment)["views"]


def test_spent_units_stop_the_pull_and_are_not_asked_for_again(played: Played, tube: sandbox.Channel) -> None:
    tube.units = 2
    with pytest.raises(QuotaSpent, match="midnight in California"):
        pull(played, "videos")
    assert tube.units == 0
    played.stage.advance(1)
    assert {video["id"] for video in pull(played, "videos")} == tube.keys("videos")


def test_all_replies_of_a_long_thread_come(
    played: Played, tube: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(youtube, "COMMENTS", 3)
    counts = np.bincount(tube._parent[tube._parent >= 0])
    assert counts.max() > sandbox.SHOWN_REPLIES
    assert {comment["id"] for comment in pull(played, "comments")} == tube.keys("comments")


def test_a_month_of_threads_is_read_again_for_their_replies(played: Played, tube: sandbox.Channel) -> None:
    before = {comment["id"] for comment in pull(played, "comments")}
    since = played.now
    played.stage.advance(5)
    found = {comment["id"] for comment in pull(played, "comments", since - youtube.ANSWERED)}
    assert before | found == tube.keys("comments")
    assert len(found) < len(before)


def test_a_deleted_video_is_gone_from_its_scope(played: Played, tube: sandbox.Channel) -> None:
    gone = int(np.argmin(tube._deleted_at))
    played.stage.now = int(tube._deleted_at[gone]) - DAY
    tube.stand(played.stage.moment)
    before = pages(played, "videos")
    assert all(page.scopes == (sandbox.CHANNEL_ID,) for page in before)
    played.stage.now += 2 * DAY
    tube.stand(played.stage.moment)
    former, present = (
        {record["id"] for page in found for record in page.records}
        for found in (before, pages(played, "videos"))
    )
    assert sandbox._video_id(gone) in former - present


def test_a_list_that_lost_videos_restates_nothing(
    played: Played, tube: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(youtube, "VIDEOS", 20)
    pull(played, "videos")
    played.fail("duplicate_page", "youtube.playlist")
    with pytest.raises(SourceError, match="counts"):
        pull(played, "videos")


def test_a_token_that_expires_is_renewed_once(played: Played, tube: sandbox.Channel) -> None:
    found = sources.pages("youtube", "video_days", Window(START, played.now))
    records = list(next(found).records)
    tube.expire()
    records += [record for page in found for record in page.records]
    assert {f"{record['video_id']}/{record['day']}" for record in records} == tube.keys("video_days")


def test_a_revoked_grant_asks_for_a_person(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUTUBE_REFRESH_TOKEN", "another")
    with pytest.raises(TokenRefused, match="invalid_grant"):
        pull(played, "channels")
