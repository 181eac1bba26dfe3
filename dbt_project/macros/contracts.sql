{#
    Which raw streams feed each contract, and which key of the stream is the contract's dirty key.
    The unions list their sources from here, and an incremental model learns from here which keys
    arrived: a new source is one line in each contract that it feeds.
#}
{% macro contract_feeds(contract) %}
    {{ return({
        'business_units': [['files', 'business_units', 'record_key']],
        'customers': [
            ['haravan', 'customers', 'record_key'],
            ['zendesk', 'users', 'record_key'],
            ['typeform', 'responses', 'record_key'],
            ['segment', 'identifies', 'record_key'],
            ['files', 'customers', 'parent_key'],
        ],
        'identifiers': [
            ['haravan', 'customers', 'record_key'],
            ['haravan', 'orders', 'record_key'],
            ['zendesk', 'users', 'record_key'],
            ['typeform', 'responses', 'record_key'],
            ['segment', 'identifies', 'record_key'],
            ['files', 'identifiers', 'record_key'],
        ],
        'products': [
            ['haravan', 'products', 'record_key'],
            ['files', 'products', 'record_key'],
        ],
        'orders': [
            ['haravan', 'orders', 'record_key'],
            ['files', 'orders', 'parent_key'],
        ],
        'order_lines': [
            ['haravan', 'orders', 'record_key'],
            ['files', 'order_lines', 'parent_key'],
        ],
        'payments': [
            ['haravan', 'orders', 'record_key'],
            ['files', 'payments', 'parent_key'],
        ],
        'conversations': [
            ['zendesk', 'tickets', 'record_key'],
            ['zendesk', 'comments', 'parent_key'],
            ['files', 'conversations', 'parent_key'],
        ],
        'feedback': [
            ['zendesk', 'satisfaction_ratings', 'record_key'],
            ['typeform', 'responses', 'record_key'],
            ['google_play', 'reviews', 'record_key'],
            ['files', 'feedback', 'record_key'],
        ],
        'events': [
            ['segment', 'events', 'record_key'],
            ['files', 'events', 'parent_key'],
        ],
        'messages': [['files', 'messages', 'parent_key']],
        'spend_days': [['files', 'spend_days', 'parent_key']],
        'subscriptions': [['files', 'subscriptions', 'parent_key']],
        'invoices': [['files', 'invoices', 'parent_key']],
        'campaigns': [['files', 'campaigns', 'parent_key']],
        'message_events': [['files', 'message_events', 'parent_key']],
        'consents': [['files', 'consents', 'parent_key']],
        'employees': [['files', 'employees', 'parent_key']],
        'shifts': [['files', 'shifts', 'parent_key']],
        'control_totals': [
            ['haravan', 'order_counts', 'record_key'],
            ['files', 'control_totals', 'parent_key'],
        ],
        'contents': [['files', 'contents', 'parent_key']],
        'content_days': [['files', 'content_days', 'parent_key']],
        'content_events': [['files', 'content_events', 'parent_key']],
        'install_days': [
            ['google_play', 'installs', 'record_key'],
            ['files', 'install_days', 'parent_key'],
        ],
        'ad_slot_days': [['files', 'ad_slot_days', 'parent_key']],
        'listings': [['files', 'listings', 'parent_key']],
        'bookings': [['files', 'bookings', 'parent_key']],
        'invites': [['files', 'invites', 'parent_key']],
        'competitor_observations': [['files', 'competitor_observations', 'parent_key']],
    }[contract]) }}
{% endmacro %}

{# A union over a contract's sources; a staging model that lacks a column fails by its name. #}
{% macro stack(contract, columns) %}
    {%- set seen = [] -%}
    {%- for source_name, stream, key in contract_feeds(contract) if source_name not in seen -%}
    {%- do seen.append(source_name) -%}
    {{ 'union all' if not loop.first }}
    select
        cast('{{ source_name }}' as {{ dbt.type_string() }}) as source_key,
        {{ columns | join(',\n        ') }}
    from {{ ref('stg_' ~ source_name ~ '__' ~ contract) }}
    {% endfor -%}
{% endmacro %}

{# The keys of a contract that arrived, were deleted, held or released since the published head. #}
{% macro changed_records(contract, key_name) %}
    {%- for source_name, stream, key in contract_feeds(contract) %}
    {{ 'union' if not loop.first }}
    select '{{ source_name }}' as source_key, {{ key }} as {{ key_name }}
    from {{ source('raw_' ~ source_name, stream) }}
    where acceptance_id > (select ops.dirty_after('{{ source_name }}'))
        and acceptance_id <= (select ops.dirty_through('{{ source_name }}'))
    {%- if key == 'parent_key' %}
    union
    {#- a payment that moves to another order changes the one that it leaves, too #}
    select '{{ source_name }}' as source_key, versions.parent_key as {{ key_name }}
    from {{ source('raw_' ~ source_name, stream) }} as versions
    where versions.record_key = any(array(
        select record_key from {{ source('raw_' ~ source_name, stream) }}
        where acceptance_id > (select ops.dirty_after('{{ source_name }}'))
            and acceptance_id <= (select ops.dirty_through('{{ source_name }}'))
    ))
    {%- endif %}
    {%- endfor %}
{% endmacro %}

{# The current version of each record of a stream, as far as this batch may read its source. #}
{% macro current_versions(source_name, stream) %}
    (
        select versions.record_key, versions.parent_key, versions.scope, versions.payload
        from {{ source('raw_' ~ source_name, stream) }} as versions
        where versions.acceptance_id <= (select ops.acceptance_limit('{{ source_name }}'))
            and not versions.is_deleted
            and not exists (
                select 1
                from {{ source('raw_' ~ source_name, stream) }} as newer
                where newer.record_key = versions.record_key
                    and (newer.version, newer.acceptance_id, newer.ordinal)
                        > (versions.version, versions.acceptance_id, versions.ordinal)
                    and newer.acceptance_id <= (select ops.acceptance_limit('{{ source_name }}'))
            )
    )
{% endmacro %}

{# A source's word in our vocabulary (`seeds/code_map.csv`); what is not translated is `unknown`. #}
{% macro code_for(kind, source_name, expression) %}
    coalesce((
        select max(code_map.code)
        from {{ ref('code_map') }} as code_map
        where code_map.kind = '{{ kind }}'
            and code_map.source_key = '{{ source_name }}'
            and code_map.source_value = {{ expression }}
    ), 'unknown')
{% endmacro %}
