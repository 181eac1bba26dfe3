select
    'iFood: chiến dịch tiếp thị' as name_vi,
    'iFood: marketing campaigns' as name_en,
    'ecommerce' as business_type_code,
    'scale' as stage_code,
    'USD' as currency,
    'America/Sao_Paulo' as time_zone
