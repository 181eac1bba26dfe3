-- Arithmetic only: the file has no dates of its campaigns. They follow each other by months, after the last customer came.
select
    campaign as campaign_id,
    'Campaign ' || campaign as campaign_name,
    'email' as channel_code,
    'marketing' as kind_code,
    timestamp '2014-06-15 09:00:00' + to_months(campaign) as sent_at
from range(1, 7) as campaigns (campaign)
