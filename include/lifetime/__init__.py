"""What a customer is worth: models fitted from `core`, kept in `predictions` with their version and error.

`refit` fits, for each business unit that is due, how often customers buy (BG/NBD), whether they still do
(MBG/NBD) and what they spend (Gamma-Gamma), and, of whoever sells subscriptions, how long they are renewed
(sBG); it first foretells with each a part of the history that it was not shown. Nothing here says what one
customer is worth: the models of `predictions` do, from the parameters, for those who changed. A unit that
cannot be fitted says why and keeps the version that it had; that never stops a build. Running it twice in a
batch fits once.

A fit belongs to the batch that made it: where that batch is not published, or is rolled back, what it
learnt is forgotten with it, and the next build fits anew. `python -m include.lifetime refit UNIT` has the
next build fit a unit that is not due.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial

import numpy as np
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from include import warehouse
from include.lifetime.histories import Days, Histories, Numbers, histories
from include.lifetime.purchasing import NotFitted, Purchasing
from include.lifetime.renewing import NEVER, Renewing, Stays
from include.lifetime.spending import Spending, correlation, repeated

log = logging.getLogger(__name__)

EVERY = 7
"""Days of data after which a unit is fitted anew."""
ENOUGH, ENOUGH_REPEATED = 100, 50
"""So many customers, and so many who came back, or their parameters say nothing."""
ENOUGH_LEFT = 30
"""So many subscribers who left, or how they leave is not told."""
HELD_OUT, AT_LEAST, AT_MOST = 0.25, 28, 182
"""The share of the history that is held out, in days at least and at most."""
AT_MOST_MONTHS = 6
"""The same of renewals, of which one is the least."""

EPOCH = date(1970, 1, 1)

_TABLES = """
create table if not exists predictions.model_fits (
    business_unit_code varchar(64) not null,
    model_code varchar(16) not null,
    version integer not null,
    batch_id bigint not null,
    fitted_through date not null,
    is_fitted smallint not null,
    is_in_force smallint not null,
    why varchar(500),
    customer_count integer not null,
    repeat_customer_count integer not null,
    correlation numeric(9, 6),
    r numeric, alpha numeric, a numeric, b numeric,
    p numeric, q numeric, v numeric,
    log_likelihood numeric(18, 4),
    held_out_from date,
    held_out_count integer,
    mean_absolute_error numeric(18, 4),
    predicted_total numeric(18, 4),
    actual_total numeric(18, 4),
    primary key (business_unit_code, model_code, version)
);
create table if not exists predictions.model_nodes (
    business_unit_code varchar(64) not null,
    model_code varchar(16) not null,
    version integer not null,
    node_number integer not null,
    chance double precision not null,
    weight double precision not null,
    primary key (business_unit_code, model_code, version, node_number)
);
create table if not exists predictions.asked_fits (
    business_unit_code varchar(64) primary key,
    batch_id bigint
);
create table if not exists changed.model_fits (
    batch_id bigint not null,
    op "char" not null,
    business_unit_code varchar(64) not null
);
create index if not exists model_fits__batch on changed.model_fits (batch_id);
"""

_IS_UNPUBLISHED = "batch_id > (select ops.head_batch()) and batch_id < (select ops.current_batch())"
"""Of a batch that was rejected or abandoned, or that a roll-back left behind: not of the one being built."""

_SELLS_SUBSCRIPTIONS = """(
    exists (
        select from core.dim_business_unit as sellers
        where sellers.business_unit_code = {0} and sellers.business_type_code = 'saas'
    )
    and exists (
        select from core.fct_subscription_months as sold where sold.business_unit_code = {0}
    )
)"""

_DUE = f"""
with known as (
    select
        units.business_unit_code,
        'purchases' as family,
        -- the day of a batch is not over; where none is open, the last one's stands for it
        least(bought.day, (
            select (opened_at at time zone units.time_zone)::date - 1
            from ops.batches order by batch_id desc limit 1
        )) as through
    from core.dim_business_unit as units
    cross join lateral (
        select max(days.purchase_date) as day from core.purchase_days as days
        where days.business_unit_code = units.business_unit_code
    ) as bought
    where bought.day is not null
    union all
    select days.business_unit_code, 'renewals' as family, days.data_through - 1 as through
    from core.data_through as days
    where days.process_code = 'subscriptions' and {_SELLS_SUBSCRIPTIONS.format("days.business_unit_code")}
),
fitted as (
    select
        fits.business_unit_code,
        case when fits.model_code = 'sbg' then 'renewals' else 'purchases' end as family,
        max(fits.fitted_through) as through
    from predictions.model_fits as fits
    group by 1, 2
)
select known.business_unit_code, known.family, known.through
from known
left join fitted on fitted.business_unit_code = known.business_unit_code and fitted.family = known.family
where fitted.through is null or known.through >= fitted.through + %s
    or known.business_unit_code in (
        select business_unit_code from predictions.asked_fits where batch_id is null or {_IS_UNPUBLISHED}
    )
