"""What can be wrong with a source's data: each defect by name, to be put in and taken out.

A defect spoils a share of the records that changed in the last thirty days and counts as a change
of them, so that the next incremental pull meets it. What it spoils is fixed by its record's number.
"""

import re
from collections.abc import Callable

import numpy as np

ORDERS, CUSTOMERS = "haravan.orders", "haravan.customers"
RECENT_DAYS = 30
HOSTILE_TEXTS = (
    '=HYPERLINK("http://x.example","a")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "'; DROP TABLE customers--",
    "\u202egnart\u200b\u200d",
    "@NUL@",
    "@LONE@",
    "👩\u200d👩\u200d👧🇻🇳",
    "Nguye\u0302\u0303n",
    'a\tb\n"c"\\d',
    "NULL",
    "0012345",
    "@MEGABYTE@",
)
_RAW = {
    b"@NUL@": rb"Lan\u0000Anh",
    b"@LONE@": rb"Lan \ud800 Anh",
    b"@MEGABYTE@": "Nguyễn ".encode() * 110_000,
}
"""Bytes that no JSON writer would write, put in afterwards."""


def is_hit(row: int, share: float, salt: int = 0) -> bool:
    """Return whether a defect that spoils a SHARE of the records spoils this one."""
    return (row * 2654435761 + salt * 40503) % 1000 < share * 1000


def _missing_key(record: dict, row: int) -> None:
    record.pop("id", None)


def _negative_amounts(record: dict, row: int) -> None:
    record["line_items"][0]["price"] *= -1
    record["total_price"] *= -1


def _wrong_types(record: dict, row: int) -> None:
    if row % 2:
        record["total_price"] = "abc"
    else:
        record["created_at"] = "yesterday"


def _unknown_code(record: dict, row: int) -> None:
    record["gateway_code"], record["gateway"] = "KREDIVO", "Trả góp Kredivo"
    record["source_name"] = "tiktok_live"
    record["financial_status"] = "awaiting_moderation"


def _hostile_order(record: dict, row: int) -> None:
    text = HOSTILE_TEXTS[row % len(HOSTILE_TEXTS)]
    record["note"] = text if text != "@MEGABYTE@" else None


def _hostile_customer(record: dict, row: int) -> None:
    record["last_name"] = HOSTILE_TEXTS[row % len(HOSTILE_TEXTS)]


def _duplicated_email(record: dict, row: int) -> None:
    record["email"] = "khachhang@shop.example"


def _retyped_field(record: dict, row: int) -> None:
    if record.get("customer"):
        record["customer"] = record["customer"]["id"]


def _vanished_field(record: dict, row: int) -> None:
    record.pop("financial_status", None)


Spoil = Callable[[dict, int], None]
RECORD_DEFECTS: dict[str, dict[str, tuple[float, Spoil]]] = {
    "missing_keys": {ORDERS: (0.05, _missing_key)},
    "negative_amounts": {ORDERS: (0.05, _negative_amounts)},
    "wrong_types": {ORDERS: (0.05, _wrong_types)},
    "unknown_code": {ORDERS: (0.05, _unknown_code)},
    "hostile_text": {ORDERS: (0.05, _hostile_order), CUSTOMERS: (0.3, _hostile_customer)},
    "duplicated_emails": {CUSTOMERS: (0.3, _duplicated_email)},
    # what only some records show is no drift: every one has to
    "retyped_field": {ORDERS: (1.0, _retyped_field)},
    "vanished_field": {ORDERS: (1.0, _vanished_field)},
}
"""Defects of an API's records: per stream the share that is spoiled, and how."""
INBOX_DEFECTS = ("nps_of_11", "orphan_order_lines", "day_without_orders")
NAMES = (*RECORD_DEFECTS, *INBOX_DEFECTS)


def spoil(record: dict, row: int, names: list[str], stream: str) -> None:
    """Put the named defects into a record."""
    for name in names:
        RECORD_DEFECTS[name][stream][1](record, row)


def hit_rows(name: str, stream: str, updated_at: np.ndarray, now: int) -> np.ndarray:
    """Return the rows of a stream that a defect spoils when it is put in at NOW."""
    share = RECORD_DEFECTS[name].get(stream, (0.0, None))[0]
    recent = np.flatnonzero(updated_at > now - RECENT_DAYS * 86400)
    return np.array([row for row in recent.tolist() if is_hit(row, share)], np.int64)


def as_bytes(body: bytes) -> bytes:
    """Return a record's JSON with the bytes that only a broken writer sends."""
    return re.sub(rb"@NUL@|@LONE@|@MEGABYTE@", lambda found: _RAW[found.group()], body)
