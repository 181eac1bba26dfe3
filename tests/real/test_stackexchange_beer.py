"""Beer Stack Exchange at two dates: the dump of September 2016, published, and then that of December.

Posts, comments and votes of both dumps come with the data, as counted in them; what the site itself publishes
of a post (its score, comments, answers) is held against what its votes, comments and answers make. Who is
engaged in a month is computed here from the dumps. Nothing tells of reading: nobody is seen who only reads.
"""

import gzip
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from include.quality import Finding
from tests.real.conftest import Ask, Renew

pytestmark = pytest.mark.server

DUMPS = ("2016-09", "2016-12")
POSTS = "from published.dim_content where business_unit_code = 'stackexchange_beer'"
ACTS = "from published.fct_content_events where business_unit_code = 'stackexchange_beer'"
METRICS = """
    from published.mart_metrics
    where business_unit_code = 'stackexchange_beer' and period_grain_code = 'month'
"""
ASKED = {
    "posts": f"select kind_code, count(*) {POSTS} group by 1",
    "threads": f"select topic_code, count(*) - 1 {POSTS} and kind_code in ('question', 'answer') group by 1",
    "acts": f"select kind_code, count(*) {ACTS} group by 1",
    "post ids": f"select substr(content_id, strpos(content_id, '/') + 1), 1 {POSTS}",
    "ids": f"select substr(content_event_id, strpos(content_event_id, '/') + 1), 1 {ACTS}",
    "scores": f"""
        select
            split_part(content_id, '/', 2),
            sum(case kind_code when 'like' then 1 when 'report' then -1 else 0 end)
        {ACTS} group by 1
    """,
    "comments": f"""
        select split_part(content_id, '/', 2), count(*) {ACTS} and kind_code = 'comment' group by 1
    """,
    "tiers": f"""
        select to_char(period_start, 'YYYY-MM') || segment_code, numerator {METRICS} and numerator > 0
            and metric_code = 'ugc.engagement_funnel' and variant_code = 'tier_share'
    """,
    "creators": f"""
        select to_char(period_start, 'YYYY-MM'), numerator::int || '/' || denominator::int {METRICS}
            and metric_code = 'ugc.content_creation' and variant_code = 'creator_share'
    """,
    "items": f"""
        select to_char(period_start, 'YYYY-MM'), numerator::int || '/' || denominator::int {METRICS}
            and metric_code = 'ugc.content_creation' and variant_code = 'items_per_creator'
            and denominator > 0
    """,
}
"""Questions, each answered by a name and its figure."""
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def told(ask: Ask, renew: Renew) -> dict[str, dict[str, dict]]:
    """Return the answers to all questions after the first dump and after the second."""
    first = {name: dict(ask(question)) for name, question in ASKED.items()}
    asked = [finding for finding in renew() if "stackexchange_beer" in finding.observed]
    assert asked == [], "the audit asks about the second dump"
    return {"2016-09": first, "2016-12": {name: dict(ask(question)) for name, question in ASKED.items()}}


@pytest.fixture(scope="module")
def dumps(data: Path) -> dict[str, dict[str, Rows]]:
    def read(dump: str, table: str) -> Rows:
        with gzip.open(data / f"dump_{dump}" / f"{table}.xml.gz") as file:
            return [dict(row.attrib) for row in ElementTree.parse(file).getroot()]  # noqa: S314 - files of ours

    return {dump: {table: read(dump, table) for table in ("Posts", "Comments", "Votes")} for dump in DUMPS}


def _days(tables: dict[str, Rows]) -> dict[tuple[str, date], Counter]:
    """Return what each person did on each day: items, comments and favourites."""
    days = defaultdict(Counter)
    for table, column, act in (
        ("Posts", "OwnerUserId", "item"), ("Comments", "UserId", "comment"), ("Votes", "UserId", "save"),
    ):  # fmt: skip
        for row in tables[table]:
            # the account -1 is the site's own; a bounty names its giver, too
            if row.get(column, "-1") != "-1" and row.get("VoteTypeId", "5") == "5":
                days[row[column], date.fromisoformat(row["CreationDate"][:10])][act] += 1
    return days