order by known.business_unit_code, known.family
"""

_STAYS = """
with months as (
    select
        months.subscriber_key,
        months.is_paying_end,
        extract(year from months.month_start)::integer * 12 + extract(month from months.month_start)::integer
            - 1 as month,
        min(months.month_start) filter (where months.is_paying_end = 1)
            over (partition by months.subscriber_key) as first_start,
        months.month_start
    from core.fct_subscription_months as months
    where months.business_unit_code = %(unit)s and months.month_start + interval '1 month' <= %(through)s + 1
)
select
    min(month) filter (where month_start = first_start),
    coalesce(min(month) filter (where month_start > first_start and is_paying_end = 0), %(never)s)
from months
where first_start is not null
group by subscriber_key
order by 1, 2
"""


class NotAsked(Exception):
    """A unit cannot be fitted anew; the message says why."""


@dataclass(frozen=True)
class Fit:
    """What came of fitting a model on a unit."""

    model_code: str
    why: str | None = None
    """Why there is none; None where there is."""
    parameters: dict[str, float] = field(default_factory=dict)
    nodes: tuple[tuple[float, float], ...] = ()
    customers: int = 0
    repeated: int = 0
    correlation: float | None = None
    held_out_from: date | None = None
    held_out: int | None = None
    error: float | None = None
    predicted: float | None = None
    actual: float | None = None


def prepare() -> None:
    """Make the tables of the fits; running it again changes nothing."""
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        cursor.execute(_TABLES)


def is_due() -> bool:
    """Return whether a unit waits for the open batch to fit it, by what `core` held after the last build."""
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select to_regclass('core.purchase_days') is null "
            f"or exists (select from predictions.model_fits where {_IS_UNPUBLISHED})"
        )
        return cursor.fetchone()[0] or bool(_due(cursor))


def refit(batch_id: int) -> dict[str, int]:
    """Fit the units that are due; return how many models were fitted, and how many could not be."""
    counts = {"fitted": 0, "not fitted": 0}
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        _forget_unpublished(cursor, batch_id)
        for unit, family, through in _due(cursor):
            if family == "renewals":
                fits = [fit_renewals(_stays(cursor, unit, through), through)]
            else:
                fits = fit(_days(cursor, unit), through)
            store(cursor, batch_id, unit, through, fits)
            cursor.execute(
                "update predictions.asked_fits set batch_id = %s where business_unit_code = %s",
                (batch_id, unit),
            )
            for each in fits:
                counts["not fitted" if each.why else "fitted"] += 1
                log.log(
                    logging.WARNING if each.why else logging.INFO,
                    "%s of %s: %s", each.model_code, unit, each.why or each.parameters,
                )  # fmt: skip
    return counts


def ask(unit: str) -> str:
    """Have the next build fit a unit, due or not; return what was done, for a person.

    Raises:
        NotAsked: there is no such unit, or nothing to fit it on.
    """
    prepare()
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('core.purchase_days') is null")
        if cursor.fetchone()[0]:
            raise NotAsked("nothing has been built yet: the first build fits every unit")
        cursor.execute(
            "select units.business_unit_code from core.dim_business_unit as units where exists (select from "
            "core.purchase_days as days where days.business_unit_code = units.business_unit_code) "
            f"or {_SELLS_SUBSCRIPTIONS.format('units.business_unit_code')} order by 1"
        )
        units = [code for (code,) in cursor.fetchall()]
        if unit not in units:
            raise NotAsked(f"nobody has bought in a unit {unit!r}: there are {', '.join(units) or 'none'}")
        cursor.execute(
            "insert into predictions.asked_fits (business_unit_code) values (%s) "
            "on conflict (business_unit_code) do update set batch_id = null",
            (unit,),
        )
    return f"The next build fits the models of {unit} anew; the versions before are kept."


def _due(cursor: Cursor) -> list[tuple[str, str, date]]:
    """Return the units that are due, with what of them is: purchases, or renewals; and through which day."""
    cursor.execute(_DUE, (EVERY,))
    return cursor.fetchall()


def _forget_unpublished(cursor: Cursor, batch_id: int) -> None:
    cursor.execute(f"delete from predictions.model_fits where {_IS_UNPUBLISHED} returning business_unit_code")
    units = sorted({unit for (unit,) in cursor.fetchall()})
    cursor.execute(
        "delete from predictions.model_nodes as nodes where not exists (select from predictions.model_fits "
        "as fits where (fits.business_unit_code, fits.model_code, fits.version) "
        "= (nodes.business_unit_code, nodes.model_code, nodes.version))"
    )
    for unit in units:
        _choose(cursor, batch_id, unit)


def _choose(cursor: Cursor, batch_id: int, unit: str) -> None:
    """Let the youngest version that was fitted be in force, and log that the unit's has changed."""
    cursor.execute(
        "update predictions.model_fits as fits set is_in_force = wanted.is_in_force "
        "from (select business_unit_code, model_code, version, case when is_fitted = 1 and version = "
        "max(version) filter (where is_fitted = 1) over (partition by model_code) then 1 else 0 end "
        "as is_in_force from predictions.model_fits where business_unit_code = %s) as wanted "
        "where (fits.business_unit_code, fits.model_code, fits.version) "
        "= (wanted.business_unit_code, wanted.model_code, wanted.version) "
        "and fits.is_in_force <> wanted.is_in_force",
        (unit,),
    )
    cursor.execute("insert into changed.model_fits values (%s, 'u', %s)", (batch_id, unit))


