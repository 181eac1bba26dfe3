{# The metrics of each business type, and of the two families that all have: `metric_<type>__<name>` is a model. #}
{% macro metric_names() %}
    {{ return({
        'cx': ['nps', 'csat', 'first_response_time', 'bad_experience_exit', 'silent_dissatisfaction', 'signal_to_noise'],
        'ecommerce': [
            'average_order_value', 'revenue_per_customer', 'periodical_purchase', 'conversion_rate',
            'cart_abandonment', 'product_abandonment', 'brand_lapse', 'cac', 'recommendation_acceptance', 'virality',
            'mail_click_rate',
        ],
        'omnichannel': [
            'channel_breadth', 'cross_channel_rate', 'channel_switches', 'seamless_switch_rate', 'o2o_rate',
            'spend_ratio', 'repeat_rate', 'trial_ratio',
        ],
        'saas': [
            'enrollment', 'conversion_rate', 'lifetime_value', 'stickiness', 'retention', 'revenue_per_customer',
            'cac', 'churn', 'upselling',
        ],
        'app': [
            'downloads', 'cac', 'launch_rate', 'active_share', 'payer_share', 'time_to_first_purchase',
            'revenue_per_user', 'rating', 'churn', 'lifetime_value',
        ],
        'media': ['audience', 'ad_inventory', 'ad_rates', 'click_through_rate', 'ad_balance'],
        'ugc': [
            'engaged_visitors', 'content_creation', 'engagement_funnel', 'content_value', 'sharing',
            'notification_effect',
        ],
        'marketplace': ['growth', 'inventory', 'search', 'funnel', 'trust', 'pricing'],
    }) }}
{% endmacro %}

{# Metric rows of one business type, in one shape. #}
{% macro stack_metrics(type) %}
    {%- for name in metric_names()[type] %}
    {{ 'union all' if not loop.first }}
    select
        business_unit_code, metric_code, variant_code, period_grain_code, period_start, segment_type_code,
        segment_code, value_kind, numerator, denominator, residual_squares,
        value, n, n_units
    from {{ ref('metric_' ~ type ~ '__' ~ name) }}
    {%- endfor %}
{% endmacro %}

{# The segment of a row of grouping sets, each by one of the COLUMNS (column to kind of segment) or by none. #}
{% macro segment_by(columns) -%}
    case
        {%- for column, kind in columns.items() %}
        when grouping({{ column }}) = 0 then '{{ kind }}'
        {%- endfor %}
        else 'all'
    end as segment_type_code,
    case
        {%- for column in columns %}
        when grouping({{ column }}) = 0 then {{ column }}
        {%- endfor %}
        else 'all'
    end as segment_code
{%- endmacro %}

{#
    Groups by KEYS, and by them and each of some columns. Where persons are told apart, their column comes first: a sort by
    what is nearly always different compares one column, and not the few units and periods before it. Next comes what differs
    most among the rows of a person, the start of the period; the unit, nearly always the same, comes last.
#}
{% macro segment_sets(columns, keys) -%}
    grouping sets (
        ({{ keys | join(', ') }})
        {%- for column in columns %},
        ({{ keys | join(', ') }}, {{ column }})
        {%- endfor %}
    )
{%- endmacro %}

{# What identifies a metric row. #}
{% macro metric_key() %}
    {{ return([
        'business_unit_code', 'metric_code', 'variant_code', 'period_grain_code', 'period_start',
        'segment_type_code', 'segment_code',
    ]) }}
{% endmacro %}

{#
    The periods of some lengths in which a change of a fact falls by its date; a metric that looks some days back or
    ahead of its period is dirty by what happens there too. Where the date is another fact's, `of` says how that is found.
    Each day is looked for once: thousands of periods of a day are many to ask for each of a thousand changes.
#}
{% macro periods_of(date, grains, before=0, after=0, of='{changed}') -%}
    {{ return(
        "(with days as materialized (select distinct " ~ date ~ " as changed_date from " ~ of ~ ")"
        ~ " select p.period_grain_code, p.period_start from days"
        ~ " inner join core.dim_period as p on p.period_grain_code in ('" ~ grains | join("', '") ~ "')"
        ~ " and days.changed_date >= p.period_start - " ~ before ~ " and days.changed_date < p.period_end + " ~ after ~ ")"
    ) }}
{%- endmacro %}

{#
    Whether days from FIRST_DAY to the one before DAY_AFTER can hold a date of a fact: the bounds by which a join looks for it.
    Of a calendar of decades each row of the fact would be compared with all the other periods. A daily build has its dirty
    periods, and need not know the first and last date. ALSO_DAILY: it asks for them nevertheless, of a fact that is large where
    everything is compared, and whose dates an index knows.
#}
{% macro can_hold(first_day, day_after, fact, date, also_daily=false) -%}
    {%- if reads_dirty_keys() and not also_daily -%} true {%- else -%}
    {{ day_after }} > (select min(first_rows.{{ date }}) from {{ ref(fact) }} as first_rows)
        and {{ first_day }} <= (select max(last_rows.{{ date }}) from {{ ref(fact) }} as last_rows)
    {%- endif -%}
{%- endmacro %}

{# Months whose rows changed, and, by LATER, those so many months after them. #}
{% macro months_of(month, later=0) -%}
    {%- set same = "select 'month' as period_grain_code, " ~ month ~ " as period_start from {changed}" -%}
    {{ return(same if not later else same
        ~ " union select 'month' as period_grain_code, cast(" ~ month ~ " + interval '" ~ later ~ " months' as date) from {changed}"
    ) }}
{%- endmacro %}

{# A unit that changes its type, or becomes known, changes all that is told of it: that is rare. #}
{% macro all_periods(grains) -%}
    {{ return(
        "select p.period_grain_code, p.period_start from core.dim_period as p where p.period_grain_code in ('"
        ~ grains | join("', '") ~ "') and exists (select from {changed})"
    ) }}
{%- endmacro %}

{#
    The days of each dirty period of some lengths, and some before and after: what happens on a day is then looked at once,
    and told of all of them.
#}
{% macro days_of_periods(grains, before=0, after=0) %}
    select
        periods.period_grain_code,
        periods.period_start,
        dates.calendar_date
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('dim_date') }} as dates
        on dates.calendar_date >= {{ add_days('periods.period_start', -before) }}
        and dates.calendar_date < {{ add_days('periods.period_end', after) }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and {{ is_dirty('periods') }}
{% endmacro %}

{# Metrics are of each unit of a type, however many there are. #}
{% macro join_unit_of_type(rows, type) -%}
    inner join {{ ref('dim_business_unit') }} as units
        on units.business_unit_code = {{ rows }}.business_unit_code
        and units.business_type_code = '{{ type }}'
{%- endmacro %}

{#
    One variant of a metric, from ROWS that are one per unit, period and segment. N is the number of observations,
    UNITS that of independent ones; both are the denominator where nothing else is said.
#}
{% macro variant_row(rows, metric, variant, kind, numerator=none, denominator=none, residual_squares=none, value=none,
        n=none, units=none, where=none) %}
    {%- set count = n or denominator %}
    select
        business_unit_code,
        '{{ metric }}' as metric_code,
        '{{ variant }}' as variant_code,
        period_grain_code,
        period_start,
        segment_type_code,
        segment_code,
        '{{ kind }}' as value_kind,
        cast({{ numerator or 'null' }} as numeric) as numerator,
        cast({{ denominator or 'null' }} as numeric) as denominator,
        cast({{ residual_squares or 'null' }} as numeric) as residual_squares,
        cast({{ value or 'null' }} as numeric) as value,
        cast({{ count }} as bigint) as n,
        cast({{ units or count }} as bigint) as n_units
    from {{ rows }}
    {%- if where %}
    where {{ where }}
    {%- endif %}
{% endmacro %}

{#
    One variant of a metric, from ROWS that are one per unit, period, segment and person: the sum of an amount over that
    of a weight, with what its interval by person is made of.
#}
{% macro variant_by_person(rows, metric, variant, kind, amount, weight, units='count(*)') %}
    select
        business_unit_code,
        '{{ metric }}' as metric_code,
        '{{ variant }}' as variant_code,
        period_grain_code,
        period_start,
        segment_type_code,
        segment_code,
        '{{ kind }}' as value_kind,
        cast(sum({{ amount }}) as numeric) as numerator,
        cast(sum({{ weight }}) as numeric) as denominator,
        {{ residual_squares(amount, weight) }} as residual_squares,
        cast(null as numeric) as value,
        cast(sum({{ weight }}) as bigint) as n,
        {{ units }} as n_units
    from {{ rows }}
    group by business_unit_code, period_grain_code, period_start, segment_type_code, segment_code
{% endmacro %}

{# The rows of retention that both an app and a program have, of cohorts by their first active day. #}
{% macro retention_of_cohorts(type) %}
    select
        cells.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        cells.kind_code,
        cells.day_number,
        cells.cohort_size,
        cells.retained_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('retention_cells') }} as cells
        on cells.cohort_grain_code = periods.period_grain_code
        and cells.cohort_start = periods.period_start
    {{ join_unit_of_type('cells', type) }}
    where periods.period_grain_code in ('week', 'month') and {{ is_dirty('periods') }}
{% endmacro %}

{#
    Up to where what a unit's process told was known and is now known, as `known`: what it told first, or tells no more, was
    known of no day.
#}
{% macro days_that_became_known() -%}
    (select business_unit_code, process_code, max(data_through) as latest,
        min(case when op = 'u' then data_through else '-infinity' end) as earliest
    from {changed} group by business_unit_code, process_code) as known
{%- endmacro %}

{# What makes cohorts dirty, each of whose days is told once the last of the cohort has been followed for so many days. #}
{% macro cohorts_followed(grains, days, processes) -%}
    {{ return(
        "select known.business_unit_code, p.period_grain_code as cohort_grain_code, p.period_start as cohort_start from "
        ~ days_that_became_known() ~ " inner join core.dim_period as p on p.period_grain_code in ('" ~ grains | join("', '")
        ~ "') and p.period_start <= known.latest and p.period_end + " ~ days ~ " >= known.earliest"
        ~ " where known.process_code in ('" ~ processes | join("', '") ~ "')"
    ) }}
{%- endmacro %}

{#
    What makes rows of `mart_metrics` dirty. What is known goes on day by day: rows whose period, with the days after it that
    the metric waits for, ended since are not provisional any more, and those of a period that has begun are told. None is
    longer than a year, so what began before is not looked at.
#}
{% macro dirty_metric_rows() %}
    {%- set keys = ['business_unit_code', 'metric_code', 'period_grain_code', 'period_start'] -%}
    {%- set dirty_from = {} -%}
    {%- set all_rows = [] -%}
    {%- for type, names in metric_names().items() -%}
        {%- do all_rows.append('select ' ~ keys | join(', ') ~ ' from metrics.metrics_' ~ type) -%}
        {%- for name in names -%}{%- do dirty_from.update({'metric_' ~ type ~ '__' ~ name: keys}) -%}{%- endfor -%}
    {%- endfor -%}
    {%- do dirty_from.update({
        'data_through': "select known.business_unit_code, catalogue.metric_code, p.period_grain_code, p.period_start"
            ~ ' from ' ~ days_that_became_known()
            ~ " inner join seeds.metrics as catalogue on catalogue.process_code = known.process_code"
            ~ " and known.earliest > '-infinity'"
            ~ " inner join core.dim_period as p on p.period_grain_code = any(string_to_array(catalogue.grains, ' '))"
            ~ " and p.period_start <= known.latest"
            ~ " and p.period_start >= known.earliest - coalesce(catalogue.horizon_days, 0) - 366"
            ~ " and p.period_end + coalesce(catalogue.horizon_days, 0) >= known.earliest"
            ~ ' union select m.* from (' ~ all_rows | join(' union ') ~ ") as m inner join {changed}"
            ~ " on changed_rows.business_unit_code = m.business_unit_code and changed_rows.op <> 'u'",
        'dim_business_unit': 'select m.* from (' ~ all_rows | join(' union ') ~ ") as m inner join {changed}"
            ~ " on changed_rows.business_unit_code = m.business_unit_code"
            ~ ' union select t.' ~ keys | join(', t.') ~ " from {this} as t inner join {changed}"
            ~ " on changed_rows.business_unit_code = t.business_unit_code",
    }) -%}
    {{ return(dirty_from) }}
{% endmacro %}

{# What makes rows of a wide mart dirty, whose column DATE is the start of a period: rows of its metrics that changed. #}
{% macro dirty_wide_rows(metrics, grain, date) %}
    {{ return({
        'mart_metrics': 'select business_unit_code, period_start as ' ~ date ~ " from {changed}"
            ~ " where metric_code like '" ~ metrics ~ "' and period_grain_code = '" ~ grain ~ "'",
        'dim_business_unit': 'select t.business_unit_code, t.' ~ date ~ " from {this} as t inner join {changed}"
            ~ " on changed_rows.business_unit_code = t.business_unit_code",
    }) }}
{% endmacro %}

{# One figure of a wide mart, out of the rows of `mart_metrics`: nothing is computed twice. #}
{% macro figure(metric, variant, column='value', segment=none) -%}
    max(case
        when metric_code = '{{ metric }}' and variant_code = '{{ variant }}'
            {%- if segment %} and segment_code = '{{ segment }}'{% endif %} then {{ column }}
    end)
{%- endmacro %}

{# The tier of somebody who takes part, by its rank: the order in which tiers are climbed. #}
{% macro engagement_tiers() %}{{ return(['lurker', 'reactor', 'commenter', 'creator', 'core']) }}{% endmacro %}
{% macro engagement_tier(rank) -%}
    case {{ rank }}
    {%- for tier in engagement_tiers() %} when {{ loop.index }} then '{{ tier }}'{% endfor %} end
{%- endmacro %}

{# Who did something in a visit or on the content: a customer where known, else the device. #}
{% macro person_of_session(sessions) -%}
    case when {{ sessions }}.customer_key = 'unknown' then {{ sessions }}.visitor_key else {{ sessions }}.customer_key end
{%- endmacro %}

{#
    The difference of two shares, a numerator over a denominator each, as one ratio that is divided last: x1/n1 − x0/n0 =
    (x1·n0 − x0·n1) / (n1·n0). Its squared residuals are those of each share by the other's denominator, so that the
    standard error comes out as the root of the sum of both squared.
#}
{% macro share_difference(rows, metric, variant, x1, n1, squares1, x0, n0, squares0, units, where=none) -%}
    {{ variant_row(
        rows, metric, variant, 'mean',
        '(' ~ x1 ~ ' * ' ~ n0 ~ ' - ' ~ x0 ~ ' * ' ~ n1 ~ ')',
        '(' ~ n1 ~ ' * ' ~ n0 ~ ')',
        'round(' ~ squares1 ~ ' * ' ~ n0 ~ ' * ' ~ n0 ~ ' + ' ~ squares0 ~ ' * ' ~ n1 ~ ' * ' ~ n1 ~ ', 8)',
        n='least(' ~ n1 ~ ', ' ~ n0 ~ ')', units=units, where=where,
    ) }}
{%- endmacro %}
