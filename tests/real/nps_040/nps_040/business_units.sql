select
    'Hội nghị Sudzilla' as name_vi,
    'The Sudzilla conference' as name_en,
    'ecommerce' as business_type_code,
    'scale' as stage_code,
    'GBP' as currency,
    'Europe/London' as time_zone
