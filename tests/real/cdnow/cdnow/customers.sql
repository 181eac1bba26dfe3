with words as (
    select regexp_extract_all(line, '[0-9.]+') as word
    from read_csv('CDNOW_sample.txt', columns = {'line': 'varchar'}, delim = '|', header = false)
)

-- the second word numbers the sample's customers from 1 to 2357; the first is the master set's
select word[2]::integer as profile_id, min(strptime(word[3], '%Y%m%d')) as created_at
from words
group by profile_id
