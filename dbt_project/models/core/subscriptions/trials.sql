{{ config(
    unique_key=['source_key', 'subscription_id'],
    dirty_from={
        'fct_subscriptions': ['source_key', 'subscription_id'],
        'paid_spans': ['source_key', 'subscription_id'],
    },
    change_carries=['business_unit_code', 'started_date'],
    indexes=[{'columns': ['started_date']}],
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
    select source_key, subscription_id, min(from_date) as first_paid_date
    from {{ ref('paid_spans') }} as spans
    where {{ is_dirty('spans') }}
    group by source_key, subscription_id
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
