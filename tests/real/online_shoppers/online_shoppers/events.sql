-- A session of the file is of a visitor of its own, in a month and no year: 2017 is our choice, and so is the day. It is
-- told by one page and, where it brought revenue, by its order; the other 390,000 pages are left out. A returning visitor
-- was there before: on the last day before that year. One whom the file calls neither new nor returning was never seen.
with sessions as (
    select
        row_number() over () as visitor,
        strptime(column10[:3] || ' 2017', '%b %Y') + interval '30 hours' as began_at,
        column15 as visitor_type,
        column17 as has_revenue
    from read_csv('online_shoppers_intention.csv', header = false)
)

select
    visitor || '-page' as event_id,
    'page' as kind_code,
    'Shop' as event_name,
    began_at as occurred_at,
    visitor as anonymous_id,
    'website' as channel_code,
    null as order_id
from sessions
union all
select visitor || '-order', 'track', 'Order Completed', began_at + interval '10 minutes', visitor, 'website', visitor
from sessions
where has_revenue
union all
select visitor || '-before', 'page', 'Shop', timestamp '2016-12-31 06:00:00', visitor, 'website', null
from sessions
where visitor_type = 'Returning_Visitor'
