select
    'Airbnb Stockholm (Thụy Điển)' as name_vi,
    'Airbnb Stockholm (Sweden)' as name_en,
    'marketplace' as business_type_code,
    'scale' as stage_code,
    'SEK' as currency,
    'Europe/Stockholm' as time_zone
