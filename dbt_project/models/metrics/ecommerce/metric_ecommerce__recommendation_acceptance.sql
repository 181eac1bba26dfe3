{% set grains = ['day', 'week', 'month', 'quarter'] %}
{% set keys = ['business_unit_code', 'period_grain_code', 'period_start'] %}
{% set segments = {'slot_code': 'slot', 'basis_code': 'recommendation_basis'} %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_recommendations': periods_of('shown_date', grains, after=8),
        'fct_orders': periods_of('order_date', grains),
        'fct_order_lines': periods_of('o.order_date', grains, of="{changed} inner join core.fct_orders as o"
            ~ " on o.source_key = changed_rows.source_key and o.order_id = changed_rows.order_id"),
        'dim_business_unit': all_periods(grains),
    },
) }}

with days as {{ computed_once() }} (
    {{ days_of_periods(grains) }}
),

shown as (
    select
        shown.business_unit_code,
        case
            when shown.customer_key <> 'unknown' then shown.customer_key
            else coalesce(shown.anonymous_id, shown.source_key || ' ' || shown.recommendation_id)
        end as person,
        coalesce(shown.product_id, shown.listing_id, shown.content_id, shown.source_key || ' ' || shown.recommendation_id)
            as item,
        left(coalesce(shown.slot_name, 'unknown'), 64) as slot_code,
        coalesce(shown.basis_code, 'none') as basis_code,
        shown.shown_date,
        case when shown.click_seconds is not null then 1 else 0 end as is_clicked,
        case when shown.addition_seconds <= 86400 or shown.purchase_seconds <= 86400 then 1 else 0 end as is_added,
        case when shown.purchase_seconds <= 7 * 86400 then 1 else 0 end as is_bought
    from (select distinct calendar_date from days) as shown_days
    inner join {{ ref('fct_recommendations') }} as shown on shown.shown_date = shown_days.calendar_date
    {{ join_unit_of_type('shown', 'ecommerce') }}
    where shown.is_internal = 0
),

offers as (
    {# the same thing in the same place, again and again on one day, is one offer #}
    select
        business_unit_code, person, item, slot_code, shown_date,
        min(basis_code) as basis_code,
        max(is_clicked) as is_clicked,
        max(is_added) as is_added,
        max(is_bought) as is_bought
    from shown
    group by business_unit_code, person, item, slot_code, shown_date
),

impressions as (
    select
        days.period_grain_code,
        days.period_start,
        offers.*
    from offers
    inner join days on days.calendar_date = offers.shown_date
),

persons as (
    select
        {{ keys | join(', ') }},
        {{ segment_by(segments) }},
        person,
        count(*) as impression_count,
        sum(is_clicked) as click_count,
        sum(is_added) as add_count,
        sum(is_bought) as buy_count
    from impressions
    group by {{ segment_sets(segments, keys + ['person']) }}
),

recommending as {{ computed_once() }} (
    {# a unit that recommends nothing has no share of it: that is asked of a period once, by the index, and not of each line #}
    select units.business_unit_code, periods.period_grain_code, periods.period_start, periods.period_end
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('dim_business_unit') }} as units on units.business_type_code = 'ecommerce'
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and {{ is_dirty('periods') }}
        and (
            select max(shown.shown_date)
            from {{ ref('fct_recommendations') }} as shown
            where shown.business_unit_code = units.business_unit_code and shown.shown_date < periods.period_end
        ) >= {{ add_days('periods.period_start', -7) }}
),

recommending_days as (
    select
        recommending.business_unit_code,
        recommending.period_grain_code,
        recommending.period_start,
        dates.calendar_date
    from recommending
    inner join {{ ref('dim_date') }} as dates
        on dates.calendar_date >= recommending.period_start
        and dates.calendar_date < recommending.period_end
),

sold as (
    {# what was sold on a day, and which of its lines had been recommended within seven days before #}
    select
        lines.business_unit_code,
        orders.order_date,
        case when orders.customer_key = 'unknown' then orders.source_key || ' ' || orders.order_id else orders.customer_key end
            as person,
        sum(lines.gross_amount - coalesce(lines.discount_amount, 0)) as amount,
        sum(case
            when exists (
                select 1
                from {{ ref('fct_recommendations') }} as shown
                where shown.source_key = lines.source_key
                    and shown.order_id = lines.order_id
                    and shown.product_id = lines.product_id
                    and shown.purchase_seconds <= 7 * 86400
                    {# a source may say that it was bought then, of an order of another time #}
                    and shown.shown_date >= {{ add_days('orders.order_date', -8) }}
                    and shown.shown_date <= orders.order_date
                    and shown.is_internal = 0
            ) then lines.gross_amount - coalesce(lines.discount_amount, 0)
            else 0
        end) as accepted_amount
    from (select distinct business_unit_code, calendar_date from recommending_days) as days_sold
    inner join {{ ref('fct_orders') }} as orders on orders.order_date = days_sold.calendar_date
    inner join {{ ref('fct_order_lines') }} as lines
        on lines.source_key = orders.source_key
        and lines.order_id = orders.order_id
        and lines.business_unit_code = days_sold.business_unit_code
    where orders.is_counted = 1
    group by
        lines.business_unit_code, orders.order_date,
        case when orders.customer_key = 'unknown' then orders.source_key || ' ' || orders.order_id else orders.customer_key end
),

revenue as (
    select
        recommending_days.period_grain_code,
        recommending_days.period_start,
        sold.business_unit_code,
        sold.person,
        sum(sold.amount) as amount,
        sum(sold.accepted_amount) as accepted_amount
    from sold
    inner join recommending_days
        on recommending_days.business_unit_code = sold.business_unit_code
        and recommending_days.calendar_date = sold.order_date
    group by
        recommending_days.period_grain_code, recommending_days.period_start, sold.business_unit_code, sold.person
)
{% for variant, amount in [('add', 'add_count'), ('click', 'click_count'), ('buy_7d', 'buy_count')] %}
{{ variant_by_person('persons', 'ecommerce.recommendation_acceptance', variant, 'ratio', amount, 'impression_count') }}
union all
{% endfor %}
select
    business_unit_code,
    'ecommerce.recommendation_acceptance' as metric_code,
    'revenue_share' as variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'ratio' as value_kind,
    sum(accepted_amount) as numerator,
    sum(amount) as denominator,
    {{ residual_squares('accepted_amount', 'amount') }} as residual_squares,
    cast(null as numeric) as value,
    count(*) as n,
    count(*) as n_units
from revenue
group by business_unit_code, period_grain_code, period_start
