{{ config(tags=["whole"]) }}
{# Every row of a contract is in its fact or dimension, once, and that has no other. #}
{% set keepers = {
    'orders': ref('fct_orders'),
    'order_lines': ref('fct_order_lines'),
    'payments': ref('fct_payments'),
    'conversations': ref('fct_conversations'),
    'feedback': ref('fct_feedback'),
    'events': ref('fct_events'),
    'messages': ref('fct_messages'),
    'spend_days': ref('fct_spend_days'),
    'subscriptions': ref('fct_subscriptions'),
    'invoices': ref('fct_invoices'),
    'campaigns': ref('dim_campaign'),
    'message_events': ref('fct_message_events'),
    'consents': ref('fct_consents'),
    'employees': ref('dim_employee'),
    'shifts': ref('fct_shifts'),
    'contents': ref('dim_content'),
    'content_days': ref('fct_content_days'),
    'content_events': ref('fct_content_events'),
    'install_days': ref('fct_install_days'),
    'ad_slot_days': ref('fct_ad_slot_days'),
    'listings': ref('dim_listing'),
    'bookings': ref('fct_bookings'),
    'carts': ref('fct_carts'),
    'recommendations': ref('fct_recommendations'),
    'invites': ref('fct_invites'),
    'competitor_observations': ref('fct_competitor_observations'),
} %}
{% for contract, keeper in keepers.items() %}
select '{{ contract }}' as lost, contract_rows, kept_rows
from (select count(*) as contract_rows from {{ ref('int_' ~ contract ~ '_unioned') }}) as contract
{# the member `unknown` of a dimension is nobody's row #}
cross join (select count(*) as kept_rows from {{ keeper }} where source_key <> 'unknown') as kept
where contract_rows <> kept_rows
{{ 'union all' if not loop.last }}
{% endfor %}
