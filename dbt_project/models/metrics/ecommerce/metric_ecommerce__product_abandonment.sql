{% set grains = ['month', 'quarter'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'product_views': periods_of('view_date', grains, before=30),
        'product_purchases': periods_of('order_date', grains, before=30, after=31),
        'bridge_visitor': periods_of('v.view_date', grains, before=30, of="{changed}"
            ~ " inner join core.product_views as v on v.visitor_key = changed_rows.visitor_key"),
        'dim_business_unit': all_periods(grains),
    },
) }}

with days as (
    {# whose a device is nobody knows, or many do: what they bought is not known either #}
    select distinct
        periods.period_grain_code,
        periods.period_start,
        views.business_unit_code,
        views.visitor_key,
        visitors.customer_key,
        views.product_code,
        views.view_date
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('product_views') }} as views
        on views.view_date >= {{ add_days('periods.period_start', -30) }}
        and views.view_date < periods.period_end
    inner join {{ ref('bridge_visitor') }} as visitors
        on visitors.visitor_key = views.visitor_key
        and visitors.valid_to is null
        and visitors.is_shared = 0
    {{ join_unit_of_type('views', 'ecommerce') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and {{ can_hold(add_days('periods.period_start', -30), 'periods.period_end', 'product_views', 'view_date') }}
        and {{ is_dirty('periods') }}
),

following as (
    select
        days.*,
        lag(view_date) over (
            partition by period_grain_code, period_start, business_unit_code, visitor_key, product_code order by view_date
        ) as previous_date
    from days
),

pairs as (
    {# a pair counts once in a period, from the day on which the product was looked at again #}
    select
        period_grain_code, period_start, business_unit_code, visitor_key, customer_key, product_code,
        min(view_date) as again_date,
        min(previous_date) as before_date
    from following
    where view_date >= period_start and view_date - previous_date <= 30
    group by period_grain_code, period_start, business_unit_code, visitor_key, customer_key, product_code
),

judged as (
    select
        pairs.*,
        case
            when exists (
                select 1
                from {{ ref('product_purchases') }} as purchases
                where purchases.customer_key = pairs.customer_key
                    and purchases.business_unit_code = pairs.business_unit_code
                    and purchases.product_code = pairs.product_code
                    and purchases.order_date >= pairs.before_date
                    and purchases.order_date <= {{ add_days('pairs.again_date', 30) }}
            ) then 0
            else 1
        end as is_left
    from pairs
),

persons as (
    select
        business_unit_code, period_grain_code, period_start, customer_key,
        sum(is_left) as left_count,
        count(*) as pair_count
    from judged
    group by business_unit_code, period_grain_code, period_start, customer_key
)

select
    business_unit_code,
    'ecommerce.product_abandonment' as metric_code,
    'within_30d' as variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'ratio' as value_kind,
    sum(left_count) as numerator,
    sum(pair_count) as denominator,
    {{ residual_squares('left_count', 'pair_count') }} as residual_squares,
    cast(null as numeric) as value,
    cast(sum(pair_count) as bigint) as n,
    count(*) as n_units
from persons
group by business_unit_code, period_grain_code, period_start
