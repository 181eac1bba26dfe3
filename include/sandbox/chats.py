"""Chats between customers and the shop, as messengers keep them: one endless thread per customer."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from include.sandbox.seasons import DAY, HOUR, draw_seconds, midnights
from include.sandbox.trade import Columns
from include.sandbox.vocabulary import AGENT_REPLIES, CUSTOMER_REPLIES, QUESTIONS
from include.sandbox.world import World

UNANSWERED = 0.08
OPENINGS = (
    *(question for _, question in QUESTIONS.values()),
    "Shop còn hàng không ạ?",
    "Cho mình xin giá với",
)


@dataclass
class Messages(Columns):
    """What was said, by talker and time."""

    talker: np.ndarray
    """Number of the customer among those who chat."""
    chat: np.ndarray
    """Number of the question that it belongs to."""
    said_at: np.ndarray
    is_customer: np.ndarray
    is_question: np.ndarray
    """Whether it is what the customer came with."""
    text: np.ndarray


def make_messages(
    rng: Generator, world: World, talkers: int, chats: float, wait: float = 1500
) -> Messages:  # fmt: skip
    """Return the messages of TALKERS threads, each of CHATS questions in the mean and one at least.

    WAIT is the median of the seconds until the first answer.
    """
    talker = np.repeat(np.arange(talkers), 1 + rng.poisson(max(chats - 1, 0), talkers))
    count = len(talker)
    days = (world.last - world.start) // DAY
    asked = world.start + rng.integers(0, days, count) * DAY + draw_seconds(rng, count)
    said = [(asked, np.arange(count), np.ones(count, bool))]
    # nobody works from 21:00 to 8:00
    second = asked - midnights(asked)
    is_night = (second >= 21 * HOUR) | (second < 8 * HOUR)
    morning = midnights(asked) + 8 * HOUR + np.where(second >= 21 * HOUR, DAY, 0)
    waited = rng.lognormal(np.log(wait), 1.2, count).astype(np.int64) + 20
    last = np.where(is_night, morning, asked) + waited
    going = np.flatnonzero(rng.random(count) > UNANSWERED)
    rounds = rng.choice(4, count, p=[0.35, 0.35, 0.2, 0.1])
    said.append((last[going], going, np.zeros(len(going), bool)))
    for number in range(1, 4):
        going = going[rounds[going] >= number]
        again = last[going] + rng.integers(30, 2 * HOUR, len(going))
        last[going] = again + rng.integers(30, HOUR, len(going))
        said += [
            (again, going, np.ones(len(going), bool)),
            (last[going], going, np.zeros(len(going), bool)),
        ]
    time, chat, is_customer = (np.concatenate(part) for part in zip(*said, strict=True))
    is_question, text = np.arange(len(time)) < count, rng.integers(0, 1 << 20, len(time))
    messages = Messages(talker[chat], chat, time, is_customer, is_question, text)
    messages = messages.take(np.lexsort((is_customer, time, messages.talker)))
    return messages.take(np.flatnonzero(messages.said_at <= world.last))


def words(messages: Messages, row: int) -> str:
    """Return what a message says."""
    texts: tuple[str, ...] = AGENT_REPLIES
    if messages.is_customer[row]:
        texts = OPENINGS if messages.is_question[row] else CUSTOMER_REPLIES
    return texts[int(messages.text[row]) % len(texts)].format(order=f"#{100001 + row % 5000}")
