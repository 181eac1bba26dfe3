{#
    A reader is told by the advertising of their first visit in the month, pages with as much in the same tenth, and by
    what came of it: so who stays for the content is not taken for who stays for the advertising of later visits.
#}
{% set grains = ['month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'ad_visits': periods_of('session_date', grains, after=28),
        'fct_ad_slot_days': periods_of('slot_date', grains, after=28),
        'dim_business_unit': all_periods(grains),
    },
) }}

{% set of_month = 'partition by visits.business_unit_code, visits.period_start' %}

with rates as (
    {# what a slot brings on a day #}
    select
        business_unit_code,
        slot_date,
        {{ ratio('sum(revenue_amount)', 'sum(impression_count)') }} as amount_per_ad
    from {{ ref('fct_ad_slot_days') }} as slots
    group by business_unit_code, slot_date
),

visits as (
    select
        periods.period_grain_code,
        periods.period_start,
        periods.period_end,
        visits.*,
        visits.ad_count * coalesce(rates.amount_per_ad, 0) as amount,
        row_number() over (
            partition by periods.period_start, visits.business_unit_code, visits.person_key
            order by visits.started_at, visits.session_key
        ) as visit_number
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('ad_visits') }} as visits
        on visits.session_date >= periods.period_start
        and visits.session_date < {{ add_days('periods.period_end', 28) }}
    {{ join_unit_of_type('visits', 'media') }}
    left join rates
        on rates.business_unit_code = visits.business_unit_code
        and rates.slot_date = visits.session_date
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
),

firsts as (
    select
        visits.business_unit_code,
        visits.period_grain_code,
        visits.period_start,
        visits.person_key,
        visits.session_date,
        visits.view_count,
        visits.ad_count,
        visits.ad_pixels,
        visits.viewport_pixels,
        visits.is_engaged,
        visits.amount,
        {# of content that was looked at, in minutes; of a visit of which that is not known, nothing #}
        case when visits.engaged_seconds > 0 then visits.engaged_seconds end as engaged_seconds,
        case when visits.engaged_seconds > 0 then 60 * visits.ad_count end as ads_times_sixty,
        {# what is as much comes into the same tenth, so that some may be empty #}
        floor(10 * {{ ratio(
            'rank() over (' ~ of_month ~ ' order by ' ~ ratio('visits.ad_count', 'visits.view_count') ~ ') - 1',
            'count(*) over (' ~ of_month ~ ')',
        ) }}) + 1 as decile
    from visits
    where visits.visit_number = 1
        and visits.session_date < visits.period_end
        and visits.view_count > 0
),

persons as (
    select
        firsts.business_unit_code,
        firsts.period_grain_code,
        firsts.period_start,
        firsts.person_key,
        firsts.decile,
        max(firsts.view_count) as view_count,
        max(firsts.ad_count) as ad_count,
        max(firsts.ad_pixels) as ad_pixels,
        max(firsts.viewport_pixels) as viewport_pixels,
        max(firsts.is_engaged) as is_engaged,
        max(firsts.amount) as amount,
        max(firsts.engaged_seconds) as engaged_seconds,
        max(firsts.ads_times_sixty) as ads_times_sixty,
        max(case
            when visits.visit_number > 1 and visits.session_date <= {{ add_days('firsts.session_date', 7) }} then 1 else 0
        end) as has_returned,
        sum(case
            when visits.session_date < {{ add_days('firsts.session_date', 28) }} then visits.amount else 0
        end) as amount_28d
    from firsts
    inner join visits
        on visits.business_unit_code = firsts.business_unit_code
        and visits.period_start = firsts.period_start
        and visits.person_key = firsts.person_key
    group by
        firsts.business_unit_code, firsts.period_grain_code, firsts.period_start, firsts.person_key, firsts.decile
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        case when grouping(decile) = 1 then 'all' else 'ad_load_decile' end as segment_type_code,
        case when grouping(decile) = 1 then 'all' else cast(cast(decile as integer) as varchar(2)) end as segment_code,
        decile,
        count(*) as person_count,
        sum(ad_count) as ad_count,
        sum(view_count) as view_count,
        sum(ad_pixels) as ad_pixels,
        sum(viewport_pixels) as viewport_pixels,
        count(viewport_pixels) as measured_count,
        sum(is_engaged) as engaged_count,
        sum(has_returned) as returned_count,
        round(sum(amount), 4) as amount,
        round(sum(amount_28d), 4) as amount_28d,
        sum(ads_times_sixty) as ads_times_sixty,
        sum(engaged_seconds) as engaged_seconds,
        {{ residual_squares('ad_count', 'view_count') }} as load_squares,
        {{ residual_squares(
            'cast(coalesce(ad_pixels, 0) as numeric)', 'cast(coalesce(viewport_pixels, 0) as numeric)',
        ) }} as pixel_squares,
        {{ residual_squares('view_count') }} as view_squares,
        {{ residual_squares('amount') }} as amount_squares,
        {{ residual_squares('amount_28d') }} as amount_28d_squares,
        {{ residual_squares('coalesce(ads_times_sixty, 0)', 'coalesce(engaged_seconds, 0)') }} as minute_squares
    from persons
    group by grouping sets (
        (business_unit_code, period_grain_code, period_start),
        (business_unit_code, period_grain_code, period_start, decile)
    )
),

ranked as (
    select
        measured.*,
        row_number() over (
            partition by business_unit_code, period_start
            order by {{ ratio('amount_28d', 'person_count') }} desc, decile
        ) as place,
        sum(person_count) over (partition by business_unit_code, period_start) as all_count
    from measured
    where segment_type_code = 'ad_load_decile'
),

best as (
    {# where advertising brings nothing there is no best #}
    select
        business_unit_code, period_grain_code, period_start, 'all' as segment_type_code, 'all' as segment_code, decile, all_count
    from ranked
    where place = 1 and amount_28d > 0
)

{{ variant_row('measured', 'media.ad_balance', 'ad_load', 'mean', 'ad_count', 'view_count', 'load_squares', units='person_count') }}
union all
{{ variant_row(
    'measured', 'media.ad_balance', 'ads_per_content_minute', 'mean', 'ads_times_sixty', 'engaged_seconds', 'minute_squares',
    units='person_count', where='engaged_seconds is not null',
) }}
union all
{{ variant_row(
    'measured', 'media.ad_balance', 'ad_share_of_screen', 'mean', 'ad_pixels', 'viewport_pixels', 'pixel_squares',
    n='measured_count', units='measured_count', where='measured_count > 0',
) }}
union all
{{ variant_row('measured', 'media.ad_balance', 'engaged_rate', 'ratio', 'engaged_count', 'person_count') }}
union all
{{ variant_row('measured', 'media.ad_balance', 'pages_per_session', 'mean', 'view_count', 'person_count', 'view_squares') }}
union all
{{ variant_row('measured', 'media.ad_balance', 'return_7d', 'ratio', 'returned_count', 'person_count') }}
union all
{{ variant_row('measured', 'media.ad_balance', 'rps', 'mean', 'amount', 'person_count', 'amount_squares') }}
union all
{{ variant_row('measured', 'media.ad_balance', 'revenue_28d', 'mean', 'amount_28d', 'person_count', 'amount_28d_squares') }}
union all
{{ variant_row('best', 'media.ad_balance', 'balance_point', 'fitted', value='decile', n='all_count') }}
