"""Endless chats cut into conversations: one begins where the customer writes after a day of silence.

A messenger keeps one thread per customer for ever; what is counted is how long somebody waited, each
time. Replies belong to the conversation before them, however late. A conversation bears the id of its
first message, so that later messages never rename it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from include.sources import Record

SILENCE = timedelta(hours=24)


@dataclass(frozen=True)
class Said:
    """What a source knows of a message: its id, when it was said, and whether the customer said it."""

    message_id: str
    at: datetime
    is_customer: bool


Read = Callable[[Record], Said]


def begun_before(newest_first: Sequence[Record], since: datetime, read: Read) -> bool:
    """Return whether a thread, read so far, reaches back to a beginning at SINCE or before."""
    return _beginning(newest_first, since, read) is not None


def conversations(newest_first: Sequence[Record], since: datetime, read: Read) -> list[Record]:
    """Return the messages of all conversations that go on after SINCE, oldest first.

    Each says which one it belongs to (`conversation_id`). What lies before the first of them is left
    out where it may have been read in part.
    """
    start = _beginning(newest_first, since, read)
    kept = newest_first if start is None else newest_first[: start + 1]
    answer: list[Record] = []
    conversation_id, before = "", None
    for record in sorted(kept, key=lambda record: (read(record).at, read(record).message_id)):
        said = read(record)
        if before is None or (said.is_customer and said.at - before > SILENCE):
            conversation_id = said.message_id
        before = said.at
        answer.append({**record, "conversation_id": conversation_id})
    return answer


def _beginning(newest_first: Sequence[Record], since: datetime, read: Read) -> int | None:
    """Return the place of the newest beginning at SINCE or before; None where none is seen yet."""
    for place in range(len(newest_first) - 1):
        said = read(newest_first[place])
        if said.at > since or not said.is_customer:
            continue
        if said.at - read(newest_first[place + 1]).at > SILENCE:
            return place
    return None
