{{ rows_of_recommendations('files') }}
