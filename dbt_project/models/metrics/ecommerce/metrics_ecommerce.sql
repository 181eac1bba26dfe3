{# The metrics of this business type, one word each. #}
{{ config(materialized='view') }}
{{ stack_metrics([
    'ecommerce__average_order_value', 'ecommerce__revenue_per_customer', 'ecommerce__periodical_purchase',
    'ecommerce__conversion_rate', 'ecommerce__cart_abandonment', 'ecommerce__product_abandonment',
    'ecommerce__brand_lapse', 'ecommerce__cac', 'ecommerce__recommendation_acceptance', 'ecommerce__virality',
    'ecommerce__mail_click_rate',
]) }}
