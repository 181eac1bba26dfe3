"""The shop counters' inbox: what their till software exports, with the SELECTs that read it."""

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import xlsxwriter

from include.sandbox import channel
from include.sandbox.care import Surveys
from include.sandbox.channel import Moment
from include.sandbox.channels.haravan.orders import FIRST_NUMBER
from include.sandbox.defects import is_hit
from include.sandbox.exports import replace
from include.sandbox.people import spell_phone
from include.sandbox.places import written
from include.sandbox.seasons import DAY, local_text
from include.sandbox.vocabulary import BLAME, PRAISE, STORES
from include.sandbox.world import World

UNIT = "shop_counter"
SELECTS = Path(__file__).parent / UNIT
FIRST_RECEIPT = 1_000_001
FIRST_MEMBER = 20_001
RECENT = 30 * DAY
Row = tuple[object, ...]


class Channel(channel.Channel):
    """The inbox of the shop's counters; it has no API."""

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.know(world.members, (f"{UNIT}/{FIRST_MEMBER + row}" for row in range(len(world.members))))

    def write(self, home: Path, moment: Moment) -> None:
        """Write the counters' folder of the inbox as it stands at a moment.

        A file is replaced whole, so that a reader never sees half of one.
        """
        world, now = self.world, moment.now
        target = home / "inbox" / UNIT
        target.mkdir(parents=True, exist_ok=True)
        for select in sorted(SELECTS.glob("*.sql")):
            replace(target / select.name, select.read_bytes())
        sold, day = world.receipts.sold_at, moment.hidden_day
        hidden = (sold >= day) & (sold < day + DAY) & (day > 0)
        shown = np.flatnonzero((sold <= now) & ~hidden)
        members = {int(person): FIRST_MEMBER + row for row, person in enumerate(world.members.person)}
        replace(target / "receipts.csv.gz", _zipped(_csv(*_receipts(world, shown, now, members))))
        lines = _receipt_lines(world, shown, now, "orphan_order_lines" in moment.on)
        replace(target / "receipt_lines.jsonl", lines)
        replace(target / "members.csv", _csv(*_members(world, now)))
        replace(target / "csat_answers.csv", _csv(*_csat(world, now, members)))
        answers = _nps(world, now, members, "nps_of_11" in moment.on)
        replace(target / "nps_answers.xlsx", _workbook(*answers))
        _write_products(target / "products.parquet", world)

    def ledger(self, moment: Moment) -> channel.Counts:
        """Return per contract how much the inbox holds."""
        world, now = self.world, moment.now
        sold, lines = world.receipts.sold_at, world.receipt_lines
        there = sold <= now
        if moment.hidden_day:
            there &= (sold < moment.hidden_day) | (sold >= moment.hidden_day + DAY)
        on_line = there[lines.order]
        returned = there & (world.receipts.returned_at <= now)
        joined = world.members.created_at <= now
        asked = world.nps.is_online & (world.nps.invited_at <= now)
        known_by_phone = len(np.unique(world.nps.person[asked]))
        return {
            "business_units": {"count": 1},
            "customers": {"count": int(joined.sum()) + known_by_phone},
            "identifiers": {
                "count": int(joined.sum())
                + known_by_phone
                + sum(
                    (world.members.phones[row] is not None) + (world.members.emails[row] is not None)
                    for row in np.flatnonzero(joined)
                )
            },
            "products": {"count": len(world.products)},
            "orders": {
                "count": int(there.sum()),
                "gross_amount": int((lines.quantity * lines.price)[on_line].sum()),
                "discount_amount": int(lines.discount[on_line].sum()),
            },
            "order_lines": {"count": int(on_line.sum())},
            "payments": {
                "count": int(there.sum() + returned.sum()),
                "refunded": int(lines.net[returned[lines.order]].sum()),
            },
            "feedback": _answers(world.nps, now, "nps") | _answers(world.csat, now, "csat"),
        }


def _answers(surveys: Surveys, now: int, kind: str) -> dict[str, object]:
    scores = Counter(surveys.score[surveys.answered_at <= now].tolist())
    return {
        f"{kind}_invited": int(np.count_nonzero(surveys.invited_at <= now)),
        f"{kind}_answers": {str(score): scores[score] for score in sorted(scores)},
    }


def _receipts(world: World, shown: np.ndarray, now: int, member_of: dict[int, int]) -> tuple[Row, list[Row]]:
    receipts, lines = world.receipts, world.receipt_lines
    goods = np.bincount(lines.order, lines.quantity * lines.price, len(receipts)).astype(int)
    discount = np.bincount(lines.order, lines.discount, len(receipts)).astype(int)
    header = (
        "receipt_no", "store", "sold_at", "member_no", "paid_by", "goods", "discount", "total",
        "returned_at", "returned_goods",
    )  # fmt: skip
    rows: list[Row] = []
    for row in shown.tolist():
        is_back = receipts.returned_at[row] <= now
        rows.append((
            FIRST_RECEIPT + row, STORES[receipts.store[row]], local_text(receipts.sold_at[row]),
            member_of.get(int(receipts.person[row])),
            "the" if receipts.is_card[row] else "tien_mat",
            goods[row], discount[row], goods[row] - discount[row],
            local_text(receipts.returned_at[row]) if is_back else None,
            goods[row] - discount[row] if is_back else None,
        ))  # fmt: skip
    return header, rows


