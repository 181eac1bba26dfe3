"""What becomes of homes and stays: prices that change, homes that pause, reviews, chats, and who cheats."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from include.sandbox.seasons import DAY, HOUR, NEVER
from include.sandbox.trade import Columns

LIVE, PAUSED, REMOVED = range(3)
STATES = ("live", "paused", "removed")
REASONS = ("", "removed", "expired", "banned")
CHANGES_PRICE, PAUSES, COMES_BACK, REMOVES, RETURNS = 0.5, 0.06, 0.85, 0.25, 0.25
PROPOSED = 0.75
"""The share of homes of which the platform has proposed a price."""
REVIEWS, WRITES = 0.55, 0.6
PRAISE = ("Chủ nhà dễ thương, phòng sạch", "Sẽ quay lại!", "Đúng như hình", "Gần biển, yên tĩnh")
BLAME = ("Phòng ồn, khó ngủ", "Không giống hình", "Nhận phòng phải chờ lâu", "Nước nóng chập chờn")
CHATS, LURES = 0.12, 0.07
"""Shares: of the stays asked for, those with a chat; of the chats, those that lead away from the site."""
QUESTIONS = ("Nhà còn phòng không ạ?", "Có chỗ đậu xe không chị?", "Cho mình nhận phòng sớm được không?")
REPLIES = ("Dạ còn ạ, mời mình đặt trên trang nhé.", "Dạ có, sân rộng lắm ạ.", "Dạ được, từ 11 giờ ạ.")
LURE = "Chị gọi {phone} đặt ngoài cho rẻ hơn nhé, Zalo cũng số này ạ."
THANKS = "Dạ em cảm ơn!"


@dataclass
class Versions(Columns):
    """Homes as they stood from a time on, by time."""

    home: np.ndarray
    at: np.ndarray
    state: np.ndarray
    price: np.ndarray
    reason: np.ndarray
    removed_at: np.ndarray


@dataclass
class Reviews(Columns):
    """What guests say of stays that are over."""

    booking: np.ndarray
    asked_at: np.ndarray
    answered_at: np.ndarray
    score: np.ndarray
    text: np.ndarray
    """-1 where nothing is written."""


@dataclass
class Chats(Columns):
    """Messages between a guest and a host about a booking, by chat and time."""

    booking: np.ndarray
    at: np.ndarray
    is_guest: np.ndarray
    text: np.ndarray
    is_lure: np.ndarray


def change(
    rng: Generator, listed_at: np.ndarray, price: np.ndarray, home: np.ndarray, asked_at: np.ndarray,
    last: int,
) -> Versions:  # fmt: skip
    """Return what every home was from when on; one of which a stay is asked for is live then.

    HOME and ASKED_AT are of the bookings.
    """
    homes = len(listed_at)
    by_home = np.lexsort((asked_at, home))
    following = np.append(asked_at[by_home][1:], last)
    ends_home = np.append(np.diff(home[by_home]) != 0, True)
    following = np.where(ends_home, last, following)
    wide = by_home[(following - asked_at[by_home]) > 5 * DAY]
    until = following[(following - asked_at[by_home]) > 5 * DAY]
    pauses = rng.random(len(wide)) < PAUSES
    wide, until = wide[pauses], until[pauses]
    paused_at = asked_at[wide] + DAY
    back_at = np.minimum(paused_at + rng.integers(2 * DAY, 40 * DAY, len(wide)), until - DAY)
    stays_away = (until == last) & (rng.random(len(wide)) > COMES_BACK)
    back_at = np.where(stays_away, NEVER, back_at)

    latest = listed_at.copy()
    np.maximum.at(latest, home, asked_at)
    np.maximum.at(latest, home[wide], np.where(stays_away, last, back_at))
    removed_at = latest + rng.integers(5 * DAY, 90 * DAY, homes)
    removed_at = np.where((rng.random(homes) < REMOVES) & (removed_at < last), removed_at, NEVER)
    gone = np.flatnonzero(removed_at != NEVER)
    again = gone[rng.random(len(gone)) < RETURNS]
    relisted_at = removed_at[again] + rng.integers(10 * DAY, 60 * DAY, len(again))

    often = np.where(rng.random(homes) < CHANGES_PRICE, 1 + rng.integers(0, 3, homes), 0)
    priced = np.repeat(np.arange(homes), often)
    later = rng.random(len(priced)) * np.maximum(last - listed_at[priced], 1)
    priced_at = listed_at[priced] + 60 + later.astype(np.int64)
    parts = [
        (np.arange(homes), listed_at, LIVE, 0), (home[wide], paused_at, PAUSED, 0),
        (home[wide], back_at, LIVE, 0), (gone, removed_at[gone], REMOVED, 1),
        (again, relisted_at, LIVE, 0), (priced, priced_at, -1, 0),
    ]  # fmt: skip
    of = np.concatenate([each for each, *_ in parts])
    at = np.concatenate([when for _, when, *_ in parts])
    state = np.concatenate([np.full(len(each), code) for each, _, code, _ in parts])
    reason = np.where(state == REMOVED, rng.choice([1, 2, 3], len(of), p=[0.6, 0.3, 0.1]), 0)
    factor = np.where(state == -1, rng.choice([0.8, 0.9, 0.95, 1.05, 1.1, 1.2], len(of)), 1.0)
    keep = at <= last
    of, at, state, reason, factor = (each[keep] for each in (of, at, state, reason, factor))
    order = np.lexsort((state, at, of))
    of, at, state, reason, factor = (each[order] for each in (of, at, state, reason, factor))
    # a change of the price leaves the rest as it was
    begins = np.diff(of, prepend=-1) != 0
    carried = np.maximum.accumulate(np.where(state >= 0, np.arange(len(of)), 0))
    state, reason = state[carried], reason[carried]
    gone_at = np.where(state == REMOVED, at[carried], NEVER)
    run = np.cumsum(np.log(factor))
    first = np.flatnonzero(begins)[np.cumsum(begins) - 1]
    now_price = np.round(price[of] * np.exp(run - run[first]) / 10_000).astype(np.int64) * 10_000
    versions = Versions(of, at, state, np.maximum(now_price, 50_000), reason, gone_at)
    return versions.take(np.argsort(versions.at, kind="stable"))


def review(rng: Generator, booking: np.ndarray, left_at: np.ndarray, mood: np.ndarray) -> Reviews:
    """Return the reviews of stays; who is happy writes a little more often than who is not."""
    writes = rng.random(len(booking)) < REVIEWS * (0.7 + np.abs(mood - 55) / 90)
    booking, left_at, mood = booking[writes], left_at[writes], mood[writes]
    score = np.clip(np.round((mood + rng.normal(0, 14, len(mood))) / 18 + 0.6), 1, 5).astype(np.int64)
    text = np.where(rng.random(len(score)) < WRITES, rng.integers(0, 4, len(score)), -1)
    asked_at = left_at + DAY // 2
    return Reviews(booking, asked_at, asked_at + rng.integers(HOUR, 9 * DAY, len(score)), score, text)


def chat(rng: Generator, booking: np.ndarray, asked_at: np.ndarray) -> Chats:
    """Return what guests and hosts write to each other about some bookings before they are made."""
    some = np.flatnonzero(rng.random(len(booking)) < CHATS)
    booking, first = booking[some], asked_at[some] - rng.integers(HOUR, DAY, len(some))
    lures = rng.random(len(some)) < LURES
    replied = first + rng.lognormal(np.log(HOUR // 2), 0.8, len(some)).astype(np.int64) + 30
    thanks = np.flatnonzero(rng.random(len(some)) < 0.5)
    parts = [
        (np.arange(len(some)), first, True), (np.arange(len(some)), replied, False),
        (thanks, replied[thanks] + 90, True),
    ]  # fmt: skip
    of = np.concatenate([who for who, *_ in parts])
    at = np.concatenate([when for _, when, _ in parts])
    is_guest = np.concatenate([np.full(len(who), side) for who, _, side in parts])
    text = np.where(np.arange(len(of)) >= 2 * len(some), 3, rng.integers(0, 3, len(of)))
    chats = Chats(booking[of], at, is_guest, text, lures[of] & ~is_guest)
    return chats.take(np.lexsort((at, of)))


def said(chats: Chats, row: int, phone: str) -> str:
    """Return what a message says; a host who leads away from the site writes a PHONE."""
    if chats.is_lure[row]:
        return LURE.format(phone=phone)
    if chats.text[row] == len(QUESTIONS):
        return THANKS
    return (QUESTIONS if chats.is_guest[row] else REPLIES)[int(chats.text[row])]
