"""The demo's programs: each in a process group of its own, known again by its start time."""

import json
import os
import signal
import subprocess
import time

import psutil
import requests

from include import settings
from include.demo import DemoFailed

PROCESSES = settings.HOME / "processes"
LOGS = settings.HOME / "logs"
LONGEST_START = 600
"""Seconds after which a program hangs that neither ended nor answers; a busy machine takes minutes."""


def find(name: str) -> psutil.Process | None:
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


def start(name: str, command: list[str], environment: dict[str, str], note: str) -> None:
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


def wait(name: str, url: str) -> None:
    """Wait until URL answers.

    Raises:
        DemoFailed: the program ended, or did not answer in time; the end of its log is told.
    """
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until:
        if find(name) is None:
            break
        try:
            requests.get(url, timeout=3).raise_for_status()
            return
        except requests.RequestException:
            time.sleep(0.5)
    tail = "\n".join((LOGS / f"{name}.log").read_text(errors="replace").splitlines()[-8:])
    raise DemoFailed(f"{name} did not come up; its log is {LOGS / f'{name}.log'}:\n{tail}")


def stop(name: str) -> None:
    """End a program that `up` started, with its children: first asked, then made to."""
    process = find(name)
    if process is not None:
        family = [process, *process.children(recursive=True)]
        os.killpg(process.pid, signal.SIGTERM)
        _, left = psutil.wait_procs(family, timeout=20)
        for each in left:
            each.kill()
        psutil.wait_procs(left, timeout=5)
    (PROCESSES / f"{name}.json").unlink(missing_ok=True)


def note(name: str) -> str:
    """Return what was noted when the program was started."""
    return str(json.loads((PROCESSES / f"{name}.json").read_text())["note"])
