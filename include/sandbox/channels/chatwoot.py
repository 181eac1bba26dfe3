"""The inbox of the sales software as Chatwoot's API shows it: chat, mail and Facebook in one list.

As in life the list is sorted by what happened last, so that whoever writes moves to the top; a survey
goes out once, when a conversation is resolved, and may be answered and answered otherwise for days; what
never happened is told as the second 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request, Response

from include.sandbox import channel, chats
from include.sandbox.channel import Moment
from include.sandbox.desk import Desk
from include.sandbox.people import fold, write_profiles
from include.sandbox.seasons import DAY, HOUR, NEVER, VIETNAM
from include.sandbox.shelf import Shelf
from include.sandbox.trade import Columns
from include.sandbox.vocabulary import AGENTS, BLAME, BOT_REPLY, PRAISE
from include.sandbox.world import World

ACCOUNT = 1
CONVERSATIONS, ANSWERS, MESSAGES = 25, 25, 20
"""Rows of a page."""
COUNTED_DAYS = 40
INBOXES = (
    ("Trang bán hàng", "Channel::WebWidget", True),
    ("hotro@phanmem.example", "Channel::Email", True),
    ("Phần mềm bán hàng", "Channel::FacebookPage", False),
)
"""What each is called, how it is reached, and whether it sends surveys."""
LABELS = ("san_pham", "thanh_toan", "tu_van")
INCOMING, OUTGOING, ACTIVITY, TEMPLATE = range(4)
TALK, NOTE, GREETING, ASSIGNED, RESOLVED, SURVEY = range(6)
TYPES = (OUTGOING, OUTGOING, TEMPLATE, ACTIVITY, ACTIVITY, TEMPLATE)
"""How each kind of message is told; talk of the customer's is incoming."""
QUESTIONS = (
    "Máy in hoá đơn không nhận lệnh in, mình phải làm sao?",
    "Mình muốn thêm nhân viên thứ ba vào gói đang dùng.",
    "Báo cáo tồn kho hôm qua lệch so với kiểm đếm.",
    "Gói năm có xuất hoá đơn đỏ không ạ?",
)
REPLIES = (
    "Dạ anh/chị cho em xin ảnh màn hình để em kiểm tra ạ.",
    "Dạ em đã cập nhật, anh/chị tải lại trang giúp em nhé.",
    "Dạ em chuyển bộ phận kỹ thuật và báo lại trong hôm nay ạ.",
)
THANKS = ("Được rồi, cảm ơn bạn.", "Vẫn chưa được bạn ơi.", "Ok mình chờ.")


@dataclass
class Said(Columns):
    """Everything that a conversation shows, activities and surveys included, by time."""

    conversation: np.ndarray
    at: np.ndarray
    kind: np.ndarray
    is_customer: np.ndarray
    is_question: np.ndarray
    text: np.ndarray


