select
    'Dữ liệu mẫu Shopify (GBP)' as name_vi,
    'Shopify seed (GBP)' as name_en,
    'ecommerce' as business_type_code,
    'revenue' as stage_code,
    'GBP' as currency,
    'Etc/UTC' as time_zone
