"""The budget of metric rows is what it says: a thousand per default variant, unit and year of history."""

import re

import pytest

from include import settings
from tests.databases import ask

pytestmark = pytest.mark.server

TABLES = {"mart_metrics": "marts.mart_metrics", "metrics": "seeds.metrics"}


def over_budget() -> list[tuple[str, int]]:
    path = settings.DBT_PROJECT / "tests" / "assert_metric_rows_stay_within_budget.sql"
    statement = re.sub(r"\{#.*?#\}|\{\{ config\(.*?\}\}", "", path.read_text(), flags=re.DOTALL)
    return ask(re.sub(r"\{\{ ref\('(\w+)'\) \}\}", lambda found: TABLES[found[1]], statement))


def fill(unit: str, is_default: int, number: int) -> None:
    ask("insert into marts.mart_metrics select %s, %s, '2026-01-01' from generate_series(1, %s)",
        unit, is_default, number)  # fmt: skip


def test_the_budget_is_a_thousand_rows_for_each_default_variant(database: str) -> None:
    ask(
        "create table seeds.metrics as select unnest(array[1, 0, 1]) as is_default; "
        "create table marts.mart_metrics (business_unit_code text, is_default smallint, period_start date)"
    )
    fill("within", 1, 2_000)
    fill("within", 0, 9_000)
    fill("beyond", 1, 2_001)
    assert over_budget() == [("beyond", 2_001)]
