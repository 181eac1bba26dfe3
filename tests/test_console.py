"""What the demo's console tells of Airflow's runs, against an API that is played."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from include import postgres, settings
from include.demo import DemoFailed, airflow_api, summary
from include.demo import __main__ as demo
from include.demo.airflow_api import Api, last_error

MISTAKE = "inbox/stall/orders.sql, line 2: no column totl"
LOG = [
    {"event": "Task failed with exception", "error_detail": [{"exc_type": "OSError", "exc_value": "early"}]},
    {
        "event": "Task failed with exception",
        "error_detail": [
            {"exc_type": "SelectMistaken", "exc_value": MISTAKE},
            {"exc_type": "BinderException", "exc_value": "the cause"},
        ],
    },
    {"event": "bye"},
]


class Played(Api):
    """Airflow as far as it is asked here: runs with their tasks, and one log for all."""

    def __init__(self, runs: dict[tuple[str, str], dict[str, str]], log: object = LOG) -> None:
        self.runs_of, self.log = runs, log
        self.states = dict.fromkeys(runs, "running")
        self.asked: list[tuple[str, str]] = []

    def _call(self, method: str, path: str, body: object = None) -> dict[str, object]:
        self.asked.append((method, path))
        if "/logs/" in path:
            if isinstance(self.log, Exception):
                raise self.log
            return {"content": self.log}
        if path.startswith("/api/v2/dags/~/dagRuns?state=queued&state=running"):
            unfinished = [key for key, state in self.states.items() if state in ("queued", "running")]
            limit, first = (int(re.search(rf"&{name}=(\d+)", path)[1]) for name in ("limit", "offset"))
            page = [{"dag_id": dag, "dag_run_id": run} for dag, run in unfinished[first : first + limit]]
            return {"dag_runs": page, "total_entries": len(unfinished)}
        if path == "/api/v2/dags/~/dagRuns/~/taskInstances/list":
            page = [
                {"dag_id": dag, "dag_run_id": run, "task_id": task, "state": state}
                for (dag, run), tasks in self.runs_of.items()
                if dag in body["dag_ids"] and run in body["dag_run_ids"]
                for task, state in tasks.items()
            ]
            first = body["page_offset"]
            return {"task_instances": page[first : first + body["page_limit"]], "total_entries": len(page)}
        dag, run, rest = re.fullmatch(r"/api/v2/dags/(\w+)/dagRuns/(\w+)(.*)", path).groups()
        if method == "PATCH":
            self.states[dag, run] = body["state"]
        if rest == "/taskInstances":
            tasks = self.runs_of[dag, run].items()
            return {"task_instances": [{"task_id": task, "state": state} for task, state in tasks]}
        return {"try_number": 3, "state": self.states[dag, run]}


def failed(log: object = LOG) -> Played:
    api = Played({("ingest_files", "r"): {"land": "failed", "check": "upstream_failed"}}, log)
    api.states["ingest_files", "r"] = "failed"
    return api


def test_the_last_exception_of_a_log_is_told_and_not_its_cause() -> None:
    assert last_error(LOG) == f"SelectMistaken: {MISTAKE}"
    assert last_error([{"event": "all is well"}]) == last_error(["no JSON"]) == last_error([]) == ""


def test_all_unfinished_runs_are_found_however_many() -> None:
    runs = [(f"ingest_{number}", "r") for number in range(250)]
    assert Played({key: {"land": "running"} for key in runs})._unfinished() == runs


def test_a_failed_run_is_told_with_its_task_and_its_reason() -> None:
    api = failed()
    with pytest.raises(DemoFailed, match=r"ingest_files\.land\nSelectMistaken: .*orders\.sql, line 2"):
        api.follow([("ingest_files", "r")])
    assert ("GET", "/api/v2/dags/ingest_files/dagRuns/r/taskInstances/land/logs/3?full_content=true") in (
        api.asked
    )


def test_where_the_log_cannot_be_read_what_refused_the_data_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(airflow_api, "_refusal", lambda: "files is refused: an expectation")
    with pytest.raises(DemoFailed, match=r"ingest_files\.land\nfiles is refused: an expectation"):
        failed(requests.HTTPError("404")).follow([("ingest_files", "r")])


def test_an_attempt_that_will_be_retried_tells_its_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api = Played({("ingest_files", "r"): {"land": "up_for_retry"}})
    monkeypatch.setattr(
        airflow_api.time, "sleep", lambda _: api.states.update({("ingest_files", "r"): "success"})
    )
    api.follow([("ingest_files", "r")])
    assert MISTAKE in capsys.readouterr().out


def test_the_tasks_of_many_runs_are_asked_for_by_the_hundred(capsys: pytest.CaptureFixture[str]) -> None:
    runs = [(f"ingest_{number}", "r") for number in range(120)]
    api = Played({run: {"land": "success", "check": "success"} for run in (*runs, ("ingest_0", "before"))})
    api.states = dict.fromkeys(api.states, "success")
    api.follow(runs)
    assert capsys.readouterr().out.count("land: success") == 120
    assert sum(method == "POST" for method, _ in api.asked) == 3


@pytest.mark.parametrize(
    ("is_alive", "state", "left"),
    [
        (False, "running", set()),
        (False, "queued", set()),
        (True, "up_for_retry", set()),
        (True, "running", {("warehouse", "old")}),
    ],
)
def test_runs_that_nobody_works_on_are_ended_before_new_ones(
    is_alive: bool, state: str, left: set[tuple[str, str]]
) -> None:
    api = Played({("warehouse", "old"): {"build": state}, ("deliver", "done"): {"write_page": "success"}})
    api.states["deliver", "done"] = "success"
    api.end_unfinished(is_alive)
    assert {key for key, now in api.states.items() if now == "running"} == left
    assert api.states["deliver", "done"] == "success"


class Dags:
    """Airflow as far as the demo runs Dags in it: which are PAUSED by hand, and whose runs FAIL."""

    def __init__(self, paused: set[str] = frozenset(), fails: set[str] = frozenset()) -> None:
        self.paused, self.fails, self.started = paused, fails, []

    def end_unfinished(self, is_alive: bool) -> None: ...
    def unpause(self, dag: str) -> None: ...
    def follow_asset(self, dag: str, since: object) -> None: ...

    def is_paused_by_hand(self, dag: str) -> bool:
        return dag in self.paused

    def run(self, dag: str, conf: dict[str, object]) -> str:
        self.started.append((dag, conf))
        return "r"

    def follow(self, runs: list[tuple[str, str]]) -> None:
        if failed := [dag for dag, _ in runs if dag in self.fails]:
            raise DemoFailed(f"failed: {failed}")

    def state(self, dag: str, run: str) -> str:
        return "failed" if dag in self.fails else "success"


def test_a_source_that_cannot_be_read_does_not_stop_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    dags = Dags(paused={"ingest_pos"}, fails={"ingest_lazada"})
    with pytest.raises(DemoFailed, match=r"ingest_lazada.*\nWhat the other sources brought is published"):
        demo._run(dags, ("haravan", "lazada", "pos"), is_alive=True)
    assert dags.started[-1] == ("warehouse", {"sources": ["haravan"]})
    assert "ingest_pos" not in dict(dags.started)
    assert "make resume NAME=pos" in capsys.readouterr().out


def test_where_nothing_can_be_read_nothing_is_built() -> None:
    for dags in (Dags(fails={"ingest_pos"}), Dags(paused={"ingest_pos"})):
        with pytest.raises(DemoFailed, match=r"failed|every source is paused"):
            demo._run(dags, ("pos",), is_alive=True)
        assert "warehouse" not in dict(dags.started)


@pytest.mark.parametrize("is_alive", [False, True])
def test_a_backfill_is_left_to_whoever_asked_for_it(
    is_alive: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    days = [("ingest_pos", f"backfill__2026_11_{day}") for day in (20, 21, 22)]
    api = Played({day: {"land": "queued"} for day in days})
    assert api.end_unfinished(is_alive) == []
    assert set(api.states.values()) == {"running"}
    assert capsys.readouterr().out.count("ingest_pos has a backfill to work off") == 1


def test_interrupting_the_demo_is_one_sentence_that_says_how_to_stop_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from include.demo import __main__ as demo

    def interrupted(inbox: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "up", interrupted)
    monkeypatch.setattr("sys.argv", ["demo", "up"])
    with pytest.raises(SystemExit) as ended:
        demo.main()
    assert ended.value.code == 130
    said = capsys.readouterr().out.strip()
    assert said.count("\n") == 0 and "goes on running" in said and "`make down`" in said


def refusal(patch: pytest.MonkeyPatch, inbox: Path) -> str:
    """Return with what `make demo INBOX=…` ends before any server is started."""
    from include.demo import __main__ as demo

    patch.setattr(settings, "HOME", inbox.parent / "home")
    patch.setattr(postgres, "start", lambda: pytest.fail("a server was started"))
    patch.setattr("sys.argv", ["demo", "up", "--inbox", str(inbox)])
    with pytest.raises(SystemExit) as ended:
        demo.main()
    return str(ended.value.code)


@pytest.mark.parametrize(
    ("select", "told"),
    [
        (None, "give each unit a folder with its SELECTs"),
        ("orders.sql", "{inbox}/orders.sql lies outside of a unit's folder."),
        ("shop/sql/orders.sql", "{inbox}/shop/sql/orders.sql lies outside of a unit's folder."),
    ],
)
def test_an_inbox_without_a_select_of_a_unit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, select: str | None, told: str
) -> None:
    inbox = tmp_path / "inbox"
    (inbox / (select or "orders.csv")).parent.mkdir(parents=True)
    (inbox / (select or "orders.csv")).write_text("select 1")
    said = refusal(monkeypatch, inbox)
    assert f"INBOX={inbox} holds no <unit>/<contract>.sql: {told.format(inbox=inbox)}" in said


@pytest.mark.parametrize(
    ("name", "sql", "told"),
    [
        (
            "orders",
            "select id as order_id,\n    totl as gross_amount from 'orders.csv'",
            ", line 2: Binder Error",
        ),
        ("orders", "select id as order_id from 'orders.csv'", " lacks "),
        ("oders", "select 1", " is named after no contract"),
        ("business_units", "select 'Mars/Base' as time_zone", " names no time zone"),
    ],
)
def test_a_mistake_in_a_select_is_told_before_a_server_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, sql: str, told: str
) -> None:
    unit = tmp_path / "inbox" / "shop"
    unit.mkdir(parents=True)
    (unit / "orders.csv").write_text("id,created,total\n1,2026-10-01,5\n")
    (unit / f"{name}.sql").write_text(sql)
    assert refusal(monkeypatch, unit.parent).startswith(f"{unit / name}.sql{told}")


@pytest.mark.parametrize(
    ("n", "is_reportable", "mark"),
    [(30, 1, "n = 30"), (29, 0, "n = 29  small sample (under 30)"), (99, 0, "alike, so no interval")],
)
def test_a_metric_is_told_with_its_variant_and_a_small_sample_is_marked(
    n: int, is_reportable: int, mark: str
) -> None:
    names = ("Chỉ số", "Score", "Giao dịch", "Transactional")
    start, value = date(2026, 10, 1), Decimal("41.234567")
    first, second = summary.metric_lines(
        *names, "month", start, value, "score", n, is_reportable, 30
    ).splitlines()
    assert first.strip().startswith("Chỉ số / Score") and first.endswith(mark) and " 41.2 " in first
    assert second.strip() == "Giao dịch / Transactional"
