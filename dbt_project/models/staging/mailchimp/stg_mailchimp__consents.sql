select
    members.record_key as consent_id,
    'shop_online' as business_unit_code,
    members.record_key as profile_id,
    'marketing' as purpose_code,
    'email' as channel_code,
    case when {{ json_text('members.payload', 'status') }} = 'unsubscribed' then 0 else 1 end as is_granted,
    case
        when {{ json_text('members.payload', 'status') }} = 'unsubscribed'
            then {{ json_timestamp('members.payload', 'last_changed') }}
        else coalesce(
            {{ json_timestamp('members.payload', 'timestamp_opt') }},
            {{ json_timestamp('members.payload', 'timestamp_signup') }}
        )
    end as decided_at,
    {# where it was withdrawn, the member does not say; the unsubscription by a campaign does #}
    case
        when {{ json_text('members.payload', 'status') }} = 'unsubscribed' then 'unknown'
        when {{ json_text('members.payload', 'source') }} like 'Import%' then 'import'
        else 'form'
    end as origin_code,
    {{ json_text('members.payload', 'contact_id') }} as evidence
from {{ current_versions('mailchimp', 'members') }} as members
{# who has not confirmed has decided nothing, nor has who is only sent receipts #}
where {{ json_text('members.payload', 'status') }} not in ('pending', 'transactional')
union all
{# a member who left has kept the time at which they had joined: until then they had agreed #}
select
    members.record_key || '/opt_in' as consent_id,
    'shop_online' as business_unit_code,
    members.record_key as profile_id,
    'marketing' as purpose_code,
    'email' as channel_code,
    1 as is_granted,
    coalesce(
        {{ json_timestamp('members.payload', 'timestamp_opt') }},
        {{ json_timestamp('members.payload', 'timestamp_signup') }}
    ) as decided_at,
    case when {{ json_text('members.payload', 'source') }} like 'Import%' then 'import' else 'form' end as origin_code,
    {{ json_text('members.payload', 'contact_id') }} as evidence
from {{ current_versions('mailchimp', 'members') }} as members
where {{ json_text('members.payload', 'status') }} = 'unsubscribed'
    and coalesce(
        {{ json_text('members.payload', 'timestamp_opt') }}, {{ json_text('members.payload', 'timestamp_signup') }}, ''
    ) <> ''
union all
select
    unsubscribed.record_key as consent_id,
    'shop_online' as business_unit_code,
    {{ json_text('unsubscribed.payload', 'list_id') }} || '/' || {{ json_text('unsubscribed.payload', 'email_id') }}
        as profile_id,
    'marketing' as purpose_code,
    'email' as channel_code,
    0 as is_granted,
    {{ json_timestamp('unsubscribed.payload', 'timestamp') }} as decided_at,
    'email' as origin_code,
    {{ json_text('unsubscribed.payload', 'campaign_id') }} as evidence
from {{ current_versions('mailchimp', 'unsubscribed') }} as unsubscribed
