"""How a REST source is asked: patiently, within time limits, and with every answer looked at.

A client from `connect` asks again when a server is overloaded, breaks off, drips, or answers with
something that is no JSON of the expected shape, whatever the status says; it waits as long as
`Retry-After` asks, and never asks faster than the vendor allows. `pages`, `ask` and `value` then end
in one of four ways: an answer, `TokenRefused`, `PageMalformed`, or another `SourceError`. Records are
what the standard JSON parser makes of the answer, NaN, NUL and lone surrogates included: to judge
them is the landing's work.

What an answer means is the source's to say where the vendor says it in the body: `meaning` is called
with every answer, whatever its status, and raises `Overloaded` (ask again), `Expired` (ask again with
credentials that `auth` gives anew), or any `SourceError`.
"""

import json
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial

from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests import Client
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.client import PageData
from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request, Response
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.exceptions import (
    ChunkedEncodingError,
    ConnectionError,
    ContentDecodingError,
    HTTPError,
    RequestException,
    Timeout,
)
from requests_ratelimiter import LimiterAdapter
from urllib3.exceptions import DecodeError, ProtocolError, ReadTimeoutError

from include import days, settings
from include.sources import PageMalformed, SourceError, TokenRefused

CONNECT_SECONDS, READ_SECONDS, ANSWER_SECONDS = 10.0, 30.0, 300.0
ATTEMPTS, BACKOFF_SECONDS, LONGEST_WAIT_SECONDS = 6, 1.0, 300.0
HIDDEN = re.compile(
    r"(?i)(?<![\w-])((?:access_token|refresh_token|token|app_secret|client_secret|secret|password|pwd|sign"
    r"|api[_-]?key|key)=)[^&\s'\")>]+"
)
REPETITIONS = 3
"""How often a page may be asked for again before its cursor counts as going in a circle."""
OVERLOADED = {408, 425, 429, 500, 502, 503, 504}


class Overloaded(HTTPError):
    """The server has no time now."""


class Expired(HTTPError):
    """The server wants newer credentials, and `auth` can give them."""


class _Unreadable(HTTPError):
    """The answer is not what the API promises."""


RETRIED = (
    Overloaded, Expired, _Unreadable, ConnectionError, Timeout, ChunkedEncodingError,
    ContentDecodingError,
)  # fmt: skip
Meaning = Callable[[Response, object], None]
"""Called with an answer and what its JSON holds (None where it is none); raises what it means."""
Take = Callable[[object], list]
"""Takes the records out of an answer."""
Parse = Callable[[bytes], object]
"""Makes of an answer's bytes what it holds; raises ValueError where it can't."""


class Api(RESTClient):
    """A client of one API that knows what the API's answers mean."""

    meaning: Meaning | None = None

    def extract_response(self, response: Response, data_selector: Take) -> list:
        """Return the records of an answer."""
        return data_selector(response.json())


def connect(
    base_url: str, auth: AuthBase | None, *, headers: Mapping[str, str] | None = None,
    meaning: Meaning | None = None, calls_a_second: float | None = None,
    attempts: int = ATTEMPTS, backoff: float = BACKOFF_SECONDS,
    longest_wait: float = LONGEST_WAIT_SECONDS, read_timeout: float = READ_SECONDS,
) -> Api:  # fmt: skip
    """Return a client of one API. It waits BACKOFF seconds, doubled each time, between ATTEMPTS.

    CALLS_A_SECOND is the budget that the vendor states; `settings.pace` widens it for the sandbox.
    """
    retrying = Client(
        request_timeout=(CONNECT_SECONDS, read_timeout),
        raise_for_status=False,
        status_codes=(),
        exceptions=RETRIED,
        request_max_attempts=attempts,
        request_backoff_factor=backoff,
        request_max_retry_delay=longest_wait,
    )
    if calls_a_second:
        adapter: HTTPAdapter = LimiterAdapter(
            per_second=calls_a_second * settings.pace(base_url),
            # a 429 says itself how long to wait
            limit_statuses=(),
        )
        for scheme in ("http://", "https://"):
            retrying.session.mount(scheme, adapter)
    client = Api(
        base_url,
        headers=dict(headers or {}),
        auth=auth,
        session=retrying.session,
        config=RuntimeConfiguration(dlthub_telemetry=False),
    )
    client.meaning = meaning
    return client


