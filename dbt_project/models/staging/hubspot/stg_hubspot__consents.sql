select
    history.record_key as consent_id,
    'sales_software' as business_unit_code,
    history.parent_key as profile_id,
    'marketing' as purpose_code,
    'email' as channel_code,
    case
        when {{ json_text('history.payload', 'property') }} = 'hs_email_optout'
            and {{ json_text('history.payload', 'value') }} = 'true' then 0
        else 1
    end as is_granted,
    {{ json_timestamp('history.payload', 'timestamp') }} as decided_at,
    case {{ json_text('history.payload', 'sourceType') }}
        when 'FORM' then 'form'
        when 'IMPORT' then 'import'
        when 'CRM_UI' then 'call'
        when 'EMAIL' then 'email'
        else 'unknown'
    end as origin_code,
    {{ json_text('history.payload', 'sourceId') }} as evidence
from {{ current_versions('hubspot', 'contact_history') }} as history
{# an interest of ours is no consent of theirs, and an opt-out that was emptied says nothing #}
where (
    {{ json_text('history.payload', 'property') }} = 'hs_email_optout'
    and {{ json_text('history.payload', 'value') }} in ('true', 'false')
)
or (
    {{ json_text('history.payload', 'property') }} = 'hs_legal_basis'
    and {{ json_text('history.payload', 'value') }} like 'Freely given consent%'
)
