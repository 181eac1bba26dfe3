{% macro rows_of_contents(source_name) %}
select
    records.parent_key as content_id,
    records.scope as business_unit_code,
    coalesce({{ row_text('kind_code') }}, 'article') as kind_code,
    {{ row_text('title') }} as title,
    {{ row_reference('profile_id') }} as profile_id,
    {{ code_in_rows('channel', source_name, row_text('channel_code')) }} as channel_code,
    {{ row_text('topic_code') }} as topic_code,
    {{ row_instant('published_at') }} as published_at,
    {{ row_instant('removed_at') }} as removed_at,
    {{ row_number_of('duration_seconds') }} as duration_seconds,
    {{ row_number_of('word_count') }} as word_count,
    coalesce({{ row_flag('is_paywalled') }}, 0) as is_paywalled
{{ first_rows_of(source_name, 'contents') }}
{% endmacro %}
