"""Sources that are pointed at a small company, played in this process."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from include import rest, settings, sources
from include.sandbox import world
from include.sandbox.faults import Fault, Faults
from include.sandbox.live import served
from include.sandbox.server import Credentials, make_app
from include.sandbox.stage import Stage
from include.sources import Window


@dataclass
class Played:
    """The sandbox behind the sources."""

    stage: Stage
    faults: Faults

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.stage.now, UTC)

    def window(self, days: float | None = None, cursor: str | None = None) -> Window:
        """Return the last DAYS up to now, or all of history."""
        start = self.now - timedelta(days=days) if days else datetime(2024, 1, 1, tzinfo=UTC)
        return Window(start, self.now, cursor)

    def fail(self, name: str, stream: str, times: int = 1, seconds: float = 1.0) -> None:
        self.faults.waiting.append(Fault(name, stream, times, seconds))

    def pull(self, source: str, stream: str, window: Window | None = None) -> list[dict]:
        pages = sources.pages(source, stream, window or self.window())
        return [record for page in pages for record in page.records]


@pytest.fixture(scope="session")
def company() -> world.World:
    return world.build(seed=11, customers=150, end=date(2026, 11, 21))


@pytest.fixture
def played(company: world.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    stage, faults = Stage(company, tmp_path / "inbox"), Faults()
    app = make_app(stage, Credentials("key", "a@b.example", "key"), speed=500.0, faults=faults)
    impatient = partial(rest.connect, attempts=4, backoff=0.01, read_timeout=0.5)
    monkeypatch.setattr(rest, "connect", impatient)
    monkeypatch.setattr(settings, "INBOX", tmp_path / "inbox")
    with served(app) as url:
        for name, value in (
            ("HARAVAN_URL", f"{url}/haravan"), ("HARAVAN_TOKEN", "key"), ("ZENDESK_EMAIL", "a@b.example"),
            ("ZENDESK_URL", f"{url}/zendesk"), ("ZENDESK_TOKEN", "key"),
        ):  # fmt: skip
            monkeypatch.setenv(name, value)
        yield Played(stage, faults)
