{{ stack('identifiers', [
    'profile_id',
    'identifier_type',
    'identifier_value',
]) }}
