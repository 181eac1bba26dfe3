"""What changes in a stream, its fields, its history, its being there at all, is seen and told."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from include import alerts, landing, warehouse
from include.fields import FieldsRefused, bisect
from include.landing import drift
from include.sources import Page, SourceError, Stream, StreamUnavailable, Window
from include.windows import CapReached, below_cap
from tests.databases import ask, one
from tests.fake_source import NOW, FakeSource

server = [pytest.mark.server, pytest.mark.usefixtures("database")]
NUMBERS = count()
DAY = timedelta(days=1)


def source(*streams: Stream) -> FakeSource:
    return FakeSource(f"drifting_{next(NUMBERS)}", *streams)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sentences: list[str] = []
    monkeypatch.setattr(alerts, "tell", sentences.append)
    return sentences


class TestFields:
    pytestmark = server

    def changes(self, *records: dict, read: set[str]) -> list[tuple[str, bool]]:
        """Return what changed after thirty records of one shape, STAGING reading some fields."""
        things = source(Stream("things", key=("id",)))
        things.take(*({"id": n, "name": f"n{n}", "size": n, "rare": n} if n < 3 else
                      {"id": n, "name": f"n{n}", "size": n} for n in range(30)))  # fmt: skip
        things.gives(*records)
        landing.land(things.name, NOW)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(drift, "words_of_staging", lambda _: frozenset(read))
            found = landing.drifts(things.name, things.STREAMS[0], landing.landed(things.name)["things"])
        return [(str(each), each.is_read) for each in found]

    def test_a_new_field_is_reported(self) -> None:
        found = self.changes(*({"id": n, "name": "x", "size": 1, "new": 1} for n in range(30)), read={"new"})
        assert found == [("new is new", True)]

    def test_a_field_that_every_record_had_has_vanished(self) -> None:
        found = self.changes(*({"id": n, "name": "x"} for n in range(30)), read={"size"})
        assert found == [("size vanished", True)]

    def test_a_field_of_another_kind_is_named(self) -> None:
        found = self.changes(*({"id": n, "name": {"first": "x"}, "size": 1} for n in range(30)), read=set())
        assert found == [("name became object", False)]

    def test_a_few_records_prove_nothing(self) -> None:
        assert self.changes({"id": 1}, read={"size", "name"}) == []

    def after(self, *takes: Iterable[dict], then: Iterable[dict]) -> list[str]:
        """Return what changed in the last of several landings."""
        things = source(Stream("things", key=("id",)))
        for records in takes:
            things.take(*records)
        things.gives(*then)
        landing.land(things.name, NOW)
        found = landing.drifts(things.name, things.STREAMS[0], landing.landed(things.name)["things"])
        return [str(each) for each in found]

    def test_a_field_that_appeared_later_and_was_in_every_record_since_has_vanished(self) -> None:
        plain = [{"id": n} for n in range(30)]
        later = [{"id": n, "later": n} for n in range(30)]
        assert self.after(plain, later, then=plain) == ["later vanished"]
        seldom = [{"id": 0, "seldom": 1}, *plain[1:]]
        assert self.after(plain, seldom, then=plain) == []

    def test_a_field_that_stayed_away_is_missed_no_more(self) -> None:
        plain = [{"id": n} for n in range(30)]
        later = [{"id": n, "later": n} for n in range(30)]
        assert self.after(plain, later, plain, then=plain) == []

    def test_a_field_of_a_few_records_was_in_too_few_to_be_missed(self) -> None:
        plain = [{"id": n} for n in range(30)]
        assert self.after(plain, [{"id": 1, "later": 1}], then=plain) == []

    def test_an_older_installation_keeps_what_was_in_every_record(self) -> None:
        things = source(Stream("things", key=("id",)))
        things.take(*({"id": n, "name": "x"} | ({"later": n} if n < 10 else {}) for n in range(30)))
        ask("alter table ops.fields drop column looked_count")
        warehouse.prepare()
        counts = "select field, record_count, looked_count from ops.fields where source = %s order by 1"
        expected = [("id", 30, 30), ("later", 0, 0), ("name", 30, 30)]
        assert ask(counts, things.name) == expected
        warehouse.prepare()
        assert ask(counts, things.name) == expected

    def test_the_first_landing_has_nothing_to_differ_from(self) -> None:
        things = source(Stream("things", key=("id",)))
        things.gives({"id": 1})
        landing.land(things.name, NOW)
        assert landing.drifts(things.name, things.STREAMS[0], landing.landed(things.name)["things"]) == []


class TestHistory:
    pytestmark = server

    def test_what_the_source_forgot_before_it_was_read_is_told(self, told: list[str]) -> None:
        reviews = source(Stream("reviews", key=("id",), retention=7 * DAY))
        landing.land(reviews.name, NOW)
        landing.land(reviews.name, NOW + 3 * DAY)
        assert told == []
        landing.land(reviews.name, NOW + 13 * DAY)
        assert len(told) == 1
        assert "keeps its reviews for 7 days" in told[0]
        ((lost_from, lost_to),) = ask(
            "select lost_from, lost_to from ops.losses where source = %s", reviews.name
        )
        assert (lost_from, lost_to) == (NOW + 3 * DAY, NOW + 6 * DAY)

    def test_restated_days_are_read_again(self) -> None:
        days = source(Stream("days", key=("id",), overlap=timedelta(minutes=5), restated=3 * DAY))
        landing.land(days.name, NOW)
        landing.land(days.name, NOW + DAY)
        assert days.windows[-1].start == NOW - 3 * DAY

    def test_a_stream_that_the_account_lacks_stops_no_other(self) -> None:
        both = source(Stream("extra", key=("id",), optional=True), Stream("things", key=("id",)))

        def lacking(_: Window) -> Iterator[Page]:
            raise StreamUnavailable("the package does not include it")

        both.answers = {"extra": lacking, "things": lambda _: [Page([{"id": 1}])]}
        assert landing.land(both.name, NOW) == 1
        asked = "select why_unavailable from ops.streams where source = %s and stream = 'extra'"
        assert one(asked, both.name) == "the package does not include it"
        both.answers["extra"] = lambda _: [Page([{"id": 1}])]
        assert landing.land(both.name, NOW) == 2
        assert one(asked, both.name) is None

    def test_a_stream_that_must_be_there_stops_the_pull(self) -> None:
        things = source(Stream("things", key=("id",)))

        def lacking(_: Window) -> Iterator[Page]:
            raise StreamUnavailable("gone")
            yield

        things.answers["things"] = lacking
        with pytest.raises(SourceError, match="gone"):
            landing.land(things.name, NOW)

    def test_a_field_is_lost_once_and_found_again(self, told: list[str]) -> None:
        things = source(Stream("things", key=("id",)))
        things.answers["things"] = lambda _: [
            Page([{"id": 1}], lost={"impressions": "(#100) no such metric"})
        ]
        for _ in range(2):
            landing.land(things.name, NOW)
        assert len(told) == 1
        asked = "select lost_to is null from ops.losses where source = %s and field = 'impressions'"
        assert one(asked, things.name) is True
        things.gives({"id": 1, "impressions": 5})
        landing.land(things.name, NOW)
        assert one(asked, things.name) is False


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ("haravan", "financial_status"),  # by a model
        ("files", "gross_amount"),  # by a macro of a contract
        ("lazada", "refund_amount"), ("sapo", "shipping_address"), ("stripe", "discount"),  # by its own
    ],
)  # fmt: skip
def test_staging_reads_a_field_wherever_its_sql_stands(source: str, field: str) -> None:
    assert field in drift.words_of_staging(source)
    assert "no_such_field" not in drift.words_of_staging(source)


def test_a_retired_field_costs_itself_and_a_few_calls() -> None:
    names, calls = [f"metric_{n}" for n in range(16)], []

    def asked(some: list[str]) -> None:
        calls.append(some)
        if dead := {"metric_3", "metric_9"} & set(some):
            raise FieldsRefused(f"no {min(dead)}")

    assert bisect(names, asked) == {"metric_3": "no metric_3", "metric_9": "no metric_9"}
    assert len(calls) <= 2 * 2 * 5


def test_a_capped_window_is_cut_until_it_fits() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [at + timedelta(seconds=37 * n) for n in range(1000)]

    def read(window: Window) -> Iterator[Page]:
        rows = [{"at": each} for each in moments if window.start <= each < window.end]
        if len(rows) >= 100:
            raise CapReached(len(rows))
        yield Page(rows)

    pages = list(below_cap(Window(at, at + DAY), read))
    assert sorted(record["at"] for page in pages for record in page.records) == moments
    assert max(len(page.records) for page in pages) < 100


def test_a_second_above_the_cap_is_an_error_and_never_cut_off() -> None:
    def read(_: Window) -> Iterator[Page]:
        raise CapReached("10,000 of 12,400")
        yield

    at = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(SourceError, match="alone holds more rows than the source gives"):
        list(below_cap(Window(at, at + timedelta(seconds=8)), read))
