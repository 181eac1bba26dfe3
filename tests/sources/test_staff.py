"""A week is read as it is now, a shift may end after midnight, and an export in the making is not read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include import settings, sources
from include.sandbox.live import Played
from include.sandbox.seasons import DAY
from include.sources import Page, PageMalformed, Window


def pages(played: Played, stream: str, cursor: str | None = None) -> list[Page]:
    window = Window(datetime(2024, 1, 1, tzinfo=UTC), played.now, cursor)
    return list(sources.pages("staff", stream, window))


def records(played: Played, stream: str) -> list[dict]:
    return [dict(record) for page in pages(played, stream) for record in page.records]


def scopes(found: list[Page]) -> list[str]:
    return [scope for page in found for scope in page.scopes]


def cut(name: str) -> Path:
    """Take the last line off a file of the export."""
    path = settings.source_folder("staff") / name
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    return path


@pytest.mark.parametrize("stream", ["teams", "employees", "shifts", "survey_answers"])
def test_the_export_is_there_whole(played: Played, stream: str) -> None:
    assert len(records(played, stream)) == played.stage.ledger()["staff"][stream]["count"] > 0


def test_a_shift_that_ends_before_it_starts_ends_the_next_day(played: Played) -> None:
    shifts = records(played, "shifts")
    nights = [shift for shift in shifts if shift["starts"] == "22:00"]
    assert nights
    for shift in nights:
        assert shift["starts_at"] == f"{shift['work_date']}T15:00:00+00:00"
    lengths = {
        (datetime.fromisoformat(shift["ends_at"]) - datetime.fromisoformat(shift["starts_at"])).seconds / 3600
        for shift in shifts
    }
    assert lengths == {7, 8}


def test_next_week_is_read_before_it_begins(played: Played) -> None:
    latest = max(shift["work_date"] for shift in records(played, "shifts"))
    assert latest > f"{played.now + timedelta(hours=7):%Y-%m-%d}"


def test_a_shift_that_is_moved_restates_its_week(played: Played) -> None:
    channel, stage = played.stage.channels["staff"], played.stage
    cursor = pages(played, "shifts")[-1].cursor
    [row, *_] = [
        row for row in channel._published().tolist()
        if channel.day_at[row] > stage.now + DAY and channel.moved_at[row] > stage.now
    ]  # fmt: skip
    before = channel.keys("shifts")
    channel.moved_at[row] = stage.now
    channel.write(stage.home, stage.moment)
    [page] = [page for page in pages(played, "shifts", cursor) if page.scopes]
    assert len(page.scopes) == 1
    now = {f"{each['employee_id']}/{each['work_date']}/{each['starts']}" for each in page.records}
    assert len(now - before) == 1
    assert len({key for key in before if any(key[:15] == other[:15] for other in now)} - now) == 1


def test_what_did_not_change_is_not_read_again(played: Played) -> None:
    for stream in ("teams", "employees", "shifts", "survey_answers"):
        cursor = pages(played, stream)[-1].cursor
        assert scopes(pages(played, stream, cursor)) == []


def test_a_team_that_is_renamed_changes_its_people(played: Played) -> None:
    cursor = pages(played, "employees")[-1].cursor
    played.stage.advance(2)
    found = pages(played, "employees", cursor)
    assert scopes(found) == ["employees"]
    names = {record["team_id"]: record["team_name"] for record in found[0].records}
    assert names["T04"] == "Chăm sóc khách hàng 24/7"


def test_nobody_signs_the_survey(played: Played) -> None:
    for answer in records(played, "survey_answers"):
        assert not {"employee_id", "full_name"} & answer.keys()
        assert answer["answered_at"].endswith("T17:00:00+00:00")


def test_a_backfill_reads_the_weeks_from_its_days_on(played: Played) -> None:
    start = played.now - timedelta(days=9)
    found = scopes(list(sources.pages("staff", "shifts", Window(start, start + timedelta(days=1)))))
    assert 2 <= len(found) <= 5


@pytest.mark.parametrize("name", ["employees.csv", "teams.csv", "schedules/2026-11-09.csv"])
def test_a_file_with_fewer_rows_than_the_manifest_says_is_not_read(played: Played, name: str) -> None:
    path = cut(name)
    stream = "shifts" if "/" in name else "employees"
    with pytest.raises(PageMalformed, match=f"{path.name} has .* the manifest says"):
        pages(played, stream)


def test_a_file_that_the_manifest_does_not_know_is_not_read(played: Played) -> None:
    cut("manifest.csv")
    with pytest.raises(PageMalformed, match="the manifest says None"):
        pages(played, "survey_answers")


def test_an_unknown_team_is_refused(played: Played) -> None:
    path = settings.source_folder("staff") / "employees.csv"
    path.write_text(path.read_text().replace("T04", "T99"))
    with pytest.raises(PageMalformed, match=r"names the team T99"):
        pages(played, "employees")
