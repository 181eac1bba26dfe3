{{ config(
    unique_key=['customer_key', 'business_unit_code'],
    dirty_from={
        'purchase_days': 'select customer_key, business_unit_code from {changed}',
        'model_fits': "select t.customer_key, t.business_unit_code from {this} as t inner join {changed}"
            ~ " on t.business_unit_code = changed_rows.business_unit_code",
        'dim_business_unit': "select t.customer_key, t.business_unit_code from {this} as t inner join {changed}"
            ~ " on t.business_unit_code = changed_rows.business_unit_code",
    },
    indexes=[{'columns': ['business_unit_code']}],
) }}

{%- set horizons = [12, 24, 36] %}
{%- set withstood = 'repeats.repeat_count * ln(1 - nodes.chance)' %}
{%- set growth = 'nodes.chance * months.days / known.prior_days' %}

with days as (
    select
        customer_key,
        business_unit_code,
        purchase_date,
        net_amount,
        row_number() over (partition by customer_key, business_unit_code order by purchase_date) as day_number
    from {{ ref('purchase_days') }} as purchase_days
    where {{ is_dirty('purchase_days') }}
),

histories as (
    select
        customer_key,
        business_unit_code,
        min(purchase_date) as first_purchase_date,
        max(purchase_date) as last_purchase_date,
        count(*) - 1 as repeat_count,
        sum(net_amount) as net_amount,
        sum(case when day_number > 1 then net_amount else 0 end) as repeated_amount
    from days
    group by customer_key, business_unit_code
),

buying as (
    select * from {{ source('predictions', 'model_fits') }} where model_code = 'bg_nbd' and is_in_force = 1
),

staying as (
    select * from {{ source('predictions', 'model_fits') }} where model_code = 'mbg_nbd' and is_in_force = 1
),

spending as (
    select * from {{ source('predictions', 'model_fits') }} where model_code = 'gamma_gamma' and is_in_force = 1
),

