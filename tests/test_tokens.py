"""A refresh token that works once is used once, whoever asks, and nobody can read it."""

import threading
from collections.abc import Iterator

import pytest
from requests import PreparedRequest

from include.sources import SourceError, TokenRefused
from include.tokens import Pair, RotatingToken
from tests.databases import ask, one

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("database")]


class Vendor:
    """Gives a new pair for the refresh token of the last one, and refuses any other."""

    def __init__(self, first: str) -> None:
        self.valid = first
        self.refreshes = self.refusals = 0
        self._lock = threading.Lock()

    def refresh(self, token: str) -> Pair:
        with self._lock:
            if token != self.valid:
                self.refusals += 1
                raise TokenRefused("the refresh token was used before: get a new one")
            self.refreshes += 1
            self.valid = f"refresh-{self.refreshes}"
            return Pair(f"access-{self.refreshes}", self.valid)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CX_TOKEN_KEY", "a key of the tests")
    yield
    ask("delete from ops.tokens")


def shown(token: RotatingToken) -> str:
    request = PreparedRequest()
    request.headers = {}
    return token(request).headers["Authorization"]


def test_the_first_call_fetches_a_pair_and_the_next_uses_it() -> None:
    vendor = Vendor("first")
    assert shown(RotatingToken("shop", "first", vendor.refresh)) == "Bearer access-1"
    assert shown(RotatingToken("shop", "first", vendor.refresh)) == "Bearer access-1"
    assert vendor.refreshes == 1


def test_workers_that_race_make_one_refresh() -> None:
    vendor = Vendor("first")
    workers = [RotatingToken("shop", "first", vendor.refresh) for _ in range(6)]
    for worker in workers:
        shown(worker)
    start = threading.Barrier(len(workers))

    def renew(worker: RotatingToken) -> None:
        start.wait()
        worker.renew()

    threads = [threading.Thread(target=renew, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert vendor.refreshes == 2
    assert {shown(worker) for worker in workers} == {"Bearer access-2"}


def test_an_answer_that_is_repeated_on_its_way_kills_nothing() -> None:
    vendor, repeats = Vendor("first"), [Pair("access-1", "refresh-1")]
    token = RotatingToken(
        "shop", "first", lambda spent: repeats.pop() if vendor.refreshes else vendor.refresh(spent)
    )
    assert shown(token) == "Bearer access-1"
    with pytest.raises(SourceError, match="repeated on its way"):
        token.renew()
    again = RotatingToken("shop", "first", vendor.refresh)
    again.renew("access-1")
    assert shown(again) == "Bearer access-2"


def test_a_dead_token_stays_dead_until_a_person_sets_another() -> None:
    vendor = Vendor("another")
    for _ in range(2):
        with pytest.raises(TokenRefused, match="get a new one"):
            shown(RotatingToken("shop", "first", vendor.refresh))
    assert vendor.refreshes == 0
    assert shown(RotatingToken("shop", "another", vendor.refresh)) == "Bearer access-1"


def test_another_first_token_that_is_refused_costs_the_kept_pair_nothing() -> None:
    vendor = Vendor("first")
    assert shown(RotatingToken("shop", "first", vendor.refresh)) == "Bearer access-1"
    for _ in range(2):
        with pytest.raises(TokenRefused, match="the pair that came of that one is kept"):
            shown(RotatingToken("shop", "mistyped", vendor.refresh))
    # it was asked about once
    assert vendor.refusals == 1
    again = RotatingToken("shop", "first", vendor.refresh)
    assert shown(again) == "Bearer access-1"
    again.renew()
    assert shown(again) == "Bearer access-2"


def test_a_first_token_that_never_worked_is_dead_and_the_next_one_is_asked_about() -> None:
    vendor = Vendor("first")
    for token in ("mistyped", "mistyped", "mistyped again"):
        with pytest.raises(TokenRefused) as refused:
            shown(RotatingToken("shop", token, vendor.refresh))
        assert "is kept" not in str(refused.value)
    assert vendor.refusals == 2
    assert shown(RotatingToken("shop", "first", vendor.refresh)) == "Bearer access-1"


def test_another_first_token_that_works_takes_the_place_of_a_dead_one() -> None:
    vendor = Vendor("first")
    shown(RotatingToken("shop", "first", vendor.refresh))
    vendor.valid = "second"
    with pytest.raises(TokenRefused):
        RotatingToken("shop", "first", vendor.refresh).renew("access-1")
    assert shown(RotatingToken("shop", "second", vendor.refresh)) == "Bearer access-2"
    assert one("select why_dead from ops.tokens") is None


def test_a_dead_token_touches_no_other_source() -> None:
    with pytest.raises(TokenRefused):
        shown(RotatingToken("shop", "first", Vendor("another").refresh))
    assert shown(RotatingToken("page", "first", Vendor("first").refresh)) == "Bearer access-1"


def test_tokens_are_kept_encrypted_and_only_the_loader_reads_them() -> None:
    shown(RotatingToken("shop", "first", Vendor("first").refresh))
    kept = str(one("select tokens::text from ops.tokens"))
    assert "access-1" not in kept
    assert "refresh-1" not in kept
    for role in ("cx_transformer", "cx_auditor", "cx_publisher", "cx_reader"):
        assert not one("select has_table_privilege(%s, 'ops.tokens', 'select')", role), role


def test_another_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    shown(RotatingToken("shop", "first", Vendor("first").refresh))
    monkeypatch.setenv("CX_TOKEN_KEY", "another key")
    with pytest.raises(TokenRefused, match="CX_TOKEN_KEY"):
        shown(RotatingToken("shop", "first", Vendor("first").refresh))
