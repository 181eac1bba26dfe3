"""The APIs behave as their vendors document."""

import pytest
import requests

Api = tuple[str, requests.Session]


def test_haravan_refuses_a_wrong_token_as_json(api: Api) -> None:
    url, _ = api
    answer = requests.get(f"{url}/haravan/com/orders.json", timeout=5)
    assert answer.status_code == 401
    assert "errors" in answer.json()


def test_haravan_gives_pages_of_50_newest_first(api: Api) -> None:
    url, session = api
    answer = session.get(f"{url}/haravan/com/orders.json")
    created = [order["created_at"] for order in answer.json()["orders"]]
    assert len(created) == 50
    assert created == sorted(created, reverse=True)
    assert answer.headers["X-Haravan-Api-Call-Limit"].endswith("/80")
    assert session.get(f"{url}/haravan/com/orders.json", params={"limit": 51}).status_code == 422


def test_haravan_counts_what_it_lists(api: Api) -> None:
    url, session = api
    window = {"updated_at_min": "2026-10-01T00:00:00Z", "updated_at_max": "2026-11-10T00:00:00Z"}
    counted = session.get(f"{url}/haravan/com/orders/count.json", params=window).json()["count"]
    listed: list[int] = []
    page = 1
    while rows := session.get(
        f"{url}/haravan/com/orders.json", params=window | {"page": page, "order": "updated_at asc"}
    ).json()["orders"]:
        listed += [row["id"] for row in rows]
        page += 1
    assert len(listed) == len(set(listed)) == counted > 50


def test_haravan_throttles_after_80_calls(api: Api) -> None:
    url, session = api
    statuses = [session.get(f"{url}/haravan/com/products/count.json").status_code for _ in range(110)]
    assert statuses[:80] == [200] * 80
    refused = session.get(f"{url}/haravan/com/products/count.json")
    if refused.status_code == 429:
        assert refused.headers["Retry-After"] == "2.0"
    assert 429 in statuses


def test_zendesk_exports_end_and_throttle(api: Api) -> None:
    url, _ = api
    session = requests.Session()
    session.auth = ("warehouse@shop.example/token", "key")
    path = f"{url}/zendesk/api/v2/incremental/tickets/cursor.json"
    first = session.get(path, params={"start_time": 0, "per_page": 20}).json()
    second = session.get(path, params={"cursor": first["after_cursor"], "per_page": 20}).json()
    assert not first["end_of_stream"]
    assert second["tickets"][0] == first["tickets"][-1], "the boundary row comes twice"
    answers = [session.get(path, params={"start_time": 0}) for _ in range(12)]
    throttled = [answer for answer in answers if answer.status_code == 429]
    assert throttled
    assert int(throttled[0].headers["Retry-After"]) >= 1


def test_served_ids_are_counted(api: Api) -> None:
    url, session = api
    ids = [row["id"] for row in session.get(f"{url}/haravan/com/orders.json").json()["orders"]]
    served = session.get(f"{url}/sandbox/served").json()["haravan.orders"]
    assert served == {"count": 50, "ids": {str(each): 1 for each in sorted(ids, reverse=True)}}


def test_the_clock_and_the_defects_are_switched_over_http(api: Api) -> None:
    url, session = api
    before = session.get(f"{url}/health").json()["now"]
    assert session.post(f"{url}/sandbox/advance?days=1").json()["now"] > before
    switched = session.post(f"{url}/sandbox/defects", json={"name": "wrong_types"}).json()
    assert switched["defects"] == ["wrong_types"]
    assert session.post(f"{url}/sandbox/advance?days=100").status_code == 409


@pytest.mark.parametrize("path", ["defects", "faults"])
def test_an_unknown_name_is_answered_with_the_known_ones(api: Api, path: str) -> None:
    url, session = api
    answer = session.post(f"{url}/sandbox/{path}", json={"name": "rain"})
    assert answer.status_code == 422
    assert "choose one of" in answer.json()["errors"]
