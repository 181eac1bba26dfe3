"""What any landed record must be, whatever its source."""

import great_expectations.expectations as gxe

LANDED = {
    "nearly_every_record_has_its_key": gxe.ExpectColumnValuesToNotBeNull(
        column="record_key",
        mostly=0.99,
        severity="critical",
        notes="A record without its key is quarantined; more than one in a hundred is a broken export.",
    ),
    "nearly_every_record_can_be_taken": gxe.ExpectColumnValuesToBeNull(
        column="problem",
        mostly=0.99,
        severity="critical",
        notes="The same bound for wrong types and text that cannot be stored.",
    ),
    "no_record_is_quarantined": gxe.ExpectColumnValuesToBeNull(column="problem", severity="info"),
}
