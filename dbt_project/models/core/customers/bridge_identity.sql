{{ config(
    unique_key=['identifier_value', 'identifier_type_code', 'carrier_key', 'span_number'],
    dirty_key=['carrier_key'],
    dirty_from={
        'identity_map': 'select identifier_key as carrier_key from {changed}',
        'profile_identifiers': 'select identifier_key as carrier_key from {changed}',
        'bridge_visitor': 'select visitor_key as carrier_key from {changed}',
    },
    indexes=[{'columns': ['carrier_key']}],
) }}

{% set company_time_zone = "'" ~ var('company_time_zone') ~ "'" %}

with profiles as (
    select
        identity_map.identifier_key,
        identity_map.source_key,
        identity_map.profile_id,
        identity_map.rule,
        identity_map.seen_at
    from {{ source('identity', 'identity_map') }} as identity_map
    where {{ is_dirty('identity_map', ['identifier_key']) }}
),

history as (
    select
        history.identifier_key,
        history.customer_key,
        history.rule,
        history.resolved_at,
        lead(history.resolved_at) over (partition by history.identifier_key order by history.batch_id) as ended_at,
        row_number() over (partition by history.identifier_key order by history.batch_id) as span_number
    from {{ source('identity', 'identity_history') }} as history
    where {{ is_dirty('history', ['identifier_key']) }}
),

ids as (
    select
        identifier_key,
        profile_id as own_id
    from profiles
    union
    {# the id of a profile that its source merged into this one, written source/id #}
    select
        identifier_key,
        {{ after_slash('identifier_value') }} as own_id
    from {{ source('identity', 'profile_identifiers') }} as merged
    where identifier_type = 'merged_id' and {{ is_dirty('merged', ['identifier_key']) }}
),

identifiers as (
    select
        identifier_key,
        identifier_type as identifier_type_code,
        identifier_value
    from {{ source('identity', 'profile_identifiers') }} as known
    where identifier_type <> 'merged_id' and {{ is_dirty('known', ['identifier_key']) }}
    union
    {# ids in files have their unit before them, unit/id, which nobody types #}
    select
        identifier_key,
        'profile' as identifier_type_code,
        {{ after_slash('own_id') }} as identifier_value
    from ids
),

spans as (
    select
        identifiers.identifier_value,
        identifiers.identifier_type_code,
        profiles.identifier_key as carrier_key,
        history.span_number,
        profiles.source_key,
        history.customer_key,
        case when history.ended_at is null then profiles.rule else history.rule end as rule_code,
        {# before it was anybody else's it was this one's for as long as it is known #}
        case when history.span_number = 1 then coalesce(profiles.seen_at, history.resolved_at) else history.resolved_at end
            as valid_from,
        history.ended_at as valid_to
    from profiles
    inner join history on history.identifier_key = profiles.identifier_key
    inner join identifiers on identifiers.identifier_key = profiles.identifier_key
    where history.customer_key is not null
    union all
    select
        {{ after_slash('devices.anonymous_id') }} as identifier_value,
        'device' as identifier_type_code,
        devices.visitor_key as carrier_key,
        devices.span_number,
        devices.source_key,
        devices.customer_key,
        case when devices.is_shared = 1 then 'shared' else 'signed_in' end as rule_code,
        devices.valid_from,
        devices.valid_to
    from {{ ref('bridge_visitor') }} as devices
    where {{ is_dirty('devices', ['visitor_key']) }}
)

select
    spans.identifier_value,
    spans.identifier_type_code,
    spans.carrier_key,
    spans.span_number,
    spans.source_key,
    spans.customer_key,
    spans.rule_code,
    rules.confidence,
    {{ local_time('spans.valid_from', company_time_zone) }} as valid_from_local,
    {{ local_time('spans.valid_to', company_time_zone) }} as valid_to_local
from spans
left join {{ ref('identity_rules') }} as rules on rules.rule_code = spans.rule_code
