select
    'Dữ liệu mẫu Zendesk' as name_vi,
    'Zendesk seed' as name_en,
    'saas' as business_type_code,
    'revenue' as stage_code,
    'USD' as currency,
    'Etc/UTC' as time_zone
