{{ stack('campaigns', [
    'campaign_id',
    'business_unit_code',
    'campaign_name',
    'channel_code',
    'kind_code',
    'topic_code',
    'category_name',
    'sku',
    'subject',
    'sent_at',
    'ended_at',
]) }}
