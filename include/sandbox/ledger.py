"""What exists in the sandbox now, counted from the truth, to compare the warehouse with.

Sums are of the records as they are without defects; a defect that hides or adds records counts.
"""

from collections import Counter

import numpy as np

from include.sandbox.care import Surveys
from include.sandbox.seasons import DAY
from include.sandbox.stage import Stage
from include.sandbox.zendesk import EXPORT_DELAY

Ledger = dict[str, dict[str, dict[str, object]]]


def ledger(stage: Stage) -> Ledger:
    """Return per source and stream how much there is."""
    return {
        "haravan": _haravan(stage),
        "zendesk": _zendesk(stage),
        "files": _files(stage),
    }


def served(stage: Stage) -> dict[str, dict[str, object]]:
    """Return per stream the ids that went out, how often each, and how many there are."""
    streams = [f"haravan.{name}" for name in stage.haravan.shelves]
    streams += [f"zendesk.{name}" for name in stage.zendesk.shelves]
    return {
        stream: {
            "count": len(stage.shelf(stream).served),
            "ids": {str(key): count for key, count in stage.shelf(stream).served.items()},
        }
        for stream in streams
    }


def _haravan(stage: Stage) -> dict[str, dict[str, object]]:
    api, orders = stage.haravan, stage.world.orders
    there = api.shelves["orders"].updated_at > 0
    refunded = there & (orders.refunded_at <= stage.now)
    return {
        "orders": {
            "count": int(there.sum()),
            "total_price": int(api.book.total[there].sum()),
            "lines": int(there[stage.world.order_lines.order].sum()),
            "refund_count": int(refunded.sum()),
            "refunded": int(api.book.refunded[refunded].sum()),
        },
        "customers": {"count": int((api.shelves["customers"].updated_at > 0).sum())},
        "products": {"count": len(stage.world.products)},
    }


def _zendesk(stage: Stage) -> dict[str, dict[str, object]]:
    seen, tickets = stage.now - EXPORT_DELAY, stage.world.tickets
    rated = tickets.rated_at <= seen
    offered = (tickets.offered_at <= seen) & ~rated
    return {
        "tickets": {"count": int((tickets.opened_at <= seen).sum())},
        "comments": {"count": int((stage.world.comments.said_at <= seen).sum())},
        "users": {"count": int((stage.zendesk.shelves["users"].updated_at > 0).sum())},
        "satisfaction_ratings": {
            "count": int((rated | offered).sum()),
            "good": int((rated & tickets.is_good).sum()),
            "bad": int((rated & ~tickets.is_good).sum()),
            "offered": int(offered.sum()),
        },
    }


def _files(stage: Stage) -> dict[str, dict[str, object]]:
    world, now = stage.world, stage.now
    sold, lines = world.receipts.sold_at, world.receipt_lines
    there = sold <= now
    if stage.hidden_day:
        there &= (sold < stage.hidden_day) | (sold >= stage.hidden_day + DAY)
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
