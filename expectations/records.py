"""What any landed record must be, whatever its source."""

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column

TAKEN = Column("problem").is_null()
"""What is quarantined shows nothing but its problem, and must not refuse the rest for it."""

FEW = 5
"""An hour brings ten records, of which one may be wrong: so many are no broken export, whatever their share."""


def filled(column: str, notes: str = "") -> gxe.ExpectColumnValuesToNotBeNull:
    """Return that no record which can be taken is without a column's value."""
    return gxe.ExpectColumnValuesToNotBeNull(
        column=column, row_condition=TAKEN, severity="critical", notes=notes
    )


def seldom(
    wrong: str, share: float, severity: str = "critical", notes: str = ""
) -> gxe.UnexpectedRowsExpectation:
    """Return that WRONG, a condition in SQL, holds for no more than a SHARE of the records, or for FEW.

    Of less than twice FEW records, most must be right.
    """
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=f"select count(*) as records, count(*) filter (where {wrong}) as wrong from {{batch}} "
        f"having count(*) filter (where {wrong}) > {share} * count(*) "
        f"and (count(*) filter (where {wrong}) > {FEW} or 2 * count(*) filter (where {wrong}) > count(*))",
        severity=severity,
        notes=notes,
        meta={"show_rows": True},
    )


def seldom_shared(column: str, share: float, notes: str) -> gxe.UnexpectedRowsExpectation:
    """Return that no more than a SHARE of a column's values stand in a record before, or FEW."""
    shared = f"count({column}) - count(distinct {column})"
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=f"select count({column}) as filled, {shared} as shared from {{batch}} "
        f"having {shared} > greatest({FEW}, {share} * count({column}))",
        severity="critical",
        notes=notes,
        meta={"show_rows": True},
    )


LANDED = {
    "nearly_every_record_has_its_key": seldom(
        "record_key is null",
        0.01,
        notes="A record without its key is quarantined; more than one in a hundred is a broken export.",
    ),
    "nearly_every_record_can_be_taken": seldom(
        "problem is not null",
        0.01,
        notes="The same bound for wrong types and text that cannot be stored.",
    ),
    "no_record_is_quarantined": gxe.ExpectColumnValuesToBeNull(column="problem", severity="info"),
}
