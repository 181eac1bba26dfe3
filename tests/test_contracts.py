"""Every contract is told in words, and its rows come through all rooms as what they are."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import great_expectations.expectations as gxe
import pytest

from expectations.landing_files import TABLES
from include import landing, quality, settings, transform
from include.contracts import CONTRACTS, UNIT
from tests import databases
from tests.built import Built, fast_dbt
from tests.company import NOW, OTHERS, Company
from tests.company import UNIT as UNIT_NAME
from tests.databases import ask, one

MACROS = settings.DBT_PROJECT / "macros" / "rows"
STARS = {
    "campaigns": "dim_campaign", "contents": "dim_content", "employees": "dim_employee",
    "listings": "dim_listing",
}  # fmt: skip
PAYLOAD = re.compile(r"(?:row_\w+\(|json_\w+\('records\.payload', )'(\w+)'")


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_contract_tells_every_column_that_is_read(contract: str) -> None:
    shape = CONTRACTS[contract]
    read = set(PAYLOAD.findall((MACROS / f"{contract}.sql").read_text())) - {"_occurrence", "_copy"}
    told = set(re.findall(r"\w+", shape.about)) | set(shape.key)
    assert read - told == set(), "these are read and not told"
    columns = {*shape.needed, *shape.types} - {*shape.key, *shape.parent}
    assert columns - read == set(), "these are asked for and not read"
    assert shape.about.startswith("One row per ")


def test_a_contract_asks_for_no_unit_of_its_own() -> None:
    assert all(UNIT not in (*shape.key, *shape.needed) for shape in CONTRACTS.values())


LABELS = {
    ("events", "kind_code"): "event_kind",
    ("events", "platform_code"): "platform",
    ("events", "device_code"): "device",
    ("messages", "author_kind_code"): "author_kind",
    ("spend_days", "cost_kind_code"): "cost_kind",
    ("spend_days", "purpose_code"): "spend_purpose",
    ("subscriptions", "status_code"): "subscription_status",
    ("subscriptions", "trial_kind_code"): "trial_kind",
    ("invoices", "kind_code"): "invoice_kind",
    ("invoices", "status_code"): "invoice_status",
    ("campaigns", "kind_code"): "campaign_kind",
    ("message_events", "kind_code"): "message_event_kind",
    ("consents", "purpose_code"): "consent_purpose",
    ("contents", "kind_code"): "content_kind",
    ("content_events", "kind_code"): "content_event_kind",
    ("install_days", "platform_code"): "platform",
    ("ad_slot_days", "deal_code"): "deal",
    ("listings", "status_code"): "listing_status",
    ("listings", "removal_reason_code"): "removal_reason",
    ("bookings", "status_code"): "booking_status",
    ("carts", "coverage_code"): "cart_coverage",
    ("recommendations", "basis_code"): "recommendation_basis",
    ("competitor_observations", "metric_code"): "observation",
}


@pytest.mark.parametrize("contract", OTHERS)
def test_every_code_that_may_come_has_a_label_and_is_told(contract: str) -> None:
    with (settings.DBT_PROJECT / "seeds" / "labels.csv").open() as file:
        labels = {(row["kind"], row["code"]) for row in csv.DictReader(file)}
    for expectation in TABLES[contract]["expectations"].values():
        if isinstance(expectation, gxe.ExpectColumnValuesToBeInSet):
            kind = LABELS[contract, expectation.column]
            assert {(kind, code) for code in expectation.value_set} <= labels, kind
            assert set(expectation.value_set) <= set(re.findall(r"\w+", CONTRACTS[contract].about))


@pytest.mark.parametrize("contract", OTHERS)
def test_each_pair_of_times_is_a_column_of_its_own(contract: str) -> None:
    columns = [
        expectation.column
        for name, expectation in TABLES[contract]["expectations"].items() if "_precedes_" in name
    ]  # fmt: skip
    assert len(columns) == len(set(columns))
    assert set(columns) <= TABLES[contract]["columns"].keys()


@pytest.fixture(scope="module")
def copy(built: Built) -> Iterator[None]:
    with databases.made("cx_contracts", built.database):
        yield


@pytest.mark.server
@pytest.mark.usefixtures("copy")
@pytest.mark.parametrize("contract", [name for name in OTHERS if name != "control_totals"])
def test_the_rows_of_a_contract_are_published(contract: str) -> None:
    table = STARS.get(contract, f"fct_{contract}")
    # of these, the company has some from its beginning
    expected = 6 if contract in ("events", "message_events") else 3
    assert one(f"select count(*) from published.{table} where business_unit_code = 'kiosk'") == expected
    names = {name for (name,) in ask("select attname from pg_attribute where attrelid = "
                                     f"'published.{table}'::regclass")}  # fmt: skip
    assert not {name for name in names if "identifier" in name or "anonymous" in name or "hourly" in name}
    for key in names & {"customer_key", "seller_customer_key", "invitee_customer_key", "employee_key",
                        "campaign_key", "content_key", "listing_key"}:  # fmt: skip
        known = f"select count(*) from published.{table} where {key} <> 'unknown'"
        assert one(known) == expected, f"{key} is not found"


@pytest.mark.server
@pytest.mark.usefixtures("copy")
def test_what_a_source_states_is_found_by_its_measure_and_day() -> None:
    found = ask(
        "select control_total_id, total_value from intermediate.int_control_totals_unioned order by 1"
    )
    assert found == [
        ("kiosk/1/2025-12-30", 9), ("kiosk/2/2025-12-31", 10), ("kiosk/3/2026-01-31", 11),
    ]  # fmt: skip


@pytest.mark.server
@pytest.mark.usefixtures("copy")
def test_no_address_text_or_term_shows_whom_it_is_of() -> None:
    assert ask(
        "select page_path, referrer_host, search_term from pub_store.fct_events "
        "where event_id not like 'kiosk/v%%' order by event_id"
    ) == [("/u/•••/•••", None, "gọi •••"), ("/ao", "b.vn", "áo mưa"), ("/u/•••/•••", None, "gọi •••")]
    assert ask("select has_contact, text_length from published.fct_messages order by message_id") == [
        (1, 6), (0, 4), (1, 6),
    ]  # fmt: skip
    assert ask(
        "select link_path from pub_store.fct_message_events "
        "where message_event_id not like 'kiosk/w%%' order by 1"
    ) == [
        ("/ao",), ("/u/•••/•••",), ("/u/•••/•••",),
    ]  # fmt: skip
    assert {title for (title,) in ask("select title from published.dim_content")} == {
        "Áo", "gọi •••", "Chưa xác định / Unknown",
    }  # fmt: skip


@pytest.mark.server
@pytest.mark.usefixtures("copy")
def test_an_hour_of_duty_lasts_an_hour_and_a_day_is_the_units() -> None:
    # the second of two times is an hour later; half past five in London is the next day in Vietnam
    assert ask("select staffed_seconds, shift_date::text from published.fct_shifts order by shift_id") == [
        (3600, "2025-12-31"), (3600, "2026-01-01"), (3600, "2026-02-01"),
    ]  # fmt: skip


def _known(contract: str) -> dict[str, str]:
    """Return a word that the border lets pass for each coded column of a contract."""
    return {
        expectation.column: expectation.value_set[0]
        for expectation in TABLES[contract]["expectations"].values()
        if isinstance(expectation, gxe.ExpectColumnValuesToBeInSet)
    }


def _inbox(folder: Path, contracts: Iterable[str], **changed: object) -> None:
    """Write a row of each contract into the counter's inbox, with what is CHANGED in it."""
    company = Company()
    unit = folder / UNIT_NAME
    unit.mkdir(exist_ok=True)
    for contract in contracts:
        company.row(contract, 7, 1, 3, 4)
        ((_, row),) = company._inbox[contract].items()
        row |= {"currency": None} | _known(contract) | changed
        (unit / f"{contract}.jsonl").write_text(json.dumps(row, ensure_ascii=False))
        (unit / f"{contract}.sql").write_text(f"select * from read_json('{contract}.jsonl')")


