{{ stack('customers', [
    'profile_id',
    'business_unit_code',
    'full_name',
    'birth_year',
    'city',
    'is_internal',
    'created_at',
]) }}
