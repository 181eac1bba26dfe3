{# what a shop has to share is its products: each is a piece of content under its own id #}
select
    record_key as content_event_id,
    {{ code_for('business_unit', 'segment', json_text('payload', 'projectId')) }} as business_unit_code,
    {{ json_text('payload', 'properties.product_id') }} as content_id,
    {{ json_text('payload', 'userId') }} as profile_id,
    {{ json_text('payload', 'anonymousId') }} as anonymous_id,
    {{ code_for('channel', 'segment', json_text('payload', 'context.library.name')) }} as channel_code,
    'share' as kind_code,
    {{ json_timestamp('payload', 'timestamp') }} as occurred_at,
    cast(null as text) as parent_event_id,
    cast(null as text) as body_text,
    cast(null as numeric) as amount
from {{ current_versions('segment', 'events') }} as events
where {{ json_text('payload', 'event') }} = 'Product Shared'
    and {{ json_text('payload', 'properties.product_id') }} is not null
