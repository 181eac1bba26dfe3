{{ config(
    unique_key=['event_id'],
    dirty_from={
        'fct_interactions': "select interaction_id as event_id from {changed}",
        'identity_moves': "select 'identity:' || move_id as event_id from {changed}",
        'dim_customer': "select 'identity:' || m.move_id as event_id from core.identity_moves as m"
            ~ " inner join {changed} on m.customer_key = changed_rows.customer_key",
        'dim_business_unit': ['business_unit_code'],
    },
    indexes=[{'columns': ['customer_key', 'occurred_at_local']}],
) }}

with told as (
    select
        interactions.interaction_id as event_id,
        interactions.*,
        kinds.name_vi as kind_name_vi,
        kinds.name_en as kind_name_en,
        {# the label of what is not known is no part of a sentence #}
        case when interactions.subject_code <> 'unknown' then subjects.name_vi end as subject_name_vi,
        case when interactions.subject_code <> 'unknown' then subjects.name_en end as subject_name_en,
        outcomes.name_vi as outcome_name_vi,
        outcomes.name_en as outcome_name_en,
        channels.name_vi as channel_name_vi,
        channels.name_en as channel_name_en,
        kinds.sentence_vi,
        kinds.sentence_en
    from {{ ref('fct_interactions') }} as interactions
    inner join {{ ref('interaction_kinds') }} as kinds
        on kinds.interaction_kind_code = interactions.interaction_kind_code
    inner join {{ ref('dim_channel') }} as channels on channels.channel_code = interactions.channel_code
    left join {{ ref('labels') }} as subjects
        on subjects.kind = kinds.subject_kind and subjects.code = interactions.subject_code
    left join {{ ref('labels') }} as outcomes
        on outcomes.kind = kinds.outcome_kind and outcomes.code = interactions.outcome_code
    where interactions.customer_key <> 'unknown'
        and interactions.is_internal = 0
        and {{ is_dirty('interactions', ['interaction_id']) }}
),

moves as (
    select
        'identity:' || moves.move_id as event_id,
        moves.*
    from {{ ref('identity_moves') }} as moves
)

select
    told.event_id,
    told.customer_key,
    told.occurred_at_local,
    told.occurred_date,
    told.kind_name_vi,
    told.kind_name_en,
    {{ sentence('told', 'vi') }} as description_vi,
    {{ sentence('told', 'en') }} as description_en,
    told.channel_code,
    told.channel_name_vi,
    told.channel_name_en,
    touchpoints.name_vi as touchpoint_name_vi,
    touchpoints.name_en as touchpoint_name_en,
    stages.name_vi as journey_stage_name_vi,
    stages.name_en as journey_stage_name_en,
    directions.name_vi as direction_name_vi,
    directions.name_en as direction_name_en,
    told.amount,
    told.currency,
    told.outcome_name_vi,
    told.outcome_name_en,
    told.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en
from told
inner join {{ ref('dim_touchpoint') }} as touchpoints on touchpoints.touchpoint_code = told.touchpoint_code
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = told.business_unit_code
left join {{ ref('labels') }} as stages on stages.kind = 'journey_stage' and stages.code = told.journey_stage_code
left join {{ ref('labels') }} as directions on directions.kind = 'direction' and directions.code = told.direction_code
union all
select
    moves.event_id,
    moves.customer_key,
    moves.moved_at_local as occurred_at_local,
    cast(moves.moved_at_local as date) as occurred_date,
    kinds.name_vi as kind_name_vi,
    kinds.name_en as kind_name_en,
    {{ identity_sentence('moves', 'sources', 'vi') }} as description_vi,
    {{ identity_sentence('moves', 'sources', 'en') }} as description_en,
    'unknown' as channel_code,
    cast(null as varchar) as channel_name_vi,
    cast(null as varchar) as channel_name_en,
    cast(null as varchar) as touchpoint_name_vi,
    cast(null as varchar) as touchpoint_name_en,
    cast(null as varchar) as journey_stage_name_vi,
    cast(null as varchar) as journey_stage_name_en,
    cast(null as varchar) as direction_name_vi,
    cast(null as varchar) as direction_name_en,
    cast(null as numeric) as amount,
    cast(null as varchar) as currency,
    reasons.name_vi as outcome_name_vi,
    reasons.name_en as outcome_name_en,
    'unknown' as business_unit_code,
    cast(null as varchar) as business_unit_name_vi,
    cast(null as varchar) as business_unit_name_en
from moves
inner join {{ ref('labels') }} as kinds on kinds.kind = 'identity_move' and kinds.code = moves.kind_code
left join {{ ref('labels') }} as sources on sources.kind = 'source' and sources.code = moves.source_key
left join {{ ref('labels') }} as reasons on reasons.kind = 'identity_reason' and reasons.code = moves.rule_code
inner join {{ ref('dim_customer') }} as customers
    on customers.customer_key = moves.customer_key and customers.is_internal = 0
where {{ is_dirty('moves') }}
