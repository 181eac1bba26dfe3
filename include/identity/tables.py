"""The tables of who is who: the map, its history, and what it was resolved by."""

TABLES = """
create table if not exists identity.identity_map (
    identifier_key varchar(256) primary key,
    source_key varchar(64) not null,
    profile_id varchar(256) not null,
    customer_key varchar(64) not null,
    rule varchar(32) not null,
    seen_at timestamptz,
    first_batch_id bigint not null,
    arrived_at timestamptz,
    own_key varchar(64),
    unique (source_key, profile_id)
);
-- a map from before own_key: its customers keep the keys that readers know them by. Asked first, because
-- `add column if not exists` would lock the map until the end of every batch
do $$
begin
    if not exists (
        select from pg_attribute where attrelid = 'identity.identity_map'::regclass and attname = 'own_key'
    ) then
        alter table identity.identity_map add column own_key varchar(64);
        update identity.identity_map
        set own_key = 'c' || left(encode(sha256(convert_to(identifier_key, 'UTF8')), 'hex'), 15);
    end if;
end $$;
create index if not exists identity_map_customers on identity.identity_map (customer_key);
create table if not exists identity.identity_history (
    identifier_key varchar(256) not null,
    batch_id bigint not null,
    resolved_at timestamptz not null default clock_timestamp(),
    customer_key varchar(64),
    rule varchar(32),
    primary key (identifier_key, batch_id)
);
-- who was under a key, at a moment
create index if not exists identity_history_customers on identity.identity_history (customer_key);
create index if not exists identity_history_batches on identity.identity_history (batch_id);
comment on table identity.identity_history is
'One row per profile and batch that gave it to another customer; without a customer, it was gone.';
create or replace function identity.identity_as_of(moment timestamptz)
returns table (identifier_key varchar, customer_key varchar, rule varchar)
language sql stable
begin atomic
    select latest.identifier_key, latest.customer_key, latest.rule
    from (
        select
            history.*,
            row_number() over (partition by history.identifier_key order by history.batch_id desc) as recency
        from identity.identity_history as history
        where history.resolved_at <= moment
    ) as latest
    where latest.recency = 1 and latest.customer_key is not null;
end;
comment on function identity.identity_as_of is
'Which customer each profile was, as far as it was resolved by a moment.';
create table if not exists identity.decisions (
    one varchar(256) not null,
    other varchar(256) not null,
    is_one_person boolean not null,
    reason text not null,
    decided_by text not null,
    decided_at timestamptz not null default clock_timestamp(),
    primary key (one, other),
    check (one < other)
);
comment on table identity.decisions is
'One row per pair of profiles of which a person has decided whether they are one customer.';
create table if not exists identity.profile_contacts (
    identifier_key varchar(256) primary key,
    phone varchar(32),
    email varchar(320)
);
create table if not exists identity.households (
    customer_key varchar(64) primary key,
    household_key varchar(64) not null
);
comment on table identity.households is
'One row per customer who shares a phone with another, with the household that they are.';
create table if not exists identity.full_names (
    identifier_key varchar(256) primary key,
    full_name varchar(256) not null
);
comment on table identity.full_names is
'One row per profile with a full name, written alike, as it was last resolved. Personal data.';
create table if not exists identity.decisions_applied (
    one varchar(256) not null,
    other varchar(256) not null,
    is_one_person boolean not null,
    primary key (one, other)
);
comment on table identity.decisions_applied is
'One row per decision that the map was last resolved by.';
create table if not exists identity.rules (
    rules_hash text primary key
);
comment on table identity.rules is
'The rules that the map was last resolved by, as a hash: where they are others, everybody is resolved anew.';
create table if not exists changed.households (
    batch_id bigint not null,
    op "char" not null,
    customer_key varchar(64) not null
);
create index if not exists households__batch on changed.households (batch_id);
create table if not exists identity.profile_identifiers (
    identifier_key varchar(256) not null,
    identifier_type varchar(32) not null,
    identifier_value varchar(320) not null,
    primary key (identifier_key, identifier_type, identifier_value)
);
-- who is known by a value
create index if not exists profile_identifiers_values on identity.profile_identifiers (identifier_value);
create table if not exists changed.identity_map (
    batch_id bigint not null,
    op "char" not null,
    identifier_key varchar(256) not null,
    customer_key varchar(64) not null
);
create index if not exists identity_map__batch on changed.identity_map (batch_id);
create table if not exists changed.profile_contacts (
    batch_id bigint not null,
    op "char" not null,
    identifier_key varchar(256) not null
);
create index if not exists profile_contacts__batch on changed.profile_contacts (batch_id);
create table if not exists changed.profile_identifiers (
    batch_id bigint not null,
    op "char" not null,
    identifier_key varchar(256) not null
);
create index if not exists profile_identifiers__batch on changed.profile_identifiers (batch_id);
"""
