"""Rows that a SELECT gives: whether they have what their contract needs, and their values as records.

Times without an offset are in the unit's zone. An amount that a float cannot hold stays text.
"""

from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from pathlib import Path

from include.contracts import Contract
from include.sources import SelectMistaken

HOME_ZONE = "Asia/Ho_Chi_Minh"
IDENTIFIERS = {"customers": {"phone", "email"}}
"""Columns that a contract leaves out because a person may have several of them: identifiers.sql."""


def demand_columns(select: Path, contract: Contract, columns: list[str]) -> None:
    """Demand that a SELECT gives what its contract needs, and nothing that belongs elsewhere.

    Raises:
        SelectMistaken: it does not; the message names the file and the columns.
    """
    missing = [name for name in (*contract.key, *contract.needed) if name not in columns]
    if missing:
        raise SelectMistaken(
            f"{select} lacks {', '.join(missing)}; it gives {', '.join(columns)}. Name a column so with `as`."
        )
    if misplaced := [name for name in columns if name.lower() in IDENTIFIERS.get(select.stem, ())]:
        raise SelectMistaken(
            f"{select} gives {', '.join(misplaced)}, by which nobody would be known there. Write "
            f"{select.with_name('identifiers.sql')} instead, with a row for each: profile_id, "
            "'phone' or 'email' as identifier_type, the number or address as identifier_value."
        )
    if len({name.lower() for name in columns}) < len(columns):
        raise SelectMistaken(f"{select} gives a column twice: {', '.join(columns)}.")


def plain(column: str, value: object, zone: tzinfo) -> object:
    """Return a value as JSON can hold it; a time gets the offset of the unit's zone."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _with_offset(value, zone) if column.endswith("_at") else value
    if isinstance(value, datetime):
        if column.endswith(("_date", "_on")):  # a sheet has no dates without a time
            return value.date().isoformat()
        return (value.astimezone(zone) if value.tzinfo else value.replace(tzinfo=zone)).isoformat()
    if isinstance(value, date):
        midnight = datetime.combine(value, time(), zone)
        return midnight.isoformat() if column.endswith("_at") else value.isoformat()
    if isinstance(value, Decimal):
        if value == value.to_integral_value():
            return int(value)
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    if isinstance(value, list):
        return [plain("", each, zone) for each in value]
    if isinstance(value, dict):
        return {name: plain("", each, zone) for name, each in value.items()}
    return str(value)


def _with_offset(text: str, zone: tzinfo) -> str:
    """Return a time that is written as text; what is none stays, for the landing to judge."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if at.tzinfo else at.replace(tzinfo=zone).isoformat()
