{% set looks_back, waits = var('activity_before_days'), var('activity_after_days') %}
{{ config(
    unique_key=['business_unit_code', 'month_start', 'stratum_code'],
    dirty_key=['business_unit_code', 'month_start'],
    dirty_from={
        'fct_dissatisfaction_months': 'select business_unit_code, month_start from {changed}',
        'purchase_days': "select changed_rows.business_unit_code, p.period_start as month_start from {changed}"
            ~ " inner join core.dim_period as p on p.period_grain_code = 'month'"
            ~ " and changed_rows.purchase_date >= p.period_start - " ~ looks_back
            ~ " and changed_rows.purchase_date < p.period_end",
        'fct_feedback': "select changed_rows.business_unit_code, p.period_start as month_start from {changed}"
            ~ " inner join core.dim_period as p on p.period_grain_code = 'month'"
            ~ " and changed_rows.answered_date >= p.period_end"
            ~ " and changed_rows.answered_date < p.period_end + " ~ waits,
    },
) }}

with months as (
    select
        units.business_unit_code,
        periods.period_start as month_start,
        periods.period_end
    from {{ ref('dim_period') }} as periods
    cross join {{ ref('dim_business_unit') }} as units
    where periods.period_grain_code = 'month'
),

people as (
    select
        silent.business_unit_code,
        silent.month_start,
        silent.customer_key,
        'flagged' as stratum_code
    from {{ ref('fct_dissatisfaction_months') }} as silent
    where silent.is_silent = 1 and {{ is_dirty('silent') }}
    union all
    {# who bought of late, and is neither told to be silent nor has said so #}
    select distinct
        months.business_unit_code,
        months.month_start,
        buyers.customer_key,
        'unflagged' as stratum_code
    from months
    inner join {{ ref('purchase_days') }} as buyers
        on buyers.business_unit_code = months.business_unit_code
        and buyers.purchase_date >= {{ add_days('months.month_start', -looks_back) }}
        and buyers.purchase_date < months.period_end
    left join {{ ref('fct_dissatisfaction_months') }} as others
        on others.business_unit_code = months.business_unit_code
        and others.month_start = months.month_start
        and others.customer_key = buyers.customer_key
        and (others.is_silent = 1 or others.is_vocal = 1)
    where others.customer_key is null
        and {{ can_hold(add_days('months.month_start', -looks_back), 'months.period_end', 'purchase_days', 'purchase_date') }}
        and {{ is_dirty('months') }}
),

answers as (
    {# the first that somebody gave within the weeks after the month #}
    select
        months.business_unit_code,
        months.month_start,
        feedback.customer_key,
        feedback.band_code,
        row_number() over (
            partition by months.business_unit_code, months.month_start, feedback.customer_key
            order by feedback.answered_at, feedback.source_key, feedback.feedback_id
        ) as place
    from months
    inner join {{ ref('fct_feedback') }} as feedback
        on feedback.business_unit_code = months.business_unit_code
        and feedback.answered_date >= months.period_end
        and feedback.answered_date < {{ add_days('months.period_end', waits) }}
    where feedback.kind_code = 'validation'
        and feedback.band_code is not null
        and feedback.customer_key <> 'unknown'
        and feedback.is_internal = 0
        and {{ is_dirty('months') }}
)

select
    people.business_unit_code,
    people.month_start,
    people.stratum_code,
    count(*) as customer_count,
    count(answers.customer_key) as answered_count,
    sum(case when answers.band_code = 'dissatisfied' then 1 else 0 end) as bad_count
from people
left join answers
    on answers.business_unit_code = people.business_unit_code
    and answers.month_start = people.month_start
    and answers.customer_key = people.customer_key
    and answers.place = 1
group by people.business_unit_code, people.month_start, people.stratum_code
