{# whoever is invited twice counts for the first who did: an invitation dirties the months of the others #}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'activity': periods_of('activity_date', ['month']),
        'fct_invites': periods_of('sent_date', ['month'])
            ~ ' union ' ~ periods_of('i.sent_date', ['month'], of="{changed} inner join core.fct_invites as i"
            ~ " on i.invitee_customer_key = changed_rows.invitee_customer_key"
            ~ " and changed_rows.invitee_customer_key <> 'unknown'"),
        'purchases': periods_of('i.sent_date', ['month'], of="{changed}"
            ~ " inner join core.fct_invites as i on i.invitee_customer_key = changed_rows.customer_key")
            ~ ' union ' ~ periods_of('i.sent_date', ['month'], of="{changed}"
            ~ " inner join core.fct_invites as i on i.customer_key = changed_rows.customer_key"),
        'fct_content_events': periods_of('event_date', ['month']),
        'dim_business_unit': all_periods(['month']),
    },
) }}

with invites as (
    select
        periods.period_grain_code,
        periods.period_start,
        invites.business_unit_code,
        invites.customer_key,
        case
            when invites.invitee_customer_key is null or invites.invitee_customer_key in ('unknown', invites.customer_key) then 0
            when exists (
                select 1
                from {{ ref('fct_invites') }} as others
                where others.invitee_customer_key = invites.invitee_customer_key
                    and others.business_unit_code = invites.business_unit_code
                    and (others.sent_at, others.source_key, others.invite_id)
                        < (invites.sent_at, invites.source_key, invites.invite_id)
            ) then 0
            {# who had bought before was no stranger #}
            when invited.first_order_date >= invites.sent_date
                and invited.first_order_date <= {{ add_days('invites.sent_date', 30) }} then 1
            else 0
        end as is_accepted,
        invited.first_order_date - inviting.first_order_date as cycle_days
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_invites') }} as invites
        on invites.sent_date >= periods.period_start
        and invites.sent_date < periods.period_end
    {{ join_unit_of_type('invites', 'ecommerce') }}
    left join {{ ref('purchases') }} as invited
        on invited.customer_key = invites.invitee_customer_key
        and invited.business_unit_code = invites.business_unit_code
    left join {{ ref('purchases') }} as inviting
        on inviting.customer_key = invites.customer_key
        and inviting.business_unit_code = invites.business_unit_code
    where invites.customer_key <> 'unknown'
        and invites.is_internal = 0
        and periods.period_grain_code = 'month'
        and {{ is_dirty('periods') }}
),

shares as (
    select
        periods.period_grain_code,
        periods.period_start,
        events.business_unit_code,
        events.customer_key
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_content_events') }} as events
        on events.event_date >= periods.period_start
        and events.event_date < periods.period_end
    {{ join_unit_of_type('events', 'ecommerce') }}
    where events.kind_code = 'share'
        and events.is_internal = 0
        and periods.period_grain_code = 'month'
        and {{ is_dirty('periods') }}
),

gathered as (
    {# who invites or shares is there, whatever else they do #}
    select
        period_grain_code,
        period_start,
        business_unit_code,
        customer_key,
        sum(invite_count) as invite_count,
        sum(accepted_count) as accepted_count,
        max(is_sharing) as is_sharing
    from (
        select
            periods.period_grain_code,
            periods.period_start,
            activity.business_unit_code,
            activity.customer_key,
            0 as invite_count,
            0 as accepted_count,
            0 as is_sharing
        from {{ ref('dim_period') }} as periods
        inner join {{ ref('activity') }} as activity
            on activity.activity_date >= periods.period_start
            and activity.activity_date < periods.period_end
        {{ join_unit_of_type('activity', 'ecommerce') }}
        where activity.customer_key <> 'unknown'
            and periods.period_grain_code = 'month'
            and {{ is_dirty('periods') }}
        union all
        select period_grain_code, period_start, business_unit_code, customer_key, 1, is_accepted, 0 from invites
        union all
        select period_grain_code, period_start, business_unit_code, customer_key, 0, 0, 1 from shares
    ) as done
    group by period_grain_code, period_start, business_unit_code, customer_key
),

persons as (
    select
        gathered.*,
        {# of a unit without invitations, nothing is said #}
        max(case when invite_count > 0 then 1 else 0 end) over (
            partition by period_grain_code, period_start, business_unit_code
        ) as has_invites,
        max(is_sharing) over (partition by period_grain_code, period_start, business_unit_code) as has_shares
    from gathered
)
{% for variant, value_kind, amount, weight, shown in [
    ('k_factor', 'mean', 'accepted_count', '1', 'has_invites = 1'),
    ('invites_per_customer', 'mean', 'invite_count', '1', 'has_invites = 1'),
    ('invite_accept', 'ratio', 'accepted_count', 'invite_count', 'invite_count > 0'),
    ('share_rate', 'ratio', 'is_sharing', '1', 'has_shares = 1'),
] %}
select
    business_unit_code,
    'ecommerce.virality' as metric_code,
    '{{ variant }}' as variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    '{{ value_kind }}' as value_kind,
    sum({{ amount }}) as numerator,
    sum({{ weight }}) as denominator,
    {{ residual_squares(amount, weight) }} as residual_squares,
    cast(null as numeric) as value,
    cast(sum({{ weight }}) as bigint) as n,
    count(*) as n_units
from persons
where customer_key <> 'unknown' and {{ shown }}
group by business_unit_code, period_grain_code, period_start
union all
{% endfor %}
select
    business_unit_code,
    'ecommerce.virality' as metric_code,
    'cycle_days' as variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'quantile' as value_kind,
    cast(null as numeric) as numerator,
    cast(null as numeric) as denominator,
    cast(null as numeric) as residual_squares,
    cast(percentile_cont(0.5) within group (order by cycle_days) as numeric) as value,
    count(*) as n,
    count(*) as n_units
from invites
where is_accepted = 1 and cycle_days is not null
group by business_unit_code, period_grain_code, period_start
