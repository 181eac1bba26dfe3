{# what fewer people typed may be a name or an address: it stays in the totals and is not shown #}
{{ config(
    unique_key=['business_unit_code', 'month_start', 'query_folded'],
    dirty_key=['month_start'],
    dirty_from={
        'fct_searches': "select cast(date_trunc('month', search_date) as date) as month_start from {changed}",
        'data_through': "select cohort_start as month_start from ("
            ~ cohorts_followed(['month'], 0, ['sessions']) ~ ") as cohorts",
        'dim_business_unit': "select t.month_start from {this} as t inner join {changed}"
            ~ " on changed_rows.business_unit_code = t.business_unit_code",
    },
) }}

{% set query = ['business_unit_code', 'month_start', 'query_folded'] | join(', ') %}

with searches as (
    select
        searches.business_unit_code,
        periods.period_start as month_start,
        periods.period_end,
        {{ one_spaced('searches.search_term_folded') }} as query_folded,
        {{ one_spaced('searches.search_term') }} as query,
        {{ person_of_session('searches') }} as person_key,
        coalesce(searches.is_zero_result, 0) as is_zero_result,
        1 - searches.is_success as is_failed
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_searches') }} as searches
        on searches.search_date >= periods.period_start
        and searches.search_date < periods.period_end
    where periods.period_grain_code = 'month'
        and searches.is_counted = 1
        and {{ is_dirty('periods', ['period_start']) }}
),

spellings as (
    {# of two that are used as often, the one with accents says more #}
    select
        {{ query }},
        query,
        row_number() over (
            partition by {{ query }}
            order by count(*) desc, case when query = query_folded then 1 else 0 end, query
        ) as place
    from searches
    where query_folded <> ''
    group by {{ query }}, query
),

queries as (
    select
        {{ query }},
        max(period_end) as period_end,
        count(*) as search_count,
        count(distinct person_key) as person_count,
        sum(is_zero_result) as zero_result_count,
        sum(is_failed) as failed_count,
        sum(sum(is_failed)) over (partition by business_unit_code, month_start) as all_failed_count
    from searches
    group by {{ query }}
)

select
    queries.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    queries.month_start,
    queries.query_folded,
    spellings.query,
    queries.search_count,
    queries.person_count,
    queries.zero_result_count,
    queries.failed_count,
    round({{ ratio('queries.failed_count', 'queries.search_count') }}, 6) as failed_share,
    round({{ ratio('queries.failed_count', 'queries.all_failed_count') }}, 6) as share_of_failures,
    row_number() over (
        partition by queries.business_unit_code, queries.month_start
        order by
            queries.failed_count desc, queries.zero_result_count desc, queries.search_count, queries.query_folded
    ) as rank_in_month,
    case when queries.period_end > known.data_through then 1 else 0 end as is_provisional
from queries
inner join spellings
    on spellings.business_unit_code = queries.business_unit_code
    and spellings.month_start = queries.month_start
    and spellings.query_folded = queries.query_folded
    and spellings.place = 1
inner join {{ ref('dim_business_unit') }} as units
    on units.business_unit_code = queries.business_unit_code
    and units.business_type_code = 'marketplace'
inner join {{ ref('data_through') }} as known
    on known.business_unit_code = queries.business_unit_code
    and known.process_code = 'sessions'
    and known.data_through > queries.month_start
where queries.person_count >= {{ var('query_least_persons') }} and queries.failed_count > 0
