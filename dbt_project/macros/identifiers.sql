{#
    The phone and the e-mail of profiles, from relations that hold `profile_id`, `phone` and `email`. Each is read in one
    place: a common table expression that two read is computed whole, of all history to find a day's records.
#}
{% macro phones_and_emails(relations) %}
{% for relation in relations %}
select
    {{ relation }}.record_key,
    {{ relation }}.profile_id,
    said.identifier_type,
    said.identifier_value
from {{ relation }}
cross join lateral (
    values ('phone', {{ relation }}.phone), ('email', {{ relation }}.email)
) as said (identifier_type, identifier_value)
where said.identifier_value <> ''
{{ 'union all' if not loop.last }}
{% endfor %}
{% endmacro %}

{# What is asked of every customer, and kept of each profile that says it. #}
{% macro profile_attributes() %}{{ return(['full_name', 'phone', 'email', 'birth_year', 'city']) }}{% endmacro %}

{#
    Contracts in which somebody may appear of whom nothing else is known: the record's id, and when it was. Who only
    clicks, reads or is written to has a profile, or is nobody known: asking each event for a stranger would cost every
    batch a scan of all that ever happened.
#}
{% macro appearances() %}
    {{ return({
        'customers': ('profile_id', 'created_at'),
        'orders': ('order_id', 'ordered_at'),
        'conversations': ('conversation_id', 'opened_at'),
        'feedback': ('feedback_id', 'answered_at'),
        'subscriptions': ('subscription_id', 'started_at'),
        'bookings': ('booking_id', 'requested_at'),
        'carts': ('cart_id', 'started_at'),
        'listings': ('listing_id', 'created_at'),
    }) }}
{% endmacro %}

{# What makes a record of them dirty: that it arrived. #}
{% macro dirty_by_appearances() %}
    {%- set dirty_from = {} -%}
    {%- for contract in appearances() -%}
        {%- do dirty_from.update({
            'int_' ~ contract ~ '_unioned':
                "select source_key, '" ~ contract ~ "' as contract_code, record_key as record_id from {changed}"
        }) -%}
    {%- endfor -%}
    {{ return(dirty_from) }}
{% endmacro %}

{# The profiles of which identifiers arrived in rows, in their present version or a former one. #}
{% macro identified_in(source_name, arrived) %}
    select distinct versions.scope || '/' || {{ json_text('versions.payload', 'profile_id') }}
    from {{ source('raw_' ~ source_name, 'identifiers') }} as versions
    where versions.record_key in ({{ arrived }}) and {{ json_text('versions.payload', 'profile_id') }} is not null
{% endmacro %}
{% macro files_identified(arrived) %}{{ identified_in('files', arrived) }}{% endmacro %}
{% macro database_identified(arrived) %}{{ identified_in('database', arrived) }}{% endmacro %}

{# Profiles that staging makes of records: who answers a survey is one, and so is a team. #}
{% macro typeform_persons(arrived) %}select 'person:' || record_key from ({{ arrived }}) as arrived{% endmacro %}
{% macro staff_teams(arrived) %}select 'team:' || record_key from ({{ arrived }}) as arrived{% endmacro %}
