{# The metrics of this business type, one word each. #}
{{ config(materialized='view') }}
{{ stack_metrics([
    'ugc__engaged_visitors', 'ugc__content_creation', 'ugc__engagement_funnel', 'ugc__content_value', 'ugc__sharing',
    'ugc__notification_effect',
]) }}
