{# where a shop's own first day moves, from which a launch is told, every period is dirty #}
{% set grains = ['month', 'quarter'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'product_launches': periods_of('first_seen_date', grains)
            ~ " union select p.period_grain_code, p.period_start from core.dim_period as p"
            ~ " where p.period_grain_code in ('month', 'quarter') and exists (select 1 from {changed}"
            ~ " where changed_rows.first_seen_date <= coalesce((select min(l.first_seen_date) from core.product_launches as l"
            ~ " where l.business_unit_code = changed_rows.business_unit_code), changed_rows.first_seen_date))",
        'product_purchases': periods_of('order_date', grains, after=60),
        'activity': periods_of('activity_date', grains, after=60),
        'purchases': periods_of('a.activity_date', grains, after=60, of=
            "(select customer_key, business_unit_code from {changed}"
            ~ " group by 1, 2 having count(distinct first_order_date) > 1) as b"
            ~ " inner join core.activity as a on a.customer_key = b.customer_key"
            ~ " and a.business_unit_code = b.business_unit_code"),
    },
) }}

{% set trial_days = 60 %}
{% set unknown_days = 90 %}

with launches as (
    {# what was there when the shop's data begin is nobody's news #}
    select
        periods.period_grain_code,
        periods.period_start,
        products.business_unit_code,
        products.product_code,
        products.first_seen_date as launch_date
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('product_launches') }} as products
        on products.first_seen_date >= periods.period_start
        and products.first_seen_date < periods.period_end
    inner join (
        select business_unit_code, min(first_seen_date) as first_date
        from {{ ref('product_launches') }}
        group by business_unit_code
    ) as shops
        on shops.business_unit_code = products.business_unit_code
        and products.first_seen_date > {{ add_days('shops.first_date', unknown_days) }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and {{ is_dirty('periods') }}
),

windows as (
    select period_grain_code, period_start, business_unit_code, launch_date, count(*) as product_count
    from launches
    group by period_grain_code, period_start, business_unit_code, launch_date
),

buyers as (
    {# both groups bought something within the window: the question is only whether it was what is new #}
    select
        windows.period_grain_code,
        windows.period_start,
        windows.business_unit_code,
        windows.launch_date,
        windows.product_count,
        activity.customer_key,
        max(case when purchases.first_order_date < windows.launch_date then 1 else 0 end) as is_existing
    from windows
    inner join {{ ref('activity') }} as activity
        on activity.business_unit_code = windows.business_unit_code
        and activity.activity_date >= windows.launch_date
        and activity.activity_date < {{ add_days('windows.launch_date', trial_days) }}
        and activity.order_count > 0
        and activity.customer_key <> 'unknown'
    inner join {{ ref('purchases') }} as purchases
        on purchases.customer_key = activity.customer_key
        and purchases.business_unit_code = activity.business_unit_code
    group by
        windows.period_grain_code, windows.period_start, windows.business_unit_code, windows.launch_date,
        windows.product_count, activity.customer_key
),

tried as (
    select distinct
        launches.period_grain_code,
        launches.period_start,
        launches.business_unit_code,
        launches.launch_date,
        launches.product_code,
        bought.customer_key
    from launches
    inner join {{ ref('product_purchases') }} as bought
        on bought.business_unit_code = launches.business_unit_code
        and bought.product_code = launches.product_code
        and bought.order_date >= launches.launch_date
        and bought.order_date < {{ add_days('launches.launch_date', trial_days) }}
        and bought.customer_key <> 'unknown'
),

persons as (
    {# each buyer is asked once of each new product #}
    select
        buyers.period_grain_code,
        buyers.period_start,
        buyers.business_unit_code,
        buyers.customer_key,
        buyers.is_existing,
        sum(buyers.product_count) as asked_count,
        sum(coalesce(trials.tried_count, 0)) as tried_count
    from buyers
    left join (
        select period_grain_code, period_start, business_unit_code, launch_date, customer_key, count(*) as tried_count
        from tried
        group by period_grain_code, period_start, business_unit_code, launch_date, customer_key
    ) as trials
        on trials.period_grain_code = buyers.period_grain_code
        and trials.period_start = buyers.period_start
        and trials.business_unit_code = buyers.business_unit_code
        and trials.launch_date = buyers.launch_date
        and trials.customer_key = buyers.customer_key
    group by
        buyers.period_grain_code, buyers.period_start, buyers.business_unit_code, buyers.customer_key, buyers.is_existing
),

groups as (
    select
        period_grain_code,
        period_start,
        business_unit_code,
        sum(is_existing * tried_count) as existing_tried,
        sum(is_existing * asked_count) as existing_asked,
        sum((1 - is_existing) * tried_count) as new_tried,
        sum((1 - is_existing) * asked_count) as new_asked,
        sum(is_existing) as existing_count,
        sum(1 - is_existing) as new_count
    from persons
    group by period_grain_code, period_start, business_unit_code
)
{% for variant, is_existing in [('existing', 1), ('new', 0)] %}
select
    business_unit_code,
    'omnichannel.trial_ratio' as metric_code,
    '{{ variant }}' as variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'ratio' as value_kind,
    sum(tried_count) as numerator,
    sum(asked_count) as denominator,
    {{ residual_squares('tried_count', 'asked_count') }} as residual_squares,
    cast(null as numeric) as value,
    cast(count(*) as bigint) as n,
    count(*) as n_units
from persons
where is_existing = {{ is_existing }}
group by business_unit_code, period_grain_code, period_start
union all
{% endfor %}
{# one rate over the other, multiplied out: no rate is rounded before #}
select
    business_unit_code,
    'omnichannel.trial_ratio' as metric_code,
    'within_60d' as variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'mean' as value_kind,
    existing_tried * new_asked as numerator,
    existing_asked * new_tried as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    least(existing_count, new_count) as n,
    least(existing_count, new_count) as n_units
from groups
where existing_asked > 0 and new_asked > 0
