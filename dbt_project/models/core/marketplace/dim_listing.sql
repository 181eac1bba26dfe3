{{ config(
    unique_key=['listing_key'],
    dirty_key=['source_key', 'listing_id'],
    dirty_from=dirty_by('listings', 'listing_id', person=true),
    change_carries=['source_key', 'listing_id'],
    indexes=[{'columns': ['source_key', 'listing_id']}, {'columns': ['identifier_key']}, {'columns': ['customer_key']}],
) }}

select
    {{ stamped_with_person('listings') }},
    listings.source_key || ':' || listings.listing_id as listing_key,
    listings.listing_id,
    {{ masked('left(listings.title, 500)') }} as title,
    listings.category_name,
    listings.city,
    listings.status_code,
    listings.removal_reason_code,
    listings.price,
    listings.suggested_price,
    coalesce(listings.currency, units.currency) as currency,
    listings.quantity,
    {{ local_date('listings.created_at', 'units.time_zone') }} as created_date,
    {{ local_date('listings.published_at', 'units.time_zone') }} as published_date,
    {{ local_date('listings.removed_at', 'units.time_zone') }} as removed_date
from {{ ref('int_listings_unioned') }} as listings
{{ join_unit('listings') }}
{{ join_person('listings') }}
where {{ is_dirty('listings') }}
union all
select *
from (
    select
        'unknown' as source_key,
        'unknown' as business_unit_code,
        'unknown' as customer_key,
        cast(null as varchar) as identifier_key,
        0 as is_internal,
        'unknown' as listing_key,
        'unknown' as listing_id,
        'Chưa xác định / Unknown' as title,
        cast(null as varchar) as category_name,
        cast(null as varchar) as city,
        'unknown' as status_code,
        cast(null as varchar) as removal_reason_code,
        cast(null as numeric) as price,
        cast(null as numeric) as suggested_price,
        cast(null as varchar) as currency,
        cast(null as numeric) as quantity,
        cast(null as date) as created_date,
        cast(null as date) as published_date,
        cast(null as date) as removed_date
) as unknown_member
where {{ is_dirty('unknown_member') }}
