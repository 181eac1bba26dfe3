"""Pairs of profiles that people of the company have compared: one person, or two.

CLERICAL_FOLDER holds CSV files of pair_no, one, other (a profile as `source:id`, such as
haravan:1036000001), is_one_person (yes or no) and labelled_on. Nothing is joined by them: they are what
the rules of who is who are measured on, night by night (`mart_identity_accuracy`). A decision about a
pair is `python -m include.identity one-customer`.

A file restates itself whole: what it lacks was taken back. Only files that changed since the last pull
are read; running a pull twice is safe. Run against the sandbox only.

**Credential.** None: CLERICAL_FOLDER is where the files lie, and must be readable.

**Scopes.** None.

**Limits.** None but the disk's.
"""

import json
from collections.abc import Iterator

from include import exports, settings
from include.sources import Page, PageMalformed, Stream, Window

HEADER = ("pair_no", "one", "other", "is_one_person", "labelled_on")
ANSWERS = {"yes": True, "no": False}
SHOWN = 5
"""Wrong answers that a message names."""

STREAMS = (
    Stream(
        "pairs",
        # each who labels numbers from one
        key=("file_name", "pair_no"),
        scope="file_name",
        types={"labelled_on": "date", "is_one_person": "boolean"},
    ),
)


def pull(stream: str, window: Window) -> Iterator[Page]:
    """Yield the pairs of the files that changed since the cursor; a backfill reads all.

    Raises:
        PageMalformed: a file breaks off, lacks a column, or answers neither yes nor no.
    """
    seen: dict[str, str] = json.loads(window.cursor) if window.cursor else {}
    for path in sorted(settings.source_folder("clerical").glob("*.csv")):
        mark = f"{path.stat().st_size} {path.stat().st_mtime_ns}"
        if seen.get(path.name) == mark:
            continue
        rows = exports.rows(path, HEADER, "labellers")
        if wrong := [row for row in rows if row["is_one_person"] not in ANSWERS]:
            told = ", ".join(f"{row['pair_no']} ({row['is_one_person']})" for row in wrong[:SHOWN])
            raise PageMalformed(
                f"{path}: {len(wrong)} of {len(rows)} pairs answer neither yes nor no, as {told}: write one "
                "of the two, then run again."
            )
        seen[path.name] = mark
        yield Page(
            [row | {"file_name": path.name, "is_one_person": ANSWERS[row["is_one_person"]]} for row in rows],
            scopes=(path.name,),
        )
    # where nothing changed, no scope is named and so nothing is taken for deleted
    yield Page((), json.dumps(seen, sort_keys=True))
