{# of a customer, generation and city alone are portrayed: any other change would make nearly every month dirty #}
{{ config(
    unique_key=['business_unit_code', 'month_start', 'persona_code'],
    dirty_key=['business_unit_code', 'month_start'],
    dirty_from={
        'fct_personas': "select changed_rows.business_unit_code, months.period_start as month_start"
            ~ " from {changed} inner join core.dim_period as months on months.period_grain_code = 'month'"
            ~ " and changed_rows.month_start in (months.period_start, months.previous_start)",
        'dim_customer': "select personas.business_unit_code, personas.month_start from core.fct_personas as personas"
            ~ " where personas.customer_key in (select customer_key from {changed} group by 1"
            ~ " having bool_or(op <> 'u') or count(distinct (generation_code, city)) > 1)",
        'fct_feedback': "select personas.business_unit_code, personas.month_start from core.fct_personas as personas"
            ~ " inner join {changed} on changed_rows.customer_key = personas.customer_key"
            ~ " and changed_rows.answered_date <= personas.month_start + 31"
            ~ " and changed_rows.answered_date >= personas.month_start - 366",
        'dim_business_unit': "select t.business_unit_code, t.month_start from {this} as t inner join {changed}"
            ~ " on changed_rows.business_unit_code = t.business_unit_code",
    },
) }}

with members as (
    select
        personas.*,
        periods.period_end,
        periods.previous_start,
        customers.generation_code,
        customers.city
    from {{ ref('fct_personas') }} as personas
    inner join {{ ref('dim_period') }} as periods
        on periods.period_grain_code = 'month'
        and periods.period_start = personas.month_start
    inner join {{ ref('dim_customer') }} as customers on customers.customer_key = personas.customer_key
    where {{ is_dirty('personas') }}
),

answers as (
    select
        members.business_unit_code,
        members.month_start,
        members.persona_code,
        sum(case when feedback.kind_code = 'csat' and feedback.band_code is not null then 1 else 0 end) as csat_count,
        sum(case when feedback.kind_code = 'csat' and feedback.band_code = 'satisfied' then 1 else 0 end) as satisfied_count,
        sum(case when feedback.kind_code = 'nps' and feedback.band_code is not null then 1 else 0 end) as nps_count,
        sum(case
            when feedback.kind_code = 'nps' and feedback.band_code = 'promoter' then 1
            when feedback.kind_code = 'nps' and feedback.band_code = 'detractor' then -1
            else 0
        end) as promoters_less_detractors
    from members
    inner join {{ ref('fct_feedback') }} as feedback
        on feedback.customer_key = members.customer_key
        and feedback.business_unit_code = members.business_unit_code
        and feedback.answered_date < members.period_end
        and feedback.answered_date >= {{ add_days('members.period_end', -365) }}
    group by members.business_unit_code, members.month_start, members.persona_code
),

traits as (
    {# what most of them have in common; of equals the first by name #}
    select
        business_unit_code,
        month_start,
        persona_code,
        trait,
        code,
        count(*) as member_count,
        row_number() over (
            partition by business_unit_code, month_start, persona_code, trait order by count(*) desc, code
        ) as trait_rank
    from (
        {%- for trait, column in {'generation': 'generation_code', 'city': 'city', 'channel': 'first_order_channel_code'}.items() %}
        {{ 'union all' if not loop.first }}
        select business_unit_code, month_start, persona_code, '{{ trait }}' as trait, {{ column }} as code
        from members
        where {{ column }} <> 'unknown'
        {%- endfor %}
    ) as said
    group by business_unit_code, month_start, persona_code, trait, code
),

main_traits as (
    select
        business_unit_code,
        month_start,
        persona_code,
        {%- for trait in ['generation', 'city', 'channel'] %}
        max(case when trait = '{{ trait }}' then code end) as {{ trait }}_code,
        max(case when trait = '{{ trait }}' then member_count end) as {{ trait }}_count{{ ',' if not loop.last }}
        {%- endfor %}
    from traits
    where trait_rank = 1
    group by business_unit_code, month_start, persona_code
),

former as {{ computed_once() }} (
    select business_unit_code, month_start, customer_key, persona_code
    from {{ ref('fct_personas') }}
    where month_start in (select previous_start from members)
),

stayed as (
    {# of who had a persona a month before and has one still, who kept it #}
    select
        members.business_unit_code,
        members.month_start,
        former.persona_code,
        count(*) as former_count,
        sum(case when members.persona_code = former.persona_code then 1 else 0 end) as kept_count
    from members
    inner join former
        on former.business_unit_code = members.business_unit_code
        and former.month_start = members.previous_start
        and former.customer_key = members.customer_key
    group by members.business_unit_code, members.month_start, former.persona_code
),

portraits as (
    select
        business_unit_code,
        month_start,
        persona_code,
        count(*) as customer_count,
        sum(order_count) as order_count,
        sum(bought_amount) as bought_amount,
        sum(count(*)) over (partition by business_unit_code, month_start) as all_customer_count
    from members
    group by business_unit_code, month_start, persona_code
)

select
    portraits.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    portraits.month_start,
    portraits.persona_code,
    personas.name_vi as persona_name_vi,
    personas.name_en as persona_name_en,
    portraits.customer_count,
    round({{ ratio('portraits.customer_count', 'portraits.all_customer_count') }}, 6) as customer_share,
    portraits.order_count,
    round({{ ratio('portraits.bought_amount', 'portraits.order_count') }}, 4) as mean_order_amount,
    round({{ ratio('portraits.order_count', 'portraits.customer_count') }}, 4) as mean_order_count,
    units.currency,
    generations.name_vi as generation_name_vi,
    generations.name_en as generation_name_en,
    round({{ ratio('main_traits.generation_count', 'portraits.customer_count') }}, 6) as generation_share,
    main_traits.city_code as city,
    round({{ ratio('main_traits.city_count', 'portraits.customer_count') }}, 6) as city_share,
    channels.name_vi as first_order_channel_name_vi,
    channels.name_en as first_order_channel_name_en,
    round({{ ratio('main_traits.channel_count', 'portraits.customer_count') }}, 6) as first_order_channel_share,
    round({{ ratio('answers.satisfied_count', 'answers.csat_count') }}, 6) as satisfied_share,
    coalesce(answers.csat_count, 0) as csat_count,
    round({{ ratio('answers.promoters_less_detractors', 'answers.nps_count') }} * 100, 4) as nps,
    coalesce(answers.nps_count, 0) as nps_count,
    round({{ ratio('stayed.kept_count', 'stayed.former_count') }}, 6) as kept_share,
    coalesce(stayed.former_count, 0) as former_count
from portraits
left join {{ ref('dim_persona') }} as personas on personas.persona_code = portraits.persona_code
left join {{ ref('dim_business_unit') }} as units on units.business_unit_code = portraits.business_unit_code
left join main_traits
    on main_traits.business_unit_code = portraits.business_unit_code
    and main_traits.month_start = portraits.month_start
    and main_traits.persona_code = portraits.persona_code
left join {{ ref('labels') }} as generations
    on generations.kind = 'generation' and generations.code = main_traits.generation_code
left join {{ ref('dim_channel') }} as channels on channels.channel_code = main_traits.channel_code
left join answers
    on answers.business_unit_code = portraits.business_unit_code
    and answers.month_start = portraits.month_start
    and answers.persona_code = portraits.persona_code
left join stayed
    on stayed.business_unit_code = portraits.business_unit_code
    and stayed.month_start = portraits.month_start
    and stayed.persona_code = portraits.persona_code
