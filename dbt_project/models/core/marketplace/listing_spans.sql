{#
    What a listing is from when to when. Of what was before the first version that is known, its dates tell: it was
    there from its publication until it was removed.
#}
{{ config(
    unique_key=['source_key', 'listing_id', 'span_number'],
    dirty_key=['source_key', 'listing_id'],
    dirty_from=dirty_by('listing_versions', 'listing_id', person=true),
    change_carries=['listing_key', 'business_unit_code', 'customer_key', 'first_live_date'],
    indexes=[
        {'columns': ['identifier_key']}, {'columns': ['customer_key']}, {'columns': ['listing_key']},
        {'columns': ['business_unit_code', 'listing_id']},
    ],
) }}

{% set of_listing = 'over (partition by source_key, listing_id' %}

with versions as (
    select
        listing_versions.*,
        row_number() {{ of_listing }} order by effective_at) as version_number,
        lead(effective_at) {{ of_listing }} order by effective_at) as superseded_at
    from {{ ref('int_listing_versions_unioned') }} as listing_versions
    where {{ is_dirty('listing_versions') }}
),

spans as (
    select
        versions.*,
        0 as span_number,
        1 as is_live,
        'live' as state_code,
        published_at as from_at,
        least(effective_at, coalesce(removed_at, effective_at)) as until_at
    from versions
    where version_number = 1 and published_at < effective_at and coalesce(removed_at, effective_at) > published_at
    union all
    select
        versions.*,
        version_number as span_number,
        case when status_code = 'live' then 1 else 0 end as is_live,
        case when removal_reason_code = 'sold_out' and status_code = 'removed' then 'sold_out' else status_code end as state_code,
        effective_at as from_at,
        superseded_at as until_at
    from versions
),

dated as (
    select
        {{ stamped_with_person('spans') }},
        spans.listing_id,
        spans.span_number,
        spans.is_live,
        spans.state_code,
        spans.category_name,
        spans.price,
        spans.suggested_price,
        spans.quantity,
        coalesce(spans.currency, units.currency) as currency,
        spans.from_at,
        {{ local_date('spans.from_at', 'units.time_zone') }} as from_date,
        {{ local_date('spans.until_at', 'units.time_zone') }} as until_date
    from spans
    {{ join_unit('spans') }}
    {{ join_person('spans') }}
)

select
    dated.*,
    dated.source_key || ':' || dated.listing_id as listing_key,
    {# what is live and gone within a day was on offer at the end of none #}
    min(case when is_live = 1 and (until_date is null or until_date > from_date) then from_date end) {{ of_listing }})
        as first_live_date
from dated
