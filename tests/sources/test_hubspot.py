"""No search is too large, a merged contact leaves its id behind, and consents have a history."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import requests
from requests import Response

from include import sources
from include.sandbox.channels.hubspot import FIRST_ID
from include.sandbox.live import Played
from include.sources import QuotaSpent, Record, SourceError, TokenRefused, Window, hubspot

START = datetime(2024, 1, 1, tzinfo=UTC)
STREAMS = {stream.name: stream for stream in hubspot.STREAMS}


def pull(played: Played, stream: str, window: Window | None = None) -> dict[str, Record]:
    pages = sources.pages("hubspot", stream, window or Window(START, played.now))
    records = [record for page in pages for record in page.records]
    return {"/".join(str(record[part]) for part in STREAMS[stream].key): record for record in records}


@pytest.mark.parametrize("stream", STREAMS)
def test_short_pages_hold_everything(played: Played, stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubspot, "LIMIT", 7)
    monkeypatch.setattr(hubspot, "LIMIT_WITH_HISTORY", 3)
    found = {key for key, record in pull(played, stream).items() if not record.get("archived")}
    assert found == played.stage.channels["hubspot"].keys(stream)


def test_more_than_the_cap_in_one_second_is_read_whole(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = played.stage.channels["hubspot"]
    channel.cap = 20
    monkeypatch.setattr(hubspot, "LIMIT", 10)
    shelf = channel.shelves["contacts"]
    # a bulk import
    shelf.updated_at = np.where(shelf.updated_at > 0, played.stage.now - 3600, 0)
    at = datetime.fromtimestamp(played.stage.now - 3600, UTC)
    found = pull(played, "contacts", Window(at, at + timedelta(seconds=1)))
    assert len(found) == (shelf.updated_at > 0).sum() > channel.cap
    refused = requests.post(
        f"{played.url}/hubspot/crm/v3/objects/contacts/search",
        json={"filterGroups": [{"filters": []}], "after": "20", "limit": 10},
        headers={"Authorization": "Bearer key"},
        timeout=5,
    )
    assert refused.status_code == 400


def test_a_merged_contact_is_named_by_the_other(played: Played) -> None:
    channel = played.stage.channels["hubspot"]
    row = int(np.flatnonzero(channel.gone_at <= played.stage.now)[0])
    contacts = pull(played, "contacts")
    former, other = (str(FIRST_ID["contacts"] + each) for each in (row, int(channel.into[row])))
    assert former not in contacts
    assert former in str(contacts[other]["properties"]["hs_merged_object_ids"]).split(";")


def test_who_was_archived_is_told(played: Played) -> None:
    channel = played.stage.channels["hubspot"]
    archived = {key for key, record in pull(played, "contacts").items() if record["archived"]}
    gone = np.flatnonzero(channel.archived_at <= played.stage.now)
    assert archived == {str(FIRST_ID["contacts"] + row) for row in gone.tolist()} != set()


def test_an_expired_cursor_begins_the_list_again(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubspot, "LIMIT", 1)
    channel = played.stage.channels["hubspot"]
    channel.archived_at[:3] = played.stage.now - 60
    played.stage._stand()
    whole = pull(played, "contacts")
    channel.expires_at = 1
    assert pull(played, "contacts") == whole
    assert channel.expires_at is None


def test_an_account_that_is_being_moved_is_waited_for(played: Played) -> None:
    channel = played.stage.channels["hubspot"]
    clean = pull(played, "deals")
    channel.migrating = 2
    assert pull(played, "deals") == clean
    assert channel.migrating == 0


def test_an_answer_to_another_question_is_none(played: Played) -> None:
    middle = played.now - timedelta(days=100)
    first, second = Window(START, middle), Window(middle, played.now)
    clean = pull(played, "contacts", second)
    pull(played, "contacts", first)
    played.fail("duplicate_page", "hubspot.contacts.search")
    assert pull(played, "contacts", second) == clean


def test_the_days_allowance_is_not_asked_for_again() -> None:
    answer = Response()
    answer.status_code = 429
    with pytest.raises(QuotaSpent):
        hubspot._meaning(answer, {"policyName": "DAILY"})
    hubspot._meaning(answer, {"policyName": "SECONDLY"})


def test_a_batch_that_stays_another_is_refused(played: Played) -> None:
    pull(played, "deals")
    played.fail("duplicate_page", "hubspot.deals.batch", times=9)
    with pytest.raises(SourceError, match="by their ids"):
        pull(played, "deals", Window(played.now - timedelta(days=9), played.now))


def test_a_dead_token_stops_at_once(played: Played) -> None:
    played.fail("token_expired", "hubspot.*")
    with pytest.raises(TokenRefused):
        pull(played, "contacts")
