"""Which version of its definition each metric's SQL is: `dbt_project/metric_versions.csv`.

A figure that is computed in another way is another figure, and whoever compares it with last month's has
to see that. So the SQL of a metric may not change under a version that is in the list: comments, layout and
what makes it dirty aside, it changes together with `version` in `seeds/metrics.csv`. `make docs` writes the
list.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from include import settings

LIST = settings.DBT_PROJECT / "metric_versions.csv"
CATALOGUE = settings.DBT_PROJECT / "seeds" / "metrics.csv"
MODELS = settings.DBT_PROJECT / "models" / "metrics"
HEAD = ("metric_code", "version", "sql_hash")


class VersionNotRaised(Exception):
    """The SQL of a metric is not what its version stands for; the message says what to do."""


def listed(path: Path = LIST) -> dict[str, tuple[int, str]]:
    """Return the version and the hash of its SQL by metric, as they are listed."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {row["metric_code"]: (int(row["version"]), row["sql_hash"]) for row in csv.DictReader(file)}


def present() -> dict[str, tuple[int, str]]:
    """Return the same as the catalogue and the models have it."""
    with CATALOGUE.open(newline="", encoding="utf-8") as file:
        versions = {row["metric_code"]: int(row["version"]) for row in csv.DictReader(file)}
    return {code: (versions[code], sql_hash(text)) for code, text in _models() if code in versions}


def _models() -> Iterator[tuple[str, str]]:
    for path in sorted(MODELS.rglob("metric_*__*.sql")):
        yield path.stem.removeprefix("metric_").replace("__", ".", 1), path.read_text(encoding="utf-8")


def sql_hash(text: str) -> str:
    """Return a hash of SQL without its comments, its layout and its configuration."""
    plain = re.sub(r"\{#.*?#\}|\{\{ config\(.*?\) \}\}", " ", text, flags=re.DOTALL)
    return hashlib.sha256(" ".join(plain.split()).encode()).hexdigest()[:16]


def renewed(before: Mapping[str, tuple[int, str]], now: Mapping[str, tuple[int, str]]) -> str:
    """Return the list as it is to be written.

    Raises:
        VersionNotRaised: a metric's SQL changed and its version did not, or went back.
    """
    for code, (version, text_hash) in sorted(now.items()):
        was, had = before.get(code, (0, ""))
        if version < was or (version == was and text_hash != had):
            raise VersionNotRaised(
                f"The SQL of {code} changed and its version is still {version}: raise `version` in all "
                f"rows of {code} in dbt_project/seeds/metrics.csv to {was + 1}, then run `make docs`."
            )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows((code, *each) for code, each in sorted(now.items()))
    return text.getvalue()