class Channel(channel.Channel):
    """Six shelves: inboxes, contacts, conversations, messages, answers to surveys, counted days."""

    SECRETS = ("CHATWOOT_TOKEN",)
    CALLS, CALLS_A_SECOND = 100, 50.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.passing = 0
        """Seconds that pass with every page of a list."""
        self._now = 0
        rng = world.rng(name)
        persons = world.audience("sales_software", 0.12)
        talk = chats.make_messages(rng, world, len(persons), 1.6, wait=300)
        talk = talk.take(np.lexsort((talk.said_at, talk.chat)))
        starts = np.flatnonzero(np.diff(talk.chat, prepend=-1))
        # numbered as they began
        by_start = np.argsort(talk.said_at[starts], kind="stable")
        number = np.empty(len(starts), np.int64)
        number[by_start] = np.arange(len(starts))
        conversation = number[np.cumsum(np.diff(talk.chat, prepend=-1) != 0) - 1]
        count = len(starts)
        self._contact = talk.talker[starts][by_start]
        self._start = talk.said_at[starts][by_start]
        end, self._replied_at = np.zeros(count, np.int64), np.full(count, NEVER)
        np.maximum.at(end, conversation, talk.said_at)
        replies = ~talk.is_customer
        np.minimum.at(self._replied_at, conversation[replies], talk.said_at[replies])
        is_answered = self._replied_at != NEVER

        self._inbox = rng.choice(len(INBOXES), count, p=[0.6, 0.25, 0.15])
        self._label = rng.choice(len(LABELS) + 1, count)
        self._agent = rng.integers(1, len(AGENTS), count)
        is_resolved = is_answered & (rng.random(count) < 0.94)
        self._resolved_at = np.where(is_resolved, end + rng.integers(300, 8 * HOUR, count), NEVER)
        asks = is_resolved & np.array([sends for *_, sends in INBOXES])[self._inbox]
        self._survey_at = np.where(asks, self._resolved_at + 1, NEVER)
        self._rated_at = np.where(
            asks & (rng.random(count) < 0.4), end + 8 * HOUR + rng.integers(60, 3 * DAY, count), NEVER
        )
        self._rated_again_at = np.where(
            (self._rated_at != NEVER) & (rng.random(count) < 0.15),
            np.minimum(self._rated_at, world.last) + rng.integers(60, 5 * DAY, count), NEVER,
        )  # fmt: skip
        person = persons[self._contact]
        mood = world.satisfaction.at(person, self._start) + rng.normal(0, 12, count)
        self._rating = np.clip(np.rint(1.4 + mood / 25), 1, 5).astype(np.int64)
        is_greeted = (self._inbox == 0) & (rng.random(count) < 0.4)
        has_note = is_answered & (rng.random(count) < 0.12)

        def told(kind: int, at: np.ndarray) -> Said:
            rows = np.flatnonzero(at <= world.last)
            none = np.zeros(len(rows), bool)
            return Said(rows, at[rows], np.full(len(rows), kind), none, none, rows)

        parts = [
            Said(conversation, talk.said_at, np.full(len(talk), TALK), talk.is_customer, talk.is_question,
                 talk.text),
            told(GREETING, np.where(is_greeted, self._start + 2, NEVER)),
            told(NOTE, np.where(has_note, self._replied_at - 1, NEVER)),
            told(ASSIGNED, np.where(is_answered, self._replied_at - 2, NEVER)),
            told(RESOLVED, self._resolved_at),
            told(SURVEY, self._survey_at),
        ]  # fmt: skip
        columns = zip(*(vars(part).values() for part in parts), strict=True)
        said = Said(*(np.concatenate(column) for column in columns))
        self._said = said = said.take(np.lexsort((said.kind, said.conversation, said.at)))
        self._by_conversation = np.argsort(said.conversation, kind="stable")
        self._first = np.searchsorted(said.conversation[self._by_conversation], np.arange(count + 1))

        seen_first = np.full(len(persons), NEVER)
        np.minimum.at(seen_first, self._contact, self._start)
        self._profiles = write_profiles(rng, world.people, persons, np.minimum(seen_first, world.last))
        # profiles are sorted by time, contacts by person
        self._profile = np.argsort(self._profiles.person)
        self._is_named = rng.random(len(persons)) < 0.75
        contact = np.empty(len(persons), np.int64)
        contact[self._profile] = np.arange(len(persons))
        is_named = self._is_named[contact]
        self.know(
            self._profiles, 1 + contact, names=is_named, phones=is_named, emails=is_named, birth_years=False
        )
        self._rated = np.flatnonzero(self._rated_at != NEVER)
        self._rated = self._rated[np.argsort(self._rated_at[self._rated], kind="stable")]
        self._first_day = datetime.fromtimestamp(world.start, VIETNAM).date()
        days = world.days
        self.shelves = {
            "inboxes": Shelf(1 + np.arange(len(INBOXES)), np.zeros(len(INBOXES)), self._show_inbox),
            "contacts": Shelf(1 + np.arange(len(persons)), seen_first, self._show_contact),
            "conversations": Shelf(1 + np.arange(count), self._start, self._show),
            "messages": Shelf(1 + np.arange(len(said)), said.at, self._message),
            "csat_responses": Shelf(
                1 + np.arange(len(self._rated)), self._rated_at[self._rated], self._answer
            ),
            "report_days": Shelf(1 + np.arange(days), world.start + np.arange(days) * DAY, _nothing),
        }  # fmt: skip

    def stand(self, moment: Moment) -> None:
        """Show what has happened; a conversation changes with each of its messages."""
        now, said = moment.now, self._said
        self._now = now
        self.shelves["inboxes"].stand(np.full(len(INBOXES), self.world.start))
        there = said.at <= now
        moved = np.zeros(len(self._start), np.int64)
        np.maximum.at(moved, said.conversation[there], said.at[there])
        self.shelves["conversations"].stand(moved)
        seen = np.zeros(len(self._profiles), np.int64)
        np.maximum.at(seen, self._contact, moved)
        self.shelves["contacts"].stand(seen)
        answered = np.where(said.kind == SURVEY, self._rated_at[said.conversation], NEVER)
        self.shelves["messages"].stand(np.where(there, np.where(answered <= now, answered, said.at), 0))
        rated, again = self._rated_at[self._rated], self._rated_again_at[self._rated]
        self.shelves["csat_responses"].stand(np.where(rated <= now, np.where(again <= now, again, rated), 0))
        begins = self.shelves["report_days"].created_at
        counted = (begins + DAY > self.world.end - COUNTED_DAYS * DAY) & (begins + DAY <= now + 1)
        self.shelves["report_days"].stand(np.where(counted, begins + DAY, 0))

    def allows(self, request: Request) -> bool:
        """Return whether a request bears the token."""
        return request.headers.get("api_access_token") == self.secrets["CHATWOOT_TOKEN"]

    def refusal(self, request: Request) -> Response:
        """Return what Chatwoot answers to a wrong token."""
        return _json({"error": "Invalid Access Token"}, 401)

    def busy(self, retry_after: str) -> Response:
        """Return what rack-attack answers to a caller who asks too often."""
        return Response(b"Retry later\n", 429, {"Retry-After": retry_after}, media_type="text/plain")

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a stream; of the counts, whole days since forty before history ends."""
        if stream != "report_days":
            return super().keys(stream)
        return {self._date(row) for row in np.flatnonzero(self.shelves[stream].updated_at > 0).tolist()}

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return the stars that were given, as they were given last."""
        if stream != "csat_responses":
            return {}
        shown = np.flatnonzero(self.shelves[stream].updated_at > 0).tolist()
        return {"rating": sum(self._stars(row, moment.now) for row in shown)}

    def ledger(self, moment: Moment) -> channel.Counts:
        """Return how much there is, the surveys sent and the words of people apart."""
        counts, said = super().ledger(moment), self._said
        shown = said.at <= moment.now
        counts["messages"] |= {
            "surveys": int((shown & (said.kind == SURVEY)).sum()),
            "told": int((shown & np.isin(said.kind, (TALK, NOTE, GREETING))).sum()),
        }
        return counts

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints of one account."""
        router, home = APIRouter(), f"/api/v1/accounts/{ACCOUNT}"

        def passed() -> None:
            if self.passing:
                desk.stage.now += self.passing
                self.stand(desk.stage.moment)

        @router.get(f"{home}/inboxes")
        async def inboxes(request: Request) -> Response:
            rows = np.arange(len(INBOXES))
            body = b'{"payload":[%s]}' % self.shelves["inboxes"].json(rows)
            note = partial(self.shelves["inboxes"].note, rows)
            return await desk.answer(request, "inboxes", body, note=note)

        @router.get(f"{home}/conversations")
        async def conversations(
            request: Request, status: str = "open", sort_by: str = "last_activity_at_desc",
            page: Annotated[int, Query(ge=1)] = 1,
        ) -> Response:  # fmt: skip
            shelf = self.shelves["conversations"]
            rows = shelf.rows(by="created_at" if sort_by.startswith("created") else "updated_at")
            if sort_by.endswith("desc"):
                rows = rows[::-1]
            if status != "all":
                rows = rows[[self._status(row, self._now) == status for row in rows.tolist()]]
            total = len(rows)
            rows = rows[(page - 1) * CONVERSATIONS : page * CONVERSATIONS]
            meta = {"mine_count": 0, "assigned_count": total, "unassigned_count": 0, "all_count": total}
            body = b'{"data":{"meta":%s,"payload":[%s]}}' % (orjson.dumps(meta), shelf.json(rows))
            response = await desk.answer(request, "conversations", body, note=partial(shelf.note, rows))
            passed()
            return response

        @router.get(home + "/conversations/{number}/messages")
        async def messages(request: Request, number: int, before: int = 1 << 40) -> Response:
            own = self._by_conversation[self._first[number - 1] : self._first[number]]
            rows = own[(self._said.at[own] <= self._now) & (own + 1 < before)][-MESSAGES:]
            shelf = self.shelves["messages"]
            meta = orjson.dumps({"labels": self._labels(number - 1), "additional_attributes": {}})
            body = b'{"meta":%s,"payload":[%s]}' % (meta, shelf.json(rows))
            return await desk.answer(request, "messages", body, note=partial(shelf.note, rows))

        def answered(since: int, until: int) -> np.ndarray:
            """Return the answers of a span; Chatwoot takes no notice of one that lacks an end."""
            shelf = self.shelves["csat_responses"]
            return shelf.rows(created=(since, until - 1) if since and until else None, by="created_at")

        @router.get(f"{home}/csat_survey_responses")
        async def answers(
            request: Request, since: int = 0, until: int = 0, sort: str = "",
            page: Annotated[int, Query(ge=1)] = 1,
        ) -> Response:  # fmt: skip
            shelf, rows = self.shelves["csat_responses"], answered(since, until)
            rows = rows[::-1] if sort == "-created_at" else rows
            rows = rows[(page - 1) * ANSWERS : page * ANSWERS]
            body = b"[%s]" % shelf.json(rows)
            response = await desk.answer(request, "csat_responses", body, note=partial(shelf.note, rows))
            passed()
            return response

        @router.get(f"{home}/csat_survey_responses/metrics")
        async def metrics(request: Request, since: int = 0, until: int = 0) -> Response:
            rows = answered(since, until).tolist()
            stars = [self._stars(row, self._now) for row in rows]
            sent = self._survey_at[self._survey_at <= self._now]
            if since and until:
                sent = sent[(sent >= since) & (sent < until)]
            told = {
                "total_count": len(rows), "total_sent_messages_count": len(sent),
                "ratings_count": {str(star): stars.count(star) for star in sorted(set(stars))},
            }  # fmt: skip
            # the count of one span is never the answer to a question for another
            return await desk.answer(request, f"metrics.{since}.{until}", orjson.dumps(told))

        @router.get(f"/api/v2/accounts/{ACCOUNT}/reports")
        async def reports(
            request: Request, metric: str, since: int, until: int, group_by: str = "day",
            timezone_offset: float = 0,
        ) -> Response:  # fmt: skip
            if metric != "conversations_count" or group_by != "day":
                return _json({"error": "invalid metric"}, 422)
            ahead = int(timezone_offset * HOUR)
            begun = self._start[(self._start >= since) & (self._start < until) & (self._start <= self._now)]
            first, last = (since + ahead) // DAY, (until - 1 + ahead) // DAY
            counts = np.bincount((begun + ahead) // DAY - first, minlength=last - first + 1)
            told = [
                {"value": int(count), "timestamp": int((first + n) * DAY - ahead)}
                for n, count in enumerate(counts)
            ]
            return await desk.answer(request, "reports", orjson.dumps(told))

        return router

    def _date(self, day: int) -> str:
        return (self._first_day + timedelta(days=day)).isoformat()

    def _stars(self, row: int, now: int) -> int:
        """Return how many stars an answer gives; who thinks again takes one back, or gives a second."""
        conversation = int(self._rated[row])
        stars = int(self._rating[conversation])
        return max(stars - 1, 2) if self._rated_again_at[conversation] <= now else stars

    def _status(self, row: int, now: int) -> str:
        if self._resolved_at[row] <= now:
            return "resolved"
        return "open" if self._replied_at[row] <= now or self._inbox[row] else "pending"

    def _labels(self, row: int) -> list[str]:
        return list(LABELS[self._label[row] :][:1])

    def _show_inbox(self, row: int, now: int) -> bytes:
        name, kind, sends = INBOXES[row]
        secret = {"imap_password": "mật khẩu", "smtp_password": "mật khẩu"} if "Email" in kind else {}
        return orjson.dumps({
            "id": row + 1, "name": name, "channel_type": kind, "csat_survey_enabled": sends,
            "hmac_token": "không ai được biết", "timezone": "Asia/Ho_Chi_Minh",
        } | secret)  # fmt: skip

    def _person(self, contact: int) -> dict[str, object]:
        profile, is_named = int(self._profile[contact]), bool(self._is_named[contact])
        known, email = self._profiles, self._profiles.emails[profile] if is_named else None
        return {
            "id": contact + 1, "name": known.names[profile] if is_named else f"wispy-rain-{contact + 1}",
            "email": email.lower() if email else None,
            "phone_number": known.phones[profile] if is_named else None, "identifier": None,
            "custom_attributes": {}, "additional_attributes": {}, "thumbnail": "",
            "created_at": int(self.shelves["contacts"].created_at[contact]),
        }  # fmt: skip

    def _show_contact(self, row: int, now: int) -> bytes:
        return orjson.dumps(self._person(row))

    def _agent_of(self, row: int) -> dict[str, object]:
        number = int(self._agent[row])
        return {"id": number, "name": AGENTS[number], "type": "user",
                "email": f"{fold(AGENTS[number]).lower().replace(' ', '.')}@phanmem.example"}  # fmt: skip

    def _show(self, row: int, now: int) -> bytes:
        own = self._by_conversation[self._first[row] : self._first[row + 1]]
        latest = int(own[self._said.at[own] <= now][-1])
        replied = int(self._replied_at[row])
        meta = {"sender": self._person(int(self._contact[row])), "channel": INBOXES[self._inbox[row]][1],
                "hmac_verified": False}  # fmt: skip
        if replied <= now:
            meta["assignee"] = self._agent_of(row)
        message = orjson.loads(self._message(latest, now))
        return orjson.dumps({
            "id": row + 1, "uuid": f"{row * 2654435761 % (1 << 32):08x}-0000-4000-8000-{row:012x}",
            "account_id": ACCOUNT, "inbox_id": int(self._inbox[row]) + 1, "meta": meta,
            "messages": [message], "last_non_activity_message": message,
            "status": self._status(row, now), "labels": self._labels(row), "priority": None,
            "additional_attributes": {}, "custom_attributes": {}, "muted": False, "snoozed_until": None,
            "created_at": int(self._start[row]), "updated_at": float(now), "timestamp": now,
            "last_activity_at": now, "first_reply_created_at": replied if replied <= now else 0,
            "waiting_since": 0 if replied <= now else int(self._start[row]), "unread_count": 0,
        })  # fmt: skip

    def _message(self, row: int, now: int) -> bytes:
        said, kind = self._said, int(self._said.kind[row])
        conversation = int(said.conversation[row])
        is_customer = bool(said.is_customer[row])
        message: dict[str, object] = {
            "id": row + 1, "content": self._words(row, conversation), "account_id": ACCOUNT,
            "inbox_id": int(self._inbox[conversation]) + 1, "conversation_id": conversation + 1,
            "message_type": INCOMING if is_customer else TYPES[kind],
            "content_type": "input_csat" if kind == SURVEY else "text", "content_attributes": {},
            "created_at": int(said.at[row]), "private": kind == NOTE, "status": "sent", "source_id": None,
        }  # fmt: skip
        if kind == SURVEY and self._rated_at[conversation] <= now:
            given = {"rating": int(self._rating[conversation]), "feedback_message": None}
            message["content_attributes"] = {"submitted_values": {"csat_survey_response": given}}
        if is_customer:
            message["sender"] = self._person(int(self._contact[conversation])) | {"type": "contact"}
        elif TYPES[kind] == OUTGOING:
            message["sender"] = self._agent_of(conversation)
        return orjson.dumps(message)

    def _words(self, row: int, conversation: int) -> str:
        lot, kind = int(self._said.text[row]), int(self._said.kind[row])
        agent = AGENTS[self._agent[conversation]]
        if kind == TALK:
            texts = REPLIES
            if self._said.is_customer[row]:
                texts = QUESTIONS if self._said.is_question[row] else THANKS
            return texts[lot % len(texts)]
        return {
            NOTE: "Khách này đang dùng gói năm.", GREETING: BOT_REPLY,
            ASSIGNED: f"{agent} tự nhận cuộc trò chuyện này",
            RESOLVED: f"{agent} đã giải quyết cuộc trò chuyện này",
            SURVEY: "Bạn đánh giá cuộc trò chuyện này thế nào?",
        }[kind]  # fmt: skip

    def _answer(self, row: int, now: int) -> bytes:
        conversation, stars = int(self._rated[row]), self._stars(row, now)
        words = (PRAISE if stars > 3 else BLAME)[conversation % 4]
        own = self._by_conversation[self._first[conversation] : self._first[conversation + 1]]
        survey = int(own[self._said.kind[own] == SURVEY][0])
        return orjson.dumps({
            "id": row + 1, "rating": stars, "feedback_message": words or None, "account_id": ACCOUNT,
            "message_id": survey + 1, "conversation_id": conversation + 1,
            "contact": self._person(int(self._contact[conversation])),
            "assigned_agent": self._agent_of(conversation),
            "created_at": int(self._rated_at[conversation]),
        })  # fmt: skip


def _nothing(row: int, now: int) -> bytes:
    """Return nothing: a day is counted when it is asked for."""
    return b""


def _json(body: object, status: int) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
