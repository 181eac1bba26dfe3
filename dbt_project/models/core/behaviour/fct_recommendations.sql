{{ config(
    unique_key=['source_key', 'recommendation_id'],
    dirty_from=dirty_by('recommendations', 'recommendation_id', person=true, of=['listing', 'content']),
    change_carries=['customer_key', 'business_unit_code', 'shown_date'],
    indexes=[
        {'columns': ['identifier_key']}, {'columns': ['customer_key']}, {'columns': ['shown_date']},
        {'columns': ['source_key', 'listing_id']}, {'columns': ['source_key', 'content_id']},
        {'columns': ['business_unit_code', 'shown_date']}, {'columns': ['source_key', 'order_id']},
    ],
) }}

select
    {{ stamped_with_person('recommendations') }},
    {{ known_channel() }},
    recommendations.recommendation_id,
    recommendations.anonymous_id,
    recommendations.slot_name,
    recommendations.result_position,
    recommendations.basis_code,
    recommendations.is_control,
    recommendations.product_id,
    coalesce(content.content_key, 'unknown') as content_key,
    recommendations.content_id,
    coalesce(listing.listing_key, 'unknown') as listing_key,
    recommendations.listing_id,
    recommendations.shown_at,
    {{ local_time('recommendations.shown_at', 'units.time_zone') }} as shown_at_local,
    {{ local_date('recommendations.shown_at', 'units.time_zone') }} as shown_date,
    {{ seconds_between('recommendations.shown_at', 'recommendations.clicked_at') }} as click_seconds,
    {{ seconds_between('recommendations.shown_at', 'recommendations.added_at') }} as addition_seconds,
    {{ seconds_between('recommendations.shown_at', 'recommendations.bought_at') }} as purchase_seconds,
    recommendations.order_id
from {{ ref('int_recommendations_unioned') }} as recommendations
{{ join_unit('recommendations') }}
{{ join_person('recommendations') }}
{{ join_channel('recommendations') }}
{{ join_own_dimension('content', 'recommendations') }}
{{ join_own_dimension('listing', 'recommendations') }}
where {{ is_dirty('recommendations') }}
