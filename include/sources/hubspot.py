"""HubSpot, the CRM of the sales software: contacts with what they consented to, companies and deals.

A search by time of change finds what a window holds. It never gives more than its first 10,000 rows,
and a bulk import changes more than that in one second, so every page is a search of its own for ids
above the last one; `after` is not used, and nothing that changes meanwhile moves the others. The
index of the search lags behind: it gives ids alone, and a batch read gives the records as they are.
A search ends when two in a row find nothing new. What was archived is in a list of its own.

A contact that HubSpot merges into another vanishes without a word; the other names it in
`hs_merged_object_ids`, by which identity joins the two. `contact_history` holds what a contact's opt-out
and legal basis were, from when, and where that was said. Running a window twice is safe: a record has
its key and its time of change, and history never changes. Run against the sandbox only.

**Credential.** In HubSpot: Settings, Integrations, Private apps, create one; HUBSPOT_TOKEN.
HUBSPOT_OBJECTS is the path of the objects, whose version HubSpot writes as a date from 2026 on.
HUBSPOT_URL is https://api.hubapi.com.

**Scopes.** `crm.objects.contacts.read`, `crm.objects.companies.read`, `crm.objects.deals.read`.

**Limits.** Four searches a second; 100 calls in ten seconds; a daily allowance by account. A batch reads
100 records, 50 with history. 477 says that the account is being moved, and for how long to wait.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from requests import Response

from include import rest, settings
from include.rest import Api, Overloaded
from include.sources import Page, QuotaSpent, Record, SourceError, Stream, Window

LIMIT, LIMIT_WITH_HISTORY = 100, 50
QUIET = 2
"""How many searches in a row find nothing new at the end of a window."""
READINGS = 3
"""How often a batch, or a list whose cursor expired, is asked for."""
MIGRATING = 477
LAG = timedelta(minutes=10)
MILLISECOND = timedelta(milliseconds=1)
CHANGED = {
    "contacts": "lastmodifieddate", "companies": "hs_lastmodifieddate", "deals": "hs_lastmodifieddate",
}  # fmt: skip
"""The property that says when a record changed."""
PROPERTIES = {
    "contacts": (
        "email", "hs_additional_emails", "phone", "mobilephone", "firstname", "lastname", "city",
        "lifecyclestage", "hs_email_optout", "hs_merged_object_ids", "createdate",
    ),
    "companies": ("name", "domain", "city", "industry", "numberofemployees", "createdate"),
    "deals": (
        "dealname", "amount", "deal_currency_code", "pipeline", "dealstage", "hs_is_closed_won",
        "createdate", "closedate",
    ),
}  # fmt: skip
CONSENTS = ("hs_email_optout", "hs_legal_basis")
TIMES = {"changed_at": "timestamptz", "properties.createdate": "timestamptz"}

STREAMS = (
    *(
        Stream(name, key=("id",), version="changed_at", deleted="archived", types=types, overlap=LAG)
        for name, types in (
            ("contacts", TIMES),
            ("companies", TIMES | {"properties.numberofemployees": "integer"}),
            ("deals", TIMES | {"properties.closedate": "timestamptz", "properties.amount": "numeric(18,4)"}),
        )
    ),
    Stream(
        "contact_history",
        key=("contact_id", "property", "timestamp"),
        version="timestamp",
        parent=("contact_id",),
        types={"timestamp": "timestamptz"},
        overlap=LAG,
    ),
)


class CursorExpired(SourceError):
    """A list cannot be continued, because its cursor is no longer known."""


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield what changed in a window.

    Raises:
        SourceError: the search, or a batch, does not hold what it says.
    """
    client = rest.connect(
        settings.source_url("hubspot"),
        BearerTokenAuth(settings.secret("HUBSPOT_TOKEN")),
        meaning=_meaning,
        calls_a_second=4,
    )
    objects = settings.source_setting("HUBSPOT_OBJECTS", "/crm/v3/objects")
    if stream == "contact_history":
        wanted = {"properties": [], "propertiesWithHistory": list(CONSENTS)}
        for ids in _changed(client, f"{objects}/contacts", "contacts", window):
            for start in range(0, len(ids), LIMIT_WITH_HISTORY):
                part = ids[start : start + LIMIT_WITH_HISTORY]
                contacts = _read(client, f"{objects}/contacts", part, wanted)
                yield Page([entry for contact in contacts for entry in _entries(contact)])
        return
    properties = [*PROPERTIES[stream], CHANGED[stream]]
    for ids in _changed(client, f"{objects}/{stream}", stream, window):
        records = _read(client, f"{objects}/{stream}", ids, {"properties": properties})
        yield Page([each | {"changed_at": each["properties"][CHANGED[stream]]} for each in records])
    yield Page(_archived(client, f"{objects}/{stream}", window))


