-- The rooms of the warehouse: a schema each, owned by the role that fills it. Safe to repeat.
revoke all on schema public from public;
revoke all on database {database} from public;
grant connect on database {database}
to cx_loader, cx_transformer, cx_auditor, cx_publisher, cx_eraser, cx_reader, cx_care;
grant create on database {database} to cx_loader;
grant temporary on database {database} to cx_transformer, cx_auditor, cx_publisher;

-- Large objects and messages of the log lie in no room, and everybody might write them.
do $$
declare
    f regprocedure;
begin
    for f in
        select oid from pg_proc
        where pronamespace = 'pg_catalog'::regnamespace
            and (proname like 'lo\_%' or proname in ('loread', 'lowrite', 'pg_logical_emit_message'))
    loop
        execute format('revoke execute on function %s from public', f);
    end loop;
end $$;

do $$
declare
    room text;
begin
    foreach room in array array[
        'seeds', 'staging', 'intermediate', 'identity', 'core', 'predictions', 'metrics', 'marts', 'changed'
    ] loop
        execute format('create schema if not exists %I authorization cx_transformer', room);
        execute format('grant usage on schema %I to cx_auditor, cx_publisher', room);
        -- dbt makes tables anew, so what is granted is the default of the schema
        execute format(
            'alter default privileges for role cx_transformer in schema %I '
            'grant select on tables to cx_auditor, cx_publisher', room
        );
    end loop;
    foreach room in array array['pub_store', 'undo', 'published'] loop
        execute format('create schema if not exists %I authorization cx_publisher', room);
    end loop;
end $$;

create schema if not exists quarantine authorization cx_loader;
grant usage on schema published to cx_reader, cx_care;
grant usage on schema pub_store, undo to cx_auditor, cx_eraser;
alter default privileges for role cx_publisher in schema pub_store
grant select on tables to cx_auditor;
