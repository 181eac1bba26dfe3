"""Every contract is told in words, and its rows come through all rooms as what they are."""

import re
from collections.abc import Iterator

import pytest

from include import settings
from include.contracts import CONTRACTS, UNIT
from tests import databases
from tests.built import Built
from tests.company import OTHERS
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


@pytest.fixture(scope="module")
def copy(built: Built) -> Iterator[None]:
    with databases.made("cx_contracts", built.database):
        yield


@pytest.mark.server
@pytest.mark.usefixtures("copy")
@pytest.mark.parametrize("contract", [name for name in OTHERS if name != "control_totals"])
def test_the_rows_of_a_contract_are_published(contract: str) -> None:
    table = STARS.get(contract, f"fct_{contract}")
    assert one(f"select count(*) from published.{table} where business_unit_code = 'kiosk'") == 3
    names = {name for (name,) in ask("select attname from pg_attribute where attrelid = "
                                     f"'published.{table}'::regclass")}  # fmt: skip
    assert not {name for name in names if "identifier" in name or "anonymous" in name or "hourly" in name}
    for key in names & {"customer_key", "seller_customer_key", "invitee_customer_key", "employee_key",
                        "campaign_key", "content_key", "listing_key"}:  # fmt: skip
        known = f"select count(*) from published.{table} where {key} <> 'unknown'"
        assert one(known) == 3, f"{key} is not found"


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
        "select page_path, referrer_host, search_term from published.fct_events order by event_id"
    ) == [("/u/•••", None, "gọi •••"), ("/ao", "b.vn", "áo mưa"), ("/u/•••", None, "gọi •••")]
    assert ask("select has_contact, text_length from published.fct_messages order by message_id") == [
        (1, 6), (0, 4), (1, 6),
    ]  # fmt: skip
    assert ask("select link_path from published.fct_message_events order by 1") == [
        ("/ao",), ("/u/•••",), ("/u/•••",),
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
