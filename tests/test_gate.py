"""Nothing passes a border unseen: a notice is shown, an approval asks once, an error stops."""

from collections.abc import Iterator
from itertools import count
from types import SimpleNamespace

import great_expectations.expectations as gxe
import psycopg2
import pytest

from expectations import sources as source_suites
from expectations.records import seldom, seldom_shared
from include import landing, publication, quality
from include.quality import ExpectationsFailed
from include.sources import Page, Stream
from tests import databases
from tests.databases import ask, one
from tests.fake_source import NOW, FakeSource

pytestmark = pytest.mark.server

NUMBERS = count()
SECRET = "bimat@example.vn"
SMALL = gxe.ExpectColumnValuesToBeBetween(column="amount", max_value=10, severity="critical")
UNUSUAL = gxe.ExpectColumnValuesToBeBetween(column="amount", max_value=5, severity="warning")
ODD = gxe.ExpectColumnValuesToBeBetween(column="amount", max_value=3, severity="info")
SUITE = {"amounts_are_possible": SMALL, "amounts_are_usual": UNUSUAL, "amounts_are_even": ODD}


class Gate:
    """A room with one table, and the suite that guards it."""

    def __init__(self) -> None:
        ask(
            "create table core.sales (sale_id bigint, amount numeric, email text, batch_id bigint)",
            role="cx_transformer",
        )
        self.suites: dict[str, dict[str, object]] = {"core.sales": SUITE}
        self.of_sources: dict[str, dict[str, object]] = {}

    def module(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(TABLES=self.of_sources if name == "sources" else self.suites)

    def build(self, *amounts: int | None) -> int:
        """Build a batch in which these sales are new."""
        batch_id = one("insert into ops.batches (state, project) values ('built', 'x') returning batch_id")
        for number, amount in enumerate(amounts):
            ask("insert into core.sales values (%s, %s, %s, %s)", number, amount, SECRET, batch_id)
        return batch_id


@pytest.fixture
def gate(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    with databases.made(f"cx_gate_{next(NUMBERS)}", database):
        made = Gate()
        monkeypatch.setattr(quality, "_module", made.module)
        monkeypatch.setattr(publication, "tables", list)
        yield made


def state(batch_id: int) -> str:
    return one("select state from ops.batches where batch_id = %s", batch_id)


def results(batch_id: int) -> dict[str, tuple]:
    """Return (severity, passed, acknowledged, failed) by expectation, as readers see them."""
    rows = ask(
        "select expectation, severity, is_passed, is_acknowledged, failed_count "
        "from published.data_quality where batch_id = %s",
        batch_id,
        role="cx_reader",
    )
    return {name: tuple(rest) for name, *rest in rows}


def test_a_batch_without_findings_is_audited(gate: Gate) -> None:
    batch_id = gate.build(1, 2, 3)
    assert quality.next_step(batch_id) == "publish"
    assert state(batch_id) == "audited"
    assert {passed for _, passed, _, _ in results(batch_id).values()} == {1}


def test_a_batch_without_rows_says_that_there_was_nothing_to_check(gate: Gate) -> None:
    largest = gxe.ExpectColumnMaxToBeBetween(column="amount", max_value=10, severity="info")
    gate.suites = {"core.sales": {"amounts_are_possible": SMALL, "the_largest_is_possible": largest}}
    quality.audit(gate.build())
    seen = "select expectation, is_passed, observed from published.data_quality order by 1"
    assert ask(seen) == [
        ("amounts_are_possible", 1, "no rows to check"),
        ("the_largest_is_possible", 0, "no rows to check"),
    ]


def test_a_notice_is_shown_and_stops_nothing(gate: Gate) -> None:
    batch_id = gate.build(1, 4, 5)
    assert quality.audit(batch_id) == []
    assert state(batch_id) == "audited"
    assert results(batch_id)["amounts_are_even"] == ("notice", 0, 0, 2)


def test_an_error_rejects_the_batch_and_says_what_to_do(gate: Gate) -> None:
    batch_id = gate.build(1, 11, 7)
    with pytest.raises(ExpectationsFailed, match=r"amounts_are_possible \(1 of 3\).*run the Dag again"):
        quality.audit(batch_id)
    assert state(batch_id) == "rejected"
    assert results(batch_id)["amounts_are_possible"] == ("error", 0, 0, 1)
    with pytest.raises(psycopg2.Error, match="is rejected, not audited"):
        publication.publish(batch_id)
    with pytest.raises(ExpectationsFailed, match="is rejected: only a built batch"):
        quality.audit(batch_id)


def test_a_source_that_is_about_to_forget_stops_the_publication_until_it_is_read_or_held(gate: Gate) -> None:
    gate.of_sources = source_suites.TABLES
    ask(
        "insert into ops.streams (source, stream, retention, pulled_to) values "
        "('reviews_shop', 'reviews', '7 days', clock_timestamp() - interval '5 days'), "
        "('calm_shop', 'reviews', '7 days', clock_timestamp() - interval '4 days'), "
        "('old_shop', 'orders', null, clock_timestamp() - interval '90 days')"
    )
    with pytest.raises(
        ExpectationsFailed, match=r"every_source_is_read_before_it_forgets \(source=reviews_shop"
    ):
        quality.audit(gate.build(1))
    ask("insert into ops.holds (source, acceptance_id, reason) values ('reviews_shop', 0, 'closed')")
    assert quality.audit(gate.build(1)) == []
    ask("delete from ops.holds")
    ask("update ops.streams set pulled_to = clock_timestamp() where source = 'reviews_shop'")
    assert quality.audit(gate.build(1)) == []


def test_a_lost_field_is_a_notice_that_says_since_when(gate: Gate) -> None:
    gate.of_sources = source_suites.TABLES
    ask(
        "insert into ops.losses (source, stream, field, lost_from, why) "
        "values ('page', 'insights', 'impressions', '2026-06-15 00:00+07', '(#100)')"
    )
    batch_id = gate.build(1)
    assert quality.audit(batch_id) == []
    ((observed,),) = ask(
        "select observed from published.data_quality where expectation = 'every_source_gives_what_it_gave' "
        "and batch_id = %s", batch_id, role="cx_reader",
    )  # fmt: skip
    assert "field=impressions source_lost_since=2026-06-15 00:00:00" in observed


def test_an_approval_is_asked_and_nothing_is_published_until_it_is_given(gate: Gate) -> None:
    batch_id = gate.build(1, 7)
    assert quality.next_step(batch_id) == "approve"
    assert state(batch_id) == "approval"
    assert quality.question(batch_id) == "- **published.sales**: amounts_are_usual: 1 of 2"
    with pytest.raises(psycopg2.Error, match="is approval, not audited"):
        publication.publish(batch_id)
    quality.acknowledge(batch_id)
    assert state(batch_id) == "audited"
    assert results(batch_id)["amounts_are_usual"] == ("approval", 0, 1, 1)
    publication.publish(batch_id)
    assert state(batch_id) == "published"


def test_what_was_approved_is_not_asked_again_and_what_is_new_is(gate: Gate) -> None:
    quality.audit(gate.build(1, 7))
    quality.acknowledge(one("select max(batch_id) from ops.batches"))
    same = gate.build()
    assert quality.audit(same) == []
    assert results(same)["amounts_are_usual"] == ("approval", 0, 1, 1)
    assert quality.question(same) == ""
    new = gate.build(8)
    assert [finding.observed for finding in quality.audit(new)] == ["2 of 3"]
    assert state(new) == "approval"


def test_a_refused_batch_is_rejected_and_its_finding_asked_again(gate: Gate) -> None:
    batch_id = gate.build(7)
    quality.audit(batch_id)
    quality.refuse("a person said no")
    assert state(batch_id) == "rejected"
    assert one("select why from ops.batches where batch_id = %s", batch_id).startswith("a person said no: ")
    quality.acknowledge(batch_id)
    assert state(batch_id) == "rejected"
    assert len(quality.audit(gate.build())) == 1


def test_what_was_published_is_not_audited_again(gate: Gate) -> None:
    batch_id = gate.build(1, 2)
    quality.audit(batch_id)
    publication.publish(batch_id)
    ask("update core.sales set amount = 11")
    assert quality.audit(gate.build(1)) == []


def test_an_expectation_that_could_not_be_evaluated_is_an_error(gate: Gate) -> None:
    missing = gxe.ExpectColumnValuesToNotBeNull(column="nowhere", severity="info")
    gate.suites = {"core.sales": SUITE | {"nowhere_is_filled": missing}}
    batch_id = gate.build(1)
    with pytest.raises(ExpectationsFailed, match="nowhere_is_filled"):
        quality.audit(batch_id)
    assert state(batch_id) == "rejected"
    assert results(batch_id)["nowhere_is_filled"][:2] == ("error", 0)


def test_an_audit_that_crashes_is_not_a_pass(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    def crashes(_: object) -> None:
        raise MemoryError("no room")

    batch_id = gate.build(1)
    monkeypatch.setattr(quality, "_evaluate", crashes)
    with pytest.raises(MemoryError):
        quality.audit(batch_id)
    assert state(batch_id) == "built"  # the retry audits it again; until then it cannot be published
    with pytest.raises(psycopg2.Error, match="not audited"):
        ask("call ops.publish(%s)", batch_id, role="cx_publisher")


def test_no_failing_value_is_kept_anywhere(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    gate.suites = {"core.sales": {
        "email_is_known": gxe.ExpectColumnValuesToBeInSet(column="email", value_set=["x"], severity="info"),
        "email_matches": gxe.ExpectColumnValuesToMatchRegex(column="email", regex="^x$", severity="warning"),
        "email_is_unique": gxe.ExpectColumnValuesToBeUnique(column="email", severity="warning"),
        "emails_are": gxe.ExpectColumnDistinctValuesToBeInSet(
            column="email", value_set=["x"], severity="info"
        ),
        "email_is_below": gxe.ExpectColumnMaxToBeBetween(column="email", max_value=1.0, severity="info"),
        "email_is_most_often": gxe.ExpectColumnMostCommonValueToBeInSet(
            column="email", value_set=["x"], severity="info"
        ),
        "rows_are_none": gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="select * from {batch}", severity="critical"
        ),
        "email_is_a_number": gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="select * from {batch} where cast(email as integer) = 1", severity="info"
        ),
    }}  # fmt: skip
    batch_id = gate.build(1, 2)
    with pytest.raises(ExpectationsFailed) as told:
        quality.audit(batch_id)
    assert len(results(batch_id)) == 8
    assert {passed for _, passed, _, _ in results(batch_id).values()} == {0}
    kept = ask("select string_agg(r::text, ' ') from ops.check_results as r union all "
               "select string_agg(b::text, ' ') from ops.batches as b")  # fmt: skip
    assert SECRET not in str(kept)
    assert SECRET not in str(told.value)
    assert SECRET not in caplog.text


# what comes in


@pytest.fixture
def shop(gate: Gate) -> FakeSource:
    gate.suites = {
        name: {"columns": {"amount": "(payload ->> 'amount')::numeric"}, "expectations": {
            "amounts_are_possible": SMALL, "amounts_are_even": ODD,
        }}
        for name in ("orders", "lines")
    }  # fmt: skip
    types = {"amount": "numeric"}
    made = FakeSource(
        f"shop_{next(NUMBERS)}", Stream("orders", ("id",), types=types), Stream("lines", ("id",))
    )
    made.gives({"id": 1, "amount": 1}, cursor="first")
    landing.land(made.name, NOW)
    return made


def test_what_passes_the_border_is_accepted(shop: FakeSource) -> None:
    assert quality.check(shop.name) == []
    landing.accept(shop.name)
    assert set(shop.current()) == {"1"}
    assert quality.check(shop.name) == []


def test_a_notice_at_the_border_is_returned_and_accepted(shop: FakeSource) -> None:
    shop.gives({"id": 2, "amount": 4})
    landing.land(shop.name, NOW)
    assert [finding.expectation for finding in quality.check(shop.name)] == ["amounts_are_even"]
    landing.accept(shop.name)
    assert set(shop.current()) == {"1", "2"}


def test_one_bad_stream_refuses_the_whole_pull_and_it_is_pulled_again(shop: FakeSource) -> None:
    quality.check(shop.name)
    landing.accept(shop.name)
    before = shop.cursor()
    shop.gives({"id": 2, "amount": 3}, cursor="second")
    shop.answers["lines"] = lambda _: [Page([{"id": 1, "amount": 11}])]
    landing.land(shop.name, NOW)
    with pytest.raises(ExpectationsFailed, match=rf"landing_{shop.name}\.lines: amounts_are_possible"):
        quality.check(shop.name)
    assert landing.landed(shop.name) == {}
    landing.accept(shop.name)
    assert set(shop.current()) == {"1"}
    assert shop.cursor()[1] == before[1]
    shop.answers["lines"] = lambda _: ()
    landing.land(shop.name, NOW)
    assert quality.check(shop.name) == []
    landing.accept(shop.name)
    assert set(shop.current()) == {"1", "2"}


def test_a_value_of_the_wrong_type_does_not_stop_the_check_that_reports_it(shop: FakeSource) -> None:
    shop.gives({"id": 2, "amount": "a lot"}, {"id": 3, "amount": 2})
    landing.land(shop.name, NOW)
    assert quality.check(shop.name) == []
    landing.accept(shop.name)
    assert [problem for problem, _ in shop.quarantined()] == ["amount is no numeric"]
    assert set(shop.current()) == {"1", "3"}


@pytest.mark.parametrize(
    ("right", "wrong", "is_refused"),
    [
        (2, 1, False),
        (0, 1, True),
        (5, 5, False),
        (5, 6, True),
        (995, 5, False),
        (500, 6, True),
        (594, 6, False),
    ],
)
def test_one_wrong_record_of_an_hour_is_no_broken_export(
    gate: Gate, right: int, wrong: int, is_refused: bool
) -> None:
    gate.suites = {"core.sales": {"nearly_every_sale_has_its_amount": seldom("amount is null", 0.01)}}
    batch_id = gate.build(*range(right), *[None] * wrong)
    if not is_refused:
        assert quality.audit(batch_id) == []
        return
    with pytest.raises(ExpectationsFailed, match=rf"its_amount \(records={right + wrong} wrong={wrong}\)"):
        quality.audit(batch_id)


@pytest.mark.parametrize(
    ("amounts", "is_refused"),
    [
        ([1, 1], False),
        ([1] * 6, False),
        ([1] * 7, True),
        ([*range(36), *range(6)], False),
        ([None, None], False),
    ],
)
def test_a_family_shares_a_value_and_an_export_that_repeats_itself_is_refused(
    gate: Gate, amounts: list[int | None], is_refused: bool
) -> None:
    gate.suites = {"core.sales": {"amounts_are_each_ones_own": seldom_shared("amount", 0.2, "")}}
    batch_id = gate.build(*amounts)
    if is_refused:
        with pytest.raises(ExpectationsFailed, match=r"each_ones_own \(filled=7 shared=6\)"):
            quality.audit(batch_id)
    else:
        assert quality.audit(batch_id) == []
