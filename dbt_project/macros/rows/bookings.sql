{% macro rows_of_bookings(source_name) %}
select
    records.parent_key as booking_id,
    records.scope as business_unit_code,
    {{ row_reference('listing_id') }} as listing_id,
    {{ row_reference('profile_id') }} as profile_id,
    {{ row_reference('seller_profile_id') }} as seller_profile_id,
    {{ row_instant('requested_at') }} as requested_at,
    {{ row_instant('responded_at') }} as responded_at,
    {{ row_instant('accepted_at') }} as accepted_at,
    {{ row_instant('paid_at') }} as paid_at,
    {{ row_instant('completed_at') }} as completed_at,
    {{ row_instant('cancelled_at') }} as cancelled_at,
    {{ row_text('cancel_reason_code') }} as cancel_reason_code,
    {{ row_date('starts_on') }} as starts_on,
    {{ row_date('ends_on') }} as ends_on,
    coalesce({{ row_text('status_code') }}, 'requested') as status_code,
    {{ row_number_of('amount') }} as amount,
    coalesce({{ row_number_of('fee_amount') }}, 0) as fee_amount,
    coalesce({{ row_number_of('voucher_amount') }}, 0) as voucher_amount,
    coalesce({{ row_number_of('refund_amount') }}, 0) as refund_amount,
    {{ row_text('currency') }} as currency
{{ first_rows_of(source_name, 'bookings') }}
{% endmacro %}
