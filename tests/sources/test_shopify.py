"""Errors inside 200, points to wait for, lists in lists, ties of a second, and orders that scopes hide."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from requests import Response

from include import days, landing, rest, settings, sources
from include.rest import Overloaded
from include.sandbox.channels import shopify as sandbox
from include.sandbox.channels.shopify import endpoints, graphql, records
from include.sandbox.live import Played, playing
from include.sandbox.stage import Stage
from include.sandbox.world import World
from include.sources import (
    Page,
    PageMalformed,
    PersonNeeded,
    Record,
    SourceError,
    StreamUnavailable,
    TokenRefused,
    Window,
    shopify,
)
from tests.databases import ask
from tests.pointed import point

START = datetime(2025, 1, 1, tzinfo=UTC)
STREAM_NAMES = [stream.name for stream in shopify.STREAMS]


@pytest.fixture
def played(company: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    """Play the shop alone."""
    monkeypatch.setattr(rest, "connect", partial(rest.connect, attempts=4, backoff=0.01, read_timeout=5.0))
    with playing(Stage(company, tmp_path, chosen=["shopify"])) as sandbox:
        point(monkeypatch, sandbox, ["shopify"])
        yield sandbox


@pytest.fixture
def shop(played: Played) -> sandbox.Channel:
    return played.stage.channels["shopify"]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shopify, "SIZES", dict.fromkeys(shopify.SIZES, 7))


def pages(played: Played, stream: str, window: Window | None = None) -> Iterator[Page]:
    return sources.pages("shopify", stream, window or Window(START, played.now))


def pull(played: Played, stream: str, window: Window | None = None) -> list[Record]:
    return [record for page in pages(played, stream, window) for record in page.records]


def judged(answer: object, status: int = 200, is_optional: bool = False) -> Response:
    """Let the source judge an answer, and return it."""
    response = Response()
    response.status_code = status
    try:
        shopify._meaning(is_optional)(response, answer)
    except Overloaded as error:
        return error.response
    return response


@pytest.mark.parametrize("stream", STREAM_NAMES)
@pytest.mark.usefixtures("small_pages")
def test_everything_comes_exactly_once(played: Played, shop: sandbox.Channel, stream: str) -> None:
    key = shopify.STREAMS[STREAM_NAMES.index(stream)].key[0]
    found = [str(record[key]) for record in pull(played, stream)]
    assert len(found) == len(set(found))
    assert set(found) == shop.keys(stream)


def test_a_query_costs_less_than_shopify_takes_and_no_page_is_too_long() -> None:
    for root, fields in shopify._fields().items():
        query = shopify.LIST % {"root": root, "fields": fields}
        asked = graphql.parse(query, {"first": shopify.SIZES[root]})
        assert graphql.cost(asked) <= endpoints.DEAREST, root
    for name, part in shopify.PARTS.items():
        name = name.replace("checkoutLineItems", "lineItems")
        query = shopify.MORE % {"kind": "Order", "name": name, "part": part}
        assert graphql.cost(graphql.parse(query, {"first": shopify.NESTED_MORE})) <= endpoints.DEAREST


def test_a_query_that_costs_too_much_is_refused_by_name(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shopify, "SIZES", dict.fromkeys(shopify.SIZES, 250))
    with pytest.raises(SourceError, match="MAX_COST_EXCEEDED"):
        pull(played, "orders")
    monkeypatch.setattr(shopify, "SIZES", dict.fromkeys(shopify.SIZES, 251))
    with pytest.raises(SourceError, match="first cannot exceed 250"):
        pull(played, "customers")


def test_throttled_is_an_answer_of_status_200_and_is_waited_for(played: Played) -> None:
    whole = pull(played, "customers")
    played.fail("status_429", "shopify.customers.*", times=2)
    assert pull(played, "customers") == whole


@pytest.mark.parametrize(
    ("requested", "available", "restored", "seconds"),
    [(900, 100.0, 100.0, "8"), (900, 850.0, 100.0, "1"), (950, 0.0, 50.0, "19"), (900, 0.0, 0, None)],
)
def test_the_wait_is_that_of_the_points_that_are_lacking(
    requested: int, available: float, restored: float, seconds: str | None
) -> None:
    answer = graphql_answer(endpoints.throttled(requested, available, 2000.0, restored))
    assert judged(answer).headers.get("Retry-After") == seconds


def test_throttled_without_a_code_or_a_cost_is_waited_for_too() -> None:
    response = Response()
    with pytest.raises(Overloaded):
        shopify._meaning(is_optional=False)(response, {"errors": [{"message": "Throttled"}]})
    assert "Retry-After" not in response.headers


def graphql_answer(body: bytes) -> object:
    response = Response()
    response._content = body
    return response.json()


@pytest.mark.parametrize(
    ("code", "kind"),
    [("INTERNAL_SERVER_ERROR", Overloaded), ("ACCESS_DENIED", PersonNeeded), ("SHOP_INACTIVE", PersonNeeded),
     ("undefinedField", SourceError)],
)  # fmt: skip
def test_an_error_refuses_the_data_beside_it(code: str, kind: type[Exception]) -> None:
    answer = {"data": {"orders": {"nodes": [{}]}}} | graphql_answer(endpoints.failure(code, "no"))
    with pytest.raises(kind):
        shopify._meaning(is_optional=False)(Response(), answer)


@pytest.mark.parametrize("status", [402, 423])
def test_a_shop_that_is_frozen_or_locked_is_for_a_person(status: int) -> None:
    with pytest.raises(PersonNeeded, match="frozen or locked"):
        judged({"errors": "Unavailable Shop"}, status)


def test_a_revoked_token_stops_at_once(played: Played) -> None:
    played.fail("token_expired", "shopify.*")
    with pytest.raises(TokenRefused):
        pull(played, "products")


def test_lists_in_a_record_are_read_to_their_end(
    played: Played, shop: sandbox.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shopify, "NESTED", 1)
    monkeypatch.setattr(shopify, "NESTED_MORE", 1)
    lately = Window(played.now - timedelta(days=60), played.now)
    orders = pull(played, "orders", lately)
    assert any(order["refunds"] for order in orders)
    for order in orders:
        row = int(str(order["id"]).rpartition("/")[2]) - int(shop.shelves["orders"].ids[0])
        true = shop.records.render("orders", row, int(shop.shelves["orders"].updated_at[row]))
        assert [line["id"] for line in order["lineItems"]["nodes"]] == [
            line["id"] for line in true["lineItems"]
        ]
        for refund, there in zip(order["refunds"], true["refunds"], strict=True):
            assert len(refund["refundLineItems"]["nodes"]) == len(there["refundLineItems"])
    assert all(len(product["variants"]["nodes"]) == 5 for product in pull(played, "products"))
    checkouts = pull(played, "abandoned_checkouts", lately)
    assert any(len(checkout["lineItems"]["nodes"]) > 1 for checkout in checkouts)


def test_some_orders_have_more_lines_than_come_at_once(played: Played) -> None:
    assert any(len(order["lineItems"]["nodes"]) > shopify.NESTED for order in pull(played, "orders"))


def test_a_page_says_whether_there_is_more_and_where() -> None:
    page = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}
    with pytest.raises(ValueError, match="where the next one begins"):
        shopify._entries({"data": {"orders": page}}, "orders")
    page["pageInfo"]["hasNextPage"] = None
    with pytest.raises(ValueError, match="where the next one begins"):
        shopify._entries({"data": {"orders": page}}, "orders")


@pytest.mark.usefixtures("small_pages")
def test_orders_of_one_second_are_not_lost_at_the_edge_of_a_page(
    played: Played, shop: sandbox.Channel
) -> None:
    shelf = shop.shelves["orders"]
    rows = np.flatnonzero(shelf.updated_at > 0)[-40:]
    shelf.updated_at[rows] = played.stage.now - 3600
    at = played.now - timedelta(hours=1)
    found = [order["id"] for order in pull(played, "orders", Window(at, at))]
    assert len(found) == len(set(found)) == 40


@pytest.mark.usefixtures("small_pages")
def test_an_order_that_changes_while_pages_are_read_takes_no_other_with_it(
    played: Played, shop: sandbox.Channel
) -> None:
    whole = {order["id"] for order in pull(played, "orders")}
    shop.moves_after = 2
    found = {order["id"] for order in pull(played, "orders")}
    assert shop.moves_after < 0
    (moved,) = whole - found
    later = Window(played.now - shopify.LAG, played.now + timedelta(minutes=5))
    assert moved in {order["id"] for order in pull(played, "orders", later)}


def test_an_order_that_is_edited_twice_in_one_second_is_read_again(
    played: Played, shop: sandbox.Channel
) -> None:
    order = max(pull(played, "orders"), key=lambda each: str(each["updatedAt"]))
    row = int(str(order["id"]).rpartition("/")[2]) - int(shop.shelves["orders"].ids[0])
    shop.records.notes[row] = "Giao giờ hành chính"
    read_to = datetime.fromisoformat(str(order["updatedAt"]))
    overlap = sources.stream("shopify", "orders").overlap
    (again,) = (
        each
        for each in pull(played, "orders", Window(read_to - overlap, played.now))
        if each["id"] == order["id"]
    )
    assert (again["note"], again["updatedAt"]) == ("Giao giờ hành chính", order["updatedAt"])


@pytest.mark.server
@pytest.mark.usefixtures("database")
def test_of_two_edits_in_one_second_the_later_stands(played: Played, shop: sandbox.Channel) -> None:
    shelf = shop.shelves["orders"]
    row = int(np.flatnonzero(shelf.updated_at > 0)[-1])
    shelf.updated_at[row] = played.stage.now - 60

    def current() -> list[tuple[str | None]]:
        landing.land("shopify", played.now)
        landing.confirm("shopify", landing.landed("shopify"))
        landing.accept("shopify")
        return ask(
            "select payload ->> 'note' from raw_shopify.orders where record_key = %s "
            "order by version desc, acceptance_id desc, ordinal desc",
            records.gid("Order", row),
        )

    landing.prepare("shopify")
    assert current() == [(None,)]
    shop.records.notes[row] = "Giao giờ hành chính"
    assert current() == [("Giao giờ hành chính",), (None,)]
    assert current() == [("Giao giờ hành chính",), (None,)]


def test_without_the_scope_for_all_orders_what_is_hidden_is_told(
    played: Played, shop: sandbox.Channel
) -> None:
    whole = pull(played, "orders")
    assert not any(page.lost for page in pages(played, "orders"))
    shop.scopes.remove("read_all_orders")
    found = [*pages(played, "orders")]
    assert 0 < sum(len(page.records) for page in found) < len(whole)
    (lost,) = (page.lost for page in found if page.lost)
    assert "sixty days" in next(iter(lost))
    assert "read_all_orders" in next(iter(lost.values()))
    # a window that lies before them holds nothing, and does not pass for a quiet one
    before = Window(START, played.now - timedelta(days=90))
    assert [page.lost for page in pages(played, "orders", before) if page.lost] == [lost]


def test_a_scope_that_is_lacking_is_never_taken_for_no_data(played: Played, shop: sandbox.Channel) -> None:
    shop.scopes = ["read_customers"]
    with pytest.raises(PersonNeeded, match="read_products"):
        pull(played, "products")
    with pytest.raises(PersonNeeded, match="read_orders"):
        pull(played, "order_counts")
    with pytest.raises(StreamUnavailable, match="read_orders"):
        pull(played, "abandoned_checkouts")
    assert pull(played, "customers")


def test_a_filter_that_is_ignored_is_noticed(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "TERM", endpoints.re.compile(r"(never):()()"))
    with pytest.raises(PageMalformed, match="gave others"):
        pull(played, "orders", Window(played.now - timedelta(days=1), played.now))


def test_fewer_than_shopify_counts_are_refused(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shopify, "_count", lambda *_: 1_000_000)
    with pytest.raises(SourceError, match="counts 1000000 customers"):
        pull(played, "customers")


def test_a_count_that_is_cut_off_is_none(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shopify, "COUNT", shopify.COUNT.replace("null", "1"))
    with pytest.raises(PageMalformed, match="AT_LEAST"):
        pull(played, "customers")


def test_shopifys_own_counts_are_those_of_its_orders_by_day_of_processing(played: Played) -> None:
    counts = {record["day"]: record["count"] for record in pull(played, "order_counts")}
    orders = pull(played, "orders")
    assert any(order["test"] for order in orders)
    assert any(order["createdAt"] > order["processedAt"] for order in orders)
    assert sum(counts.values())
    for day, count in counts.items():
        placed = [
            order
            for order in orders
            if not order["test"]
            and f"{datetime.fromisoformat(order['processedAt']).astimezone(days.VIETNAM):%Y-%m-%d}" == day
        ]
        assert len(placed) == count, day


def test_a_guest_has_no_customer_but_a_phone_or_an_email(played: Played) -> None:
    guests = [order for order in pull(played, "orders") if order["customer"] is None]
    assert guests
    assert all(order["phone"] or order["email"] for order in guests)


def test_a_checkout_of_a_foreigner_has_both_currencies(played: Played) -> None:
    moneys = [checkout["totalPriceSet"] for checkout in pull(played, "abandoned_checkouts")]
    assert {money["shopMoney"]["currencyCode"] for money in moneys} == {"VND"}
    assert {money["presentmentMoney"]["currencyCode"] for money in moneys} == {"VND", "USD"}


def test_the_version_of_the_api_is_a_setting(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPIFY_API_VERSION", "2027-01")
    assert shopify._address() == "/admin/api/2027-01/graphql.json"
    assert settings.source_url("shopify") == f"{played.url}/shopify"
    assert pull(played, "products")
