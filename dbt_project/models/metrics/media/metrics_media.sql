{# The metrics of this business type, one word each. #}
{{ config(materialized='view') }}
{{ stack_metrics([
    'media__audience', 'media__ad_inventory', 'media__ad_rates', 'media__click_through_rate', 'media__ad_balance',
]) }}
