{# The metrics of this business type, one word each. #}
{{ config(materialized='view') }}
{{ stack_metrics(['ecommerce__average_order_value', 'ecommerce__revenue_per_customer', 'ecommerce__periodical_purchase']) }}
