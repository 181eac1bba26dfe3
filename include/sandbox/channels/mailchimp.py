"""The online shop's newsletters in Mailchimp: an audience, what it was sent, opened, clicked and left by."""

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Annotated

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.desk import Desk
from include.sandbox.people import write_profiles
from include.sandbox.seasons import DAY, HOUR, NEVER, instant, utc_text
from include.sandbox.shelf import Shelf
from include.sandbox.vocabulary import CATEGORIES
from include.sandbox.world import World

LIST = "khach_hang"
EVERY = 21 * DAY
CONNECTIONS = 10
EMPTY = 3
"""Number of the campaign whose segment held nobody."""
OPEN, CLICK, BOUNCE = range(3)
ACTIONS = ("open", "click", "bounce")
LINKS = ("https://nhaan.example/khuyen-mai?utm_source=mailchimp", "https://nhaan.example/moi-ve")
SUBJECTS = ("Hàng mới về trong tuần", "Ưu đãi riêng cho bạn", "Quà tặng cuối tháng", "Chăm da mùa này")
"""Of a category, of one product, of nothing that is sold, of the care of skin: the title says which."""


class Channel(channel.Channel):
    """One audience and a newsletter every three weeks."""

    SECRETS = ("MAILCHIMP_SECRET_KEY",)
    CALLS, CALLS_A_SECOND = 50, 10.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.lingers = 0.0
        """Seconds that an answer keeps its connection."""
        self.moves_after: int | None = None
        """After how many pages of members one of them changes, leaves the window and moves the others."""
        self._open = 0
        rng = world.rng(name)
        persons = world.audience("shop_online", 0.4)
        span = world.last - world.start
        joined = world.start - 60 * DAY + (rng.random(len(persons)) * span).astype(np.int64)
        known = write_profiles(rng, world.people, persons, joined)
        # an audience holds an address once, under its hash
        first: dict[str, int] = {}
        for row, email in enumerate(known.emails):
            if email:
                first.setdefault(hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest(), row)
        self.members, self.hashes, rows = known, list(first), np.array(list(first.values()))
        self.rows = rows
        """Which profile each member is."""
        self.know(known.only(rows), (f"{LIST}/{each}" for each in self.hashes), birth_years=False)
        self.joined_at, person = known.created_at[rows], known.person[rows]
        count = len(rows)

        self.sent_at = np.arange(world.start + 10 * DAY, world.last - DAY, EVERY) + 2 * HOUR
        self.titles = [_title(world, row, at) for row, at in enumerate(self.sent_at.tolist())]
        campaign, member = (
            grid.ravel()
            for grid in np.meshgrid(np.arange(len(self.sent_at)), np.arange(count), indexing="ij")
        )
        sent_at = self.sent_at[campaign]
        mood = world.satisfaction.at(person[member], sent_at)
        leaves = rng.random(len(member)) < np.clip(0.04 - 0.0004 * mood, 0.003, 0.04)
        bounces_hard = rng.random(len(member)) < 0.002
        alone_at = np.where(
            rng.random(count) < 0.04, self.joined_at + rng.integers(DAY, 400 * DAY, count), NEVER
        )
        takes = np.minimum(rng.exponential(0.7, len(member)) * DAY, 20 * DAY).astype(np.int64) + 30

        def first_of(hit: np.ndarray, at: np.ndarray) -> np.ndarray:
            """Return when each member is first hit by a campaign that reached it."""
            times = np.full(count, NEVER)
            there = hit & (self.joined_at[member] < sent_at)
            np.minimum.at(times, member[there], at[there])
            return times

        cleaned_at = first_of(bounces_hard, sent_at + 5)
        left_at = first_of(leaves, sent_at + takes + 60)
        self.cleaned_at = np.where(cleaned_at < np.minimum(left_at, alone_at), cleaned_at, NEVER)
        self.alone_at = np.where(alone_at < np.minimum(left_at, self.cleaned_at), alone_at, NEVER)
        left_at = np.where(left_at < np.minimum(self.cleaned_at, self.alone_at), left_at, NEVER)
        self.left_at = left_at
        gone_at = np.minimum(np.minimum(left_at, self.alone_at), self.cleaned_at)[member]
        reached = (self.joined_at[member] < sent_at) & (gone_at >= sent_at) & (campaign != EMPTY)
        keep = np.flatnonzero(reached)
        self.campaign, self.member = campaign[keep], member[keep]
        self._draw_activity(rng, mood[keep], takes[keep], leaves[keep])
        self.shelves = {
            "campaigns": Shelf(1 + np.arange(len(self.sent_at)), self.sent_at - 2 * DAY, self._campaign),
            "members": Shelf(1 + np.arange(count), self.joined_at, self._member),
            "reports": Shelf(1 + np.arange(len(self.sent_at)), self.sent_at, self._report),
            "sent_to": Shelf(1 + np.arange(len(self.member)), self.sent_at[self.campaign], self._sent_to),
            "email_activity": Shelf(1 + np.arange(len(self.pair)), self.happened_at, self._activity),
            "unsubscribed": Shelf(1 + np.arange(len(self.leaving)), self.left, self._unsubscribed),
        }

    def _draw_activity(
        self, rng: np.random.Generator, mood: np.ndarray, takes: np.ndarray, leaves: np.ndarray
    ) -> None:
        """Draw what recipients do; each is one action of a pair of campaign and member at a second."""
        count, sent_at = len(self.member), self.sent_at[self.campaign]
        is_hard = self.cleaned_at[self.member] == sent_at + 5
        is_soft = ~is_hard & (rng.random(count) < 0.01)
        self.bounce = np.where(is_hard, "hard", np.where(is_soft, "soft", "sent"))
        arrived = ~is_hard & ~is_soft
        self.leaving = np.flatnonzero(arrived & leaves & (self.left_at[self.member] == sent_at + takes + 60))
        self.left = self.left_at[self.member[self.leaving]]
        opens = arrived & ((rng.random(count) < 0.15 + mood / 350) | np.isin(np.arange(count), self.leaving))
        opened_at = sent_at + takes
        again = opens & (rng.random(count) < 0.3)
        clicks = opens & (rng.random(count) < 0.22)
        # a scanner follows every link before anybody could
        scans = arrived & (rng.random(count) < 0.03)
        pair = np.arange(count)
        parts = [
            (OPEN, pair[opens], opened_at[opens], 0),
            (OPEN, pair[again], (opened_at + rng.integers(HOUR, DAY, count))[again], 0),
            (CLICK, pair[clicks], (opened_at + rng.integers(3, 50, count))[clicks], 0),
            (CLICK, pair[scans], sent_at[scans] + 1, 0),
            (CLICK, pair[scans], sent_at[scans] + 2, 1),
            (BOUNCE, pair[~arrived], sent_at[~arrived] + 5, 0),
        ]
        found = np.concatenate(
            [
                np.stack([at, who, np.full(len(who), action), np.full(len(who), link)])
                for action, who, at, link in parts
            ],
            axis=1,
        )
        self.happened_at, self.pair, self.action, self.link = np.unique(found, axis=1)

    def stand(self, moment: Moment) -> None:
        """Show drafts, what was sent, and what happened so far."""
        now = self._now = moment.now
        created_at = self.sent_at - 2 * DAY
        changed_at = np.where(self.sent_at <= now, self.sent_at, created_at)
        self.shelves["campaigns"].stand(np.where(created_at <= now, changed_at, 0))
        times = np.stack([self.joined_at, self.left_at, self.alone_at, self.cleaned_at])
        self.shelves["members"].stand(np.where(times <= now, times, 0).max(axis=0))
        latest = self.sent_at.copy()
        past = self.happened_at <= now
        np.maximum.at(latest, self.campaign[self.pair[past]], self.happened_at[past])
        self.shelves["reports"].stand(np.where(self.sent_at <= now, latest, 0))
        for stream, at in (
            ("sent_to", self.sent_at[self.campaign]), ("email_activity", self.happened_at),
            ("unsubscribed", self.left),
        ):  # fmt: skip
            self.shelves[stream].stand(np.where(at <= now, at, 0))

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a stream as its records make them."""
        shelf = self.shelves[stream]
        return {self._key(stream, row) for row in np.flatnonzero(shelf.updated_at > 0).tolist()}

    def _key(self, stream: str, row: int) -> str:
        if stream in {"campaigns", "reports"}:
            return _name(row)
        if stream == "members":
            return f"{LIST}/{self.hashes[row]}"
        pair = {"sent_to": row, "email_activity": self.pair, "unsubscribed": self.leaving}[stream]
        pair = int(pair if stream == "sent_to" else pair[row])
        base = f"{_name(self.campaign[pair])}/{self.hashes[self.member[pair]]}"
        if stream == "sent_to":
            return base
        if stream == "unsubscribed":
            return f"{base}/{_time(self.left[row])}"
        action, link = int(self.action[row]), LINKS[self.link[row]] if self.action[row] == CLICK else ""
        digest = hashlib.md5(link.encode(), usedforsecurity=False).hexdigest()[:8]
        return f"{base}/{_time(self.happened_at[row])}/{ACTIONS[action]}/{digest}"

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what Mailchimp itself counts."""
        if stream != "reports":
            return {}
        past = self.happened_at <= moment.now
        sent = self.sent_at[self.campaign] <= moment.now
        return {
            "emails_sent": int(sent.sum()), "opens.opens_total": int((past & (self.action == OPEN)).sum()),
            "bounces.hard_bounces": int((sent & (self.bounce == "hard")).sum()),
        }  # fmt: skip

    def allows(self, request: Request) -> bool:
        """Return whether a request shows the key as its password, under any name."""
        shown = request.headers.get("authorization", "").removeprefix("Basic ")
        try:
            return base64.b64decode(shown).decode().partition(":")[2] == self.secrets["MAILCHIMP_SECRET_KEY"]
        except ValueError:
            return False

    def refusal(self, request: Request) -> Response:
        """Return what Mailchimp answers to dead credentials."""
        return _problem(401, "API Key Invalid", "Your API key may be invalid, or of another datacenter.")

    def busy(self, retry_after: str) -> Response:
        """Return the bare page of who asks too much: no JSON, and no word of when to come back."""
        return Response("<html><title>Access Denied</title></html>", 403, media_type="text/html")

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints."""
        router = APIRouter(prefix="/3.0")
        count_of = Annotated[int, Query(ge=0, le=1000)]

        async def answered(
            request: Request, place: str, name: str, stream: str, rows: np.ndarray, offset: int, count: int,
            inside: bytes | None = None, total: int | None = None,
        ) -> Response:  # fmt: skip
            if self._open >= CONNECTIONS:
                return _problem(
                    429, "Too Many Requests", "You have exceeded the limit of 10 simultaneous connections."
                )
            self._open += 1
            try:
                await asyncio.sleep(self.lingers)
                shelf = self.shelves[stream]
                page = rows[offset : offset + count] if inside is None else rows
                body = b'{"%s":[%s],"total_items":%d}' % (
                    name.encode(), shelf.json(page) if inside is None else inside,
                    len(rows) if total is None else total,
                )  # fmt: skip
                return await desk.answer(request, place, body, note=partial(shelf.note, page))
            finally:
                self._open -= 1

        @router.get("/campaigns")
        async def campaigns(
            request: Request, offset: int = 0, count: count_of = 10, status: str = "",
            since_send_time: str = "", before_send_time: str = "",
        ) -> Response:  # fmt: skip
            rows = self.shelves["campaigns"].rows()
            if status == "sent":
                rows = self._sent(since_send_time, before_send_time)
            return await answered(
                request, f"campaigns.{status}", "campaigns", "campaigns", rows, offset, count
            )

        @router.get("/reports")
        async def reports(
            request: Request, offset: int = 0, count: count_of = 10,
            since_send_time: str = "", before_send_time: str = "",
        ) -> Response:  # fmt: skip
            rows = self._sent(since_send_time, before_send_time)
            return await answered(request, "reports", "reports", "reports", rows, offset, count)

        @router.get("/lists/{audience}/members")
        async def members(
            request: Request, audience: str, offset: int = 0, count: count_of = 10,
            since_last_changed: str = "", before_last_changed: str = "",
        ) -> Response:  # fmt: skip
            if audience != LIST:
                return _problem(404, "Resource Not Found", "The requested resource could not be found.")
            shelf = self.shelves["members"]
            low, high = instant(since_last_changed, 0), instant(before_last_changed, 1 << 40)
            rows = shelf.rows(updated=(low, high))
            answer = await answered(request, "members", "members", "members", rows, offset, count)
            if self.moves_after is not None:
                self.moves_after -= 1
                if self.moves_after == 0:
                    shelf.updated_at[rows[0]] = self._now + 60
            return answer

        @router.get("/reports/{campaign}/{what}")
        async def details(
            request: Request, campaign: str, what: str, offset: int = 0, count: count_of = 10, since: str = ""
        ) -> Response:
            number = int(campaign.removeprefix("chien_dich_")) - 1
            place = f"{what}.{campaign}"
            if what == "sent-to":
                there = (self.campaign == number) & (self.shelves["sent_to"].updated_at > 0)
                return await answered(
                    request, place, "sent_to", "sent_to", np.flatnonzero(there), offset, count
                )
            if what == "unsubscribed":
                there = self.campaign[self.leaving] == number
                rows = np.flatnonzero(there & (self.shelves["unsubscribed"].updated_at > 0))
                return await answered(request, place, "unsubscribes", "unsubscribed", rows, offset, count)
            shelf = self.shelves["email_activity"]
            after = shelf.updated_at > instant(since, 0)
            rows = np.flatnonzero(after & (self.campaign[self.pair] == number))
            pairs = np.unique(self.pair[rows])
            shown = pairs[offset : offset + count]
            inside, page = [], []
            for pair in shown.tolist():
                own = rows[self.pair[rows] == pair]
                page.append(own)
                inside.append(self._email(pair)[:-1] + b',"activity":[%s]}' % shelf.json(own))
            rows = np.concatenate(page) if page else rows[:0]
            return await answered(
                request, place, "emails", "email_activity", rows, offset, count, b",".join(inside), len(pairs)
            )

        return router

    def _sent(self, since: str, before: str) -> np.ndarray:
        low, high = instant(since, 0), instant(before, 1 << 40)
        return np.flatnonzero((self.sent_at <= self._now) & (self.sent_at >= low) & (self.sent_at <= high))

    def _campaign(self, row: int, at: int) -> bytes:
        is_sent = at >= self.sent_at[row]
        return orjson.dumps({
            "id": _name(row), "web_id": 9000 + row, "type": "regular",
            "status": "sent" if is_sent else "save", "create_time": _time(self.sent_at[row] - 2 * DAY),
            "send_time": _time(self.sent_at[row]) if is_sent else "",
            "emails_sent": int((self.campaign == row).sum()) if is_sent else 0,
            "recipients": {"list_id": LIST, "list_name": "Khách hàng"},
            "settings": {"title": self.titles[row], "subject_line": SUBJECTS[row % len(SUBJECTS)],
                         "from_name": "Nhà An", "reply_to": "chao@nhaan.example"},
        })  # fmt: skip

    def _member(self, row: int, at: int) -> bytes:
        profile = int(self.rows[row])
        name, email = self.members.names[profile], str(self.members.emails[profile])
        last, _, first = name.rpartition(" ")
        status = "cleaned" if at >= self.cleaned_at[row] else "subscribed"
        if at >= min(self.left_at[row], self.alone_at[row]):
            status = "unsubscribed"
        by_form = row % 4 > 0
        return orjson.dumps({
            "id": self.hashes[row], "email_address": email, "full_name": name, "list_id": LIST,
            "contact_id": f"lien_he_{row + 1}", "status": status,
            "unsubscribe_reason": "N/A (Unsubscribed by admin)"
            if status == "unsubscribed" and at >= self.alone_at[row] else None,
            "merge_fields": {"FNAME": first, "LNAME": last, "PHONE": self.members.phones[profile] or ""},
            "timestamp_signup": _time(self.joined_at[row]) if by_form else "",
            "timestamp_opt": _time(self.joined_at[row]), "last_changed": _time(at),
            "source": "Embed Form" if by_form else "Import", "language": "vi",
        })  # fmt: skip

    def _report(self, row: int, at: int) -> bytes:
        mine = self.campaign == row
        done = (self.happened_at <= self._now) & (self.campaign[self.pair] == row)
        opened, clicked = (done & (self.action == each) for each in (OPEN, CLICK))
        sent = int(mine.sum())
        hard, soft = (int((mine & (self.bounce == kind)).sum()) for kind in ("hard", "soft"))
        subscribers = len(np.unique(self.pair[clicked]))
        delivered = sent - hard - soft
        return orjson.dumps({
            "id": _name(row), "campaign_title": self.titles[row], "type": "regular", "list_id": LIST,
            "send_time": _time(self.sent_at[row]), "emails_sent": sent,
            "bounces": {"hard_bounces": hard, "soft_bounces": soft, "syntax_errors": 0},
            "opens": {"opens_total": int(opened.sum()), "unique_opens": len(np.unique(self.pair[opened]))},
            "clicks": {"clicks_total": int(clicked.sum()), "unique_subscriber_clicks": subscribers,
                       # of nobody reached Mailchimp says nought
                       "click_rate": round(subscribers / delivered, 4) if delivered else 0},
        })  # fmt: skip

    def _email(self, pair: int) -> bytes:
        member = int(self.member[pair])
        return orjson.dumps({
            "campaign_id": _name(self.campaign[pair]), "list_id": LIST, "list_is_active": True,
            "email_id": self.hashes[member], "email_address": self.members.emails[int(self.rows[member])],
        })  # fmt: skip

    def _sent_to(self, row: int, at: int) -> bytes:
        return orjson.dumps(orjson.loads(self._email(row)) | {"status": str(self.bounce[row])})

    def _activity(self, row: int, at: int) -> bytes:
        action = ACTIONS[self.action[row]]
        activity = {"action": action, "timestamp": _time(self.happened_at[row])}
        if action == "click":
            activity["url"] = LINKS[self.link[row]]
        if action == "bounce":
            activity["type"] = str(self.bounce[self.pair[row]])
        return orjson.dumps(activity)

    def _unsubscribed(self, row: int, at: int) -> bytes:
        reasons = ("Normal", "I no longer want to receive these emails", "None given")
        own = {"timestamp": _time(self.left[row]), "reason": reasons[row % 3]}
        return orjson.dumps(orjson.loads(self._email(int(self.leaving[row]))) | own)


def _title(world: World, row: int, at: int) -> str:
    """Return a campaign's title: its number, and the category and the product that its subject is of."""
    name = f"Bản tin số {row + 1}"
    categories = list(CATEGORIES)
    if row % 4 == 0:
        return f"{name} | {categories[row // 4 % len(categories)]}"
    if row % 4 == 1:
        ordered_at = world.orders.created_at[world.order_lines.order]
        sold = world.order_lines.product[(ordered_at >= at - 30 * DAY) & (ordered_at < at)]
        best = world.products[int(np.bincount(sold, minlength=len(world.products)).argmax())]
        return f"{name} | {best.category} | {best.sku}"
    return f"{name} | {categories[0]}" if row % 4 == 3 else name


def _name(row: int) -> str:
    return f"chien_dich_{int(row) + 1:03d}"


def _time(second: int) -> str:
    return utc_text(int(second)).replace("Z", "+00:00")


def _problem(status: int, title: str, detail: str) -> Response:
    body = orjson.dumps({"title": title, "status": status, "detail": detail, "instance": "khong-ro"})
    return Response(body, status, media_type="application/problem+json")
