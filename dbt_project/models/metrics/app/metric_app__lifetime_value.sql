{% set grains = ['week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'first_days': periods_of('first_seen_date', grains),
        'fct_app_purchases': "select p.period_grain_code, p.period_start from {changed}"
            ~ " inner join core.first_days as firsts on firsts.business_unit_code = changed_rows.business_unit_code"
            ~ " and firsts.person_key = changed_rows.person_key"
            ~ " inner join core.dim_period as p on p.period_grain_code in ('week', 'month')"
            ~ " and firsts.first_seen_date >= p.period_start and firsts.first_seen_date < p.period_end",
        'dim_business_unit': all_periods(grains),
    },
) }}

{% set days = [7, 30, 90] %}

with persons as (
    {# what the company keeps: after refunds and the store's fee, of all who came, payers or not #}
    select
        periods.period_grain_code,
        periods.period_start,
        firsts.business_unit_code,
        firsts.person_key
        {%- for day in days %},
        coalesce(sum(
            case when purchases.purchase_date <= {{ add_days('firsts.first_seen_date', day) }}
                then purchases.net_amount - purchases.store_fee_amount end
        ), 0) as kept_amount_d{{ day }}
        {%- endfor %}
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('first_days') }} as firsts
        on firsts.first_seen_date >= periods.period_start
        and firsts.first_seen_date < periods.period_end
    {{ join_unit_of_type('firsts', 'app') }}
    left join {{ ref('fct_app_purchases') }} as purchases
        on purchases.business_unit_code = firsts.business_unit_code
        and purchases.person_key = firsts.person_key
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, firsts.business_unit_code, firsts.person_key
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as person_count
        {%- for day in days %},
        sum(kept_amount_d{{ day }}) as amount_d{{ day }},
        {{ residual_squares('kept_amount_d' ~ day) }} as residual_d{{ day }}
        {%- endfor %}
    from persons
    group by business_unit_code, period_grain_code, period_start
)

{% for day in ['7', '30', '90'] %}
{{ 'union all' if not loop.first }}
{{ variant_row('measured', 'app.lifetime_value', 'd' ~ day, 'mean', 'amount_d' ~ day, 'person_count', 'residual_d' ~ day) }}
{% endfor %}
