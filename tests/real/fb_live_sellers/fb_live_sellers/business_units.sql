select
    'Người bán trực tiếp trên Facebook (Thái Lan)' as name_vi,
    'Facebook Live sellers (Thailand)' as name_en,
    'ecommerce' as business_type_code,
    'scale' as stage_code,
    'THB' as currency,
    'Asia/Bangkok' as time_zone
