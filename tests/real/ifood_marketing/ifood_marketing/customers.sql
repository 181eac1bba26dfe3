select ID as profile_id, Year_Birth as birth_year, Dt_Customer as created_at
from 'marketing_data.csv'
