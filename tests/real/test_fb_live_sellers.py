"""Posts of sellers in Thailand who sell live on Facebook: reactions to them, comments and shares.

Posts by kind and the three sums are those that come with the data (UCI; counted); the sums by kind and the
posts by month are computed here from the file. It has one sum of a post and no days: that stands on the day
of the post.
"""

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from include.quality import Finding
from tests.real.conftest import Ask

pytestmark = pytest.mark.server

POSTS = "from published.dim_content where business_unit_code = 'fb_live_sellers'"
ENGAGEMENT = """
    from published.fct_content_days as days
    inner join published.dim_content as posts using (content_key)
    where days.business_unit_code = 'fb_live_sellers'
"""
SUMS = "sum(days.like_count), sum(days.comment_count), sum(days.share_count)"


@pytest.fixture(scope="module")
def posts(data: Path) -> list[dict[str, str]]:
    with (data / "fb_live_sellers.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _summed(posts: list[dict[str, str]]) -> tuple[int, ...]:
    return tuple(
        sum(int(post[f"num_{act}"]) for post in posts) for act in ("reactions", "comments", "shares")
    )


def test_every_post_is_there_by_its_kind(ask: Ask) -> None:
    assert dict(ask(f"select topic_code, count(*) {POSTS} group by 1")) == {
        "photo": 4_288, "video": 2_334, "status": 365, "link": 63,
    }  # fmt: skip
    assert dict(ask(f"select kind_code, count(*) {POSTS} group by 1")) == {
        "image": 4_288, "video": 2_334, "post": 365, "other": 63,
    }  # fmt: skip


def test_engagement_adds_up(ask: Ask) -> None:
    assert ask(f"select count(*), {SUMS} {ENGAGEMENT}") == [(7_050, 1_622_326, 1_581_710, 282_159)]


def test_each_kind_is_engaged_with_as_in_the_file(ask: Ask, posts: list[dict[str, str]]) -> None:
    published = ask(f"select posts.topic_code, {SUMS} {ENGAGEMENT} group by 1")
    assert {kind: tuple(sums) for kind, *sums in published} == {
        kind: _summed([post for post in posts if post["status_type"] == kind])
        for kind in ("photo", "video", "status", "link")
    }


def test_each_month_is_that_of_the_file(ask: Ask, posts: list[dict[str, str]]) -> None:
    by_month = Counter(
        f"{datetime.strptime(post['status_published'], '%m/%d/%Y %H:%M'):%Y-%m}" for post in posts
    )
    assert dict(ask(f"select to_char(published_date, 'YYYY-MM'), count(*) {POSTS} group by 1")) == by_month
    # the day that is counted is the day on which it was posted, in Thailand
    assert ask(f"select count(*) {ENGAGEMENT} and days.content_date <> posts.published_date") == [(0,)]


def test_the_audit_asks_nothing(findings: list[Finding]) -> None:
    assert [finding for finding in findings if "fb_live_sellers" in finding.observed] == []
