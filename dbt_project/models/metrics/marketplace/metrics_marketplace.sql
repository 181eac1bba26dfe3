{# The metrics of this business type. #}
{{ config(materialized='view') }}
{{ stack_metrics('marketplace') }}
