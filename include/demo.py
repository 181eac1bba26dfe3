"""The demo: a whole warehouse on one machine, from nothing, without Docker or credentials.

`up` starts the embedded PostgreSQL, the sandbox (unless an inbox is given) and Airflow, runs the
Dags through Airflow's API, and tells what was published. `down` stops what it started and nothing
else; `clean` forgets. Everything lives in CX_HOME. Each step looks at what is there first, so
running `up` again goes on where the first ended.
"""

import argparse
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg2
import requests

from include import postgres, settings, warehouse

PUBLIC = f"http://127.0.0.1:{settings.AIRFLOW_PORT}"
PROCESSES = settings.HOME / "processes"
LOGS = settings.HOME / "logs"
AIRFLOW_HOME = settings.HOME / "airflow"
USER = "admin"
NEEDED_BYTES = 2 * 2**30
SANDBOX_SOURCES = ("haravan", "zendesk", "files")
PATIENCE = 1800
"""Seconds after which a Dag run that has not ended is a failure of the demo."""


class DemoFailed(Exception):
    """The demo cannot go on; the message says why and what to do."""


def say(text: str) -> None:
    """Show a line of progress."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def _only_one() -> Iterator[None]:
    """Hold the demo's lock; the system lets go of it when the process ends, however it ends."""
    settings.HOME.mkdir(parents=True, exist_ok=True)
    with (settings.HOME / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoFailed(
                f"another `make demo` or `make down` works in {settings.HOME}: wait for it to end."
            ) from None
        yield


def up(inbox: Path | None) -> None:
    """Bring everything up, run the Dags, tell what was published.

    Raises:
        DemoFailed: something outside stands in the way, or a Dag failed.
    """
    began = time.monotonic()
    _look_ahead(inbox)
    say("PostgreSQL …")
    for role in (*settings.ROLES, "airflow", "postgres"):
        postgres.make_secret(f"CX_PASSWORD_{role.removeprefix('cx_').upper()}")
    postgres.start()
    warehouse.prepare()
    chosen = ("files",) if inbox else SANDBOX_SOURCES
    if not inbox:
        _start_sandbox()
    say("Airflow … (half a minute at the first start)")
    _start_airflow(inbox or settings.HOME / "inbox")
    api = Api()
    since = datetime.now(UTC)
    api.unpause("deliver")
    api.follow([(f"ingest_{name}", api.run(f"ingest_{name}", {})) for name in chosen])
    api.follow([("warehouse", api.run("warehouse", {"sources": list(chosen)}))])
    api.follow_asset("deliver", since)
    _tell(time.monotonic() - began)


def _look_ahead(inbox: Path | None) -> None:
    if inbox and not inbox.is_dir():
        raise DemoFailed(f"INBOX={inbox} is no folder: give the folder that holds a folder per unit.")
    free = shutil.disk_usage(settings.HOME).free
    if free < NEEDED_BYTES:
        raise DemoFailed(
            f"{free // 2**20} MB are free at {settings.HOME} and the demo needs "
            f"{NEEDED_BYTES // 2**20}: make room, or set CX_HOME to a larger disk."
        )
    for name, port in (("airflow", settings.AIRFLOW_PORT), ("sandbox", settings.SANDBOX_PORT)):
        if _process(name) is None and postgres.answers("127.0.0.1", port):
            raise DemoFailed(
                f"port {port} is taken by another program: stop it, or set CX_{name.upper()}_PORT "
                "to a free one."
            )


def _process(name: str) -> psutil.Process | None:
    """Return the process that an earlier `up` started under NAME, if that very one still runs."""
    path = PROCESSES / f"{name}.json"
    if not path.is_file():
        return None
    known = json.loads(path.read_text())
    try:
        process = psutil.Process(known["pid"])
        same = abs(process.create_time() - known["created"]) < 1
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def _start(name: str, command: list[str], environment: dict[str, str], note: str) -> None:
    """Start a program in a process group of its own and remember which one it is."""
    PROCESSES.mkdir(parents=True, exist_ok=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / f"{name}.log").open("a") as log:
        child = subprocess.Popen(
            command,
            cwd=settings.HOME,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    created = psutil.Process(child.pid).create_time()
    known = {"pid": child.pid, "created": created, "note": note}
    (PROCESSES / f"{name}.json").write_text(json.dumps(known))


def _wait(name: str, url: str, seconds: int) -> None:
    """Wait until URL answers.

    Raises:
        DemoFailed: the program ended, or did not answer in time; the end of its log is told.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if _process(name) is None:
            break
        try:
            requests.get(url, timeout=3).raise_for_status()
            return
        except requests.RequestException:
            time.sleep(0.5)
    tail = "\n".join((LOGS / f"{name}.log").read_text(errors="replace").splitlines()[-8:])
    raise DemoFailed(f"{name} did not come up; its log is {LOGS / f'{name}.log'}:\n{tail}")


def _environment() -> dict[str, str]:
    """Return the environment of the demo's programs: this one's, with our folders and ports."""
    return os.environ | {
        "CX_HOME": str(settings.HOME),
        "CX_PG_PORT": str(settings.PG_PORT),
        "CX_SANDBOX_PORT": str(settings.SANDBOX_PORT),
        "PYTHONPATH": str(settings.PROJECT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "SCARF_ANALYTICS": "false",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "ZENDESK_EMAIL": settings.source_setting("ZENDESK_EMAIL", "warehouse@shop.example"),
    }


def _start_sandbox() -> None:
    if _process("sandbox") is None:
        say("Sandbox … (a synthetic company and its channels' APIs on loopback)")
        for name in ("HARAVAN_TOKEN", "ZENDESK_TOKEN"):
            postgres.make_secret(name)
        end = settings.HOME / "world_end"
        if not end.is_file():
            end.write_text(settings.SANDBOX_END)
        command = [sys.executable, "-m", "include.sandbox", "--home", str(settings.HOME)]
        _start("sandbox", [*command, "--end", end.read_text()], _environment(), "")
    _wait("sandbox", f"http://127.0.0.1:{settings.SANDBOX_PORT}/health", 120)


def _start_airflow(inbox: Path) -> None:
    running = _process("airflow")
    if running:
        note = json.loads((PROCESSES / "airflow.json").read_text())["note"]
        if note == str(inbox):
            return _wait("airflow", f"{PUBLIC}/api/v2/monitor/health", 180)
        _stop("airflow")
    AIRFLOW_HOME.mkdir(parents=True, exist_ok=True)
    passwords = AIRFLOW_HOME / "passwords.json"
    passwords.touch(mode=0o600)
    passwords.write_text(json.dumps({USER: postgres.make_secret("AIRFLOW_PASSWORD")}))
    environment = _environment() | _airflow_settings(passwords) | {"CX_INBOX": str(inbox)}
    for command in (
        ["db", "migrate"],
        ["pools", "set", "dbt_writer", "1", "one writer of the rooms"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *command],
            cwd=settings.HOME, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise DemoFailed(f"airflow {' '.join(command)} failed:\n{done.stderr[-2000:]}")
    _start("airflow", [sys.executable, "-m", "airflow", "standalone"], environment, str(inbox))
    _wait("airflow", f"{PUBLIC}/api/v2/monitor/health", 180)


def _airflow_settings(passwords: Path) -> dict[str, str]:
    password = settings.secret("CX_PASSWORD_AIRFLOW")
    database = f"{settings.PG_HOST}:{settings.PG_PORT}/airflow"
    made = {
        "AIRFLOW_HOME": str(AIRFLOW_HOME),
        "CORE__DAGS_FOLDER": str(settings.PROJECT / "dags"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",
        "CORE__DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
        "CORE__FERNET_KEY": _fernet_key(),
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "CORE__EXECUTION_API_SERVER_URL": f"{PUBLIC}/execution/",
        "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://airflow:{password}@{database}",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(settings.AIRFLOW_PORT),
        "API__BASE_URL": PUBLIC,
        "API__WORKERS": "1",
        "API__SECRET_KEY": postgres.make_secret("AIRFLOW_SECRET_KEY"),
        "API_AUTH__JWT_SECRET": postgres.make_secret("AIRFLOW_JWT_SECRET") * 2,
        "LOGGING__WORKER_LOG_SERVER_PORT": str(settings.AIRFLOW_PORT + 1),
        "TRIGGERER__TRIGGERER_LOG_SERVER_PORT": str(settings.AIRFLOW_PORT + 2),
        "LOGGING__TRIGGER_LOG_SERVER_PORT": str(settings.AIRFLOW_PORT + 2),
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return {name if name == "AIRFLOW_HOME" else f"AIRFLOW__{name}": value for name, value in made.items()}


def _fernet_key() -> str:
    from cryptography.fernet import Fernet

    path = settings.SECRETS / "airflow_fernet_key"
    if not path.is_file():
        path.touch(mode=0o600)
        path.write_bytes(Fernet.generate_key())
    return path.read_text()


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
            raise DemoFailed(f"failed: {where}. {_reason()}\nMore: {PUBLIC}, or {AIRFLOW_HOME / 'logs'}.")

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


def _tell(seconds: float) -> None:
    """Show what was published, a few metrics, and where to look."""
    with psycopg2.connect(settings.dsn("cx_reader")) as connection, connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read")
        cursor.execute(
            "select publication_id, batch_id, published_at_local, changed_count "
            "from published.data_publications order by publication_id desc limit 1"
        )
        publication, batch, at, changed = cursor.fetchone()
        cursor.execute(
            "select count(*), count(*) filter (where is_passed = 1), "
            "count(*) filter (where is_passed = 0 and severity = 'notice') "
            "from published.data_quality where batch_id = %s",
            (batch,),
        )
        checks, passed, notices = cursor.fetchone()
        say(
            f"\nPublication {publication} of {at:%Y-%m-%d %H:%M} (batch {batch}): {changed:,} rows changed; "
            f"audit: {passed} of {checks} expectations passed, {notices} notices"
        )
        cursor.execute("select table_name, row_count from published.data_publication_tables order by 1")
        for table, rows in cursor.fetchall():
            say(f"  {table:<24}{rows:>12,} rows")
        say("\nMetrics, last complete period (giá trị kỳ trọn gần nhất)")
        cursor.execute(
            "select distinct on (business_unit_code, metric_code) business_unit_code, metric_name_vi, "
            "period_grain_code, period_start, value, unit_code, n from published.mart_metrics "
            "where is_default = 1 and segment_code = 'all' and is_provisional = 0 "
            "and period_grain_code in ('month', 'quarter', 'year') and value is not null "
            "order by business_unit_code, metric_code, period_start desc, period_grain_code"
        )
        for unit, name, grain, start, value, kind, n in cursor.fetchall():
            shown = f"{value:.1%}" if kind == "share" else f"{value:,.0f} {kind}"
            say(f"  {unit:<14}{name:<44}{grain:<8}{start}  {shown:>16}  n = {n:,}")
    password = postgres.make_secret("AIRFLOW_PASSWORD")
    say(
        f"\nAirflow    {PUBLIC}  user {USER}, password {password}\n"
        f"Dashboard  {settings.DELIVERY / 'index.html'}\n"
        f"Workbook   {settings.DELIVERY / 'cx_warehouse.xlsx'}\n"
        f"SQL        host={settings.PG_HOST} port={settings.PG_PORT} dbname={settings.DATABASE} "
        f"user=cx_reader password={settings.secret('CX_PASSWORD_READER')}\n"
        f"Took {seconds:.0f} s. `make down` stops everything, `make clean` forgets it."
    )


def _stop(name: str) -> None:
    """End a program that `up` started, with its children: first asked, then made to."""
    process = _process(name)
    if process is not None:
        family = [process, *process.children(recursive=True)]
        os.killpg(process.pid, signal.SIGTERM)
        _, left = psutil.wait_procs(family, timeout=20)
        for each in left:
            each.kill()
        psutil.wait_procs(left, timeout=5)
    (PROCESSES / f"{name}.json").unlink(missing_ok=True)


def down() -> None:
    """Stop what `up` started, and nothing else."""
    for name in ("airflow", "sandbox"):
        _stop(name)
    postgres.stop()
    say("Everything that `make demo` started is stopped; its data stay.")


def clean() -> None:
    """Stop everything and delete all that the demo keeps."""
    down()
    postgres.erase()
    shutil.rmtree(settings.HOME, ignore_errors=True)
    say(f"{settings.HOME} is gone.")


def main() -> None:
    """Run `up [--inbox FOLDER]`, `down` or `clean`."""
    parser = argparse.ArgumentParser(prog="python -m include.demo", description=__doc__)
    parser.add_argument("what", choices=("up", "down", "clean"))
    parser.add_argument("--inbox", type=Path)
    chosen = parser.parse_args()
    try:
        with _only_one():
            if chosen.what == "up":
                up(chosen.inbox.resolve() if chosen.inbox else None)
            else:
                {"down": down, "clean": clean}[chosen.what]()
    except (DemoFailed, postgres.PostgresFailed, settings.SettingMissing) as error:
        raise SystemExit(f"{error}") from None


if __name__ == "__main__":
    main()
