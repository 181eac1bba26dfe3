{# The metrics of this business type, one word each. #}
{{ config(materialized='view') }}
{{ stack_metrics([
    'marketplace__growth', 'marketplace__inventory', 'marketplace__search', 'marketplace__funnel', 'marketplace__trust',
    'marketplace__pricing',
]) }}
