select
    'Online Retail (Anh)' as name_vi,
    'Online Retail (United Kingdom)' as name_en,
    'ecommerce' as business_type_code,
    'revenue' as stage_code,
    'GBP' as currency,
    'Europe/London' as time_zone
