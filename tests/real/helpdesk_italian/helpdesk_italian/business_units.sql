-- the log names no zone: its times are counted as they stand, as the published durations count them
select
    'Bộ phận hỗ trợ phần mềm (Ý)' as name_vi,
    'Help desk of a software company (Italy)' as name_en,
    'saas' as business_type_code,
    'scale' as stage_code,
    'EUR' as currency,
    'Etc/UTC' as time_zone
