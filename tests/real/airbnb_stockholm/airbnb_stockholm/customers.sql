-- the hosts, without the names that the scrape holds; who wrote the reviews was not kept
select host_id as profile_id, min(host_since) as created_at
from 'listings_detailed.csv.gz'
group by host_id
