"""Stripe's objects as they stood at a time: VND has no smaller unit, so 199000 is 199,000 dong."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import orjson

from include.sandbox.channels.stripe.subscribers import (
    AMOUNT_OFF,
    DONG_OFF,
    NO_COUPON,
    ONCE,
    PERCENT_OFF,
    PLANS,
)
from include.sandbox.places import written
from include.sandbox.seasons import HOUR

if TYPE_CHECKING:
    from include.sandbox.channels.stripe import Channel

METERED = 2
"""The plan that also pays for each text message sent."""
EVENT_TYPES = {"subscription": "customer.subscription.", "customer": "customer.", "invoice": "invoice."}


class Records:
    """The objects of one account."""

    def __init__(self, account: "Channel") -> None:
        self._account = account
        self._makers = (self.customer, self.subscription, self.invoice)

    def draw(self, stream: str) -> Callable[[int, int], bytes]:
        """Return what renders a stream's objects."""
        make = getattr(self, stream.removesuffix("s"))
        return lambda row, at: orjson.dumps(make(row, at))

    def customer(self, row: int, at: int) -> dict:
        """Return a customer; one who was deleted has no more than an id."""
        account, profiles = self._account, self._account.profiles
        if at >= account.deleted_at[row]:
            return {"id": f"cus_{row + 1:06d}", "object": "customer", "deleted": True}
        person = account.world.people[profiles.person[row]]
        where = written(person.place, row)
        is_known = at >= account.updated_at[row]
        return {
            "id": f"cus_{row + 1:06d}", "object": "customer", "created": int(profiles.created_at[row]),
            "name": profiles.names[row], "email": profiles.emails[row], "phone": profiles.phones[row],
            "address": {"city": where.province, "state": None, "line1": where.ward, "line2": where.district,
                        "country": "VN", "postal_code": None} if is_known else None,
            "currency": "vnd", "balance": 0, "delinquent": False, "livemode": True,
            "metadata": {"is_internal": "true"} if person.is_staff else {},
        }  # fmt: skip

    def subscription(self, row: int, at: int) -> dict:
        """Return a subscription with its items."""
        account, subs = self._account, self._account.subscriptions
        plan, name, price = PLANS[subs.plan[row]]
        starts, ends = account.period_of(row, at)
        asked = _past(subs.asked_at[row], at)
        ended = None if subs.is_incomplete[row] else _past(subs.ended_at[row], at)
        status, by_payment = self._status(row, at), bool(subs.failed_at[row] <= at) and asked is None
        interval = "year" if subs.months[row] == 12 else "month"
        quantity = int(subs.seats_later[row] if at >= subs.changed_at[row] else subs.seats[row])
        identity = f"sub_{row + 1:06d}"
        items = [
            _item(row * 2, plan, name, price * (10 if interval == "year" else 1), interval, "licensed")
            | {"quantity": quantity}
        ]
        if subs.plan[row] == METERED:
            items.append(_item(row * 2 + 1, "tin_nhan", "Tin nhắn", 350, "month", "metered"))
        has_trial = bool(subs.has_trial[row])
        return {
            "id": identity, "object": "subscription", "customer": f"cus_{subs.customer[row] + 1:06d}",
            "status": status, "created": int(subs.started_at[row]), "currency": "vnd",
            "start_date": int(subs.started_at[row]), "billing_cycle_anchor": int(subs.anchor_at[row]),
            "current_period_start": starts, "current_period_end": ends,
            "trial_start": int(subs.started_at[row]) if has_trial else None,
            "trial_end": int(subs.anchor_at[row]) if has_trial else None,
            "trial_settings": {"end_behavior": {
                "missing_payment_method": "cancel" if row % 3 else "create_invoice"}},
            "cancel_at_period_end": asked is not None and ended is None,
            "canceled_at": asked or ended, "ended_at": ended,
            "cancellation_details": {"comment": None, "feedback": None, "reason": (
                "payment_failed" if ended and by_payment
                else "cancellation_requested" if asked else None)},
            "pause_collection": None, "collection_method": "charge_automatically",
            "discount": self._discount(row, at), "livemode": True, "metadata": {},
            "items": {"object": "list", "has_more": False, "data": items,
                      "url": f"/v1/subscription_items?subscription={identity}"},
        }  # fmt: skip

    def _status(self, row: int, at: int) -> str:
        subs = self._account.subscriptions
        if subs.is_incomplete[row]:
            return "incomplete_expired" if at >= subs.ended_at[row] else "incomplete"
        if at >= subs.ended_at[row]:
            return "canceled"
        if at < subs.anchor_at[row]:
            return "trialing"
        return "past_due" if subs.failed_at[row] <= at < subs.recovered_at[row] else "active"

    def _discount(self, row: int, at: int) -> dict | None:
        """Return the coupon that goes off each invoice, or off the first alone."""
        kind = int(self._account.subscriptions.coupon[row])
        is_used = kind == ONCE and at > self._account.subscriptions.anchor_at[row] + HOUR
        if kind == NO_COUPON or is_used:
            return None
        return {
            "id": f"di_{row + 1:06d}", "object": "discount", "end": None,
            "start": int(self._account.subscriptions.started_at[row]),
            "coupon": {
                "id": ("", "BAN_BE", "DUNG_THU", "TRI_AN")[kind], "object": "coupon",
                "duration": "once" if kind == ONCE else "forever", "currency": "vnd",
                "percent_off": PERCENT_OFF.get(kind), "amount_off": DONG_OFF if kind == AMOUNT_OFF else None,
            },
        }  # fmt: skip

    def invoice(self, row: int, at: int) -> dict:
        """Return an invoice, its charge expanded."""
        account, invoices = self._account, self._account.invoices
        number, subscription = int(invoices.number[row]), int(invoices.subscription[row])
        total, created = int(invoices.total[row]), int(invoices.created_at[row])
        finalized, paid = _past(invoices.finalized_at[row], at), _past(invoices.paid_at[row], at)
        given_up = _past(invoices.given_up_at[row], at)
        is_void = row % 2 == 0
        status = "open" if finalized else "draft"
        if given_up:
            status = "void" if is_void else "uncollectible"
        identity = f"in_{row + 1:06d}"
        refund = int(invoices.refund[row]) if at >= invoices.refunded_at[row] else 0
        lines = [("Gói thuê bao", int(invoices.recurring[row]), False),
                 ("Thay đổi số người dùng", int(invoices.proration[row]), True)]  # fmt: skip
        return {
            "id": identity, "object": "invoice", "created": created, "currency": "vnd",
            "customer": f"cus_{account.subscriptions.customer[subscription] + 1:06d}",
            "subscription": f"sub_{subscription + 1:06d}" if number > -2 else None,
            "billing_reason": {-2: "manual", -1: "subscription_create"}.get(
                number, "subscription_cycle" if number else "subscription_create"),
            "status": "paid" if paid else status, "due_date": None, "livemode": True,
            "number": f"SP-{row + 1:06d}" if finalized else None,
            "subtotal": total - int(invoices.tax[row]), "tax": int(invoices.tax[row]), "total": total,
            "amount_due": total, "amount_paid": total if paid else 0,
            "amount_remaining": 0 if paid else total,
            "status_transitions": {
                "finalized_at": finalized, "paid_at": paid,
                "marked_uncollectible_at": None if is_void else given_up,
                "voided_at": given_up if is_void else None,
            },
            "charge": {
                "id": f"ch_{row + 1:06d}", "object": "charge", "amount": total, "invoice": identity,
                "amount_refunded": refund, "refunded": bool(refund) and refund == total,
                "currency": "vnd",
            } if paid and total else None,
            "lines": {"object": "list", "has_more": False, "data": [
                {"id": f"il_{row * 2 + place:07d}", "object": "line_item", "amount": amount,
                 "description": text, "proration": is_proration}
                for place, (text, amount, is_proration) in enumerate(lines) if amount or not is_proration
            ]},
        }  # fmt: skip

    @cached_property
    def event_types(self) -> list[str]:
        """The type of each event that is kept."""
        return [str(self.event(place)["type"]) for place in range(len(self._account.kept))]

    def event(self, place: int) -> dict:
        """Return an event: a thing as it became, and what its fields were before."""
        account = self._account
        change = int(account.kept[place])
        kind, row, at = int(account.kind[change]), int(account.row[change]), int(account.at[change])
        thing, before = self._makers[kind](row, at), self._makers[kind](row, at - 1)
        name = thing["object"]
        verb = "updated"
        if at == (account.profiles.created_at, account.subscriptions.started_at,
                  account.invoices.created_at)[kind][row]:  # fmt: skip
            verb = "created"
        elif thing.get("deleted") or thing.get("status") == "canceled":
            verb = "deleted"
        if name == "invoice" and verb == "updated":
            verb = {"paid": "paid", "void": "voided", "uncollectible": "marked_uncollectible"}.get(
                thing["status"], "finalized"
            )
        event_type = EVENT_TYPES[name] + verb
        if kind == 2 and at == account.invoices.refunded_at[row]:
            event_type, thing = "charge.refunded", thing["charge"]
        data: dict[str, object] = {"object": thing}
        if verb == "updated":
            data["previous_attributes"] = {
                key: before[key] for key in before if before[key] != thing.get(key)
            }
        if verb == "deleted" and name == "customer":
            data["object"] = before
        return {
            "id": f"evt_{place + 1:06d}", "object": "event", "type": event_type, "created": at,
            "api_version": "2024-06-20", "livemode": True, "data": data,
        }  # fmt: skip


def _past(time: int, at: int) -> int | None:
    return int(time) if time <= at else None


def _item(number: int, product: str, name: str, price: int, interval: str, usage: str) -> dict:
    return {
        "id": f"si_{number:07d}", "object": "subscription_item",
        "price": {
            "id": f"price_{product}_{interval}", "object": "price", "product": product, "nickname": name,
            "currency": "vnd", "unit_amount": price, "unit_amount_decimal": str(price),
            "billing_scheme": "per_unit",
            "recurring": {"interval": interval, "interval_count": 1, "usage_type": usage},
        },
    }  # fmt: skip
