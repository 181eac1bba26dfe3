-- A company as its readers see it: the documented columns of `published`, with numbers whose sums are
-- known by heart. Published on 20 November 2026; the data begin inside a month and end inside one.
create table pub_store.dim_business_unit (
    business_unit_code varchar(64) primary key, name_vi varchar(200), name_en varchar(200),
    business_type_code varchar(32), stage_code varchar(32), currency varchar(3),
    time_zone varchar(64)
);
create table pub_store.mart_ecommerce_daily (
    business_unit_code varchar(64), business_unit_name_vi varchar(200),
    business_unit_name_en varchar(200), order_date date, currency varchar(3), order_count bigint,
    cancelled_order_count bigint, cod_order_count bigint, delivered_order_count bigint,
    late_order_count bigint, buyer_count bigint, new_buyer_count bigint, unit_count bigint,
    gross_amount numeric(18, 2), discount_amount numeric(18, 2), refund_amount numeric(18, 2),
    refund_amount_by_order_date numeric(18, 2), net_revenue numeric(18, 2),
    shipping_amount numeric(18, 2), tax_amount numeric(18, 2),
    primary key (business_unit_code, order_date)
);
create table pub_store.mart_metrics (
    business_unit_code varchar(64), business_unit_name_vi varchar(200),
    business_unit_name_en varchar(200), metric_code varchar(64), metric_name_vi varchar(200),
    metric_name_en varchar(200), variant_code varchar(64), is_default smallint,
    period_grain_code varchar(16), period_start date, period_end date,
    segment_type_code varchar(32), segment_code varchar(64), segment_name_vi varchar(200),
    segment_name_en varchar(200), value_kind varchar(16), unit_code varchar(16),
    numerator numeric(18, 4), denominator numeric(18, 4), value numeric(18, 6), n bigint,
    standard_error numeric(18, 6), ci_low numeric(18, 6), ci_high numeric(18, 6),
    is_reportable smallint, is_provisional smallint
);
create table pub_store.mart_customers (
    customer_key varchar(64) primary key, city varchar(100), order_count bigint
);
create table pub_store.mart_feedback (
    feedback_key varchar(64) primary key, business_unit_code varchar(64), score numeric(9, 2),
    comment_masked varchar(4000), answered_date date
);
create table pub_store.metric_catalogue (
    metric_code varchar(64), variant_code varchar(64), name_vi varchar(200), name_en varchar(200),
    variant_vi varchar(200), variant_en varchar(200),
    definition_vi varchar(2000), definition_en varchar(2000), formula varchar(2000),
    grains varchar(100), unit_code varchar(16), direction_code varchar(16), is_default smallint,
    owner varchar(100), version varchar(16), source_of_definition varchar(200),
    article_reference varchar(200), primary key (metric_code, variant_code)
);

insert into pub_store.dim_business_unit values
('shop_global', 'Cửa hàng </script><script>hacked()</script>', '=HYPERLINK("x.example")',
    'ecommerce', 'scale', 'USD', 'Asia/Ho_Chi_Minh'),
('shop_online', 'Cửa hàng trực tuyến', 'Online shop', 'ecommerce', 'revenue', 'VND',
    'Asia/Ho_Chi_Minh'),
('shop_silent', 'Cửa hàng chưa mở', 'Shop to come', 'ecommerce', 'stage', 'VND',
    'Asia/Ho_Chi_Minh'),
('unknown', 'Chưa rõ', 'Unknown', 'unknown', 'unknown', 'VND', 'Asia/Ho_Chi_Minh');

-- 35 million a day in September 2026, 40 million in October: 1.05 and 1.24 billion
insert into pub_store.mart_ecommerce_daily
select 'shop_online', 'Cửa hàng trực tuyến', 'Online shop', day::date, 'VND', orders, orders / 10,
    orders * 6 / 10, orders * 8 / 10, orders / 20, orders * 9 / 10, orders / 3, orders * 2,
    revenue * 1.1, revenue * 0.06, revenue * 0.04, revenue * 0.04, revenue, orders * 25000,
    revenue * 0.08
from generate_series('2025-06-10'::date, '2026-11-19', '1 day') as day,
    lateral (select case
        when day >= '2026-10-01' then 40000000 when day >= '2026-09-01' then 35000000
        else 24000000 + (day::date - '2025-06-10'::date) * 15000
            + (extract(dow from day)::int % 3) * 2500000
    end as revenue) as r,
    lateral (select (revenue / 400000)::bigint as orders) as o;
