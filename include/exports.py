"""Files of rows that another system exports: read whole, or refused with the file that is wrong."""

import csv
import io
from collections.abc import Collection
from pathlib import Path

from include.sources import PageMalformed


def rows(
    path: Path, columns: Collection[str], sender: str, *, is_counted: bool = False
) -> list[dict[str, str]]:
    """Return the rows of a CSV file in UTF-8 that has all of COLUMNS; SENDER is who can send it again.

    Where it IS COUNTED elsewhere how many there are, the last line may lack its end.

    Raises:
        PageMalformed: it cannot be read, ends in the middle of a line, or lacks a column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PageMalformed(
            f"{path} cannot be read ({error}): let it be readable and UTF-8, or have the {sender} send it "
            "again."
        ) from error
    if not is_counted and not text.endswith("\n"):
        raise PageMalformed(
            f"{path} ends in the middle of a line. It is still being written, or was cut off: have the "
            f"{sender} send it again."
        )
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if missing := sorted(set(columns) - set(reader.fieldnames or ())):
        raise PageMalformed(
            f"{path} lacks {', '.join(missing)}: the export's columns have changed. Have the {sender} send "
            f"it with {', '.join(columns)}."
        )
    return list(reader)
