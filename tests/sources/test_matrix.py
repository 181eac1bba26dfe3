"""Every source against every misbehaviour: after reruns, each record is in raw once and no other is.

The oracle is the world's own list of keys and sums. A case lands a source while faults are played,
runs it again where it failed, as Airflow would, and compares. `make soak` plays every case; `make
test` a mixture for each source. A source's own test holds what only it does.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from include import landing, rest, sources
from include.sandbox import channels, world
from include.sandbox.faults import NAMES
from include.sandbox.live import Played, playing
from include.sandbox.stage import Stage
from include.sources import PersonNeeded, SourceError
from tests.databases import ask, one
from tests.pointed import point

pytestmark = pytest.mark.server

RERUNS = 12
CURSORS = "select stream, window_to, cursor from ops.cursors where source = %s order by 1"
PASSING = tuple(name for name in NAMES if name != "token_expired")
PLAYED = [name for name in channels.names() if name != "files"]
OF_EACH_KIND = ("haravan", "zendesk", "facebook_page", "shopee", "youtube", "segment", "pos")
"""Windows by change, a cursor, walked back, in slices, restated, events, files; the soak replays all."""
APIS = [name for name in PLAYED if not getattr(channels.kind(name), "ONLY_FILES", False)]


@pytest.fixture(scope="module")
def company() -> world.World:
    return world.build(seed=23, customers=120, end=date(2026, 11, 21))


@pytest.fixture
def sandbox(
    request: pytest.FixtureRequest, company: world.World, database: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Played]:  # fmt: skip
    """Play the source of the test alone, with a warehouse that holds nothing of it."""
    source = request.node.callspec.params["source"]
    impatient = partial(rest.connect, attempts=4, backoff=0.01, longest_wait=1.0, read_timeout=0.6)
    monkeypatch.setattr(rest, "connect", impatient)
    monkeypatch.setattr(rest, "ANSWER_SECONDS", 1.0)
    monkeypatch.setenv("CX_TOKEN_KEY", "a key of the tests")
    landing.prepare(source)
    forget(source)
    with playing(Stage(company, tmp_path, chosen=[source])) as played:
        point(monkeypatch, played, [source])
        yield played


def forget(source: str) -> None:
    """Empty what the warehouse holds of a source."""
    for stream in sources.load(source).STREAMS:
        ask(f"truncate landing_{source}.{stream.name}, raw_{source}.{stream.name}")
    for table in ("cursors", "landings", "pulls", "streams", "losses", "fields", "tokens"):
        ask(f"delete from ops.{table} where source = %s", source)
    ask("delete from quarantine.records where source = %s", source)


def ingest(source: str, now: datetime, backfill: tuple[datetime, datetime] | None = None) -> int:
    """Land, check the types of, and accept a source, again where it fails; return how often it failed."""
    failures = 0
    while True:
        try:
            landing.land(source, now, backfill)
            break
        except PersonNeeded:
            raise
        except SourceError:
            failures += 1
            assert failures < RERUNS, "it never gets through"
    for name, landings in landing.landed(source).items():
        landing.check_types(source, sources.stream(source, name), landings)
    landing.confirm(source, landing.landed(source))
    landing.accept(source)
    return failures


def kept(source: str, stream: str) -> set[str]:
    """Return the keys of a stream whose current version is there."""
    rows = ask(
        f"select record_key from (select record_key, is_deleted, row_number() over (partition by record_key "
        "order by version desc, acceptance_id desc, ordinal desc) as recency "
        f"from raw_{source}.{stream}) as versions where recency = 1 and not is_deleted"
    )
    return {key for (key,) in rows}


def total(source: str, stream: str, path: str) -> float:
    """Return the sum of a number over the current versions of a stream."""
    place = "{" + path.replace(".", ",") + "}"
    found = one(
        "select coalesce(sum((payload #>> %s)::numeric), 0) from (select payload, is_deleted, row_number() "
        "over (partition by record_key order by version desc, acceptance_id desc, ordinal desc) as recency "
        f"from raw_{source}.{stream}) as versions where recency = 1 and not is_deleted",
        place,
    )
    return float(found)


def assert_whole(source: str, played: Played) -> None:
    """Hold what raw has of a source against the world's truth."""
    channel, moment = played.stage.channels[source], played.stage.moment
    for stream in sources.load(source).STREAMS:
        expected, found = channel.keys(stream.name), kept(source, stream.name)
        lost, invented = sorted(expected - found)[:3], sorted(found - expected)[:3]
        assert found == expected, f"{source}.{stream.name}: lost {lost}, invented {invented}"
        for path, figure in channel.sums(stream.name, moment).items():
            assert total(source, stream.name, path) == pytest.approx(float(figure)), f"{stream.name}.{path}"


