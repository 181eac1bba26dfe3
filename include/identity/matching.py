"""Which records may be one although they share no identifier: scored by what they say of themselves.

Splink's Fellegi-Sunter model, on DuckDB. How the columns of a set of records are compared is said by a
settings file, so that the same code matches customers, patients or restaurants:

    join = 0.9                      # records of at least this probability are one
    review = 0.5                    # from this on, a person is asked

    [columns]                       # what stands in a column, and so how two of them are compared
    full_name = "name"

    [pairs]
    candidates = [["full_name"]]    # who agrees on one of these is compared at all
    training = [["birth_date"]]     # from whom it is learned how often one person's values differ; or
    known_by = "customer"           # the column that says who is known to be one
    found_by_training = 0.7         # share of all true pairs that agree on one of `training`, or are known

A model is trained once and kept: with it, what is scored depends on the records alone, whatever their order.
"""

import logging
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from splink import Linker
    from splink.internals.comparison_creator import ComparisonCreator

    Comparison = ComparisonCreator

Model = dict[str, Any]
"""What Splink keeps of a trained model: levels of comparison with their probabilities."""
RECORDS = "records"
"""The table that is matched: record_id, and a column of text for each of the settings'."""
SEED, SAMPLED_PAIRS = 1, 2_000_000
SMALLEST = 0.001
"""Pairs of a smaller probability are not worth a row, whatever the settings."""


class SettingsUnreadable(Exception):
    """A settings file does not say how to compare records; the message says what is wrong with it."""


class Untrainable(Exception):
    """The records are too few or too unlike each other to learn from."""


class Pair(NamedTuple):
    """Two records and the probability that they are one."""

    one: str
    other: str
    probability: float


@dataclass(frozen=True)
class Settings:
    """How the records of a set are compared."""

    columns: Mapping[str, str]
    """Kind by column, one of `KINDS`."""
    candidates: Sequence[Sequence[str]]
    """Records are compared that agree on all of one of these; SQL over columns is allowed."""
    training: Sequence[Sequence[str]]
    """The same for those from which the model learns."""
    known_by: str
    """Instead: the column that says whose a record is as far as that is known; such pairs are not scored."""
    found_by_training: float
    join: float
    review: float


def read(path: Path) -> Settings:
    """Return the settings of a file.

    Raises:
        SettingsUnreadable: it is no TOML, lacks something, or names a kind that there is not.
    """
    try:
        said = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsUnreadable(f"{path}: {error}") from error
    try:
        columns, pairs = said["columns"], said["pairs"]
        settings = Settings(
            columns, pairs["candidates"], pairs.get("training", []), pairs.get("known_by", ""),
            pairs["found_by_training"], said["join"], said["review"],
        )  # fmt: skip
    except KeyError as error:
        raise SettingsUnreadable(f"{path} lacks {error}.") from error
    if wrong := {kind for kind in columns.values() if kind not in KINDS}:
        known = ", ".join(KINDS)
        raise SettingsUnreadable(f"{path}: {', '.join(sorted(wrong))} is no kind of column: use {known}.")
    if list(columns.values()).count("given_name") != list(columns.values()).count("family_name"):
        raise SettingsUnreadable(f"{path}: a given_name is compared together with a family_name.")
    if bool(settings.training) == bool(settings.known_by):
        raise SettingsUnreadable(f"{path}: it learns from pairs of `training`, or by a column `known_by`.")
    if not 0 < settings.review <= settings.join <= 1:
        raise SettingsUnreadable(f"{path}: 0 < review <= join <= 1 does not hold.")
    return settings


def _levels(column: str, *similar: Callable) -> "Comparison":
    """Return a comparison: missing, equal (the rarer the value, the more it says), SIMILAR ones, others."""
    from splink import comparison_level_library as levels
    from splink import comparison_library as comparisons

    return comparisons.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            levels.NullLevel(column),
            levels.ExactMatchLevel(column).configure(tf_adjustment_column=column),
            *(level(levels, column) for level in similar),
            levels.ElseLevel(),
        ],
    )


def _slips(count: int) -> Callable:
    return lambda levels, column: levels.DamerauLevenshteinLevel(column, count)


def _likeness(least: float) -> Callable:
    return lambda levels, column: levels.JaroWinklerLevel(column, least)


def _email(column: str) -> "Comparison":
    from splink import comparison_library as comparisons

    return comparisons.EmailComparison(column)


