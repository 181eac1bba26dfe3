select
    id as booking_id,
    listing_id,
    guest_id as profile_id,
    host_id as seller_profile_id,
    requested_at,
    responded_at,
    accepted_at,
    paid_at,
    cancelled_at,
    completed_at,
    cancel_reason as cancel_reason_code,
    starts_on,
    ends_on,
    status as status_code,
    amount,
    fee as fee_amount,
    'VND' as currency
from bookings
where updated_at >= :since and updated_at < :until
