-- bit masks: the days, and the weeks, on which a person came back are the bits of a number
create temporary table theirs_retention as
with persons as (
    select
        firsts.business_unit_code,
        firsts.first_active_date,
        firsts.person_key,
        bit_or(case when days.active_date - firsts.first_active_date <= 30
            then 1 << (days.active_date - firsts.first_active_date - 1) else 0 end) as days,
        bit_or(1 << ((days.active_date - firsts.first_active_date - 1) / 7)) as weeks,
        max(days.active_date - firsts.first_active_date) as last_day
    from core.first_days as firsts
    inner join core.active_days as days
        on days.business_unit_code = firsts.business_unit_code
        and days.person_key = firsts.person_key
        and days.active_date > firsts.first_active_date
        and days.active_date <= firsts.first_active_date + 90
    where days.is_active = 1
    group by firsts.business_unit_code, firsts.first_active_date, firsts.person_key
),

{% set readings = {'n_day': range(1, 31), 'bracket': range(1, 85, 7), 'unbounded': range(1, 31)} -%}

-- a person is of one cohort of a length: those of a day add up to those of a week and a month
days as (
    select
        firsts.business_unit_code,
        firsts.first_active_date,
        firsts.cohort_size,
        returns.*
    from (
        select business_unit_code, first_active_date, count(*) as cohort_size
        from core.first_days
        where first_active_date is not null
        group by business_unit_code, first_active_date
    ) as firsts
    left join (
        select
            business_unit_code as unit,
            first_active_date as day
            {%- for number in readings.n_day %},
            sum(days >> {{ number - 1 }} & 1) as n_day_{{ number }}
            {%- endfor %}
            {%- for number in readings.bracket %},
            sum(weeks >> {{ loop.index0 }} & 1) as bracket_{{ number }}
            {%- endfor %}
            {%- for number in readings.unbounded %},
            sum(case when last_day >= {{ number }} then 1 else 0 end) as unbounded_{{ number }}
            {%- endfor %}
        from persons
        group by business_unit_code, first_active_date
    ) as returns on returns.unit = firsts.business_unit_code and returns.day = firsts.first_active_date
),

cohorts as (
    {%- for grain in ['week', 'month'] %}
    {{ 'union all' if not loop.first }}
    select
        business_unit_code,
        '{{ grain }}' as cohort_grain_code,
        cast(date_trunc('{{ grain }}', first_active_date) as date) as cohort_start,
        sum(cohort_size) as cohort_size
        {%- for reading, numbers in readings.items() %}{% for number in numbers %},
        sum({{ reading }}_{{ number }}) as {{ reading }}_{{ number }}
        {%- endfor %}{% endfor %}
    from days
    group by 1, 2, 3
    {%- endfor %}
)

select
    cohorts.business_unit_code,
    cohorts.cohort_grain_code,
    cohorts.cohort_start,
    cells.kind_code,
    cells.day_number,
    cohorts.cohort_size,
    coalesce(cells.retained_count, 0) as retained_count
from cohorts
cross join lateral (
    values
    {%- for reading, numbers in readings.items() %}{% set is_last = loop.last %}{% for number in numbers %}
    ('{{ reading }}', {{ number }}, {{ reading }}_{{ number }}){{ ',' if not (is_last and loop.last) }}
    {%- endfor %}{% endfor %}
) as cells (kind_code, day_number, retained_count);
