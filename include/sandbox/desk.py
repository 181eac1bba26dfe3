"""Where a channel's API answers its callers: credentials, limits and misbehaviour, the same for all."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from fastapi import Request, Response

from include.sandbox.channel import Channel
from include.sandbox.faults import Faults, LeakyBucket, TooManyCalls

if TYPE_CHECKING:
    from include.sandbox.stage import Stage


class Desk:
    """One channel's desk: every answer of its API goes over it."""

    def __init__(self, stage: "Stage", channel: Channel, faults: Faults, speed: float) -> None:
        self.stage = stage
        self.speed = speed
        """How many times as generous as the vendor's the limits are."""
        self._channel = channel
        self._faults = faults
        self._bucket = self.bucket(channel.CALLS, channel.CALLS_A_SECOND)

    def bucket(self, calls: float, calls_a_second: float) -> LeakyBucket:
        """Return a limit of CALLS at once that refills by CALLS_A_SECOND."""
        return LeakyBucket(max(calls, calls * min(self.speed, 10)), calls_a_second * self.speed)

    async def answer(
        self, request: Request, stream: str, body: bytes, *,
        note: Callable[[], None] | None = None, headers: Mapping[str, str] | None = None,
        bucket: LeakyBucket | None = None, media_type: str = "application/json",
    ) -> Response:  # fmt: skip
        """Return BODY, or what the credentials, the limit or a fault that waits make of it.

        NOTE is called when the body really goes out. Headers of the bucket's state are the
        channel's own affair: it reads `bucket.level` afterwards.
        """
        place = f"{self._channel.name}.{stream}"
        fault = self._faults.take(place)
        name = fault.name if fault else ""
        if name == "token_expired" or not self._channel.allows(request):
            return self._channel.refusal(request)
        if name in {"status_429", "status_429_date"}:
            return self._channel.busy(self._wait(0, name.endswith("date")))
        try:
            (bucket or self._bucket).pour()
        except TooManyCalls as error:
            return self._channel.busy(self._wait(error.wait))
        response = await self._faults.answer(fault, place, body, note, media_type)
        # the server's own clock is the sandbox's
        now = datetime.fromtimestamp(self.stage.now, UTC)
        response.headers.update({"Date": format_datetime(now, usegmt=True), **(headers or {})})
        return response

    def _wait(self, seconds: float, as_date: bool = False) -> str:
        """Return a `Retry-After` that says at least what the vendor's does, the sandbox's speed allowed."""
        seconds = max(seconds, self._channel.WAIT_SECONDS / self.speed)
        if as_date:
            return format_datetime(datetime.now(UTC) + timedelta(seconds=math.ceil(seconds)), usegmt=True)
        return str(round(seconds, 3))
