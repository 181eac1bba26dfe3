"""What a customer is worth: published figures, models by hand, versions that stay."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import numpy as np
import pytest
from scipy import special

from include import lifetime, settings, transform
from include import warehouse as connected
from include.lifetime import __main__ as command
from include.lifetime.histories import Days, Histories, histories
from include.lifetime.purchasing import NotFitted, Purchasing
from include.lifetime.renewing import NEVER, Renewing, Stays
from include.lifetime.spending import Spending, correlation
from tests import databases
from tests.built import Built
from tests.databases import ask, one

CDNOW = settings.REAL_DATA / "cdnow" / "CDNOW_sample.txt"
CALIBRATED, OBSERVED = date(1997, 9, 30), date(1998, 6, 30)
NUMBERS = count()
RANDOM = np.random.default_rng(5)


def number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def a_customer(frequency: float, recency: float, age: float, amount: float = 0) -> Histories:
    return Histories(*(np.array([value]) for value in (0, frequency, recency, age, amount)))


def in_weeks(known: Histories) -> Histories:
    return replace(known, recency=known.recency / 7, age=known.age / 7)


@pytest.fixture(scope="module")
def cdnow() -> Days:
    """Return the purchase days of CDNOW's customers."""
    if not CDNOW.is_file():
        pytest.skip(f"{CDNOW} is absent: set CX_REAL_DATA to run on real data")
    bought: dict[tuple[int, int], float] = {}
    for line in CDNOW.read_text().splitlines():
        _, customer, day, _, dollars = line.split()
        key = int(customer), number(date.fromisoformat(day))
        bought[key] = bought.get(key, 0) + float(dollars)
    customers, days = np.array(sorted(bought)).T
    return Days(customers, days, np.array([bought[key] for key in sorted(bought)]))


# published figures


def test_the_parameters_of_cdnow_are_the_published_ones(cdnow: Days) -> None:
    model = Purchasing.fit(in_weeks(histories(cdnow, number(CALIBRATED))), leaves_at_first=False)
    assert (model.r, model.alpha, model.a, model.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=6e-4)
    assert model.log_likelihood == pytest.approx(-9582.4, abs=0.05)


@pytest.mark.parametrize(
    ("weeks", "purchases"),
    [(0.1429, 0.0078), (1, 0.0532), (3, 0.1506), (31.8571, 1.0405), (32, 1.0437), (78, 1.8576)],
)
def test_a_new_customer_is_expected_to_buy_as_published(cdnow: Days, weeks: float, purchases: float) -> None:
    model = Purchasing.fit(in_weeks(histories(cdnow, number(CALIBRATED))), leaves_at_first=False)
    assert model.expected_purchases(a_customer(0, 0, 0), weeks)[0] == pytest.approx(
        purchases, rel=5e-4, abs=5e-5
    )


def test_a_known_customer_is_expected_to_buy_as_published(cdnow: Days) -> None:
    model = Purchasing.fit(in_weeks(histories(cdnow, number(CALIBRATED))), leaves_at_first=False)
    assert model.expected_purchases(a_customer(2, 30.43, 38.86), 39)[0] == pytest.approx(1.226, abs=5e-4)


def test_the_spending_of_cdnow_is_the_published_one(cdnow: Days) -> None:
    known = in_weeks(histories(cdnow, number(CALIBRATED)))
    model = Spending.fit(known)
    assert (model.p, model.q, model.v) == pytest.approx((6.25, 3.74, 15.44), rel=2e-3)
    assert int((known.frequency > 0).sum()) == 946
    assert correlation(known) == pytest.approx(0.11, abs=0.01)


def test_what_cdnow_was_not_shown_is_foretold(cdnow: Days) -> None:
    """Repeats of 78 weeks are the 2,457 that were shown and 1,882: both end somewhat low."""
    shown = in_weeks(histories(cdnow, number(CALIBRATED)))
    later = cdnow.until(number(OBSERVED)).after(number(CALIBRATED))
    assert (shown.frequency.sum(), len(later.day)) == (2_457, 1_882)
    for leaves_at_first, short in ((False, -0.053), (True, -0.070)):
        foretold = Purchasing.fit(shown, leaves_at_first).expected_purchases(shown, 39).sum()
        assert (2_457 + foretold) / (2_457 + 1_882) - 1 == pytest.approx(short, abs=0.002)


