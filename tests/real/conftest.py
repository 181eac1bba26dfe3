"""The real data sets that the chosen tests ask about, published by the chain once for all of them.

A module `test_<name>.py` asks about the data set NAME; one of them run alone publishes that one only.
What is asked, is asked of schema `published` as its readers ask: as cx_reader.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from include import landing, publication, quality, settings, transform
from tests import databases
from tests.built import fast_dbt
from tests.real import inbox

Ask = Callable[..., list[tuple]]
Renew = Callable[[], list[quality.Finding]]


@pytest.fixture(scope="session")
def asked(
    server: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[quality.Finding]]:
    """Publish the data sets; yield what the audit asked a person, who then agreed."""
    chosen = {item.path.stem.removeprefix("test_") for item in request.session.items}
    names = [name for name in inbox.NAMES if name in chosen and inbox.is_present(name)]
    if not names:
        pytest.skip(f"{settings.REAL_DATA} holds no real data: set CX_REAL_DATA to run on them")
    former, settings.INBOX = settings.INBOX, tmp_path_factory.mktemp("inbox")
    try:
        inbox.make(names, settings.INBOX)
        with databases.made("cx_real"), fast_dbt():
            yield _publish()
    finally:
        settings.INBOX = former


def _publish() -> list[quality.Finding]:
    landing.land("files", datetime.now(UTC))
    quality.check("files")
    landing.accept("files")
    batch_id = transform.build()
    asked = quality.audit(batch_id)
    quality.acknowledge(batch_id)
    publication.publish(batch_id)
    return asked


@pytest.fixture(scope="module")
def data(request: pytest.FixtureRequest) -> Path:
    """Return the folder of the module's data set; without it, skip."""
    name = Path(request.path).stem.removeprefix("test_")
    if not inbox.is_present(name):
        pytest.skip(f"{settings.REAL_DATA / name} is absent: set CX_REAL_DATA to run on real data")
    return settings.REAL_DATA / name


@pytest.fixture(scope="module")
def findings(data: Path, asked: list[quality.Finding]) -> list[quality.Finding]:
    """Return what the audit asked about the published data sets."""
    return asked


@pytest.fixture(scope="module")
def ask(data: Path, asked: list[quality.Finding]) -> Ask:
    """Return a function that asks a question of the published tables."""
    return partial(databases.ask, role="cx_reader")


@pytest.fixture(scope="module")
def renew(request: pytest.FixtureRequest, data: Path, asked: list[quality.Finding]) -> Renew:
    """Return a function that publishes the next dump of the module's data set, where it has several.

    Only this data set is read again, and only where a test calls it.
    """

    def renewed() -> list[quality.Finding]:
        inbox.renew(Path(request.path).stem.removeprefix("test_"), settings.INBOX)
        return _publish()

    return renewed
