{# The metrics of this family. #}
{{ config(materialized='view') }}
{{ stack_metrics('omnichannel') }}
