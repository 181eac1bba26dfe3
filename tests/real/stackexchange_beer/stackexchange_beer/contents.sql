-- the topic of a post is its thread: the question. What is neither question nor answer belongs to the site's wiki
select
    regexp_extract(line, ' Id="([^"]+)"', 1) as content_id,
    case regexp_extract(line, ' PostTypeId="([^"]+)"', 1) when '1' then 'question' when '2' then 'answer' else 'other' end
        as kind_code,
    nullif(regexp_extract(line, ' OwnerUserId="([^"]+)"', 1), '') as profile_id,
    'website' as channel_code,
    coalesce(nullif(regexp_extract(line, ' ParentId="([^"]+)"', 1), ''), regexp_extract(line, ' Id="([^"]+)"', 1))
        as topic_code,
    regexp_extract(line, ' CreationDate="([^"]+)"', 1) as published_at
from read_csv('dump_2016-09/Posts.xml.gz', columns = {'line': 'varchar'}, delim = chr(1), quote = '', header = false)
where line like '%<row %'
