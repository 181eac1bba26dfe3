{{ config(
    unique_key=['source_key', 'feedback_id'],
    dirty_from={
        'fct_feedback': ['source_key', 'feedback_id'],
        'dim_business_unit': ['business_unit_code'],
        'dim_channel': ['channel_code'],
    },
) }}

select
    feedback.source_key,
    feedback.feedback_id,
    feedback.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    feedback.channel_code,
    channels.name_vi as channel_name_vi,
    channels.name_en as channel_name_en,
    feedback.customer_key,
    feedback.kind_code,
    feedback.scale_code,
    feedback.score,
    feedback.band_code,
    labels.name_vi as band_name_vi,
    labels.name_en as band_name_en,
    feedback.comment_masked,
    feedback.order_id,
    feedback.conversation_id,
    feedback.answered_at_local,
    feedback.answered_date
from {{ ref('fct_feedback') }} as feedback
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = feedback.business_unit_code
inner join {{ ref('dim_channel') }} as channels on channels.channel_code = feedback.channel_code
left join {{ ref('labels') }} as labels on labels.kind = 'band' and labels.code = feedback.band_code
where feedback.is_internal = 0 and {{ is_dirty('feedback') }}