aged as (
    select
        histories.*,
        last_purchase_date - first_purchase_date as recency_days,
        as_of_date - first_purchase_date as age_days
    from (
        select
            histories.*,
            {# of who bought since the models were fitted, everything is known up to that purchase at least #}
            case
                when buying.fitted_through is not null or staying.fitted_through is not null
                    then greatest(buying.fitted_through, staying.fitted_through, histories.last_purchase_date)
            end as as_of_date,
            case
                when histories.repeat_count > 0
                    then greatest({{ ratio('histories.repeated_amount', 'histories.repeat_count') }}, 0)
            end as mean_repeat_amount
        from histories
        left join buying on buying.business_unit_code = histories.business_unit_code
        left join staying on staying.business_unit_code = histories.business_unit_code
    ) as histories
),

months as {{ computed_once() }} (
    {#
        What is bought in a month is worth what it is worth today: of purchases foretold up to the end of each
        month, the sum of the months' own is the sum of these weights times them.
    #}
    select
        month_number,
        month_number * 365.25 / 12 as days
        {%- for horizon in horizons %},
        case
            when month_number < {{ horizon }}
                then {{ worth_after('month_number') }} - {{ worth_after('month_number + 1') }}
            when month_number = {{ horizon }} then {{ worth_after('month_number') }}
            else 0
        end as weight_{{ horizon }}m
        {%- endfor %}
    from (select cast(number as double precision) as month_number from {{ number_series(1, horizons | last) }}) as months
),

known as {{ computed_once() }} (
    select
        aged.business_unit_code,
        aged.repeat_count,
        aged.age_days,
        cast(buying.r + aged.repeat_count as double precision) as prior_purchases,
        cast(buying.alpha + aged.age_days as double precision) as prior_days
    from aged
    inner join buying on buying.business_unit_code = aged.business_unit_code
    group by aged.business_unit_code, aged.repeat_count, aged.age_days, buying.r, buying.alpha
),

nodes as {{ computed_once() }} (
    {# a chance of leaving that has been withstood often weighs less #}
    select
        repeats.business_unit_code,
        repeats.repeat_count,
        nodes.chance,
        nodes.weight * {{ exp_within(withstood) }} / sum(nodes.weight * {{ exp_within(withstood) }}) over (
            partition by repeats.business_unit_code, repeats.repeat_count
        ) as weight
    from (select distinct business_unit_code, repeat_count from known) as repeats
    inner join buying on buying.business_unit_code = repeats.business_unit_code
    inner join {{ source('predictions', 'model_nodes') }} as nodes
        on nodes.business_unit_code = buying.business_unit_code
        and nodes.model_code = buying.model_code
        and nodes.version = buying.version
),

outlooks as (
    {#
        What somebody who is still there goes on to buy depends on how often and since when they bought: the
        mean over the chances of leaving, in whose place stand the nodes of the fit.
    #}
    select
        known.business_unit_code,
        known.repeat_count,
        known.age_days,
        sum(case when months.month_number = 12 then terms.bought else 0 end) as purchases_12m
        {%- for horizon in horizons %},
        sum(months.weight_{{ horizon }}m * terms.bought) as discounted_{{ horizon }}m
        {%- endfor %}
    from known
    inner join nodes
        on nodes.business_unit_code = known.business_unit_code
        and nodes.repeat_count = known.repeat_count
    cross join months
    cross join lateral (
        {# next to no chance of leaving: the limit, which a float would lose #}
        select nodes.weight / nodes.chance * case
            when {{ growth }} < 1e-9 then known.prior_purchases * {{ growth }}
            else 1 - {{ exp_within('-known.prior_purchases * ln(1 + ' ~ growth ~ ')') }}
        end as bought
    ) as terms
    group by known.business_unit_code, known.repeat_count, known.age_days
),

chances as (
    select
        aged.*,
        {# BG/NBD: who bought once is there for sure #}
        case
            when aged.repeat_count > 0 then {{ probability_of_staying('buying', 'buying.b + aged.repeat_count - 1') }}
            else 1
        end as probability_buying,
        case
            when staying.version is not null then {{ probability_of_staying('staying', 'staying.b + aged.repeat_count') }}
        end as probability_alive,
        buying.version as purchase_model_version,
        staying.version as alive_model_version,
        spending.version as spending_model_version,
        spending.p * (spending.v + aged.repeat_count * coalesce(aged.mean_repeat_amount, 0))
            / (spending.p * aged.repeat_count + spending.q - 1) as expected_amount
    from aged
    left join buying on buying.business_unit_code = aged.business_unit_code
    left join staying on staying.business_unit_code = aged.business_unit_code
    left join spending on spending.business_unit_code = aged.business_unit_code
),

scores as (
    {# rounded before they are multiplied: the last digits of a float depend on the order in which it was summed #}
    select
        chances.*,
        cast(round(cast(chances.probability_alive as numeric), 6) as numeric(9, 6)) as rounded_alive,
        cast(round(chances.expected_amount, 4) as numeric(18, 4)) as rounded_amount,
        round(cast(chances.probability_buying * outlooks.purchases_12m as numeric), 6) as purchases_12m
        {%- for horizon in horizons %},
        round(cast(chances.probability_buying * outlooks.discounted_{{ horizon }}m as numeric), 6) as discounted_{{ horizon }}m
        {%- endfor %}
    from chances
    left join outlooks
        on outlooks.business_unit_code = chances.business_unit_code
        and outlooks.repeat_count = chances.repeat_count
        and outlooks.age_days = chances.age_days
)

select
    scores.customer_key,
    scores.business_unit_code,
    scores.first_purchase_date,
    scores.last_purchase_date,
    scores.as_of_date,
    scores.repeat_count,
    scores.recency_days,
    scores.age_days,
    scores.net_amount,
    round(scores.mean_repeat_amount, 4) as mean_repeat_amount,
    units.currency,
    scores.rounded_alive as probability_alive,
    scores.purchases_12m as expected_purchases_12m,
    scores.rounded_amount as expected_amount
    {%- for horizon in horizons %},
    round(scores.discounted_{{ horizon }}m * scores.rounded_amount, 4) as value_{{ horizon }}m
    {%- endfor %},
    scores.purchase_model_version,
    scores.alive_model_version,
    scores.spending_model_version
from scores
left join {{ ref('dim_business_unit') }} as units on units.business_unit_code = scores.business_unit_code
