"""Airflow's public API, as the demo uses it."""

import time
from datetime import datetime

import requests

from include import postgres, settings, warehouse
from include.demo import DemoFailed, say

PUBLIC = f"http://127.0.0.1:{settings.AIRFLOW_PORT}"
LOGS = settings.HOME / "airflow" / "logs"
USER = "admin"
PATIENCE = 1800
"""Seconds after which a Dag run that has not ended is a failure of the demo."""


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

    def respond(self, dag: str, run: str, task: str, option: str) -> None:
        """Answer what a run asks of a person."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}/-1/hitlDetails"
        self._call("PATCH", path, {"chosen_options": [option], "params_input": {}})

    def tasks(self, dag: str, run: str) -> dict[str, str | None]:
        """Return the state of each task of a run."""
        found = self._call("GET", f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances")
        return {each["task_id"]: each["state"] for each in found["task_instances"]}

    def state(self, dag: str, run: str) -> str:
        """Return the state of a run."""
        return str(self._call("GET", f"/api/v2/dags/{dag}/dagRuns/{run}")["state"])

    def follow(self, runs: list[tuple[str, str]]) -> None:
        """Show progress until the runs have ended.

        Raises:
            DemoFailed: a run failed; the task and what it said are told.
        """
        shown: dict[tuple[str, str], str | None] = {}
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            states = {self.state(dag, run) for dag, run in runs}
            for dag, run in runs:
                for task, state in self.tasks(dag, run).items():
                    if state not in (None, "scheduled", "queued") and shown.get((dag, task)) != state:
                        shown[dag, task] = state
                        say(f"  {datetime.now():%H:%M:%S}  {dag}.{task}: {state}")
                        if state == "awaiting_input":
                            say(f"  A person is asked: answer at {PUBLIC}/required_actions.")
            if states <= {"success", "failed"}:
                break
            time.sleep(1)
        failed = [(dag, task) for (dag, task), state in shown.items() if state == "failed"]
        if failed or states != {"success"}:
            where = ", ".join(f"{dag}.{task}" for dag, task in failed) or "a Dag did not end in time"
            raise DemoFailed(f"failed: {where}. {_reason()}\nMore: {PUBLIC}, or {LOGS}.")

    def follow_asset(self, dag: str, since: datetime) -> None:
        """Follow the run that a publication started, if there was one."""
        for _ in range(20):
            found = self.runs(dag)
            if found and datetime.fromisoformat(found[0]["run_after"]) >= since:
                return self.follow([(dag, found[0]["dag_run_id"])])
            time.sleep(1)
        return None


def _reason() -> str:
    """Return why the last landing or batch was refused, if one was."""
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select why from (select why, settled_at from ops.batches where state = 'rejected' "
            "union all select why, settled_at from ops.landings where state = 'rejected') as refused "
            "where settled_at > now() - interval '15 minutes' order by settled_at desc limit 1"
        )
        return (cursor.fetchone() or ("Its log says why.",))[0] or ""