def a_cohort(survivors: list[int], count: int = 1000) -> Stays:
    """Return the stays of COUNT who begin in month 0, of whom so many pay in each of the next."""
    lost = -np.diff([count, *survivors])
    left = np.repeat(np.arange(1, len(survivors) + 1), lost)
    return Stays(np.zeros(count, np.int64), np.r_[left, np.full(survivors[-1], NEVER)].astype(np.int64))


@pytest.mark.parametrize(
    ("survivors", "alpha", "b", "log_likelihood", "later"),
    [
        ([869, 743, 653, 593, 551, 517, 491], 0.668, 3.806, -1611.2, [468, 445, 427, 409, 394]),
        ([631, 468, 382, 326, 289, 262, 241], 0.704, 1.182, -1680.3, [223, 207, 194, 183, 173]),
    ],
    ids=["high end", "regular"],
)
def test_renewals_are_the_published_ones(
    survivors: list[int], alpha: float, b: float, log_likelihood: float, later: list[int]
) -> None:
    """Fader and Hardie fit seven years of two kinds of customers, and foretell five more."""
    model = Renewing.fit(a_cohort(survivors), 7)
    assert (model.alpha, model.b) == pytest.approx((alpha, b), abs=6e-4)
    assert model.log_likelihood == pytest.approx(log_likelihood, abs=0.05)
    assert 1000 * model.survival(np.arange(8, 13)) == pytest.approx(np.array(later), rel=0.05)
    still_there = model.expected_months(np.array([7.0]), 5)
    assert 1000 * model.survival(np.array([7]))[0] * still_there[0] == pytest.approx(sum(later), rel=0.03)


# by hand


def test_renewals_are_counted_to_the_end_of_a_month() -> None:
    """Of months 0 to 3: one leaves in the 2nd, one pays until now, one begins in the 3rd; one is to come."""
    stays = Stays(np.array([0, 0, 3, 5]), np.array([2, NEVER, 4, NEVER]))
    known = stays.until(3)
    assert known.renewals(3).tolist() == [1, 3, 0]
    assert known.has_left.tolist() == [True, False, False]
    assert stays.until(4).has_left.tolist() == [True, False, True]
    assert stays.until(1).has_left.tolist() == [False, False]


def test_who_stays_is_ever_likelier_to_stay() -> None:
    """By alpha = 1, b = 2: 2/3 renew once, of them 3/4 again, of them 4/5: of all 2/3, 1/2 and 2/5."""
    model = Renewing(1, 2)
    assert model.survival(np.array([0, 1, 2, 3])) == pytest.approx([1, 2 / 3, 1 / 2, 2 / 5])
    assert model.expected_months(np.array([0.0, 1.0]), 2) == pytest.approx([2 / 3 + 1 / 2, 3 / 4 + 3 / 5])
    # who left at the 2nd renewal: 2/3 less 1/2; who was seen over two: 1/2
    assert np.exp(model._log_likelihoods(np.array([1, 2]), np.array([1, 0]))) == pytest.approx([1 / 6, 1 / 2])


def test_orders_of_one_day_are_one_purchase() -> None:
    """Orders on day 0 of 100 and of 50, day 30 of 200, day 90 of 300; and a customer of one day."""
    days = Days(np.array([1, 1, 1, 2]), np.array([0, 30, 90, 100]), np.array([150.0, 200, 300, 7]))
    known = histories(days, 120)
    assert [known.frequency[0], known.recency[0], known.age[0], known.amount[0]] == [2, 90, 120, 250]
    assert [known.frequency[1], known.recency[1], known.age[1], known.amount[1]] == [0, 0, 20, 0]
    assert len(histories(days, 99)) == 1
    assert len(histories(days, -1)) == 0


def test_who_never_came_back_may_be_gone() -> None:
    """By MBG/NBD with 1 / (1 + 1/3 · 400/100) = 3/7; BG/NBD says 1."""
    once, twice = a_customer(0, 0, 300), a_customer(1, 100, 300)
    assert Purchasing(1, 100, 1, 3, leaves_at_first=False).probability_alive(once)[0] == 1
    assert Purchasing(1, 100, 1, 3, leaves_at_first=False).probability_alive(twice)[0] == pytest.approx(3 / 7)
    assert Purchasing(1, 100, 1, 3, leaves_at_first=True).probability_alive(once)[0] == pytest.approx(3 / 7)
    assert Purchasing(1, 100, 1, 3, leaves_at_first=True).probability_alive(twice)[0] == pytest.approx(1 / 2)