KINDS: Mapping[str, Callable[[str], "Comparison"] | None] = {
    "name": lambda column: _levels(column, _likeness(0.92), _likeness(0.88), _likeness(0.7)),
    "given_name": None,
    "family_name": None,
    "text": lambda column: _levels(column, _likeness(0.94), _likeness(0.88), _likeness(0.75)),
    "digits": lambda column: _levels(column, _slips(1), _slips(2)),
    "category": _levels,
    "email": _email,
}  # fmt: skip
"""How a column is compared by what stands in it. Dates are digits: they are mistyped as numbers are."""


def _comparisons(columns: Mapping[str, str]) -> Iterator["Comparison"]:
    from splink import comparison_library as comparisons

    given, family = (
        [column for column, kind in columns.items() if kind == wanted]
        for wanted in ("given_name", "family_name")
    )
    for names in zip(given, family, strict=True):
        # together, because they are written in either order
        yield comparisons.ForenameSurnameComparison(*names)
    for column, kind in columns.items():
        if make := KINDS[kind]:
            yield make(column)


def prepare(connection: "DuckDBPyConnection", settings: Settings) -> None:
    """Make of the table `records` the one that is matched, `prepared`.

    What is compared is written alike: small letters and digits without accents, null where nothing is said.
    """
    said = [settings.known_by] if settings.known_by else []
    for column, kind in settings.columns.items():
        plain = f"lower(strip_accents({column}))"
        if kind != "email":
            between = "" if kind == "digits" else " "
            plain = f"regexp_replace({plain}, '[^a-z0-9]+', '{between}', 'g')"
        said.append(f"nullif(trim({plain}), '') as {column}")
    connection.execute(
        "create or replace temporary table prepared as "
        f"select cast(record_id as varchar) as record_id, {', '.join(said)} from {RECORDS} order by 1"
    )


def _rule(columns: Sequence[str], apart: str = "") -> str:
    """Return the condition on which two records agree on COLUMNS, and not on what is known of them."""
    from sqlglot import exp, parse_one

    def of(side: str, column: str) -> str:
        tree = parse_one(column, dialect="duckdb")
        for name in tree.find_all(exp.Column):
            name.set("table", exp.to_identifier(side))
        return tree.sql(dialect="duckdb")

    parts = [f"{of('l', column)} = {of('r', column)}" for column in columns]
    return " and ".join([*parts, *([f"l.{apart} <> r.{apart}"] if apart else [])])


def linker(connection: "DuckDBPyConnection", settings: Settings, model: Model | None = None) -> "Linker":
    """Return Splink over the table `prepared`; with a MODEL, it can score."""
    from splink import Linker, SettingsCreator
    from splink.backends.duckdb import DuckDBAPI

    described = model or SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        comparisons=list(_comparisons(settings.columns)),
        blocking_rules_to_generate_predictions=[
            _rule(each, settings.known_by) for each in settings.candidates
        ],
    )
    database = DuckDBAPI(connection=connection)
    prepared = database.register(connection.table("prepared"))
    return Linker(prepared, described, log_level=logging.ERROR)


def train(connection: "DuckDBPyConnection", settings: Settings) -> Model:
    """Learn from the table `prepared` how often values differ within one person, and between two.

    Raises:
        Untrainable: there is nothing to learn from.
    """
    from splink.internals.exceptions import SplinkException

    trained = linker(connection, settings)
    learning = trained.training
    rules = [_rule(each) for each in settings.training or [[settings.known_by]]]
    try:
        learning.estimate_probability_two_random_records_match(rules, recall=settings.found_by_training)
        learning.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
        if settings.known_by:
            learning.estimate_m_from_label_column(settings.known_by)
        else:
            for rule in rules:
                learning.estimate_parameters_using_expectation_maximisation(rule)
    except (SplinkException, ValueError, ZeroDivisionError) as error:
        raise Untrainable(f"the records cannot be learned from: {error}") from error
    return trained.misc.save_model_to_json()


def score(connection: "DuckDBPyConnection", settings: Settings, model: Model) -> list[Pair]:
    """Return the pairs of the table `prepared` that may be one, the likeliest first."""
    least = max(SMALLEST, settings.review)
    found = linker(connection, settings, model).inference.predict(threshold_match_probability=least)
    rows = connection.execute(
        "select record_id_l, record_id_r, round(match_probability, 6) as probability "
        f"from {found.physical_name} order by probability desc, record_id_l, record_id_r"
    ).fetchall()
    return [Pair(*row) for row in rows]


def clusters(records: Iterable[str], pairs: Iterable[Pair], least: float) -> dict[str, str]:
    """Return the first record of its cluster for each; pairs of at least this probability are one."""
    from scipy.cluster.hierarchy import DisjointSet

    found = DisjointSet(sorted(records))
    for pair in pairs:
        if pair.probability >= least:
            found.merge(pair.one, pair.other)
    return {record: min(members) for members in found.subsets() for record in members}
