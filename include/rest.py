"""How a REST source is asked: patiently, within time limits, and with every answer looked at.

A client from `connect` asks again when a server is overloaded, breaks off, drips, or answers with
something that is no JSON of the expected shape, whatever the status says; it waits as long as
`Retry-After` asks. `pages` and `value` then end in one of four ways: records, `TokenRefused`,
`PageMalformed`, or another `SourceError`. Records are what the standard JSON parser makes of the
answer, NaN, NUL and lone surrogates included: to judge them is the landing's work.
"""

import json
import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests import Client
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.client import PageData
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from dlt.sources.helpers.rest_client.redaction import sanitize_url
from requests import Response
from requests.auth import AuthBase
from requests.exceptions import (
    ChunkedEncodingError,
    ConnectionError,
    ContentDecodingError,
    HTTPError,
    RequestException,
    Timeout,
)
from urllib3.exceptions import DecodeError, ProtocolError, ReadTimeoutError

from include.sources import PageMalformed, SourceError, TokenRefused

CONNECT_SECONDS, READ_SECONDS, ANSWER_SECONDS = 10.0, 30.0, 300.0
ATTEMPTS, BACKOFF_SECONDS, LONGEST_WAIT_SECONDS = 6, 1.0, 300.0
REPETITIONS = 3
"""How often a page may be asked for again before its cursor counts as going in a circle."""
OVERLOADED = {408, 425, 429, 500, 502, 503, 504}


class _Overloaded(HTTPError):
    """The server has no time now."""


class _Unreadable(HTTPError):
    """The answer is not what the API promises."""


RETRIED = (
    _Overloaded, _Unreadable, ConnectionError, Timeout, ChunkedEncodingError, ContentDecodingError,
)  # fmt: skip


def connect(
    base_url: str, auth: AuthBase, *, headers: Mapping[str, str] | None = None,
    attempts: int = ATTEMPTS, backoff: float = BACKOFF_SECONDS,
    longest_wait: float = LONGEST_WAIT_SECONDS, read_timeout: float = READ_SECONDS,
) -> RESTClient:  # fmt: skip
    """Return a client of one API. It waits BACKOFF seconds, doubled each time, between ATTEMPTS."""
    retrying = Client(
        request_timeout=(CONNECT_SECONDS, read_timeout),
        raise_for_status=False,
        status_codes=(),
        exceptions=RETRIED,
        request_max_attempts=attempts,
        request_backoff_factor=backoff,
        request_max_retry_delay=longest_wait,
    )
    return RESTClient(
        base_url,
        headers=dict(headers or {}),
        auth=auth,
        session=retrying.session,
        config=RuntimeConfiguration(dlthub_telemetry=False),
    )


def pages(
    client: RESTClient, path: str, records: str, params: Mapping[str, object],
    paginator: BasePaginator,
) -> Iterator[PageData]:  # fmt: skip
    """Yield the pages of a list; RECORDS is the field of the answer that holds them.

    Raises:
        TokenRefused: the credentials are dead.
        PageMalformed: an answer stays unreadable, or the cursor leads nowhere.
        SourceError: the source cannot be reached, or refuses the request.
    """
    asked: Counter[str | None] = Counter()
    hooks = {"response": [partial(_judge, field=records, kind=list)]}
    with _in_our_words():
        for page in client.paginate(
            path, params=dict(params), paginator=paginator, data_selector=records, hooks=hooks,
            stream=True,
        ):  # fmt: skip
            if not page and page.paginator.has_next_page:
                url = sanitize_url(page.response.url)
                raise PageMalformed(f"{url} is an empty page that says there is more.")
            yield page
            following = page.request.prepare().url
            asked[following] += 1
            if page.paginator.has_next_page and asked[following] > REPETITIONS:
                url = sanitize_url(str(following))
                raise PageMalformed(f"{url} goes in a circle: it was next {REPETITIONS} times.")


def value(client: RESTClient, path: str, field: str, params: Mapping[str, object]) -> int:
    """Return a whole number that an answer holds in FIELD, such as a count.

    Raises:
        TokenRefused: the credentials are dead.
        PageMalformed: the answer stays unreadable.
        SourceError: the source cannot be reached, or refuses the request.
    """
    hooks = {"response": [partial(_judge, field=field, kind=int)]}
    with _in_our_words():
        return client.get(path, params=dict(params), hooks=hooks, stream=True).json()[field]


def _judge(response: Response, *args: object, field: str, kind: type, **kwargs: object) -> None:
    """Let an answer pass, or raise what it means. A raised `RETRIED` makes the client ask again."""
    status, url = response.status_code, sanitize_url(response.url)
    if status in {401, 403}:
        response.close()
        raise TokenRefused(
            f"{url} answered {status}: the credentials are refused. Renew them; asking again will not help."
        )
    if status in OVERLOADED:
        response.close()
        _make_whole(response)
        raise _Overloaded(f"{url} answered {status}", response=response)
    body = _read(response)
    if status != 200:
        raise SourceError(f"{url} answered {status}: {_start(body)}")
    try:
        answer = json.loads(body)
        fits = isinstance(answer[field], kind)
    except (ValueError, TypeError, KeyError, RecursionError):
        fits = False
    if not fits:
        raise _Unreadable(f"{url} answered no JSON with {field!r}, but: {_start(body)}", response=response)
    # parsed once, by the standard library: requests would take another parser where it is installed
    response.json = lambda **_: answer


def _read(response: Response) -> bytes:
    """Read the body against the clock: bytes that drip never run into the read timeout."""
    until, parts = time.monotonic() + ANSWER_SECONDS, []
    try:
        while part := response.raw.read1(1 << 16, decode_content=True):
            parts.append(part)
            if time.monotonic() > until:
                response.close()
                raise Timeout(f"an answer was not read within {ANSWER_SECONDS:.0f} seconds")
    except ReadTimeoutError as error:
        raise Timeout(str(error)) from error
    except ProtocolError as error:
        raise ChunkedEncodingError(str(error)) from error
    except DecodeError as error:
        raise ContentDecodingError(str(error)) from error
    return b"".join(parts)


def _make_whole(response: Response) -> None:
    """Round a fractional `Retry-After` up: dlt understands whole seconds and dates."""
    try:
        seconds = math.ceil(float(response.headers.get("Retry-After", "")))
    except (ValueError, OverflowError):
        return
    response.headers["Retry-After"] = str(seconds)


def _start(body: bytes) -> str:
    return repr(body[:80].decode("utf-8", "replace"))


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except _Unreadable as error:
        raise PageMalformed(f"{error}. It stayed so: look at the address by hand.") from error
    except RequestException as error:
        raise SourceError(f"The source cannot be read, after retries: {error}") from error
