{{ config(
    unique_key=['source_key', 'label_id'],
    dirty_from={
        'int_identity_labels_unioned': ['source_key', 'label_id'],
        'identity_map': 'select t.source_key, t.label_id from {this} as t'
            ~ ' where t.identifier_key in (select identifier_key from {changed})'
            ~ ' union select t.source_key, t.label_id from {this} as t'
            ~ ' where t.other_identifier_key in (select identifier_key from {changed})',
    },
    indexes=[{'columns': ['identifier_key']}, {'columns': ['other_identifier_key']}],
) }}

select
    labels.source_key,
    labels.label_id,
    labels.identifier_key,
    labels.other_identifier_key,
    labels.labelled_date,
    case when labels.is_one_person then 1 else 0 end as is_one_person,
    {# of a profile that is gone, or has not come yet, there is no answer to measure #}
    case
        when ours.customer_key = theirs.customer_key then 1
        when ours.customer_key <> theirs.customer_key then 0
    end as is_one_customer,
    case when ours.customer_key = theirs.customer_key then ours.rule end as rule_code
from {{ ref('int_identity_labels_unioned') }} as labels
left join {{ source('identity', 'identity_map') }} as ours on ours.identifier_key = labels.identifier_key
left join {{ source('identity', 'identity_map') }} as theirs on theirs.identifier_key = labels.other_identifier_key
where {{ is_dirty('labels') }}