def test_a_customers_mean_is_drawn_towards_everybodys() -> None:
    """4 · (30 + 1 · 50) / (4 · 1 + 3 − 1); nobody known spends 4 · 30 / 2; no mean is negative."""
    model = Spending(p=4, q=3, v=30)
    assert model.expected_amount(a_customer(1, 9, 9, 50))[0] == pytest.approx(320 / 6)
    assert model.expected_amount(a_customer(0, 0, 9))[0] == pytest.approx(60)
    assert model.expected_amount(a_customer(1, 9, 9, -50))[0] == pytest.approx(20)


@pytest.mark.parametrize("leaves_at_first", [False, True])
@pytest.mark.parametrize("frequency", [0, 1, 5, 30])
@pytest.mark.parametrize("time", [30.0, 365.25, 1095.75])
def test_the_mean_over_the_nodes_is_the_closed_form(
    leaves_at_first: bool, frequency: int, time: float
) -> None:
    r, alpha, a, b, age = 0.8, 40.0, 0.7, 2.5, 270.0
    model, known = (
        Purchasing(r, alpha, a, b, leaves_at_first),
        a_customer(frequency, 200 * (frequency > 0), age),
    )
    survived = frequency + leaves_at_first
    form = special.hyp2f1(r + frequency, b + survived, a + b + survived - 1, time / (alpha + age + time))
    closed = (a + b + survived - 1) / (a - 1)
    closed *= 1 - ((alpha + age) / (alpha + age + time)) ** (r + frequency) * form
    expected = model.probability_alive(known)[0] * closed
    assert model.expected_purchases(known, time)[0] == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(
    ("a", "b"), [(0.7, 2.5), (0.0001, 0.004), (0.3, 333), (0.8, 8103), (8103, 8103), (90, 0.02)]
)
def test_the_nodes_are_of_all_chances_also_where_they_are_much_alike(a: float, b: float) -> None:
    """The mean of a beta distribution is a / (a + b), its second moment a (a + 1) / ((a + b) (a + b + 1))."""
    chances, weights = Purchasing(1, 1, a, b, leaves_at_first=False).nodes()
    assert weights.sum() == pytest.approx(1)
    assert weights @ chances == pytest.approx(a / (a + b))
    assert weights @ chances**2 == pytest.approx(a * (a + 1) / ((a + b) * (a + b + 1)))


# what cannot be fitted says so

UNIT, THROUGH = "kiosk", date(2026, 6, 30)


def simulated(customers: int, a: float = 0.6, b: float = 2.0, go_together: bool = False) -> Days:
    """Return what customers buy who leave as MBG/NBD says, over the 500 days up to THROUGH."""
    rows = []
    for customer in range(customers):
        rate, leaving = RANDOM.gamma(1.2, 1 / 40), RANDOM.beta(a, b)
        day, mean = RANDOM.integers(0, 400), 300 / RANDOM.gamma(3.0, 1 / 3)
        bought = {int(day)}
        while RANDOM.random() > leaving and (day := day + RANDOM.exponential(1 / rate)) < 500:
            bought.add(int(day))
        if go_together:
            mean = 100.0 * len(bought)
        rows += [
            (customer, number(THROUGH) - 500 + each, RANDOM.gamma(4, mean / 4)) for each in sorted(bought)
        ]
    customer, day, amount = np.array(rows).T
    return Days(customer.astype(int), day.astype(int), amount)


def test_too_few_customers_are_not_fitted() -> None:
    few = lifetime.fit(simulated(60), THROUGH)
    assert [each.why for each in few] == ["60 customers are too few: 100 are needed"] * 3
    once = lifetime.fit(simulated(200, a=50, b=0.1), THROUGH)
    assert all("came back: 50 are needed" in each.why for each in once)
    assert all(each.parameters == {} and each.error is None for each in few + once)


