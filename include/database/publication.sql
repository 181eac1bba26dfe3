-- Publication: publish, roll back, erase. Owned and called by cx_publisher; safe to repeat.
-- No DDL on pub_store or published happens here: it is not MVCC-safe, and a reader in a REPEATABLE
-- READ transaction would see empty tables. `include/publication.py` changes shapes on its own.

create or replace function ops.columns(p_table text, p_prefix text) returns text stable language sql as $$
    select string_agg(p_prefix || quote_ident(attname), ', ' order by attname)
    from pg_attribute
    where attrelid = format('pub_store.%I', p_table)::regclass and attnum > 0 and not attisdropped
$$;

-- The same, with another prefix for the columns of the key.
create or replace function ops.columns(p_table text, p_prefix text, p_key text[], p_key_prefix text)
returns text stable language sql as $$
    select string_agg(
        case when attname = any (p_key) then p_key_prefix else p_prefix end || quote_ident(attname), ', '
        order by attname
    )
    from pg_attribute
    where attrelid = format('pub_store.%I', p_table)::regclass and attnum > 0 and not attisdropped
$$;

-- Whether there is anything to publish; an error where it may not be. Asked before shapes change, and again
-- by the publication itself, which then has the lock.
create or replace function ops.may_publish(p_batch bigint) returns boolean language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
    if p_batch <= (select batch_id from ops.head) then
        return false;
    end if;
    if exists (select from ops.publication_holds where released_at is null) then
        raise exception 'publication is on hold (%): release it first',
            (select reason from ops.publication_holds where released_at is null order by held_at desc limit 1)
            using errcode = 'CX001';
    end if;
    if not exists (select from ops.batches where batch_id = p_batch and state = 'audited') then
        raise exception 'batch % is %, not audited: it cannot be published', p_batch,
            coalesce((select state from ops.batches where batch_id = p_batch), 'unknown');
    end if;
    if p_batch <> (select max(batch_id) from ops.batches) then
        raise exception 'batch % was overtaken by a newer build: publish that one', p_batch;
    end if;
    return true;
end $$;

create or replace procedure ops.publish(p_batch bigint) language plpgsql
set search_path = pg_catalog, pg_temp as $$
declare
    r record;
    head bigint;
    publication bigint;
    keys text;
    matches text;
    assignments text;
    written bigint;
    inserted bigint;
    deleted bigint;
    present bigint;
    total bigint := 0;
    is_new boolean;
    is_touched boolean;
begin
    -- the lock waits: a publisher that was killed may leave its backend alive for some seconds
    perform set_config('lock_timeout', '30s', true);
    perform pg_advisory_xact_lock(hashtext('ops.publish'));
    -- shared, because the publisher waited for gives up this lock an instant after the other
    if not pg_try_advisory_xact_lock_shared(hashtext('transform')) then
        raise exception 'a build is writing the rooms: publish when it has ended';
    end if;
    select batch_id into head from ops.head for update;
    if not ops.may_publish(p_batch) then
        return;
    end if;
    insert into ops.publications (batch_id) values (p_batch) returning publication_id into publication;

    for r in select * from ops.publish_tables order by table_name loop
        is_new := not exists (
            select from ops.publication_tables
            where table_name = r.table_name and publication_id = (select publication_id from ops.head)
        );
        is_touched := is_new;
        if not is_new then
            execute format(
                'select exists (select from changed.%I where batch_id > %s and batch_id <= %s)',
                r.table_name, head, p_batch
            ) into is_touched;
        end if;
        written := 0;
        inserted := 0;
        deleted := 0;
        if is_touched then
            select string_agg(quote_ident(c), ', '), string_agg(format('t.%1$I = s.%1$I', c), ' and ')
            into keys, matches from unnest(r.primary_key) as c;
            select string_agg(format('%1$I = s.%1$I', attname), ', ') into assignments
            from pg_attribute
            where attrelid = format('pub_store.%I', r.table_name)::regclass and attnum > 0
                and not attisdropped and attname <> all (r.primary_key);

            -- the delta: a logged key without a row in its room is the tombstone; a table that the head
            -- does not hold yet is published whole, however long ago it was built. Sorted by
            -- key, because rows that lie together are then read together
            execute case
                when is_new then format(
                    'create temporary table delta on commit drop as select %s from %I.%I',
                    keys, r.room, r.table_name
                )
                else format(
                    'create temporary table delta on commit drop as select distinct %1$s from changed.%2$I where batch_id > %3$s and batch_id <= %4$s order by %1$s',
                    keys, r.table_name, head, p_batch
                )
            end;
            analyze pg_temp.delta;
            -- one pass over the keys writes, deletes and keeps what stood there; batch_id is null where
            -- the room has no such row
            execute format(
                'with merged as (merge into pub_store.%1$I t using (select b.batch_id, %2$s from pg_temp.delta d left join %3$I.%1$I b on %4$s) s on %5$s when matched and s.batch_id is null then delete %6$s when not matched and s.batch_id is not null then insert (%7$s) values (%8$s) returning merge_action() as action, %9$s) %10$s select count(*) filter (where action <> ''DELETE''), count(*) filter (where action = ''INSERT''), count(*) filter (where action = ''DELETE'') from merged',
                r.table_name, ops.columns(r.table_name, 'b.', r.primary_key, 'd.'), r.room,
                replace(replace(matches, 't.', 'b.'), 's.', 'd.'), matches,
                case when assignments is not null then 'when matched then update set ' || assignments else '' end,
                ops.columns(r.table_name, ''), ops.columns(r.table_name, 's.'),
                ops.columns(r.table_name, 'old.', r.primary_key, 's.'),
                case when head > 0 then format(
                    ', kept as (insert into undo.%1$I (publication_id, existed, %2$s) select %3$s, action <> ''INSERT'', %2$s from merged)',
                    r.table_name, ops.columns(r.table_name, ''), publication
                ) else '' end
            ) into written, inserted, deleted;
            drop table pg_temp.delta;
        end if;
        -- ranked, not publication - 7: a crash leaves gaps in the numbers
        execute format(
            'delete from undo.%I where publication_id < (select min(publication_id) from (select publication_id from ops.publications where not is_undone order by 1 desc limit 7) as kept)',
            r.table_name
        );
        total := total + written + deleted;
        insert into ops.publication_tables (publication_id, table_name, changed_count, row_count)
        select
            publication, r.table_name, written + deleted,
            -- carried on, because counting the table would cost its history
            coalesce((
                select row_count from ops.publication_tables
                where table_name = r.table_name and publication_id = (select publication_id from ops.head)
            ), 0) + inserted - deleted
        returning row_count into present;
        -- until autovacuum comes by, readers of a new table would wait for plans made for an empty one
        if written + deleted > present / 10 then
            execute format('analyze pub_store.%I', r.table_name);
        end if;
    end loop;

    update ops.head set batch_id = p_batch, publication_id = publication;
    update ops.publications set changed_count = total where publication_id = publication;
    update ops.batches set state = 'published', settled_at = clock_timestamp() where batch_id = p_batch;
