{% set grains = ['week', 'month'] %}
{% set keys = ['business_unit_code', 'period_grain_code', 'period_start'] %}
{% set days = [7, 30, 90, 365] %}
{# the days of the curve, and those of the one that is held against the last of them #}
{% set from_day, to_day, held_out_after = 7, 60, 30 %}
{% set target_day, furthest = 365, 12 %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'first_days': periods_of('first_seen_date', grains),
        'fct_app_purchases': periods_of('firsts.first_seen_date', grains, of="{changed}"
            ~ " inner join core.first_days as firsts on firsts.business_unit_code = changed_rows.business_unit_code"
            ~ " and firsts.person_key = changed_rows.person_key"),
        'data_through': "select cohort_grain_code as period_grain_code, cohort_start as period_start from ("
            ~ cohorts_followed(grains, to_day, ['sessions']) ~ ") as cohorts",
        'dim_business_unit': all_periods(grains),
    },
) }}

with bought as (
    {# what the company keeps: after refunds and the store's fee, of all who came, payers or not #}
    select
        periods.period_grain_code,
        periods.period_start,
        firsts.business_unit_code,
        firsts.person_key,
        purchases.purchase_date - firsts.first_seen_date as day_number,
        sum(purchases.net_amount - purchases.store_fee_amount) as kept_amount
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('first_days') }} as firsts
        on firsts.first_seen_date >= periods.period_start
        and firsts.first_seen_date < periods.period_end
    {{ join_unit_of_type('firsts', 'app') }}
    left join {{ ref('fct_app_purchases') }} as purchases
        on purchases.business_unit_code = firsts.business_unit_code
        and purchases.person_key = firsts.person_key
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    group by
        periods.period_grain_code, periods.period_start, firsts.business_unit_code, firsts.person_key,
        purchases.purchase_date - firsts.first_seen_date
),

persons as (
    select
        {{ keys | join(', ') }},
        person_key
        {%- for day in days %},
        coalesce(sum(case when day_number <= {{ day }} then kept_amount end), 0) as kept_amount_d{{ day }}
        {%- endfor %}
    from bought
    group by {{ keys | join(', ') }}, person_key
),

measured as (
    select
        {{ keys | join(', ') }},
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as person_count
        {%- for day in days %},
        sum(kept_amount_d{{ day }}) as amount_d{{ day }},
        {{ residual_squares('kept_amount_d' ~ day) }} as residual_d{{ day }}
        {%- endfor %}
    from persons
    group by {{ keys | join(', ') }}
),

moves as (
    {# a curve begins with all that has come by its first day #}
    select
        {{ keys | join(', ') }},
        greatest(day_number, {{ from_day }}) as day_number,
        sum(kept_amount) as kept_amount
    from bought
    where day_number <= {{ to_day }}
    group by {{ keys | join(', ') }}, greatest(day_number, {{ from_day }})
),

cohorts as (
    {# a day is observed once the last who came has had it; what lies more than twelve times as far off is not foretold #}
    select
        measured.*,
        known.data_through - periods.period_end as observed_days
    from measured
    inner join {{ ref('dim_period') }} as periods
        on periods.period_grain_code = measured.period_grain_code
        and periods.period_start = measured.period_start
    inner join {{ ref('data_through') }} as known
        on known.business_unit_code = measured.business_unit_code
        and known.process_code = 'sessions'
        and (known.data_through - periods.period_end) * {{ furthest }} >= {{ target_day }}
),

curves as (
    select
        cohorts.*,
        numbers.number as day_number,
        case when moves.kept_amount <> 0 then 1 else 0 end as has_moved,
        sum(moves.kept_amount) over (
            partition by cohorts.business_unit_code, cohorts.period_grain_code, cohorts.period_start
            order by numbers.number
            rows unbounded preceding
        ) as amount
    from cohorts
    inner join {{ number_series(from_day, to_day) }} on numbers.number <= cohorts.observed_days
    left join moves
        on moves.business_unit_code = cohorts.business_unit_code
        and moves.period_grain_code = cohorts.period_grain_code
        and moves.period_start = cohorts.period_start
        and moves.day_number = numbers.number
),

logarithms as (
    {# a day by which nothing is kept has none, and is no point of the line #}
    select
        curves.*,
        ln(day_number) as log_day,
        case when amount > 0 then ln(amount) end as log_amount
    from curves
),

lines as (
    {# y = a · x^b is a line of logarithms; how many newcomers there are moves it and does not turn it #}
    select
        {{ keys | join(', ') }},
        segment_type_code,
        segment_code,
        max(person_count) as person_count
        {%- for name, last in [('curve', to_day), ('held_out', held_out_after)] %},
        sum(case when day_number <= {{ last }} then has_moved else 0 end) as {{ name }}_moves,
        {{ line_of('log_amount', 'log_day', 'day_number <= ' ~ last, 'slope') }} as {{ name }}_slope,
        {{ line_of('log_amount', 'log_day', 'day_number <= ' ~ last, 'intercept') }} as {{ name }}_intercept,
        {{ line_of('log_amount', 'log_day', 'day_number <= ' ~ last, 'r2') }} as {{ name }}_r2
        {%- endfor %},
        max(case when day_number = {{ to_day }} and amount > 0 then amount end) as amount_last
    from logarithms
    group by {{ keys | join(', ') }}, segment_type_code, segment_code
),

foretold as (
    {# of less than a handful of days on which anything came or went, any curve is as good as another #}
    select
        lines.*,
        case
            when curve_moves >= {{ var('curve_least_days') }} and curve_slope is not null
                then {{ exp_within('curve_intercept + curve_slope * ln(' ~ target_day ~ ')') }}
        end as amount_target,
        case
            when held_out_moves >= {{ var('curve_least_days') }} and held_out_slope is not null
                then {{ exp_within('held_out_intercept + held_out_slope * ln(' ~ to_day ~ ')') }}
        end as held_out_amount
    from lines
),

fitted as (
    select
        foretold.*,
        {{ rounded(ratio('amount_target', 'person_count'), 4) }} as value_target,
        {{ rounded('curve_r2', 6) }} as fit_r2,
        {{ rounded(ratio('abs(held_out_amount - amount_last)', 'amount_last'), 6) }} as holdout_error
    from foretold
)

{% for day in days %}
{{ 'union all' if not loop.first }}
{{ variant_row('measured', 'app.lifetime_value', 'd' ~ day, 'mean', 'amount_d' ~ day, 'person_count', 'residual_d' ~ day) }}
{% endfor %}
{# a curve that leaves all bounds is told by nobody #}
{% for variant, value in [('d365_predicted', 'value_target'), ('fit_r2', 'fit_r2'), ('holdout_error', 'holdout_error')] %}
union all
{{ variant_row('fitted', 'app.lifetime_value', variant, 'fitted', value=value, n='person_count',
    where=('held_out_amount' if variant == 'holdout_error' else 'amount_target') ~ ' < 1000000000000000 and ' ~ value ~ ' is not null') }}
{% endfor %}