def _days(cursor: Cursor, unit: str) -> Days:
    cursor.execute(
        "select dense_rank() over (order by customer_key), purchase_date - date '1970-01-01', "
        "net_amount::double precision from core.purchase_days where business_unit_code = %s "
        "order by customer_key, purchase_date",
        (unit,),
    )
    rows = np.array(cursor.fetchall(), dtype=float).reshape(-1, 3)
    return Days(rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64), rows[:, 2])


def _stays(cursor: Cursor, unit: str, through: date) -> Stays:
    cursor.execute(_STAYS, {"unit": unit, "through": through, "never": NEVER})
    rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    return Stays(rows[:, 0], rows[:, 1])


def store(cursor: Cursor, batch_id: int, unit: str, through: date, fits: list[Fit]) -> None:
    """Keep what came of fitting a unit, under the next version of each model."""
    parameters = ("r", "alpha", "a", "b", "p", "q", "v", "log_likelihood")
    for each in fits:
        cursor.execute(
            "select coalesce(max(version), 0) + 1 from predictions.model_fits "
            "where business_unit_code = %s and model_code = %s",
            (unit, each.model_code),
        )
        version = cursor.fetchone()[0]
        execute_values(
            cursor,
            "insert into predictions.model_fits (business_unit_code, model_code, version, batch_id, "
            "fitted_through, is_fitted, is_in_force, why, customer_count, repeat_customer_count, "
            f"correlation, {', '.join(parameters)}, held_out_from, held_out_count, mean_absolute_error, "
            "predicted_total, actual_total) values %s",
            [(
                unit, each.model_code, version, batch_id, through, int(not each.why), 0,
                each.why and each.why[:500], each.customers, each.repeated, each.correlation,
                *(each.parameters.get(name) for name in parameters),
                each.held_out_from, each.held_out, each.error, each.predicted, each.actual,
            )],
        )  # fmt: skip
        execute_values(
            cursor,
            "insert into predictions.model_nodes values %s",
            [(unit, each.model_code, version, n, *node) for n, node in enumerate(each.nodes, 1)],
        )
    _choose(cursor, batch_id, unit)


