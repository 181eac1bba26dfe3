"""Records that share no identifier: what a settings file may say, who is joined, who is asked about."""

from itertools import product
from pathlib import Path

import duckdb
import pytest

from include.identity import likely, matching
from include.identity.matching import Pair

SAID = """
join = 0.9
review = 0.5
[columns]
name = "name"
[pairs]
candidates = [["name"]]
training = [["name"]]
found_by_training = 0.7
"""


def read(folder: Path, text: str) -> matching.Settings:
    path = folder / "settings.toml"
    path.write_text(text)
    return matching.read(path)


def test_settings_are_what_the_file_says(tmp_path: Path) -> None:
    said = read(tmp_path, SAID)
    assert (said.join, said.review, said.columns, said.known_by) == (0.9, 0.5, {"name": "name"}, "")


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("review = 0.5", "", "lacks 'review'"),
        ('name = "name"', 'name = "colour"', "colour is no kind of column: use name,"),
        ('name = "name"', 'name = "given_name"', "compared together with a family_name"),
        ('training = [["name"]]', "", "by a column `known_by`"),
        ("join = 0.9", "join = 0.4", "review <= join"),
        ("join = 0.9", "join =", "settings.toml: Invalid value"),
    ],
)
def test_what_a_settings_file_lacks_is_told(tmp_path: Path, wrong: str, right: str, told: str) -> None:
    with pytest.raises(matching.SettingsUnreadable, match=told):
        read(tmp_path, SAID.replace(wrong, right))


def test_a_column_that_a_rule_names_is_of_each_record() -> None:
    rule = matching._rule(["substr(dob, 1, 6)", "city"], "customer")
    assert rule == (
        "SUBSTRING(l.dob, 1, 6) = SUBSTRING(r.dob, 1, 6) and l.city = r.city and l.customer <> r.customer"
    )


def test_clusters_hang_together_by_pairs_that_are_likely_enough() -> None:
    pairs = [Pair("b", "a", 0.95), Pair("b", "c", 0.9), Pair("c", "d", 0.89)]
    assert matching.clusters("abcd", pairs, 0.9) == {"a": "a", "b": "a", "c": "a", "d": "d"}


def test_who_may_be_one_with_several_is_joined_to_none() -> None:
    customers = {"1": "x", "2": "x", "3": "y", "4": "z", "5": "v", "6": "w"}
    pairs = [Pair("1", "3", 0.999), Pair("2", "4", 0.6), Pair("5", "6", 0.99), Pair("2", "3", 0.5)]
    assert likely.chosen(pairs, customers, 0.99) == [
        (Pair("1", "3", 0.999), False), (Pair("2", "4", 0.6), False), (Pair("5", "6", 0.99), True),
    ]  # fmt: skip
    assert not any(is_joined for _, is_joined in likely.chosen(pairs[2:], customers, 0.995))


FAMILIES = ("nguyen", "tran", "le", "pham", "hoang")
MIDDLES = ("van", "thi", "minh", "ngoc", "duc", "kim", "quoc", "thanh")
GIVENS = ("an", "binh", "chi", "dung", "giang", "hoa", "khanh", "linh")


def people() -> list[tuple]:
    """Return two accounts of each of 320 people that an identifier has joined."""
    rows = []
    for number, (family, middle, given) in enumerate(product(FAMILIES, MIDDLES, GIVENS)):
        said = f"{given} {family} {middle}", 1960 + number % 40, f"tinh {number % 23}"
        phone = f"+849{number:08d}"
        rows += [(f"{shop}:{number}", f"c{number}", *said, phone, None) for shop in ("a", "b")]
    return rows


def test_a_rare_name_born_in_the_same_year_in_one_province_is_likely_one_person() -> None:
    twins = [
        ("a:1000", "c1000", "an quach thuy", 1990, "hue", None, None),
        ("b:1000", "c1001", "an quach thuy", 1990, "hue", None, None),
        # another year, another number
        ("b:1001", "c1002", "an quach thuy", 1961, "hue", "+84380000000", None),
    ]
    model, pairs = likely._scored([*people(), *twins], matching.read(likely.PEOPLE))
    assert model
    assert (pairs[0].one, pairs[0].other) == ("a:1000", "b:1000")
    assert pairs[0].probability > 0.9
    assert all({pair.one[2:], pair.other[2:]} & {"1000", "1001"} for pair in pairs)


def test_too_few_people_teach_nothing() -> None:
    assert likely._scored(people()[:20], matching.read(likely.PEOPLE)) == (None, [])


def test_records_that_nobody_can_learn_from_are_told() -> None:
    said = matching.read(Path(__file__).parent / "real" / "matching" / "fake_1000.toml")
    with duckdb.connect() as connection:
        connection.execute("create table records as select 1 as record_id")
        for column in said.columns:
            connection.execute(f"alter table records add column {column} varchar")
        matching.prepare(connection, said)
        with pytest.raises(matching.Untrainable, match="cannot be learned from"):
            matching.train(connection, said)
