"""Signed bodies, a limit that shows in two ways, units for lines, buyers of two numbers."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from requests import Request

from include import landing, settings, sources
from include.days import VIETNAM
from include.identity.values import normalise_phone
from include.rest import Expired, Overloaded
from include.sandbox.channels import tiktok_shop as sandbox
from include.sandbox.live import Played
from include.sources import (
    PageMalformed,
    QuotaSpent,
    Record,
    SourceError,
    StreamUnavailable,
    TokenRefused,
    Window,
    tiktok_shop,
)
from include.sources.tiktok_shop import answers
from include.tokens import RotatingToken
from tests.databases import ask

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("database")]

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def stall(played: Played) -> sandbox.Channel:
    """Return the channel, with a warehouse that knows none of its tokens."""
    ask("delete from ops.tokens")
    return played.stage.channels["tiktok_shop"]


def pages(played: Played, stream: str, start: datetime = START) -> Iterator[sources.Page]:
    return sources.pages("tiktok_shop", stream, Window(start, played.now))


def pull(played: Played, stream: str, start: datetime = START) -> list[Record]:
    return [record for page in pages(played, stream, start) for record in page.records]


@pytest.mark.parametrize("stream", [stream.name for stream in tiktok_shop.STREAMS])
def test_everything_comes_exactly_once(
    played: Played, stall: sandbox.Channel, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiktok_shop, "LIMIT", 7)
    monkeypatch.setattr(tiktok_shop, "RETURNS_LIMIT", 10)
    monkeypatch.setattr(tiktok_shop, "CHATS", 3)
    monkeypatch.setattr(tiktok_shop, "MESSAGES", 2)
    key = sources.stream("tiktok_shop", stream).key[0]
    found = [str(record[key]) for record in pull(played, stream)]
    assert len(found) == len(set(found))
    assert set(found) == stall.keys(stream)


def test_a_list_without_a_record_lacks_the_list(played: Played, stall: sandbox.Channel) -> None:
    assert pull(played, "orders", played.now - timedelta(seconds=1)) == []


def test_the_body_is_signed(played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    token = RotatingToken("tiktok_shop", settings.secret("TIKTOK_SHOP_REFRESH_TOKEN"), answers.refreshed)
    signed = answers.Signed(token)
    monkeypatch.setattr(answers, "time", SimpleNamespace(time=lambda: 1_700_000_000))
    address = f"{settings.source_url('tiktok_shop')}{tiktok_shop.ORDERS}"

    def sign(body: Record, page_size: int = 1) -> str:
        asked = Request("POST", address, json=body, params={"page_size": page_size}, auth=signed)
        return str(asked.prepare().url).rpartition("sign=")[2]

    assert sign({"update_time_ge": 1}) == sign({"update_time_ge": 1})
    assert sign({"update_time_ge": 1}) != sign({"update_time_ge": 2})
    assert sign({"update_time_ge": 1}) != sign({"update_time_ge": 1}, page_size=2)


def test_a_signature_of_another_secret_is_refused(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOK_SHOP_APP_SECRET", "another")
    with pytest.raises(TokenRefused):
        pull(played, "orders")


def test_a_call_that_waited_too_long_is_signed_anew(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def late() -> float:
        asked.append(time.time())
        # the first call was signed six minutes ago
        return asked[-1] - (360 if len(asked) == 1 else 0)

    monkeypatch.setattr(answers, "time", SimpleNamespace(time=late))
    assert pull(played, "products")
    assert stall.pairs.refreshes == 1
    stall.clock_skew = 360
    with pytest.raises(SourceError, match="Invalid timestamp"):
        pull(played, "products")


def test_a_token_that_expires_in_the_middle_is_renewed_once(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiktok_shop, "LIMIT", 7)
    reading = pages(played, "orders")
    found = {order["id"] for order in next(reading).records}
    stall.pairs.expire()
    found |= {order["id"] for page in reading for order in page.records}
    assert found == stall.keys("orders")
    assert stall.pairs.refreshes == 2


def test_a_refresh_token_that_was_used_before_asks_for_a_person(
    played: Played, stall: sandbox.Channel
) -> None:
    assert answers.refreshed(settings.secret("TIKTOK_SHOP_REFRESH_TOKEN")).access
    with pytest.raises(TokenRefused, match="authorise the app anew"):
        pull(played, "orders")


def test_too_many_requests_inside_a_200_and_by_a_429_are_asked_again(
    played: Played, stall: sandbox.Channel
) -> None:
    played.fail("status_429", "tiktok_shop.orders.*", times=2)
    assert {order["id"] for order in pull(played, "orders")} == stall.keys("orders")
    assert [stall.busy("1").status_code for _ in range(2)] == [200, 429]
    read = answers.meaning(None)
    with pytest.raises(Overloaded, match="36009002"):
        read(SimpleNamespace(url="", request=None), {"code": 36009002, "message": "Too many requests."})


def test_one_code_means_much(played: Played, stall: sandbox.Channel) -> None:
    said = SimpleNamespace(url="https://tiktok.example/order?sign=1", request=None)
    read = answers.meaning(SimpleNamespace(renew=lambda: None))
    with pytest.raises(Expired, match="too old"):
        read(said, {"code": 36009004, "message": "Invalid timestamp. The value …"})
    with pytest.raises(Expired, match="token is too old"):
        read(
            said,
            {"code": 36009004, "message": "The `x-tts-access-token` header is invalid."},
        )
    with pytest.raises(SourceError, match="app_key") as raised:
        read(said, {"code": 36009004, "message": "Invalid credentials. Invalid `app_key` query parameter."})
    assert "sign=1" not in str(raised.value)


def test_an_order_that_changes_while_a_list_is_read_takes_no_other_with_it(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiktok_shop, "LIMIT", 5)
    whole = {order["id"] for order in pull(played, "orders")}
    stall.shelves["orders"].moves_after = 3
    assert {order["id"] for order in pull(played, "orders")} == whole
    assert stall.shelves["orders"].moves_after < 0


def test_a_line_is_a_unit_and_the_units_are_the_order(played: Played, stall: sandbox.Channel) -> None:
    orders = pull(played, "orders")
    units = [unit for order in orders for unit in order["line_items"]]
    assert len(units) == stall.ledger(played.stage.moment)["orders"]["units"]
    assert len({unit["id"] for unit in units}) == len(units)
    for order in orders:
        payment = {name: int(value) for name, value in order["payment"].items() if name != "currency"}
        assert payment["original_total_product_price"] == sum(
            int(unit["original_price"]) for unit in order["line_items"]
        )
        assert payment["total_amount"] == payment["sub_total"] + payment["shipping_fee"]
        assert payment["sub_total"] == sum(int(unit["sale_price"]) for unit in order["line_items"])


def test_masked_contacts_and_relay_addresses_are_nobodys(played: Played, stall: sandbox.Channel) -> None:
    orders = pull(played, "orders")
    phones = {order["recipient_address"]["phone_number"] for order in orders if order["recipient_address"]}
    assert phones
    assert not any(normalise_phone(phone) for phone in phones)
    assert all(order["buyer_email"].endswith("tiktok.com") for order in orders)
    staging = settings.DBT_PROJECT / "models" / "staging" / "tiktok_shop"
    assert not (staging / "stg_tiktok_shop__identifiers.sql").exists()
    assert not any(word in path.read_text() for path in staging.glob("*.sql") for word in ("phone", "email"))


def test_who_writes_is_who_orders(played: Played, stall: sandbox.Channel) -> None:
    buyers = {order["user_id"] for order in pull(played, "orders")}
    messages = pull(played, "messages")
    assert {message["user_id"] for message in messages} & buyers
    assert not {message["sender"]["im_user_id"] for message in messages} & buyers


def test_who_writes_while_chats_are_read_is_neither_lost_nor_doubled(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiktok_shop, "CHATS", 2)
    monkeypatch.setattr(tiktok_shop, "MESSAGES", 2)
    played.stage.now -= 250 * 86400
    stall.stand(played.stage.moment)
    before = stall.keys("messages")
    stall.passing = 2 * 86400
    found = [record["id"] for record in pull(played, "messages")]
    assert stall.keys("messages") - before, "nobody wrote meanwhile"
    assert before <= set(found)
    assert len(found) == len(set(found))


def test_a_shorter_window_gives_the_same_conversations(played: Played, stall: sandbox.Channel) -> None:
    whole = {record["id"]: record for record in pull(played, "messages")}
    later = {record["id"]: record for record in pull(played, "messages", played.now - timedelta(days=120))}
    assert later
    assert len(later) < len(whole)
    assert later.items() <= whole.items()


def test_a_chat_without_its_last_message_is_missed(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiktok_shop, "_chats", _with_another_last_message(tiktok_shop._chats))
    with pytest.raises(PageMalformed, match="without its last message"):
        pull(played, "messages")


def _with_another_last_message(read: object) -> object:
    return lambda client, since: [
        chat | {"latest_message": {"id": "0", "is_visible": True, "create_time": 0}}
        for chat in read(client, since)
    ]


def test_sessions_are_the_conversations_of_a_day(played: Played, stall: sandbox.Channel) -> None:
    days = pull(played, "service_days")
    first = {record["conversation_id"]: record for record in reversed(pull(played, "messages"))}
    begun: dict[str, int] = {}
    for record in first.values():
        day = datetime.fromtimestamp(record["create_time"], VIETNAM).date().isoformat()
        begun[day] = begun.get(day, 0) + 1
    assert all(day["support_session_count"] == begun.get(day["day"], 0) for day in days)
    assert any(day["response_time_mins"] for day in days)


def test_the_counts_are_those_of_the_orders(played: Played, stall: sandbox.Channel) -> None:
    created: dict[str, int] = {}
    for order in pull(played, "orders"):
        day = datetime.fromtimestamp(order["create_time"], VIETNAM).date().isoformat()
        created[day] = created.get(day, 0) + 1
    counts = pull(played, "order_counts")
    assert all(count["count"] == created.get(count["day"], 0) for count in counts)


def test_an_app_without_customer_service_reads_the_rest(played: Played, stall: sandbox.Channel) -> None:
    stall.lacking.add("/customer_service")
    for stream in ("messages", "service_days"):
        with pytest.raises(StreamUnavailable, match="105005"):
            pull(played, stream)
    landing.prepare("tiktok_shop")
    assert landing.land("tiktok_shop", played.now) > 0
    missing = "select stream from ops.streams where source = 'tiktok_shop' and unavailable_since is not null"
    assert {name for (name,) in ask(missing)} == {"messages", "service_days"}


def test_a_day_whose_calls_are_used_up_waits_for_the_next(played: Played, stall: sandbox.Channel) -> None:
    stall.spent.add("/customer_service/202309")
    with pytest.raises(QuotaSpent, match="45101004"):
        pull(played, "messages")


def test_orders_of_another_time_are_noticed(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tiktok_shop._pages

    def unfiltered(client: object, path: str, name: str, asked: Record, body: Record) -> Iterator[object]:
        return whole(client, path, name, asked, {**body, "update_time_ge": 0})

    monkeypatch.setattr(tiktok_shop, "_pages", unfiltered)
    with pytest.raises(PageMalformed, match="gave others"):
        pull(played, "orders", played.now - timedelta(days=1))
