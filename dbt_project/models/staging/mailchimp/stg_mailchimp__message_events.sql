{% set streams = [
    ('sent_to', "'sent'", 'send_time'),
    ('email_activity', "case " ~ json_text('records.payload', 'action')
        ~ " when 'open' then 'opened' when 'click' then 'clicked' when 'bounce' then 'bounced' end", 'timestamp'),
    ('unsubscribed', "'unsubscribed'", 'timestamp'),
] %}
{% for stream, kind_code, time in streams %}
{{ 'union all' if not loop.first }}
select
    records.record_key as message_event_id,
    'shop_online' as business_unit_code,
    {{ json_text('records.payload', 'campaign_id') }} as campaign_id,
    'email' as channel_code,
    {{ json_text('records.payload', 'list_id') }} || '/' || {{ json_text('records.payload', 'email_id') }} as profile_id,
    {{ kind_code }} as kind_code,
    {{ json_timestamp('records.payload', time) }} as occurred_at,
    {{ json_text('records.payload', 'url') }} as url,
    {# nobody clicks within two seconds of the sending: that is a scanner #}
    case
        when {{ json_text('records.payload', 'action') }} = 'click'
            and {{ seconds_between(
                json_timestamp('records.payload', 'send_time'), json_timestamp('records.payload', 'timestamp')
            ) }} <= 2 then 1
        else 0
    end as is_machine
from {{ current_versions('mailchimp', stream) }} as records
{% endfor %}
