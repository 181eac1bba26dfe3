with events as (
    select
        record_key,
        payload,
        {{ json_text('payload', 'context.library.name') }} as library_name,
        lower({{ json_text('payload', 'context.userAgent') }}) as user_agent
    from {{ current_versions('segment', 'events') }} as events
)

select
    record_key as event_id,
    {{ code_for('business_unit', 'segment', json_text('payload', 'projectId')) }} as business_unit_code,
    {{ code_for('channel', 'segment', 'library_name') }} as channel_code,
    case library_name
        when 'analytics.js' then 'web'
        when 'analytics-android' then 'android'
        when 'analytics-ios' then 'ios'
        else 'server'
    end as platform_code,
    case
        when user_agent like '%ipad%' or user_agent like '%tablet%' then 'tablet'
        when user_agent like '%mobi%' then 'mobile'
        when user_agent is not null then 'desktop'
        when {{ json_text('payload', 'context.device.model') }} like '%iPad%' then 'tablet'
        when {{ json_text('payload', 'context.device.model') }} is not null then 'mobile'
        else 'other'
    end as device_code,
    {{ json_text('payload', 'type') }} as kind_code,
    coalesce(
        {{ json_text('payload', 'event') }}, {{ json_text('payload', 'name') }}, {{ json_text('payload', 'type') }}
    ) as event_name,
    {{ json_timestamp('payload', 'timestamp') }} as occurred_at,
    {{ json_timestamp('payload', 'receivedAt') }} as received_at,
    {{ json_text('payload', 'anonymousId') }} as anonymous_id,
    {{ json_text('payload', 'userId') }} as profile_id,
    {{ json_text('payload', 'context.sessionId') }} as session_id,
    {{ json_text('payload', 'context.page.url') }} as url,
    {{ json_text('payload', 'context.page.title') }} as title,
    {{ json_text('payload', 'context.page.referrer') }} as referrer,
    {{ json_text('payload', 'properties.query') }} as search_term,
    coalesce(
        {{ json_number('payload', 'properties.results') }}, {{ json_number('payload', 'properties.slots') }}
    ) as result_count,
    {{ json_number('payload', 'properties.position') }} as result_position,
    {{ json_text('payload', 'properties.product_id') }} as product_id,
    {{ json_text('payload', 'properties.order_id') }} as order_id,
    {{ json_text('payload', 'properties.content_id') }} as content_id,
    {{ json_text('payload', 'properties.listing_id') }} as listing_id,
    cast(null as text) as campaign_id,
    {{ json_text('payload', 'context.campaign.source') }} as utm_source,
    {{ json_text('payload', 'context.campaign.medium') }} as utm_medium,
    {{ json_text('payload', 'context.campaign.name') }} as utm_campaign,
    {{ json_text('payload', 'properties.experiment_id') }} as experiment_id,
    {{ json_text('payload', 'properties.variation_id') }} as variation_code,
    coalesce(
        {{ json_number('payload', 'properties.revenue') }}, {{ json_number('payload', 'properties.amount') }},
        {# what lies in a cart is worth what was put into it #}
        case
            when {{ json_text('payload', 'event') }} in ('Product Added', 'Product Removed')
                then {{ json_number('payload', 'properties.price') }}
                    * coalesce({{ json_number('payload', 'properties.quantity') }}, 1)
        end
    ) as amount,
    {{ json_number('payload', 'properties.engagement_time_msec') }} / 1000 as active_seconds,
    {{ json_number('payload', 'properties.ad_pixels') }} as ad_pixels,
    {{ json_number('payload', 'properties.viewport_pixels') }} as viewport_pixels,
    case
        when user_agent like '%bot%' or user_agent like '%crawl%' or user_agent like '%spider%'
            or user_agent like '%headless%' then 1
        else 0
    end as is_bot
from events
