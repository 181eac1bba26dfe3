select id as profile_id, 'phone' as identifier_type, phone as identifier_value
from users
where phone is not null and updated_at >= :since and updated_at < :until
union all
select id as profile_id, 'email' as identifier_type, email as identifier_value
from users
where email is not null and updated_at >= :since and updated_at < :until
