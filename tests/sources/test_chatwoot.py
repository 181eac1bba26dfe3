"""Lists that shift while they are read, answers that are changed, and what is a reply and what is none."""

from datetime import UTC, datetime, timedelta

import pytest

from include import sources
from include.sandbox.channels import chatwoot as played_chatwoot
from include.sandbox.channels.chatwoot import Channel
from include.sandbox.live import Played
from include.sandbox.seasons import DAY, NEVER
from include.sources import PageMalformed, Record, SourceError, TokenRefused, Window, chatwoot

START = datetime(2024, 1, 1, tzinfo=UTC)
STREAM_NAMES = [stream.name for stream in chatwoot.STREAMS]


@pytest.fixture
def inbox(played: Played, monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setattr(played_chatwoot, "CONVERSATIONS", 7)
    monkeypatch.setattr(played_chatwoot, "ANSWERS", 2)
    return played.stage.channels["chatwoot"]


def pull(played: Played, stream: str, window: Window | None = None) -> list[Record]:
    pages = sources.pages("chatwoot", stream, window or Window(START, played.now))
    return [record for page in pages for record in page.records]


@pytest.mark.parametrize("stream", STREAM_NAMES)
def test_everything_comes_exactly_once(played: Played, inbox: Channel, stream: str) -> None:
    key = chatwoot.STREAMS[STREAM_NAMES.index(stream)].key[0]
    found = [str(record[key]) for record in pull(played, stream)]
    assert len(found) == len(set(found)) > 0
    assert set(found) == inbox.keys(stream)


def test_a_row_that_comes_twice_because_an_answer_came_meanwhile_is_one(
    played: Played, inbox: Channel
) -> None:
    played.stage.now -= 200 * DAY
    inbox.stand(played.stage.moment)
    before = inbox.keys("csat_responses")
    # the installation's clock is behind ours: what is answered meanwhile is of the window
    ahead = Window(START, played.now + timedelta(days=200))
    inbox.passing = 20 * DAY
    found = [str(record["id"]) for record in pull(played, "csat_responses", ahead)]
    assert len(found) > len(set(found)), "no page was shifted"
    assert before <= set(found)


def test_who_moves_to_the_top_while_the_list_is_read_takes_nobody_with_them(
    played: Played, inbox: Channel
) -> None:
    played.stage.now -= 60 * DAY
    inbox.stand(played.stage.moment)
    before = inbox.keys("conversations")
    inbox.passing = 2 * DAY
    assert before <= {str(record["id"]) for record in pull(played, "conversations")}


def test_a_list_that_ends_too_soon_is_an_error(
    played: Played, inbox: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull(played, "conversations")
    # each page but the first is the empty one with which the list ended
    pages = sources.pages("chatwoot", "conversations", Window(START, played.now))
    next(pages)
    monkeypatch.setitem(played.faults.last_body, "chatwoot.conversations", _end(len(inbox._start)))
    played.fail("duplicate_page", "chatwoot.conversations", times=50)
    with pytest.raises(SourceError, match="counts"):
        list(pages)


def _end(count: int) -> bytes:
    return b'{"data":{"meta":{"all_count":%d},"payload":[]}}' % count


def test_fewer_answers_than_are_counted_is_an_error(played: Played, inbox: Channel) -> None:
    pages = sources.pages("chatwoot", "csat_responses", Window(START, played.now))
    next(pages)
    played.faults.last_body["chatwoot.csat_responses"] = b"[]"
    played.fail("duplicate_page", "chatwoot.csat_responses")
    with pytest.raises(SourceError, match="answers, but gave 2"):
        list(pages)


def test_an_answer_that_is_changed_later_is_found_by_the_overlap(played: Played, inbox: Channel) -> None:
    again = inbox._rated_again_at
    row = int((again != NEVER).nonzero()[0][0])
    played.stage.now = int(again[row]) - 1
    inbox.stand(played.stage.moment)
    since = played.now - chatwoot.CHANGED

    def ratings() -> dict[object, object]:
        answers = pull(played, "csat_responses", Window(since, played.now))
        return {answer["id"]: answer["rating"] for answer in answers}

    before = ratings()
    played.stage.now += 60
    inbox.stand(played.stage.moment)
    after = ratings()
    assert [name for name in before if after[name] != before[name]]


def test_only_what_happened_since_is_read_again(played: Played, inbox: Channel) -> None:
    since = played.now - timedelta(days=90)
    moved = pull(played, "conversations", Window(since, played.now))
    assert 0 < len(moved) < len(inbox.keys("conversations"))
    assert all(record["last_activity_at"] >= since.timestamp() for record in moved)
    numbers = {record["id"] for record in moved}
    assert {record["conversation_id"] for record in pull(played, "messages", Window(since, played.now))} == (
        numbers
    )


def test_resolved_conversations_come_too(played: Played) -> None:
    assert {record["status"] for record in pull(played, "conversations")} == {"open", "resolved", "pending"}


def test_messages_of_another_conversation_are_refused(played: Played) -> None:
    pages = sources.pages("chatwoot", "messages", Window(START, played.now))
    next(page for page in pages if page.records)
    played.fail("duplicate_page", "chatwoot.messages", times=5)
    with pytest.raises(PageMalformed, match="conversation"):
        list(pages)


def test_a_survey_is_sent_once_in_a_conversation_and_counted_as_it_is_sent(played: Played) -> None:
    messages = pull(played, "messages")
    surveys = [each["conversation_id"] for each in messages if each["content_type"] == "input_csat"]
    assert len(surveys) == len(set(surveys)) > len(pull(played, "csat_responses")) > 0
    days = pull(played, "report_days")
    since = datetime.fromisoformat(f"{days[0]['day']}T00:00:00+07:00").timestamp()
    sent = [each for each in messages if each["content_type"] == "input_csat" and each["created_at"] >= since]
    assert sum(day["total_sent_messages_count"] for day in days) == len(sent) > 0


def test_no_secret_of_an_inbox_and_no_word_twice_is_kept(played: Played) -> None:
    assert all(record.keys() == set(chatwoot.INBOX) for record in pull(played, "inboxes"))
    assert all("messages" not in record for record in pull(played, "conversations"))


def test_a_wrong_token_stops_at_once(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATWOOT_TOKEN", "another")
    with pytest.raises(TokenRefused):
        pull(played, "conversations")
