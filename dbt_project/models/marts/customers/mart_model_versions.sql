{{ config(
    unique_key=['business_unit_code', 'model_code', 'version'],
    dirty_from={
        'model_fits': "select fits.business_unit_code, fits.model_code, fits.version"
            ~ " from predictions.model_fits as fits inner join {changed}"
            ~ " on changed_rows.business_unit_code = fits.business_unit_code"
            ~ " union select t.business_unit_code, t.model_code, t.version from {this} as t inner join {changed}"
            ~ " on changed_rows.business_unit_code = t.business_unit_code",
        'dim_business_unit': "select t.business_unit_code, t.model_code, t.version from {this} as t inner join {changed}"
            ~ " on changed_rows.business_unit_code = t.business_unit_code",
    },
) }}

select
    fits.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    fits.model_code,
    labels.name_vi as model_name_vi,
    labels.name_en as model_name_en,
    fits.version,
    fits.fitted_through as fitted_through_date,
    fits.is_in_force,
    fits.is_fitted,
    fits.why,
    fits.customer_count,
    fits.repeat_customer_count,
    fits.correlation,
    fits.held_out_from as held_out_from_date,
    fits.held_out_count,
    fits.mean_absolute_error,
    fits.predicted_total,
    fits.actual_total,
    round({{ ratio('fits.predicted_total', 'fits.actual_total') }}, 6) as predicted_share
from {{ source('predictions', 'model_fits') }} as fits
left join {{ ref('dim_business_unit') }} as units on units.business_unit_code = fits.business_unit_code
left join {{ ref('labels') }} as labels on labels.kind = 'model' and labels.code = fits.model_code
where {{ is_dirty('fits') }}
