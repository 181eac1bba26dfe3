select id as profile_id, full_name, birth_year, city, joined_at as created_at
from users
where updated_at >= :since and updated_at < :until
