{#
    Each event holds the terms as they were at its time. What lies before the first event that was
    landed, for events are kept for thirty days, is told by the subscription's own times: the state
    before that event, else the present one, from its start, its first paid day, its cancellation, its end.
#}
{% set state = 'versions.state' %}
with versions as (
    select
        events.parent_key as subscription_id,
        events.record_key as version_id,
        {{ json_epoch('events.payload', 'created') }} as effective_at,
        {{ json_part('events.payload', 'data.object') }} as state,
        cast(null as text) as early_status_code
    from {{ current_versions('stripe', 'events') }} as events
    union all
    select
        subscriptions.record_key as subscription_id,
        subscriptions.record_key || '/' || milestones.status_code as version_id,
        milestones.effective_at,
        coalesce(first_event.state, subscriptions.payload) as state,
        milestones.status_code as early_status_code
    from {{ current_versions('stripe', 'subscriptions') }} as subscriptions
    left join lateral (
        select
            {{ json_epoch('events.payload', 'created') }} as created_at,
            {{ json_merged(
                json_part('events.payload', 'data.object'), json_part('events.payload', 'data.previous_attributes')
            ) }} as state
        from {{ current_versions('stripe', 'events') }} as events
        where events.parent_key = subscriptions.record_key
        order by created_at, events.record_key
        limit 1
    ) as first_event on true
    cross join lateral (select coalesce(first_event.state, subscriptions.payload) as known) as early
    cross join lateral (
        select
            coalesce({{ json_epoch('early.known', 'trial_end') }}, {{ json_epoch('early.known', 'start_date') }})
                as paid_from,
            {{ json_epoch('early.known', 'ended_at') }} as ended_at,
            {{ stripe_status('early.known') }} as status_code
    ) as known
    cross join lateral (
        values
            ('trialing', {{ json_epoch('early.known', 'trial_start') }}),
            {# who leaves within the trial never paid; whose trial goes on does not pay yet #}
            ('active', case
                when known.status_code <> 'trialing' and (known.ended_at is null or known.paid_from < known.ended_at)
                    then known.paid_from
            end),
            {# a payment that fails is that of the period; nothing else says since when #}
            ('past_due', case
                when known.status_code = 'past_due' then {{ json_epoch('early.known', 'current_period_start') }}
            end),
            ('cancelled', case
                when {{ json_epoch('early.known', 'canceled_at') }} >= known.paid_from
                    and (known.ended_at is null or {{ json_epoch('early.known', 'canceled_at') }} < known.ended_at)
                    then {{ json_epoch('early.known', 'canceled_at') }}
            end),
            ('ended', known.ended_at)
    ) as milestones (status_code, effective_at)
    where milestones.effective_at is not null
        and (first_event.created_at is null or milestones.effective_at < first_event.created_at)
)

select
    versions.subscription_id,
    versions.version_id,
    'sales_software' as business_unit_code,
    versions.effective_at,
    {{ json_text(state, 'customer') }} as profile_id,
    {{ json_text(state, 'items.data.0.price.product') }} as plan_id,
    {{ json_text(state, 'items.data.0.price.nickname') }} as plan_name,
    coalesce(versions.early_status_code, {{ stripe_status(state) }}) as status_code,
    case
        when {{ json_number(state, 'items.data.0.price.unit_amount_decimal') }} = 0 then 'freemium'
        when {{ json_text(state, 'trial_start') }} is null then null
        when {{ json_text(state, 'trial_settings.end_behavior.missing_payment_method') }} = 'create_invoice'
            then 'opt_out'
        else 'opt_in'
    end as trial_kind_code,
    {{ json_epoch(state, 'start_date') }} as started_at,
    {{ json_epoch(state, 'trial_end') }} as trial_ends_at,
    {{ stripe_known_by('versions.effective_at', state, 'current_period_start', 'current_period_start') }} as current_period_starts_at,
    {{ stripe_known_by('versions.effective_at', state, 'current_period_start', 'current_period_end') }} as current_period_ends_at,
    {{ stripe_known_by('versions.effective_at', state, 'canceled_at', 'canceled_at') }} as cancelled_at,
    {{ stripe_known_by('versions.effective_at', state, 'ended_at', 'ended_at') }} as ended_at,
    case
        when {{ json_epoch(state, 'canceled_at') }} <= versions.effective_at
            then {{ json_text(state, 'cancellation_details.reason') }}
    end as cancel_reason_code,
    coalesce({{ json_number(state, 'items.data.0.quantity') }}, 1) as quantity,
    {{ stripe_amount(
        json_number(state, 'items.data.0.price.unit_amount_decimal'), json_text(state, 'currency')
    ) }} as unit_amount,
    {{ stripe_monthly_amount(state) }} as monthly_amount,
    upper({{ json_text(state, 'currency') }}) as currency
from versions
{# without a first payment it never began #}
where {{ json_text(state, 'status') }} not like 'incomplete%'