def test_customers_who_spend_alike_are_fitted_in_any_order() -> None:
    chance = np.random.default_rng(7)
    frequency = chance.integers(1, 6, 250).astype(float)
    amount = 30 + 70 * chance.gamma(frequency * 40) / (frequency * 40)
    found = []
    for turn in range(12):
        order = np.random.default_rng(turn).permutation(250)
        known = Histories(
            np.arange(250), frequency[order], frequency[order] * 10, np.full(250, 100.0), amount[order]
        )
        found.append(Spending.fit(known).log_likelihood)
    assert np.ptp(found) < 1e-4


def subscribed(customers: int, alpha: float = 1.2, b: float = 9.0, months: int = 24) -> Stays:
    """Return stays of who subscribes in the months before July 2026 and leaves as sBG says."""
    last = 2026 * 12 + 5
    first = last - RANDOM.integers(0, months, customers)
    left = first + RANDOM.geometric(RANDOM.beta(alpha, b, customers))
    return Stays(first, np.where(left <= last, left, NEVER))


@pytest.mark.parametrize(
    ("stays", "why"),
    [
        (a_cohort([50, 40], 90), "90 subscribers are too few: 100 are needed"),
        (a_cohort([30, 30], 120), "30 subscribers renewed: 50 are needed"),
        (a_cohort([119, 110], 120), "10 subscribers left: 30 are needed"),
        (a_cohort([9], 9).until(-1), "0 subscribers are too few: 100 are needed"),
    ],
)
def test_too_few_renewals_are_not_fitted(stays: Stays, why: str) -> None:
    fitted = lifetime.fit_renewals(stays, date(1, 1, 1))
    assert (fitted.why, fitted.parameters, fitted.error) == (why, {}, None)


def test_the_last_months_of_renewals_are_held_out_and_foretold() -> None:
    fitted = lifetime.fit_renewals(subscribed(3_000), THROUGH)
    assert fitted.why is None
    assert fitted.held_out_from == date(2026, 1, 1)
    assert fitted.predicted == pytest.approx(fitted.actual, rel=0.05)
    assert 0 < fitted.error < 3
    # a day earlier June is not over, and of May a month less is known
    assert lifetime.fit_renewals(subscribed(3_000), date(2026, 6, 29)).held_out_from == date(2025, 12, 1)
    short = lifetime.fit_renewals(subscribed(2_000, months=2), THROUGH)
    assert (short.why, short.held_out_from) == (None, None)


def test_spending_that_goes_with_buying_is_not_fitted() -> None:
    purchases, staying, spending = lifetime.fit(simulated(600, go_together=True), THROUGH)
    assert purchases.why is None and staying.why is None
    assert "correlated by 0." in spending.why


def test_nobody_who_comes_later_is_no_history() -> None:
    same_day = Histories(*(np.zeros(200) for _ in range(5)))
    with pytest.raises(NotFitted, match="last day"):
        Purchasing.fit(same_day, leaves_at_first=True)


