{% set grains = ['week', 'month'] %}
{% set prior = var('rating_prior') %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_feedback': periods_of('answered_date', grains, after=31),
        'fct_bookings': periods_of('requested_date', grains) ~ ' union ' ~ periods_of('completed_date', grains)
            ~ ' union ' ~ periods_of('reviews.answered_date', grains, of="{changed} inner join core.fct_feedback as reviews"
            ~ " on reviews.source_key = changed_rows.source_key and reviews.order_id = changed_rows.booking_id"),
        'fct_risk_signals': periods_of('signal_date', grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

{% set of_period = 'over (partition by business_unit_code, period_grain_code, period_start)' %}

with reviews as (
    select
        periods.period_grain_code,
        periods.period_start,
        reviews.business_unit_code,
        coalesce(left(bookings.category_name, 64), 'unknown') as category_name,
        reviews.score
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_feedback') }} as reviews
        on reviews.answered_date >= periods.period_start
        and reviews.answered_date < periods.period_end
    {{ join_unit_of_type('reviews', 'marketplace') }}
    left join {{ ref('fct_bookings') }} as bookings
        on bookings.source_key = reviews.source_key
        and bookings.booking_id = reviews.order_id
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and reviews.kind_code = 'review'
        and reviews.scale_code = 'one_to_five'
        and reviews.is_internal = 0
        and {{ is_dirty('periods') }}
),

rated as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        case when grouping(category_name) = 1 then 'all' else 'category' end as segment_type_code,
        case when grouping(category_name) = 1 then 'all' else category_name end as segment_code,
        count(*) as review_count,
        sum(score) as score_sum,
        sum(case when score <= 2 then 1 else 0 end) as low_count
    from reviews
    group by grouping sets (
        (business_unit_code, period_grain_code, period_start),
        (business_unit_code, period_grain_code, period_start, category_name)
    )
),

ratings as (
    {# the mean of all, which a rating begins with, is kept as a sum over a number: (C·S/N + s) / (C + n) #}
    select
        rated.*,
        {{ prior }} * max(case when segment_type_code = 'all' then score_sum end) {{ of_period }}
            + score_sum * max(case when segment_type_code = 'all' then review_count end) {{ of_period }} as weighted_sum,
        ({{ prior }} + review_count) * max(case when segment_type_code = 'all' then review_count end) {{ of_period }}
            as weighted_count
    from rated
),

stars as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'star' as segment_type_code,
        cast(cast(score as integer) as varchar) as segment_code,
        count(*) as star_count,
        sum(count(*)) {{ of_period }} as review_count
    from reviews
    group by business_unit_code, period_grain_code, period_start, cast(cast(score as integer) as varchar)
),

completed as (
    select
        periods.period_grain_code,
        periods.period_start,
        bookings.business_unit_code,
        bookings.source_key,
        bookings.booking_id,
        max(case when reviews.feedback_id is null then 0 else 1 end) as is_reviewed
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_bookings') }} as bookings
        on bookings.completed_date >= periods.period_start
        and bookings.completed_date < periods.period_end
    {{ join_unit_of_type('bookings', 'marketplace') }}
    left join {{ ref('fct_feedback') }} as reviews
        on reviews.source_key = bookings.source_key
        and reviews.order_id = bookings.booking_id
        and reviews.kind_code = 'review'
        and reviews.is_internal = 0
        and reviews.answered_date >= bookings.completed_date
        and reviews.answered_date <= {{ add_days('bookings.completed_date', 30) }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and bookings.is_counted = 1
        and {{ is_dirty('periods') }}
    group by
        periods.period_grain_code, periods.period_start, bookings.business_unit_code, bookings.source_key,
        bookings.booking_id
),

coverage as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as booking_count,
        sum(is_reviewed) as reviewed_count
    from completed
    group by business_unit_code, period_grain_code, period_start
),

bookings as (
    {# cancelled and failed ones, too: they are what is asked for #}
    select
        bookings.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(case when bookings.paid_date is not null then 1 else 0 end) as paid_count,
        sum(case when bookings.paid_date is not null and bookings.status_code = 'disputed' then 1 else 0 end) as disputed_count,
        sum(case when bookings.status_code = 'cancelled' then 1 else 0 end) as cancelled_count,
        sum(case when bookings.status_code = 'cancelled' and bookings.cancel_reason_code = 'fraud' then 1 else 0 end) as fraud_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_bookings') }} as bookings
        on bookings.requested_date >= periods.period_start
        and bookings.requested_date < periods.period_end
    {{ join_unit_of_type('bookings', 'marketplace') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and bookings.is_internal = 0
        and {{ is_dirty('periods') }}
    group by bookings.business_unit_code, periods.period_grain_code, periods.period_start
),

signals as (
    select
        signals.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        case when grouping(signals.rule_code) = 1 then 'all' else 'risk_rule' end as segment_type_code,
        case when grouping(signals.rule_code) = 1 then 'all' else signals.rule_code end as segment_code,
        count(*) as signal_count,
        sum(signals.is_reviewed) as reviewed_count,
        sum(signals.is_reviewed * signals.is_confirmed) as confirmed_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_risk_signals') }} as signals
        on signals.signal_date >= periods.period_start
        and signals.signal_date < periods.period_end
    {{ join_unit_of_type('signals', 'marketplace') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    group by grouping sets (
        (signals.business_unit_code, periods.period_grain_code, periods.period_start),
        (signals.business_unit_code, periods.period_grain_code, periods.period_start, signals.rule_code)
    )
),

subjects as (
    {# what several rules speak of is as risky as their weights together, and no more than 100 #}
    select
        signals.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        signals.subject_key,
        least(sum(signals.weight), 100) as score
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_risk_signals') }} as signals
        on signals.signal_date >= periods.period_start
        and signals.signal_date < periods.period_end
    {{ join_unit_of_type('signals', 'marketplace') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    group by signals.business_unit_code, periods.period_grain_code, periods.period_start, signals.subject_key
),

scores as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(score) as score_sum,
        count(*) as subject_count,
        {{ residual_squares('score') }} as score_residual
    from subjects
    group by business_unit_code, period_grain_code, period_start
)

{{ variant_row('ratings', 'marketplace.trust', 'rating_bayes', 'mean', 'weighted_sum', 'weighted_count', n='review_count') }}
union all
{{ variant_row('ratings', 'marketplace.trust', 'low_star_share', 'ratio', 'low_count', 'review_count') }}
union all
{{ variant_row('stars', 'marketplace.trust', 'star_share', 'ratio', 'star_count', 'review_count') }}
union all
{{ variant_row('coverage', 'marketplace.trust', 'review_rate', 'ratio', 'reviewed_count', 'booking_count') }}
union all
{{ variant_row('bookings', 'marketplace.trust', 'chargeback_rate', 'ratio', 'disputed_count', 'paid_count') }}
union all
{{ variant_row('bookings', 'marketplace.trust', 'fraud_cancel_share', 'ratio', 'fraud_count', 'cancelled_count') }}
union all
{{ variant_row('signals', 'marketplace.trust', 'rule_hits', 'count', value='signal_count', n='signal_count') }}
union all
{{ variant_row('signals', 'marketplace.trust', 'rule_precision', 'ratio', 'confirmed_count', 'reviewed_count') }}
union all
{{ variant_row('scores', 'marketplace.trust', 'risk_score', 'mean', 'score_sum', 'subject_count', 'score_residual') }}
