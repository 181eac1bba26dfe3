{% set grains = ['day', 'week', 'month'] %}
{% set keys = ['business_unit_code', 'period_grain_code', 'period_start'] %}
{% set segments = {'campaign_kind_code': 'campaign_kind'} %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'mail_outcomes': periods_of('sent_date', grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

with mails as (
    select
        periods.period_grain_code,
        periods.period_start,
        mails.business_unit_code,
        mails.campaign_kind_code,
        case when mails.customer_key <> 'unknown' then mails.customer_key else mails.identifier_key end as person,
        mails.is_opened,
        mails.human_click_count,
        mails.human_click_count + mails.machine_click_count as click_count,
        mails.machine_click_count,
        case when mails.human_click_count > 0 then 1 else 0 end as is_clicked
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('mail_outcomes') }} as mails
        on mails.sent_date >= periods.period_start
        and mails.sent_date < periods.period_end
    {{ join_unit_of_type('mails', 'ecommerce') }}
    where mails.is_delivered = 1
        and mails.is_internal = 0
        and periods.period_grain_code in ('{{ grains | join("', '") }}')
        and {{ is_dirty('periods') }}
),

persons as (
    select
        {{ keys | join(', ') }},
        {{ segment_by(segments) }},
        person,
        count(*) as mail_count,
        sum(is_opened) as opened_count,
        sum(is_clicked) as clicked_count,
        sum(human_click_count) as human_click_count,
        sum(machine_click_count) as machine_click_count,
        sum(click_count) as click_count
    from mails
    group by {{ segment_sets(segments, keys + ['person']) }}
)
{% for variant, value_kind, amount, weight in [
    ('unique', 'ratio', 'clicked_count', 'mail_count'),
    ('total', 'mean', 'human_click_count', 'mail_count'),
    ('click_to_open', 'ratio', 'clicked_count', 'opened_count'),
    ('machine_share', 'ratio', 'machine_click_count', 'click_count'),
] %}
{{ 'union all' if not loop.first }}
{{ variant_by_person('persons', 'ecommerce.mail_click_rate', variant, value_kind, amount, weight,
    units='sum(case when ' ~ weight ~ ' > 0 then 1 else 0 end)') }}
{% endfor %}
