"""Tokens of a vendor whose refresh gives a new pair and kills the one before.

A token carries the number of its pair and a signature, so that a sandbox that was started again goes
on with the pair that its caller has.
"""

import hashlib
import hmac


class Pairs:
    """The pairs of one vendor; FIRST is the refresh token of pair 0, which a person got."""

    def __init__(self, first: str, lasts: int) -> None:
        self.refreshes = 0
        """How many pairs went out."""
        self._first = first
        self._lasts = lasts
        self._number = 0
        self._since: dict[int, int] = {}

    def offer(self, refresh: str) -> tuple[int, str, str] | None:
        """Return the pair after a refresh token's: number, access, refresh; None where it was used."""
        number = 0 if refresh == self._first else self._number_of("refresh", refresh)
        if number is None or number < self._number:
            return None
        # who bears it has had the answer that gave it
        self._number = number
        return number + 1, self._token("access", number + 1), self._token("refresh", number + 1)

    def spend(self, number: int, now: int) -> None:
        """Kill the pairs before a number: its answer went out."""
        self.refreshes += 1
        self._number = max(self._number, number)
        self._since[number] = now

    def is_valid(self, access: str, now: int) -> bool:
        """Return whether an access token is of the newest pair, and not too old."""
        number = self._number_of("access", access)
        if number is None or number < self._number:
            return False
        self._number = number
        return now - self._since.setdefault(number, now) < self._lasts

    def expire(self) -> None:
        """Let the newest access token be too old; its refresh token still works."""
        self._since[self._number] = -(1 << 40)

    def _token(self, kind: str, number: int) -> str:
        digest = hmac.new(self._first.encode(), f"{kind}{number}".encode(), hashlib.sha256).hexdigest()
        return f"{kind}-{number}-{digest[:32]}"

    def _number_of(self, kind: str, token: str) -> int | None:
        number = token.split("-")[1] if token.count("-") == 2 else ""
        is_ours = number.isdigit() and hmac.compare_digest(token, self._token(kind, int(number)))
        return int(number) if is_ours else None
