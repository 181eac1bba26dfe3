-- what the log keeps are acts of staff, not words: each is told as a note among them
select
    "Case ID" || '/' || row_number() over (partition by "Case ID" order by "Complete Timestamp", place) as message_id,
    "Case ID" as conversation_id,
    'support' as channel_code,
    "Complete Timestamp" as sent_at,
    'agent' as author_kind_code,
    Resource as employee_id,
    0 as is_public
from (select *, row_number() over () as place from 'finale.csv.gz')
