"""Every record of a source is in the warehouse once, in its last version, or in quarantine."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from include import landing, settings, sources, warehouse
from include.landing import accepting, lines
from include.sources import Page, SourceError, Stream, Window
from tests.databases import ask, one
from tests.fake_source import NOW, FakeSource

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("database")]

NUMBERS = count()
PLAIN = Stream("things", key=("id",))
DATED = Stream("things", key=("id",), version="at", deleted="gone")
SCOPED = Stream("things", key=("unit", "id"), parent=("unit",), scope="unit")
TYPED = Stream(
    "things",
    key=("id",),
    types={"amount": "numeric(18,4)", "at": "timestamptz", "lines[].price": "numeric(18,4)"},
)
DAY = timedelta(days=1)


def source(*streams: Stream) -> FakeSource:
    """Return a source with tables of its own."""
    return FakeSource(f"fake_{next(NUMBERS)}", *streams)


# versions


def test_a_record_that_goes_back_ends_as_it_was() -> None:
    things = source(PLAIN)
    for value in "ABA":
        assert things.take({"id": 1, "value": value})["added"] == 1
    assert things.version_count() == 3
    assert things.current() == {"1": {"id": 1, "value": "A"}}


def test_a_replay_of_the_same_records_adds_nothing() -> None:
    things = source(DATED)
    records = [{"id": n, "at": f"2026-06-0{n}T00:00:00+07:00"} for n in range(1, 6)]
    assert things.take(*records)["added"] == 5
    assert things.take(*records)["unchanged"] == 5
    assert things.version_count() == 5


def test_a_late_older_version_is_kept_but_is_not_current() -> None:
    things = source(DATED)
    things.take({"id": 1, "at": "2026-06-02T00:00:00Z", "value": "new"})
    assert things.take({"id": 1, "at": "2026-06-01T00:00:00Z", "value": "old"})["added"] == 1
    assert things.version_count() == 2
    assert things.current()["1"]["value"] == "new"


def test_two_versions_in_one_landing_are_taken_in_the_order_of_their_time() -> None:
    things = source(DATED)
    new = {"id": 1, "at": "2026-06-02T00:00:00Z", "value": "new"}
    old = {"id": 1, "at": "2026-06-02T06:00:00+07:00", "value": "old"}
    assert things.take(new, old)["added"] == 2
    assert things.current()["1"]["value"] == "new"


def test_rows_of_a_select_may_say_since_when_they_are_so_and_need_not() -> None:
    rows = source(Stream("things", key=("id",), version="at", has_chosen_fields=True))
    history = [{"id": 1, "at": f"2026-06-0{n}T00:00:00Z", "value": n} for n in range(1, 4)]
    assert rows.take(*history)["added"] == 3
    # a day that is read again is not the present, and nothing new
    assert rows.take(history[0])["unchanged"] == 1
    assert rows.current()["1"]["value"] == 3
    for value in "AB":
        assert rows.take({"id": 2, "value": value})["added"] == 1
    assert rows.current()["2"]["value"] == "B"


def test_of_two_records_of_the_same_time_the_later_to_arrive_is_current() -> None:
    things = source(DATED)
    first, second = ({"id": 1, "at": "2026-06-02T00:00:00Z", "value": value} for value in "AB")
    things.take(first)
    things.take(second)
    assert things.take(first)["unchanged"] == 1
    assert things.current()["1"]["value"] == "B"


def test_exact_repetitions_in_a_landing_are_one_version() -> None:
    things = source(DATED)
    record = {"id": 1, "at": "2026-06-02T00:00:00Z"}
    assert things.take(record, record, record) == {
        "record": 3, "quarantined": 0, "added": 1, "unchanged": 2, "deleted": 0,
    }  # fmt: skip


def test_the_order_of_a_records_fields_makes_no_version() -> None:
    things = source(PLAIN)
    things.take({"id": 1, "a": 1, "b": 2})
    assert things.take({"b": 2, "a": 1, "id": 1})["unchanged"] == 1


# deletions


def test_a_record_that_says_it_was_deleted_is_gone_until_it_returns() -> None:
    things = source(DATED)
    things.take({"id": 1, "at": "2026-06-01T00:00:00Z"}, {"id": 2, "at": "2026-06-01T00:00:00Z"})
    gone = {"id": 1, "at": "2026-06-02T00:00:00Z", "gone": "2026-06-02"}
    assert things.take(gone)["added"] == 1
    assert things.take(gone)["unchanged"] == 1
    assert set(things.current()) == {"2"}
    things.take({"id": 1, "at": "2026-06-03T00:00:00Z", "gone": None})
    assert set(things.current()) == {"1", "2"}


def test_a_restated_scope_loses_what_it_lacks_and_no_other_scope_does() -> None:
    things = source(SCOPED)
    rows = [{"unit": unit, "id": n} for unit in "ab" for n in (1, 2)]
    things.take(*rows, scopes=("a", "b"))
    assert things.take({"unit": "a", "id": 2}, scopes=("a",))["deleted"] == 1
    assert set(things.current()) == {"a/2", "b/1", "b/2"}
    assert things.take({"unit": "a", "id": 2}, scopes=("a",))["deleted"] == 0
    assert things.take({"unit": "a", "id": 1}, {"unit": "a", "id": 2}, scopes=("a",))["added"] == 1
    assert set(things.current()) == {"a/1", "a/2", "b/1", "b/2"}


def test_a_scope_restated_as_empty_is_empty() -> None:
    things = source(SCOPED)
    things.take({"unit": "a", "id": 1}, {"unit": "b", "id": 1}, scopes=("a", "b"))
    assert things.take(scopes=("a",))["deleted"] == 1
    assert set(things.current()) == {"b/1"}


# what can be taken, and what cannot


HOSTILE = {
    "a formula": '=HYPERLINK("http://127.0.0.1","x")',
    "a statement": "'; drop table raw_fake.things; --",
    "right to left": "\u202eabc\u200b\u200d",
    "control characters": 'tab\there\nnew line\r\\backslash\\n"quote"\x01\x7f\u2028',
    "the end of a COPY": "\\.",
    "a COPY null": "\\N",
    "the word NULL": "NULL",
    "an escaped backslash before u0000": "\\u0000",
    "composed and decomposed": "Nguyễn Nguyễn",
    "an emoji": "😀" * 100,
    "a megabyte": "đ" * 1_000_000,
    "a leading zero": "0912345678",
    "nothing": "",
    "whole numbers": [0, -1, 10**30, True, None, 1.5, 1e-7],
    "nesting": {"a": [{"b": {"c": [[], {}]}}]},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_values_come_through_unchanged(name: str) -> None:
    things = source(PLAIN)
    record = {"id": "k", "value": HOSTILE[name]}
    assert things.take(record)["added"] == 1
    assert things.current() == {"k": record}
    assert things.take(record)["unchanged"] == 1


def test_hostile_keys_come_through_unchanged() -> None:
    things = source(PLAIN)
    keys = [value for value in HOSTILE.values() if isinstance(value, str) and 0 < len(value) < 1000]
    assert things.take(*({"id": key} for key in keys))["added"] == len(keys)
    assert things.current() == {key: {"id": key} for key in keys}


UNTAKEABLE = {
    "no key": ({"value": 1}, "no key: id is missing"),
    "an empty key": ({"id": ""}, "no key: id is missing"),
    "no record": ("text", "no key: id is missing"),
    "a list": ([1, 2], "no key: id is missing"),
    "NUL": ({"id": 1, "value": "a\x00b"}, "holds a NUL character"),
    "NUL after a backslash": ({"id": 1, "value": "\\\x00"}, "holds a NUL character"),
    "NUL in the key": ({"id": "a\x00b"}, "holds a NUL character"),
    "a lone surrogate": ({"id": 1, "value": "a\ud800b"}, "a lone surrogate is no text"),
    "NaN": ({"id": 1, "value": float("nan")}, "not storable"),
    "1e400": ({"id": 1, "value": float("1e400")}, "not storable"),
    "no JSON": ({"id": 1, "value": NOW}, "not JSON"),
    "a key that no index holds": ({"id": os.urandom(5000).hex()}, "too long"),
}


@pytest.mark.parametrize("name", UNTAKEABLE)
def test_what_cannot_be_stored_is_quarantined_verbatim_and_stops_nothing(name: str) -> None:
    things = source(PLAIN)
    record, reason = UNTAKEABLE[name]
    assert things.take(record, {"id": "good"})["quarantined"] == 1
    ((problem, verbatim),) = things.quarantined()
    assert reason in problem
    said = json.loads(verbatim)
    assert said == record or repr(said) == repr(record) or said == repr(record)
    assert things.current() == {"good": {"id": "good"}}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-11-20 10:11:12 +0700", 1_795_144_272),
        ("2026-11-20T03:11:12Z", 1_795_144_272),
        ("1653463851000", 1_653_463_851_000),
        ("20261120", 1_795_132_800),
    ],
)
def test_times_are_read_as_sources_write_them(text: str, seconds: int) -> None:
    assert lines._microseconds(text) == seconds * 1_000_000


@pytest.mark.parametrize("at", [None, "yesterday", "", float("nan"), float("inf"), 1e30, True])
def test_a_version_that_is_no_time_is_quarantined(at: object) -> None:
    things = source(DATED)
    assert things.take({"id": 1, "at": at}, {"id": 2, "at": 1.5})["quarantined"] == 1
    assert set(things.current()) == {"2"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "12,50"),
        ("amount", "abc"),
        ("amount", "NaN"),
        ("amount", " Infinity "),
        ("amount", "-inf"),
        ("amount", True),
        ("amount", {"value": 1}),
        ("amount", 1e15),
        ("at", "yesterday"),
        ("at", "tomorrow 10:00"),
        ("at", "now "),
        ("at", "infinity"),
        ("at", "2026-02-30"),
        ("at", "0000-00-00 00:00:00"),
        ("lines", [{"price": 1}, {"price": "x"}]),
        ("lines", [{"price": "infinity"}]),
    ],
)
def test_a_value_of_the_wrong_type_is_quarantined_verbatim(field: str, value: object) -> None:
    things = source(TYPED)
    record = {"id": 1, field: value}
    assert things.take(record, {"id": 2})["quarantined"] == 1
    ((problem, verbatim),) = things.quarantined()
    assert problem.startswith(f"{field}[].price is no" if field == "lines" else f"{field} is no")
    assert json.loads(verbatim) == record
    assert set(things.current()) == {"2"}


def test_values_of_the_right_type_pass_however_they_are_written() -> None:
    things = source(TYPED)
    records = [
        {"id": 1, "amount": None, "at": "", "lines": None},
        {"id": 2, "amount": "12.50", "at": "2026-02-28T23:59:59+07:00", "lines": []},
        {"id": 3, "amount": -1, "at": "2026-02-28", "lines": [{"price": None}, {"price": "1e3"}, {}]},
        {"id": 4},
    ]
    assert things.take(*records)["added"] == 4


# the cursor


def test_an_error_in_the_middle_of_a_pull_leaves_no_record_and_the_old_cursor() -> None:
    things = source(PLAIN)
    things.take({"id": 1})
    before = things.cursor()

    def breaks(_: Window) -> Iterator[Page]:
        yield Page([{"id": 2}], "further")
        raise SourceError("the source hung up")

    things.answers["things"] = breaks
    with pytest.raises(SourceError, match="hung up"):
        landing.land(things.name, NOW + DAY)
    assert things.cursor() == before
    assert landing.landed(things.name) == {}
    assert one(f"select count(*) from landing_{things.name}.things") == 0


def test_a_pull_starts_at_the_last_end_less_the_overlap_with_the_last_cursor() -> None:
    things = source(Stream("things", key=("id",), overlap=timedelta(minutes=5)))
    things.gives(cursor="first")
    landing.land(things.name, NOW)
    things.gives()
    landing.land(things.name, NOW + DAY)
    landing.land(things.name, NOW + 2 * DAY)
    start = datetime.fromisoformat(settings.HISTORY_START)
    assert things.windows == [
        Window(start, NOW, None),
        Window(NOW - timedelta(minutes=5), NOW + DAY, "first"),
        Window(NOW + DAY - timedelta(minutes=5), NOW + 2 * DAY, "first"),
    ]


def test_slices_commit_and_a_pull_resumes_where_it_stopped() -> None:
    things = source(Stream("things", key=("id",), longest_window=timedelta(days=30)))
    start = datetime.fromisoformat(settings.HISTORY_START)
    now = start + timedelta(days=75)

    def breaks_in_the_second_slice(window: Window) -> Iterator[Page]:
        yield Page([{"id": window.start.isoformat()}])
        if window.start > start:
            raise SourceError("the source hung up")

    things.answers["things"] = breaks_in_the_second_slice
    with pytest.raises(SourceError):
        landing.land(things.name, now)
    assert things.cursor()[0] == start + timedelta(days=30)
    things.answers["things"] = lambda window: [Page([{"id": window.start.isoformat()}])]
    assert landing.land(things.name, now) == 2
    things.settle()
    slices = [start + timedelta(days=days) for days in (0, 30, 60)]
    assert set(things.current()) == {at.isoformat() for at in slices}
    assert things.cursor()[0] == now


def test_a_backfill_reads_its_own_window_and_leaves_the_cursor() -> None:
    things = source(PLAIN)
    things.take({"id": 1})
    before = things.cursor()
    things.gives({"id": 2}, cursor="elsewhere")
    landing.land(things.name, NOW, backfill=(NOW - 20 * DAY, NOW - 10 * DAY))
    assert things.windows[-1] == Window(NOW - 20 * DAY, NOW - 10 * DAY, None)
    assert things.cursor() == before
    things.settle()
    assert set(things.current()) == {"1", "2"}


def test_a_rejected_landing_is_pulled_again_and_adds_nothing() -> None:
    things = source(PLAIN)
    things.gives({"id": 1}, cursor="first")
    landing.land(things.name, NOW)
    things.settle()
    before = things.cursor()
    for day in (1, 2):
        things.gives({"id": 1, "value": "wrong"}, cursor=f"wrong {day}")
        landing.land(things.name, NOW + day * DAY)
    landing.reject(things.name, landing.landed(things.name), "the amounts are wrong")
    assert things.cursor() == before
    assert landing.landed(things.name) == {}
    things.settle()
    assert things.current() == {"1": {"id": 1}}
    why = ask("select why from ops.landings where source = %s and state = 'rejected'", things.name)
    assert why == [("the amounts are wrong",)] * 2


def test_what_another_task_accepted_meanwhile_is_not_rejected() -> None:
    both = source(PLAIN, Stream("others", key=("id",)))
    both.gives({"id": 1}, cursor="first")
    both.answers["others"] = both.answers["things"]
    landing.land(both.name, NOW)
    waiting = landing.landed(both.name)
    landing.confirm(both.name, {"things": waiting["things"]})
    landing.accept(both.name)
    landing.reject(both.name, waiting, "the check of a slower task")
    states = "select stream, state from ops.landings where source = %s order by stream"
    assert ask(states, both.name) == [("others", "rejected"), ("things", "accepted")]
    cursors = "select stream, cursor from ops.cursors where source = %s"
    assert ask(cursors, both.name) == [("things", "first")]
    assert both.current() == {"1": {"id": 1}}


def test_a_landing_is_accepted_once() -> None:
    things = source(PLAIN)
    things.take({"id": 1})
    assert landing.accept(things.name) == {}
    assert things.version_count() == 1


def _in_landing(name: str) -> tuple[list[str], int]:
    """Return the keys that lie in a landing table, and the number of the file that holds them."""
    keys = [key for (key,) in ask(f"select record_key from landing_{name}.things order by 1")]
    return keys, one("select pg_relation_filenode(%s::regclass)", f"landing_{name}.things")


def test_a_large_landing_is_emptied_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    things = source(PLAIN)
    things.take({"id": 1})
    _, before = _in_landing(things.name)
    monkeypatch.setattr(accepting, "MANY", 2)
    things.take({"id": 2})
    assert _in_landing(things.name) == ([], before)
    things.take({"id": 3}, {"id": 4})
    keys, after = _in_landing(things.name)
    assert (keys, after == before) == ([], False)
    assert things.version_count() == 4


def test_a_large_landing_leaves_what_landed_since_it_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "MANY", 1)
    things = source(PLAIN)
    things.gives({"id": 1})
    landing.land(things.name, NOW)
    landing.confirm(things.name, landing.landed(things.name))
    things.gives({"id": 2})
    landing.land(things.name, NOW + DAY)
    landing.accept(things.name)
    assert _in_landing(things.name)[0] == ["2"]
    things.settle()
    assert set(things.current()) == {"1", "2"}


def test_who_reads_a_large_landing_does_not_stop_its_acceptance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "MANY", 1)
    monkeypatch.setattr(accepting, "BUSY_AFTER", "50ms")
    things = source(PLAIN)
    with warehouse.connection("cx_auditor") as reader, reader.cursor() as cursor:
        cursor.execute(f"select count(*) from landing_{things.name}.things")
        assert things.take({"id": 1})["added"] == 1
    assert _in_landing(things.name)[0] == []
    assert set(things.current()) == {"1"}


def test_two_tasks_at_one_source_do_not_meet() -> None:
    things, others = source(PLAIN), source(PLAIN)

    def meets(_: Window) -> Iterator[Page]:
        for step in (lambda: landing.land(things.name, NOW), lambda: landing.accept(things.name)):
            with pytest.raises(landing.SourceBusy, match=things.name):
                step()
        others.take({"id": 1})
        yield Page([{"id": 1}])

    things.answers["things"] = meets
    assert landing.land(things.name, NOW) == 1
    assert others.version_count() == 1


def test_a_build_waits_for_the_sources_that_are_due_and_not_for_ever() -> None:
    things = source(PLAIN)
    due = datetime.now(UTC)
    assert not landing.have_landed([things.name], due)
    assert landing.have_landed([things.name], due - timedelta(minutes=settings.WAIT_MINUTES))
    things.take({"id": 1})
    assert landing.have_landed([things.name], due)
    assert not landing.have_landed([things.name], due + timedelta(days=1))
    landing.hold(things.name, "its figures are wrong")
    assert landing.have_landed([things.name], due + timedelta(days=1))
    landing.release(things.name)


# what can be killed


@pytest.fixture
def undisturbed() -> tuple[list[dict], list[tuple]]:
    """Return records, and the raw table that they make when nothing goes wrong."""
    things = source(Stream("things", key=("id",), version="at"))
    records = [{"id": n % 400, "at": f"2026-06-{1 + n // 400:02}T00:00:00Z", "value": n} for n in range(1000)]
    things.take(*records)
    return records, things.checksum()


def _process(*arguments: str) -> subprocess.Popen[str]:
    """Start `tests.fake_source` on the database of this module."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.fake_source", *arguments],
        cwd=settings.PROJECT,
        env=os.environ | {"CX_DATABASE": settings.DATABASE},
        stdout=subprocess.PIPE,
        text=True,
    )


