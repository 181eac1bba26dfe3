{#
    Who cancels pays until the paid period is over, also where the source ends the subscription at once; whose payment
    failed goes on paying for some days, and then left against their will.
#}
{{ config(
    unique_key=['source_key', 'subscription_id', 'version_number'],
    dirty_key=['source_key', 'subscription_id'],
    dirty_from={'fct_subscriptions': ['source_key', 'subscription_id']},
    change_carries=['business_unit_code', 'subscriber_key', 'from_date'],
    indexes=[{'columns': ['business_unit_code', 'subscriber_key']}, {'columns': ['customer_key']}, {'columns': ['from_date']}],
) }}

{% set in_order = 'over (partition by source_key, subscription_id order by version_number)' %}

with versions as (
    select
        subscriptions.*,
        lag(status_code) {{ in_order }} as status_before,
        lead(is_involuntary) {{ in_order }} as is_involuntary_after
    from {{ ref('fct_subscriptions') }} as subscriptions
    where is_internal = 0 and {{ is_dirty('subscriptions') }}
),

turns as (
    {# a payment that fails again and again has failed since the first time #}
    select
        versions.*,
        case
            when status_code <> 'past_due' then effective_date
            else max(case when status_before is distinct from 'past_due' then effective_date end) {{ in_order }}
        end as since_date
    from versions
),

spans as (
    select
        turns.*,
        case
            when status_code = 'past_due' then least(
                {{ add_days('since_date', var('past_due_days')) }}, coalesce(superseded_date, date '9999-12-31')
            )
            when status_code = 'active' then superseded_date
            {# a later version tells when it ended; of the last one, its own dates do #}
            when status_code = 'cancelled' then coalesce(superseded_date, ended_date, current_period_end_date)
            when status_code = 'ended' and is_involuntary = 0 and status_before in ('active', 'cancelled')
                and current_period_start_date < effective_date
                then least(current_period_end_date, coalesce(superseded_date, date '9999-12-31'))
            {# trials, pauses, and what ended otherwise pay nothing #}
            else effective_date
        end as until_date
    from turns
    where effective_date is not null
)

select
    source_key,
    subscription_id,
    version_number,
    business_unit_code,
    customer_key,
    {# a subscription of nobody known is a person of its own #}
    case when customer_key = 'unknown' then md5(source_key || ':' || subscription_id) else customer_key end as subscriber_key,
    plan_id,
    plan_name,
    quantity,
    monthly_amount,
    currency,
    effective_date as from_date,
    until_date,
    cancelled_date,
    case when status_code = 'past_due' or is_involuntary_after = 1 then 1 else 0 end as is_involuntary_end,
    case
        when lag(until_date) {{ in_order }} = effective_date
            and monthly_amount > lag(monthly_amount) {{ in_order }}
            and (quantity > lag(quantity) {{ in_order }} or plan_id <> lag(plan_id) {{ in_order }}) then 1
        else 0
    end as is_upgrade
from spans
where monthly_amount > 0 and (until_date is null or until_date > effective_date)
