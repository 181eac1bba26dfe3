{{ stated_by_day('shopee', 'order_counts', 'order_count', 'count') }}
{% for measure_code, metric_id in [('cancelled_share_30d', '42'), ('refunded_share_30d', '43')] %}
union all
{{ stated_by_day('shopee', 'shop_performance', measure_code, 'current_period', is_rate=true) }}
where {{ json_text('stated.payload', 'metric_id') }} = '{{ metric_id }}'
    and {{ json_number('stated.payload', 'current_period') }} is not null
{% endfor %}
