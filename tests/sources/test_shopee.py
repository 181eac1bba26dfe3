"""Signed calls, failures inside a status of 200, spans of fifteen days, a thousand reviews, masked buyers."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace

import pytest
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from include import days, landing, quality, rest, settings, sources
from include.days import VIETNAM
from include.identity.values import normalise_phone
from include.rest import Overloaded
from include.sandbox.channels import shopee as sandbox
from include.sandbox.channels.shopee import endpoints
from include.sandbox.live import Played
from include.sources import (
    Page,
    PageMalformed,
    Record,
    SourceError,
    StreamUnavailable,
    TokenRefused,
    Window,
    shopee,
)
from include.sources.shopee import answers
from include.tokens import RotatingToken
from tests.databases import ask, one

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("database")]

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def stall(played: Played) -> sandbox.Channel:
    """Return the channel, with a warehouse that knows none of its tokens."""
    ask("delete from ops.tokens")
    return played.stage.channels["shopee"]


def pages(played: Played, stream: str, start: datetime = START) -> Iterator[Page]:
    """Yield a stream's pages as the landing asks for them, in slices."""
    step = sources.stream("shopee", stream).longest_window or played.now - start
    while start < played.now:
        end = min(start + step, played.now)
        yield from sources.pages("shopee", stream, Window(start, end))
        start = end


def pull(played: Played, stream: str, start: datetime = START) -> list[Record]:
    return [record for page in pages(played, stream, start) for record in page.records]


@pytest.mark.parametrize("stream", [stream.name for stream in shopee.STREAMS])
def test_everything_comes(
    played: Played, stall: sandbox.Channel, stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shopee, "LIMIT", 3)
    key = sources.stream("shopee", stream).key
    found = ["/".join(str(record[name]) for name in key) for record in pull(played, stream)]
    if stream not in ("order_counts", "orders", "returns"):
        assert len(found) == len(set(found))
    assert set(found) == stall.keys(stream)


def test_a_signature_of_another_key_is_refused(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pull(played, "shop_performance")
    monkeypatch.setenv("SHOPEE_PARTNER_KEY", "another")
    with pytest.raises(TokenRefused, match="SHOPEE_PARTNER_KEY"):
        pull(played, "shop_performance")


def test_a_call_that_waited_too_long_is_signed_anew(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def late() -> float:
        asked.append(time.time())
        # the first call after the login was signed six minutes ago
        return asked[-1] - (360 if len(asked) == 2 else 0)

    monkeypatch.setattr(answers, "time", SimpleNamespace(time=late))
    assert pull(played, "shop_performance")
    assert len(asked) == 3
    stall.clock_skew = 360
    with pytest.raises(SourceError, match="Invalid timestamp"):
        pull(played, "shop_performance")


def test_a_token_that_expires_in_the_middle_is_renewed_once(played: Played, stall: sandbox.Channel) -> None:
    reading = pages(played, "orders")
    found = {order["order_sn"] for order in next(page for page in reading if page.records).records}
    stall.pairs.expire()
    found |= {order["order_sn"] for page in reading for order in page.records}
    assert found == stall.keys("orders")
    assert stall.pairs.refreshes == 2


def test_a_refresh_token_that_was_used_before_asks_for_a_person(
    played: Played, stall: sandbox.Channel
) -> None:
    assert answers.refreshed(settings.secret("SHOPEE_REFRESH_TOKEN")).access
    with pytest.raises(TokenRefused, match="authorise the app anew"):
        pull(played, "orders")


def test_a_refresh_while_shopee_is_busy_is_asked_again(played: Played, stall: sandbox.Channel) -> None:
    played.fail("status_429", "shopee.login")
    played.fail("truncated_json", "shopee.login")
    assert pull(played, "shop_performance")
    assert stall.pairs.refreshes == 1


def test_what_is_busy_inside_a_200_is_asked_again(played: Played, stall: sandbox.Channel) -> None:
    played.fail("status_429", "shopee.orders", times=2)
    assert {order["order_sn"] for order in pull(played, "orders")} == stall.keys("orders")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("error_inner", "System error"),
        ("product.error_system_busy", ""),
        ("error_data", "Inner error, please try later. [5]."),
    ],
)
def test_errors_that_pass(error: str, message: str) -> None:
    name, told = answers._error({"error": error, "message": message})
    assert answers._is_busy(name, told)
    with pytest.raises(Overloaded):
        answers.meaning(None)(_Answer, {"error": error, "message": message})


