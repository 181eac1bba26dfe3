-- The roles of the warehouse, their databases and their rooms. Run as the superuser; safe to repeat.
-- Passwords come in as settings `cx.password_<role>`, as SCRAM verifiers.
do $$
declare
    role text;
begin
    foreach role in array array[
        'cx_loader', 'cx_transformer', 'cx_auditor', 'cx_publisher', 'cx_eraser', 'cx_reader', 'cx_care', 'airflow'
    ] loop
        if not exists (select from pg_roles where rolname = role) then
            execute format('create role %I login', role);
        end if;
        execute format('alter role %I password %L', role, current_setting('cx.password_' || role));
    end loop;
end $$;

grant cx_reader to cx_care;
alter role cx_reader set default_transaction_read_only = on;
alter role cx_reader set statement_timeout = '120s';
alter role cx_reader set idle_in_transaction_session_timeout = '60s';
alter role cx_care set default_transaction_read_only = on;
-- dbt runs a model more than there are cores: further processes of each would share a core, and copy rows to each other
alter role cx_transformer set max_parallel_workers_per_gather = 1;
alter role cx_transformer set max_parallel_maintenance_workers = 1;
