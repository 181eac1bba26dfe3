-- who votes is told of favourites alone (5). The contract has no word for a vote down (3): it is told as a report. Votes
-- by which the site is run (acceptance, bounties, closing, deletion, edits) are left out
with rows as (
    select 'comment' as contract, line
    from read_csv('dump_2016-09/Comments.xml.gz', columns = {'line': 'varchar'}, delim = chr(1), quote = '', header = false)
    union all
    select 'vote' as contract, line
    from read_csv('dump_2016-09/Votes.xml.gz', columns = {'line': 'varchar'}, delim = chr(1), quote = '', header = false)
),

acts as (
    select
        contract || '/' || regexp_extract(line, ' Id="([^"]+)"', 1) as content_event_id,
        regexp_extract(line, ' PostId="([^"]+)"', 1) as content_id,
        nullif(regexp_extract(line, ' UserId="([^"]+)"', 1), '') as profile_id,
        'website' as channel_code,
        case
            when contract = 'comment' then 'comment'
            else map {'2': 'like', '3': 'report', '5': 'save'}[regexp_extract(line, ' VoteTypeId="([^"]+)"', 1)]
        end as kind_code,
        regexp_extract(line, ' CreationDate="([^"]+)"', 1) as occurred_at
    from rows
    where line like '%<row %'
)

select * from acts where kind_code is not null
