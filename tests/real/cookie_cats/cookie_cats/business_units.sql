select
    'Cookie Cats (trò chơi)' as name_vi,
    'Cookie Cats (game)' as name_en,
    'app' as business_type_code,
    'scale' as stage_code,
    'USD' as currency,
    'Etc/UTC' as time_zone
