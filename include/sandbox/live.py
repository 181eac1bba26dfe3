"""The sandbox served on loopback by a thread of this process, as tests use it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI

from include.sandbox.faults import Fault, Faults
from include.sandbox.server import make_app
from include.sandbox.stage import Stage

START_SECONDS = 10.0


@dataclass(frozen=True)
class Played:
    """A sandbox that answers at `url`, and the switches behind it."""

    url: str
    stage: Stage
    faults: Faults

    @property
    def now(self) -> datetime:
        """Return the sandbox's now."""
        return datetime.fromtimestamp(self.stage.now, UTC)

    def fail(self, name: str, stream: str, times: int = 1, seconds: float = 1.0) -> None:
        """Play a fault on a stream's next answers."""
        self.faults.waiting.append(Fault(name, stream, times, seconds))


@contextmanager
def playing(stage: Stage, speed: float = 500.0) -> Iterator[Played]:
    """Serve a stage on a free port while the block runs."""
    faults = Faults()
    with served(make_app(stage, speed, faults)) as url:
        yield Played(url, stage, faults)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an app on a free port and yield its base URL.

    Raises:
        RuntimeError: it does not start within ten seconds.
    """
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, date_header=False))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        until = time.monotonic() + START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > until:
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(START_SECONDS)
