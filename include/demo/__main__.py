"""Run `up [--inbox FOLDER]`, `down`, `clean`, `pause SOURCE` or `resume SOURCE`."""

import argparse
import fcntl
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import requests

from include import postgres, settings, sources, warehouse
from include.demo import DemoFailed, airflow_server, processes, say
from include.demo.airflow_api import LOGS, Api, login
from include.demo.summary import tell

NEEDED_BYTES = 2 * 2**30
INTERRUPTED = {
    "up": "Interrupted: everything that was started goes on running, and `make down` stops it.",
    "down": "Interrupted: some of it may go on running, and `make down` stops the rest.",
    "clean": "Interrupted: some of it may be left, and `make clean` deletes the rest.",
}


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
    postgres.make_passwords()
    postgres.start()
    warehouse.prepare()
    chosen = ["files"] if inbox else sources.names()
    if not inbox:
        _start_sandbox()
    say("Airflow … (half a minute at the first start)")
    is_alive = airflow_server.start(inbox or settings.HOME / "inbox")
    try:
        _run(Api(), chosen, is_alive)
    except DemoFailed as error:
        raise DemoFailed(f"{error}\nAirflow    {login()}") from None
    tell(time.monotonic() - began)


def _run(api: Api, chosen: tuple[str, ...], is_alive: bool) -> None:
    """Run the Dags, from the sources to what is delivered.

    A source that a person has paused is left out, and one that cannot be read does not stop the others.

    Raises:
        DemoFailed: one failed.
    """
    api.end_unfinished(is_alive)
    since = datetime.now(UTC)
    api.unpause("deliver")
    wanted = []
    for name in chosen:
        if api.is_paused_by_hand(f"ingest_{name}"):
            say(f"  ingest_{name} is paused and left out: `make resume NAME={name}` lets it run again")
        else:
            wanted.append(name)
    if not wanted:
        raise DemoFailed("every source is paused: let one run again with make resume NAME=<source>.")
    runs = {name: api.run(f"ingest_{name}", {}) for name in wanted}
    failure = None
    try:
        api.follow([(f"ingest_{name}", run) for name, run in runs.items()])
    except DemoFailed as error:
        failure = error
        wanted = [name for name, run in runs.items() if api.state(f"ingest_{name}", run) == "success"]
        if not wanted:
            raise
        say(f"{error}\nThe other {len(wanted)} sources go on.")
    api.follow([("warehouse", api.run("warehouse", {"sources": wanted}))])
    api.follow_asset("deliver", since)
    if failure:
        raise DemoFailed(
            f"{failure}\nWhat the other sources brought is published. A source that is to stay as it is for "
            "now is paused: make pause NAME=<source>."
        )


def _look_ahead(inbox: Path | None) -> None:
    if inbox and not inbox.is_dir():
        raise DemoFailed(f"INBOX={inbox} is no folder: give the folder that holds a folder per unit.")
    if inbox and not any(inbox.glob("[!.]*/*.sql")):
        stray = next((path for pattern in ("*.sql", "*/*/*.sql") for path in inbox.glob(pattern)), None)
        raise DemoFailed(
            f"INBOX={inbox} holds no <unit>/<contract>.sql: "
            + (
                f"{stray} lies outside of a unit's folder."
                if stray
                else "give each unit a folder with its SELECTs, as docs/inbox.md tells."
            )
        )
    if inbox:
        # the servers take a minute, and a mistake would be told only after it
        from include.sources import files

        try:
            files.look_ahead(inbox)
        except sources.SelectMistaken as error:
            raise DemoFailed(str(error)) from None
    free = shutil.disk_usage(settings.HOME).free
    if free < NEEDED_BYTES:
        raise DemoFailed(
            f"{free // 2**20} MB are free at {settings.HOME} and the demo needs "
            f"{NEEDED_BYTES // 2**20}: make room, or set CX_HOME to a larger disk."
        )
    for name, port in (("airflow", settings.AIRFLOW_PORT), ("sandbox", settings.SANDBOX_PORT)):
        if processes.find(name) is None and postgres.answers("127.0.0.1", port):
            raise DemoFailed(
                f"port {port} is taken by another program: stop it, or set CX_{name.upper()}_PORT "
                "to a free one."
            )


def _start_sandbox() -> None:
    if processes.find("sandbox") is None:
        say("Sandbox … (a synthetic company and its channels' APIs on loopback)")
        from include.sandbox import channels

        for name in (*channels.secrets(), "CX_TOKEN_KEY"):
            postgres.make_secret(name, channels.private_key(name))
        end = settings.HOME / "world_end"
        if not end.is_file():
            end.write_text(settings.SANDBOX_END)
        command = [sys.executable, "-m", "include.sandbox", "--home", str(settings.HOME)]
        arguments = [*command, "--end", end.read_text()]
        processes.start("sandbox", arguments, airflow_server.environment(), "")
    processes.wait("sandbox", f"http://127.0.0.1:{settings.SANDBOX_PORT}/health")


def down() -> None:
    """Stop what `up` started, and nothing else."""
    for name in ("airflow", "sandbox"):
        processes.stop(name)
    postgres.stop()
    say("Everything that `make demo` started is stopped; its data stay.")


def clean() -> None:
    """Stop everything and delete all that the demo keeps."""
    down()
    postgres.erase()
    shutil.rmtree(settings.HOME, ignore_errors=True)
    say(f"{settings.HOME} is gone.")


def pause(source: str, is_paused: bool) -> None:
    """Let the Dag of a source run no more by its schedule, or again.

    Raises:
        DemoFailed: there is no such source, or Airflow does not run.
    """
    if not source:
        raise DemoFailed(f"give NAME=<source>, one of {', '.join(sources.names())}.")
    if source not in sources.names():
        raise DemoFailed(f"there is no source {source!r}: choose from {', '.join(sources.names())}.")
    if processes.find("airflow") is None:
        raise DemoFailed("Airflow does not run: start it with `make demo`.")
    dag = f"ingest_{source}"
    Api().pause(dag) if is_paused else Api().unpause(dag)
    say(f"{dag} is {'paused: what it has stays published' if is_paused else 'scheduled again'}.")


def main() -> None:
    """Run `up [--inbox FOLDER]`, `down` or `clean`."""
    parser = argparse.ArgumentParser(prog="python -m include.demo", description=__doc__)
    parser.add_argument("what", choices=("up", "down", "clean", "pause", "resume"))
    parser.add_argument("source", nargs="?", default="")
    parser.add_argument("--inbox", type=Path)
    chosen = parser.parse_args()
    try:
        if chosen.what in ("pause", "resume"):
            return pause(chosen.source, chosen.what == "pause")
        with _only_one():
            if chosen.what == "up":
                up(chosen.inbox.resolve() if chosen.inbox else None)
            else:
                {"down": down, "clean": clean}[chosen.what]()
    except (DemoFailed, postgres.PostgresFailed, settings.SettingMissing) as error:
        raise SystemExit(f"{error}") from None
    except requests.RequestException as error:
        raise SystemExit(
            f"Airflow does not answer as it should: {error}\nIts logs are in {LOGS}; `make demo` tries again."
        ) from None
    except KeyboardInterrupt:
        say(f"\n{INTERRUPTED[chosen.what]}")
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
