{{ rows_of_competitor_observations('database') }}
