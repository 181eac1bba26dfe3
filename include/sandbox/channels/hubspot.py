"""The sales software's HubSpot: contacts, some twice and merged later, companies, deals, consents."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response

from include.sandbox import channel
from include.sandbox.channel import Moment
from include.sandbox.desk import Desk
from include.sandbox.people import write_profiles
from include.sandbox.places import written
from include.sandbox.seasons import DAY, HOUR, NEVER, utc_text
from include.sandbox.shelf import Shelf
from include.sandbox.world import World

FIRST_ID = {"contacts": 101, "companies": 20_001, "deals": 30_001}
MODIFIED = {
    "contacts": "lastmodifieddate", "companies": "hs_lastmodifieddate", "deals": "hs_lastmodifieddate",
}  # fmt: skip
FREELY, INTEREST = "Freely given consent from contact", "Legitimate interest – prospect/lead"
STAGES = ("appointmentscheduled", "contractsent", "closedwon", "closedlost")


class Channel(channel.Channel):
    """Shelves over one portal; a contact that was merged or archived is no longer found."""

    SECRETS = ("HUBSPOT_TOKEN",)
    CALLS, CALLS_A_SECOND = 100, 10.0

    def __init__(self, name: str, world: World, secrets: Mapping[str, str]) -> None:
        super().__init__(name, world, secrets)
        self.cap = 10_000
        """How many rows of one search can be reached."""
        self.migrating = 0
        """How many answers from now on say that the account is being moved."""
        self.expires_at: int | None = None
        """The page of a list whose cursor has expired when it is asked for, once."""
        rng = world.rng(name)
        persons = world.audience("sales_software", 0.4)
        twice = persons[rng.random(len(persons)) < 0.08]
        everyone = np.concatenate([persons, twice])
        created_at = world.start + (rng.random(len(everyone)) * (world.last - world.start)).astype(np.int64)
        self.contacts = contacts = write_profiles(rng, world.people, everyone, created_at)
        self.know(contacts, FIRST_ID["contacts"] + np.arange(len(contacts)), birth_years=False)
        count = len(contacts)

        def later(share: float, low: int, high: int) -> np.ndarray:
            after = contacts.created_at + rng.integers(low, high, count)
            return np.where(rng.random(count) < share, after, NEVER)

        self.changed_at = later(0.3, HOUR, 300 * DAY)
        self.opted_out_at = later(0.14, DAY, 400 * DAY)
        back = (self.opted_out_at != NEVER) & (rng.random(count) < 0.15)
        out_at = np.where(back, self.opted_out_at, 0)
        self.back_at = np.where(back, out_at + rng.integers(DAY, 60 * DAY, count), NEVER)
        self.is_freely_given = rng.random(count) < 0.7
        self.into, self.gone_at, self.archived_at = self._merges(rng)
        left_at = np.minimum(self.gone_at, self.archived_at)
        for times in (self.changed_at, self.opted_out_at, self.back_at):
            times[(times >= np.minimum(left_at, np.where(left_at > world.end, world.end, NEVER)))] = NEVER

        company = np.flatnonzero(rng.random(count) < 0.3)
        self.company_at = contacts.created_at[company] + 60
        self.company_changed_at = np.where(
            rng.random(len(company)) < 0.3,
            self.company_at + rng.integers(DAY, 200 * DAY, len(company)),
            NEVER,
        )
        self._owner = company
        deals = np.flatnonzero(rng.random(count) < 0.35)
        mood = world.satisfaction.at(contacts.person[deals], contacts.created_at[deals])
        opened_at = contacts.created_at[deals] + rng.integers(HOUR, 20 * DAY, len(deals))
        sent_at = opened_at + rng.integers(DAY, 15 * DAY, len(deals))
        self.deal_at = np.stack([opened_at, sent_at, sent_at + rng.integers(DAY, 40 * DAY, len(deals))])
        self.is_won = rng.random(len(deals)) < np.clip(mood / 160, 0.1, 0.6)
        self.amount = rng.integers(2, 60, len(deals)) * 500_000
        self.shelves = {
            "contacts": self._shelf("contacts", contacts.created_at, self._contact),
            "companies": self._shelf("companies", self.company_at, self._company),
            "deals": self._shelf("deals", opened_at, self._deal),
        }

    def _shelf(self, stream: str, created_at: np.ndarray, render: object) -> Shelf:
        return Shelf(FIRST_ID[stream] + np.arange(len(created_at)), created_at, render)

    def _merges(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return whom each contact was merged into (-1), when, and when it was archived instead."""
        contacts, world = self.contacts, self.world
        count = len(contacts)
        into, gone_at = np.full(count, -1), np.full(count, NEVER)
        by_person = np.lexsort((contacts.created_at, contacts.person))
        same = contacts.person[by_person][1:] == contacts.person[by_person][:-1]
        first, second = by_person[:-1][same], by_person[1:][same]
        merged = rng.random(len(first)) < 0.7
        first, second = first[merged], second[merged]
        at = contacts.created_at[second] + rng.integers(5 * DAY, 200 * DAY, len(second))
        # a contact that comes and goes between two pulls is never seen
        seen = (at <= world.end) | (contacts.created_at[second] <= world.end)
        into[second[seen]], gone_at[second[seen]] = first[seen], at[seen]
        archived_at = contacts.created_at + rng.integers(30 * DAY, 400 * DAY, count)
        archives = (rng.random(count) < 0.03) & (into < 0) & ~np.isin(np.arange(count), into)
        archives &= (archived_at <= world.end) | (contacts.created_at <= world.end)
        return into, gone_at, np.where(archives, archived_at, NEVER)

    def stand(self, moment: Moment) -> None:
        """Show who was neither merged nor archived, with the last change."""
        now = self._now = moment.now
        times = np.stack([self.contacts.created_at, self.changed_at, self.opted_out_at, self.back_at])
        changed_at = np.where(times <= now, times, 0).max(axis=0)
        merged = np.flatnonzero(self.gone_at <= now)
        np.maximum.at(changed_at, self.into[merged], self.gone_at[merged])
        there = (self.contacts.created_at <= now) & (self.gone_at > now) & (self.archived_at > now)
        self.shelves["contacts"].stand(np.where(there, changed_at, 0))
        times = np.stack([self.company_at, self.company_changed_at])
        self.shelves["companies"].stand(np.where(times <= now, times, 0).max(axis=0))
        self.shelves["deals"].stand(np.where(self.deal_at <= now, self.deal_at, 0).max(axis=0))

    def keys(self, stream: str) -> set[str]:
        """Return the keys of a stream: who was landed and then merged stays, who was archived does not."""
        contacts, end = self.contacts, self.world.end
        if stream not in {"contacts", "contact_history"}:
            return super().keys(stream)
        left_at = self.gone_at if stream == "contacts" else np.minimum(self.gone_at, self.archived_at)
        was_there = (contacts.created_at <= end) & (np.minimum(self.gone_at, self.archived_at) > end)
        stays = was_there & (left_at <= self._now) & (left_at > end)
        rows = np.flatnonzero(stays | (self.shelves["contacts"].updated_at > 0)).tolist()
        if stream == "contacts":
            return {str(FIRST_ID["contacts"] + row) for row in rows}
        return {
            f"{FIRST_ID['contacts'] + row}/{name}/{entry['timestamp']}"
            for row in rows
            for name, entries in self._history(row, self._now).items()
            for entry in entries
        }

    def sums(self, stream: str, moment: Moment) -> dict[str, object]:
        """Return what the deals are worth."""
        if stream != "deals":
            return {}
        return {"properties.amount": int(self.amount[self.deal_at[0] <= moment.now].sum())}

    def allows(self, request: Request) -> bool:
        """Return whether a request bears the private app's token."""
        return request.headers.get("authorization") == f"Bearer {self.secrets['HUBSPOT_TOKEN']}"

    def refusal(self, request: Request) -> Response:
        """Return what HubSpot answers to dead credentials."""
        return _error(401, "Authentication credentials not found.", category="INVALID_AUTHENTICATION")

    def busy(self, retry_after: str) -> Response:
        """Return what HubSpot answers to a caller who asks too often."""
        answer = _error(429, "You have reached your secondly limit.", policyName="SECONDLY")
        answer.headers["Retry-After"] = retry_after
        return answer

    def routes(self, desk: Desk) -> APIRouter:
        """Return the endpoints: search, batch read, and the list of what was archived."""
        router = APIRouter(prefix="/crm/v3/objects")
        searches = desk.bucket(4, 4.0)

        def moving() -> Response | None:
            if not self.migrating:
                return None
            self.migrating -= 1
            body = b'{"status":"error","message":"Account is migrating"}'
            return Response(body, 477, {"Retry-After": "0.01"}, media_type="application/json")

        @router.post("/{stream}/search")
        async def search(request: Request, stream: str) -> Response:
            asked = orjson.loads(await request.body())
            shelf = self.shelves[stream]
            found = shelf.updated_at > 0
            for each in asked["filterGroups"][0]["filters"]:
                is_id = each["propertyName"] == "hs_object_id"
                values = shelf.ids if is_id else shelf.updated_at * 1000
                low = int(each["value"])
                found &= values > low if each["operator"] == "GT" else values >= low
                if each["operator"] == "BETWEEN":
                    found &= values <= int(each["highValue"])
            start, limit = int(asked.get("after", 0)), min(int(asked.get("limit", 10)), 200)
            if start + limit > self.cap:
                return _error(400, f"Paging beyond {self.cap} results is not supported")
            rows = np.flatnonzero(found)
            total, rows = len(rows), rows[start : start + limit]
            results = [
                {"id": str(shelf.ids[row]), "archived": False, "properties": {
                    "hs_object_id": str(shelf.ids[row]), MODIFIED[stream]: _time(shelf.updated_at[row])}}
                for row in rows.tolist()
            ]  # fmt: skip
            answer: dict[str, object] = {"total": total, "results": results}
            if start + limit < total:
                answer["paging"] = {"next": {"after": str(start + limit)}}
            body = orjson.dumps(answer)
            return moving() or await desk.answer(request, f"{stream}.search", body, bucket=searches)

        @router.post("/{stream}/batch/read")
        async def read(request: Request, stream: str) -> Response:
            asked = orjson.loads(await request.body())
            shelf = self.shelves[stream]
            rows = np.array([int(each["id"]) - FIRST_ID[stream] for each in asked["inputs"]], np.int64)
            rows = rows[shelf.updated_at[rows] > 0]
            place = f"{stream}.batch"
            if asked.get("propertiesWithHistory"):
                place = "contact_history.batch"
                records = [
                    {"id": str(shelf.ids[row]), "archived": False, "properties": {},
                     "propertiesWithHistory": self._history(row, self._now)}
                    for row in rows.tolist()
                ]  # fmt: skip
                body = orjson.dumps({"status": "COMPLETE", "results": records})
            else:
                body = b'{"status":"COMPLETE","results":[%s]}' % shelf.json(rows)
            return moving() or await desk.answer(request, place, body, note=partial(shelf.note, rows))

        @router.get("/{stream}")
        async def listed(
            request: Request, stream: str, limit: int = 10, after: str = "0", archived: bool = False
        ) -> Response:
            shelf, start = self.shelves[stream], int(after)
            if self.expires_at is not None and start >= self.expires_at * limit:
                self.expires_at = None
                return _error(400, "The paging cursor in 'after' has expired")
            if archived:
                gone = (
                    self.archived_at <= self._now if stream == "contacts" else np.zeros(len(shelf.ids), bool)
                )
                rows = np.flatnonzero(gone)
                parts = [self._archived(row) for row in rows[start : start + limit].tolist()]
                inside = b",".join(parts)
            else:
                rows = np.flatnonzero(shelf.updated_at > 0)
                inside = shelf.json(rows[start : start + limit])
            more = (
                b',"paging":{"next":{"after":"%d"}}' % (start + limit) if start + limit < len(rows) else b""
            )
            body = b'{"results":[%s]%s}' % (inside, more)
            return moving() or await desk.answer(request, f"{stream}.archived", body)

        return router

    def _record(self, stream: str, row: int, created_at: int, at: int, properties: dict) -> bytes:
        identity = str(FIRST_ID[stream] + row)
        own = {
            "hs_object_id": identity, "createdate": _time(created_at), MODIFIED[stream]: _time(at),
        }  # fmt: skip
        return orjson.dumps({
            "id": identity, "archived": False, "createdAt": _time(created_at), "updatedAt": _time(at),
            "properties": {name: value and str(value) for name, value in properties.items()} | own,
        })  # fmt: skip

    def _contact(self, row: int, at: int) -> bytes:
        contacts = self.contacts
        last, _, first = contacts.names[row].rpartition(" ")
        merged = np.flatnonzero((self.into == row) & (self.gone_at <= at))
        is_out = self.opted_out_at[row] <= at < self.back_at[row]
        says = is_out or self.opted_out_at[row] <= at
        return self._record("contacts", row, int(contacts.created_at[row]), at, {
            "firstname": first, "lastname": last, "email": contacts.emails[row],
            "phone": contacts.phones[row], "mobilephone": None, "hs_additional_emails": None,
            "city": written(self.world.people[contacts.person[row]].place, row).province,
            "lifecyclestage": "customer" if self.changed_at[row] <= at else "lead",
            "hs_email_optout": ("true" if is_out else "false") if says else None,
            "hs_merged_object_ids": ";".join(str(FIRST_ID["contacts"] + each) for each in merged.tolist())
            or None,
        })  # fmt: skip

    def _archived(self, row: int) -> bytes:
        at = int(self.archived_at[row])
        record = orjson.loads(self._contact(row, at))
        return orjson.dumps(record | {"archived": True, "archivedAt": _time(at)})

    def _history(self, row: int, now: int) -> dict[str, list[dict]]:
        """Return a contact's consents, newest first."""
        created_at = int(self.contacts.created_at[row])
        basis = FREELY if self.is_freely_given[row] else INTEREST
        entries = [(self.back_at[row], "false", "FORM"), (self.opted_out_at[row], "true", "EMAIL")]
        return {
            "hs_email_optout": [
                {"value": value, "timestamp": _time(at), "sourceType": said, "sourceId": f"su_{row}"}
                for at, value, said in entries if at <= now
            ],
            "hs_legal_basis": [{
                "value": basis, "timestamp": _time(created_at), "sourceId": f"bieu_mau_{row % 5}",
                "sourceType": ("FORM", "IMPORT", "CRM_UI")[row % 3],
            }],
        }  # fmt: skip

    def _company(self, row: int, at: int) -> bytes:
        person = self.world.people[self.contacts.person[self._owner[row]]]
        is_grown = at >= self.company_changed_at[row]
        return self._record("companies", row, int(self.company_at[row]), at, {
            "name": f"Cửa hàng {person.given}", "domain": f"cuahang{row}.example",
            "city": written(person.place, row).province, "industry": "RETAIL",
            "numberofemployees": 1 + row % 9 + 3 * is_grown,
        })  # fmt: skip

    def _deal(self, row: int, at: int) -> bytes:
        step = int((self.deal_at[:, row] <= at).sum()) - 1
        stage = step if step < 2 else 2 if self.is_won[row] else 3
        return self._record("deals", row, int(self.deal_at[0, row]), at, {
            "dealname": f"Gói phần mềm {row + 1}", "amount": int(self.amount[row]),
            "deal_currency_code": "VND", "pipeline": "default", "dealstage": STAGES[stage],
            "hs_is_closed_won": "true" if stage == 2 else "false",
            "closedate": _time(self.deal_at[2, row]),
        })  # fmt: skip


def _time(second: int) -> str:
    return utc_text(second).replace("Z", ".000Z")


def _error(status: int, message: str, **more: str) -> Response:
    body = orjson.dumps({"status": "error", "message": message} | more)
    return Response(body, status, media_type="application/json")
