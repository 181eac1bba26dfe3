{{ rows_of_feedback('database') }}