def pages(
    client: Api, path: str, records: str | Callable[[object], list], params: Mapping[str, object],
    paginator: BasePaginator, *, method: str = "GET", body: Mapping[str, object] | None = None,
    may_be_empty: bool = False,
) -> Iterator[PageData]:  # fmt: skip
    """Yield the pages of a list.

    RECORDS is the dotted path of the field that holds them, or takes them out of an answer.
    MAY_BE_EMPTY: the vendor sends pages without a record that are not the last.

    Raises:
        TokenRefused: the credentials are dead.
        PageMalformed: an answer stays unreadable, or the cursor leads nowhere.
        SourceError: the source cannot be reached, or refuses the request.
    """
    take = records if callable(records) else partial(_field, path=records)
    asked: Counter[str] = Counter()
    hooks = {"response": [partial(_judge, client=client, take=take, kind=list)]}
    with _in_our_words():
        for page in client.paginate(
            path, method=method, params=dict(params), json=None if body is None else dict(body),
            paginator=paginator, data_selector=take, hooks=hooks, stream=True,
        ):  # fmt: skip
            has_more = page.paginator.has_next_page
            if not page and has_more and not may_be_empty:
                url = hidden(page.response.url)
                raise PageMalformed(f"{url} is an empty page that says there is more.")
            yield page
            # without credentials: a signature differs each time that the same page is asked for
            unsigned = copy(page.request)
            unsigned.auth = None
            following = client.session.prepare_request(unsigned)
            asked[f"{following.url} {following.body!r}"] += 1
            if has_more and asked[f"{following.url} {following.body!r}"] > REPETITIONS:
                url = hidden(str(following.url))
                raise PageMalformed(f"{url} goes in a circle: it was next {REPETITIONS} times.")


def ask(
    client: Api, path: str, params: Mapping[str, object] | None = None, *, method: str = "GET",
    body: Mapping[str, object] | None = None, form: Mapping[str, object] | None = None,
    kind: type = dict, parse: Parse = json.loads,
) -> object:  # fmt: skip
    """Return what one answer's JSON holds; it is a KIND. BODY is sent as JSON, FORM as a form.

    PARSE makes it of the bytes where the vendor answers with a file; what it can't read is asked for again.

    Raises:
        TokenRefused: the credentials are dead.
        PageMalformed: the answer stays unreadable.
        SourceError: the source cannot be reached, or refuses the request.
    """
    judge = partial(_judge, client=client, take=lambda answer: answer, kind=kind, parse=parse)
    hooks = {"response": [judge]}
    with _in_our_words():
        return client.request(
            path, method=method, params=dict(params or {}), json=None if body is None else dict(body),
            data=None if form is None else dict(form), hooks=hooks, stream=True,
        ).json()  # fmt: skip


def as_it_is(client: Api, path: str, records: str) -> tuple[list, datetime]:
    """Return records that say how something stands, and when they said so by the server's own clock.

    RECORDS is the dotted path of the field that holds them.

    Raises:
        TokenRefused: the credentials are dead.
        PageMalformed: the answer stays unreadable, or has no date.
        SourceError: the source cannot be reached, or refuses the request.
    """
    response = _get(client, path, records, list)
    try:
        said_at = parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError) as error:
        raise PageMalformed(f"{hidden(response.url)} does not say when it was answered (Date).") from error
    return _field(response.json(), records), said_at


def of_yesterday(client: Api, path: str, records: str) -> list[dict]:
    """Return records that say how something stands, each with the last `day` that was over.

    Nobody can ask how it stood on another day: the day is the server's, whatever is asked for.

    Raises:
        TokenRefused: the credentials are dead.
        PageMalformed: the answer stays unreadable, or has no date.
        SourceError: the source cannot be reached, or refuses the request.
    """
    found, said_at = as_it_is(client, path, records)
    day = days.day_before(said_at).isoformat()
    return [{**record, "day": day} for record in found]


