{#
    Which raw streams feed each contract, and which key of the stream is the contract's dirty key: its
    own, its parent's, or what a macro of that name yields from the keys that arrived.
    The unions list their sources from here, and an incremental model learns from here which keys
    arrived: a new source is one line in each contract that it feeds.
#}
{% macro contract_feeds(contract) %}
    {{ return({
        'business_units': [
            ['database', 'business_units', 'record_key'],
            ['files', 'business_units', 'record_key'],
        ],
        'customers': [
            ['haravan', 'customers', 'record_key'],
            ['zendesk', 'users', 'record_key'],
            ['typeform', 'responses', 'typeform_persons'],
            ['zalo_oa', 'users', 'record_key'],
            ['facebook_page', 'conversations', 'parent_key'],
            ['stripe', 'customers', 'record_key'],
            ['woocommerce', 'customers', 'record_key'],
            ['sapo', 'customers', 'record_key'],
            ['shopify', 'customers', 'record_key'],
            ['segment', 'identifies', 'record_key'],
            ['subiz', 'visitors', 'record_key'],
            ['chatwoot', 'contacts', 'record_key'],
            ['hubspot', 'contacts', 'record_key'],
            ['pos', 'receipts', 'pos_buyers'],
            ['mailchimp', 'members', 'record_key'],
            ['preference_centre', 'subjects', 'record_key'],
            ['staff', 'teams', 'staff_teams'],
            ['shopee', 'orders', 'parent_key'],
            ['tiktok_shop', 'orders', 'parent_key'],
            ['lazada', 'orders', 'parent_key'],
            ['database', 'customers', 'parent_key'],
            ['files', 'customers', 'parent_key'],
        ],
        'identifiers': [
            ['haravan', 'customers', 'record_key'],
            ['haravan', 'orders', 'record_key'],
            ['zendesk', 'users', 'record_key'],
            ['typeform', 'responses', 'record_key'],
            ['zalo_oa', 'users', 'record_key'],
            ['stripe', 'customers', 'record_key'],
            ['woocommerce', 'customers', 'record_key'],
            ['woocommerce', 'orders', 'record_key'],
            ['sapo', 'customers', 'record_key'],
            ['sapo', 'orders', 'record_key'],
            ['shopify', 'customers', 'record_key'],
            ['shopify', 'orders', 'record_key'],
            ['segment', 'identifies', 'record_key'],
            ['subiz', 'visitors', 'record_key'],
            ['chatwoot', 'contacts', 'record_key'],
            ['hubspot', 'contacts', 'record_key'],
            ['pos', 'receipts', 'record_key'],
            ['mailchimp', 'members', 'record_key'],
            ['preference_centre', 'subjects', 'record_key'],
            ['database', 'identifiers', 'database_identified'],
            ['files', 'identifiers', 'files_identified'],
        ],
        'products': [
            ['haravan', 'products', 'record_key'],
            ['woocommerce', 'products', 'record_key'],
            ['sapo', 'products', 'record_key'],
            ['shopify', 'products', 'record_key'],
            ['shopee', 'products', 'record_key'],
            ['tiktok_shop', 'products', 'record_key'],
            ['lazada', 'products', 'record_key'],
            ['database', 'products', 'record_key'],
            ['files', 'products', 'record_key'],
        ],
        'orders': [
            ['haravan', 'orders', 'record_key'],
            ['pos', 'receipts', 'record_key'],
            ['woocommerce', 'orders', 'record_key'],
            ['sapo', 'orders', 'record_key'],
            ['shopify', 'orders', 'record_key'],
            ['shopee', 'orders', 'record_key'],
            ['shopee', 'returns', 'parent_key'],
            ['tiktok_shop', 'orders', 'record_key'],
            ['tiktok_shop', 'returns', 'parent_key'],
            ['lazada', 'orders', 'record_key'],
            ['lazada', 'returns', 'parent_key'],
            ['database', 'orders', 'parent_key'],
            ['files', 'orders', 'parent_key'],
        ],
        'order_lines': [
            ['haravan', 'orders', 'record_key'],
            ['pos', 'receipts', 'record_key'],
            ['woocommerce', 'orders', 'record_key'],
            ['sapo', 'orders', 'record_key'],
            ['shopify', 'orders', 'record_key'],
            ['shopee', 'orders', 'record_key'],
            ['tiktok_shop', 'orders', 'record_key'],
            ['lazada', 'orders', 'record_key'],
            ['database', 'order_lines', 'parent_key'],
            ['files', 'order_lines', 'parent_key'],
        ],
        'payments': [
            ['haravan', 'orders', 'record_key'],
            ['pos', 'receipts', 'record_key'],
            ['woocommerce', 'orders', 'record_key'],
            ['woocommerce', 'refunds', 'parent_key'],
            ['sapo', 'orders', 'record_key'],
            ['shopify', 'orders', 'record_key'],
            ['shopee', 'orders', 'record_key'],
            ['shopee', 'returns', 'parent_key'],
            ['tiktok_shop', 'orders', 'record_key'],
            ['tiktok_shop', 'returns', 'parent_key'],
            ['lazada', 'orders', 'record_key'],
            ['lazada', 'returns', 'parent_key'],
            ['database', 'payments', 'parent_key'],
            ['files', 'payments', 'parent_key'],
        ],
        'conversations': [
            ['zendesk', 'tickets', 'record_key'],
            ['zendesk', 'comments', 'parent_key'],
            ['zendesk', 'users', 'zendesk_answered_by'],
            ['zalo_oa', 'messages', 'parent_key'],
            ['facebook_page', 'messages', 'parent_key'],
            ['tiktok_shop', 'messages', 'parent_key'],
            ['database', 'conversations', 'parent_key'],
            ['subiz', 'chats', 'record_key'],
            ['subiz', 'messages', 'parent_key'],
            ['chatwoot', 'conversations', 'record_key'],
            ['chatwoot', 'messages', 'parent_key'],
            ['files', 'conversations', 'parent_key'],
        ],
        'feedback': [
            ['zendesk', 'satisfaction_ratings', 'record_key'],
            ['typeform', 'responses', 'record_key'],
            ['zalo_oa', 'ratings', 'record_key'],
            ['facebook_page', 'ratings', 'record_key'],
            ['hearme', 'answers', 'record_key'],
            ['database', 'feedback', 'record_key'],
            ['subiz', 'chats', 'record_key'],
            ['chatwoot', 'csat_responses', 'record_key'],
            ['google_play', 'reviews', 'record_key'],
            ['app_store', 'reviews', 'record_key'],
            ['staff', 'survey_answers', 'record_key'],
            ['shopee', 'comments', 'record_key'],
            ['lazada', 'reviews', 'record_key'],
            ['lazada', 'orders', 'lazada_reviews_of'],
            ['files', 'feedback', 'record_key'],
        ],
        'messages': [
            ['zalo_oa', 'messages', 'record_key'],
            ['facebook_page', 'messages', 'record_key'],
            ['tiktok_shop', 'messages', 'record_key'],
            ['database', 'messages', 'parent_key'],
            ['subiz', 'messages', 'record_key'],
            ['chatwoot', 'messages', 'record_key'],
            ['files', 'messages', 'parent_key'],
        ],
        'events': [
            ['segment', 'events', 'record_key'],
            ['database', 'events', 'parent_key'],
            ['files', 'events', 'parent_key'],
        ],
        'spend_days': [
            ['ad_spend', 'facebook_days', 'record_key'],
            ['ad_spend', 'google_days', 'record_key'],
            ['database', 'spend_days', 'parent_key'],
            ['files', 'spend_days', 'parent_key'],
        ],
        'subscriptions': [
            ['stripe', 'subscriptions', 'record_key'],
            ['stripe', 'events', 'parent_key'],
            ['database', 'subscriptions', 'parent_key'],
            ['files', 'subscriptions', 'parent_key'],
        ],
        'invoices': [
            ['stripe', 'invoices', 'record_key'],
            ['database', 'invoices', 'parent_key'],
            ['files', 'invoices', 'parent_key'],
        ],
        'campaigns': [
            ['database', 'campaigns', 'parent_key'],
            ['mailchimp', 'campaigns', 'record_key'],
            ['chatwoot', 'inboxes', 'record_key'],
            ['ad_spend', 'facebook_campaigns', 'record_key'],
            ['ad_spend', 'google_campaigns', 'record_key'],
            ['files', 'campaigns', 'parent_key'],
        ],
        'message_events': [
            ['database', 'message_events', 'parent_key'],
            ['mailchimp', 'sent_to', 'record_key'],
            ['mailchimp', 'email_activity', 'record_key'],
            ['mailchimp', 'unsubscribed', 'record_key'],
            ['chatwoot', 'messages', 'record_key'],
            ['files', 'message_events', 'parent_key'],
        ],
        'consents': [
            ['database', 'consents', 'parent_key'],
            ['hubspot', 'contact_history', 'record_key'],
            ['mailchimp', 'members', 'mailchimp_decisions'],
            ['mailchimp', 'unsubscribed', 'record_key'],
            ['preference_centre', 'decisions', 'record_key'],
            ['files', 'consents', 'parent_key'],
        ],
        'employees': [
            ['database', 'employees', 'parent_key'],
            ['staff', 'employees', 'record_key'],
            ['files', 'employees', 'parent_key'],
        ],
        'shifts': [
            ['database', 'shifts', 'parent_key'],
            ['staff', 'shifts', 'record_key'],
            ['files', 'shifts', 'parent_key'],
        ],
        'identity_labels': [
            ['clerical', 'pairs', 'record_key'],
        ],
        'control_totals': [
            ['haravan', 'order_counts', 'record_key'],
            ['zendesk', 'tickets', 'record_key'],
            ['pos', 'totals', 'record_key'],
            ['woocommerce', 'order_counts', 'record_key'],
            ['sapo', 'order_counts', 'record_key'],
            ['shopify', 'order_counts', 'record_key'],
            ['shopee', 'order_counts', 'record_key'],
            ['shopee', 'shop_performance', 'record_key'],
            ['chatwoot', 'report_days', 'record_key'],
            ['chatwoot', 'conversations', 'record_key'],
            ['tiktok_shop', 'order_counts', 'record_key'],
            ['tiktok_shop', 'service_days', 'record_key'],
            ['lazada', 'order_counts', 'record_key'],
            ['lazada', 'seller_performance', 'record_key'],
            ['ga4', 'days', 'record_key'],
            ['database', 'control_totals', 'parent_key'],
            ['files', 'control_totals', 'parent_key'],
        ],
        'contents': [
            ['facebook_page', 'posts', 'record_key'],
            ['facebook_page', 'pages', 'record_key'],
            ['youtube', 'videos', 'record_key'],
            ['youtube', 'channels', 'record_key'],
            ['database', 'contents', 'parent_key'],
            ['files', 'contents', 'parent_key'],
        ],
        'content_days': [
            ['facebook_page', 'post_insights', 'record_key'],
            ['facebook_page', 'page_insights', 'record_key'],
            ['youtube', 'video_days', 'record_key'],
            ['youtube', 'channel_days', 'record_key'],
            ['database', 'content_days', 'parent_key'],
            ['files', 'content_days', 'parent_key'],
        ],
        'content_events': [
            ['youtube', 'comments', 'record_key'],
            ['segment', 'events', 'segment_shares_among'],
            ['database', 'content_events', 'parent_key'],
            ['files', 'content_events', 'parent_key'],
        ],
        'install_days': [
            ['google_play', 'installs', 'record_key'],
            ['app_store', 'downloads', 'record_key'],
            ['database', 'install_days', 'parent_key'],
            ['files', 'install_days', 'parent_key'],
        ],
        'ad_slot_days': [
            ['ad_server', 'slots', 'record_key'],
            ['ad_server', 'deals', 'record_key'],
            ['database', 'ad_slot_days', 'parent_key'],
            ['files', 'ad_slot_days', 'parent_key'],
        ],
        'listings': [
            ['database', 'listings', 'parent_key'],
            ['files', 'listings', 'parent_key'],
        ],
        'listing_versions': [
            ['database', 'listings', 'parent_key'],
            ['files', 'listings', 'parent_key'],
        ],
        'bookings': [
            ['database', 'bookings', 'parent_key'],
            ['files', 'bookings', 'parent_key'],
        ],
        'carts': [
            ['shopify', 'abandoned_checkouts', 'record_key'],
            ['sapo', 'checkouts', 'record_key'],
            ['database', 'carts', 'parent_key'],
            ['files', 'carts', 'parent_key'],
        ],
        'recommendations': [
            ['database', 'recommendations', 'parent_key'],
            ['files', 'recommendations', 'parent_key'],
        ],
        'invites': [
            ['segment', 'events', 'segment_invites_of'],
            ['database', 'invites', 'parent_key'],
            ['files', 'invites', 'parent_key'],
        ],
        'competitor_observations': [
            ['database', 'competitor_observations', 'parent_key'],
            ['files', 'competitor_observations', 'parent_key'],
        ],
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
    {%- set arrived -%}
    {{ source('raw_' ~ source_name, stream) }}
    where acceptance_id > (select ops.dirty_after('{{ source_name }}'))
        and acceptance_id <= (select ops.dirty_through('{{ source_name }}'))
    {%- endset %}
    {%- if key not in ('record_key', 'parent_key') %}
    select '{{ source_name }}' as source_key, keys.{{ key_name }}
    from ({{ context[key]('select record_key from ' ~ arrived) }}) as keys ({{ key_name }})
    {%- else %}
    select '{{ source_name }}' as source_key, {{ key }} as {{ key_name }}
    from {{ arrived }}
    {%- endif %}
    {%- if key == 'parent_key' %}
    union
    {#- a payment that moves to another order changes the one that it leaves, too #}
    select '{{ source_name }}' as source_key, versions.parent_key as {{ key_name }}
    from {{ source('raw_' ~ source_name, stream) }} as versions
    where versions.record_key = any(array(select record_key from {{ arrived }}))
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

{# Every version of each record of a stream since it was last deleted, as far as this batch may read its source. #}
{% macro all_versions(source_name, stream) %}
    (
        select
            versions.record_key, versions.parent_key, versions.scope, versions.payload,
            versions.version, versions.acceptance_id, versions.ordinal
        from {{ source('raw_' ~ source_name, stream) }} as versions
        where versions.acceptance_id <= (select ops.acceptance_limit('{{ source_name }}'))
            and not versions.is_deleted
            and not exists (
                select 1
                from {{ source('raw_' ~ source_name, stream) }} as gone
                where gone.record_key = versions.record_key
                    and gone.is_deleted
                    and (gone.version, gone.acceptance_id, gone.ordinal)
                        > (versions.version, versions.acceptance_id, versions.ordinal)
                    and gone.acceptance_id <= (select ops.acceptance_limit('{{ source_name }}'))
            )
    )
{% endmacro %}

{# A source's word in our vocabulary (`seeds/code_map.csv`); what is not translated is `unknown`. #}
{% macro code_for(kind, source_name, expression) %}
    coalesce({{ looked_up(expression, 'code_map.source_value', 'code_map.code', of_the_code_map(kind, [source_name])) }}, 'unknown')
{% endmacro %}

{% macro of_the_code_map(kind, source_names) -%}
    from {{ ref('code_map') }} as code_map
    where code_map.kind = '{{ kind }}' and code_map.source_key in ('{{ source_names | join("', '") }}')
{%- endmacro %}
