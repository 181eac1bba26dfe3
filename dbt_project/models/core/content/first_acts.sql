{# who has already published nothing changes by coming back: of all others all days are read, which are few #}
{{ config(
    unique_key=['business_unit_code', 'person_key'],
    dirty_from={
        'engagement_days': "select changed_rows.business_unit_code, changed_rows.person_key from {changed}"
            ~ " where not exists (select from {this} as t"
            ~ " where t.business_unit_code = changed_rows.business_unit_code and t.person_key = changed_rows.person_key"
            ~ " and t.first_item_date < changed_rows.active_date)",
    },
    change_carries=['first_seen_date', 'first_item_date'],
    indexes=[{'columns': ['business_unit_code', 'first_seen_date']}],
) }}

select
    business_unit_code,
    person_key,
    min(active_date) as first_seen_date,
    min(case when item_count > 0 then active_date end) as first_item_date
from {{ ref('engagement_days') }} as days
where {{ is_dirty('days') }}
group by business_unit_code, person_key
