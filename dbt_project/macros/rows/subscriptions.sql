{% macro rows_of_subscriptions(source_name) %}
select
    records.parent_key as subscription_id,
    records.record_key as version_id,
    records.scope as business_unit_code,
    {{ row_instant('effective_at') }} as effective_at,
    {{ row_reference('profile_id') }} as profile_id,
    {{ row_reference('plan_id') }} as plan_id,
    {{ row_text('plan_name') }} as plan_name,
    {{ row_text('status_code') }} as status_code,
    {{ row_text('trial_kind_code') }} as trial_kind_code,
    {{ row_instant('started_at') }} as started_at,
    {{ row_instant('trial_ends_at') }} as trial_ends_at,
    {{ row_instant('current_period_starts_at') }} as current_period_starts_at,
    {{ row_instant('current_period_ends_at') }} as current_period_ends_at,
    {{ row_instant('cancelled_at') }} as cancelled_at,
    {{ row_instant('ended_at') }} as ended_at,
    {{ row_text('cancel_reason_code') }} as cancel_reason_code,
    coalesce({{ row_number_of('quantity') }}, 1) as quantity,
    {{ row_number_of('unit_amount') }} as unit_amount,
    {{ row_number_of('monthly_amount') }} as monthly_amount,
    {{ row_text('currency') }} as currency
{{ first_rows_of(source_name, 'subscriptions') }}
{% endmacro %}
