select
    'CDNOW (Hoa Kỳ)' as name_vi,
    'CDNOW (United States)' as name_en,
    'ecommerce' as business_type_code,
    'scale' as stage_code,
    'USD' as currency,
    'America/New_York' as time_zone
