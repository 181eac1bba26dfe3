select
    id as recommendation_id,
    visitor as anonymous_id,
    'P' || product_id as product_id,
    'website' as channel_code,
    slot as slot_name,
    rank as result_position,
    basis as basis_code,
    shown_at,
    clicked_at,
    added_at,
    bought_at
from recommendations
where updated_at >= :since and updated_at < :until
