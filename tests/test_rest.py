"""Every answer is looked at: what can be mended is asked for again, the rest is named."""

import math
import socket
import time
from collections.abc import Callable, Iterator
from datetime import date
from email.utils import formatdate

import pytest
import requests
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import BasePaginator, SinglePagePaginator
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from include import days, rest
from include.sandbox.live import served
from include.sources import PageMalformed, SourceError, TokenRefused

Answer = Callable[[int, Request], Response]


class Script:
    """A server whose answers a test writes: `play` is given the number of the call, from 1."""

    def __init__(self) -> None:
        self.calls = 0
        self.play: Answer = lambda number, request: page("a")
        self.url = ""


def page(*names: str, following: str | None = None) -> Response:
    rows = ", ".join(f'{{"id": "{name}"}}' for name in names)
    after = "null" if following is None else f'"{following}"'
    return Response(f'{{"rows": [{rows}], "next": {after}}}', media_type="application/json")


class Next(BasePaginator):
    """Follows the field `next`."""

    def update_state(self, response: Response, data: list | None = None) -> None:
        self.cursor = response.json()["next"]
        self._has_next_page = self.cursor is not None

    def update_request(self, request: Request) -> None:
        request.params["cursor"] = self.cursor


@pytest.fixture(scope="module")
def server() -> Iterator[Script]:
    script, app = Script(), FastAPI()

    @app.get("/rows")
    def rows(request: Request) -> Response:
        script.calls += 1
        return script.play(script.calls, request)

    with served(app) as script.url:
        yield script


@pytest.fixture
def script(server: Script) -> Script:
    server.calls = 0
    return server


def client(script: Script, **settings: float) -> RESTClient:
    patience = {"attempts": 3, "backoff": 0.01, "read_timeout": 0.3} | settings
    return rest.connect(script.url, BearerTokenAuth("key"), **patience)


def read(script: Script, paginator: BasePaginator | None = None, **settings: float) -> list:
    found = rest.pages(client(script, **settings), "/rows", "rows", {}, paginator or SinglePagePaginator())
    return [row for page in found for row in page]


def once(first: Callable[[], Response]) -> Answer:
    return lambda number, _: first() if number == 1 else page("a")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_an_overloaded_server_is_asked_again(script: Script, status: int) -> None:
    script.play = once(lambda: Response("later", status))
    assert read(script) == [{"id": "a"}]
    assert script.calls == 2


@pytest.mark.parametrize(
    "body",
    ["<html>maintenance</html>", '{"rows": [{"id"', "", "[]", '{"rows": null}', '{"error": 1}'],
)
def test_an_answer_of_200_that_is_no_page_is_asked_for_again(script: Script, body: str) -> None:
    script.play = once(lambda: Response(body))
    assert read(script) == [{"id": "a"}]


def test_an_answer_that_stays_unreadable_is_named_with_its_beginning(script: Script) -> None:
    script.play = lambda *_: Response("<html>" + "x" * 500)
    with pytest.raises(
        PageMalformed, match=r"/rows answered no JSON of the expected shape, but: '<html>x{74}'"
    ) as caught:
        read(script)
    assert "x" * 75 not in str(caught.value)
    assert script.calls == 3


def test_a_server_that_stays_overloaded_is_a_source_error(script: Script) -> None:
    script.play = lambda *_: Response("", 503)
    with pytest.raises(SourceError, match="answered 503") as caught:
        read(script)
    assert not isinstance(caught.value, PageMalformed)


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_not_tried_twice(script: Script, status: int) -> None:
    script.play = lambda *_: Response("{}", status)
    with pytest.raises(TokenRefused, match=f"answered {status}"):
        read(script)
    assert script.calls == 1


def test_a_refused_request_is_not_tried_twice(script: Script) -> None:
    script.play = lambda *_: Response("no such field", 422)
    with pytest.raises(SourceError, match="answered 422: 'no such field'"):
        read(script)
    assert script.calls == 1


@pytest.mark.parametrize(
    "wait", ["1", "0.6", pytest.param(lambda: formatdate(time.time() + 2, usegmt=True), id="date")]
)
def test_retry_after_is_obeyed_in_every_spelling(script: Script, wait: str | Callable[[], str]) -> None:
    script.play = once(lambda: Response("", 429, {"Retry-After": wait if isinstance(wait, str) else wait()}))
    begun = time.monotonic()
    assert read(script) == [{"id": "a"}]
    assert time.monotonic() - begun >= 0.9


def test_a_slow_server_is_asked_again(script: Script) -> None:
    def answer(number: int, _: Request) -> Response:
        if number == 1:
            time.sleep(0.6)
        return page("a")

    script.play = answer
    assert read(script) == [{"id": "a"}]


