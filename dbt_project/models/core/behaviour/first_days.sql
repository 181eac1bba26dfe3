{#
    Of a dirty person all days are read. Who was active before and comes back changes nothing here: else the history of
    everybody who comes daily would be read every day. For that, it holds nothing that moves with each return.
#}
{{ config(
    unique_key=['business_unit_code', 'person_key'],
    dirty_from={
        'active_days': "select changed_rows.business_unit_code, changed_rows.person_key from {changed}"
            ~ " where not exists (select from {this} as t"
            ~ " where t.business_unit_code = changed_rows.business_unit_code and t.person_key = changed_rows.person_key"
            ~ " and t.first_active_date < changed_rows.active_date)",
        'fct_milestones': ['business_unit_code', 'person_key'],
    },
    change_carries=['first_seen_date', 'first_active_date', 'signed_up_date', 'first_purchase_date'],
    indexes=[
        {'columns': ['business_unit_code', 'first_seen_date']}, {'columns': ['business_unit_code', 'first_active_date']},
        {'columns': ['signed_up_date']}, {'columns': ['first_purchase_date']},
    ],
) }}

with things as (
    select
        business_unit_code,
        person_key,
        customer_key,
        active_date as done_date,
        platform_code,
        case when is_active = 1 then 'active' else 'seen' end as thing_code
    from {{ ref('active_days') }} as active_days
    where {{ is_dirty('active_days') }}
    union all
    select
        business_unit_code,
        person_key,
        customer_key,
        milestone_date as done_date,
        platform_code,
        milestone_code as thing_code
    from {{ ref('fct_milestones') }} as milestones
    where is_counted = 1 and {{ is_dirty('milestones') }}
)

select
    business_unit_code,
    person_key,
    max(customer_key) as customer_key,
    (array_agg(platform_code order by done_date, platform_code))[1] as platform_code,
    min(done_date) as first_seen_date,
    min(case when thing_code = 'active' then done_date end) as first_active_date,
    min(case when thing_code = 'signed_up' then done_date end) as signed_up_date,
    min(case when thing_code = 'purchased' then done_date end) as first_purchase_date,
    min(case when thing_code = 'uninstalled' then done_date end) as uninstalled_date
from things
group by business_unit_code, person_key
