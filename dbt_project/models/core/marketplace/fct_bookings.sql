{{ config(
    unique_key=['source_key', 'booking_id'],
    dirty_from=dirty_by('bookings', 'booking_id', person=true, of=['listing'], second_person='seller_identifier_key'),
    change_carries=[
        'customer_key', 'seller_customer_key', 'business_unit_code', 'requested_date', 'completed_date', 'listing_key',
    ],
    indexes=[
        {'columns': ['identifier_key']}, {'columns': ['seller_identifier_key']}, {'columns': ['customer_key']},
        {'columns': ['requested_date']}, {'columns': ['source_key', 'listing_id']},
        {'columns': ['seller_customer_key']}, {'columns': ['completed_date']}, {'columns': ['listing_key']},
        {'columns': ['business_unit_code', 'requested_date']},
    ],
) }}

select
    {{ stamped_with_person('bookings') }},
    bookings.booking_id,
    coalesce(listing.listing_key, 'unknown') as listing_key,
    bookings.listing_id,
    listing.category_name,
    coalesce(sellers.customer_key, 'unknown') as seller_customer_key,
    bookings.source_key || ':' || bookings.seller_profile_id as seller_identifier_key,
    bookings.status_code,
    {# gross merchandise value: placed, and neither declined, cancelled, expired nor among staff #}
    case
        when bookings.status_code in ('declined', 'cancelled', 'expired') then 0
        when coalesce(customers.is_internal, 0) = 1 then 0
        else 1
    end as is_counted,
    bookings.requested_at,
    {{ local_time('bookings.requested_at', 'units.time_zone') }} as requested_at_local,
    {{ local_date('bookings.requested_at', 'units.time_zone') }} as requested_date,
    {{ seconds_between('bookings.requested_at', 'bookings.responded_at') }} as response_seconds,
    {{ local_date('bookings.accepted_at', 'units.time_zone') }} as accepted_date,
    bookings.paid_at,
    {{ local_date('bookings.paid_at', 'units.time_zone') }} as paid_date,
    bookings.completed_at,
    {{ local_date('bookings.completed_at', 'units.time_zone') }} as completed_date,
    {{ local_date('bookings.cancelled_at', 'units.time_zone') }} as cancelled_date,
    bookings.cancel_reason_code,
    bookings.starts_on,
    bookings.ends_on,
    coalesce(bookings.currency, units.currency) as currency,
    coalesce(bookings.amount, 0) as amount,
    bookings.fee_amount,
    bookings.voucher_amount,
    bookings.refund_amount
from {{ ref('int_bookings_unioned') }} as bookings
{{ join_unit('bookings') }}
{{ join_person('bookings') }}
{{ join_own_dimension('listing', 'bookings') }}
left join {{ source('identity', 'identity_map') }} as sellers
    on sellers.source_key = bookings.source_key
    and sellers.profile_id = bookings.seller_profile_id
where {{ is_dirty('bookings') }}
