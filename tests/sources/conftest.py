"""Sources that are pointed at a small company, played in this process."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from include import rest
from include.sandbox import world
from include.sandbox.live import Played, playing
from include.sandbox.stage import Stage
from tests.pointed import point


@pytest.fixture(scope="session")
def company() -> world.World:
    return world.build(seed=11, customers=150, end=date(2026, 11, 21))


@pytest.fixture
def played(company: world.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    impatient = partial(rest.connect, attempts=4, backoff=0.01, read_timeout=0.5)
    monkeypatch.setattr(rest, "connect", impatient)
    with playing(Stage(company, tmp_path)) as sandbox:
        point(monkeypatch, sandbox)
        yield sandbox
