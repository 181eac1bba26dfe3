"""The pages of `docs/` that say what the code says: `python -m include.handbook` writes them.

`inbox.md` has a section per contract; `sources/<name>.md` is what a source's module says of itself and
declares. Tests hold them to the code, and run the inbox's examples. `metric_versions` tells which SQL is
which version of a metric.
"""

import csv
import re
import sys
from datetime import timedelta
from textwrap import fill

import yaml

from include import metric_versions, settings, sources
from include.contracts import CONTRACTS, Contract
from include.sources import Stream

README = settings.PROJECT / "README.md"
TABLE_BEGINS, TABLE_ENDS = "<!-- metrics: written by make docs -->", "<!-- end of the metrics -->"
INBOX = settings.PROJECT / "docs" / "inbox.md"
SOURCES = settings.PROJECT / "docs" / "sources"
STAGING = settings.DBT_PROJECT / "models" / "staging"
PLACES = (("URL", "source_url("), ("FOLDER", "source_folder("))
"""What a source's place is called, and how its module asks for it."""
IN_A_FILE = "with `_FILE` behind a secret's name, a file holds it."
WIDTH = 120
HEAD = """\
# The inbox

What each SELECT of an inbox gives. Written by `make docs` from `include/contracts.py`: change it there.

`<inbox>/<business unit>/<contract>.sql` holds one SELECT, in DuckDB's SQL, over the files beside it:
`'orders.csv'` (also `.csv.gz`, `.json`, `.parquet`), and of Excel `"answers.xlsx"` for the first sheet or
`"answers.xlsx/Sheet2"` for another. Columns are known by their names, in any order. One that is not needed
may be left out and is then null; one that no contract knows is kept in raw and goes no further.

- **Key**: what tells rows apart within a business unit. Where rows repeat it, all are kept in raw and the
  first counts; but every line of an order counts.
- **Needed**: without these columns the SELECT is refused, with its file named.
- **Times**: a timestamp, or a text in ISO 8601. Without an offset it is in the `time_zone` of the unit.
- **Numbers**: whole or decimal; amounts are in the `currency` of the unit. What is none is quarantined.
- **Dates**: a day, as `2026-11-22`. **Yes or no**: true, false, 1 or 0.

An example gives what is needed or has a type; the text above it names all columns. What is in double quotes
stands for the headers of your own file.
"""
KINDS = (
    ("Key", "key"),
    ("Needed", "needed"),
    ("Times", "times"),
    ("Dates", "dates"),
    ("Numbers", "numbers"),
    ("Yes or no", "flags"),
)


def inbox() -> str:
    """Return the page of reference for an inbox."""
    contents = ", ".join(f"[{name}](#{name})" for name in CONTRACTS)
    sections = (_section(name, contract) for name, contract in CONTRACTS.items())
    return "\n".join((HEAD, _wrapped(f"Contracts: {contents}."), "", "\n".join(sections)))


def example(name: str, contract: Contract) -> str:
    """Return a SELECT that fills a contract from a file whose headers are its columns in plain words."""
    columns = ",\n".join(f'    "{header(column)}" as {column}' for column in _columns(contract))
    return f"select\n{columns}\nfrom '{name}.csv'\n"


def header(column: str) -> str:
    """Return a column in plain words, as the header of an example's file: order_id is Order id."""
    return column.replace("_", " ").capitalize()


def _columns(contract: Contract) -> list[str]:
    """Return the columns that a contract names by their kind, each once: what it must have first."""
    named = (column for _, kind in KINDS for column in getattr(contract, kind))
    return list(dict.fromkeys(named))