def _receipt_lines(world: World, shown: np.ndarray, now: int, has_orphans: bool) -> bytes:
    lines, sold_at = world.receipt_lines, world.receipts.sold_at
    first = np.searchsorted(lines.order, np.arange(len(sold_at) + 1))
    parts: list[str] = []
    for row in shown.tolist():
        is_orphan = has_orphans and sold_at[row] > now - RECENT and is_hit(row, 0.05)
        for number, line in enumerate(range(first[row], first[row + 1]), 1):
            product = world.products[lines.product[line]]
            parts.append(json.dumps({
                "receipt_no": FIRST_RECEIPT + row + (50_000_000 if is_orphan else 0),
                "line": number, "sku": product.sku, "name": product.title,
                "qty": int(lines.quantity[line]), "price": int(lines.price[line]),
                "discount": int(lines.discount[line]),
            }, ensure_ascii=False))  # fmt: skip
    return ("\n".join(parts) + "\n").encode()


def _members(world: World, now: int) -> tuple[Row, list[Row]]:
    members = world.members
    header = (
        "member_no",
        "full_name",
        "phone",
        "email",
        "birth_year",
        "city",
        "joined_at",
        "is_staff",
    )
    rows = [
        (
            FIRST_MEMBER + row, members.names[row], members.phones[row], members.emails[row],
            members.birth_years[row], written(world.people[person].place, row).province,
            local_text(members.created_at[row]), int(world.people[person].is_staff),
        )
        for row, person in enumerate(members.person.tolist())
        if members.created_at[row] <= now
    ]  # fmt: skip
    return header, rows


def _csat(world: World, now: int, member_of: dict[int, int]) -> tuple[Row, list[Row]]:
    answers = world.csat
    header = ("answer_no", "receipt_no", "member_no", "asked_at", "answered_at", "score")
    rows: list[Row] = []
    for row in np.flatnonzero(answers.invited_at <= now).tolist():
        is_answered = answers.answered_at[row] <= now
        rows.append((
            row + 1, FIRST_RECEIPT + int(answers.subject[row]), member_of[int(answers.person[row])],
            local_text(answers.invited_at[row]),
            local_text(answers.answered_at[row]) if is_answered else None,
            int(answers.score[row]) if is_answered else None,
        ))  # fmt: skip
    return header, rows


def _nps(world: World, now: int, member_of: dict[int, int], has_eleven: bool) -> tuple[Row, list[Row]]:
    answers, people = world.nps, world.people
    header = ("answer_no", "phone", "name", "member_no", "receipt_no", "online_order", "asked_at",
              "answered_at", "score", "comment")  # fmt: skip
    rows: list[Row] = []
    for row in np.flatnonzero(answers.invited_at <= now).tolist():
        index, subject = int(answers.person[row]), int(answers.subject[row])
        person, is_online = people[index], bool(answers.is_online[row])
        is_answered = answers.answered_at[row] <= now
        score = int(answers.score[row])
        words = PRAISE if score > 8 else BLAME if score < 7 else ("",)
        if has_eleven and answers.answered_at[row] > now - RECENT and is_hit(row, 0.3):
            score = 11
        rows.append((
            row + 1, spell_phone(person.phone_at(int(answers.invited_at[row])), index) if is_online else None,
            f"{person.family} {person.middle} {person.given}" if is_online else None,
            None if is_online else member_of[index],
            None if is_online else FIRST_RECEIPT + subject,
            f"#{FIRST_NUMBER + subject}" if is_online else None,
            _wall_clock(answers.invited_at[row]),
            _wall_clock(answers.answered_at[row]) if is_answered else None,
            score if is_answered else None,
            words[row % len(words)] or None if is_answered else None,
        ))  # fmt: skip
    return header, rows


def _wall_clock(second: int) -> datetime:
    return datetime.fromtimestamp(int(second), UTC).replace(tzinfo=None) + timedelta(hours=7)


def _csv(header: Row, rows: list[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _zipped(body: bytes) -> bytes:
    # mtime 0: the same rows give the same bytes
    return gzip.compress(body, 6, mtime=0)


def _workbook(header: Row, rows: list[Row]) -> bytes:
    body = io.BytesIO()
    options = {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd hh:mm:ss"}
    workbook = xlsxwriter.Workbook(body, options)
    workbook.set_properties({"created": datetime(2020, 1, 1)})
    sheet = workbook.add_worksheet("answers")
    for number, row in enumerate((header, *rows)):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(number, column, value)
    workbook.close()
    return body.getvalue()


def _write_products(path: Path, world: World) -> None:
    part = path.with_suffix(".part")
    with duckdb.connect() as connection:
        columns = zip(*((p.sku, p.title, p.category, p.price) for p in world.products), strict=True)
        names = ("sku", "name", "category", "price")
        connection.register("articles", {n: np.array(c) for n, c in zip(names, columns, strict=True)})
        connection.sql("from articles").write_parquet(str(part))
    if not path.exists() or path.read_bytes() != part.read_bytes():
        part.replace(path)
    part.unlink(missing_ok=True)
