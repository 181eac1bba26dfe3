select
    'Telco Customer Churn (IBM)' as name_vi,
    'Telco Customer Churn (IBM)' as name_en,
    'saas' as business_type_code,
    'scale' as stage_code,
    'USD' as currency,
    'America/Los_Angeles' as time_zone