def _section(name: str, contract: Contract) -> str:
    # names of columns and codes are told from words by their underscore
    about = re.sub(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b", r"`\g<0>`", contract.about)
    kinds = [
        _wrapped(f"- **{word}**: " + ", ".join(f"`{column}`" for column in columns), "  ")
        for word, kind in KINDS
        if (columns := getattr(contract, kind))
    ]
    lines = [f"## {name}", "", _wrapped(about), "", *kinds, ""]
    return "\n".join(lines) + f"\n```sql\n-- {name}.sql\n{example(name, contract)}```\n"


def source_page(name: str) -> str:
    """Return the page of a source: its module's docstring, what it needs, what it reads."""
    module = sources.load(name)
    title, _, story = (module.__doc__ or "").strip().partition("\n\n")
    code = sources.code(name)
    also = [f"{name.upper()}_{what}" for what, ask in PLACES if ask in code]
    asked = dict.fromkeys([*also, *sources.variables(name)])
    variables = ", ".join(f"`{each}`" for each in asked)
    feeds = sorted(model.stem.partition("__")[2] for model in (STAGING / name).glob(f"stg_{name}__*.sql"))
    return "\n".join(
        (
            f"# {name}",
            "",
            "Written by `make docs` from the module's docstring and declarations: change it there.",
            "",
            title,
            "",
            story,
            "",
            *((_wrapped(f"**Variables.** {variables}; {IN_A_FILE}"), "") if variables else ()),
            _wrapped(f"**Fills.** {', '.join(feeds)}."),
            "",
            "| stream | key | read again | kept by the source for |",
            "|---|---|---|---|",
            *(_stream_row(stream) for stream in module.STREAMS),
            "",
        )
    )  # fmt: skip


def _stream_row(stream: Stream) -> str:
    again = max(stream.overlap, stream.restated)
    kept = f"{stream.retention.days} days" if stream.retention else "always"
    return f"| `{stream.name}` | {', '.join(f'`{path}`' for path in stream.key)} | {_span(again)} | {kept} |"


def _span(length: timedelta) -> str:
    if length >= timedelta(days=1):
        return f"{length.days} days"
    minutes = int(length.total_seconds() // 60)
    return f"{minutes} minutes" if minutes else "–"


def metrics_table() -> str:
    """Return the table of all metrics by business type, with the unit tests that hold each."""
    with metric_versions.CATALOGUE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    held: dict[str, list[str]] = {}
    for path in sorted(metric_versions.MODELS.rglob("_*.yml")):
        for test in yaml.safe_load(path.read_text(encoding="utf-8")).get("unit_tests", []):
            held.setdefault(test["model"].removeprefix("metric_").replace("__", ".", 1), []).append(
                test["name"]
            )
    lines = ["| metric | of | variants | held by (`dbt` unit tests) |", "|---|---|---|---|"]
    for code in dict.fromkeys(row["metric_code"] for row in rows):
        variants = [row for row in rows if row["metric_code"] == code]
        first = variants[0]
        names = ", ".join(row["variant_code"] for row in variants)
        tests = ", ".join(name.replace("_", " ") for name in held.get(code, ()))
        names_of = f"`{code}`<br>{first['name_en']}<br>{first['name_vi']}"
        lines.append(f"| {names_of} | {first['article_reference']} | {names} | {tests} |")
    return "\n".join(lines) + "\n"


def readme_with_metrics(text: str) -> str:
    """Return the README with its table of metrics as the catalogue and the tests have it now."""
    before, _, rest = text.partition(TABLE_BEGINS)
    _, _, after = rest.partition(TABLE_ENDS)
    return f"{before}{TABLE_BEGINS}\n{metrics_table()}{TABLE_ENDS}{after}"


def write() -> None:
    """Write all pages, and the list of the metrics' versions.

    Raises:
        VersionNotRaised: a metric's SQL changed under a version that is listed.
    """
    versions = metric_versions.renewed(metric_versions.listed(), metric_versions.present())
    metric_versions.LIST.write_text(versions, encoding="utf-8")
    INBOX.write_text(inbox(), encoding="utf-8")
    README.write_text(readme_with_metrics(README.read_text(encoding="utf-8")), encoding="utf-8")
    SOURCES.mkdir(exist_ok=True)
    for name in sources.names():
        (SOURCES / f"{name}.md").write_text(source_page(name), encoding="utf-8")


def _wrapped(text: str, indent: str = "") -> str:
    return fill(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)


if __name__ == "__main__":
    write()
    sys.stdout.write(f"{INBOX}, {SOURCES} and {metric_versions.LIST} are written.\n")