def _tier(acts: Counter) -> str:
    if acts["item"]:
        return "core" if acts["item"] >= 4 else "creator"
    return "commenter" if acts["comment"] else "reactor"


@pytest.mark.parametrize(
    ("dump", "posts", "acts"),
    [
        ("2016-09", (561, 1_330, 117), (1_742, 8_595, 537, 217)),
        ("2016-12", (591, 1_398, 117), (1_860, 9_061, 560, 223)),
    ],
)
def test_everything_is_there(told: dict, dump: str, posts: tuple[int, ...], acts: tuple[int, ...]) -> None:
    assert told[dump]["posts"] == dict(zip(("question", "answer", "other"), posts, strict=True))
    assert told[dump]["acts"] == dict(zip(("comment", "like", "report", "save"), acts, strict=True))


@pytest.mark.parametrize("dump", DUMPS)
def test_posts_are_what_the_site_says_of_them(told: dict, dumps: dict, dump: str) -> None:
    scores, comments = told[dump]["scores"], told[dump]["comments"]
    for post in dumps[dump]["Posts"]:
        assert scores.get(post["Id"], 0) == int(post["Score"]), post["Id"]
        assert comments.get(post["Id"], 0) == int(post.get("CommentCount", 0)), post["Id"]
    assert told[dump]["threads"] == {
        post["Id"]: int(post["AnswerCount"]) for post in dumps[dump]["Posts"] if post["PostTypeId"] == "1"
    }


def test_one_question_in_forty_has_no_answer(told: dict) -> None:
    threads = told["2016-12"]["threads"]
    assert round(sum(count == 0 for count in threads.values()) / len(threads), 4) == 0.0254


@pytest.mark.parametrize("dump", DUMPS)
def test_what_was_deleted_is_gone_and_what_is_new_is_there(told: dict, dumps: dict, dump: str) -> None:
    # between the two, 36 posts, 14 comments and 5 votes were deleted; 134, 132 and 559 are new
    assert told[dump]["post ids"].keys() == {post["Id"] for post in dumps[dump]["Posts"]}
    assert told[dump]["ids"].keys() == {
        f"{word}/{row['Id']}"
        for word, table in (("comment", "Comments"), ("vote", "Votes"))
        for row in dumps[dump][table]
        if row.get("VoteTypeId", "2") in ("2", "3", "5")
    }


@pytest.mark.parametrize("dump", DUMPS)
def test_people_are_as_engaged_as_in_the_dump(told: dict, dumps: dict, dump: str) -> None:
    months = defaultdict(Counter)
    for (person, day), acts in _days(dumps[dump]).items():
        months[f"{day:%Y-%m}", person] += acts
    tiers = Counter(month + _tier(acts) for (month, _), acts in months.items())
    assert told[dump]["tiers"] == tiers


@pytest.mark.parametrize("dump", DUMPS)
def test_creators_are_those_of_the_last_four_weeks(told: dict, dumps: dict, dump: str) -> None:
    persons = defaultdict(Counter)
    for (person, day), acts in _days(dumps[dump]).items():
        end = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        if day >= end - timedelta(days=28):
            persons[f"{day:%Y-%m}"][person] += acts["item"]
    creators = {month: sum(items > 0 for items in each.values()) for month, each in persons.items()}
    assert told[dump]["creators"] == {
        month: f"{creators[month]}/{len(each)}" for month, each in persons.items()
    }
    assert told[dump]["items"] == {
        month: f"{each.total()}/{creators[month]}" for month, each in persons.items() if creators[month]
    }


def test_the_audit_asks_nothing(findings: list[Finding]) -> None:
    assert [finding for finding in findings if "stackexchange_beer" in finding.observed] == []
