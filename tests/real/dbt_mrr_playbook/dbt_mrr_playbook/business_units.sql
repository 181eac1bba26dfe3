select
    'Thuê bao của MRR playbook (dbt Labs)' as name_vi,
    'Subscriptions of the MRR playbook (dbt Labs)' as name_en,
    'saas' as business_type_code,
    'scale' as stage_code,
    'USD' as currency,
    'Etc/UTC' as time_zone
