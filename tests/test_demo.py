"""`make demo` as a newcomer runs it, on a small company, and what a person is asked in Airflow."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import psycopg2
import pytest

from include import settings
from tests.ports import free_port

pytestmark = pytest.mark.server


class Demo:
    """A demo of its own: folder, ports, processes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("CX_", "AIRFLOW"))
        } | {
            "CX_HOME": str(home),
            "CX_PG_PORT": str(free_port()),
            "CX_SANDBOX_PORT": str(free_port()),
            "CX_AIRFLOW_PORT": str(free_port()),
            "CX_CUSTOMERS": "150",
            "CX_APPROVAL_SECONDS": "60",
            "PYTHONPATH": str(settings.PROJECT),
        }

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "include.demo", *arguments], cwd=settings.PROJECT, timeout=3000,
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def api(self, code: str) -> str:
        """Run CODE beside an `api` that speaks to this demo's Airflow; return what it printed last."""
        begin = "import re, time\nfrom include import settings\nfrom include.demo.airflow_api import Api\n"
        whole = f"{begin}api = Api()\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", whole], cwd=settings.PROJECT, timeout=1800,
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
        return (done.stdout.strip().splitlines() or [""])[-1]

    def ask(self, statement: str, role: str = "cx_reader") -> list[tuple]:
        password = (self.home / "secrets" / f"cx_password_{role.removeprefix('cx_')}").read_text()
        with (
            closing(
                psycopg2.connect(
                    host="127.0.0.1", port=self.environment["CX_PG_PORT"], dbname="cx", user=role,
                    password=password,
                )
            ) as connection,
            connection.cursor() as cursor,
        ):  # fmt: skip
            cursor.execute(statement)
            return cursor.fetchall()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    home = Path(tempfile.mkdtemp(prefix="cx-demo-"))
    home.chmod(0o711)  # root's server must be able to enter it
    running = Demo(home)
    try:
        running.said = running.run("up")
        yield running
    finally:
        running.run("clean")
        shutil.rmtree(home, ignore_errors=True)


def test_the_demo_publishes_and_tells_where_to_look(demo: Demo) -> None:
    assert "expectations passed" in demo.said and "user=cx_reader" in demo.said
    assert re.search(r"care\.dim_customer_contact +[\d,]+ rows  only for cx_care", demo.said)
    for table in ("fct_orders", "mart_metrics", "mart_customers", "mart_feedback"):
        assert demo.ask(f"select count(*) from published.{table}")[0][0] > 0
    assert (demo.home / "delivery" / "index.html").stat().st_size > 100_000
    assert (demo.home / "delivery" / "cx_warehouse.xlsx").stat().st_size > 10_000
    assert demo.ask(
        "select count(*) from published.data_quality where severity = 'approval' and is_passed = 0"
    ) == [(0,)]


def test_a_second_demo_goes_on_where_the_first_ended(demo: Demo) -> None:
    before = demo.ask("select count(*), sum(net_amount) from published.fct_orders")
    assert "Publication 2" in demo.run("up")
    assert demo.ask("select count(*), sum(net_amount) from published.fct_orders") == before


def open_a_stall(demo: Demo) -> None:
    """Put a unit into the inbox whose last week sold ten times what the weeks before did."""
    unit = demo.home / "inbox" / "stall"
    unit.mkdir()
    end = date(2026, 10, 31)
    with (unit / "orders.csv").open("w") as file:
        file.write("order_id,ordered_at,gross_amount\n")
        for day in range(36):
            for number in range(100 if day < 8 else 10):
                file.write(f"{day}-{number},{end - timedelta(days=day)} 10:00:00,1000\n")
    (unit / "orders.sql").write_text("select order_id, ordered_at, gross_amount from 'orders.csv'\n")
    (unit / "business_units.sql").write_text(
        "select 'Quầy' as name_vi, 'Stall' as name_en, 'ecommerce' as business_type_code, "
        "'revenue' as stage_code, 'VND' as currency, 'Asia/Ho_Chi_Minh' as time_zone\n"
    )
    demo.api("api.follow([('ingest_files', api.run('ingest_files', {}))])")


ASKED = """
run = api.run('warehouse', {'sources': ['files']})
for _ in range(600):
    states = api.tasks('warehouse', run)
    if states.get('approve') == 'awaiting_input' or api.state('warehouse', run) in ('success', 'failed'):
        break
    time.sleep(1)
assert states.get('approve') == 'awaiting_input', states
# as a person would: Airflow takes a task for a lost one that is answered before the scheduler has heard
# that its process ended, which a busy machine tells it late
heard = f"Received executor event .*task_id='approve', run_id='{re.escape(run)}'"
for _ in range(240):
    if re.search(heard, (settings.HOME / 'logs' / 'airflow.log').read_text(errors='replace')):
        break
    time.sleep(0.25)
"""
ENDED = """
for _ in range(600):
    if api.state('warehouse', run) in ('success', 'failed'):
        break
    time.sleep(1)
print(api.state('warehouse', run), api.tasks('warehouse', run)['publish'])
"""
STALL = "select count(*) from published.fct_orders where business_unit_code = 'stall'"
LAST = "select state from ops.batches order by batch_id desc limit 1"


def test_a_person_is_asked_once_and_silence_or_no_never_publishes(demo: Demo) -> None:
    open_a_stall(demo)
    answer = "api.respond('warehouse', run, 'approve', '{}')\n"
    assert demo.api(ASKED + answer.format("Reject") + ENDED) == "failed upstream_failed"
    assert (demo.ask(STALL), demo.ask(LAST, "cx_auditor")) == ([(0,)], [("rejected",)])
    assert demo.api(ASKED + ENDED) == "failed upstream_failed"  # nobody answered within a minute
    assert (demo.ask(STALL), demo.ask(LAST, "cx_auditor")) == ([(0,)], [("rejected",)])
    assert demo.api(ASKED + answer.format("Approve") + ENDED) == "success success"
    assert demo.ask(STALL) == [(1080,)]
    again = "run = api.run('warehouse', {'sources': ['files']})\n" + ENDED
    assert demo.api(again) == "success success"


def test_down_stops_what_it_started_and_nothing_else(demo: Demo) -> None:
    bystander = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(free_port()), "--bind", "127.0.0.1"]
    )
    try:
        demo.run("down")
        for name in ("CX_PG_PORT", "CX_AIRFLOW_PORT", "CX_SANDBOX_PORT"):
            with closing(socket.socket()) as probe:
                assert probe.connect_ex(("127.0.0.1", int(demo.environment[name]))) != 0, name
        assert bystander.poll() is None
    finally:
        bystander.kill()


def test_a_busy_port_is_one_sentence_that_says_what_to_do(demo: Demo) -> None:
    with closing(socket.socket()) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", int(demo.environment["CX_AIRFLOW_PORT"])))
        other.listen()
        done = subprocess.run(
            [sys.executable, "-m", "include.demo", "up"], cwd=settings.PROJECT, env=demo.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode != 0
    assert done.stderr.strip().splitlines() == [
        f"port {demo.environment['CX_AIRFLOW_PORT']} is taken by another program: stop it, or set "
        "CX_AIRFLOW_PORT to a free one."
    ]
