{{ config(
    unique_key=['source_key', 'subscription_id', 'version_number'],
    dirty_key=['source_key', 'subscription_id'],
    dirty_from=dirty_by('subscriptions', 'subscription_id', person=true),
    change_carries=['customer_key', 'business_unit_code', 'effective_date'],
    indexes=[
        {'columns': ['identifier_key']}, {'columns': ['customer_key']}, {'columns': ['effective_date']},
        {'columns': ['business_unit_code', 'effective_date']},
    ],
) }}

with versions as (
    select
        subscriptions.*,
        row_number() over (
            partition by source_key, subscription_id
            order by effective_at, version_id
        ) as version_number,
        lead(effective_at) over (
            partition by source_key, subscription_id
            order by effective_at, version_id
        ) as superseded_at
    from {{ ref('int_subscriptions_unioned') }} as subscriptions
    where {{ is_dirty('subscriptions') }}
)

select
    {{ stamped_with_person('versions') }},
    versions.subscription_id,
    versions.version_number,
    case when versions.superseded_at is null then 1 else 0 end as is_current,
    versions.effective_at,
    {{ local_date('versions.effective_at', 'units.time_zone') }} as effective_date,
    versions.superseded_at,
    {{ local_date('versions.superseded_at', 'units.time_zone') }} as superseded_date,
    versions.plan_id,
    versions.plan_name,
    versions.status_code,
    versions.trial_kind_code,
    versions.started_at,
    {{ local_date('versions.started_at', 'units.time_zone') }} as started_date,
    {{ local_date('versions.trial_ends_at', 'units.time_zone') }} as trial_end_date,
    {{ local_date('versions.current_period_starts_at', 'units.time_zone') }} as current_period_start_date,
    {{ local_date('versions.current_period_ends_at', 'units.time_zone') }} as current_period_end_date,
    versions.cancelled_at,
    {{ local_date('versions.cancelled_at', 'units.time_zone') }} as cancelled_date,
    {{ local_date('versions.ended_at', 'units.time_zone') }} as ended_date,
    versions.cancel_reason_code,
    case
        when versions.cancel_reason_code = 'payment_failed' then 1
        when versions.cancelled_at is not null or versions.ended_at is not null then 0
    end as is_involuntary,
    versions.quantity,
    versions.unit_amount,
    coalesce(versions.monthly_amount, 0) as monthly_amount,
    coalesce(versions.currency, units.currency) as currency
from versions
{{ join_unit('versions') }}
{{ join_person('versions') }}
