"""The sales software's Stripe account: customers, their subscriptions and invoices, and what changed."""

from collections.abc import Mapping

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Counts, Moment
from include.sandbox.channels.stripe import endpoints
from include.sandbox.channels.stripe.records import Records
from include.sandbox.channels.stripe.subscribers import (
    Subscriptions,
    bill,
    go_on_for_free,
    period,
    subscribe,
)
from include.sandbox.desk import Desk
from include.sandbox.people import write_profiles
from include.sandbox.seasons import DAY, HOUR, NEVER
from include.sandbox.shelf import Shelf
from include.sandbox.world import World

KINDS = ("customers", "subscriptions", "invoices")
PREFIXES = {"customers": "cus_", "subscriptions": "sub_", "invoices": "in_", "events": "evt_"}
KEPT = 30 * DAY
"""How long an event is kept."""


class Channel(channel.Channel):
    """Shelves over what there is, and over the events of the last thirty days of history and later."""

    SECRETS = ("STRIPE_SECRET_KEY",)
    CALLS, CALLS_A_SECOND = 25, 25.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        rng = world.rng(name)
        persons = world.audience("sales_software", 0.25)
        span = world.last - world.start
        joined = world.start - 100 * DAY + (rng.random(len(persons)) * (span + 80 * DAY)).astype(np.int64)
        self.profiles = profiles = write_profiles(rng, world.people, persons, joined)
        self.know(profiles, (f"cus_{row + 1:06d}" for row in range(len(profiles))), birth_years=False)
        count = len(profiles)
        first = subscribe(
            rng, world.satisfaction, profiles.person, np.arange(count), profiles.created_at, world.last
        )
        back = np.flatnonzero((first.ended_at < world.last - 40 * DAY) & (rng.random(count) < 0.2))
        again_at = first.ended_at[back] + rng.integers(5 * DAY, 120 * DAY, len(back))
        again = subscribe(rng, world.satisfaction, profiles.person[back], back, again_at, world.last)
        pairs = zip(vars(first).values(), vars(again).values(), strict=True)
        both = Subscriptions(*(np.concatenate(pair) for pair in pairs))
        self.subscriptions = subscriptions = both.take(np.lexsort((both.customer, both.started_at)))
        self.invoices = invoices = bill(rng, subscriptions, world.last)
        # what is free is never billed, and comes after all that is
        pays_at = np.full(count, NEVER)
        pays_at[back] = again.started_at
        free = go_on_for_free(world.rng(f"{name} free"), first, pays_at)
        pairs = zip(vars(subscriptions).values(), vars(free).values(), strict=True)
        self.subscriptions = subscriptions = Subscriptions(*(np.concatenate(pair) for pair in pairs))
        self.updated_at = np.where(
            rng.random(count) < 0.15, profiles.created_at + rng.integers(HOUR, 300 * DAY, count), NEVER
        )
        gone = (first.ended_at < world.last) & ~np.isin(np.arange(count), back) & (rng.random(count) < 0.1)
        self.deleted_at = np.where(gone, np.where(gone, first.ended_at, 0) + 40 * DAY, NEVER)
        self.updated_at[self.updated_at >= self.deleted_at] = NEVER

        self.kind, self.row, self.at = self._changes()
        kept = (self.at > world.end - KEPT) & (self.at <= world.last)
        self.kept = np.flatnonzero(kept)
        self.records = Records(self)
        draw = self.records.draw
        self.shelves = {
            "customers": Shelf(1 + np.arange(count), profiles.created_at, draw("customers")),
            "subscriptions": Shelf(
                1 + np.arange(len(subscriptions)), subscriptions.started_at, draw("subscriptions")
            ),
            "events": Shelf(1 + np.arange(len(self.kept)), self.at[self.kept], self._event),
            "invoices": Shelf(1 + np.arange(len(invoices)), invoices.created_at, draw("invoices")),
        }

    def _changes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return of everything that changes its kind, its row and when, by time; one a second."""
        subs, invoices = self.subscriptions, self.invoices
        renewed = np.flatnonzero(invoices.number >= 0)
        renewals = (invoices.subscription[renewed], invoices.created_at[renewed])
        changes = [
            *((0, np.arange(len(self.profiles)), at)
              for at in (self.profiles.created_at, self.updated_at, self.deleted_at)),
            *((1, np.arange(len(subs)), at)
              for at in (subs.started_at, subs.changed_at, subs.failed_at, subs.recovered_at,
                         subs.asked_at, subs.ended_at)),
            (1, *renewals),
            *((2, np.arange(len(invoices)), at)
              for at in (invoices.created_at, invoices.finalized_at, invoices.paid_at,
                         invoices.given_up_at, invoices.refunded_at)),
        ]  # fmt: skip
        parts = [(np.full(len(row), kind), row, at) for kind, row, at in changes]
        found = np.stack([np.concatenate(part) for part in zip(*parts, strict=True)])
        found = np.unique(found[:, found[2] != NEVER], axis=1)
        kind, row, at = found[:, np.argsort(found[2], kind="stable")]
        return kind, row, at

    def stand(self, moment: Moment) -> None:
        """Show everything with its last change; a deleted customer is in no list."""
        past = self.at <= moment.now
        for number, stream in enumerate(KINDS):
            shelf = self.shelves[stream]
            changed_at = np.zeros(len(shelf.ids), np.int64)
            mine = past & (self.kind == number)
            np.maximum.at(changed_at, self.row[mine], self.at[mine])
            if stream == "customers":
                changed_at[self.deleted_at <= moment.now] = 0
            shelf.stand(changed_at)
        at = self.at[self.kept]
        self.shelves["events"].stand(np.where(at <= moment.now, at, 0))

    def keys(self, stream: str) -> set[str]:
        """Return Stripe's ids; of the events those of subscriptions alone are landed."""
        shelf = self.shelves[stream]
        rows = np.flatnonzero(shelf.updated_at > 0)
        if stream == "events":
            rows = rows[self.kind[self.kept[rows]] == 1]
        return {f"{PREFIXES[stream]}{row + 1:06d}" for row in rows.tolist()}

    def ledger(self, moment: Moment) -> Counts:
        """Return per stream how much of it is landed."""
        counts = super().ledger(moment)
        return {name: each | {"count": len(self.keys(name))} for name, each in counts.items()}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return seats as they are and as events tell them, and what was billed and paid."""
        subs, invoices = self.subscriptions, self.invoices
        if stream == "subscriptions":
            rows = np.flatnonzero(self.shelves[stream].updated_at > 0)
            seats = subs.seats_at(rows, np.full(len(rows), moment.now))
            ended = (subs.ended_at[rows] <= moment.now) & ~subs.is_incomplete[rows]
            return {"items.data.0.quantity": int(seats.sum()),
                    "ended_at": int(subs.ended_at[rows][ended].sum())}  # fmt: skip
        if stream == "events":
            mine = self.kept[(self.kind[self.kept] == 1) & (self.at[self.kept] <= moment.now)]
            seats = subs.seats_at(self.row[mine], self.at[mine])
            return {"data.object.items.data.0.quantity": int(seats.sum())}
        if stream == "invoices":
            issued, paid = invoices.created_at <= moment.now, invoices.paid_at <= moment.now
            given_back = invoices.refund[invoices.refunded_at <= moment.now]
            return {"total": int(invoices.total[issued].sum()),
                    "amount_paid": int(invoices.total[paid].sum()),
                    "charge.amount_refunded": int(given_back.sum())}  # fmt: skip
        return {}

    def period_of(self, row: int, at: int) -> tuple[int, int]:
        """Return the start and the end of a subscription's period at a time."""
        subs = self.subscriptions
        latest = min(at, int(subs.ended_at[row]) - 1)
        if latest < subs.anchor_at[row]:
            return int(subs.started_at[row]), int(subs.anchor_at[row])
        starts = period(
            np.full(62, subs.anchor_at[row]), np.arange(62), np.full(62, subs.months[row])
        )  # fmt: skip
        number = int(np.searchsorted(starts, latest, "right")) - 1
        return int(starts[number]), int(starts[number + 1])

    def _event(self, place: int, at: int) -> bytes:
        return orjson.dumps(self.records.event(place))

    def allows(self, request: Request) -> bool:
        """Return whether a request shows the secret key as the user of basic authentication."""
        return endpoints.user_of(request) == self.secrets["STRIPE_SECRET_KEY"]

    def refusal(self, request: Request) -> Response:
        """Return what Stripe answers to a key that was revoked."""
        return endpoints.error(401, "invalid_request_error", "Invalid API Key provided: rk_live_****")

    def busy(self, retry_after: str) -> Response:
        """Return what Stripe answers to a caller who asks too often."""
        answer = endpoints.error(429, "invalid_request_error", "Too many requests", code="rate_limit")
        answer.headers.update({"Retry-After": retry_after, "Stripe-Should-Retry": "true"})
        return answer

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints."""
        return endpoints.routes(self, desk)
