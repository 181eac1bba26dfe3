{# The metrics of this business type, one word each. #}
{{ config(materialized='view') }}
{{ stack_metrics([
    'app__downloads', 'app__cac', 'app__launch_rate', 'app__active_share', 'app__payer_share',
    'app__time_to_first_purchase', 'app__revenue_per_user', 'app__rating', 'app__churn', 'app__lifetime_value',
]) }}
