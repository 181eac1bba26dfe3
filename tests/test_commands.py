"""A person's commands end with a sentence that says what to do, also where there is no warehouse."""

import os
import re
import runpy
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from include import postgres, settings
from include.landing.trying import HOME_ZONE
from tests.ports import free_port

WITHOUT_SERVER = (
    ("landing", "check", "files"),
    ("landing", "dry-run", "files"),
    ("landing", "replay", "files", "2026-11-20"),
    ("landing", "hold", "files", "doubled"),
    ("landing", "release", "files"),
    ("publication", "roll-back", "1"),
    ("publication", "release"),
    ("lifetime", "refit", "shop_online"),
)
ROLES = {"landing": "LOADER", "publication": "PUBLISHER", "lifetime": "TRANSFORMER"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the settings point at an installation of which nothing is there yet."""
    monkeypatch.setattr(settings, "HOME", tmp_path)
    monkeypatch.setattr(settings, "SECRETS", tmp_path / "secrets")
    monkeypatch.setattr(settings, "PG_PORT", free_port())
    return tmp_path


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Told":
    return Told(monkeypatch, capsys)


class Told:
    """What a command says when it ends with 2."""

    def __init__(self, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.patch, self.capsys = patch, capsys

    def __call__(self, module: str, *arguments: str) -> str:
        name = f"include.{module}.__main__" if module in ("landing", "lifetime") else f"include.{module}"
        self.patch.setattr(sys, "argv", [name, *arguments])
        self.patch.delitem(sys.modules, name, raising=False)
        with pytest.raises(SystemExit) as ended:
            runpy.run_module(name, run_name="__main__")
        said = self.capsys.readouterr()
        assert (ended.value.code, said.out) == (2, "")
        assert len(said.err.splitlines()) == 1
        return said.err


@pytest.mark.parametrize("command", WITHOUT_SERVER, ids=" ".join)
def test_before_the_first_start_what_makes_a_warehouse_is_told_then_the_password(
    told: Told, command: tuple[str, ...]
) -> None:
    role = ROLES[command[0]]
    said = told(*command)
    assert said.startswith("There is no warehouse here yet: `make demo` makes one.")
    assert f"CX_PASSWORD_{role} is not set" in said


@pytest.mark.parametrize("command", WITHOUT_SERVER, ids=" ".join)
def test_a_server_that_is_down_is_told_with_what_starts_it(told: Told, command: tuple[str, ...]) -> None:
    postgres.make_passwords()
    said = told(*command)
    assert "Connection refused" in said and "start it with `make demo`" in said


def test_nothing_can_be_reshaped_before_the_first_build(told: Told) -> None:
    assert "no table fct_orders is published: nothing is built yet." in told(
        "publication", "reshape", "fct_orders"
    )


@pytest.mark.parametrize("name", ["CX_PG_PORT", "CX_PACE"])
def test_a_variable_that_is_no_number_is_told_in_one_sentence(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "include.settings"], cwd=settings.PROJECT, env=os.environ | {name: "abc"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert re.fullmatch(
        rf"{name} must be a (whole )?number, not 'abc': set it to one, such as \d+\.\n", done.stderr
    )


@pytest.mark.parametrize("day", ["2030-01-01", "2024-12-31", datetime.now(HOME_ZONE).date().isoformat()])
def test_only_a_day_of_the_history_that_has_ended_is_read_again(told: Told, day: str) -> None:
    said = told("landing", "replay", "haravan", day)
    assert f"{day} cannot be read again: choose a day from 2025-01-01 (CX_HISTORY_START) to " in said


@pytest.mark.parametrize(
    "command",
    [("check", ""), ("dry-run", ""), ("replay", "", "2026-11-20"), ("hold", "", "doubled"), ("release", "")],
)
def test_a_command_without_a_source_asks_for_its_name(told: Told, command: tuple[str, ...]) -> None:
    assert told("landing", *command).startswith("give NAME=<source>, one of ad_server, ")


@pytest.mark.parametrize("reason", ["", " "])
def test_a_source_is_held_for_a_reason(told: Told, reason: str) -> None:
    assert told("landing", "hold", "zendesk", reason).startswith("say why zendesk is held")


@pytest.mark.parametrize("what", ["pause", "resume"])
def test_a_dag_without_a_name_is_asked_for_it(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(sys, "argv", ["demo", what, ""])
    with pytest.raises(SystemExit, match="give NAME=<source>, one of ad_server, "):
        runpy.run_module("include.demo", run_name="__main__")
