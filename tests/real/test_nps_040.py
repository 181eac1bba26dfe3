"""A survey of Preppin' Data (case 40 of prepbench), with its published answers.

The NPS (-35.9; 8 promoters and 22 detractors of 39) is that of its output_01.csv, and what each respondent
thinks of the food that of its output_02.csv. The mean over all meals is not in it: it is computed here from
the answers' words.
"""

import csv
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from include.quality import Finding
from tests.real.conftest import Ask

pytestmark = pytest.mark.server

UNIT = "business_unit_code = 'nps_040'"
WORDS = (
    "Horrendous", "Just about edible but I was hungry", "Some good, some not so good", "Yum!",
    "Give the team a Michelin star!!",
)  # fmt: skip
"""What a meal is called, from one to five."""
PERIODS = {"month": date(2019, 11, 1), "quarter": date(2019, 10, 1)}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def _expected(data: Path) -> tuple[Decimal, int, int, int]:
    (row,) = _rows(data / "expected" / "output_01.csv")
    counts = (int(row[name]) for name in ("Total Respondents", "Promoter", "Detractor"))
    return Decimal(row["NPS Score"]), *counts


@pytest.mark.parametrize(
    ("variant", "grain"),
    [("transactional", "month"), ("transactional", "quarter"), ("relational", "quarter")],
)
def test_the_score_is_the_published_one(ask: Ask, data: Path, variant: str, grain: str) -> None:
    score, respondents, promoters, detractors = _expected(data)
    assert ask(
        "select round(value, 1), numerator, denominator, n, is_reportable from published.mart_metrics "
        f"where {UNIT} and metric_code = 'cx.nps' and variant_code = %s and period_grain_code = %s "
        "and period_start = %s and segment_type_code = 'all'",
        variant,
        grain,
        PERIODS[grain],
    ) == [(score, promoters - detractors, respondents, respondents, 1)]


def test_promoters_and_detractors_are_as_many_as_published(ask: Ask, data: Path) -> None:
    _, respondents, promoters, detractors = _expected(data)
    assert ask(
        f"select band_code, count(*) from published.mart_feedback where {UNIT} and kind_code = 'nps' "
        "group by 1 order by 1"
    ) == [
        ("detractor", detractors),
        ("passive", respondents - promoters - detractors),
        ("promoter", promoters),
    ]


def test_what_respondents_think_of_the_food_is_as_published(ask: Ask, data: Path) -> None:
    # an answer is known by its second: nobody is named
    published = dict(
        ask(
            "select date_trunc('second', answered_at_local), round(avg(score), 9) "
            f"from published.mart_feedback where {UNIT} and kind_code = 'csat' group by 1"
        )
    )
    expected = {
        datetime.strptime(row["Timestamp"], "%m/%d/%Y %I:%M:%S %p"): Decimal(row["Food Rating Score"])
        for row in _rows(data / "expected" / "output_02.csv")
    }
    assert len(expected) == 39
    assert published == expected


def test_the_mean_and_the_pleased_are_those_of_the_words(ask: Ask, data: Path) -> None:
    scores: dict[str, list[int]] = defaultdict(list)
    for row in _rows(data / "inputs" / "input_02.csv"):
        for question, answer in row.items():
            if "the food at Sudzilla" in question and answer in WORDS:
                scores["all"].append(WORDS.index(answer) + 1)
    counted = scores["all"]
    assert ask(
        "select variant_code, numerator, denominator from published.mart_metrics "
        f"where {UNIT} and metric_code = 'cx.csat' and variant_code in ('mean', 'top2') "
        "and period_grain_code = 'month' and segment_type_code = 'all' order by 1"
    ) == [
        ("mean", sum(counted), len(counted)),
        ("top2", sum(score >= 4 for score in counted), len(counted)),
    ]


def test_the_audit_asks_nothing(findings: list[Finding]) -> None:
    assert [finding for finding in findings if "nps_040" in finding.observed] == []
