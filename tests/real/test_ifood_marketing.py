"""iFood's marketing data: who of 2,240 customers took the offer of six campaigns.

The file has flags without dates, so this proves arithmetic only: that an offer came by e-mail, and when, is
our choice (see its message_events.sql). 2,240 and the last campaign's 334 (14.9 %) are well-known figures of
this file, those of the other five are computed in the README of the data; birth years are compared with the
file here.

1893 and 1899 are in the file, and no years in which a customer of 2014 was born: those are not published.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from include.quality import Finding
from tests.real.conftest import Ask

pytestmark = pytest.mark.server

UNIT = "business_unit_code = 'ifood_marketing'"
CUSTOMERS = 2_240
TAKEN = {1: 144, 2: 30, 3: 163, 4: 167, 5: 163, 6: 334}
"""By campaign: those who took its offer; the sixth is the last."""


@pytest.mark.parametrize("campaign", TAKEN)
def test_the_share_that_took_an_offer_is_the_known_one(ask: Ask, campaign: int) -> None:
    # a campaign has a day, and a month, of its own
    taken = TAKEN[campaign]
    for grain, start in (("day", date(2014, 6 + campaign, 15)), ("month", date(2014, 6 + campaign, 1))):
        assert ask(
            "select variant_code, numerator, denominator, round(value, 4), n_units "
            f"from published.mart_metrics where {UNIT} and metric_code = 'ecommerce.mail_click_rate' "
            "and segment_type_code = 'all' and period_grain_code = %s and period_start = %s "
            "and variant_code in ('unique', 'total') order by 1",
            grain,
            start,
        ) == [
            (variant, taken, CUSTOMERS, round(Decimal(taken) / CUSTOMERS, 4), CUSTOMERS)
            for variant in ("total", "unique")
        ]


def test_no_offer_was_taken_by_a_machine(ask: Ask) -> None:
    assert ask(
        f"select sum(numerator), sum(denominator) from published.mart_metrics where {UNIT} "
        "and metric_code = 'ecommerce.mail_click_rate' and variant_code = 'machine_share' "
        "and period_grain_code = 'month' and segment_type_code = 'all'"
    ) == [(0, sum(TAKEN.values()))]


def test_the_last_offer_was_taken_by_one_in_seven(ask: Ask) -> None:
    assert ask(
        "select dim_campaign.campaign_name, count(distinct customer_key), "
        f"round(count(distinct customer_key) / {CUSTOMERS}.0, 4) from published.fct_message_events "
        f"inner join published.dim_campaign using (campaign_key) where fct_message_events.{UNIT} "
        "and fct_message_events.kind_code = 'clicked' and dim_campaign.sent_date >= '2014-12-01' group by 1"
    ) == [("Campaign 6", 334, Decimal("0.1491"))]


def test_customers_are_born_when_the_file_says_if_that_may_be(ask: Ask, data: Path) -> None:
    published = ask(
        f"""
        select birth_year, count(*) from published.dim_customer
        where customer_key in (select customer_key from published.fct_message_events where {UNIT})
        group by 1 order by 1
        """
    )
    with duckdb.connect() as connection:
        in_file = connection.execute(
            "select case when Year_Birth >= 1900 then Year_Birth end, count(*) from read_csv(?) "
            "group by 1 order by 1 nulls last",
            [str(data / "marketing_data.csv")],
        ).fetchall()
    assert sum(count for _, count in published) == CUSTOMERS
    assert published == in_file


def test_the_audit_asks_nothing(findings: list[Finding]) -> None:
    assert [finding for finding in findings if "ifood_marketing" in finding.observed] == []
