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

create or replace view published.data_losses as
select source, stream, field, lost_from_local, lost_to_local, why
from ops.losses;

create or replace view published.data_holds as
select source, held_at_local, reason
from ops.holds;

alter view published.data_publications owner to cx_publisher;
alter view published.data_publication_tables owner to cx_publisher;
alter view published.data_quality owner to cx_publisher;
alter view published.data_freshness owner to cx_publisher;
alter view published.data_losses owner to cx_publisher;
alter view published.data_holds owner to cx_publisher;
grant select on published.data_publications, published.data_publication_tables,
    published.data_quality, published.data_freshness, published.data_losses, published.data_holds to cx_reader;
create schema if not exists care authorization cx_publisher;
grant usage on schema care to cx_care;

comment on view published.data_publications is 'One row per publication that readers can still be shown.';
comment on column published.data_publications.publication_id is 'Số của lần công bố / Number of the publication';
comment on column published.data_publications.batch_id
is 'Số của bản dựng được công bố / Number of the batch that was published';
comment on column published.data_publications.published_at_local
is 'Lúc công bố, giờ Việt Nam / When it was published, Vietnam time';
comment on column published.data_publications.changed_count
is 'Số dòng được ghi hoặc xóa ở mọi bảng / Rows written or deleted, over all tables';

comment on view published.data_publication_tables is 'One row per table of the publication that is shown.';
comment on column published.data_publication_tables.publication_id
is 'Số của lần công bố đang hiển thị / Number of the publication that is shown';
comment on column published.data_publication_tables.table_name is 'Tên bảng / Name of the table';
comment on column published.data_publication_tables.changed_count
is 'Số dòng được ghi hoặc xóa ở lần công bố này / Rows that this publication wrote or deleted';
comment on column published.data_publication_tables.row_count
is 'Số dòng của bảng sau lần công bố này / Rows of the table after this publication';

comment on view published.data_quality is 'One row per expectation and run, on what landed or on a batch. It never holds a failing value.';
comment on column published.data_quality.check_id is 'Số của lần kiểm tra / Number of the check';
comment on column published.data_quality.checked_at_local
is 'Lúc kiểm tra, giờ Việt Nam / When it was checked, Vietnam time';
comment on column published.data_quality.batch_id
is 'Bản dựng được kiểm tra; trống nếu kiểm tra dữ liệu nạp / Batch that was audited; null for a check of what landed';
comment on column published.data_quality.landing_id
is 'Lần nạp cuối được kiểm tra; trống nếu kiểm tra bản dựng / Last landing that was checked; null for an audit of a batch';
comment on column published.data_quality.suite
is 'Bộ kiểm tra, theo lược đồ và bảng / Suite, named after schema and table';
comment on column published.data_quality.expectation
is 'Điều được kỳ vọng, đọc như một câu / What is expected, reads as a sentence';
comment on column published.data_quality.severity
is 'Mức độ: notice (lưu ý), approval (cần duyệt), error (lỗi) / Severity: notice is shown, approval asks a person, error stops';
comment on column published.data_quality.is_passed is '1 nếu đạt, 0 nếu không / 1 if it passed, 0 if it failed';
comment on column published.data_quality.is_acknowledged is '1 nếu đã có người cho qua / 1 if a person let it pass';
comment on column published.data_quality.failed_count
is 'Số dòng không đạt; trống nếu đạt hoặc không đếm được / Rows that failed; null if it passed or they cannot be counted';
comment on column published.data_quality.observed is 'Điều quan sát được, bằng con số / What was observed, as numbers';

comment on view published.data_freshness is 'One row per pull of one stream of a source (or of one slice of it).';
comment on column published.data_freshness.landing_id is 'Số của lần nạp / Number of the landing';
comment on column published.data_freshness.source is 'Hệ thống nguồn / Source system';
comment on column published.data_freshness.stream
is 'Loại bản ghi, theo cách gọi của nguồn / Kind of record, as the source calls it';
comment on column published.data_freshness.state
is 'Trạng thái: landed (đã nạp), checked (đã kiểm tra), accepted (đã nhận), rejected (bị từ chối) / State: landed, checked, accepted or rejected';
comment on column published.data_freshness.record_count is 'Số bản ghi đã nạp / Records that landed';
comment on column published.data_freshness.quarantined_count
is 'Số bản ghi bị cách ly / Records kept out, in quarantine';
comment on column published.data_freshness.added_count
is 'Số bản ghi mới hoặc đã đổi / Records that were new or had changed';
comment on column published.data_freshness.unchanged_count
is 'Số bản ghi đã có, không đổi / Records that were there already, unchanged';
comment on column published.data_freshness.deleted_count
is 'Số bản ghi mà nguồn đã xóa / Records that the source had deleted';
comment on column published.data_freshness.settled_at_local
is 'Lúc được nhận hoặc bị từ chối, giờ Việt Nam; trống nếu chưa / When it was accepted or rejected, Vietnam time; null before';
comment on column published.data_freshness.why is 'Lý do bị từ chối / Why it was rejected';

comment on view published.data_holds is 'One row per source that somebody keeps at its published state: what it brings since is not shown.';
comment on column published.data_holds.source is 'Hệ thống nguồn / Source system';
comment on column published.data_holds.held_at_local is 'Tạm dừng cập nhật từ lúc, giờ Việt Nam / Held since, Vietnam time';
comment on column published.data_holds.reason is 'Vì sao / Why';

comment on view published.data_losses is 'One row per field, or stretch of whole records, that a source no longer gives: what depends on it is unknown since then, not 0.';
comment on column published.data_losses.source is 'Hệ thống nguồn / Source system';
comment on column published.data_losses.stream
is 'Loại bản ghi, theo cách gọi của nguồn / Kind of record, as the source calls it';
comment on column published.data_losses.field
is 'Trường bị mất; * nếu mất cả bản ghi / Field that is lost; * where whole records are';
comment on column published.data_losses.lost_from_local
is 'Mất từ lúc nào, giờ Việt Nam / Source lost since, Vietnam time';
comment on column published.data_losses.lost_to_local
is 'Mất đến lúc nào, giờ Việt Nam; trống nếu vẫn đang mất / Lost until, Vietnam time; null if it still is';
comment on column published.data_losses.why is 'Nguồn nói vì sao / Why, as the source says';
