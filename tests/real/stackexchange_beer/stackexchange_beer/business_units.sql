select
    'Beer Stack Exchange (hỏi đáp về bia)' as name_vi,
    'Beer Stack Exchange' as name_en,
    'ugc' as business_type_code,
    'scale' as stage_code,
    'USD' as currency,
    'Etc/UTC' as time_zone
