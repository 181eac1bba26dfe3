"""Failures inside a status of 200, tokens that work once, rows that shift, lists that end at a cap."""

import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from include import landing, quality, rest, settings, sources
from include.sandbox.channels import zalo_oa as sandbox
from include.sandbox.live import Played
from include.sources import PageMalformed, StreamUnavailable, TokenRefused, Window, zalo_oa
from include.sources.zalo_oa import answers
from include.tokens import RotatingToken
from tests.databases import ask, one

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("database")]

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def zalo(played: Played) -> sandbox.Channel:
    """Return the channel, with a warehouse that knows none of its tokens."""
    ask("delete from ops.tokens")
    return played.stage.channels["zalo_oa"]


def pull(played: Played, stream: str, start: datetime = START) -> list[dict]:
    window = Window(start, played.now)
    return [dict(record) for page in sources.pages("zalo_oa", stream, window) for record in page.records]


def test_a_token_that_expires_in_the_middle_is_renewed_once(played: Played, zalo: sandbox.Channel) -> None:
    pages = sources.pages("zalo_oa", "messages", Window(START, played.now))
    found = {record["message_id"] for record in next(pages).records}
    zalo.pairs.expire()
    found |= {record["message_id"] for page in pages for record in page.records}
    assert found == zalo.keys("messages")
    assert zalo.pairs.refreshes == 2


def test_workers_that_race_spend_one_refresh_token(
    played: Played, zalo: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    # one that gives up on a busy machine would spend a second token
    monkeypatch.setattr(rest, "connect", partial(rest.connect, read_timeout=30))
    first = settings.secret("ZALO_OA_REFRESH_TOKEN")
    workers = [RotatingToken("zalo_oa", first, answers.refreshed) for _ in range(2)]
    workers[0].renew(stale=None)
    workers[1].renew(stale=None)
    zalo.pairs.expire()
    start, failures = threading.Barrier(2), []

    def renew(worker: RotatingToken) -> None:
        start.wait()
        try:
            worker.renew()
        except TokenRefused as refused:
            failures.append(refused)

    threads = [threading.Thread(target=renew, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert zalo.pairs.refreshes == 2
    assert {user["user_id"] for user in pull(played, "users")} == zalo.keys("users")
    assert zalo.pairs.refreshes == 2


def test_a_refresh_whose_answer_never_came_is_not_spent(played: Played, zalo: sandbox.Channel) -> None:
    played.fail("status_503", "zalo_oa.login")
    played.fail("status_429", "zalo_oa.login")
    played.fail("truncated_json", "zalo_oa.login")
    assert pull(played, "users")
    assert zalo.pairs.refreshes == 1


def test_a_refresh_token_that_was_used_before_asks_for_a_person(
    played: Played, zalo: sandbox.Channel
) -> None:
    assert answers.refreshed(settings.secret("ZALO_OA_REFRESH_TOKEN")).access
    with pytest.raises(TokenRefused, match="-14020"):
        pull(played, "users")
    with pytest.raises(TokenRefused, match="administrator"):
        pull(played, "users")


def test_a_list_above_the_cap_is_read_in_slices(
    played: Played, zalo: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zalo_oa, "REACHABLE", 3)
    monkeypatch.setattr(zalo_oa, "USERS", 2)
    monkeypatch.setattr(sandbox, "REACHABLE", 3)
    assert {user["user_id"] for user in pull(played, "users")} == zalo.keys("users")
    assert len(zalo.keys("users")) > 3


def test_who_writes_while_the_list_is_read_is_neither_lost_nor_doubled(
    played: Played, zalo: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zalo_oa, "ROWS", 2)
    played.stage.now -= 200 * 86400
    zalo.stand(played.stage.moment)
    before = zalo.keys("messages")
    zalo.passing = 6 * 3600
    found = [record["message_id"] for record in pull(played, "messages")]
    assert zalo.keys("messages") - before, "nobody wrote meanwhile"
    assert before <= set(found)
    assert len(found) == len(set(found))


def test_a_conversation_begins_with_a_question_after_a_day(played: Played, zalo: sandbox.Channel) -> None:
    messages = sorted(pull(played, "messages"), key=lambda record: (record["user_id"], record["time"]))
    questions = 0
    for before, record in zip([None, *messages], messages, strict=False):
        is_first = before is None or before["user_id"] != record["user_id"]
        if not is_first:
            silence = timedelta(milliseconds=record["time"] - before["time"])
            begins = record["src"] == 1 and silence > timedelta(hours=24)
            questions += begins
            assert (record["conversation_id"] == record["message_id"]) == begins
        else:
            assert record["conversation_id"] == record["message_id"]
    assert questions > 0
    # a shorter window gives the same messages the same conversations
    since = played.now - timedelta(days=120)
    later = {record["message_id"]: record for record in pull(played, "messages", since)}
    whole = {record["message_id"]: record for record in messages}
    assert later
    assert later.items() <= whole.items()


def test_ids_of_nineteen_digits_are_whole(played: Played, zalo: sandbox.Channel) -> None:
    assert all(len(record["user_id"]) == 19 for record in pull(played, "messages"))


def test_rows_that_went_missing_between_two_pages_are_noticed() -> None:
    pages = answers.Overlapping({"count": 3}, "message_id")

    class Given:
        url = "https://zalo.example/list?data="

    pages.update_state(Given, [{"message_id": "a"}, {"message_id": "b"}])
    with pytest.raises(PageMalformed, match="lost rows"):
        pages.update_state(Given, [{"message_id": "d"}])


def test_a_package_that_lacks_ratings_costs_no_other_stream(played: Played, zalo: sandbox.Channel) -> None:
    zalo.lacking.add("ratings")
    with pytest.raises(StreamUnavailable, match="-224"):
        pull(played, "ratings")
    landing.prepare("zalo_oa")
    assert landing.land("zalo_oa", played.now) > 0
    missing = "select stream from ops.streams where source = 'zalo_oa' and unavailable_since is not null"
    assert ask(missing) == [("ratings",)]


def test_a_rate_outside_of_its_scale_is_refused(played: Played, zalo: sandbox.Channel) -> None:
    zalo.bad_rates = True
    landing.prepare("zalo_oa")
    ask("delete from ops.cursors where source = 'zalo_oa'")
    landing.land("zalo_oa", played.now)
    with pytest.raises(quality.ExpectationsFailed, match="every_rate_is_1_to_5"):
        quality.check("zalo_oa")
    assert one("select count(*) from raw_zalo_oa.ratings") == 0
