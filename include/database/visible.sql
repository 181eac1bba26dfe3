-- What readers see of the gate itself: views over ops that hold no expression. Safe to repeat.
create or replace view published.data_publications as
select publication_id, batch_id, published_at_local, changed_count from ops.publications
where not is_undone;

create or replace view published.data_publication_tables as
select t.publication_id, t.table_name, t.changed_count, t.row_count
from ops.publication_tables as t
where t.publication_id = (select h.publication_id from ops.head as h);

create or replace view published.data_quality as
select check_id, checked_at_local, batch_id, landing_id, suite, expectation, severity, is_passed,
    is_acknowledged, failed_count, observed
from ops.check_results;

create or replace view published.data_freshness as
select landing_id, source, stream, state, record_count, quarantined_count, added_count,
    unchanged_count, deleted_count, settled_at_local, why
from ops.landings;

alter view published.data_publications owner to cx_publisher;
alter view published.data_publication_tables owner to cx_publisher;
alter view published.data_quality owner to cx_publisher;
alter view published.data_freshness owner to cx_publisher;
grant select on published.data_publications, published.data_publication_tables,
    published.data_quality, published.data_freshness to cx_reader;
create schema if not exists care authorization cx_publisher;
grant usage on schema care to cx_care;
