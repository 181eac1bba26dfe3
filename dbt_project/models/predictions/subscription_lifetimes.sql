{{ config(
    unique_key=['business_unit_code'],
    dirty_from={'model_fits': ['business_unit_code']},
) }}

{% set horizons = [12, 24, 36] %}

with renewals as (
    {# the first month is paid for sure; of a later one, which share of those who paid before it renews #}
    select
        renewing.business_unit_code,
        renewing.version,
        months.month_number,
        case
            when months.month_number > 1 then ln(cast(
                (renewing.b + months.month_number - 2) / (renewing.alpha + renewing.b + months.month_number - 2)
                as double precision
            ))
            else 0
        end as log_share
    from {{ source('predictions', 'model_fits') }} as renewing
    cross join (
        select cast(number as double precision) as month_number from {{ number_series(1, horizons | last) }}
    ) as months
    where renewing.model_code = 'sbg' and renewing.is_in_force = 1 and {{ is_dirty('renewing') }}
),

worths as (
    {# a month is paid in advance: the first is worth all of itself #}
    select
        business_unit_code,
        version,
        month_number,
        {{ worth_after('month_number - 1') }} * exp(sum(log_share) over (
            partition by business_unit_code order by month_number rows unbounded preceding
        )) as month_share
    from renewals
)

select
    business_unit_code
    {%- for horizon in horizons %},
    round(cast(
        sum(case when month_number <= {{ horizon }} then month_share else 0 end) as numeric
    ), 9) as discounted_months_{{ horizon }}m
    {%- endfor %},
    max(version) as model_version
from worths
group by business_unit_code
