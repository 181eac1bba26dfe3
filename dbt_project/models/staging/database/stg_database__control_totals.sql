{{ rows_of_control_totals('database') }}
