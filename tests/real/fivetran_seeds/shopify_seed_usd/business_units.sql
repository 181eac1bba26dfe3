select
    'Dữ liệu mẫu Shopify (USD)' as name_vi,
    'Shopify seed (USD)' as name_en,
    'ecommerce' as business_type_code,
    'revenue' as stage_code,
    'USD' as currency,
    'Etc/UTC' as time_zone
