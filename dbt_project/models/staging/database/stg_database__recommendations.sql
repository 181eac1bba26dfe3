{{ rows_of_recommendations('database') }}
