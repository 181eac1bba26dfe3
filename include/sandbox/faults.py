"""How the sandbox's APIs misbehave on demand, and how they limit their callers."""

import asyncio
import gzip
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from fastapi import Response
from fastapi.responses import StreamingResponse

NAMES = (
    "status_429", "status_429_date", "status_500", "status_502", "status_503", "html_200",
    "truncated_json", "truncated_gzip", "duplicate_page", "slow", "drip", "token_expired",
)  # fmt: skip
HTML = "<!doctype html><html><body>Bảo trì hệ thống</body></html>".encode()
DRIP_SECONDS = 0.05


class TooManyCalls(Exception):
    """The caller has used its allowance up; `wait` is when the next call passes, in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"wait {wait} seconds")
        self.wait = wait


class LeakyBucket:
    """Holds CAPACITY calls and lets RATE calls a second drain away."""

    def __init__(self, capacity: float, rate: float) -> None:
        self.capacity = capacity
        self.rate = rate
        self.level = 0.0
        self._at = time.monotonic()

    def pour(self) -> int:
        """Take one call and return how full the bucket is.

        Raises:
            TooManyCalls: it is full.
        """
        now = time.monotonic()
        self.level = max(0.0, self.level - (now - self._at) * self.rate)
        self._at = now
        if self.level + 1 > self.capacity:
            raise TooManyCalls((self.level + 1 - self.capacity) / self.rate)
        self.level += 1
        return math.ceil(self.level)


@dataclass
class Fault:
    """One misbehaviour, played `times` times on the streams of a pattern, such as `haravan.*`."""

    name: str
    stream: str
    times: int
    seconds: float


@dataclass
class Faults:
    """The misbehaviours that wait to be played, and the last page of each stream."""

    waiting: deque[Fault] = field(default_factory=deque)
    last_body: dict[str, bytes] = field(default_factory=dict)

    def take(self, stream: str) -> Fault | None:
        """Return the next fault for a stream, used up by one."""
        for fault in self.waiting:
            if fnmatchcase(stream, fault.stream):
                fault.times -= 1
                if fault.times < 1:
                    self.waiting.remove(fault)
                return fault
        return None

    async def answer(
        self, fault: Fault | None, stream: str, body: bytes,
        note: Callable[[], None] | None = None, media_type: str = "application/json",
    ) -> Response:  # fmt: skip
        """Return BODY, calling NOTE, or what the fault makes of it."""
        name = fault.name if fault else ""
        if name in {"status_500", "status_502", "status_503"}:
            return Response(b"Service Unavailable", int(name[-3:]), media_type="text/plain")
        if name == "html_200":
            return Response(HTML, media_type="text/html")
        if name == "truncated_json":
            body = body[: len(body) * 2 // 3]
        elif name == "truncated_gzip":
            packed = gzip.compress(body, 1)
            half = packed[: len(packed) * 2 // 3]
            return Response(half, headers={"Content-Encoding": "gzip"}, media_type=media_type)
        elif name == "duplicate_page":
            body = self.last_body.get(stream, body)
        elif name == "slow":
            await asyncio.sleep(fault.seconds)
        elif name == "drip":
            return StreamingResponse(_drip(body, fault.seconds), media_type=media_type)
        elif note:
            note()
        self.last_body[stream] = body
        return Response(body, media_type=media_type)


async def _drip(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    """Yield a byte at a time for some seconds, then the rest."""
    drops = min(int(seconds / DRIP_SECONDS), len(body))
    for place in range(drops):
        yield body[place : place + 1]
        await asyncio.sleep(DRIP_SECONDS)
    yield body[drops:]
