{% macro rows_of_invites(source_name) %}
select
    records.parent_key as invite_id,
    records.scope as business_unit_code,
    {{ row_reference('profile_id') }} as profile_id,
    {{ row_reference('invitee_profile_id') }} as invitee_profile_id,
    {{ code_in_rows('channel', source_name, row_text('channel_code')) }} as channel_code,
    {{ row_instant('sent_at') }} as sent_at,
    {{ row_instant('accepted_at') }} as accepted_at
{{ first_rows_of(source_name, 'invites') }}
{% endmacro %}
