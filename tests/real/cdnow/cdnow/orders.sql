with words as (
    select regexp_extract_all(line, '[0-9.]+') as word
    from read_csv('CDNOW_sample.txt', columns = {'line': 'varchar'}, delim = '|', header = false)
),

purchases as (
    select
        word[2]::integer as customer,
        word[3] as day,
        word[4]::integer as discs,
        word[5]::decimal(18, 2) as dollars,
        -- several purchases of a day have no number of their own
        row_number() over (partition by customer, day order by discs, dollars) as place
    from words
)

select
    customer || '-' || day || '-' || place as order_id,
    'website' as channel_code,
    customer as profile_id,
    strptime(day, '%Y%m%d') as ordered_at,
    'delivered' as status_code,
    'USD' as currency,
    dollars as gross_amount
from purchases
