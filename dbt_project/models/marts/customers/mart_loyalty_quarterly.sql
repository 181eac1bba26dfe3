{{ config(
    unique_key=['business_unit_code', 'quarter_start', 'loyalty_code'],
    dirty_key=['business_unit_code', 'quarter_start'],
    dirty_from={
        'fct_rfm_scores': "select distinct changed_rows.business_unit_code, quarters.period_start as quarter_start"
            ~ " from {changed} inner join core.dim_period as quarters on quarters.period_grain_code = 'quarter'"
            ~ " and changed_rows.month_start >= quarters.period_start and changed_rows.month_start < quarters.period_end",
        'fct_feedback': "select distinct changed_rows.business_unit_code, quarters.period_start as quarter_start"
            ~ " from {changed} inner join core.dim_period as quarters on quarters.period_grain_code = 'quarter'"
            ~ " and quarters.period_end > changed_rows.answered_date"
            ~ " and quarters.period_end <= changed_rows.answered_date + 365",
        'dim_business_unit': "select t.business_unit_code, t.quarter_start from {this} as t inner join {changed}"
            ~ " on changed_rows.business_unit_code = t.business_unit_code",
    },
) }}

with quarters as (
    {# over when its last month is #}
    select
        scores.business_unit_code,
        quarters.period_start as quarter_start,
        quarters.period_end,
        max(scores.month_start) as last_month_start
    from {{ ref('fct_rfm_scores') }} as scores
    inner join {{ ref('dim_period') }} as quarters
        on quarters.period_grain_code = 'quarter'
        and scores.month_start >= quarters.period_start
        and scores.month_start < quarters.period_end
    inner join {{ ref('dim_period') }} as months
        on months.period_grain_code = 'month'
        and months.period_start = scores.month_start
    group by scores.business_unit_code, quarters.period_start, quarters.period_end
    having max(months.period_end) = quarters.period_end
),

answers as (
    {# how somebody felt when they were asked last, within a year #}
    select
        quarters.business_unit_code,
        quarters.quarter_start,
        quarters.last_month_start,
        feedback.customer_key,
        feedback.band_code,
        row_number() over (
            partition by quarters.business_unit_code, quarters.quarter_start, feedback.customer_key
            order by feedback.answered_at desc, feedback.source_key, feedback.feedback_id
        ) as recency
    from quarters
    inner join {{ ref('fct_feedback') }} as feedback
        on feedback.business_unit_code = quarters.business_unit_code
        and feedback.answered_date < quarters.period_end
        and feedback.answered_date >= {{ add_days('quarters.period_end', -365) }}
    where feedback.kind_code = 'nps'
        and feedback.band_code is not null
        and feedback.customer_key <> 'unknown'
        and feedback.is_internal = 0
        and {{ is_dirty('quarters') }}
),

loyalties as (
    select
        answers.business_unit_code,
        answers.quarter_start,
        {{ loyalty('answers.band_code', 'scores.purchase_day_count') }} as loyalty_code,
        scores.net_amount
    from answers
    left join {{ ref('fct_rfm_scores') }} as scores
        on scores.business_unit_code = answers.business_unit_code
        and scores.month_start = answers.last_month_start
        and scores.customer_key = answers.customer_key
    where answers.recency = 1
),

counted as (
    select
        business_unit_code,
        quarter_start,
        loyalty_code,
        count(*) as customer_count,
        sum(count(*)) over (partition by business_unit_code, quarter_start) as all_customer_count,
        sum(coalesce(net_amount, 0)) as net_amount
    from loyalties
    group by business_unit_code, quarter_start, loyalty_code
)

select
    counted.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    counted.quarter_start,
    counted.loyalty_code,
    labels.name_vi as loyalty_name_vi,
    labels.name_en as loyalty_name_en,
    counted.customer_count,
    round({{ ratio('counted.customer_count', 'counted.all_customer_count') }}, 6) as customer_share,
    round({{ ratio('counted.net_amount', 'counted.customer_count') }}, 4) as mean_net_amount,
    units.currency
from counted
left join {{ ref('dim_business_unit') }} as units on units.business_unit_code = counted.business_unit_code
left join {{ ref('labels') }} as labels on labels.kind = 'loyalty' and labels.code = counted.loyalty_code
