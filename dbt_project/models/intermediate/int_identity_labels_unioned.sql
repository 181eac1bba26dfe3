{{ stack('identity_labels', [
    'label_id',
    'identifier_key',
    'other_identifier_key',
    'is_one_person',
    'labelled_date',
]) }}
