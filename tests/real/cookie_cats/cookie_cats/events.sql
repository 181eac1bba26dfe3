-- Arithmetic only: the file has no dates but tells who came back one and seven days after the installation. All install
-- on one day, a Sunday that ends its month, so that its week and its month are over when the seventh day is. An event
-- stands for a day's visit; the 4.7 million rounds that were played are left out.
with visits as (
    select userid, version, 0 as day from 'cookie_cats.csv.gz'
    union all
    select userid, version, 1 from 'cookie_cats.csv.gz' where retention_1
    union all
    select userid, version, 7 from 'cookie_cats.csv.gz' where retention_7
)

select
    userid || '-' || day as event_id,
    case day when 0 then 'Application Installed' else 'Application Opened' end as event_name,
    timestamp '2016-07-31 12:00:00' + to_days(day) as occurred_at,
    userid as anonymous_id,
    'first_gate' as experiment_id,
    version as variation_code
from visits