def test_errors_that_stay() -> None:
    with pytest.raises(SourceError, match="diff in 15days") as raised:
        answers.meaning(None)(
            _Answer,
            {"error": "order.order_list_invalid_time", "message": "Start time must be … diff in 15days."},
        )
    assert not isinstance(raised.value, TokenRefused)
    # a dash is no error: Shopee's own examples have it
    answers.meaning(None)(_Answer, {"error": "-", "response": {}})


class _Answer:
    url = "https://shopee.example/api/v2/order/get_order_list?sign=1"
    status_code = 200


def test_a_span_of_sixteen_days_is_refused_and_never_asked_for(
    played: Played, stall: sandbox.Channel
) -> None:
    assert timedelta(seconds=endpoints.LONGEST) == shopee.LONGEST
    for stream in ("orders", "returns"):
        assert sources.stream("shopee", stream).longest_window == shopee.LONGEST
        with pytest.raises(SourceError, match=r"15 ?days"):
            list(sources.pages("shopee", stream, Window(played.now - timedelta(days=16), played.now)))
    # a fraction of a second at either end does not make it longer
    start = played.now - timedelta(days=15, microseconds=1)
    assert list(sources.pages("shopee", "orders", Window(start, start + shopee.LONGEST)))
    assert list(sources.pages("shopee", "returns", Window(played.now, played.now))) is not None


def test_an_order_that_changes_while_a_list_is_read_takes_no_other_with_it(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shopee, "LIMIT", 2)
    since = played.now - shopee.LONGEST
    whole = {order["order_sn"] for order in pull(played, "orders", since)}
    assert len(whole) > 6
    stall.shelves["orders"].moves_after = 2
    assert {order["order_sn"] for order in pull(played, "orders", since)} == whole
    assert stall.shelves["orders"].moves_after < 0


def test_an_order_has_its_lines_and_its_money(played: Played, stall: sandbox.Channel) -> None:
    orders = pull(played, "orders")
    assert (
        sum(order["total_amount"] for order in orders)
        == stall.sums("orders", played.stage.moment)["total_amount"]
    )
    assert all(order["item_list"] for order in orders)
    assert {"COMPLETED", "CANCELLED"} <= {order["order_status"] for order in orders}


