{{ config(
    unique_key=['source_key', 'feedback_id'],
    dirty_from={
        'int_feedback_unioned': ['source_key', 'feedback_id'],
        'identity_map': ['identifier_key'],
        'dim_customer': ['customer_key'],
        'dim_business_unit': "select t.source_key, t.feedback_id from {this} as t inner join {changed}"
            ~ " on t.business_unit_code in (changed_rows.business_unit_code, 'unknown')",
    },
    change_carries=['customer_key', 'business_unit_code', 'answered_date'],
    indexes=[
        {'columns': ['identifier_key']}, {'columns': ['customer_key']}, {'columns': ['answered_date']},
        {'columns': ['source_key', 'order_id']}, {'columns': ['business_unit_code', 'answered_date']},
    ],
) }}

select
    feedback.source_key,
    feedback.feedback_id,
    coalesce(units.business_unit_code, 'unknown') as business_unit_code,
    coalesce(channels.channel_code, 'unknown') as channel_code,
    coalesce(identity_map.customer_key, 'unknown') as customer_key,
    feedback.source_key || ':' || feedback.profile_id as identifier_key,
    feedback.order_id,
    feedback.conversation_id,
    feedback.kind_code,
    feedback.scale_code,
    feedback.score,
    {#
        Zero is a detractor; a score outside of its scale has no band and is refused at the border. Stars come by halves, too:
        what lies between the bands of a scale of satisfaction is neither.
    #}
    case
        when feedback.scale_code = 'zero_to_ten' and feedback.score between 9 and 10 then 'promoter'
        when feedback.scale_code = 'zero_to_ten' and feedback.score between 7 and 8 then 'passive'
        when feedback.scale_code = 'zero_to_ten' and feedback.score between 0 and 6 then 'detractor'
        when feedback.scale_code = 'one_to_five' and feedback.score between 4 and 5 then 'satisfied'
        when feedback.scale_code = 'one_to_five' and feedback.score > 2 and feedback.score < 4 then 'neutral'
        when feedback.scale_code = 'one_to_five' and feedback.score between 1 and 2 then 'dissatisfied'
        when feedback.scale_code = 'one_to_seven' and feedback.score between 5 and 7 then 'satisfied'
        when feedback.scale_code = 'one_to_seven' and feedback.score > 3 and feedback.score < 5 then 'neutral'
        when feedback.scale_code = 'one_to_seven' and feedback.score between 1 and 3 then 'dissatisfied'
        when feedback.scale_code = 'binary' and feedback.score = 1 then 'satisfied'
        when feedback.scale_code = 'binary' and feedback.score = 0 then 'dissatisfied'
    end as band_code,
    coalesce(customers.is_internal, 0) as is_internal,
    {{ masked('left(feedback.comment_text, 2000)') }} as comment_masked,
    feedback.answered_at,
    {{ local_time('feedback.answered_at', 'units.time_zone') }} as answered_at_local,
    {{ local_date('feedback.answered_at', 'units.time_zone') }} as answered_date
from {{ ref('int_feedback_unioned') }} as feedback
left join {{ ref('dim_business_unit') }} as units
    on units.business_unit_code = coalesce(feedback.business_unit_code, 'unknown')
left join {{ ref('dim_channel') }} as channels on channels.channel_code = feedback.channel_code
left join {{ source('identity', 'identity_map') }} as identity_map
    on identity_map.source_key = feedback.source_key
    and identity_map.profile_id = feedback.profile_id
left join {{ ref('dim_customer') }} as customers on customers.customer_key = identity_map.customer_key
where {{ is_dirty('feedback') }}
