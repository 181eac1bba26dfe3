"""Signed parameters, failures behind a code of 0, offsets that shift, weeks of reviews, masked buyers."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from requests import Request

from include import days, landing, quality, rest, settings, sources
from include.days import VIETNAM
from include.identity.values import normalise_phone
from include.rest import Expired, Overloaded
from include.sandbox.channels import lazada as sandbox
from include.sandbox.channels.lazada import endpoints
from include.sandbox.live import Played
from include.sources import (
    PageMalformed,
    PersonNeeded,
    QuotaSpent,
    Record,
    SourceError,
    StreamUnavailable,
    TokenRefused,
    Window,
    lazada,
)
from include.sources.lazada import answers
from include.tokens import RotatingToken
from tests.databases import ask, one

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("database")]

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def stall(played: Played) -> sandbox.Channel:
    """Return the channel, with a warehouse that knows none of its tokens."""
    ask("delete from ops.tokens")
    return played.stage.channels["lazada"]


def pages(played: Played, stream: str, start: datetime = START) -> Iterator[sources.Page]:
    return sources.pages("lazada", stream, Window(start, played.now))


def pull(played: Played, stream: str, start: datetime = START) -> list[Record]:
    return [record for page in pages(played, stream, start) for record in page.records]


def written(played: Played, start: datetime = START) -> dict[int, Record]:
    """Return the reviews that are not outdated."""
    return {each["id"]: each for each in pull(played, "reviews", start) if not each.get("is_outdated")}


def client(token: RotatingToken | None = None) -> rest.Api:
    token = token or RotatingToken("lazada", settings.secret("LAZADA_REFRESH_TOKEN"), answers.refreshed)
    return rest.connect(
        settings.source_url("lazada"), answers.Signed(token), meaning=answers.meaning(token)
    )  # fmt: skip


@pytest.mark.parametrize("stream", [stream.name for stream in lazada.STREAMS])
def test_everything_comes_exactly_once(
    played: Played, stall: sandbox.Channel, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LIMIT", "PRODUCTS_LIMIT", "RETURNS_LIMIT", "ITEMS_OF", "DETAILS"):
        monkeypatch.setattr(lazada, name, 3)
    monkeypatch.setattr(endpoints, "PAGE", 1)
    key = sources.stream("lazada", stream).key
    found = [
        "/".join(str(record[name]) for name in key)
        for record in pull(played, stream)
        if not record.get("is_outdated")
    ]
    assert len(found) == len(set(found))
    assert set(found) == stall.keys(stream)


def test_path_and_sorted_parameters_are_signed(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = SimpleNamespace(access=lambda: "test")
    monkeypatch.setenv("LAZADA_APP_SECRET", "helloworld")
    monkeypatch.setenv("LAZADA_APP_KEY", "123456")
    monkeypatch.setenv("LAZADA_URL", "https://api.lazada.example/rest")
    monkeypatch.setattr(answers, "time", SimpleNamespace(time=lambda: 1_517_820_392))
    signed = Request(
        "GET", "https://api.lazada.example/rest/order/get", params={"order_id": "1234", "sign": "an old one"},
        auth=answers.Signed(token),
    ).prepare()  # fmt: skip
    # Lazada's own example of a signature
    assert str(signed.url).endswith("sign=4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A")
    assert "old" not in str(signed.url)


def test_a_signature_of_another_secret_is_refused(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pull(played, "products")
    monkeypatch.setenv("LAZADA_APP_SECRET", "another")
    with pytest.raises(TokenRefused, match="LAZADA_APP_SECRET"):
        pull(played, "products")


def test_a_wrong_secret_costs_no_refresh_token(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = settings.secret("LAZADA_APP_SECRET")
    monkeypatch.setenv("LAZADA_APP_SECRET", "another")
    with pytest.raises(PersonNeeded, match="LAZADA_APP_SECRET"):
        pull(played, "products")
    monkeypatch.setenv("LAZADA_APP_SECRET", whole)
    assert pull(played, "products")


def test_a_call_that_waited_too_long_is_signed_anew(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    stall.clock_skew = 7100
    assert pull(played, "products")
    asked = []

    def late() -> float:
        asked.append(time.time())
        # the first call was signed more than two hours ago
        return asked[-1] - (7300 if len(asked) == 1 else 0)

    stall.clock_skew = 0
    monkeypatch.setattr(answers, "time", SimpleNamespace(time=late))
    assert pull(played, "products")
    stall.clock_skew = 7300
    with pytest.raises(SourceError, match="IllegalTimestamp"):
        pull(played, "products")


def test_a_token_that_expires_in_the_middle_is_renewed_once(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lazada, "LIMIT", 7)
    reading = pages(played, "orders")
    found = {str(order["order_id"]) for order in next(reading).records}
    stall.pairs.expire()
    found |= {str(order["order_id"]) for page in reading for order in page.records}
    assert found == stall.keys("orders")
    assert stall.pairs.refreshes == 2


def test_a_refresh_token_that_was_used_before_asks_for_a_person(
    played: Played, stall: sandbox.Channel
) -> None:
    assert answers.refreshed(settings.secret("LAZADA_REFRESH_TOKEN")).access
    with pytest.raises(TokenRefused, match="authorise the app anew"):
        pull(played, "orders")


def test_tokens_are_refreshed_at_the_host_that_all_countries_have(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = settings.source_url("lazada")
    monkeypatch.setenv("LAZADA_LOGIN_URL", here)
    monkeypatch.setenv("LAZADA_URL", "http://127.0.0.1:9/rest")
    assert answers.refreshed(settings.secret("LAZADA_REFRESH_TOKEN")).access.startswith("access-1")


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        ({"code": "0"}, None),
        ({"code": "0", "success": True, "error_code": "null"}, None),
        ({"code": "0", "result": {"success": True}}, None),
        ({"code": "ApiCallLimit", "type": "ISV", "message": "… this ban will last 2 seconds"}, Overloaded),
        ({"code": "AppCallLimit", "type": "ISV", "message": "this ban will last 3600 seconds"}, QuotaSpent),
        ({"code": "901", "type": "ISV", "message": "Limit service request speed"}, Overloaded),
        ({"code": "6", "type": "ISP", "message": "E006: Unexpected internal error"}, Overloaded),
        ({"code": "ServiceUnavailable", "type": "SYSTEM", "message": ""}, Overloaded),
        ({"code": "0", "success": False, "error_code": "TRAFFIC_CONTROL", "error_msg": ""}, Overloaded),
        ({"code": "0", "result": {"success": False, "error_msg": "no"}}, SourceError),
        ({"code": "InsufficientPermission", "type": "ISV", "message": ""}, StreamUnavailable),
        ({"code": "17", "type": "ISV", "message": "E017: Invalid Date Format"}, SourceError),
        ({"code": "0", "success": False, "error_msg": "STARTTIME_OVER_LIMIT"}, answers.TooOld),
        ({"code": "IllegalAccessToken", "type": "SYSTEM", "message": ""}, Expired),
    ],
)  # fmt: skip
def test_what_answers_mean(answer: Record, meant: type[Exception] | None) -> None:
    said = SimpleNamespace(url="https://lazada.example/orders/get?sign=1", headers={}, request=None)
    read = answers.meaning(SimpleNamespace(renew=lambda: None))
    if meant is None:
        read(said, answer)
        return
    with pytest.raises(meant) as raised:
        read(said, answer)
    assert type(raised.value) is meant
    assert "sign=1" not in str(raised.value)
    assert said.headers.get("Retry-After") == ("2" if answer["code"] == "ApiCallLimit" else None)


def test_who_is_shut_out_in_three_ways_asks_again(played: Played, stall: sandbox.Channel) -> None:
    told = [bytes(stall.busy("1").body) for _ in range(3)]
    assert [b"901" in told[0], b"ban will last" in told[1], b"TRAFFIC_CONTROL" in told[2]] == [True] * 3
    played.fail("status_429", "lazada.orders.*", times=3)
    assert {str(order["order_id"]) for order in pull(played, "orders")} == stall.keys("orders")


def test_a_list_of_orders_must_have_a_beginning_and_no_more_than_a_hundred(
    played: Played, stall: sandbox.Channel
) -> None:
    for asked, code in (({}, "mandatory"), ({"update_after": "2026-01-01"}, "E017"),
                        ({"update_after": "2026-01-01T00:00:00+07:00", "limit": 101}, "E019")):  # fmt: skip
        with pytest.raises(SourceError, match=code):
            rest.ask(client(), lazada.ORDERS, asked)
    with pytest.raises(SourceError, match="E038"):
        rest.ask(client(), lazada.ITEMS, {"order_ids": lazada._listed(range(51))})


def test_an_order_that_changes_while_a_list_is_read_takes_no_other_with_it(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lazada, "LIMIT", 5)
    whole = {order["order_id"] for order in pull(played, "orders")}
    stall.shelves["orders"].moves_after = 3
    assert {order["order_id"] for order in pull(played, "orders")} == whole
    assert stall.shelves["orders"].moves_after < 0


def test_less_than_lazada_counts_is_never_all(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = lazada._in
    monkeypatch.setattr(lazada, "_in", lambda *names: lambda answer: whole(*names)(answer)[1:])
    with pytest.raises(SourceError, match="The list of orders gave"):
        pull(played, "orders")


def test_orders_of_another_time_are_noticed(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = endpoints.second
    monkeypatch.setattr(
        endpoints, "second", lambda text: 0 if whole(text) < played.stage.now else whole(text)
    )
    with pytest.raises(PageMalformed, match="gave others"):
        pull(played, "orders", played.now - timedelta(days=1))


def test_lines_of_other_orders_are_noticed(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lazada, "_listed", lambda numbers: f"[{','.join(map(str, numbers[1:]))}]")
    with pytest.raises(PageMalformed, match="those of others"):
        pull(played, "orders")


def test_a_line_is_a_unit_and_the_units_are_the_order(played: Played, stall: sandbox.Channel) -> None:
    orders = pull(played, "orders")
    units = [unit for order in orders for unit in order["items"]]
    assert len({unit["order_item_id"] for unit in units}) == len(units)
    sold_out = 0
    for order in orders:
        assert len(order["items"]) == order["items_count"]
        assert float(order["price"]) == sum(unit["item_price"] for unit in order["items"])
        assert {unit["buyer_id"] for unit in order["items"]} == {order["buyer_id"]}
        sold_out += len({"canceled", "delivered"} & set(order["statuses"])) == 2
    assert sold_out, "no order lacks a unit in the end"
    assert len(units) > stall.ledger(played.stage.moment)["orders"]["units"]


def test_a_cancellation_lies_among_the_returns(played: Played, stall: sandbox.Channel) -> None:
    lines = pull(played, "returns")
    types = Counter(line["request_type"] for line in lines)
    assert {"CANCEL"} < set(types) <= {"CANCEL", "RETURN", "ONLY_REFUND"}
    sales = [line for line in lines if line["request_type"] != "CANCEL"]
    given = [each for each in sales if each["reverse_status"] in ("REFUND_SUCCESS", "REQUEST_COMPLETE")]
    ledger = stall.ledger(played.stage.moment)["returns"]
    assert len({line["reverse_order_id"] for line in given}) == ledger["refunds"]
    bought = {unit["order_item_id"] for order in pull(played, "orders") for unit in order["items"]}
    assert {line["trade_order_line_id"] for line in lines} <= bought


def test_eight_days_and_the_fifty_first_page_are_errors_and_never_asked_for(
    played: Played, stall: sandbox.Channel
) -> None:
    now = int(played.now.timestamp() * 1000)
    asked = {"item_id": sandbox.ITEM_ID, "start_time": now - 8 * 86_400_000, "end_time": now, "current": 1}
    with pytest.raises(SourceError, match="7 days"):
        rest.ask(client(), lazada.REVIEW_NUMBERS, asked)
    asked |= {"start_time": now - 7 * 86_400_000}
    assert "data" in rest.ask(client(), lazada.REVIEW_NUMBERS, asked)
    with pytest.raises(SourceError, match="CURRENT_ABOVE_LIMIT"):
        rest.ask(client(), lazada.REVIEW_NUMBERS, asked | {"current": 51})
    with pytest.raises(SourceError, match="max length is 10"):
        rest.ask(client(), lazada.REVIEWS, {"id_list": lazada._listed(range(11))})


def test_more_reviews_than_pages_are_read_in_halves(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, since = stall.shelves["reviews"], played.now - timedelta(days=3)
    # all that was ever written was written in these days
    shelf.created_at = played.stage.now - 60 * (1 + np.arange(len(shelf.ids)))
    whole = written(played, since)
    products = Counter(each["product_id"] for each in whole.values())
    assert max(products.values()) > 4
    monkeypatch.setattr(endpoints, "PAGE", 2)
    for module in (lazada, endpoints):
        monkeypatch.setattr(module, "PAGES", 2)
    assert written(played, since) == whole


def test_more_reviews_of_one_moment_than_pages_are_told(played: Played, stall: sandbox.Channel) -> None:
    with pytest.raises(SourceError, match="of one moment"):
        lazada._halves("reviews", 5, 6)


def test_more_products_than_lazada_gives_are_read_in_halves(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {product["item_id"] for product in pull(played, "products")}
    for module in (lazada, endpoints):
        monkeypatch.setattr(module, "REACHABLE", 4)
    monkeypatch.setattr(lazada, "PRODUCTS_LIMIT", 2)
    assert {product["item_id"] for product in pull(played, "products")} == whole
    assert len(whole) > 4


def test_a_product_that_was_deleted_is_read_too(played: Played, stall: sandbox.Channel) -> None:
    products = pull(played, "products")
    assert {product["status"] for product in products} == {"Active", "Deleted"}
    assert all(product["category_name"] for product in products)


def test_reviews_older_than_ninety_days_are_told_as_lost(played: Played, stall: sandbox.Channel) -> None:
    then = played.now - timedelta(days=120)
    (page,) = sources.pages("lazada", "reviews", Window(then, then + timedelta(days=1)))
    assert not page.records
    assert list(page.lost) == [f"reviews before {then + timedelta(days=1):%Y-%m-%d}"]
    # a pull of all that there is asks for nothing as old
    assert not any(page.lost for page in pages(played, "reviews"))


def test_a_review_that_was_changed_replaces_the_old_one(played: Played, stall: sandbox.Channel) -> None:
    ends, latest = stall.review_ends, played.stage.world.end
    row = next(n for n in range(len(ends)) if latest - 80 * 86_400 < stall.review_at[n] and ends[n] < latest)

    def told_at(second: int) -> dict[int, Record]:
        played.stage.now = int(second)
        stall.stand(played.stage.moment)
        since = played.now - sources.stream("lazada", "reviews").restated
        return {each["id"]: each for each in pull(played, "reviews", since)}

    number = sandbox.REVIEW_ID + row
    before, after = told_at(stall.review_at[row]), told_at(ends[row])
    assert before[number]["order_id"]
    assert after[number] == {"id": number, "is_outdated": True}
    again = [each for each in after.values() if each.get("order_id") == before[number]["order_id"]]
    assert [each["review_content"] for each in again if "(sửa)" in each["review_content"]]


def test_a_follow_up_has_no_rating_and_is_no_feedback(played: Played, stall: sandbox.Channel) -> None:
    reviews = written(played).values()
    follow_ups = [each for each in reviews if each["review_type"] == "FOLLOW_UP_REVIEW"]
    assert follow_ups
    assert not any("ratings" in each for each in follow_ups)
    rated = stall.ledger(played.stage.moment)["reviews"]["rated"]
    assert sum("ratings" in each for each in reviews) == rated


def test_other_reviews_than_were_asked_for_are_noticed(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rest.ask

    def lacking(client: rest.Api, path: str, *args: object) -> object:
        answer = whole(client, path, *args)
        if path == lazada.REVIEWS:
            answer["data"]["review_list"] = answer["data"]["review_list"][1:]
        return answer

    monkeypatch.setattr(lazada.rest, "ask", lacking)
    with pytest.raises(PageMalformed, match="gave others"):
        pull(played, "reviews")


def test_masked_contacts_are_nobodys(played: Played, stall: sandbox.Channel) -> None:
    phones = {order["address_shipping"]["phone"] for order in pull(played, "orders")}
    assert phones
    assert not any(normalise_phone(phone) for phone in phones)
    staging = settings.DBT_PROJECT / "models" / "staging" / "lazada"
    assert not (staging / "stg_lazada__identifiers.sql").exists()
    assert not any(word in path.read_text() for path in staging.glob("*.sql") for word in ("phone", "email"))


def test_the_counts_are_those_of_the_orders(played: Played, stall: sandbox.Channel) -> None:
    created = Counter(
        datetime.strptime(order["created_at"], "%Y-%m-%d %H:%M:%S %z").astimezone(VIETNAM).date().isoformat()
        for order in pull(played, "orders")
    )
    counts = pull(played, "order_counts")
    assert {count["day"] for count in counts} == stall.keys("order_counts")
    assert all(count["count"] == created[count["day"]] for count in counts)


def test_what_lazada_measures_is_of_the_last_day_that_was_over(
    played: Played, stall: sandbox.Channel
) -> None:
    yesterday = (played.now.astimezone(VIETNAM) - timedelta(days=1)).date()
    # whichever window is read: nobody can ask how it stood
    found = pull(played, "seller_performance", played.now - timedelta(days=40))
    assert {each["day"] for each in found} == {yesterday.isoformat()}
    stated = next(each["score"] for each in found if each["type"] == "POSITIVE_SELLER_RATING")
    last, first = ((days.midnight(yesterday) + timedelta(days=n)).timestamp() * 1000 for n in (1, -89))
    stars = [
        review["ratings"]["overall_rating"]
        for review in written(played).values()
        if first <= review["submit_time"] < last and review["review_type"] == "PRODUCT_REVIEW"
    ]
    assert stars, "nobody rated"
    assert stated == pytest.approx(100 * sum(star >= 4 for star in stars) / len(stars), abs=2)


def test_a_stream_that_the_app_may_not_read_costs_no_other(played: Played, stall: sandbox.Channel) -> None:
    stall.forbidden.add(lazada.REVIEW_NUMBERS)
    with pytest.raises(StreamUnavailable, match="permission"):
        pull(played, "reviews")
    landing.prepare("lazada")
    assert landing.land("lazada", played.now) > 0
    missing = "select stream from ops.streams where source = 'lazada' and unavailable_since is not null"
    assert ask(missing) == [("reviews",)]


def test_a_review_of_no_star_is_refused(played: Played, stall: sandbox.Channel) -> None:
    stall.bad_stars = True
    landing.prepare("lazada")
    ask("delete from ops.cursors where source = 'lazada'")
    landing.land("lazada", played.now)
    with pytest.raises(quality.ExpectationsFailed, match="every_rating_is_1_to_5_stars"):
        quality.check("lazada")
    assert one("select count(*) from raw_lazada.reviews") == 0
