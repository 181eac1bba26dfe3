-- Arithmetic only: how and when the offers were made is not in the file. Each was made to everybody, by e-mail, and who
-- took it clicked on the day after.
with offers as (
    unpivot (
        select
            ID as customer,
            AcceptedCmp1 as "1", AcceptedCmp2 as "2", AcceptedCmp3 as "3", AcceptedCmp4 as "4", AcceptedCmp5 as "5",
            Response as "6"
        from 'marketing_data.csv'
    )
    on columns(* exclude customer)
    into name campaign value is_taken
),

events as (
    select *, 'delivered' as kind_code, timestamp '2014-06-15 09:00:00' + to_months(campaign::integer) as occurred_at
    from offers
    union all
    select *, 'clicked', timestamp '2014-06-16 09:00:00' + to_months(campaign::integer)
    from offers
    where is_taken = 1
)

select
    campaign || '-' || customer || '-' || kind_code as message_event_id,
    campaign as campaign_id,
    'email' as channel_code,
    customer as profile_id,
    kind_code,
    occurred_at
from events
