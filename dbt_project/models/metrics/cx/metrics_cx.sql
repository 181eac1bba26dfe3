{# The metrics of this business type, one word each. #}
{{ config(materialized='view') }}
{{ stack_metrics(['cx__nps', 'cx__csat', 'cx__first_response_time']) }}