@pytest.mark.server
@pytest.mark.usefixtures("copy")
def test_an_inbox_of_every_contract_passes_both_borders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "INBOX", tmp_path)
    _inbox(tmp_path, OTHERS)
    assert landing.land("files", NOW) == len(OTHERS)
    assert quality.check("files") == []
    landing.accept("files")
    with fast_dbt():
        batch_id = transform.build()
    quality.audit(batch_id)
    found = ask(
        "select suite, expectation, severity from ops.check_results where batch_id = %s and is_passed = 0 "
        "and suite not like 'published.mart%%' order by 1",
        batch_id,
    )
    # its campaign is another one, and the key of its channel is a word that nobody knows
    assert found == [
        ("published.fct_message_events", "every_event_has_its_campaign", "notice"),
        ("published.fct_spend_days", "every_channel_is_translated", "notice"),
    ]
    for contract in OTHERS:
        if contract != "control_totals":
            table = STARS.get(contract, f"fct_{contract}")
            assert one(f"select count(*) from core.{table} where business_unit_code = 'kiosk'") == 1, table


@pytest.mark.server
@pytest.mark.usefixtures("copy")
@pytest.mark.parametrize(
    ("contract", "column", "value", "why"),
    [
        ("messages", "author_kind_code", "robot", "every_author_kind_code_is_known"),
        ("spend_days", "amount", -1, "no_amount_is_negative"),
        ("subscriptions", "monthly_amount", "free", "nearly_every_record_can_be_taken"),
        ("consents", "is_granted", "perhaps", "nearly_every_record_can_be_taken"),
        ("install_days", "install_date", "31/12/2025", "nearly_every_record_can_be_taken"),
        ("bookings", "booking_id", "", "nearly_every_record_has_its_key"),
    ],
)
def test_a_row_that_says_nothing_of_its_kind_is_refused_by_name(
    contract: str, column: str, value: object, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "INBOX", tmp_path)
    _inbox(tmp_path, [contract], **{column: value})
    landing.land("files", NOW)
    with pytest.raises(quality.ExpectationsFailed, match=why):
        quality.check("files")


@pytest.mark.server
@pytest.mark.usefixtures("copy")
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (("review", "one_to_five", 6), "csat_answers_and_reviews_are_1_to_5"),
        (("review", "zero_to_ten", 5), "each_kind_is_asked_on_its_scale"),
        (("ces", "one_to_seven", 8), "ces_answers_are_1_to_7"),
        (("review", "one_to_five", 2), None),
    ],
)
def test_a_review_has_one_to_five_stars(
    answer: tuple[str, str, int], why: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "INBOX", tmp_path)
    kind, scale, score = answer
    _inbox(tmp_path, ["feedback"], kind_code=kind, scale_code=scale, score=score)
    landing.land("files", NOW)
    if why:
        with pytest.raises(quality.ExpectationsFailed, match=why):
            quality.check("files")
    else:
        assert quality.check("files") == []
        landing.accept("files")
        with fast_dbt():
            transform.build()
        assert ask("select kind_code, band_code from core.fct_feedback where source_key = 'files'") == [
            ("review", "dissatisfied")
        ]
