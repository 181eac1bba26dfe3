-- the account -1 is the site's own. The names that people show are left out
select
    regexp_extract(line, ' Id="([^"]+)"', 1) as profile_id,
    regexp_extract(line, ' Id="([^"]+)"', 1) = '-1' as is_internal,
    regexp_extract(line, ' CreationDate="([^"]+)"', 1) as created_at
from read_csv('dump_2016-09/Users.xml.gz', columns = {'line': 'varchar'}, delim = chr(1), quote = '', header = false)
where line like '%<row %'