def _asleep() -> bool:
    return one(
        "select count(*) > 0 from pg_stat_activity where wait_event = 'PgSleep' and datname = %s",
        settings.DATABASE,
    )


@pytest.mark.parametrize("failpoint", ["before the commit", "after the commit"])
def test_a_killed_landing_is_repeated_without_a_trace(
    failpoint: str, undisturbed: tuple[list[dict], list[tuple]], tmp_path: Path
) -> None:
    records, expected = undisturbed
    things = source(Stream("things", key=("id",), version="at"))
    (tmp_path / "records.json").write_text(json.dumps(records))
    if failpoint == "before the commit":
        # the landing's last statement before its commit sleeps: the COPY is done
        ask(
            "create function public.sleeps() returns trigger language plpgsql as "
            "$$ begin perform pg_sleep(60); return new; end $$;"
            "grant usage on schema public to cx_loader;"
            "create trigger sleeps before insert on ops.cursors execute function public.sleeps()"
        )
    process = _process(things.name, "land", str(tmp_path / "records.json"))
    try:
        if failpoint == "before the commit":
            while not _asleep():
                assert process.poll() is None
                time.sleep(0.05)
        else:
            assert process.stdout.readline() == "landed\n"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    if failpoint == "before the commit":
        assert things.cursor() is None
        while _asleep():  # PostgreSQL notices within a second that its client is gone
            time.sleep(0.05)
        ask("drop function public.sleeps cascade; revoke usage on schema public from cx_loader")
    things.gives(*records, cursor="next")
    landing.land(things.name, NOW)
    things.settle()
    assert things.checksum() == expected
    assert things.cursor() == (NOW, "next")
    assert one("select count(*) from quarantine.records where source = %s", things.name) == 0


def test_a_long_pull_holds_one_page_in_memory() -> None:
    process = _process(f"fake_{next(NUMBERS)}", "measure", "200000")
    grown_kilobytes = int(process.communicate(timeout=120)[0])
    assert process.returncode == 0
    assert grown_kilobytes < 60_000


def test_every_source_of_the_folder_has_its_tables() -> None:
    for name in sources.names():
        for stream in sources.load(name).STREAMS:
            for room in ("landing", "raw"):
                assert one("select to_regclass(%s) is not null", f"{room}_{name}.{stream.name}")