def test_bytes_that_drip_are_not_waited_for(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip() -> Iterator[bytes]:
        for _ in range(40):
            yield b" "
            time.sleep(0.05)

    monkeypatch.setattr(rest, "ANSWER_SECONDS", 0.2)
    script.play = once(lambda: StreamingResponse(drip()))
    begun = time.monotonic()
    assert read(script) == [{"id": "a"}]
    assert time.monotonic() - begun < 1.5


@pytest.mark.parametrize("encoding", ["gzip", None])
def test_a_body_that_breaks_off_is_asked_for_again(script: Script, encoding: str | None) -> None:
    headers = {"Content-Length": "500"} | ({"Content-Encoding": encoding} if encoding else {})

    async def broken() -> Iterator[bytes]:
        yield b'{"rows": ['
        raise OSError("the line is dead")

    script.play = once(lambda: StreamingResponse(broken(), headers=headers))
    assert read(script) == [{"id": "a"}]


def test_an_unreachable_server_is_a_source_error(script: Script) -> None:
    nowhere = rest.connect("http://127.0.0.1:9", BearerTokenAuth("key"), attempts=2, backoff=0.01)
    with pytest.raises(SourceError, match="cannot be read, after retries"):
        list(rest.pages(nowhere, "/rows", "rows", {}, SinglePagePaginator()))


def test_nobody_else_is_called(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts: list[object] = []
    look_up = socket.getaddrinfo

    def watched(host: object, *args: object, **kwargs: object) -> list:
        hosts.append(host)
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    script.play = lambda *_: page("a")
    assert read(script) == [{"id": "a"}]
    assert set(hosts) == {"127.0.0.1"}


def test_pages_follow_one_another(script: Script) -> None:
    script.play = lambda number, _: page(f"{number}", following="x" * number if number < 4 else None)
    assert [row["id"] for row in read(script, Next())] == ["1", "2", "3", "4"]


def test_a_page_that_was_served_twice_does_not_end_the_pull(script: Script) -> None:
    answers = ["a:1", "a:1", "b:2", "c:"]
    script.play = lambda number, _: page(
        answers[number - 1].split(":")[0], following=answers[number - 1].split(":")[1] or None
    )
    assert [row["id"] for row in read(script, Next())] == ["a", "a", "b", "c"]


def test_a_cursor_that_goes_in_a_circle_ends(script: Script) -> None:
    script.play = lambda number, _: page("a", following="ab"[number % 2])
    with pytest.raises(PageMalformed, match="goes in a circle"):
        read(script, Next())
    assert script.calls < 12


def test_an_empty_page_that_says_there_is_more_ends(script: Script) -> None:
    script.play = lambda number, _: page(following=str(number))
    with pytest.raises(PageMalformed, match="empty page that says there is more"):
        read(script, Next())


def test_records_keep_what_was_sent(script: Script) -> None:
    script.play = lambda *_: Response(
        rb'{"rows": [{"a": NaN, "b": 1e400, "c": "x\u0000", "d": "\ud800", '
        rb'"e": 12345678901234567890}]}'
    )
    (row,) = read(script)
    assert math.isnan(row["a"])
    assert math.isinf(row["b"])
    assert row["c"] == "x\0"
    assert row["d"] == "\ud800"
    assert row["e"] == 12345678901234567890


def test_a_value_is_a_whole_number(script: Script) -> None:
    script.play = lambda *_: Response('{"count": 101}')
    assert rest.value(client(script), "/rows", "count", {}) == 101
    script.play = lambda *_: Response('{"count": "many"}')
    with pytest.raises(PageMalformed):
        rest.value(client(script), "/rows", "count", {})


def test_how_something_stands_is_told_with_the_time_of_the_server(script: Script) -> None:
    script.play = lambda *_: Response(
        '{"rows": [{"id": "a"}]}',
        media_type="application/json",
        headers={"Date": "Sat, 28 Nov 2026 17:30:00 GMT"},
    )
    rows, said_at = rest.as_it_is(client(script), "/rows", "rows")
    assert rows == [{"id": "a"}]
    # half past midnight in Vietnam
    assert days.day_before(said_at) == date(2026, 11, 28)
    script.play = lambda *_: page("a")
    with pytest.raises(PageMalformed, match="does not say when it was answered"):
        rest.as_it_is(client(script), "/rows", "rows")


def test_what_an_address_shows_of_secrets_is_hidden() -> None:
    client = rest.connect("http://127.0.0.1:9", None, attempts=1, backoff=0.01)
    hushed = dict.fromkeys(("app_secret", "refresh_token", "access_token", "sign"), "hush")
    secrets = hushed | {"app_key": "shown", "page_token": "shown"}
    with pytest.raises(SourceError, match="cannot be read") as raised:
        rest.ask(client, "/rows", secrets)
    assert "hush" not in str(raised.value)
    assert str(raised.value).count("shown") == 2
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_a_list_out_of_order_cannot_be_continued() -> None:
    response = requests.Response()
    response.request = requests.PreparedRequest()
    response.url = "http://127.0.0.1/com/orders.json"
    with pytest.raises(PageMalformed, match="not in the order of the ids"):
        rest.SinceId(50).update_state(response, [{"id": 2}, {"id": 1}])


def test_a_full_page_is_followed_by_what_has_higher_ids() -> None:
    pages, request = rest.SinceId(50), requests.Request(params={})
    pages.init_request(request)
    assert request.params == {"since_id": 0}
    pages.update_state(requests.Response(), [{"id": number} for number in range(1, 51)])
    pages.update_request(request)
    assert (request.params, pages.has_next_page) == ({"since_id": 50}, True)
    pages.update_state(requests.Response(), [{"id": 51}])
    assert not pages.has_next_page
