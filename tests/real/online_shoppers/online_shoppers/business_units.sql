select
    'Online Shoppers (UCI)' as name_vi,
    'Online Shoppers (UCI)' as name_en,
    'ecommerce' as business_type_code,
    'revenue' as stage_code,
    'USD' as currency,
    'Etc/UTC' as time_zone
