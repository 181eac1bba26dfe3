-- ops: what happened. Landings, batches, checks, costs; the dashboard's quality and freshness read it.
-- Run as the superuser; safe to repeat.
create schema if not exists ops;
create sequence if not exists ops.acceptance;

create table if not exists ops.landings (
    landing_id bigint generated always as identity primary key,
    source text not null,
    stream text not null,
    state text not null check (state in ('landed', 'checked', 'accepted', 'rejected')),
    window_from timestamptz not null,
    window_to timestamptz not null,
    is_backfill boolean not null default false,
    window_before timestamptz,
    cursor_before text,
    cursor_after text,
    scopes text[] not null default '{}',
    record_count bigint not null default 0,
    quarantined_count bigint,
    added_count bigint,
    unchanged_count bigint,
    deleted_count bigint,
    landed_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz,
    settled_at_local timestamp generated always as (settled_at at time zone 'Asia/Ho_Chi_Minh') stored,
    acceptance_id bigint unique,
    why text
);
create index if not exists landings_by_stream on ops.landings (source, stream, landing_id);
comment on table ops.landings is 'One row per pull of one stream (or of one slice of it) that was committed.';

create table if not exists ops.cursors (
    source text not null,
    stream text not null,
    window_to timestamptz not null,
    cursor text,
    landing_id bigint not null references ops.landings,
    primary key (source, stream)
);
comment on table ops.cursors is 'One row per stream: where the next pull starts. Moves in the transaction that lands.';

create table if not exists ops.streams (
    source text not null,
    stream text not null,
    retention interval,
    is_optional boolean not null default false,
    pulled_to timestamptz,
    unavailable_since timestamptz,
    why_unavailable text,
    primary key (source, stream)
);
comment on table ops.streams is 'One row per stream: up to when it was read, how long its source keeps a record.';

create table if not exists ops.losses (
    source text not null,
    stream text not null,
    field text not null,
    lost_from timestamptz not null default clock_timestamp(),
    lost_to timestamptz,
    lost_from_local timestamp generated always as (lost_from at time zone 'Asia/Ho_Chi_Minh') stored,
    lost_to_local timestamp generated always as (lost_to at time zone 'Asia/Ho_Chi_Minh') stored,
    why text not null,
    primary key (source, stream, field, lost_from)
);
comment on table ops.losses is 'One row per field, or stretch of whole records (field *), that a source no longer gives: unknown, not 0.';
-- a field is lost once, until it comes back
create unique index if not exists losses_open on ops.losses (source, stream, field) where lost_to is null;

create table if not exists ops.fields (
    source text not null,
    stream text not null,
    field text not null,
    kinds text[] not null,
    record_count bigint not null,
    looked_count bigint not null,
    seen_at timestamptz not null default clock_timestamp(),
    primary key (source, stream, field)
);
-- an installation from before looked_count: what nearly every record had (ALWAYS in include/landing/drift.py)
-- keeps its count; any other may have appeared later, and is counted from now on
alter table ops.fields add column if not exists looked_count bigint;
update ops.fields as f set
    record_count = case when f.record_count >= 0.99 * s.all_count then f.record_count else 0 end,
    looked_count = case when f.record_count >= 0.99 * s.all_count then s.all_count else 0 end
from (select source, stream, max(record_count) as all_count from ops.fields group by source, stream) as s
where f.source = s.source and f.stream = s.stream and f.looked_count is null;
alter table ops.fields alter column looked_count set not null;
comment on table ops.fields is 'One row per field of a stream''s records, with the JSON kinds it had in accepted landings, and how many of the records since its first had it.';

create table if not exists ops.tokens (
    source text primary key,
    first_mark text not null,
    access_token text,
    refresh_token text not null,
    refreshed_at timestamptz,
    why_dead text
);
alter table ops.tokens add column if not exists refused_mark text;
alter table ops.tokens add column if not exists why_refused text;
comment on table ops.tokens is 'One row per source whose refresh token rotates; both tokens are encrypted.';

create table if not exists ops.pulls (
    source text primary key,
    finished_at timestamptz not null default clock_timestamp()
);
comment on table ops.pulls is 'One row per source: when its last pull was accepted, also where nothing was new.';

create table if not exists ops.holds (
    source text primary key,
    acceptance_id bigint not null,
    reason text not null,
    held_at timestamptz not null default clock_timestamp()
);
alter table ops.holds add column if not exists held_at_local timestamp
generated always as (held_at at time zone 'Asia/Ho_Chi_Minh') stored;
comment on table ops.holds is 'One row per source that is kept at an earlier landing until someone releases it.';

create table if not exists ops.batches (
    batch_id bigint generated always as identity primary key,
    state text not null check (
        state in ('building', 'built', 'approval', 'audited', 'published', 'rejected', 'abandoned')
    ),
    project text not null,
    opened_at timestamptz not null default clock_timestamp(),
    built_at timestamptz,
    settled_at timestamptz,
    why text
);
comment on table ops.batches is 'One row per build of the rooms; what it may read is frozen when it opens.';

create table if not exists ops.batch_limits (
    batch_id bigint not null references ops.batches,
    source text not null,
    acceptance_id bigint not null,
    primary key (batch_id, source)
);
comment on table ops.batch_limits is 'One row per batch and source: the last acceptance that the batch may read.';

create table if not exists ops.publications (
    publication_id bigint generated always as identity primary key,
    batch_id bigint not null,
    published_at timestamptz not null default clock_timestamp(),
    published_at_local timestamp generated always as (published_at at time zone 'Asia/Ho_Chi_Minh') stored,
    changed_count bigint,
    is_undone boolean not null default false
);
comment on table ops.publications is 'One row per publication.';

