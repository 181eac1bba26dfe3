{# An instant: with its offset on PostgreSQL, which would otherwise drop it silently. #}
{% macro type_instant() %}{{ return(adapter.dispatch('type_instant', 'cx')()) }}{% endmacro %}
{% macro default__type_instant() %}timestamptz{% endmacro %}

{# The wall clock of a time zone at an instant. #}
{% macro local_time(instant, zone) %}{{ return(adapter.dispatch('local_time', 'cx')(instant, zone)) }}{% endmacro %}
{% macro default__local_time(instant, zone) %}({{ instant }} at time zone {{ zone }}){% endmacro %}

{# The business date of an instant: rule R1 of the metric definitions. #}
{% macro local_date(instant, zone) %}cast({{ local_time(instant, zone) }} as date){% endmacro %}

{% macro seconds_between(earlier, later) %}{{ return(adapter.dispatch('seconds_between', 'cx')(earlier, later)) }}{% endmacro %}
{% macro default__seconds_between(earlier, later) %}cast(extract(epoch from {{ later }} - {{ earlier }}) as bigint){% endmacro %}

{# Whole seconds since 1970. #}
{% macro epoch_seconds(instant) %}{{ return(adapter.dispatch('epoch_seconds', 'cx')(instant)) }}{% endmacro %}
{% macro default__epoch_seconds(instant) %}floor(extract(epoch from {{ instant }})){% endmacro %}

{% macro add_seconds(instant, seconds) %}{{ return(adapter.dispatch('add_seconds', 'cx')(instant, seconds)) }}{% endmacro %}
{% macro default__add_seconds(instant, seconds) %}({{ instant }} + ({{ seconds }}) * interval '1 second'){% endmacro %}

{% macro add_days(date, days) %}{{ return(adapter.dispatch('add_days', 'cx')(date, days)) }}{% endmacro %}
{% macro default__add_days(date, days) %}cast({{ date }} + ({{ days }}) as date){% endmacro %}

{# Free text as an instant where it is one, else null. #}
{% macro timestamp_or_null(expression) %}{{ return(adapter.dispatch('timestamp_or_null', 'cx')(expression)) }}{% endmacro %}
{% macro default__timestamp_or_null(expression) -%}
    case
        when {{ expression }} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}' and pg_input_is_valid({{ expression }}, 'timestamptz')
            then cast({{ expression }} as timestamptz)
    end
{%- endmacro %}

{# The day on which the batch was opened, in a time zone: no later day can be complete. #}
{% macro batch_date(zone) -%}
    (
        select {{ local_date('batches.opened_at', zone) }}
        from ops.batches as batches
        where batches.batch_id = (select ops.current_batch())
    )
{%- endmacro %}
