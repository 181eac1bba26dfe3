{# Stripe's amounts are whole smallest units; some currencies, VND among them, have none smaller. #}
{% macro stripe_amount(amount, currency) -%}
    round({{ amount }} / case
        when lower({{ currency }}) in (
            'bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'ugx', 'vnd', 'vuv',
            'xaf', 'xof', 'xpf'
        ) then 1
        when lower({{ currency }}) in ('bhd', 'jod', 'kwd', 'omr', 'tnd') then 1000
        else 100
    end, 4)
{%- endmacro %}

{# How many months a price is for: a year is twelve, a week twelve of 52. #}
{% macro stripe_months(price) -%}
    (coalesce({{ json_number(price, 'recurring.interval_count') }}, 1)
        * case {{ json_text(price, 'recurring.interval') }}
            when 'year' then 12.0
            when 'week' then 12.0 / 52
            when 'day' then 12.0 / 365
            else 1.0
        end)
{%- endmacro %}

{#
    What a subscription (STATE) pays a month: its licensed items, each by the length of its own period,
    less coupons that go off every invoice. What is metered, and a coupon that goes off once, is not
    recurring; invoices are not asked, because they also bill parts of periods.
#}
{% macro stripe_monthly_amount(state) -%}
    (
        select {{ stripe_amount(
            'greatest(0, sum(items_of.monthly) * (1 - coalesce(max(items_of.percent_off), 0) / 100)'
            ~ ' - coalesce(max(items_of.amount_off), 0))',
            json_text(state, 'currency')
        ) }}
        from (
            select
                {{ json_number('items.item', 'price.unit_amount_decimal') }}
                * coalesce({{ json_number('items.item', 'quantity') }}, 1)
                / {{ stripe_months(json_part('items.item', 'price')) }} as monthly,
                case when {{ stripe_coupon_recurs(state) }}
                    then {{ json_number(state, 'discount.coupon.percent_off') }}
                end as percent_off,
                case when {{ stripe_coupon_recurs(state) }}
                    then {{ json_number(state, 'discount.coupon.amount_off') }}
                        / {{ stripe_months(json_part('items.item', 'price')) }}
                end as amount_off
            from {{ json_elements(state, 'items.data', 'items') }}
            where coalesce({{ json_text('items.item', 'price.recurring.usage_type') }}, 'licensed') = 'licensed'
        ) as items_of
    )
{%- endmacro %}

{% macro stripe_coupon_recurs(state) -%}
    {{ json_text(state, 'discount.coupon.duration') }} in ('forever', 'repeating')
{%- endmacro %}

{# What a subscription is in our words; one that is cancelled within its trial is on trial until its end. #}
{% macro stripe_status(state) -%}
    case
        when {{ json_text(state, 'status') }} = 'canceled' then 'ended'
        when {{ json_text(state, 'status') }} = 'paused'
            or {{ json_text(state, 'pause_collection.behavior') }} is not null then 'paused'
        when {{ json_text(state, 'status') }} in ('past_due', 'unpaid') then 'past_due'
        when {{ json_text(state, 'status') }} = 'active'
            and {{ json_text(state, 'cancel_at_period_end') }} = 'true' then 'cancelled'
        else {{ json_text(state, 'status') }}
    end
{%- endmacro %}

{# A time of a subscription (STATE), null where it was not known yet AT a moment: told by the time SINCE. #}
{% macro stripe_known_by(at, state, since, what) -%}
    case when {{ json_epoch(state, since) }} <= {{ at }} then {{ json_epoch(state, what) }} end
{%- endmacro %}