create table if not exists ops.publication_tables (
    publication_id bigint not null references ops.publications,
    table_name text not null,
    changed_count bigint not null,
    row_count bigint not null,
    primary key (publication_id, table_name)
);
comment on table ops.publication_tables is 'One row per publication and table: rows written or deleted, rows afterwards.';

create table if not exists ops.head (
    is_one boolean primary key default true check (is_one),
    batch_id bigint not null,
    publication_id bigint
);
insert into ops.head (batch_id) select 0 where not exists (select from ops.head);

create table if not exists ops.publication_holds (
    batch_id bigint not null,
    reason text not null,
    held_at timestamptz not null default clock_timestamp(),
    released_at timestamptz
);
comment on table ops.publication_holds is 'One row per roll-back: nothing is published until it is released.';

create table if not exists ops.publish_tables (
    table_name text primary key,
    room text not null,
    primary_key text[] not null,
    audience text not null check (audience in ('published', 'care'))
);
comment on table ops.publish_tables is 'One row per table that is published, and the schema that its readers see.';

create table if not exists ops.check_results (
    check_id bigint generated always as identity primary key,
    checked_at timestamptz not null default clock_timestamp(),
    checked_at_local timestamp generated always as (checked_at at time zone 'Asia/Ho_Chi_Minh') stored,
    batch_id bigint,
    landing_id bigint,
    suite varchar(128) not null,
    expectation varchar(256) not null,
    severity varchar(16) not null check (severity in ('notice', 'approval', 'error')),
    is_passed smallint not null check (is_passed in (0, 1)),
    is_acknowledged smallint not null default 0,
    failed_count bigint,
    observed varchar(500)
);
create index if not exists check_results_by_batch on ops.check_results (batch_id);
create index if not exists check_results_by_landing on ops.check_results (landing_id);
comment on table ops.check_results is 'One row per expectation and run. Never holds a failing value: it could be personal.';

create table if not exists ops.acknowledgements (
    suite text not null,
    expectation text not null,
    observed text not null,
    acknowledged_at timestamptz not null default clock_timestamp(),
    batch_id bigint not null,
    primary key (suite, expectation, observed)
);
comment on table ops.acknowledgements is 'One row per finding that a person let pass; the same finding does not ask again.';

create table if not exists ops.model_results (
    batch_id bigint not null,
    node text not null,
    status text not null,
    seconds numeric(12, 3) not null,
    row_count bigint,
    message text,
    finished_at timestamptz not null default clock_timestamp()
);
create index if not exists model_results_by_batch on ops.model_results (batch_id);
comment on table ops.model_results is 'One row per dbt node and run: its status and cost.';

create table if not exists ops.identity_events (
    batch_id bigint not null,
    kind text not null check (kind in ('merge', 'split')),
    from_customer_key text not null,
    to_customer_key text not null,
    identifier_count bigint not null,
    rule text not null,
    profile text not null,
    edge text
);
alter table ops.identity_events add column if not exists edge text;
comment on table ops.identity_events is
'One row per merge or split of customers, with the rule, one profile that moved and, of a merge, what joined which two.';

-- The limits of a batch. Wrap a call in (select …): PostgreSQL then asks once, not once per row. Without `parallel safe`
-- whatever asks them is computed by one process alone.
create or replace function ops.head_batch() returns bigint stable parallel safe language sql
as 'select batch_id from ops.head';
create or replace function ops.current_batch() returns bigint stable parallel safe language sql
as 'select max(batch_id) from ops.batches';
create or replace function ops.acceptance_limit(p_source text) returns bigint stable parallel safe language sql
as 'select coalesce((select acceptance_id from ops.batch_limits
    where batch_id = (select max(batch_id) from ops.batches) and source = p_source), 0)';
-- Dirty are the acceptances between the smallest and the largest limit since the head: a hold or a
-- roll-back moves a limit back, and what it hides again has changed too.
create or replace function ops.dirty_after(p_source text) returns bigint stable parallel safe language sql
as 'select coalesce(min(coalesce(l.acceptance_id, 0)), 0)
    from ops.batches b left join ops.batch_limits l on l.batch_id = b.batch_id and l.source = p_source
    where b.batch_id >= (select batch_id from ops.head)';
create or replace function ops.dirty_through(p_source text) returns bigint stable parallel safe language sql
as 'select coalesce(max(acceptance_id), 0) from ops.batch_limits
    where source = p_source and batch_id >= (select batch_id from ops.head)';

grant usage on schema ops to cx_loader, cx_transformer, cx_auditor, cx_publisher, cx_eraser;
grant select on all tables in schema ops to cx_loader, cx_transformer, cx_auditor, cx_publisher;
grant usage on sequence ops.acceptance to cx_loader;
grant insert, update on ops.landings, ops.cursors, ops.pulls, ops.holds to cx_loader;
grant delete on ops.cursors, ops.holds to cx_loader;
grant insert, update, delete on ops.streams, ops.losses, ops.fields to cx_loader;
grant select, insert, update, delete on ops.tokens to cx_loader;
revoke select on ops.tokens from cx_transformer, cx_auditor, cx_publisher;
grant insert on ops.check_results, ops.acknowledgements to cx_auditor;
grant update on ops.batches, ops.check_results to cx_auditor;
grant insert on ops.batches, ops.batch_limits, ops.model_results, ops.identity_events to cx_transformer;
grant update on ops.batches to cx_transformer;
grant insert, update, delete on ops.publish_tables to cx_publisher;
grant insert, update on ops.publications, ops.publication_tables, ops.publication_holds, ops.head
to cx_publisher;
grant update on ops.batches to cx_publisher;