-- a shop that was closed in the whole of August: a gap, not a zero
insert into pub_store.mart_ecommerce_daily
select 'shop_global', 'x', 'x', day::date, 'USD', 20, 1, 0, 18, 1, 19, 5, 31, 1100.5, 50, 50, 50,
    1000.5, 90, 0
from generate_series('2026-03-01'::date, '2026-11-19', '1 day') as day
where date_trunc('month', day) <> '2026-08-01';

insert into pub_store.mart_metrics
select 'shop_online', 'Cửa hàng trực tuyến', 'Online shop', metric, metric, metric, variant, 1,
    grain, start::date, (start + step)::date, 'all', 'all', 'Tất cả', 'All', kind, unit,
    null, null, value, n, null, value - half_width, value + half_width,
    (n >= 30)::int, ((start + step)::date > '2026-11-15')::int
from (values
    ('cx.nps', 'relational', 'month', interval '1 month', 'ratio', 'score'),
    ('cx.nps', 'relational', 'quarter', interval '3 months', 'ratio', 'score'),
    ('cx.csat', 'top2', 'month', interval '1 month', 'ratio', 'share'),
    ('cx.csat', 'top2', 'week', interval '7 days', 'ratio', 'share'),
    ('cx.first_response_time', 'human_calendar', 'month', interval '1 month', 'quantile',
        'seconds'),
    ('cx.first_response_time', 'human_calendar', 'week', interval '7 days', 'quantile',
        'seconds'),
    ('ecommerce.average_order_value', 'net', 'month', interval '1 month', 'mean', 'VND'),
    ('ecommerce.periodical_purchase', 'quarter', 'quarter', interval '3 months', 'ratio', 'share')
) as m (metric, variant, grain, step, kind, unit),
    lateral generate_series(date_trunc(grain, '2025-06-10'::date), '2026-11-19', step) as start,
    lateral (select
        row_number() over (order by start) as i, (start >= '2026-09-01')::int as is_late
    ) as x,
    lateral (select
        case unit
            when 'score' then case start::date when '2026-10-01' then 41.2
                when '2026-09-01' then 38.5 else 30 + extract(month from start) % 5 * 2.3 end
            when 'share' then case metric when 'cx.csat' then 0.78
                + extract(day from start) % 4 * 0.012 else 0.21 + is_late * 0.02 end
            when 'seconds' then 2700 - extract(month from start) % 4 * 240
            else 398765 + extract(month from start) * 2100
        end as value,
        case unit when 'score' then 6.2 when 'share' then 0.035 end as half_width,
        case when start::date = '2026-02-01' then 12 else 420 end as n
    ) as v;
-- a month in which nobody was asked, and one that is not there at all
update pub_store.mart_metrics set value = null, ci_low = null, ci_high = null, n = 0
where metric_code = 'cx.nps' and period_grain_code = 'month' and period_start = '2026-04-01';
delete from pub_store.mart_metrics
where metric_code = 'cx.csat' and period_grain_code = 'month' and period_start = '2026-05-01';

create table pub_store.mart_reconciliation as
select 'haravan'::varchar(32) as source_key, 'shop_online'::varchar(64) as business_unit_code,
    'Cửa hàng trực tuyến'::varchar(128) as business_unit_name_vi,
    'Online shop'::varchar(128) as business_unit_name_en, 'order_count'::varchar(64) as measure_code,
    'Số đơn hàng'::varchar(128) as measure_name_vi, 'Orders'::varchar(128) as measure_name_en,
    month::date as month_start, (month + interval '1 month')::date - 1 as stated_through_date,
    30 as day_count, (1650 - lost)::numeric(18, 4) as counted_value, 1650::numeric(18, 4) as stated_value,
    -lost::numeric(18, 4) as difference, 16.5::numeric(18, 4) as allowed_difference,
    case when lost > 16 then 0 else 1 end::smallint as is_within_tolerance,
    1::smallint as is_own_figure, 'count'::varchar(16) as unit_code, 'Đơn đến trễ'::varchar(500) as causes_vi, 'Late <orders>'::varchar(500) as causes_en
from generate_series('2026-01-01'::date, '2026-10-01', '1 month') as month,
    lateral (select case when month = '2026-09-01' then 50 else extract(month from month)::int end as lost) as l;
insert into pub_store.mart_reconciliation
select 'shopee', business_unit_code, business_unit_name_vi, business_unit_name_en, 'cancelled_share_30d',
    'Tỷ lệ huỷ đơn trong 30 ngày (%)', 'Orders cancelled of 30 days (%)', month_start, stated_through_date, 3,
    7.9755, 7.98, -0.0045, 2.995, 1, 0, 'percent', 'Quy tắc của sàn', 'The marketplace''s own rules'
