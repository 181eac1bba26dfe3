{#
    Kaplan and Meier 1958: whoever has not bought (or published) anything yet is counted for as long as they were seen,
    and not left out. Who removed the app stays at risk. Each day that becomes known lengthens what is known of the cohorts that are young,
    and of no other: nobody is followed for longer than a year.
#}
{% set grains = ['month', 'quarter'] %}
{% set followed = 365 %}
{{ config(
    unique_key=['business_unit_code', 'curve_code', 'cohort_grain_code', 'cohort_start', 'day_number'],
    dirty_key=['business_unit_code', 'cohort_grain_code', 'cohort_start'],
    dirty_from={
        'first_days': "select changed_rows.business_unit_code, p.period_grain_code as cohort_grain_code,"
            ~ " p.period_start as cohort_start from {changed} inner join core.dim_period as p"
            ~ " on p.period_grain_code in ('month', 'quarter')"
            ~ " and changed_rows.first_seen_date >= p.period_start and changed_rows.first_seen_date < p.period_end",
        'first_acts': "select changed_rows.business_unit_code, p.period_grain_code as cohort_grain_code,"
            ~ " p.period_start as cohort_start from {changed} inner join core.dim_period as p"
            ~ " on p.period_grain_code in ('month', 'quarter')"
            ~ " and changed_rows.first_seen_date >= p.period_start and changed_rows.first_seen_date < p.period_end",
        'data_through': "select changed_rows.business_unit_code, p.period_grain_code as cohort_grain_code,"
            ~ " p.period_start as cohort_start from {changed} inner join core.dim_period as p"
            ~ " on p.period_grain_code in ('month', 'quarter')"
            ~ " and p.period_end + " ~ followed ~ " >= changed_rows.data_through - 1"
            ~ " and p.period_start <= (select max(known.data_through) from core.data_through as known)"
            ~ " where changed_rows.process_code in ('sessions', 'content')",
    },
) }}

{% set curves = [
    ('first_purchase', 'first_days', 'first_purchase_date', 'sessions'),
    ('first_contribution', 'first_acts', 'first_item_date', 'content'),
] %}

with cohorts as (
    {%- for curve, firsts, event_date, process in curves %}
    {{ 'union all' if not loop.first }}
    select
        firsts.business_unit_code,
        '{{ curve }}' as curve_code,
        periods.period_grain_code as cohort_grain_code,
        periods.period_start as cohort_start,
        firsts.{{ event_date }} - firsts.first_seen_date as event_day,
        known.data_through - 1 - firsts.first_seen_date as last_day
    from {{ ref('dim_period') }} as periods
    inner join {{ ref(firsts) }} as firsts
        on firsts.first_seen_date >= periods.period_start
        and firsts.first_seen_date < periods.period_end
    inner join {{ ref('data_through') }} as known
        on known.business_unit_code = firsts.business_unit_code
        and known.process_code = '{{ process }}'
        and known.data_through > firsts.first_seen_date
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
    {%- endfor %}
),

persons as (
    select
        business_unit_code,
        curve_code,
        cohort_grain_code,
        cohort_start,
        least(coalesce(event_day, last_day), last_day, {{ followed }}) as day_number,
        case when event_day <= least(last_day, {{ followed }}) then 1 else 0 end as has_happened
    from cohorts
    where {{ is_dirty('cohorts') }}
),

{{ survival_shares('persons', 'has_happened') }}
