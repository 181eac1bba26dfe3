{{ stack('identifiers', [
    'record_key',
    'profile_id',
    'identifier_type',
    'identifier_value',
]) }}
