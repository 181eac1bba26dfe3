{#
    Incremental by dirty keys. A model names its key, what makes keys dirty, and filters by them:

        {{ config(
            unique_key=['source_key', 'order_id'],
            dirty_from={
                'int_orders_unioned': ['source_key', 'order_id'],   a contract: keys that arrived
                'identity_map': ['identifier_key'],                 no key of ours: looked up in this table
                'activity': 'select customer_key from {changed}',   SQL that yields the dirty key,
                                                                    {this} being the model's own table
            },
            change_carries=['customer_key', 'order_date'],
        ) }}
        select … where {{ is_dirty('orders') }}

    `dirty_key` (default: `unique_key`) is the part of the key that a change makes dirty: all lines of
    a changed order. Only rows that really differ are written and get the batch; keys that changed are
    logged in `changed.<model>` with the carried columns' old and new image. Without `dirty_from`, at
    --full-refresh, and when a large share is dirty, the whole table is compared; it is never swapped.
    `lies_by` is the order in which the rows of a first build lie on the disk: who reads a large table in
    that order reads on, and looks up no row by itself.
    The watermark is the published head, so a crash, a rejected batch and a roll-back follow one rule.
#}

{% macro reads_dirty_keys() %}
    {%- if not execute or not this or flags.WHICH not in ('run', 'build', 'retry') -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set target_table = load_relation(this) -%}
    {{ return(
        target_table is not none and target_table.type == 'table' and not should_full_refresh()
        and config.get('dirty_from') is not none and model.resource_type == 'model'
    ) }}
{% endmacro %}

{#
    Whether a model filters the union of sources, of which a semi-join would read all: it stops at a union, an anti-join or a
    window, where = any(array) passes and finds indexes. Of a table it finds them by itself, and what it leaves is estimated
    well; a second condition on the same columns would have the planner expect a row where there are hundreds.
#}
{% macro reads_unions() %}
    {%- for upstream in config.get('dirty_from') if upstream.startswith('int_') -%}{{ return(true) }}{%- endfor -%}
    {{ return(false) }}
{% endmacro %}

{#
    The condition between the marks is replaced by `true` where comparing everything is cheaper. FOUND_BY: columns by which
    rows are found behind a union of tables; of many keys the combinations of many columns are too many.
#}
{% macro is_dirty(alias, columns=none, found_by=none) %}
    {%- if reads_dirty_keys() -%}
    {%- set names = columns or config.get('dirty_key', config.get('unique_key')) -%}
    {%- set keys = config.get('dirty_key', config.get('unique_key')) -%}
    {%- set table = 'pg_temp.' ~ this.identifier ~ '__dirty' -%}
    {%- set found = found_by or (names if reads_unions() else []) -%}
    /*dirty*/ ({% for name in names %}{{ alias }}.{{ name }}{{ ', ' if not loop.last }}{% endfor %}) in (select {{ keys | join(', ') }} from {{ table }})
    {%- for name in names if name in found %} and {{ alias }}.{{ name }} = any(array(select distinct {{ keys[names.index(name)] }} from {{ table }})){% endfor %} /*:dirty*/
    {%- else -%}true{%- endif -%}
{% endmacro %}

{#
    Columns of what the profiles of dirty customers say, as the body of a common table expression. The union
    over the sources would be read whole to find a few profiles, and, joined, again for each of them.
#}
{% macro said_by_profiles(columns) %}
    {{ computed_once() }} (
        select source_key, profile_id, {{ columns | join(', ') }}
        from {{ ref('int_customers_unioned') }} as customers
        {%- if reads_dirty_keys() %}
        where /*dirty*/ customers.profile_id = any(array(
            select identity_map.profile_id
            from {{ source('identity', 'identity_map') }} as identity_map
            where identity_map.customer_key = any(array(select customer_key from pg_temp.{{ this.identifier }}__dirty))
        )) /*:dirty*/
        {%- endif %}
    )
{% endmacro %}

{% macro dirty_keys_sql() %}
    {%- set keys = config.get('dirty_key', config.get('unique_key')) -%}
    {%- for upstream, columns in config.get('dirty_from').items() %}
    {{ 'union' if not loop.first }}
    {%- if upstream.startswith('int_') -%}
        {%- set key_name = (columns if columns is not string else keys)[-1] -%}
        {%- set changed = '(' ~ changed_records(upstream | replace('int_', '') | replace('_unioned', ''), 'record_key') ~ ') as changed_records' -%}
        {%- if columns is string %}
    select {{ keys | join(', ') }} from ({{ columns | replace('{changed}', changed) | replace('{this}', this ~ '') }}) as changed_keys
        {%- else %}
    select source_key, record_key as {{ keys[-1] }} from {{ changed }}
        {%- endif -%}
    {%- else -%}
        {%- set changed = '(select * from changed.' ~ upstream ~ ' where batch_id > (select ops.head_batch())) as changed_rows' -%}
        {%- if columns is string %}
    select {{ keys | join(', ') }} from ({{ columns | replace('{changed}', changed) | replace('{this}', this ~ '') }}) as changed_keys
        {%- elif columns | sort == keys | sort %}
    select {{ keys | join(', ') }} from {{ changed }}
        {%- else %}
    select {% for key in keys %}t.{{ key }}{{ ', ' if not loop.last }}{% endfor %} from {{ this }} as t
    where ({% for column in columns %}t.{{ column }}{{ ', ' if not loop.last }}{% endfor %}) in (select {{ columns | join(', ') }} from {{ changed }})
        {%- endif -%}
    {%- endif -%}
    {%- endfor %}
{% endmacro %}

{% macro on_keys(left, right, keys) -%}
    {% for key in keys %}{{ left }}.{{ key }} = {{ right }}.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endmacro %}

{#
    The columns of a query, each as its model's yml declares it: the one place where BI types are chosen. A text longer than
    its column is cut; a key never is: PostgreSQL's own function says so where a cast would cut.
#}
{% macro typed_columns(alias) %}
    {%- set typed = [] -%}
    {%- for column in model.columns.values() -%}
        {%- if not column.data_type -%}
            {% do exceptions.raise_compiler_error(model.name ~ '.' ~ column.name ~ ' has no data_type in its yml') %}
        {%- endif -%}
        {%- set length = modules.re.fullmatch('varchar\\((\\d+)\\)', column.data_type) -%}
        {%- set value = alias ~ '.' ~ column.name -%}
        {%- if length and column.name in config.get('unique_key') -%}
            {%- set value = 'pg_catalog."varchar"(cast(' ~ value ~ ' as varchar), ' ~ (length[1] | int + 4) ~ ', false)' -%}
        {%- endif -%}
        {%- do typed.append('cast(' ~ value ~ ' as ' ~ column.data_type ~ ') as ' ~ column.name) -%}
    {%- endfor -%}
    {{ return(typed) }}
{% endmacro %}

{# The heart: the target (its dirty part, or all of it) against `fresh`; true differences are applied and logged. #}
{% macro apply_differences(target_relation, fresh, columns, everything) %}
    {%- set keys = config.get('unique_key') -%}
    {%- set dirty_key = config.get('dirty_key', keys) -%}
    {%- set carried = config.get('change_carries', []) | reject('in', keys) | list -%}
    {%- set values = columns | reject('in', keys + ['batch_id']) | list -%}
    {%- set difference = this.identifier ~ '__difference' -%}
    create temporary table {{ difference }} on commit drop as
    select
        {% for key in keys %}coalesce(n.{{ key }}, t.{{ key }}) as {{ key }}, {% endfor %}
        case when t.{{ keys[0] }} is null then 'i' when n.{{ keys[0] }} is null then 'd' else 'u' end::"char" as op
        {%- for value in values %}, n.{{ value }}{% endfor %}
        {%- for name in carried %}, t.{{ name }} as old__{{ name }}{% endfor %}
    from (
        select t.* from {{ target_relation }} as t
        {%- if not everything %}
        where ({% for key in dirty_key %}t.{{ key }}{{ ', ' if not loop.last }}{% endfor %}) in (select {{ dirty_key | join(', ') }} from pg_temp.{{ this.identifier }}__dirty)
        {%- endif %}
    ) as t
    full join {{ fresh }} as n on {{ on_keys('n', 't', keys) }}
    where t.{{ keys[0] }} is null or n.{{ keys[0] }} is null
        {%- if values %} or ({% for value in values %}t.{{ value }}{{ ', ' if not loop.last }}{% endfor %}) is distinct from ({% for value in values %}n.{{ value }}{{ ', ' if not loop.last }}{% endfor %}){% endif %};
    analyze {{ difference }};
    merge into {{ target_relation }} as t using {{ difference }} as n on {{ on_keys('n', 't', keys) }}
    when matched and n.op = 'd' then delete
    {% if values %}when matched then update set batch_id = (select ops.current_batch()){% for value in values %}, {{ value }} = n.{{ value }}{% endfor %}{% endif %}
    when not matched then insert ({{ (keys + values) | join(', ') }}, batch_id)
        values ({% for name in keys + values %}n.{{ name }}, {% endfor %}(select ops.current_batch()));
    insert into changed.{{ target_relation.identifier }} (batch_id, op, {{ (keys + carried) | join(', ') }})
    select (select ops.current_batch()), op, {{ (keys + carried) | join(', ') }} from {{ difference }} where op <> 'd'
    union{{ ' all' if not carried }}
    select (select ops.current_batch()), op, {{ keys | join(', ') }}{% for name in carried %}, old__{{ name }}{% endfor %}
    from {{ difference }} where op = 'd'{{ " or op = 'u'" if carried }};
{% endmacro %}

{% materialization dirty_keys, adapter='postgres' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set keys = config.get('unique_key') -%}
    {%- set carried = config.get('change_carries', []) | reject('in', keys) | list -%}
    {# nearly all rows share their source: to sort by it first is to compare it each time for nothing #}
    {%- set primary_key = keys | reject('eq', 'source_key') | list + keys | select('eq', 'source_key') | list -%}
    {%- set names = model.columns.keys() | list -%}
    {%- set incremental = reads_dirty_keys() -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% if existing is none %}
        {% call statement('main') %}
            {% if config.get('lies_by') %}
                {# a nested loop keeps an order: the planner would join above the sort, where one process computes all columns #}
                set local enable_nestloop = off;
            {% endif %}
            {# a table that is made of a query may be computed by several processes, an INSERT by one alone #}
            create table {{ target_relation }} with (fillfactor = 90) as
            select {{ typed_columns('q') | join(', ') }}, (select ops.current_batch()) as batch_id from ({{ sql }}) as q
            {{ 'order by q.' ~ (config.get('lies_by') | join(', q.')) if config.get('lies_by') }};
            alter table {{ target_relation }} alter column batch_id set not null, add primary key ({{ primary_key | join(', ') }});
            drop table if exists changed.{{ this.identifier }};
            create table changed.{{ this.identifier }} as
            select batch_id, 'i'::"char" as op, {{ (keys + carried) | join(', ') }} from {{ target_relation }};
            create index {{ this.identifier }}__batch on changed.{{ this.identifier }} (batch_id);
        {% endcall %}
        {% do create_indexes(target_relation) %}
    {% else %}
        {% set fresh_sql = sql %}
        {% if incremental %}
            {% set dirty = 'pg_temp.' ~ this.identifier ~ '__dirty' %}
            {% do run_query('drop table if exists ' ~ dirty ~ '; create temporary table ' ~ this.identifier ~ '__dirty on commit drop as ' ~ dirty_keys_sql() ~ '; analyze ' ~ dirty) %}
            {% set is_clean, is_much = run_query('select dirty_count = 0, dirty_count > 1000 and dirty_count > 0.2 * (select reltuples from pg_class where oid = \'' ~ target_relation ~ "'::regclass) from (select count(*) as dirty_count from " ~ dirty ~ ') as dirty')[0] %}
            {% if is_much %}
                {# comparing everything is cheaper above some share of dirty keys #}
                {% set incremental = false %}
                {% set fresh_sql = modules.re.sub('/\*dirty\*/.*?/\*:dirty\*/', 'true', sql, flags=modules.re.S) %}
            {% endif %}
        {% endif %}
        {% if incremental and is_clean %}
            {# most models of a quiet day; dbt wants a statement of each #}
            {% call statement('main') %}select 0 as changed_count{% endcall %}
        {% else %}
            {% set fresh = this.identifier ~ '__fresh' %}
            {% do run_query('create temporary table ' ~ fresh ~ ' on commit drop as select ' ~ (typed_columns('q') | join(', ')) ~ ' from (' ~ fresh_sql ~ ') as q; analyze ' ~ fresh) %}
            {% do follow_shape(target_relation, fresh, reads_dirty_keys()) %}
            {% call statement('main') %}{{ apply_differences(target_relation, fresh, names, not incremental) }}{% endcall %}
        {% endif %}
    {% endif %}
    {# they change with the project, which is a full refresh; else every nightly build would write one a column #}
    {% if existing is none or should_full_refresh() %}{% do persist_docs(target_relation, model) %}{% endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {% if existing is none %}
        {# looked at before its rows are committed, a large table is news to autovacuum, which looks at it again #}
        {% call statement('analyze') %}analyze {{ target_relation }}{% endcall %}
        {% do adapter.commit() %}
    {% endif %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# A room's table follows its declared columns at a full comparison; unchanged rows keep their batch. #}
{% macro follow_shape(target_relation, fresh, incremental) %}
    {% set shape %}
        select coalesce(f.name, t.name) as name, f.type as wanted, t.type as present
        from (select attname::text as name, format_type(atttypid, atttypmod) as type from pg_attribute
            where attrelid = 'pg_temp.{{ fresh }}'::regclass and attnum > 0 and not attisdropped) as f
        full join (select attname::text as name, format_type(atttypid, atttypmod) as type from pg_attribute
            where attrelid = '{{ target_relation }}'::regclass and attnum > 0 and not attisdropped and attname <> 'batch_id') as t
            on t.name = f.name
        where f.type is distinct from t.type
    {% endset %}
    {% for name in config.get('change_carries', []) if not incremental %}
        {% do run_query('alter table changed.' ~ target_relation.identifier ~ ' add column if not exists ' ~ name ~ ' ' ~ model.columns[name].data_type) %}
    {% endfor %}
    {% for row in run_query(shape) %}
        {% if incremental %}
            {% do exceptions.raise_compiler_error(target_relation ~ '.' ~ row['name'] ~ ' is ' ~ row['present'] ~ ' and is declared ' ~ row['wanted'] ~ ': run once with --full-refresh') %}
        {% elif row['present'] is none %}
            {% do run_query('alter table ' ~ target_relation ~ ' add column ' ~ row['name'] ~ ' ' ~ row['wanted']) %}
        {% elif row['wanted'] is none %}
            {% do run_query('alter table ' ~ target_relation ~ ' drop column ' ~ row['name']) %}
        {% else %}
            {% do run_query('alter table ' ~ target_relation ~ ' alter column ' ~ row['name'] ~ ' type ' ~ row['wanted'] ~ ' using ' ~ row['name'] ~ '::' ~ row['wanted']) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
