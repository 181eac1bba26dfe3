"""What must hold of the sources themselves before a batch is published."""

from expectations.published import no_rows

TABLES = {
    "ops.streams": {
        "every_source_is_read_before_it_forgets": no_rows(
            "select source, stream, pulled_to, retention from {batch} "
            "where pulled_to + retention * 0.7 < clock_timestamp() and unavailable_since is null "
            "and source not in (select h.source from ops.holds as h)",
            "critical",
            "The source deletes what it keeps no longer: have it read before the rest of that time is over, "
            "or hold it, which says that the loss is known.",
        ),
    },
    "ops.losses": {
        "every_source_gives_what_it_gave": no_rows(
            "select source, stream, field, lost_from_local as source_lost_since from {batch} where lost_to is null",
            "info",
            "What depends on the field is unknown since then, not 0.",
        ),
    },
}
