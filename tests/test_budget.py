"""The budget of metric rows is what it says: a thousand per default variant, unit and year of history."""

import re
from collections.abc import Iterator

import pytest

from include import settings
from tests import databases
from tests.built import Built
from tests.databases import ask, one

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("copy")]

TABLES = {"mart_metrics": "marts.mart_metrics", "metrics": "seeds.metrics"}


@pytest.fixture
def copy(built: Built) -> Iterator[None]:
    with databases.made("cx_budget", built.database):
        yield


def over_budget() -> list[tuple[str, int]]:
    path = settings.DBT_PROJECT / "tests" / "assert_metric_rows_stay_within_budget.sql"
    statement = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    return ask(re.sub(r"\{\{ ref\('(\w+)'\) \}\}", lambda found: TABLES[found[1]], statement))


def fill(unit: str, is_default: int, number: int) -> None:
    """Give a unit with one year of history so many rows, which differ in their segment."""
    ask(
        "insert into marts.mart_metrics select (jsonb_populate_record(null::marts.mart_metrics, to_jsonb(m) "
        "|| jsonb_build_object('business_unit_code', %s::text, 'is_default', %s, 'variant_code', %s::text, "
        "'segment_code', 's' || place))).* "
        "from (select * from marts.mart_metrics limit 1) as m, generate_series(1, %s) as place",
        unit, is_default, f"variant {is_default}", number,
    )  # fmt: skip


def test_the_budget_is_a_thousand_rows_for_each_default_variant() -> None:
    budget = 1000 * one("select sum(is_default) from seeds.metrics")
    assert over_budget() == []
    fill("within", 1, budget)
    fill("within", 0, 1)
    fill("beyond", 1, budget + 1)
    assert over_budget() == [("beyond", budget + 1)]
