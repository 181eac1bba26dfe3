{{ config(unique_key=['measure_code', 'rule_code']) }}

with pairs as (
    select is_one_person, is_one_customer, rule_code
    from {{ ref('fct_identity_labels') }}
    where is_one_customer is not null
),

measures as (
    select
        'precision' as measure_code,
        'all' as rule_code,
        coalesce(sum(is_one_person), 0) as right_count,
        count(*) as pair_count
    from pairs
    where is_one_customer = 1
    union all
    select
        'precision' as measure_code,
        rule_code,
        sum(is_one_person) as right_count,
        count(*) as pair_count
    from pairs
    where is_one_customer = 1
    group by rule_code
    union all
    select
        'recall' as measure_code,
        'all' as rule_code,
        coalesce(sum(is_one_customer), 0) as right_count,
        count(*) as pair_count
    from pairs
    where is_one_person = 1
)

select
    measures.measure_code,
    names.name_vi as measure_name_vi,
    names.name_en as measure_name_en,
    measures.rule_code,
    coalesce(rules.name_vi, 'Mọi quy tắc') as rule_name_vi,
    coalesce(rules.name_en, 'All rules') as rule_name_en,
    measures.right_count,
    measures.pair_count,
    round(cast(measures.right_count as numeric) / nullif(measures.pair_count, 0), 4) as share
from measures
left join {{ ref('labels') }} as names on names.kind = 'identity_measure' and names.code = measures.measure_code
left join {{ ref('identity_rules') }} as rules on rules.rule_code = measures.rule_code
