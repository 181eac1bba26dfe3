"""What the embedded server says and does where something else is on its port, or it is on another."""

import os
import pwd
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from include import postgres, settings
from tests.ports import free_port


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the settings point at a home of its own, with passwords and an empty cluster."""
    monkeypatch.setattr(settings, "HOME", tmp_path)
    monkeypatch.setattr(settings, "SECRETS", tmp_path / "secrets")
    monkeypatch.setattr(settings, "PG_PORT", free_port())
    monkeypatch.setattr(postgres, "folder", lambda: tmp_path / "postgres")
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    postgres.make_passwords()
    return tmp_path


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Record the server's programs instead of running them."""
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(postgres, "_run", lambda *command: commands.append(command))
    return commands


@pytest.fixture
def silent() -> Iterator[int]:
    """Listen on a port and never say a word."""
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def record(pid: int, port: int) -> None:
    lines = (pid, postgres.folder() / "data", 1795000000, port, "", "127.0.0.1", "", "ready")
    (postgres.folder() / "data" / "postmaster.pid").write_text("".join(f"{line}\n" for line in lines))


def test_a_server_on_another_port_is_stopped(ran: list[tuple[str, ...]], silent: int) -> None:
    record(os.getpid(), silent)
    postgres.stop()
    assert [(command[0], command[-1]) for command in ran] == [("pg_ctl", "stop")]


def test_what_a_crash_left_behind_is_sent_no_signal(ran: list[tuple[str, ...]]) -> None:
    record(os.getpid(), free_port())
    postgres.stop()
    assert ran == []


def test_a_server_on_another_port_is_told_with_its_port(ran: list[tuple[str, ...]], silent: int) -> None:
    record(os.getpid(), silent)
    with pytest.raises(postgres.PostgresFailed, match=f"runs already, on port {silent}: set CX_PG_PORT="):
        postgres.start()
    assert ran == []


def test_a_program_that_stays_silent_is_a_busy_port(
    ran: list[tuple[str, ...]], silent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PG_PORT", silent)
    with pytest.raises(postgres.PostgresFailed, match=f"port {silent} is taken by another program"):
        postgres.start()


def test_who_runs_the_server_is_made_once_where_many_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    me = pwd.getpwuid(os.getuid())

    def make() -> pwd.struct_passwd:
        if not made:
            # as long as useradd takes: another that did not wait would make it again
            time.sleep(0.2)
            made.append("user")
        return me

    monkeypatch.setattr(postgres.os, "geteuid", lambda: 0)
    monkeypatch.setattr(postgres, "_made_user", make)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: postgres._server_user(), range(4)))
    assert found == [{"user": me.pw_uid, "group": me.pw_gid}] * 4
    assert made == ["user"]