def quarantined(source: str) -> int:
    return one("select count(*) from quarantine.records where source = %s", source)


@pytest.mark.parametrize("source", PLAYED)
def test_everything_is_there_once_and_a_replay_adds_nothing(source: str, sandbox: Played) -> None:
    ingest(source, sandbox.now)
    assert_whole(source, sandbox)
    assert quarantined(source) == 0
    for stream in sources.load(source).STREAMS:
        assert kept(source, stream.name) or stream.has_chosen_fields, f"the sandbox has no {stream.name}"
    before = checksum(source)
    ask("delete from ops.cursors where source = %s", source)
    ingest(source, sandbox.now)
    assert checksum(source) == before
    sandbox.stage.advance(2)
    ingest(source, sandbox.now)
    assert_whole(source, sandbox)


@pytest.mark.parametrize("source", APIS)
def test_a_mixture_of_faults_loses_and_doubles_nothing(source: str, sandbox: Played) -> None:
    play_mixture(source, sandbox, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 8))
@pytest.mark.parametrize("source", APIS)
def test_more_mixtures(source: str, seed: int, sandbox: Played) -> None:
    play_mixture(source, sandbox, seed)


def play_mixture(source: str, sandbox: Played, seed: int) -> None:
    dice = random.Random(f"{source} {seed}")
    for _ in range(14):
        name = dice.choice(PASSING)
        sandbox.fail(name, f"{source}.*", times=dice.choice((1, 1, 2)), seconds=0.8)
    ingest(source, sandbox.now)
    sandbox.faults.waiting.clear()
    sandbox.stage.advance(1)
    for _ in range(4):
        sandbox.fail(dice.choice(PASSING), f"{source}.*", seconds=0.8)
    ingest(source, sandbox.now)
    assert_whole(source, sandbox)


@pytest.mark.soak
@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("source", APIS)
def test_a_fault_alone_loses_and_doubles_nothing(source: str, fault: str, sandbox: Played) -> None:
    sandbox.fail(fault, f"{source}.*", times=3, seconds=0.8)
    ingest(source, sandbox.now)
    assert_whole(source, sandbox)


@pytest.mark.parametrize("source", APIS)
def test_dead_credentials_are_never_taken_for_no_data(source: str, sandbox: Played) -> None:
    sandbox.fail("token_expired", f"{source}.*", times=10_000)
    with pytest.raises(PersonNeeded):
        ingest(source, sandbox.now)
    assert one("select count(*) from ops.cursors where source = %s", source) == 0


@pytest.mark.parametrize("source", OF_EACH_KIND)
def test_days_in_any_order_and_twice_are_the_same(source: str, sandbox: Played) -> None:
    replay_days(source, sandbox, once=4, twice=2)


@pytest.mark.soak
@pytest.mark.parametrize("source", PLAYED)
def test_thirty_days_in_any_order_and_twice_are_the_same(source: str, sandbox: Played) -> None:
    replay_days(source, sandbox, once=30, twice=30)


def replay_days(source: str, sandbox: Played, once: int, twice: int) -> None:
    """Backfill some of the last thirty days, shuffled, and some of them again."""
    ingest(source, sandbox.now)
    before = checksum(source)
    cursors = ask(CURSORS, source)
    last = sandbox.now
    days = [(last - timedelta(days=n), last - timedelta(days=n - 1)) for n in range(1, 31)]
    random.Random(source).shuffle(days)
    for window in (*days[:once], *days[:twice]):
        ingest(source, sandbox.now, window)
    assert checksum(source) == before
    assert (
        ask("select stream, window_to, cursor from ops.cursors where source = %s order by 1", source)
        == cursors
    )


def checksum(source: str) -> dict[str, str]:
    """Return a checksum of the current versions of each stream."""
    return {
        stream.name: one(
            "select coalesce(md5(string_agg(record_key || ' ' || record_hash, ',' order by record_key)), '') "
            "from (select *, row_number() over (partition by record_key order by version desc, "
            f"acceptance_id desc, ordinal desc) as recency from raw_{source}.{stream.name}) as versions "
            "where recency = 1 and not is_deleted"
        )
        for stream in sources.load(source).STREAMS
    }
