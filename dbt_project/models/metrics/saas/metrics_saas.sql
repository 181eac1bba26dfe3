{# The metrics of this business type, one word each. #}
{{ config(materialized='view') }}
{{ stack_metrics([
    'saas__enrollment', 'saas__conversion_rate', 'saas__lifetime_value', 'saas__stickiness', 'saas__retention',
    'saas__revenue_per_customer', 'saas__cac', 'saas__churn', 'saas__upselling',
]) }}
