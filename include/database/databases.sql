-- The other databases of the server: PUBLIC may enter each and make temporary tables there, so the roles of the
-- warehouse may. Whoever else logs in keeps it, under its own name. Run as the superuser; safe to repeat.
do $$
declare
    d record;
    r record;
begin
    for d in
        select datname, string_agg(acl.privilege_type, ', ') as allowed
        from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) as acl
        where acl.grantee = 0
        group by datname
    loop
        for r in
            select rolname from pg_roles
            where rolcanlogin and not rolsuper and rolname <> all (array[
                'cx_loader', 'cx_transformer', 'cx_auditor', 'cx_publisher', 'cx_eraser', 'cx_reader', 'cx_care',
                'airflow'
            ])
        loop
            execute format('grant %s on database %I to %I', d.allowed, d.datname, r.rolname);
        end loop;
        execute format('revoke all on database %I from public', d.datname);
    end loop;
end $$;