end $$;

-- Back to publication P_TO: for each touched key the oldest undo image after it. What was rolled back
-- stays on hold until someone releases it.
create or replace procedure ops.roll_back(p_to bigint) language plpgsql
set search_path = pg_catalog, pg_temp as $$
declare
    r record;
    head record;
    keys text;
    matches text;
    batch bigint;
begin
    perform set_config('lock_timeout', '30s', true);
    perform pg_advisory_xact_lock(hashtext('ops.publish'));
    select * into head from ops.head for update;
    if head.publication_id is null then
        raise exception 'nothing is published yet: there is nothing to go back to' using errcode = 'CX002';
    end if;
    if p_to = head.publication_id then
        return;
    end if;
    select batch_id into batch from ops.publications where publication_id = p_to and not is_undone;
    if batch is null then
        raise exception 'publication % is not there to go back to: % is shown', p_to, head.publication_id
            using errcode = 'CX002';
    end if;
    if (select count(*) from ops.publications where publication_id > p_to and not is_undone) > 6 then
        raise exception 'undo is kept for seven publications: publication % is too far back', p_to
            using errcode = 'CX002';
    end if;
    for r in select * from ops.publish_tables order by table_name loop
        select string_agg(quote_ident(c), ', '), string_agg(format('t.%1$I = s.%1$I', c), ' and ')
        into keys, matches from unnest(r.primary_key) as c;
        execute format(
            'create temporary table back on commit drop as select distinct on (%1$s) * from undo.%2$I where publication_id > %3$s order by %1$s, publication_id',
            keys, r.table_name, p_to
        );
        execute format('delete from pub_store.%I t using pg_temp.back s where %s', r.table_name, matches);
        execute format(
            'insert into pub_store.%1$I (%2$s) select %3$s from pg_temp.back s where existed',
            r.table_name, ops.columns(r.table_name, ''), ops.columns(r.table_name, 's.')
        );
        execute format('delete from undo.%I where publication_id > %s', r.table_name, p_to);
        drop table pg_temp.back;
    end loop;
    update ops.publications set is_undone = true where publication_id > p_to;
    insert into ops.publication_holds (batch_id, reason)
    values (head.batch_id, format('rolled back from publication %s to %s', head.publication_id, p_to));
    update ops.head set batch_id = batch, publication_id = p_to;
end $$;

alter function ops.may_publish(bigint) owner to cx_publisher;
alter procedure ops.publish(bigint) owner to cx_publisher;
alter procedure ops.roll_back(bigint) owner to cx_publisher;
revoke execute on procedure ops.publish(bigint), ops.roll_back(bigint) from public;
revoke execute on function ops.may_publish(bigint) from public;

