select
    'Olist (Brasil)' as name_vi,
    'Olist (Brazil)' as name_en,
    'marketplace' as business_type_code,
    'scale' as stage_code,
    'BRL' as currency,
    'America/Sao_Paulo' as time_zone
