"""Bad experiences and what becomes of them once more, in plain Python, from the facts of the shop.

Who is who is not asked again here, nor what an order, a conversation, an answer or a contact is: those are
the facts. What is worked out from them shares nothing with the models' SQL.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from include.sandbox.stage import Stage
from tests.databases import ask, one
from tests.metrics.ledger import SHOP, Parts, counted, end_of, kept, parts_of, start_of, summed

pytestmark = pytest.mark.server

RULES = ("csat_low", "nps_low", "review_low", "late", "declined", "refund", "slow_response", "reopened")
SEEN = {"late", "declined", "refund"}
"""What the company sees without being told."""


@dataclass
class Incident:
    """Something that went badly for a customer, with its signs."""

    customer: str
    subject: tuple[str, str]
    signs: list[tuple[datetime, str]]

    @property
    def at(self) -> datetime:
        return min(at for at, _ in self.signs)

    @property
    def rule(self) -> str:
        return min((rule for _, rule in self.signs), key=RULES.index)

    @property
    def seen(self) -> date | None:
        return min((at.date() for at, rule in self.signs if rule in SEEN), default=None)

    @property
    def told(self) -> date | None:
        return min((at.date() for at, rule in self.signs if rule not in SEEN), default=None)


@dataclass(frozen=True)
class Talk:
    """A conversation of a customer."""

    customer: str
    number: str
    opened_at: datetime
    answered_after: int | None
    solved_after: int | None
    reopened: int


@dataclass(frozen=True)
class Answer:
    """An answer of a customer."""

    customer: str
    number: str
    kind: str
    is_bad: bool
    score: Decimal
    about: tuple[str, str] | None
    at: datetime


@pytest.fixture(scope="module")
def known_through(chain: Stage) -> date:
    """Return the first day of which nothing is known."""
    return one(
        "select data_through from core.data_through where process_code = 'interactions' "
        "and business_unit_code = %s", SHOP,
    )  # fmt: skip


@pytest.fixture(scope="module")
def talks(chain: Stage) -> list[Talk]:
    return [Talk(*row) for row in ask(
        "select customer_key, source_key || conversation_id, opened_at_local, first_response_seconds, "
        "resolution_seconds, reopened_count from core.fct_conversations "
        "where business_unit_code = %s and is_internal = 0 and customer_key <> 'unknown'", SHOP,
    )]  # fmt: skip


@pytest.fixture(scope="module")
def answers(chain: Stage) -> list[Answer]:
    found = []
    for customer, source, number, kind, band, score, order, conversation, at in ask(
        "select customer_key, source_key, feedback_id, kind_code, band_code, score, order_id, "
        "conversation_id, answered_at_local from core.fct_feedback where business_unit_code = %s "
        "and is_internal = 0 and customer_key <> 'unknown' order by answered_at", SHOP,
    ):  # fmt: skip
        about = ("order", source + order) if order else None
        about = about or (("conversation", source + conversation) if conversation else None)
        is_bad = band in ("dissatisfied", "detractor")
        found.append(Answer(customer, source + number, kind, is_bad, score, about, at))
    return found


@pytest.fixture(scope="module")
def incidents(
    talks: list[Talk], answers: list[Answer], known_through: date
) -> dict[str, list[Incident]]:  # fmt: skip
    """Return what went badly for each customer, in its order."""
    signs: dict[tuple[str, tuple[str, str]], list[tuple[datetime, str]]] = defaultdict(list)
    for answer in answers:
        if answer.is_bad and answer.kind in ("csat", "nps", "review"):
            subject = answer.about or ("answer", answer.number)
            signs[answer.customer, subject].append((answer.at, f"{answer.kind}_low"))
    orders: dict[str, tuple[str, tuple[str, str]]] = {}
    for customer, order, promised, delivered, delivered_at in ask(
        "select customer_key, source_key || order_id, promised_date, delivered_date, delivered_at_local "
        "from core.fct_orders where business_unit_code = %s and customer_key <> 'unknown' "
        "and status_code not in ('cancelled', 'failed', 'credit_note') and is_counted = 1", SHOP,
    ):  # fmt: skip
        orders[order] = (customer, ("order", order))
        if promised and delivered and (delivered - promised).days > 2:
            signs[orders[order]].append((delivered_at, "late"))
    for order, at in ask(
        "select source_key || order_id, paid_at_local from core.fct_payments "
        "where kind_code = 'refund' and amount > 0",
    ):
        if order in orders:
            signs[orders[order]].append((at, "refund"))
    last = one("select max(opened_date) from core.fct_conversations where business_unit_code = %s", SHOP)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time())
    for talk in talks:
        subject = ("conversation", talk.number)
        late_at = talk.opened_at + timedelta(days=1)
        is_unsolved = talk.solved_after is None or talk.solved_after > 86400
        if (talk.answered_after or 0) > 86400 or (
            talk.answered_after is None and is_unsolved and late_at <= end
        ):
            signs[talk.customer, subject].append((late_at, "slow_response"))
        if talk.reopened >= 2:
            signs[talk.customer, subject].append((talk.opened_at, "reopened"))
    found: dict[str, list[Incident]] = defaultdict(list)
    for (customer, subject), own in signs.items():
        found[customer].append(Incident(customer, subject, own))
    for own in found.values():
        own.sort(key=lambda incident: incident.at)
    return found


def test_what_went_badly_is_told_once_and_by_its_first_rule(incidents: dict[str, list[Incident]]) -> None:
    told = {
        (customer, kind, subject): figures
        for customer, kind, subject, *figures in ask(
            "select customer_key, subject_kind_code, source_key || subject_id, rule_code, occurred_at_local, "
            "seen_date, told_date, sign_count from core.fct_bad_experiences where business_unit_code = %s",
            SHOP,
        )
    }  # fmt: skip
    expected = {
        (each.customer, *each.subject): [each.rule, each.at, each.seen, each.told, len(each.signs)]
        for own in incidents.values()
        for each in own
    }
    assert told == expected
    assert {"csat_low", "nps_low", "late", "refund", "slow_response"} <= {rule for rule, *_ in told.values()}
    numbers = dict(
        ask(
            "select customer_key, array_agg(incident_no order by occurred_at_local) "
            "from core.fct_bad_experiences where business_unit_code = %s group by 1", SHOP,
        )
    )  # fmt: skip
    assert all(
        sorted(numbers[customer]) == list(range(1, len(own) + 1)) for customer, own in incidents.items()
    )


def test_whoever_orders_no_more_within_180_days_has_left(incidents: dict[str, list[Incident]]) -> None:
    days: dict[str, set[date]] = defaultdict(set)
    for customer, day in ask(
        "select customer_key, order_date from core.fct_orders where business_unit_code = %s "
        "and status_code <> 'credit_note'", SHOP,
    ):  # fmt: skip
        days[customer].add(day)
    for place, variant in enumerate(("exit_after_1", "exit_after_2", "exit_after_3_plus")):
        reached = [
            (customer, own[place].at.date()) for customer, own in incidents.items() if len(own) > place
        ]
        expected = counted(
            (start_of(t), not any(t < day <= t + timedelta(days=180) for day in days[customer]))
            for customer, t in reached
        )
        assert len(reached) >= 5
        assert parts_of("cx.bad_experience_exit", variant, SHOP) == expected
    provisional = ask(
        "select bool_or(is_provisional = 0), bool_or(is_provisional = 1) from published.mart_metrics "
        "where metric_code = 'cx.bad_experience_exit' and business_unit_code = %s", SHOP,
    )  # fmt: skip
    assert provisional == [(True, True)]


@pytest.fixture(scope="module")
def judged(
    incidents: dict[str, list[Incident]], talks: list[Talk], answers: list[Answer]
) -> dict[tuple[str, date], str]:
    """Return for each customer and month with something bad whether they are silent, vocal or neither."""
    voices: dict[str, set[date]] = defaultdict(set)
    for talk in talks:
        voices[talk.customer].add(talk.opened_at.date())
    for answer in answers:
        if answer.kind != "validation" and (answer.is_bad or (answer.kind == "review" and answer.score <= 3)):
            voices[answer.customer].add(answer.at.date())
    active: dict[str, set[date]] = defaultdict(set)
    for customer, day in ask(
        "select customer_key, occurred_date from core.fct_interactions where business_unit_code = %s "
        "and direction_code = 'in' and subject_code is distinct from 'validation'", SHOP,
    ):  # fmt: skip
        active[customer].add(day)
    found = {}
    for customer, own in incidents.items():
        months = {start_of(day) for each in own for day in (each.seen, each.told) if day}
        for month in months:
            seen = [each.seen for each in own if each.seen and start_of(each.seen) == month]
            is_vocal = any(each.told and start_of(each.told) == month for each in own) or any(
                abs((voice - day).days) <= 14 for day in seen for voice in voices[customer]
            )
            found[customer, month] = "vocal" if is_vocal else "neither"
            if seen and not is_vocal:
                last = max(seen)
                before = sum(last - timedelta(days=84) < day <= last for day in active[customer])
                after = sum(last < day <= last + timedelta(days=28) for day in active[customer])
                if after < Fraction(before * 28, 84) / 2:
                    found[customer, month] = "silent"
    return found


def test_the_silent_are_a_share_of_the_dissatisfied(judged: dict[tuple[str, date], str]) -> None:
    assert {"silent", "vocal", "neither"} == set(judged.values())
    expected = counted(
        (month, state == "silent") for (_, month), state in judged.items() if state != "neither"
    )
    assert parts_of("cx.silent_dissatisfaction", "silent_share", SHOP) == expected


def test_who_is_told_to_be_silent_is_asked_about_it(
    judged: dict[tuple[str, date], str], answers: list[Answer], known_through: date
) -> None:
    bought: dict[str, set[date]] = defaultdict(set)
    for customer, day in ask(
        "select customer_key, order_date from core.fct_orders where business_unit_code = %s "
        "and is_counted = 1 and customer_key <> 'unknown'", SHOP,
    ):  # fmt: skip
        bought[customer].add(day)
    months = {start_of(day) for days in bought.values() for day in days}
    precision: list[tuple[date, int, int]] = []
    recall: Parts = {}
    for month in sorted(months):
        first, end = month - timedelta(days=84), end_of(month)
        flagged = {who for (who, start), state in judged.items() if start == month and state == "silent"}
        vocal = {who for (who, start), state in judged.items() if start == month and state == "vocal"}
        buyers = {who for who, days in bought.items() if any(first <= day < end for day in days)}
        truth: dict[str, bool] = {}
        for answer in answers:
            if answer.kind == "validation" and end <= answer.at.date() < end + timedelta(days=28):
                truth.setdefault(answer.customer, answer.is_bad)
        totals: list[Fraction | None] = []
        strata = (flagged, buyers - flagged - vocal)
        asked = [[truth[who] for who in stratum if who in truth] for stratum in strata]
        for stratum, heard in zip(strata, asked, strict=True):
            total = Fraction(len(stratum) * sum(heard), len(heard)) if heard else None
            totals.append(total if stratum else Fraction(0))
        if asked[0] or asked[1]:
            precision.append((month, sum(asked[0]), len(asked[0])))
            caught, missed = totals
            whole = None if caught is None or missed is None else kept(caught + missed)
            recall[month] = (None if caught is None else kept(caught), whole)
    assert sum(number for _, _, number in precision) >= 3
    assert any(whole for _, whole in recall.values())
    assert parts_of("cx.silent_dissatisfaction", "precision", SHOP) == summed(precision)
    assert parts_of("cx.silent_dissatisfaction", "recall", SHOP) == recall
