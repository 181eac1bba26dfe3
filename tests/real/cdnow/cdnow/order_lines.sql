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
        row_number() over (partition by customer, day order by discs, dollars) as place
    from words
)

select
    customer || '-' || day || '-' || place as order_id,
    1 as line_id,
    'CD' as product_id,
    'CD' as product_name,
    discs as quantity,
    -- the price of one disc was not kept: the order's dollars over its discs
    round(dollars / discs, 4) as unit_price
from purchases
