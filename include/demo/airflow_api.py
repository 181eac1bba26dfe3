"""Airflow's public API, as the demo uses it."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import requests

from include import postgres, settings, warehouse
from include.demo import DemoFailed, say

PUBLIC = f"http://127.0.0.1:{settings.AIRFLOW_PORT}"
LOGS = settings.HOME / "airflow" / "logs"
USER = "admin"
PATIENCE = 1800
"""Seconds after which a Dag run that has not ended is a failure of the demo."""
BACKFILL = "backfill__"
"""How Airflow begins the id of a run that a person had made for a day of the past."""
PAGE = 100
"""As much as Airflow gives of a list at once."""


def login() -> str:
    """Return where Airflow is and how one gets in."""
    return f"{PUBLIC}  user {USER}, password {postgres.make_secret('AIRFLOW_PASSWORD')}"


class Api:
    """Airflow's public API, as the demo's own user."""

    def __init__(self) -> None:
        password = postgres.make_secret("AIRFLOW_PASSWORD")
        self._token = ""
        answer = self._call("POST", "/auth/token", {"username": USER, "password": password})
        self._token = str(answer["access_token"])

    def _call(self, method: str, path: str, body: object = None) -> dict[str, object]:
        answer = requests.request(
            method,
            PUBLIC + path,
            json=body,
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=60,
        )
        answer.raise_for_status()
        return answer.json()

    def _dag(self, dag: str) -> dict[str, object]:
        """Return a Dag, waiting for Airflow to have read its file.

        Raises:
            DemoFailed: Airflow cannot read it.
        """
        for _ in range(120):
            try:
                return self._call("GET", f"/api/v2/dags/{dag}")
            except requests.HTTPError as error:
                if error.response.status_code != 404:
                    raise
                time.sleep(0.5)
        errors = self._call("GET", "/api/v2/importErrors")["import_errors"]
        raise DemoFailed(f"Airflow does not know the Dag {dag}: {errors or 'is the dags folder there?'}")

    def unpause(self, dag: str) -> bool:
        """Let a Dag run; return whether it was paused."""
        was_paused = bool(self._dag(dag)["is_paused"])
        if was_paused:
            self._call("PATCH", f"/api/v2/dags/{dag}", {"is_paused": False})
        return was_paused

    def is_paused_by_hand(self, dag: str) -> bool:
        """Return whether a person has paused a Dag: one that never ran of itself was born so."""
        return bool(self._dag(dag)["is_paused"]) and any(
            not str(each["dag_run_id"]).startswith(BACKFILL) for each in self.runs(dag)
        )

    def pause(self, dag: str) -> None:
        """Let a Dag run no more until it is unpaused; a run at work ends."""
        self._call("PATCH", f"/api/v2/dags/{dag}", {"is_paused": True})

    def runs(self, dag: str) -> list[dict[str, object]]:
        """Return the runs of a Dag, newest first."""
        return self._call("GET", f"/api/v2/dags/{dag}/dagRuns?order_by=-run_after&limit=5")["dag_runs"]

    def run(self, dag: str, conf: dict[str, object]) -> str:
        """Have a Dag run now and return the run's id.

        Airflow itself starts the last due run of a Dag that is unpaused: that one is taken.
        """
        if self.unpause(dag):
            for _ in range(20):
                if found := self.runs(dag):
                    return str(found[0]["dag_run_id"])
                time.sleep(0.5)
        body = {"logical_date": None, "conf": conf}
        return str(self._call("POST", f"/api/v2/dags/{dag}/dagRuns", body)["dag_run_id"])

    def end_unfinished(self, is_alive: bool) -> list[str]:
        """End the runs that an earlier demo left; return the Dags whose runs were ended.

        A Dag has one run at a time, so a run that nobody works on would hold up the next for good.
        Where this Airflow was alive all the time, a run that has a task at work is left to end. Runs of a
        backfill are a person's: the scheduler works them off.
        """
        ended: list[str] = []
        filling: set[str] = set()
        for dag, run in self._unfinished():
            if run.startswith(BACKFILL):
                if dag not in filling:
                    say(f"  {dag} has a backfill to work off: the new run takes its turn")
                filling.add(dag)
                continue
            if is_alive and "running" in self.tasks(dag, run).values():
                say(f"  {dag} is still at work from before: the new run follows it")
                continue
            self._call("PATCH", f"/api/v2/dags/{dag}/dagRuns/{run}", {"state": "failed"})
            say(f"  {dag}: the unfinished run {run} is ended")
            ended.append(dag)
        return ended

    def _unfinished(self) -> list[tuple[str, str]]:
        """Return the runs that wait or are at work, each with its Dag."""
        path = f"/api/v2/dags/~/dagRuns?state=queued&state=running&limit={PAGE}"
        found = _paged("dag_runs", lambda first: self._call("GET", f"{path}&offset={first}"))
        return [(str(each["dag_id"]), str(each["dag_run_id"])) for each in found]

    def why(self, dag: str, run: str, task: str) -> str:
        """Return the exception that ended a task's last attempt, "" where its log tells none."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}"
        try:
            attempt = self._call("GET", path)["try_number"]
            return last_error(self._call("GET", f"{path}/logs/{attempt}?full_content=true")["content"])
        except requests.RequestException:
            return ""  # what failed is told all the same

    def respond(self, dag: str, run: str, task: str, option: str) -> None:
        """Answer what a run asks of a person."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}/-1/hitlDetails"
        self._call("PATCH", path, {"chosen_options": [option], "params_input": {}})

    def tasks(self, dag: str, run: str) -> dict[str, str | None]:
        """Return the state of each task of a run."""
        found = self._call("GET", f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances")
        return {each["task_id"]: each["state"] for each in found["task_instances"]}

    def _tasks_of(self, runs: Sequence[tuple[str, str]]) -> list[tuple[str, str, str, str | None]]:
        """Return Dag, run, task and state of the tasks of many runs, a hundred by a call."""
        dags, names = (sorted(set(each)) for each in zip(*runs, strict=True))
        asked = {"dag_ids": dags, "dag_run_ids": names, "page_limit": PAGE}
        path = "/api/v2/dags/~/dagRuns/~/taskInstances/list"
        found = _paged(
            "task_instances", lambda first: self._call("POST", path, {**asked, "page_offset": first})
        )
        return [
            (each["dag_id"], each["dag_run_id"], each["task_id"], each["state"])
            for each in found
            if (each["dag_id"], each["dag_run_id"]) in runs
        ]

    def state(self, dag: str, run: str) -> str:
        """Return the state of a run."""
        return str(self._call("GET", f"/api/v2/dags/{dag}/dagRuns/{run}")["state"])

    def follow(self, runs: list[tuple[str, str]]) -> None:
        """Show progress until the runs have ended.

        Raises:
            DemoFailed: a run failed; the task and what it said are told.
        """
        shown: dict[tuple[str, str], str | None] = {}
        following = list(runs)
        until = time.monotonic() + PATIENCE
        while following and time.monotonic() < until:
            unfinished = self._unfinished()
            for dag, run, task, state in self._tasks_of(following):
                if state not in (None, "scheduled", "queued") and shown.get((dag, task)) != state:
                    shown[dag, task] = state
                    say(f"  {datetime.now():%H:%M:%S}  {dag}.{task}: {state}")
                    if state == "up_for_retry":
                        say(f"            {self.why(dag, run, task)}")
                    if state == "awaiting_input":
                        say(f"  A person is asked: answer at {PUBLIC}/required_actions.")
            following = [each for each in following if each in unfinished]
            time.sleep(1 if following else 0)
        states = {self.state(dag, run) for dag, run in runs}
        failed = [(dag, run, task) for dag, run in runs for task in self._failed(dag, run)]
        if failed or states != {"success"}:
            where = ", ".join(f"{dag}.{task}" for dag, _, task in failed) or "a Dag did not end in time"
            told = [why for dag, run, task in failed if (why := self.why(dag, run, task))]
            if not told or any(task == "approve" for *_, task in failed):
                told.append(_refusal())
            reasons = "\n".join(filter(None, told))
            raise DemoFailed(f"failed: {where}\n{reasons}\nMore in Airflow, or in {LOGS}.")

    def _failed(self, dag: str, run: str) -> list[str]:
        return [task for task, state in self.tasks(dag, run).items() if state == "failed"]

    def follow_asset(self, dag: str, since: datetime) -> None:
        """Follow the run that a publication started, if there was one."""
        for _ in range(20):
            found = self.runs(dag)
            if found and datetime.fromisoformat(found[0]["run_after"]) >= since:
                return self.follow([(dag, found[0]["dag_run_id"])])
            time.sleep(1)
        return None


def _paged(name: str, ask: Callable[[int], Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Return the whole list NAME; ASK answers with the page that begins at a place."""
    found: list[Mapping[str, object]] = []
    while True:
        page = ask(len(found))
        found += page[name]
        if not page[name] or len(found) >= page["total_entries"]:
            return found


def _refusal() -> str:
    """Return why the last landing or batch was refused, if one was."""
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select why from (select why, settled_at from ops.batches where state = 'rejected' "
            "union all select why, settled_at from ops.landings where state = 'rejected') as refused "
            "where settled_at > now() - interval '15 minutes' order by settled_at desc limit 1"
        )
        return (cursor.fetchone() or ("",))[0] or ""


def last_error(lines: Sequence[Mapping[str, object] | str]) -> str:
    """Return the last exception of a task's log as one text: its type, its message."""
    for line in reversed(lines):
        detail = line.get("error_detail") if isinstance(line, Mapping) else None
        if detail:
            # the first is what ended the task, those behind it are its causes
            return f"{detail[0]['exc_type']}: {str(detail[0]['exc_value']).strip()}"
    return ""
