"""What must hold at the two borders: what comes in (`landing_<source>`) and what goes out (`published`).

A module declares TABLES: for each table the columns that its expectations look at, as SQL over the
landed payload or the built row, and named expectations. The name is what a person reads when it
fails. Severities are Great Expectations' own: `info` is a notice, `warning` asks a person for
approval, `critical` is an error and stops what it guards.
"""
