{{ config(unique_key=['metric_code', 'variant_code']) }}

select
    metric_code,
    variant_code,
    name_vi,
    name_en,
    variant_vi,
    variant_en,
    definition_vi,
    definition_en,
    formula,
    grains,
    unit_code,
    scale,
    ci_method_code,
    direction_code,
    is_default,
    minimum_n,
    owner,
    version,
    source_of_definition,
    article_reference
from {{ ref('metrics') }}
