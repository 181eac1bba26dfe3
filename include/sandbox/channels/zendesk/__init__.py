"""The help desk's tickets, what was said on them, users and ratings as Zendesk's API shows them.

As in life, a change shows in the exports a minute after it happened, and the exports' own time,
`generated_timestamp`, is later than `updated_at`.
"""

import base64
import binascii
import hmac
import math
from collections.abc import Mapping

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include import settings
from include.sandbox import channel
from include.sandbox.care import BOT, CUSTOMER
from include.sandbox.channel import Moment
from include.sandbox.channels.haravan.orders import FIRST_NUMBER
from include.sandbox.channels.zendesk import routes
from include.sandbox.desk import Desk
from include.sandbox.people import fold
from include.sandbox.seasons import NEVER, utc_text
from include.sandbox.shelf import Shelf
from include.sandbox.vocabulary import (
    AGENT_REPLIES,
    AGENTS,
    BLAME,
    BOT_REPLY,
    CUSTOMER_REPLIES,
    PRAISE,
    QUESTIONS,
    TICKET_CHANNELS,
    TOPICS,
)  # fmt: skip
from include.sandbox.world import World

TICKET_ID, USER_ID, AGENT_ID, RATING_ID = 5_001, 360_000_001, 900_000_000, 620_001
EVENT_ID, COMMENT_ID, CHANGE_ID = 60_000_000_001, 70_000_000_001, 75_000_000_001
TOPIC_FIELD, ORDER_FIELD = 7001, 7002
EXPORT_DELAY = 60
API = "https://shop.zendesk.example/api/v2"
TICKET_TIMES = ("opened_at", "solved_at", "reopened_at", "resolved_at", "closed_at", "rated_at")


