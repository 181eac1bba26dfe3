-- One unit's visitors come once or more often, and three in five of them sign in on the way. Nothing is drawn: every
-- choice hangs on a hash of whom and what it is about, so that the company of a size is always the same.
create macro chance(whom, what) as (hash(whom || what) % 1000003) / 1000003.0;
create macro geometric(chance, mean) as floor(ln(1 - chance) / ln(mean / (1 + mean)))::int;

create table visits as
with visitors as (
    select
        range as visitor,
        floor($days * chance(range, 'day'))::int as first_day,
        chance(range, 'signs in') < 0.6 as is_known,
        unnest(range(1 + geometric(chance(range, 'visits'), 2.1))) as visit
    from range(round($events / 16.5)::int)
),

days as (
    select
        *,
        visitor || '-' || visit as visit_id,
        case visit when 0 then first_day
            else first_day + visit + floor(16 * visit * chance(visitor || '-' || visit, 'gap'))::int end as day
    from visitors
)

select *, $start::timestamp + interval (day * 86400 + 21600 + floor(43200 * chance(visit_id, 'time'))::int) second as started_at
from days
where day < $days;

create table events as
with placed as (
    select visits.*, unnest(range(1 + geometric(chance(visit_id, 'events'), mean - 1))) as place
    from visits, (select $events / count(*) as mean from visits)
),

numbered as (
    select *, row_number() over (order by visitor, visit, place) as number
    from placed
)

select
    number,
    'e' || number as event_id,
    -- the first events of a visit are the first names: visitors come to them one after the other
    case
        when $signs_up and is_known and visit = 0 and place = 1 then 'Signed Up'
        else $names[1 + floor(least(place + 1, len($names)) * chance(number, 'name'))::int]
    end as event_name,
    started_at + interval (60 * place + floor(50 * chance(number, 'second'))::int) second as occurred_at,
    'd' || visitor as anonymous_id,
    case when is_known and (place > 0 or visit > 0) then 'p' || visitor end as profile_id,
    case when place = 0 and chance(visit_id, 'entry') < 0.3 then 'https://www.google.com/' end as referrer,
    place,
    chance(number, 'chance') as chance
from numbered;
