{{ config(
    unique_key=['move_id'],
    dirty_key=['identifier_key'],
    dirty_from={
        'identity_map': "select identifier_key from {changed}"
            ~ " union all select t.identifier_key from {this} as t inner join identity.identity_map as m"
            ~ " on m.own_key in (t.from_customer_key, t.to_customer_key)"
            ~ " inner join {changed} on changed_rows.identifier_key = m.identifier_key"
            ~ " union all select t.identifier_key from {this} as t where t.customer_key in (select customer_key from {changed})",
    },
    change_carries=['identifier_key'],
    indexes=[{'columns': ['identifier_key']}, {'columns': ['customer_key']}],
) }}

{# who never was another customer has one line in the history, and most have #}
with history as (
    select
        history.identifier_key,
        history.batch_id as moved_batch_id,
        history.resolved_at,
        history.rule,
        history.customer_key as to_customer_key,
        lag(history.customer_key) over (
            partition by history.identifier_key order by history.batch_id
        ) as from_customer_key
    from {{ source('identity', 'identity_history') }} as history
    where {{ is_dirty('history') }}
),

moves as (
    select * from history
    where from_customer_key is not null and to_customer_key is not null and from_customer_key <> to_customer_key
),

left_behind as (
    {#
        A customer's key is that of its oldest profile: a split leaves somebody under the former key, a merge leaves
        nobody. Who was under it right after the batch stands in the history, wherever those profiles are today.
    #}
    select distinct
        moves.identifier_key,
        moves.moved_batch_id
    from moves
    inner join {{ source('identity', 'identity_history') }} as stayed
        on stayed.customer_key = moves.from_customer_key
        and stayed.batch_id <= moves.moved_batch_id
    where not exists (
        select 1
        from {{ source('identity', 'identity_history') }} as later
        where later.identifier_key = stayed.identifier_key
            and later.batch_id > stayed.batch_id
            and later.batch_id <= moves.moved_batch_id
    )
),

known as (
    select
        moves.*,
        movers.own_key as profile_key,
        movers.source_key,
        movers.customer_key,
        case when left_behind.identifier_key is not null then 'split' else 'merge' end as kind_code
    from moves
    inner join {{ source('identity', 'identity_map') }} as movers on movers.identifier_key = moves.identifier_key
    left join left_behind
        on left_behind.identifier_key = moves.identifier_key
        and left_behind.moved_batch_id = moves.moved_batch_id
),

sides as (
    {# told to whoever has the profile now, and to whoever has now what it came to, or was split from #}
    select known.*, known.customer_key as told_customer_key, 'profile' as side_code
    from known
    union all
    select known.*, others.customer_key as told_customer_key, 'other' as side_code
    from known
    inner join {{ source('identity', 'identity_map') }} as others
        on others.own_key = case when known.kind_code = 'merge' then known.to_customer_key else known.from_customer_key end
    where others.customer_key <> known.customer_key
)

select
    profile_key || ':' || moved_batch_id || ':' || side_code as move_id,
    identifier_key,
    told_customer_key as customer_key,
    source_key,
    kind_code,
    side_code,
    rule as rule_code,
    from_customer_key,
    to_customer_key,
    moved_batch_id,
    {{ local_time('resolved_at', "'" ~ var('company_time_zone') ~ "'") }} as moved_at_local
from sides