def _changed(client: Api, path: str, stream: str, window: Window) -> Iterator[list[str]]:
    """Yield the ids of what changed in a window, a page at a time, ascending."""
    changed, last, quiet = CHANGED[stream], 0, 0
    while quiet < QUIET:
        filters = [
            {"propertyName": changed, "operator": "BETWEEN", "value": _milliseconds(window.start),
             "highValue": _milliseconds(window.end)},
            {"propertyName": "hs_object_id", "operator": "GT", "value": last},
        ]  # fmt: skip
        body = {
            "filterGroups": [{"filters": filters}], "properties": [changed], "limit": LIMIT,
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        }  # fmt: skip
        answer = rest.ask(client, f"{path}/search", method="POST", body=body)
        # an answer to another question is none of this one's
        new = [
            int(record["id"]) for record in answer["results"]
            if int(record["id"]) > last and _lies_in(record["properties"][changed], window)
        ]  # fmt: skip
        if new:
            last, quiet = max(new), 0
            yield [str(identity) for identity in sorted(new)]
        else:
            quiet += 1
    if answer["total"]:
        raise SourceError(
            f"HubSpot counts {answer['total']} more {stream} above {last} and gives none. Run the task again."
        )


def _read(client: Api, path: str, ids: list[str], wanted: Mapping[str, object]) -> list[Record]:
    """Return the records of some ids as they are."""
    body = {**wanted, "inputs": [{"id": identity} for identity in ids]}
    for _ in range(READINGS):
        records = rest.ask(client, f"{path}/batch/read", method="POST", body=body)["results"]
        if {record["id"] for record in records} == set(ids):
            return records
    raise SourceError(
        f"HubSpot was asked for {len(ids)} records of {path} by their ids and gave {len(records)}, or "
        "others. Run the task again: what was archived in between is no longer found."
    )


def _archived(client: Api, path: str, window: Window) -> list[Record]:
    """Return what was archived in a window: HubSpot lists all that was in the last ninety days."""
    for _ in range(READINGS):
        cursor = JSONResponseCursorPaginator(cursor_path="paging.next.after", cursor_param="after")
        try:
            records = [
                record
                for page in rest.pages(client, path, "results", {"archived": "true", "limit": LIMIT}, cursor)
                for record in page
            ]
        except CursorExpired:
            continue
        return [
            record | {"changed_at": record["archivedAt"]}
            for record in records
            if _lies_in(record["archivedAt"], window)
        ]
    raise SourceError(f"The cursor of {path} expired {READINGS} times. Run the task again.")


def _entries(contact: Record) -> Iterator[Record]:
    for name, entries in contact["propertiesWithHistory"].items():
        for entry in entries:
            yield entry | {"contact_id": contact["id"], "property": name}


def _meaning(response: Response, answer: object) -> None:
    """Raise what an answer means beyond its status."""
    said = answer if isinstance(answer, dict) else {}
    if response.status_code == 429 and said.get("policyName") == "DAILY":
        raise QuotaSpent("HubSpot's allowance of the day is used up.")
    if response.status_code == MIGRATING:
        raise Overloaded("HubSpot is moving the account to another place", response=response)
    if response.status_code == 400 and "after" in str(said.get("message")):
        raise CursorExpired(str(said["message"]))


def _lies_in(text: str, window: Window) -> bool:
    return window.start - MILLISECOND <= datetime.fromisoformat(text) <= window.end


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
