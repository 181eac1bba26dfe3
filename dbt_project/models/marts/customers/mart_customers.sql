{#
    A part for each topic, each of one row per customer, and one join of them all at the end: another topic is
    another part, its columns in the last select, and what makes its customers dirty.
#}
{{ config(
    unique_key=['customer_key'],
    dirty_from={
        'dim_customer': ['customer_key'],
        'activity': ['customer_key'],
        'purchases': ['customer_key'],
        'fct_orders': ['customer_key'],
        'fct_conversations': ['customer_key'],
        'fct_feedback': ['customer_key'],
        'fct_consents': ['customer_key'],
        'lifetime_scores': ['customer_key'],
        'fct_rfm_scores': ['customer_key'],
        'fct_personas': ['customer_key'],
        'fct_interactions': ['customer_key'],
        'dim_business_unit': "select p.customer_key from core.purchases as p inner join {changed}"
            ~ " on p.business_unit_code = changed_rows.business_unit_code"
            ~ " union select p.customer_key from predictions.lifetime_scores as p inner join {changed}"
            ~ " on p.business_unit_code = changed_rows.business_unit_code",
    },
) }}

with bought as (
    select
        purchases.customer_key,
        min(purchases.first_order_date) as first_order_date,
        max(purchases.last_order_date) as last_order_date,
        sum(purchases.order_count) as order_count,
        count(*) as business_unit_count
    from {{ ref('purchases') }} as purchases
    where {{ is_dirty('purchases') }}
    group by purchases.customer_key
),

ordered as (
    select
        customer_key,
        min(case when first_rank = 1 then channel_code end) as first_order_channel_code,
        min(case when last_rank = 1 then channel_code end) as last_order_channel_code,
        sum(is_failed) as failed_delivery_count,
        sum(is_given_back) as returned_order_count
    from (
        select
            customer_key,
            channel_code,
            case when status_code = 'failed' then 1 else 0 end as is_failed,
            case when status_code = 'returned' or (is_counted = 1 and refund_amount > 0) then 1 else 0 end as is_given_back,
            case when is_counted = 1 then row_number() over (
                partition by customer_key, is_counted order by ordered_at, source_key, order_id
            ) end as first_rank,
            case when is_counted = 1 then row_number() over (
                partition by customer_key, is_counted order by ordered_at desc, source_key desc, order_id desc
            ) end as last_rank
        from {{ ref('fct_orders') }} as orders
        where {{ is_dirty('orders') }}
    ) as ranked
    group by customer_key
),

contacts as (
    select
        activity.customer_key,
        sum(activity.conversation_count) as conversation_count,
        sum(activity.feedback_count) as feedback_count,
        max(activity.activity_date) as last_contact_date,
        count(distinct case when activity.order_count > 0 then units.currency end) as currency_count,
        min(case when activity.order_count > 0 then units.currency end) as currency,
        {# as in the daily mart: orders on their day, refunds and credit notes on theirs #}
        sum(activity.gross_amount - activity.discount_amount - activity.refund_amount) as net_revenue
    from {{ ref('activity') }} as activity
    inner join {{ ref('dim_business_unit') }} as units
        on units.business_unit_code = activity.business_unit_code
    where {{ is_dirty('activity') }}
    group by activity.customer_key
),

cases as (
    select
        customer_key,
        sum(case when status_code in ('solved', 'closed') then 0 else 1 end) as open_conversation_count,
        min(case when status_code in ('solved', 'closed') then null else opened_date end) as oldest_open_date,
        max(opened_date) as last_conversation_date
    from {{ ref('fct_conversations') }} as conversations
    where {{ is_dirty('conversations') }}
    group by customer_key
),

scores as (
    select
        customer_key,
        kind_code,
        scale_code,
        score,
        row_number() over (
            partition by customer_key, kind_code, scale_code order by answered_at desc, source_key, feedback_id
        ) as recency
    from {{ ref('fct_feedback') }} as feedback
    where {{ is_dirty('feedback') }}
),

consents as (
    {# who refused marketing without saying where refused it on channels of which they said nothing, too #}
    select
        customer_key,
        {%- for channel in ['email', 'sms', 'zalo', 'phone', 'push'] %}
        min(case
            when purpose_code = 'marketing' and (scope_code = '{{ channel }}' or (scope_code = 'unknown' and is_granted = 0))
                then is_granted
        end) as may_{{ channel }}_marketing,
        {%- endfor %}
        {%- for purpose in ['survey', 'personalisation', 'analytics', 'sharing'] %}
        min(case when purpose_code = '{{ purpose }}' then is_granted end) as may_{{ purpose }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ consents_in_force() }} as in_force
    where valid_to is null
    group by customer_key
),

worth as (
    select
        customer_key,
        count(distinct currency) as currency_count,
        min(currency) as currency,
        sum(net_amount) as value_to_date,
        {# a sum that left out a unit whose models could not be fitted would be too low, and look whole #}
        {%- for foretold in ['expected_purchases_12m', 'value_12m', 'value_36m'] %}
        case when count({{ foretold }}) = count(*) then sum({{ foretold }}) end as {{ foretold }},
        {%- endfor %}
        min(as_of_date) as value_as_of_date
    from {{ ref('lifetime_scores') }} as lifetime_scores
    where {{ is_dirty('lifetime_scores') }}
    group by customer_key
),

main_units as (
    {# where somebody bought most often, and of equals last #}
    select
        lifetime_scores.*,
        row_number() over (
            partition by customer_key order by repeat_count desc, last_purchase_date desc, business_unit_code
        ) as unit_rank
    from {{ ref('lifetime_scores') }} as lifetime_scores
    where {{ is_dirty('lifetime_scores') }}
),

tiers as (
    {# the last month that says anything of them: who came since has no tier yet #}
    select
        main_units.customer_key,
        main_units.business_unit_code,
        main_units.probability_alive,
        rfm.month_start as rfm_month_start,
        rfm.recency_score,
        rfm.frequency_score,
        rfm.monetary_score,
        rfm.purchase_day_count,
        rfm.tier_code
    from main_units
    left join (
        select
            rfm_scores.*,
            row_number() over (partition by customer_key, business_unit_code order by month_start desc) as month_rank
        from {{ ref('fct_rfm_scores') }} as rfm_scores
        where {{ is_dirty('rfm_scores') }}
    ) as rfm
        on rfm.business_unit_code = main_units.business_unit_code
        and rfm.customer_key = main_units.customer_key
        and rfm.month_rank = 1
    where main_units.unit_rank = 1
),

loyalties as (
    {# as in the quarterly mart: the latest answer to the unit within a year, beside what was bought from it in that year #}
    select
        customer_key,
        {{ loyalty('band_code', 'purchase_day_count') }} as loyalty_code
    from (
        select
            tiers.customer_key,
            tiers.purchase_day_count,
            feedback.band_code,
            row_number() over (
                partition by tiers.customer_key
                order by feedback.answered_at desc, feedback.source_key, feedback.feedback_id
            ) as recency
        from tiers
        inner join {{ ref('dim_period') }} as months
            on months.period_grain_code = 'month'
            and months.period_start = tiers.rfm_month_start
        inner join {{ ref('fct_feedback') }} as feedback
            on feedback.customer_key = tiers.customer_key
            and feedback.business_unit_code = tiers.business_unit_code
            and feedback.answered_date < months.period_end
            and feedback.answered_date >= {{ add_days('months.period_end', -365) }}
        where feedback.kind_code = 'nps'
            and feedback.band_code is not null
            and {{ is_dirty('feedback') }}
    ) as answers
    where recency = 1
),

habits as (
    select
        personas.customer_key,
        personas.business_unit_code,
        personas.persona_code,
        row_number() over (
            partition by personas.customer_key, personas.business_unit_code order by personas.month_start desc
        ) as month_rank
    from {{ ref('fct_personas') }} as personas
    where {{ is_dirty('personas') }}
),

touches as (
    {# what the customer did; what was sent to them touches nobody by itself #}
    select
        customer_key,
        count(distinct nullif(channel_code, 'unknown')) as channel_count,
        min(case when first_rank = 1 then occurred_date end) as first_touch_date,
        min(case when first_rank = 1 then channel_code end) as first_touch_channel_code,
        min(case when last_rank = 1 then occurred_date end) as last_touch_date,
        min(case when last_rank = 1 then channel_code end) as last_touch_channel_code
    from (
        select
            customer_key,
            channel_code,
            occurred_date,
            row_number() over (partition by customer_key order by occurred_at, interaction_id) as first_rank,
            row_number() over (partition by customer_key order by occurred_at desc, interaction_id desc) as last_rank
        from {{ ref('fct_interactions') }} as interactions
        where direction_code = 'in' and {{ is_dirty('interactions') }}
    ) as ranked
    group by customer_key
),

customers as (
    select
        customers.*,
        coalesce(identity_rules.confidence_code, 'low') as identity_confidence_code,
        identity_rules.name_vi as identity_rule_name_vi,
        identity_rules.name_en as identity_rule_name_en
    from {{ ref('dim_customer') }} as customers
    left join {{ ref('identity_rules') }} as identity_rules
        on identity_rules.rule_code = customers.identity_rule_code
    where customers.customer_key <> 'unknown'
        and customers.is_internal = 0
        and {{ is_dirty('customers') }}
),

joined as (
    select
        customers.customer_key,
        customers.city,
        customers.generation_code,
        customers.first_seen_date,
        customers.profile_count,
        customers.source_count,
        customers.identity_rule_code,
        customers.identity_confidence_code,
        customers.identity_rule_name_vi,
        customers.identity_rule_name_en,
        customers.completeness_share,
        customers.household_key,
        coalesce(touches.channel_count, 0) as channel_count,
        touches.first_touch_date,
        touches.first_touch_channel_code,
        touches.last_touch_date,
        touches.last_touch_channel_code,
        bought.first_order_date,
        bought.last_order_date,
        coalesce(bought.order_count, 0) as order_count,
        {# amounts of two currencies are never added up #}
        case when contacts.currency_count = 1 then contacts.net_revenue end as net_revenue,
        coalesce(
            case when contacts.currency_count = 1 then contacts.currency end,
            case when coalesce(contacts.currency_count, 0) = 0 and worth.currency_count = 1 then worth.currency end
        ) as currency,
        coalesce(bought.business_unit_count, 0) as business_unit_count,
        tiers.business_unit_code as main_business_unit_code,
        ordered.first_order_channel_code,
        ordered.last_order_channel_code,
        coalesce(ordered.failed_delivery_count, 0) as failed_delivery_count,
        coalesce(ordered.returned_order_count, 0) as returned_order_count,
        case when worth.currency_count = 1 then worth.value_to_date end as value_to_date,
        case when worth.currency_count = 1 then worth.value_12m end as value_12m,
        case when worth.currency_count = 1 then worth.value_36m end as value_36m,
        worth.value_as_of_date,
        worth.expected_purchases_12m,
        tiers.probability_alive,
        tiers.rfm_month_start,
        tiers.recency_score,
        tiers.frequency_score,
        tiers.monetary_score,
        tiers.tier_code as rfm_tier_code,
        habits.persona_code,
        coalesce(contacts.conversation_count, 0) as conversation_count,
        coalesce(cases.open_conversation_count, 0) as open_conversation_count,
        cases.oldest_open_date,
        cases.last_conversation_date,
        coalesce(contacts.feedback_count, 0) as feedback_count,
        contacts.last_contact_date,
        nps.score as last_nps_score,
        csat.score as last_csat_score,
        loyalties.loyalty_code,
        consents.may_email_marketing,
        consents.may_sms_marketing,
        consents.may_zalo_marketing,
        consents.may_phone_marketing,
        consents.may_push_marketing,
        consents.may_survey,
        consents.may_personalisation,
        consents.may_analytics,
        consents.may_sharing,
        {# of the two fifths that spent most, who is more likely gone than not, or silent as two fifths are #}
        case
            when tiers.tier_code is null then null
            when tiers.monetary_score >= 4 and (tiers.probability_alive < 0.5 or tiers.recency_score <= 2) then 1
            else 0
        end as is_valuable_and_leaving,
        case when ordered.failed_delivery_count >= 2 then 1 else 0 end as is_often_undelivered,
        case
            when ordered.returned_order_count >= 2 and ordered.returned_order_count * 10 >= bought.order_count * 3 then 1
            else 0
        end as is_often_returning
    from customers
    left join bought on bought.customer_key = customers.customer_key
    left join ordered on ordered.customer_key = customers.customer_key
    left join touches on touches.customer_key = customers.customer_key
    left join contacts on contacts.customer_key = customers.customer_key
    left join cases on cases.customer_key = customers.customer_key
    left join consents on consents.customer_key = customers.customer_key
    left join worth on worth.customer_key = customers.customer_key
    left join tiers on tiers.customer_key = customers.customer_key
    left join loyalties on loyalties.customer_key = customers.customer_key
    left join habits
        on habits.customer_key = tiers.customer_key
        and habits.business_unit_code = tiers.business_unit_code
        and habits.month_rank = 1
    left join scores as nps
        on nps.customer_key = customers.customer_key and nps.kind_code = 'nps' and nps.recency = 1
    left join scores as csat
        on csat.customer_key = customers.customer_key and csat.kind_code = 'csat'
        and csat.scale_code = 'one_to_five' and csat.recency = 1
)

{#- the names of a code, where it has any #}
{%- set labelled = {
    'generation': 'generation_code', 'identity_confidence': 'identity_confidence_code',
    'rfm_tier': 'rfm_tier_code', 'loyalty': 'loyalty_code',
} %}

select
    joined.*,
    {%- for kind in labelled %}
    {%- for language in ['vi', 'en'] %}
    {{ kind }}_labels.name_{{ language }} as {{ kind }}_name_{{ language }},
    {%- endfor %}
    {%- endfor %}
    personas.name_vi as persona_name_vi,
    personas.name_en as persona_name_en,
    units.name_vi as main_business_unit_name_vi,
    units.name_en as main_business_unit_name_en,
    first_touches.name_vi as first_touch_channel_name_vi,
    first_touches.name_en as first_touch_channel_name_en,
    last_touches.name_vi as last_touch_channel_name_vi,
    last_touches.name_en as last_touch_channel_name_en,
    first_channels.name_vi as first_order_channel_name_vi,
    first_channels.name_en as first_order_channel_name_en,
    last_channels.name_vi as last_order_channel_name_vi,
    last_channels.name_en as last_order_channel_name_en
from joined
{%- for kind, code in labelled.items() %}
left join {{ ref('labels') }} as {{ kind }}_labels
    on {{ kind }}_labels.kind = '{{ kind }}' and {{ kind }}_labels.code = joined.{{ code }}
{%- endfor %}
left join {{ ref('dim_persona') }} as personas on personas.persona_code = joined.persona_code
left join {{ ref('dim_business_unit') }} as units on units.business_unit_code = joined.main_business_unit_code
left join {{ ref('dim_channel') }} as first_channels on first_channels.channel_code = joined.first_order_channel_code
left join {{ ref('dim_channel') }} as last_channels on last_channels.channel_code = joined.last_order_channel_code
left join {{ ref('dim_channel') }} as first_touches on first_touches.channel_code = joined.first_touch_channel_code
left join {{ ref('dim_channel') }} as last_touches on last_touches.channel_code = joined.last_touch_channel_code