def fit(days: Days, through: date) -> list[Fit]:
    """Fit the three models on the purchase days of a unit up to and with a day."""
    last = (through - EPOCH).days
    known = histories(days, last)
    went_together = correlation(known)
    about = Fit(
        "", customers=len(known), repeated=int((known.frequency > 0).sum()),
        correlation=went_together if np.isfinite(went_together) else None,
    )  # fmt: skip
    return [
        _fitted(
            replace(about, model_code=model.code),
            partial(_made, model, known),
            partial(_purchases_held_out, model, days, last),
        )
        for model in MODELS
    ]


def fit_renewals(stays: Stays, through: date) -> Fit:
    """Fit how long subscriptions of a unit are renewed, on the months that ended by a day."""
    last = _month(through + timedelta(days=1)) - 1
    known = stays.until(last)
    about = Fit("sbg", customers=len(known), repeated=int((known.renewals(last) > 0).sum()))
    return _fitted(about, partial(_renewing, known, last), partial(_renewals_held_out, known, last))


def _month(day: date) -> int:
    """Return the number of the month that a day lies in."""
    return day.year * 12 + day.month - 1


def _fitted(
    about: Fit,
    make: Callable[[], "Purchasing | Spending | Renewing"],
    hold_out: Callable[[], "HeldOut | None"],
) -> Fit:
    try:
        made = make()
        values = {name: value for name, value in vars(made).items() if name != "leaves_at_first"}
        nodes = made.nodes() if isinstance(made, Purchasing) else ()
    except NotFitted as reason:
        return replace(about, why=str(reason))
    except (ArithmeticError, ValueError) as error:
        # a number that the library chokes on must not stop everybody's publication
        log.exception("%s", about.model_code)
        return replace(about, why=f"the fit broke off: {error}")
    nodes = tuple(zip(*(each.tolist() for each in nodes), strict=True))
    return replace(about, parameters=values, nodes=nodes, **_error(hold_out))


def _made(model: "Model", known: Histories) -> Purchasing | Spending:
    _require(known)
    return model.make(known)


def _renewing(known: Stays, month: int) -> Renewing:
    """Return the model of stays as they are known at the end of a month.

    Raises:
        NotFitted: too few subscribed, renewed or left.
    """
    for count, what, enough in (
        (len(known), "subscribers are too few", ENOUGH),
        (int((known.renewals(month) > 0).sum()), "subscribers renewed", ENOUGH_REPEATED),
        (int(known.has_left.sum()), "subscribers left", ENOUGH_LEFT),
    ):
        if count < enough:
            raise NotFitted(f"{count} {what}: {enough} are needed")
    return Renewing.fit(known, month)


def _require(known: Histories) -> None:
    """Refuse too few customers.

    Raises:
        NotFitted: there are too few, or too few of them came back.
    """
    if len(known) < ENOUGH:
        raise NotFitted(f"{len(known)} customers are too few: {ENOUGH} are needed")
    came_back = len(repeated(known))
    if came_back < ENOUGH_REPEATED:
        raise NotFitted(f"{came_back} customers came back: {ENOUGH_REPEATED} are needed")


