"""A source that is pointed at a small company, played in this process."""

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
def played(
    request: pytest.FixtureRequest, company: world.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Played]:
    """Play the source that the module `test_<source>.py` is of."""
    impatient = partial(rest.connect, attempts=4, backoff=0.01)
    monkeypatch.setattr(rest, "connect", impatient)
    source = Path(request.path).stem.removeprefix("test_")
    with playing(Stage(company, tmp_path, chosen=[source])) as sandbox:
        point(monkeypatch, sandbox, [source])
        yield sandbox