from pub_store.mart_reconciliation where month_start = '2026-10-01';
insert into pub_store.mart_customers values ('c1', 'Huế', 3);
insert into pub_store.mart_feedback values
('f1', 'shop_online', 9, 'rất tốt', '2025-06-12'), ('f2', 'shop_online', 2, '=cmd()', '2026-11-01');

insert into pub_store.metric_catalogue
select metric, variant, name_vi, name_en, variant || ' (vi)', variant || ' (en)', definition_vi,
    definition_en,
    '=numerator / nullif(denominator, 0)', 'month', unit, direction, 1, 'cx', '1', 'std', '001-01'
from (values
    ('cx.nps', 'relational', 'Điểm NPS', 'NPS', 'Tỷ lệ người ủng hộ trừ tỷ lệ người chê, thang −100 đến 100.', 'Share of promoters less share of detractors, from −100 to 100.', 'score', 'up'),
    ('cx.csat', 'top2', 'CSAT', 'CSAT', 'Tỷ lệ câu trả lời 4 hoặc 5 trên thang 1–5.', 'Share of answers of 4 or 5 on the scale from 1 to 5.', 'share', 'up'),
    ('cx.first_response_time', 'human_calendar', 'Phản hồi đầu tiên', 'First response', 'Trung vị thời gian từ tin nhắn đầu tiên của khách đến câu trả lời công khai đầu tiên của người.', 'Median time from the customer''s first message to the first public reply by a person.', 'seconds', 'down'),
    ('ecommerce.average_order_value', 'net', 'Giá trị đơn', 'Order value', 'Doanh thu thuần chia cho số đơn không huỷ.', 'Net revenue divided by orders that were not cancelled.', 'VND', 'up'),
    ('ecommerce.periodical_purchase', 'quarter', 'Mua lại', 'Repurchase', 'Tỷ lệ khách mua quý trước và mua lại trong quý.', 'Share of last quarter''s buyers who bought again in the quarter.', 'share', 'up')
) as m (metric, variant, name_vi, name_en, definition_vi, definition_en, unit, direction);

do $$
declare
    name text;
begin
    for name in select tablename from pg_tables where schemaname = 'pub_store' loop
        execute format('alter table pub_store.%I owner to cx_publisher', name);
        execute format('create view published.%1$I as select * from pub_store.%1$I', name);
        execute format('alter view published.%I owner to cx_publisher', name);
        execute format('grant select on published.%I to cx_reader', name);
        execute format('comment on view published.%1$I is %2$L', name, 'One row per row of ' || name || '.');
    end loop;
end $$;
comment on column published.mart_ecommerce_daily.net_revenue is 'Gross less discounts and refunds.';

insert into ops.batches (state, project) select 'published', 'p' from generate_series(1, 12);
insert into ops.publications (batch_id, published_at, changed_count, is_undone) values
(11, '2026-11-19 04:31+07', 900, false), (12, '2026-11-20 04:35+07', 1234, false),
(12, '2026-11-20 09:00+07', 5, true);
insert into ops.check_results
    (checked_at, batch_id, suite, expectation, severity, is_passed, failed_count)
select '2026-11-09 04:30+07'::timestamptz + batch * interval '1 day', batch, 'published.suite',
    'check_' || number, case number % 3 when 0 then 'notice' when 1 then 'approval' else 'error' end,
    case when number <= batch % 5 and number <> 2 then 0 else 1 end, 0
from generate_series(1, 12) as batch, generate_series(1, 200) as number;
-- the audit of batch 12 was run again, and one of its two findings was gone
insert into ops.check_results (checked_at, batch_id, suite, expectation, severity, is_passed)
values ('2026-11-20 04:33+07', 12, 'published.suite', 'check_1', 'approval', 1),
('2026-11-20 04:33+07', 12, 'published.suite', 'check_3', 'notice', 0);
insert into ops.landings
    (source, stream, state, window_from, window_to, record_count, quarantined_count, settled_at)
select source, 'orders', state, now(), now(), 100, quarantined, now() - hours * interval '1 hour'
from (values ('haravan', 'accepted', 0, 5.5), ('zendesk', 'accepted', 3, 29), ('files', 'accepted',
    41, 2), ('files', 'rejected', null, 1)) as l (source, state, quarantined, hours);
insert into ops.holds (source, acceptance_id, reason, held_at)
values ('haravan', 0, 'giá <sai>', '2026-11-18 03:00+00');
insert into ops.losses (source, stream, field, lost_from, why)
values ('zendesk', 'tickets', 'csat_score', '2026-06-15 00:00+07', 'retired by the vendor');
