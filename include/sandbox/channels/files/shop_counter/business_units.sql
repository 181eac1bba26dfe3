select
    'Quầy cửa hàng Nhà An' as name_vi,
    'Nhà An shop counters' as name_en,
    'ecommerce' as business_type_code,
    'revenue' as stage_code,
    'VND' as currency,
    'Asia/Ho_Chi_Minh' as time_zone
