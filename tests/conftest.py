"""One embedded server for the whole run, in a folder that is deleted at its end.

Settings are read when `include.settings` is imported, so the home and the port of the run are made
here, before any test module is. A developer's own `CX_…` variables, and a demo beside the tests,
stay out of it.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.ports import free_port

for _name in [name for name in os.environ if name.startswith("CX_") and name != "CX_REAL_DATA"]:
    del os.environ[_name]
MEMORY, ENOUGH = Path("/dev/shm"), 10 * 2**30  # noqa: S108 - the folders in it are made by mkdtemp
# tests make and delete hundreds of thousands of files: a third of the time would be the disk's bookkeeping
if (
    MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH
    and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
):  # fmt: skip
    tempfile.tempdir = str(MEMORY)
os.environ["CX_HOME"] = tempfile.mkdtemp(prefix="cx-tests-")
os.environ["CX_PG_PORT"] = str(free_port())
# of the process that began the run, which the others take over
os.environ.setdefault("TESTS_PROJECT", f"{os.environ['CX_HOME']}/project.pickle")
# Airflow makes its home when it is imported
os.environ["AIRFLOW_HOME"] = f"{os.environ['CX_HOME']}/airflow"
# root's server runs as another user, who must be able to enter the folder
Path(os.environ["CX_HOME"]).chmod(0o711)

from include import postgres, settings  # noqa: E402
from tests import built as project  # noqa: E402
from tests import databases  # noqa: E402

# the same examples in every run; `--hypothesis-profile soak` looks for new ones, and shrinks them
FIRST_FAILURE = (Phase.explicit, Phase.generate)
hypothesis_settings.register_profile(
    "same", derandomize=True, deadline=None, database=None, phases=FIRST_FAILURE
)
hypothesis_settings.register_profile("soak", deadline=None, print_blob=True)
hypothesis_settings.load_profile("same")


MATRIX = "tests/sources/test_matrix.py"
BUILT = (
    "tests/test_dirty_keys.py", "tests/test_contracts.py", "tests/test_identity.py", "tests/test_lifetime.py",
    "tests/test_roles.py", "tests/metrics/test_saas.py", "tests/metrics/test_small_worlds.py",
)  # fmt: skip
"""What copies the models built on the small company, which each process would build anew."""
ONE_WAREHOUSE = ("tests/real", "tests/metrics")
"""Folders of which each builds a warehouse once for all of its files."""
LONGEST = ("tests/test_dirty_keys.py", "tests/test_chain.py", "tests/test_demo.py", "tests/real")
"""What takes minutes is begun first, so that no process waits for another at the end; no more than there
are processes, because each is given a second file before it has done the first."""


def _kin(nodeid: str) -> str:
    """Return what a test is run with on one core: its file, or the folder that shares one warehouse.

    The matrix is the longest file, shares nothing between its tests and mostly waits: each goes where there
    is room.
    """
    if nodeid.startswith(MATRIX):
        return nodeid
    if nodeid.startswith(BUILT):
        return BUILT[0]
    shared = (folder for folder in ONE_WAREHOUSE if nodeid.startswith(f"{folder}/"))
    return next(shared, nodeid.split("::")[0])


class ByKin(LoadScopeScheduling):
    """Hand out tests by their kin."""

    def _split_scope(self, nodeid: str) -> str:
        return _kin(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByKin:
    """Schedule by kin."""
    return ByKin(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; the matrix waits more than it works, so it goes beside those."""
    first = (*LONGEST, MATRIX)

    def place(item: pytest.Item) -> int:
        return next((n for n, kin in enumerate(first) if _kin(item.nodeid).startswith(kin)), len(first))

    items.sort(key=place)


@pytest.fixture(scope="session")
def server() -> None:
    """Run the embedded server until the session ends."""
    postgres.make_passwords()
    postgres.start(durable=False)
    # with the few rounds of hashing that this server asks for: each question of a test is a connection
    databases.administer(f"alter role postgres password '{settings.secret('CX_PASSWORD_POSTGRES')}'")


@pytest.fixture(scope="session")
def prepared(server: None) -> Iterator[str]:
    """Prepare a warehouse that holds nothing, for tests to copy."""
    with databases.made("cx_prepared") as name, databases.used("postgres"):
        yield name


@pytest.fixture(scope="module")
def database(prepared: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Point the settings at a new warehouse of the module's own; drop it at the end."""
    with databases.made(request.module.__name__.rpartition(".")[2], prepared) as name:
        yield name


@pytest.fixture(scope="session")
def built(server: None) -> Iterator[project.Built]:
    """Build the project's models on a small company, once; tests copy its database."""
    with databases.made(project.NAME):
        found = project.build()
        with databases.used("postgres"):
            yield found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table of cases, source by misbehaviour, where the soak was run."""
    if "soak or" not in config.option.markexpr:
        return
    cases: dict[str, dict[str, str]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            found = re.search(r"test_matrix\.py::test_(\w+)\[(\w+?)(?:-(\w+))?\]", report.nodeid)
            if found and report.when == "call":
                name, source, case = found.groups()
                cases.setdefault(f"{name} {case or ''}".replace("_", " ").strip(), {})[source] = outcome
    names = sorted({source for row in cases.values() for source in row})
    terminalreporter.section("cases: what was played, and which source failed it")
    for case, row in sorted(cases.items()):
        failed = [source for source in names if row.get(source) == "failed"]
        told = "all pass" if not failed else "FAILED: " + ", ".join(failed)
        terminalreporter.write_line(f"{case:60} {len(row):3} sources  {told}")
    terminalreporter.write_line(f"sources: {', '.join(names)}")


def pytest_sessionfinish() -> None:
    """Stop the server and delete the run's home, whichever fixture started it."""
    postgres.erase()
    shutil.rmtree(settings.HOME, ignore_errors=True)
