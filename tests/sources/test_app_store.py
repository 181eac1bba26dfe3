"""Apple's reviews are as they are now; its reports come late, and a day without one says why."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from include import sources
from include.sandbox.channels.app_store import APP, PLUS
from include.sandbox.live import Played
from include.sources import SourceError, TokenRefused, Window, app_store


def pages(played: Played, stream: str, days: int = 400) -> Iterator[sources.Page]:
    yield from sources.pages("app_store", stream, Window(played.now - timedelta(days=days), played.now))


def pull(played: Played, stream: str = "reviews", days: int = 400) -> list[dict]:
    return [dict(record) for page in pages(played, stream, days) for record in page.records]


def test_short_pages_hold_the_same(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [review["id"] for review in pull(played)]
    monkeypatch.setattr(app_store, "LIMIT", 50)
    assert [review["id"] for review in pull(played)] == whole
    assert len(whole) > 200


def test_an_edited_review_keeps_its_id_and_a_deleted_one_is_gone(played: Played) -> None:
    before = {review["id"]: review for review in pull(played)}
    channel = played.stage.channels["app_store"]
    channel._deleted_at[int((channel.shelves["reviews"].updated_at > 0).argmax())] = played.stage.now + 60
    played.stage.advance(20)
    after = {review["id"]: review for review in pull(played)}
    assert any(after[key]["attributes"] != before[key]["attributes"] for key in before.keys() & after.keys())
    assert before.keys() - after.keys()
    assert all(page.scopes == (APP,) for page in pages(played, "reviews"))


def test_a_review_that_comes_while_the_list_is_read_is_not_missed(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_store, "LIMIT", 50)
    reading = pages(played, "reviews")
    next(reading)
    shelf = played.stage.channels["app_store"].shelves["reviews"]
    shelf.updated_at[int((shelf.updated_at == 0).argmax())] = played.stage.now
    with pytest.raises(SourceError, match=r"came to the top|counts"):
        list(reading)


def test_a_day_not_finished_is_left_for_the_next_pull_and_one_without_sales_is_empty(played: Played) -> None:
    channel = played.stage.channels["app_store"]
    channel._is_late[:] = False
    channel._is_late[299 - 2] = True
    played.stage._stand()
    told = {page.scopes[0]: len(page.records) for page in pages(played, "downloads")}
    last = played.now.date()
    late, ready = (last - timedelta(days=n) for n in (2, 1))
    assert str(late) not in told and told[str(ready)] > 0
    assert told[str(channel._date(0))] == 0
    assert told[str(channel._date(-20))] == 0
    played.stage.advance(3)
    assert str(late) in {page.scopes[0] for page in pages(played, "downloads", 7)}


def test_a_report_that_is_overdue_fails_the_task(played: Played) -> None:
    channel = played.stage.channels["app_store"]
    ready = channel._ready_at()
    ready[299 - 10] = 1 << 60
    channel._ready_at = lambda: ready
    with pytest.raises(SourceError, match="overdue"):
        pull(played, "downloads")


def test_units_are_those_that_the_company_knows_and_sales_within_the_app_are_no_downloads(
    played: Played,
) -> None:
    channel = played.stage.channels["app_store"]
    records = pull(played, "downloads")
    days = {date.fromisoformat(record["day"]) for record in records}
    count = (max(days) - channel._first_day).days + 1
    is_ready = channel._ready_at()[:count] <= played.stage.now
    units = dict.fromkeys(("1F", "3F", "7F", "IAY"), 0)
    for record in records:
        for line in record["lines"]:
            units[line["Product Type Identifier"]] += int(line["Units"])
            assert (record["app_id"] == PLUS) == (line["Product Type Identifier"] == "IAY")
    truth = [
        *channel.units[:count][is_ready].sum(axis=(0, 1)).tolist(),
        int(channel.sold[:count][is_ready].sum()),
    ]
    assert list(units.values()) == truth


def test_tokens_live_for_twenty_minutes_and_are_signed_with_the_key(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests

    request = app_store.Signed()(requests.Request("GET", "http://127.0.0.1/").prepare())
    token = request.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] <= 1200 and claims["aud"] == "appstoreconnect-v1"
    assert datetime.fromtimestamp(claims["iat"]) <= datetime.now()
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    monkeypatch.setenv("APP_STORE_PRIVATE_KEY", other.decode())
    with pytest.raises(TokenRefused):
        pull(played)
    monkeypatch.setenv("APP_STORE_PRIVATE_KEY", "no key")
    with pytest.raises(TokenRefused, match="no private key"):
        pull(played)
