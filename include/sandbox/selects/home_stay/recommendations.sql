select
    id as recommendation_id,
    guest_id as profile_id,
    listing_id,
    case slot when 'mail_weekly' then 'email' else 'website' end as channel_code,
    slot as slot_name,
    rank as result_position,
    basis as basis_code,
    shown_at,
    clicked_at,
    is_control
from recommendations
where updated_at >= :since and updated_at < :until
