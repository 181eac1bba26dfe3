"""A small company, played by the sandbox."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import requests

from include.sandbox import world
from include.sandbox.live import served
from include.sandbox.server import make_app
from include.sandbox.stage import Stage

END = date(2026, 11, 21)
PLAYED = ("haravan", "zendesk", "files")
"""What the tests of this folder look at; the others would write their thousands of files for nothing."""


@pytest.fixture(scope="session")
def company() -> world.World:
    return world.build(seed=7, customers=400, end=END)


@pytest.fixture
def stage(company: world.World, tmp_path: Path) -> Stage:
    return Stage(company, tmp_path, chosen=PLAYED)


@pytest.fixture
def api(stage: Stage) -> Iterator[tuple[str, requests.Session]]:
    session = requests.Session()
    session.headers["Authorization"] = "Bearer key"
    with served(make_app(stage, speed=1.0)) as url:
        yield url, session
