"""A bare 403 is no refusal, an offset that moves loses nobody, and activity is never cut off."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import requests

from include import sources
from include.sandbox.channels.mailchimp import CONNECTIONS, EMPTY, LIST
from include.sandbox.live import Played
from include.sandbox.seasons import DAY
from include.sources import Record, SourceError, TokenRefused, Window, mailchimp

START = datetime(2024, 1, 1, tzinfo=UTC)
STREAMS = {stream.name: stream for stream in mailchimp.STREAMS}


def pull(played: Played, stream: str, window: Window | None = None) -> dict[str, Record]:
    pages = sources.pages("mailchimp", stream, window or Window(START, played.now))
    records = [record for page in pages for record in page.records]
    return {"/".join(str(record[part]) for part in STREAMS[stream].key): record for record in records}


@pytest.mark.parametrize("stream", STREAMS)
def test_short_pages_hold_everything(played: Played, stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailchimp, "LIMIT", 6)
    assert pull(played, stream).keys() == played.stage.channels["mailchimp"].keys(stream)


def test_a_member_who_changes_while_pages_are_read_takes_no_other_along(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailchimp, "LIMIT", 6)
    whole = pull(played, "members").keys()
    played.stage.channels["mailchimp"].moves_after = 2
    assert pull(played, "members").keys() == whole


def test_a_list_that_never_stands_still_is_refused(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailchimp, "LIMIT", 6)
    monkeypatch.setattr(mailchimp, "READINGS", 1)
    played.stage.channels["mailchimp"].moves_after = 1
    with pytest.raises(SourceError, match="faster than it can be read"):
        pull(played, "members")


def test_a_bare_403_is_waited_out_and_a_401_is_not(played: Played) -> None:
    clean = pull(played, "campaigns")
    # the sandbox answers a throttled caller as Mailchimp does
    played.fail("status_429", "mailchimp.campaigns.*", times=2)
    assert pull(played, "campaigns") == clean
    assert not played.faults.waiting
    played.fail("token_expired", "mailchimp.*")
    with pytest.raises(TokenRefused):
        pull(played, "campaigns")


def test_an_eleventh_connection_is_refused(played: Played) -> None:
    played.stage.channels["mailchimp"].lingers = 0.5

    def ask(_: int) -> int:
        return requests.get(
            f"{played.url}/mailchimp/3.0/campaigns", auth=("any", "key"), timeout=5
        ).status_code

    with ThreadPoolExecutor(CONNECTIONS + 1) as pool:
        assert Counter(pool.map(ask, range(CONNECTIONS + 1))) == {200: CONNECTIONS, 429: 1}


def test_a_campaign_that_reached_nobody_has_a_report_and_no_recipient(played: Played) -> None:
    name = f"chien_dich_{EMPTY + 1:03d}"
    assert pull(played, "reports")[name]["emails_sent"] == 0
    assert name not in {str(each["campaign_id"]) for each in pull(played, "sent_to").values()}


def test_later_activity_stands_beside_the_earlier(played: Played) -> None:
    channel = played.stage.channels["mailchimp"]
    played.stage.now = int(channel.sent_at[-6]) + DAY
    played.stage._stand()
    since = played.now
    before = pull(played, "email_activity")
    played.stage.now += 5 * DAY
    played.stage._stand()
    later = pull(played, "email_activity", Window(since - mailchimp.SENDING, played.now))
    assert before.keys() | later.keys() == channel.keys("email_activity")
    assert later.keys() - before.keys()
    assert len(later) < len(before)


def test_activity_knows_a_member_by_the_hash_and_not_the_address(played: Played) -> None:
    members = pull(played, "members")
    for record in pull(played, "email_activity").values():
        assert "email_address" not in record
        assert f"{LIST}/{record['email_id']}" in members


def test_draft_campaigns_are_not_asked_for_recipients(played: Played) -> None:
    channel = played.stage.channels["mailchimp"]
    played.stage.now = int(channel.sent_at[-6]) - DAY
    played.stage._stand()
    drafts = {name for name, each in pull(played, "campaigns").items() if each["status"] == "save"}
    assert drafts
    assert not drafts & {str(each["campaign_id"]) for each in pull(played, "sent_to").values()}