def value(client: Api, path: str, field: str, params: Mapping[str, object]) -> int:
    """Return a whole number that an answer holds in FIELD, such as a count.

    Raises:
        TokenRefused: the credentials are dead.
        PageMalformed: the answer stays unreadable.
        SourceError: the source cannot be reached, or refuses the request.
    """
    return _field(_get(client, path, field, int, params).json(), field)


def _get(
    client: Api, path: str, field: str, kind: type, params: Mapping[str, object] | None = None
) -> Response:
    """Return an answer that holds a KIND in FIELD."""
    judge = partial(_judge, client=client, take=partial(_field, path=field), kind=kind)
    with _in_our_words():
        return client.get(path, params=dict(params or {}), hooks={"response": [judge]}, stream=True)


class SinceId(BasePaginator):
    """Pages of LIMIT records that continue after the highest id so far; one that is not full is the last."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._last = 0

    def init_request(self, request: Request) -> None:
        """Begin before the first id."""
        self.update_request(request)

    def update_state(self, response: Response, data: list[dict] | None = None) -> None:
        """Remember the highest id.

        Raises:
            PageMalformed: the ids do not ascend, so that the list cannot be continued by id.
        """
        ids = [record["id"] for record in data or () if isinstance(record.get("id"), int)]
        if ids != sorted(ids):
            raise PageMalformed(f"{response.url} is not in the order of the ids, as since_id promises.")
        self._last = max([self._last, *ids])
        self._has_next_page = len(data or ()) >= self._limit

    def update_request(self, request: Request) -> None:
        """Ask for what comes after the highest id."""
        request.params["since_id"] = self._last


def _field(answer: object, path: str) -> object:
    """Return what lies at a dotted path; `$` is the answer itself."""
    for name in () if path == "$" else path.split("."):
        answer = answer[name]
    return answer


def _judge(
    response: Response, *args: object, client: Api, take: Callable[[object], object], kind: type,
    parse: Parse = json.loads, **kwargs: object,
) -> None:  # fmt: skip
    """Let an answer pass, or raise what it means. A raised `RETRIED` makes the client ask again."""
    status, url = response.status_code, hidden(response.url)
    body = _read(response)
    try:
        answer = parse(body)
    except (ValueError, RecursionError):
        answer = None
    if client.meaning:
        try:
            client.meaning(response, answer)
        except Expired:
            # the same prepared request is sent again: it gets the new credentials here
            client.auth(response.request)
            raise
        except Overloaded:
            _make_whole(response)
            raise
    if status in {401, 403}:
        raise TokenRefused(
            f"{url} answered {status}: the credentials are refused. Renew them; asking again will not help."
        )
    if status in OVERLOADED:
        _make_whole(response)
        raise Overloaded(f"{url} answered {status}", response=response)
    if status != 200:
        raise SourceError(f"{url} answered {status}: {_start(body)}")
    try:
        fits = isinstance(take(answer), kind)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        fits = False
    if not fits:
        raise _Unreadable(
            f"{url} answered no JSON of the expected shape, but: {_start(body)}", response=response
        )
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


def hidden(text: str) -> str:
    """Return a text without the secrets that stand in the addresses in it."""
    return HIDDEN.sub(r"\1***", text)


def _start(body: bytes) -> str:
    return repr(body[:80].decode("utf-8", "replace"))


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except _Unreadable as error:
        raise PageMalformed(f"{error}. It stayed so: look at the address by hand.") from error
    except RequestException as error:
        # the cause has the address with what some vendors want in it, and Airflow logs whatever is chained
        told = hidden(str(error))
        if isinstance(error, ConnectionError):
            told += ". Is the address right, and may this machine call it?"
        raise SourceError(f"The source cannot be read, after retries: {told}") from None
