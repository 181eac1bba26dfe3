{#
    Signal + noise = sent: in the months that a batch touched, what is judged of a unit's messages, by customer, in the metric
    and by kind, is what was sent, counted in the events themselves. A month that is not told yet has no row in the mart.
#}
with days as (
    select event_date as sent_date from changed.fct_message_events where batch_id > (select ops.head_batch())
    union
    select sent_date from changed.fct_message_quality where batch_id > (select ops.head_batch())
),

months as (
    select distinct periods.period_start, periods.period_end
    from {{ ref('dim_period') }} as periods
    inner join days on days.sent_date >= periods.period_start and days.sent_date < periods.period_end
    where periods.period_grain_code = 'month'
),

told as (
    select events.*, months.period_start
    from months
    inner join {{ ref('fct_message_events') }} as events
        on events.event_date >= months.period_start
        and events.event_date < months.period_end
    left join {{ ref('dim_campaign') }} as campaigns
        on campaigns.source_key = events.source_key
        and campaigns.campaign_id = events.campaign_id
    where events.kind_code in ('sent', 'delivered')
        and events.customer_key <> 'unknown'
        and events.is_internal = 0
        and events.campaign_id is not null
        and events.identifier_key is not null
        and events.occurred_at is not null
        and coalesce(campaigns.kind_code, 'unknown') not in ('transactional', 'service')
),

sent as (
    select told.business_unit_code, told.period_start, count(*) as sent_count
    from told
    where told.kind_code = 'sent'
        {# of whom nothing is told to have been sent, what arrived was #}
        or not exists (
            select 1
            from {{ ref('fct_message_events') }} as sendings
            where sendings.identifier_key = told.identifier_key
                and sendings.source_key = told.source_key
                and sendings.campaign_id = told.campaign_id
                and sendings.kind_code = 'sent'
                and sendings.occurred_at is not null
        )
    group by told.business_unit_code, told.period_start
),

balances as (
    select
        balances.business_unit_code,
        balances.month_start as period_start,
        sum(balances.signal_count) as signal_count,
        sum(balances.noise_count) as noise_count
    from {{ ref('message_balances') }} as balances
    where balances.month_start in (select period_start from months)
    group by balances.business_unit_code, balances.month_start
),

pooled as (
    select metric_rows.business_unit_code, metric_rows.period_start, metric_rows.numerator, metric_rows.denominator
    from {{ ref('metric_cx__signal_to_noise') }} as metric_rows
    where metric_rows.variant_code = 'pooled_share'
        and metric_rows.period_grain_code = 'month'
        and metric_rows.period_start in (select period_start from months)
),

kinds as (
    select
        kinds.business_unit_code,
        kinds.month_start as period_start,
        sum(kinds.is_signal * kinds.message_count) as signal_count,
        sum((1 - kinds.is_signal) * kinds.message_count) as noise_count
    from {{ ref('mart_signal_to_noise') }} as kinds
    where kinds.month_start in (select period_start from months)
    group by kinds.business_unit_code, kinds.month_start
),

compared as (
    select
        coalesce(sent.business_unit_code, balances.business_unit_code) as business_unit_code,
        coalesce(sent.period_start, balances.period_start) as month_start,
        coalesce(sent.sent_count, 0) as sent_count,
        coalesce(balances.signal_count, 0) as signal_count,
        coalesce(balances.noise_count, 0) as noise_count
    from sent
    full join balances
        on balances.business_unit_code = sent.business_unit_code
        and balances.period_start = sent.period_start
)

select compared.*, pooled.numerator, pooled.denominator, kinds.signal_count as signal_by_kind, kinds.noise_count as noise_by_kind
from compared
left join pooled
    on pooled.business_unit_code = compared.business_unit_code
    and pooled.period_start = compared.month_start
left join kinds
    on kinds.business_unit_code = compared.business_unit_code
    and kinds.period_start = compared.month_start
where compared.signal_count + compared.noise_count <> compared.sent_count
    or pooled.numerator is distinct from compared.signal_count
    or pooled.denominator is distinct from compared.sent_count
    or kinds.signal_count <> compared.signal_count
    or kinds.noise_count <> compared.noise_count
