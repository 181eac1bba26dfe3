-- How whoever cares for customers finds one by what they have: a phone as it was typed, an e-mail, a loyalty number, an
-- id of a source, a device. Only cx_care may enter the schema. Run as the superuser; safe to repeat.

-- The numbers in E.164 that a phone may be, however it is typed: `normalise_phone` of include/identity/values.py gives
-- one of them, which a test holds. It needs a library to tell which; here it does no harm to look for all.
create or replace function care.phones_meant(typed text) returns text[] immutable language sql
set search_path = pg_catalog, pg_temp as $$
    with digits as (
        select regexp_replace(typed, '[^0-9]', '', 'g') as number
    ),
    told as (
        -- 00 stands for +
        select number from digits
        union
        select substr(number, 3) from digits where number like '00%'
    ),
    national as (
        select substr(number, 3) as number from told where number like '84%'
        union
        select number from told
    ),
    trunk as (
        select number from national
        union
        select substr(number, 2) from national where number like '0%'
    ),
    numbers as (
        select '+' || number as number from told
        union
        select '+84' || number from trunk
        union
        -- a trunk prefix behind a foreign country's code, as in +44 (0)20
        select '+' || left(number, size) || substr(number, size + 2)
        from told cross join generate_series(1, 3) as size
        where substr(number, size + 1, 1) in ('0', '1', '8')
    ),
    moved as (
        -- mobile numbers of eleven digits, which got ten in September 2018
        select '+84' || (
            '{"120":"70","121":"79","122":"77","126":"76","128":"78","123":"83","124":"84","125":"85","127":"81",'
            '"129":"82","162":"32","163":"33","164":"34","165":"35","166":"36","167":"37","168":"38","169":"39",'
            '"186":"56","188":"58","199":"59"}'::jsonb ->> substr(number, 4, 3)
        ) || substr(number, 7) as number
        from numbers
        where number ~ '^\+841[0-9]{9}$'
    )
    select array_agg(number) from (select number from numbers union select number from moved) as meant
    where number is not null
$$;

-- An e-mail as `normalise_email` writes it.
create or replace function care.email_meant(typed text) returns text immutable language sql
set search_path = pg_catalog, pg_temp as $$
    select case
        when domain in ('gmail.com', 'googlemail.com') then replace(mailbox, '.', '') || '@gmail.com'
        else mailbox || '@' || domain
    end
    from (
        select
            split_part(regexp_replace(lower(btrim(typed, E' \t\r\n')), '@[^@]*$', ''), '+', 1) as mailbox,
            substring(lower(btrim(typed, E' \t\r\n')) from '@([^@]*)$') as domain
    ) as parts
$$;

create or replace function care.find_customer(typed text)
returns table (
    customer_key varchar, full_name varchar, phone varchar, email varchar, found_by varchar,
    identifier_value varchar, carrier_key varchar, source_key varchar, rule_code varchar, confidence numeric,
    valid_from_local timestamp, valid_to_local timestamp
)
stable language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    plain text := btrim(typed, E' \t\r\n');
    -- haravan:1036000001, as a profile is named elsewhere; in files with the unit, files:shop_counter/C000016
    own_id text := substr(plain, position(':' in plain) + 1);
    behind_unit text := substr(plain, position('/' in plain) + 1);
    phones text[] := care.phones_meant(typed);
    mailbox text := care.email_meant(typed);
begin
    return query
    select
        b.customer_key, c.full_name, c.phone, c.email, b.identifier_type_code, b.identifier_value, b.carrier_key,
        b.source_key, b.rule_code, b.confidence, b.valid_from_local, b.valid_to_local
    from care.bridge_identity as b
    left join care.dim_customer_contact as c on c.customer_key = b.customer_key
    where b.identifier_value = any (phones || array[mailbox, plain, upper(plain), own_id, behind_unit])
        and case b.identifier_type_code
            when 'phone' then b.identifier_value = any (phones)
            when 'email' then b.identifier_value = mailbox
            when 'loyalty_id' then b.identifier_value = upper(plain)
            when 'device' then b.identifier_value in (plain, behind_unit)
            else plain in (b.identifier_value, b.carrier_key, substr(b.carrier_key, length(b.source_key) + 2))
        end
    order by b.valid_to_local desc nulls first, b.customer_key, b.identifier_type_code, b.carrier_key;
    -- keys of ours are no identifiers: the customers whom the profiles of a key are now, and a visitor's device
    if not found and plain ~ '^(c[0-9a-f]{15}|[0-9a-f]{32})$' then
        return query
        select
            b.customer_key, c.full_name, c.phone, c.email, b.identifier_type_code, b.identifier_value,
            b.carrier_key, b.source_key, b.rule_code, b.confidence, b.valid_from_local, b.valid_to_local
        from care.bridge_identity as b
        left join care.dim_customer_contact as c on c.customer_key = b.customer_key
        where b.carrier_key = plain or (
            b.valid_to_local is null and b.identifier_type_code = 'profile' and b.carrier_key in (
                select former.carrier_key from care.bridge_identity as former where former.customer_key = plain
            )
        )
        order by b.valid_to_local desc nulls first, b.customer_key, b.carrier_key;
    end if;
end $$;

comment on function care.find_customer is
'The customers who have what was typed: a phone however it is written, an e-mail, a loyalty number, a source''s id (also as source:id), a device, a customer_key that was merged. / Tìm khách hàng theo bất kỳ định danh nào.';
revoke execute on function care.phones_meant(text), care.email_meant(text), care.find_customer(text) from public;
grant execute on function care.phones_meant(text), care.email_meant(text), care.find_customer(text) to cx_care;
