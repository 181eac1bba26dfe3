-- lag alone: a visit begins where nothing came in the thirty minutes before
create temporary table theirs_sessions as
with following as (
    select
        visitor_key,
        business_unit_code,
        event_id,
        occurred_at,
        lag(occurred_at) over (partition by visitor_key order by occurred_at, event_id) as former_at
    from core.fct_events
    where visitor_key <> 'unknown'
)

select visitor_key, business_unit_code, event_id, occurred_at as started_at
from following
where former_at is null or occurred_at > former_at + interval '30 minutes';