class Channel(channel.Channel):
    """Four shelves over the world."""

    SECRETS = ("ZENDESK_TOKEN",)
    CALLS, CALLS_A_SECOND = routes.LISTS_A_MINUTE, routes.LISTS_A_MINUTE / 60

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.know(world.requesters, USER_ID + np.arange(len(world.requesters)), birth_years=False)
        tickets, comments, users = world.tickets, world.comments, world.requesters
        self._by_ticket = np.lexsort((comments.said_at, comments.ticket))
        self._first = np.searchsorted(comments.ticket[self._by_ticket], np.arange(len(tickets) + 1))
        self._user_of = {int(person): row for row, person in enumerate(users.person)}
        self._offered = np.flatnonzero(tickets.offered_at != NEVER)
        self._offered = self._offered[np.argsort(tickets.offered_at[self._offered], kind="stable")]
        joined = np.concatenate([np.full(len(AGENTS), world.start), users.created_at])
        self.shelves = {
            "tickets": Shelf(TICKET_ID + np.arange(len(tickets)), tickets.opened_at, self._ticket),
            "ticket_events": Shelf(
                EVENT_ID + np.arange(len(comments)), comments.said_at, self._event
            ),
            "users": Shelf(
                np.concatenate(
                    [AGENT_ID + np.arange(len(AGENTS)), USER_ID + np.arange(len(users))]
                ),
                joined,
                self._user,
            ),
            "satisfaction_ratings": Shelf(
                RATING_ID + np.arange(len(self._offered)),
                tickets.offered_at[self._offered],
                self._rating,
            ),
        }  # fmt: skip

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints."""
        return routes.routes(self, desk)

    def allows(self, request: Request) -> bool:
        """Return whether a request shows the agent's address and token."""
        address = settings.source_setting("ZENDESK_EMAIL", "warehouse@shop.example")
        expected = f"{address}/token:{self.secrets['ZENDESK_TOKEN']}".encode()
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            shown = base64.b64decode(encoded, validate=True) if scheme == "Basic" else b""
        except binascii.Error:
            return False
        return hmac.compare_digest(shown, expected)

    def refusal(self, request: Request) -> Response:
        """Return what Zendesk answers to dead credentials."""
        return Response(b'{"errors":"Couldn\'t authenticate you"}', 401, media_type="application/json")

    def busy(self, retry_after: str) -> Response:
        """Return what Zendesk answers to a caller who asks too often."""
        whole = retry_after if " " in retry_after else str(math.ceil(float(retry_after)))
        headers = {"Retry-After": whole, "X-Rate-Limit-Remaining": "0"}
        body = b'{"errors":"Number of allowed API requests per minute exceeded"}'
        return Response(body, 429, headers, "application/json")

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a landed stream; a comment's lies inside its event."""
        if stream != "comments":
            return super().keys(stream)
        rows = np.flatnonzero(self.shelves["ticket_events"].updated_at > 0)
        return {str(COMMENT_ID + row) for row in rows.tolist()}

    def ledger(self, moment: Moment) -> channel.Counts:
        """Return how much there is, and the ratings by what they say."""
        counts, tickets = super().ledger(moment), self.world.tickets
        counts["comments"] = counts.pop("ticket_events")
        seen = moment.now - EXPORT_DELAY
        rated = tickets.rated_at <= seen
        counts["satisfaction_ratings"] |= {
            "good": int((rated & tickets.is_good).sum()),
            "bad": int((rated & ~tickets.is_good).sum()),
            "offered": int(((tickets.offered_at <= seen) & ~rated).sum()),
        }
        return counts

    def stand(self, moment: Moment) -> None:
        """Show everything as it is, less the minute that the exports lag behind."""
        tickets, comments, seen = self.world.tickets, self.world.comments, moment.now - EXPORT_DELAY
        times = np.stack([getattr(tickets, name) for name in TICKET_TIMES])
        updated_at = np.where(times <= seen, times, 0).max(axis=0)
        spoken = comments.said_at <= seen
        np.maximum.at(updated_at, comments.ticket[spoken], comments.said_at[spoken])
        updated_at[tickets.opened_at > seen] = 0
        self.shelves["tickets"].stand(updated_at)
        self.shelves["ticket_events"].stand(np.where(spoken, comments.said_at, 0))
        joined = self.shelves["users"].created_at
        self.shelves["users"].stand(np.where(joined <= seen, joined, 0))
        offered, rated = tickets.offered_at[self._offered], tickets.rated_at[self._offered]
        changed = np.where(rated <= seen, rated, offered)
        self.shelves["satisfaction_ratings"].stand(np.where(offered <= seen, changed, 0))

    def _words(self, row: int) -> tuple[str, str, str | None]:
        """Return a ticket's subject, first message and order name."""
        tickets = self.world.tickets
        order = f"#{FIRST_NUMBER + int(tickets.order[row])}"
        subject, text = QUESTIONS[TOPICS[tickets.topic[row]]]
        names_order = "{order}" in subject
        return subject.format(order=order), text.format(order=order), order if names_order else None

    def _said(self, row: int, now: int) -> np.ndarray:
        own = self._by_ticket[self._first[row] : self._first[row + 1]]
        return own[self.world.comments.said_at[own] <= now]

    def _status(self, row: int, now: int, authors: np.ndarray) -> str:
        tickets = self.world.tickets
        if tickets.closed_at[row] <= now:
            return "closed"
        if tickets.resolved_at[row] <= now or tickets.solved_at[row] <= now < tickets.reopened_at[row]:
            return "solved"
        if not (authors > BOT).any():
            return "new"
        return "open" if authors[-1] == CUSTOMER else "pending"

    def _ticket(self, row: int, now: int) -> bytes:
        tickets, identity = self.world.tickets, TICKET_ID + row
        said = self._said(row, now)
        authors = self.world.comments.author[said]
        subject, text, order = self._words(row)
        topic = TOPICS[tickets.topic[row]]
        requester = USER_ID + self._user_of[int(tickets.person[row])]
        is_rated, is_offered = tickets.rated_at[row] <= now, tickets.offered_at[row] <= now
        score = "offered" if is_offered else "unoffered"
        if is_rated:
            score = "good" if tickets.is_good[row] else "bad"
        solved = [int(at[row]) for at in (tickets.solved_at, tickets.resolved_at) if at[row] <= now]
        status = self._status(row, now, authors)
        return orjson.dumps({
            "id": identity, "url": f"{API}/tickets/{identity}.json", "external_id": None,
            "created_at": utc_text(tickets.opened_at[row]), "updated_at": utc_text(now),
            "generated_timestamp": now + routes.GENERATED_AFTER, "subject": subject,
            "raw_subject": subject, "description": text, "priority": "normal",
            "type": "question" if topic == "tu_van" else "problem", "status": status,
            "requester_id": requester,
            "submitter_id": requester,
            "assignee_id": AGENT_ID + int(tickets.agent[row]) if status != "new" else None,
            "via": {"channel": TICKET_CHANNELS[tickets.channel[row]][0], "source": {"rel": None}},
            "tags": [topic], "custom_fields": [
                {"id": TOPIC_FIELD, "value": topic}, {"id": ORDER_FIELD, "value": order},
            ],
            "satisfaction_rating": {"score": score},
            "metric_set": {
                "id": 8_000_000 + identity, "ticket_id": identity,
                "created_at": utc_text(tickets.opened_at[row]),
                "reopens": int(tickets.reopened_at[row] <= now),
                "replies": int((authors >= BOT).sum()),
                "reply_time_in_minutes": self._waited(row, said, authors),
                "solved_at": utc_text(max(solved)) if status in {"solved", "closed"} else None,
            },
        })  # fmt: skip

    def _waited(self, row: int, said: np.ndarray, authors: np.ndarray) -> dict[str, int | None]:
        """Return the minutes to the first reply of an agent, as Zendesk counts them itself."""
        replies, opened = self.world.comments.said_at[said[authors > BOT]], self.world.tickets.opened_at[row]
        minutes = round(int(replies[0] - opened) / 60) if len(replies) else None
        return {"calendar": minutes, "business": minutes}

    def _event(self, row: int, now: int) -> bytes:
        comments, tickets = self.world.comments, self.world.tickets
        ticket, author = int(comments.ticket[row]), int(comments.author[row])
        at, lot = int(comments.said_at[row]), int(comments.text[row])
        is_first = at == tickets.opened_at[ticket]
        channel = TICKET_CHANNELS[tickets.channel[ticket]][0]
        if author == CUSTOMER:
            author_id = USER_ID + self._user_of[int(tickets.person[ticket])]
            body = self._words(ticket)[1] if is_first else CUSTOMER_REPLIES[lot % len(CUSTOMER_REPLIES)]
        else:
            author_id = AGENT_ID + author
            body = BOT_REPLY if author == BOT else AGENT_REPLIES[lot % len(AGENT_REPLIES)]
        via = "answer_bot" if author == BOT else "web" if author > BOT else channel
        children: list[dict] = [{
            "id": COMMENT_ID + row, "event_type": "Comment", "type": "Comment",
            "author_id": author_id, "public": True, "body": body, "html_body": f"<p>{body}</p>",
            "via": {"channel": via, "source": {"rel": None}}, "comment_present": True,
        }]  # fmt: skip
        if is_first:
            children.append({
                "id": CHANGE_ID + row, "event_type": "Create", "status": "new",
                "via": {"channel": channel},
            })  # fmt: skip
        return orjson.dumps({
            "id": EVENT_ID + row, "ticket_id": TICKET_ID + ticket, "timestamp": at,
            "created_at": utc_text(at), "updater_id": author_id, "via": "Web service",
            "event_type": "Audit", "system": {}, "child_events": children,
        })  # fmt: skip

    def _user(self, row: int, now: int) -> bytes:
        staff, users = len(AGENTS), self.world.requesters
        is_agent, index = row < staff, row - staff
        identity = AGENT_ID + row if is_agent else USER_ID + index
        name = AGENTS[row] if is_agent else users.names[index]
        email = f"{fold(name).lower().replace(' ', '.')}@shop.example" if is_agent else users.emails[index]
        return orjson.dumps({
            "id": identity, "url": f"{API}/users/{identity}.json", "name": name, "email": email,
            "phone": None if is_agent else users.phones[index],
            "role": "agent" if is_agent else "end-user", "external_id": None, "active": True,
            "suspended": False, "tags": [], "user_fields": {"is_bot": row == BOT},
            "created_at": utc_text(self.shelves["users"].created_at[row]),
            "updated_at": utc_text(now), "time_zone": "Asia/Ho_Chi_Minh", "locale": "vi",
        })  # fmt: skip

    def _rating(self, row: int, now: int) -> bytes:
        tickets, ticket = self.world.tickets, int(self._offered[row])
        identity, is_good = RATING_ID + row, bool(tickets.is_good[ticket])
        score, comment = "offered", None
        if tickets.rated_at[ticket] <= now:
            words = PRAISE if is_good else BLAME
            comment = words[ticket % len(words)] or None
            score = ("good" if is_good else "bad") + ("_with_comment" if comment else "")
        return orjson.dumps({
            "id": identity, "url": f"{API}/satisfaction_ratings/{identity}.json",
            "assignee_id": AGENT_ID + int(tickets.agent[ticket]), "group_id": 1,
            "requester_id": USER_ID + self._user_of[int(tickets.person[ticket])],
            "ticket_id": TICKET_ID + ticket, "score": score, "comment": comment, "reason": None,
            "created_at": utc_text(tickets.offered_at[ticket]), "updated_at": utc_text(now),
        })  # fmt: skip
