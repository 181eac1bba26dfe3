{{ config(tags=["whole"]) }}
{# Every order of the contract is in the fact, once, and the fact has no other. #}
select 'orders' as lost, (select count(*) from {{ ref('int_orders_unioned') }}) as contract_rows, (select count(*) from {{ ref('fct_orders') }}) as fact_rows
where (select count(*) from {{ ref('int_orders_unioned') }}) <> (select count(*) from {{ ref('fct_orders') }})
union all
select 'order lines', (select count(*) from {{ ref('int_order_lines_unioned') }}), (select count(*) from {{ ref('fct_order_lines') }})
where (select count(*) from {{ ref('int_order_lines_unioned') }}) <> (select count(*) from {{ ref('fct_order_lines') }})
union all
select 'payments', (select count(*) from {{ ref('int_payments_unioned') }}), (select count(*) from {{ ref('fct_payments') }})
where (select count(*) from {{ ref('int_payments_unioned') }}) <> (select count(*) from {{ ref('fct_payments') }})
union all
select 'conversations', (select count(*) from {{ ref('int_conversations_unioned') }}), (select count(*) from {{ ref('fct_conversations') }})
where (select count(*) from {{ ref('int_conversations_unioned') }}) <> (select count(*) from {{ ref('fct_conversations') }})
union all
select 'feedback', (select count(*) from {{ ref('int_feedback_unioned') }}), (select count(*) from {{ ref('fct_feedback') }})
where (select count(*) from {{ ref('int_feedback_unioned') }}) <> (select count(*) from {{ ref('fct_feedback') }})
