{{ rows_of_control_totals('files') }}
