{# The invitations that arrived, and those whose acceptance did: its id is theirs and a word. #}
{% macro segment_invites_of(arrived) %}
    select replace(events.record_key, '/accepted', '')
    from {{ source('raw_segment', 'events') }} as events
    where events.record_key in ({{ arrived }})
        and {{ json_text('events.payload', 'event') }} in ('Invite Sent', 'Invite Accepted')
{% endmacro %}

{# Of the events that arrived, those that share something. #}
{% macro segment_shares_among(arrived) %}
    select events.record_key
    from {{ source('raw_segment', 'events') }} as events
    where events.record_key in ({{ arrived }})
        and {{ json_text('events.payload', 'event') }} = 'Product Shared'
{% endmacro %}
