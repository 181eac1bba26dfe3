{# who tries for free and then buys another plan pays by another subscription: a trial is its customer's #}
{{ config(
    unique_key=['source_key', 'subscription_id'],
    dirty_from={
        'fct_subscriptions': ['source_key', 'subscription_id'],
        'paid_spans': "select source_key, subscription_id from {changed}"
            ~ " union select t.source_key, t.subscription_id from {this} as t inner join {changed}"
            ~ " on t.business_unit_code = changed_rows.business_unit_code and t.customer_key = changed_rows.subscriber_key",
    },
    change_carries=['business_unit_code', 'started_date'],
    indexes=[{'columns': ['started_date']}, {'columns': ['customer_key']}],
) }}

with begun as (
    select
        source_key,
        subscription_id,
        max(business_unit_code) as business_unit_code,
        max(customer_key) as customer_key,
        max(trial_kind_code) as trial_kind_code,
        min(effective_date) as started_date,
        max(trial_end_date) as trial_end_date
    from {{ ref('fct_subscriptions') }} as subscriptions
    where is_internal = 0
        and trial_kind_code is not null
        and (status_code = 'trialing' or trial_kind_code = 'freemium')
        and {{ is_dirty('subscriptions') }}
    group by source_key, subscription_id
),

paid as (
    select begun.source_key, begun.subscription_id, min(spans.from_date) as first_paid_date
    from begun
    inner join {{ ref('paid_spans') }} as spans
        on spans.business_unit_code = begun.business_unit_code
        and spans.subscriber_key = case
            when begun.customer_key = 'unknown' then md5(begun.source_key || ':' || begun.subscription_id)
            else begun.customer_key
        end
        and spans.from_date >= begun.started_date
    group by begun.source_key, begun.subscription_id
)

select
    begun.source_key,
    begun.subscription_id,
    begun.business_unit_code,
    begun.customer_key,
    begun.trial_kind_code,
    begun.started_date,
    begun.trial_end_date,
    paid.first_paid_date,
    {# a card may be refused for some days; a free plan has no end, so it has ninety days #}
    case
        when begun.trial_kind_code = 'freemium' and paid.first_paid_date <= {{ add_days('begun.started_date', 90) }} then 1
        when begun.trial_kind_code <> 'freemium' and paid.first_paid_date <= {{ add_days('begun.trial_end_date', 7) }} then 1
        else 0
    end as is_converted
from begun
left join paid on paid.source_key = begun.source_key and paid.subscription_id = begun.subscription_id
where begun.started_date is not null