def test_an_order_that_is_listed_and_not_given_is_missed(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = shopee._details
    monkeypatch.setattr(shopee, "_details", lambda client, numbers: whole(client, numbers)[1:])
    with pytest.raises(PageMalformed, match="does not give it"):
        pull(played, "orders")


def test_a_thousand_reviews_are_not_all(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shopee, "LIMIT", 1)
    whole = pull(played, "comments")
    of_item = Counter(review["item_id"] for review in whole)
    for module in (shopee, endpoints):
        monkeypatch.setattr(module, "REACHABLE", 2)
    reading = list(pages(played, "comments"))
    found = {review["comment_id"] for page in reading for review in page.records}
    oldest = {
        item: sorted(each["create_time"] for each in whole if each["item_id"] == item)[-2:][0]
        for item, reviews in of_item.items()
        if reviews > 2
    }
    assert oldest
    assert found == {
        each["comment_id"] for each in whole if each["create_time"] >= oldest.get(each["item_id"], 0)
    }
    days = {item: datetime.fromtimestamp(at, VIETNAM).date() for item, at in oldest.items()}
    assert set(reading[-1].lost) == {
        f"reviews of the product {item} before {day}" for item, day in days.items()
    }


def test_a_cap_that_shows_as_an_empty_page_is_one_too(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shopee, "LIMIT", 1)
    # Shopee's page says a thousand here and five hundred there: what it does is believed
    monkeypatch.setattr(endpoints, "REACHABLE", 1)
    reading = list(pages(played, "comments"))
    assert reading[-1].lost
    assert all("newest 1 of a product" in why for why in reading[-1].lost.values())


def test_reviews_in_another_order_are_all_read(played: Played, stall: sandbox.Channel) -> None:
    stall.newest_first = False
    since = played.now - timedelta(days=60)
    recent = {str(review["comment_id"]) for review in pull(played, "comments", since)}
    stall.newest_first = True
    assert recent == {str(review["comment_id"]) for review in pull(played, "comments", since)}
    assert recent < stall.keys("comments")


def test_a_review_that_was_changed_comes_again(played: Played, stall: sandbox.Channel) -> None:
    sales = stall.stall.sales
    row = next(row for row in stall.reviewed if sales.edited_at[row] < played.stage.world.end)

    def told_at(second: int) -> Record:
        played.stage.now = int(second)
        stall.stand(played.stage.moment)
        since = played.now - sources.stream("shopee", "comments").restated
        reviews = pull(played, "comments", since)
        return next(each for each in reviews if each["order_sn"] == stall.order_numbers[row])

    before, after = told_at(sales.reviewed_at[row]), told_at(sales.edited_at[row])
    assert (before["editable"], after["editable"]) == ("EDITABLE", "HAVE_EDIT_ONCE")
    assert before["create_time"] == after["create_time"]


def test_a_review_is_its_orders_buyers(played: Played, stall: sandbox.Channel) -> None:
    buyers = {order["order_sn"]: order["buyer_user_id"] for order in pull(played, "orders")}
    reviews = pull(played, "comments")
    assert reviews
    assert all(review["buyer_user_id"] == buyers[review["order_sn"]] for review in reviews)


def test_masked_contacts_are_nobodys(played: Played, stall: sandbox.Channel) -> None:
    phones = {order["recipient_address"]["phone"] for order in pull(played, "orders")}
    assert phones
    assert not any(normalise_phone(phone) for phone in phones)
    staging = settings.DBT_PROJECT / "models" / "staging" / "shopee"
    assert not (staging / "stg_shopee__identifiers.sql").exists()
    assert not any(word in path.read_text() for path in staging.glob("*.sql") for word in ("phone", "email"))


def test_the_counts_are_those_of_the_orders(played: Played, stall: sandbox.Channel) -> None:
    created: dict[str, int] = {}
    for order in {each["order_sn"]: each for each in pull(played, "orders")}.values():
        day = datetime.fromtimestamp(order["create_time"], VIETNAM).date().isoformat()
        created[day] = created.get(day, 0) + 1
    counts = pull(played, "order_counts")
    assert {count["day"] for count in counts} == stall.keys("order_counts")
    assert all(count["count"] == created.get(count["day"], 0) for count in counts)


def test_what_shopee_measures_is_of_the_last_day_that_was_over(
    played: Played, stall: sandbox.Channel
) -> None:
    yesterday = (played.now.astimezone(VIETNAM) - timedelta(days=1)).date()
    # whichever window is read: nobody can ask how it stood
    found = pull(played, "shop_performance", played.now - timedelta(days=40))
    assert {each["day"] for each in found} == {yesterday.isoformat()}
    stated = next(each["current_period"] for each in found if each["metric_id"] == 42)
    last, first = ((days.midnight(yesterday) + timedelta(days=n)).timestamp() for n in (1, -29))
    orders = {each["order_sn"]: each for each in pull(played, "orders")}.values()
    statuses = [
        order["package_list"][0]["logistics_status"] == "LOGISTICS_INVALID"
        for order in orders
        if first <= order["create_time"] < last
    ]
    assert statuses, "nobody bought"
    assert stated == pytest.approx(100 * sum(statuses) / len(statuses), abs=3)


def test_a_stream_that_the_app_may_not_read_costs_no_other(played: Played, stall: sandbox.Channel) -> None:
    stall.forbidden.add("get_shop_performance")
    with pytest.raises(StreamUnavailable, match="permission"):
        pull(played, "shop_performance")
    landing.prepare("shopee")
    assert landing.land("shopee", played.now) > 0
    missing = "select stream from ops.streams where source = 'shopee' and unavailable_since is not null"
    assert ask(missing) == [("shop_performance",)]


def test_a_review_without_a_star_is_refused(played: Played, stall: sandbox.Channel) -> None:
    stall.bad_stars = True
    landing.prepare("shopee")
    ask("delete from ops.cursors where source = 'shopee'")
    landing.land("shopee", played.now)
    with pytest.raises(quality.ExpectationsFailed, match="every_review_has_1_to_5_stars"):
        quality.check("shopee")
    assert one("select count(*) from raw_shopee.comments") == 0


def test_a_cursor_that_leads_in_a_circle_is_noticed_though_each_call_is_signed_anew(
    played: Played, stall: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    # each call is signed at another second
    ticks = count(int(time.time()) - 100)
    monkeypatch.setattr(answers, "time", SimpleNamespace(time=lambda: next(ticks)))
    token = RotatingToken("shopee", settings.secret("SHOPEE_REFRESH_TOKEN"), answers.refreshed)
    client = rest.connect(settings.source_url("shopee"), answers.Signed(token))
    paginator = JSONResponseCursorPaginator("request_id", "cursor_of_another_name")
    take, asked = shopee._in("more", "item_comment_list"), {"cursor": "", "page_size": 2}
    with pytest.raises(PageMalformed, match="goes in a circle"):
        for _ in rest.pages(client, shopee.REVIEWS, take, asked, paginator):
            pass
