{# The metrics of this family, one word each. #}
{{ config(materialized='view') }}
{{ stack_metrics([
    'omnichannel__channel_breadth', 'omnichannel__cross_channel_rate', 'omnichannel__channel_switches',
    'omnichannel__seamless_switch_rate', 'omnichannel__o2o_rate', 'omnichannel__spend_ratio', 'omnichannel__repeat_rate',
    'omnichannel__trial_ratio',
]) }}
