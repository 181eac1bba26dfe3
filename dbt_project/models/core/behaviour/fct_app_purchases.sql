{{ config(
    unique_key=['source_key', 'event_id'],
    dirty_from={'fct_milestones': ['source_key', 'event_id']},
    change_carries=['business_unit_code', 'person_key', 'purchase_date'],
    indexes=[{'columns': ['business_unit_code', 'person_key']}, {'columns': ['purchase_date']}],
) }}

with booked as (
    select
        milestones.*,
        case when milestone_code = 'purchased' then coalesce(amount, 0) else 0 end as gross_amount,
        case when milestone_code = 'refunded' then coalesce(amount, 0) else 0 end as refund_amount
    from {{ ref('fct_milestones') }} as milestones
    where milestone_code in ('purchased', 'refunded') and is_counted = 1 and {{ is_dirty('milestones') }}
)

select
    source_key,
    event_id,
    business_unit_code,
    customer_key,
    visitor_key,
    person_key,
    case when milestone_code = 'purchased' then 'purchase' else 'refund' end as kind_code,
    order_id,
    platform_code,
    occurred_at_local,
    milestone_date as purchase_date,
    gross_amount,
    refund_amount,
    gross_amount - refund_amount as net_amount,
    {# what is refunded, the store gives its fee back of #}
    round((gross_amount - refund_amount) * {{ var('store_fee_share') }}, 4) as store_fee_amount
from booked
