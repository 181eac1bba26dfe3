"""What is on offer on Airbnb in Stockholm: Inside Airbnb's scrape of 2024-12-30, with the days of reviews.

Listings, hosts, reviews and the mean score are those that come with the data; prices, rooms and months are
computed here from the files. Inside Airbnb publishes the number of a listing's reviews, and the reviews.
"""

import csv
import gzip
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from statistics import median, quantiles

import pytest

from include.quality import Finding
from tests.real.conftest import Ask

pytestmark = pytest.mark.server

METRICS = "from published.mart_metrics where business_unit_code = 'airbnb_stockholm'"
DECEMBER = f"{METRICS} and period_grain_code = 'month' and period_start = '2024-12-01'"
REVIEWS = "from published.dim_content where business_unit_code = 'airbnb_stockholm' and kind_code = 'review'"
STARS = f"{METRICS} and metric_code = 'marketplace.trust' and period_grain_code = 'month'"
TRUST = f"{STARS} and segment_type_code = 'all'"
ROUNDED = Decimal("0.000001")


def _rows(data: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(data / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def listings(data: Path) -> list[dict[str, str]]:
    return _rows(data, "listings")


@pytest.fixture(scope="module")
def scores(data: Path) -> list[tuple[str, Decimal]]:
    """Return the month of the last review and the mean score of each listing that has one."""
    return [
        (row["last_review"][:7], Decimal(row["review_scores_rating"]))
        for row in _rows(data, "listings_detailed")
        if row["review_scores_rating"]
    ]


def test_every_listing_and_host_is_there(ask: Ask) -> None:
    assert ask(
        "select count(*), count(distinct customer_key) from published.dim_listing "
        "where business_unit_code = 'airbnb_stockholm' and customer_key <> 'unknown'"
    ) == [(5_223, 4_172)]
    assert ask(
        "select listings_end, new_listing_count, sellers_listing from published.mart_marketplace_monthly "
        "where business_unit_code = 'airbnb_stockholm' and month_start = '2024-12-01'"
    ) == [(5_223, 5_223, 4_172)]


def test_rooms_are_those_of_the_file(ask: Ask, listings: list[dict[str, str]]) -> None:
    assert dict(
        ask(
            f"select segment_code, value {DECEMBER} and metric_code = 'marketplace.inventory' "
            "and variant_code = 'listings_end' and segment_type_code = 'category'"
        )
    ) == Counter(listing["room_type"] for listing in listings)


def test_prices_are_those_of_the_file(ask: Ask, listings: list[dict[str, str]]) -> None:
    # 1,725 listings that this scrape did not find again have none
    rooms = ["all", *{listing["room_type"] for listing in listings}]
    prices = {
        room: [
            Decimal(each["price"])
            for each in listings
            if each["price"] and room in ("all", each["room_type"])
        ]
        for room in rooms
    }
    assert len(prices["all"]) == 3_498
    quarters = {room: quantiles(found, n=4, method="inclusive") for room, found in prices.items()}
    for variant, expected in (
        ("price_p50", {room: median(found) for room, found in prices.items()}),
        ("price_dispersion", {room: (high - low) / middle for room, (low, middle, high) in quarters.items()}),
    ):
        published = ask(
            f"select segment_code, value, n {DECEMBER} and metric_code = 'marketplace.pricing' "
            f"and variant_code = '{variant}'"
        )
        assert {room: n for room, _, n in published} == {room: len(found) for room, found in prices.items()}
        for room, value, _ in published:
            assert abs(value - expected[room]) <= ROUNDED, (variant, room)


def test_each_listing_has_the_reviews_it_is_said_to_have(ask: Ask, listings: list[dict[str, str]]) -> None:
    assert ask(f"select count(*), min(published_date)::text, max(published_date)::text {REVIEWS}") == [
        (144_948, "2011-07-30", "2024-12-29")
    ]
    published = dict(ask(f"select topic_code, count(*) {REVIEWS} group by topic_code"))
    assert published == {
        listing["id"]: int(listing["number_of_reviews"])
        for listing in listings
        if listing["number_of_reviews"] != "0"
    }


def test_the_mean_score_is_that_of_the_listings(ask: Ask, scores: list[tuple[str, Decimal]]) -> None:
    assert ask(
        "select count(*), round(avg(score), 3) from published.mart_feedback "
        "where business_unit_code = 'airbnb_stockholm'"
    ) == [(4_160, Decimal("4.808"))]
    assert ask(f"select round(sum(value * n) / sum(n), 3) {TRUST} and variant_code = 'rating_bayes'") == [
        (Decimal("4.808"),)
    ]
    by_month = dict(
        ask(f"select to_char(period_start, 'YYYY-MM'), value {TRUST} and variant_code = 'rating_bayes'")
    )
    for month, count in Counter(month for month, _ in scores).items():
        mean = sum(score for other, score in scores if other == month) / count
        assert abs(by_month.pop(month) - mean) <= ROUNDED, month
    assert by_month == {}


def test_scores_between_two_stars_are_counted(ask: Ask, scores: list[tuple[str, Decimal]]) -> None:
    low = sum(score <= 2 for _, score in scores)
    assert ask(f"select sum(numerator), sum(denominator) {TRUST} and variant_code = 'low_star_share'") == [
        (low, 4_160)
    ]
    stars = ask(f"select segment_code, sum(numerator) {STARS} and variant_code = 'star_share' group by 1")
    assert dict(stars) == Counter(str(score.quantize(Decimal(1), ROUND_HALF_UP)) for _, score in scores)


def test_the_audit_asks_nothing(findings: list[Finding]) -> None:
    assert [finding for finding in findings if "airbnb_stockholm" in finding.observed] == []
