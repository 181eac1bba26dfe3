"""A finger that taps twice answers once; a kiosk's day is read whole or not at all."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from include import settings, sources
from include.sandbox.channels import hearme
from include.sandbox.live import Played
from include.sandbox.seasons import DAY, local_text
from include.sources import Page, PageMalformed, Window

HEADER = "device_id,store_id,employee_id,question_id,score,answered_at,lang"


def pages(played: Played, cursor: str | None = None) -> list[Page]:
    return list(
        sources.pages("hearme", "answers", Window(datetime(2024, 1, 1, tzinfo=UTC), played.now, cursor))
    )


def taps(played: Played) -> list[dict]:
    return [dict(record) for page in pages(played) for record in page.records]


def a_day(*lines: str) -> Path:
    """Write a day of a kiosk of its own."""
    path = settings.source_folder("hearme") / "KIOSK-99" / "2026-11-20.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


def line(time: str, question: str = "q1", score: int = 4, device: str = "KIOSK-99") -> str:
    return f"{device},S1,,{question},{score},2026-11-20 {time},vi"


def marks(played: Played) -> list[tuple[str, bool]]:
    mine = [tap for tap in taps(played) if tap["device_id"] == "KIOSK-99"]
    return [(tap["score"], tap["is_repeat"]) for tap in mine]


def test_every_tap_is_there_and_some_repeat(played: Played) -> None:
    found = taps(played)
    counted = played.stage.ledger()["hearme"]["answers"]
    assert len(found) == counted["count"]
    assert sum(int(tap["score"]) for tap in found) == counted["score"]
    assert 0.02 < sum(tap["is_repeat"] for tap in found) / len(found) < 0.1


def test_days_that_pass_at_once_leave_no_file_short(played: Played) -> None:
    channel, stage = played.stage.channels["hearme"], played.stage
    days_gone = channel._days()
    coming = (channel._day >= days_gone) & (channel._day < days_gone + 20)
    device, day = divmod(
        int(np.bincount(channel._device[coming] * 1000 + channel._day[coming]).argmax()), 1000
    )
    channel._luck[device, day] = 1
    stage.advance(day + 1 - days_gone)
    short = stage.ledger()["hearme"]["answers"]["count"]
    assert len(taps(played)) == short
    stage.advance(9)
    assert len(taps(played)) == stage.ledger()["hearme"]["answers"]["count"] > short


def test_the_second_tap_within_three_seconds_repeats_the_first(played: Played) -> None:
    a_day(line("09:00:03", score=1), line("09:00:00", score=5), line("09:00:07", score=2))
    assert marks(played) == [("5", False), ("1", True), ("2", False)]


def test_an_impatient_finger_counts_once_and_another_question_for_itself(played: Played) -> None:
    a_day(line("09:00:00"), line("09:00:02"), line("09:00:04"), line("09:00:05", question="q2"))
    assert [repeated for _, repeated in marks(played)] == [False, True, True, False]


def test_two_taps_in_one_second_are_two_records(played: Played) -> None:
    a_day(line("09:00:00", score=3), line("09:00:00", score=4))
    mine = [tap for tap in taps(played) if tap["device_id"] == "KIOSK-99"]
    assert [(tap["tap_no"], tap["is_repeat"]) for tap in mine] == [(1, False), (2, True)]
    assert mine[0]["answered_at"] == "2026-11-20T02:00:00+00:00"
    assert mine[0]["employee_id"] is None


def test_a_file_that_did_not_change_is_not_read_again(played: Played) -> None:
    cursor = pages(played)[-1].cursor
    assert [page.scopes for page in pages(played, cursor) if page.scopes] == []
    a_day(line("09:00:00"))
    assert [page.scopes for page in pages(played, cursor) if page.scopes] == [("KIOSK-99/2026-11-20",)]


def test_a_backfill_reads_the_files_of_its_days(played: Played) -> None:
    window = Window(played.now - timedelta(days=9), played.now - timedelta(days=8))
    days = {
        scope.split("/")[1] for page in sources.pages("hearme", "answers", window) for scope in page.scopes
    }
    assert len(days) == 2


def test_a_file_that_is_cut_off_is_named_and_not_read_in_half(played: Played) -> None:
    path = a_day(line("09:00:00"), line("09:10:00"))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(PageMalformed, match=r"2026-11-20\.csv ends in the middle"):
        pages(played)


def test_a_file_of_another_device_or_shape_is_refused(played: Played) -> None:
    path = a_day(line("09:00:00", device="KIOSK-01"))
    with pytest.raises(PageMalformed, match="holds taps of KIOSK-01"):
        pages(played)
    path.write_text("device_id,score\nKIOSK-99,4\n")
    with pytest.raises(PageMalformed, match="lacks answered_at"):
        pages(played)


def test_a_file_without_a_day_for_a_name_is_named(played: Played) -> None:
    a_day(line("09:00:00")).rename(settings.source_folder("hearme") / "KIOSK-99" / "copy of monday.csv")
    with pytest.raises(PageMalformed, match=r"copy of monday\.csv is no day's file"):
        pages(played)


def test_a_new_column_is_kept_and_a_mark_of_order_does_no_harm(played: Played) -> None:
    path = a_day()
    path.write_text(f"\ufeff{HEADER},firmware\n{line('09:00:00')},4.2\n")
    mine = [tap for tap in taps(played) if tap["device_id"] == "KIOSK-99"]
    assert [(tap["score"], tap["firmware"]) for tap in mine] == [("4", "4.2")]


def test_a_day_that_came_short_is_sent_again_whole(played: Played) -> None:
    channel, stage = played.stage.channels["hearme"], played.stage
    place = channel._device * 1000 + channel._day
    device, day = divmod(int(np.bincount(place[channel._at <= stage.now]).argmax()), 1000)
    channel._luck[device, day] = 1
    day_ends = stage.world.start + (day + 1) * DAY
    scope = f"{hearme.DEVICES[device][0]}/{local_text(day_ends - 1)[:10]}"
    found = []
    for channel._now in (day_ends, day_ends + DAY):
        channel._written = 0
        channel.write(stage.home, stage.moment)
        found += [len(page.records) for page in pages(played) if page.scopes == (scope,)]
    assert found[1] == np.bincount(place)[device * 1000 + day] > found[0] > 0
