{{ rows_of_install_days('database') }}
