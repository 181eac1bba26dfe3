{#
    Read from the outcomes as they stand, a row per unit: by an index, so that nothing has to say what is dirty.
    A cart that a source keeps is also a visit of the tracker; each is counted once.
#}
{{ config(unique_key=['business_unit_code']) }}

select
    units.business_unit_code,
    case
        when exists (
            select 1 from {{ ref('cart_outcomes') }} as carts
            where carts.business_unit_code = units.business_unit_code and carts.coverage_code = 'all'
        ) then 1
        else 0
    end as has_every_cart,
    case
        when exists (
            select 1 from {{ ref('cart_outcomes') }} as carts
            where carts.business_unit_code = units.business_unit_code and carts.coverage_code in ('all', 'abandoned')
        ) then 1
        else 0
    end as has_kept_carts
from {{ ref('dim_business_unit') }} as units
