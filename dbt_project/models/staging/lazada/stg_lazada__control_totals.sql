{{ stated_by_day('lazada', 'order_counts', 'order_count', 'count') }}
union all
{{ stated_by_day('lazada', 'seller_performance', 'good_review_share_90d', 'score', is_rate=true) }}
where {{ json_text('stated.payload', 'type') }} = 'POSITIVE_SELLER_RATING'
    and {{ json_number('stated.payload', 'score') }} is not null
