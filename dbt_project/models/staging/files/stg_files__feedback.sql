{{ rows_of_feedback('files') }}
