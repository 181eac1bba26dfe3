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
    said_at: np.ndarray
    is_customer: np.ndarray
    is_question: np.ndarray
    """Whether it is what the customer came with."""
    text: np.ndarray


def make_messages(rng: Generator, world: World, talkers: int, chats: float) -> Messages:
    """Return the messages of TALKERS threads, each of CHATS questions in the mean and one at least."""
    talker = np.repeat(np.arange(talkers), 1 + rng.poisson(max(chats - 1, 0), talkers))
    count = len(talker)
    days = (world.last - world.start) // DAY
    asked = world.start + rng.integers(0, days, count) * DAY + draw_seconds(rng, count)
    said = [(asked, talker, np.ones(count, bool))]
    # nobody works from 21:00 to 8:00
    second = asked - midnights(asked)
    is_night = (second >= 21 * HOUR) | (second < 8 * HOUR)
    morning = midnights(asked) + 8 * HOUR + np.where(second >= 21 * HOUR, DAY, 0)
    wait = rng.lognormal(np.log(1500), 1.2, count).astype(np.int64) + 20
    last = np.where(is_night, morning, asked) + wait
    going = np.flatnonzero(rng.random(count) > UNANSWERED)
    rounds = rng.choice(4, count, p=[0.35, 0.35, 0.2, 0.1])
    said.append((last[going], talker[going], np.zeros(len(going), bool)))
    for number in range(1, 4):
        going = going[rounds[going] >= number]
        again = last[going] + rng.integers(30, 2 * HOUR, len(going))
        last[going] = again + rng.integers(30, HOUR, len(going))
        said += [
            (again, talker[going], np.ones(len(going), bool)),
            (last[going], talker[going], np.zeros(len(going), bool)),
        ]
    time, who, is_customer = (np.concatenate(part) for part in zip(*said, strict=True))
    is_question = np.arange(len(time)) < count
    messages = Messages(who, time, is_customer, is_question, rng.integers(0, 1 << 20, len(time)))
    messages = messages.take(np.lexsort((is_customer, time, who)))
    return messages.take(np.flatnonzero(messages.said_at <= world.last))


def words(messages: Messages, row: int) -> str:
    """Return what a message says."""
    texts: tuple[str, ...] = AGENT_REPLIES
    if messages.is_customer[row]:
        texts = OPENINGS if messages.is_question[row] else CUSTOMER_REPLIES
    return texts[int(messages.text[row]) % len(texts)].format(order=f"#{100001 + row % 5000}")