def test_a_part_of_the_history_is_held_out_and_foretold() -> None:
    days = simulated(1_500)
    for each in lifetime.fit(days, THROUGH):
        assert each.why is None
        first = int(days.day.min())
        assert number(each.held_out_from) == number(THROUGH) - round(0.25 * (number(THROUGH) - first)) + 1
        assert each.predicted == pytest.approx(each.actual, rel=0.15)
        assert 0 < each.error < each.actual
    short = Days(days.customer, days.day // 10 + number(THROUGH) * 9 // 10, days.amount)
    assert lifetime.fit(short, THROUGH)[0].held_out_from is None


# versions


@pytest.fixture
def warehouse(built: Built) -> Iterator[None]:
    with databases.made(f"cx_lifetime_{next(NUMBERS)}", built.database):
        ask("delete from predictions.model_fits")
        ask("delete from core.fct_subscription_months")
        yield


def bought(days: Days) -> None:
    """Let a unit's purchase days be these."""
    ask("delete from core.purchase_days")
    rows = [
        f"('c{customer:05}', '{UNIT}', date '1970-01-01' + {day}, 1, {amount:.4f}, 1)"
        for customer, day, amount in zip(days.customer, days.day, days.amount, strict=True)
    ]
    ask("insert into core.purchase_days (customer_key, business_unit_code, purchase_date, purchase_count, "
        f"net_amount, batch_id) values {', '.join(rows)}")  # fmt: skip


def renewed(stays: Stays, through: date = THROUGH) -> None:
    """Let the subscribers of a unit stay so long, as is known with the day THROUGH."""
    ask("delete from core.fct_subscription_months")
    last = through.year * 12 + through.month - 1
    rows = [
        f"('{UNIT}', 's{place}', date '{month // 12}-{month % 12 + 1}-1', {int(month < left)}, 1)"
        for place, (first, left) in enumerate(zip(stays.first.tolist(), stays.left.tolist(), strict=True))
        # the month in which nobody pays any more is the last one
        for month in range(first, min(left, last) + 1)
    ]
    ask("insert into core.fct_subscription_months (business_unit_code, subscriber_key, month_start, "
        f"is_paying_end, batch_id) values {', '.join(rows)}")  # fmt: skip
    known_through(through)


def known_through(day: date) -> None:
    ask("update core.data_through set data_through = %s where process_code = 'subscriptions' "
        "and business_unit_code = %s", day + timedelta(days=1), UNIT)  # fmt: skip


def published(batch_id: int) -> None:
    """Let a batch be the one that is shown, as a publication or a roll-back leaves it."""
    ask("update ops.batches set state = 'published' where batch_id = %s", batch_id)
    ask("update ops.head set batch_id = %s", batch_id)


def versions(model: str = "bg_nbd") -> list[tuple]:
    return ask(
        "select version, is_fitted, is_in_force from predictions.model_fits "
        "where model_code = %s order by version",
        model,
    )


@pytest.mark.server
def test_a_unit_is_fitted_once_a_week_and_keeps_its_version_where_it_fails(warehouse: None) -> None:
    days = simulated(300)
    bought(days)
    batch_id, _ = transform.open_batch()
    assert lifetime.is_due()
    assert lifetime.refit(batch_id) == {"fitted": 3, "not fitted": 0}
    assert not lifetime.is_due()
    assert lifetime.refit(batch_id) == {"fitted": 0, "not fitted": 0}
    assert versions() == [(1, 1, 1)]
    last = int(days.day.max())
    ask(f"insert into core.purchase_days values ('c9', '{UNIT}', date '1970-01-01' + {last + 6}, 1, 5, 1)")
    assert not lifetime.is_due()
    # a week later: whoever is left are too few
    ask("delete from core.purchase_days where customer_key > 'c00050'")
    ask(f"insert into core.purchase_days values ('c1', '{UNIT}', date '1970-01-01' + {last + 7}, 1, 5, 1)")
    assert lifetime.refit(batch_id) == {"fitted": 0, "not fitted": 3}
    assert versions() == [(1, 1, 1), (2, 0, 0)]
    assert "too few" in one(
        "select why from predictions.model_fits where version = 2 and model_code = 'bg_nbd'"
    )
    assert not lifetime.is_due()


@pytest.mark.server
def test_what_a_rejected_batch_learnt_is_forgotten(warehouse: None) -> None:
    bought(simulated(300))
    batch_id, _ = transform.open_batch()
    lifetime.refit(batch_id)
    before = one("select r from predictions.model_fits where model_code = 'bg_nbd'")
    transform._settle(batch_id, "built", None)
    bought(simulated(400))
    ask("insert into core.purchase_days select 'c1', business_unit_code, max(purchase_date) + 9, 1, 5, 1 "
        "from core.purchase_days group by 2")  # fmt: skip
    published(batch_id)
    spoiled, _ = transform.open_batch()
    lifetime.refit(spoiled)
    assert versions() == [(1, 1, 0), (2, 1, 1)]
    transform._settle(spoiled, "rejected", "a test")
    ask("delete from core.purchase_days where customer_key = 'c1'")
    mended, _ = transform.open_batch()
    assert lifetime.is_due()
    lifetime.refit(mended)
    assert versions() == [(1, 1, 1)]
    assert one("select r from predictions.model_fits where model_code = 'bg_nbd'") == before
    assert one("select count(*) from predictions.model_nodes where version = 2") == 0
    assert one("select count(*) from changed.model_fits where batch_id = %s", mended) > 0


@pytest.mark.server
def test_what_a_batch_learnt_that_was_rolled_back_is_forgotten(warehouse: None) -> None:
    days = simulated(300)
    bought(days)
    good, _ = transform.open_batch()
    lifetime.refit(good)
    published(good)
    last = int(days.day.max())
    ask(f"insert into core.purchase_days values ('c9', '{UNIT}', date '1970-01-01' + {last + 7}, 1, 5, 1)")
    bad, _ = transform.open_batch()
    lifetime.refit(bad)
    published(bad)
    assert not lifetime.is_due()
    published(good)
    ask("delete from core.purchase_days where customer_key = 'c9'")
    mended, _ = transform.open_batch()
    assert lifetime.is_due()
    assert lifetime.refit(mended) == {"fitted": 0, "not fitted": 0}
    assert versions() == [(1, 1, 1)]
    assert not lifetime.is_due()
    assert one("select count(*) from changed.model_fits where batch_id = %s", mended) > 0


@pytest.mark.server
def test_a_unit_is_fitted_again_when_somebody_asks(warehouse: None) -> None:
    bought(simulated(300))
    first, _ = transform.open_batch()
    lifetime.refit(first)
    published(first)
    assert not lifetime.is_due()
    assert command.main(["refit", UNIT]).startswith(f"The next build fits the models of {UNIT} anew")
    rejected, _ = transform.open_batch()
    assert lifetime.is_due()
    assert lifetime.refit(rejected) == {"fitted": 3, "not fitted": 0}
    assert versions() == [(1, 1, 0), (2, 1, 1)]
    assert not lifetime.is_due()
    # what was asked is not answered by a batch that nobody sees
    transform._settle(rejected, "rejected", "a test")
    second, _ = transform.open_batch()
    assert lifetime.is_due()
    assert lifetime.refit(second) == {"fitted": 3, "not fitted": 0}
    assert versions() == [(1, 1, 0), (2, 1, 1)]
    published(second)
    assert not lifetime.is_due()
    assert one("select count(*) from predictions.model_nodes where version > 2") == 0


@pytest.mark.server
def test_renewals_are_fitted_in_their_own_week_and_forgotten_with_their_batch(warehouse: None) -> None:
    stays = subscribed(400)
    bought(simulated(300))
    renewed(stays)
    good, _ = transform.open_batch()
    assert lifetime.refit(good) == {"fitted": 4, "not fitted": 0}
    fitted = lifetime.fit_renewals(stays, THROUGH)
    assert ask(
        "select alpha::float8, b::float8, log_likelihood::float8, fitted_through, customer_count, "
        "repeat_customer_count, held_out_from, held_out_count, mean_absolute_error::float8 "
        "from predictions.model_fits where model_code = 'sbg'"
    ) == [(
        fitted.parameters["alpha"], fitted.parameters["b"],
        pytest.approx(fitted.parameters["log_likelihood"], abs=1e-4), THROUGH, fitted.customers,
        fitted.repeated, fitted.held_out_from, fitted.held_out, pytest.approx(fitted.error, abs=1e-4),
    )]  # fmt: skip
    published(good)
    assert not lifetime.is_due()
    known_through(THROUGH + timedelta(days=6))
    assert not lifetime.is_due()
    # a week later the renewals are fitted again, and the purchases are not
    known_through(THROUGH + timedelta(days=7))
    bad, _ = transform.open_batch()
    assert lifetime.refit(bad) == {"fitted": 1, "not fitted": 0}
    assert (versions("sbg"), versions()) == ([(1, 1, 0), (2, 1, 1)], [(1, 1, 1)])
    # that is forgotten with its batch, and too few leave the version before in force
    transform._settle(bad, "rejected", "a test")
    ask("delete from core.fct_subscription_months where subscriber_key > 's15'")
    mended, _ = transform.open_batch()
    assert lifetime.refit(mended) == {"fitted": 0, "not fitted": 1}
    assert versions("sbg") == [(1, 1, 1), (2, 0, 0)]
    published(mended)
    # who asks for the unit asks for both
    command.main(["refit", UNIT])
    asked, _ = transform.open_batch()
    assert lifetime.refit(asked) == {"fitted": 3, "not fitted": 1}
    assert not lifetime.is_due()


@pytest.mark.server
def test_who_sells_anything_but_subscriptions_has_no_renewals(warehouse: None) -> None:
    bought(simulated(300))
    renewed(subscribed(400))
    ask("update core.dim_business_unit set business_type_code = 'shop' where business_unit_code = %s", UNIT)
    batch_id, _ = transform.open_batch()
    assert lifetime.refit(batch_id) == {"fitted": 3, "not fitted": 0}


@pytest.mark.server
def test_a_stay_ends_where_somebody_first_pays_no_more(warehouse: None) -> None:
    """One comes back, one never pays over the end of a month, and July is not over."""
    stays = Stays(np.array([24317, 24312, 24316]), np.array([NEVER, 24315, NEVER]))
    renewed(stays, date(2026, 7, 15))
    ask("insert into core.fct_subscription_months (business_unit_code, subscriber_key, month_start, "
        f"is_paying_end, batch_id) values ('{UNIT}', 's1', date '2026-05-01', 1, 1), "
        f"('{UNIT}', 's1', date '2026-06-01', 0, 1), ('{UNIT}', 's3', date '2026-05-01', 0, 1), "
        f"('{UNIT}', 's4', date '2026-07-01', 1, 1)")  # fmt: skip
    with connected.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        found = lifetime._stays(cursor, UNIT, date(2026, 7, 15))
    assert sorted(zip(found.first.tolist(), found.left.tolist(), strict=True)) == [
        (24312, 24315), (24316, NEVER), (24317, NEVER)
    ]  # fmt: skip


@pytest.mark.server
def test_lifetimes_of_subscriptions_are_what_the_model_says(warehouse: None, built: Built) -> None:
    stays = subscribed(400)
    renewed(stays)
    batch_id, _ = transform.open_batch()
    lifetime.refit(batch_id)
    fitted = lifetime.fit_renewals(stays, THROUGH).parameters
    share = Renewing(**fitted).survival(np.arange(36)) * 1.1 ** (-np.arange(36) / 12)
    (model,) = [each for each in built.models if each.name == "subscription_lifetimes"]
    columns = "discounted_months_12m, discounted_months_24m, discounted_months_36m"
    [found] = ask(f"select {columns} from ({model.whole}) as lifetimes")
    expected = [share[:12].sum(), share[:24].sum(), share.sum()]
    assert [float(value) for value in found] == pytest.approx(expected, abs=1e-8)


@pytest.mark.server
def test_a_unit_that_cannot_be_asked_of_is_told_why(warehouse: None) -> None:
    bought(simulated(10))
    for arguments, said in (
        (["refit", "nowhere"], f"nobody has bought in a unit 'nowhere': there are {UNIT}"),
        (["refit"], "usage:"),
        (["forget", UNIT], "usage:"),
    ):
        with pytest.raises(lifetime.NotAsked, match=said):
            command.main(arguments)
    ask("delete from core.purchase_days")
    with pytest.raises(lifetime.NotAsked, match="there are none"):
        command.main(["refit", UNIT])
    ask("drop table core.purchase_days cascade")
    with pytest.raises(lifetime.NotAsked, match="nothing has been built yet"):
        command.main(["refit", UNIT])


@pytest.mark.server
def test_scores_are_what_the_models_say(warehouse: None, built: Built) -> None:
    days = simulated(400)
    bought(days)
    batch_id, _ = transform.open_batch()
    lifetime.refit(batch_id)
    last = one("select fitted_through from predictions.model_fits where model_code = 'bg_nbd'")
    (model,) = [each for each in built.models if each.name == "lifetime_scores"]
    scores = ask(
        "select repeat_count, recency_days, age_days, mean_repeat_amount, probability_alive, "
        f"expected_purchases_12m, expected_amount, value_12m from ({model.whole}) as scores "
        "order by customer_key"
    )
    known = histories(days, number(last))
    purchases, staying, spending = lifetime.fit(days, last)
    buys = Purchasing(**purchases.parameters, leaves_at_first=False)
    expected = np.stack([
        known.frequency, known.recency, known.age, known.amount,
        Purchasing(**staying.parameters, leaves_at_first=True).probability_alive(known),
        buys.expected_purchases(known, 365.25), Spending(**spending.parameters).expected_amount(known),
    ]).T  # fmt: skip
    found = np.array([[float(value or 0) for value in row] for row in scores])
    assert found[:, :7] == pytest.approx(expected, rel=1e-6, abs=1e-4)
    month, value = 365.25 / 12, np.zeros(len(known))
    for each in range(1, 13):
        bought_then = buys.expected_purchases(known, each * month) - buys.expected_purchases(
            known, (each - 1) * month
        )
        value += bought_then * 1.1 ** (-each / 12)
    assert found[:, 7] == pytest.approx(value * expected[:, 6], rel=1e-4, abs=1e-2)