@dataclass(frozen=True)
class HeldOut:
    """What a model of the first part of a history says of the rest, and what came, by customer."""

    since: date
    weights: Numbers
    predicted: Numbers
    actual: Numbers


def _error(hold_out: Callable[[], HeldOut | None]) -> dict:
    """Return how far a model of the first part of a history is off the rest; nothing where none can say."""
    try:
        held_out = hold_out()
    except (ArithmeticError, ValueError) as reason:
        log.info("nothing was held out: %s", reason)
        return {}
    if held_out is None or not len(held_out.actual) or not np.isfinite(held_out.predicted).all():
        return {}
    return {
        "held_out_from": held_out.since,
        "held_out": len(held_out.actual),
        "error": float(np.mean(np.abs(held_out.predicted - held_out.actual))),
        "predicted": float(held_out.weights @ held_out.predicted),
        "actual": float(held_out.weights @ held_out.actual),
    }


def _purchases_held_out(model: "Model", days: Days, last: int) -> HeldOut | None:
    split = _split(days, last)
    if split is None:
        return None
    shown = histories(days, split)
    foretold = model.foretell(_made(model, shown), shown, days, split, last)
    return HeldOut(EPOCH + timedelta(days=split + 1), *foretold)


def _renewals_held_out(known: Stays, last: int) -> HeldOut | None:
    """Return for how many of the last months each pays who paid before them."""
    months = min(round(HELD_OUT * (last - int(known.first.min()))), AT_MOST_MONTHS)
    if months < 1:
        return None
    split = last - months
    shown = known.until(split)
    model = _renewing(shown, split)
    stay = ~shown.has_left
    renewals = shown.renewals(split)[stay]
    paid = known.renewals(last)[known.first <= split][stay] - renewals
    since = date((split + 1) // 12, (split + 1) % 12 + 1, 1)
    return HeldOut(since, np.ones(len(paid)), model.expected_months(renewals, months), paid)


def _split(days: Days, last: int) -> int | None:
    """Return the last day that is shown to who foretells the others; None for too short a history."""
    known = days.until(last)
    span = last - int(known.day.min()) if len(known.day) else 0
    held_out = min(round(HELD_OUT * span), AT_MOST)
    return last - held_out if held_out >= AT_LEAST else None


def _later(shown: Histories, days: Days, split: int, last: int) -> tuple[Numbers, Numbers]:
    """Return how often the customers who were shown bought afterwards, and for how much in all."""
    later = days.until(last).after(split)
    place = np.searchsorted(shown.customer, later.customer)
    place = np.minimum(place, len(shown) - 1)
    met = shown.customer[place] == later.customer
    return (
        np.bincount(place[met], minlength=len(shown)).astype(float),
        np.bincount(place[met], weights=later.amount[met], minlength=len(shown)),
    )


def _purchases(
    model: Purchasing, shown: Histories, days: Days, split: int, last: int
) -> tuple[Numbers, Numbers, Numbers]:
    bought, _ = _later(shown, days, split, last)
    return np.ones(len(shown)), model.expected_purchases(shown, last - split), bought


def _amounts(
    model: Spending, shown: Histories, days: Days, split: int, last: int
) -> tuple[Numbers, Numbers, Numbers]:
    bought, spent = _later(shown, days, split, last)
    again = bought > 0
    return bought[again], model.expected_amount(shown)[again], spent[again] / bought[again]


@dataclass(frozen=True)
class Model:
    """How a model is made of histories, and what it foretells of the days that were held out."""

    code: str
    make: Callable[[Histories], Purchasing | Spending]
    foretell: Callable[..., tuple[Numbers, Numbers, Numbers]]
    """Given the model, who was shown, the days, and the two last days: weights, foretold, actual."""


MODELS = (
    Model("bg_nbd", partial(Purchasing.fit, leaves_at_first=False), _purchases),
    Model("mbg_nbd", partial(Purchasing.fit, leaves_at_first=True), _purchases),
    Model("gamma_gamma", Spending.fit, _amounts),
)
