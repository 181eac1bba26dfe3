"""One customer from many profiles: joined by what is theirs alone, under a key that persists."""

import csv
import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, count
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from include import settings, transform
from include.identity import __main__ as command
from include.identity import deciding, joining, likely, reaching, reading, values
from include.identity.joining import (
    COMPONENT_CAP,
    DEGREE_CAP,
    FAMILY,
    MEMBER_CAP,
    VALUE_CAP,
    Decision,
    Profile,
    by_rules,
    customer_keys,
)
from include.identity.neighbourhoods import FIRST_DIGIT, NEIGHBOURS
from include.sandbox import truth, world
from tests import databases
from tests.bench import accuracy
from tests.built import Built, who_is_otherwise
from tests.company import Company, opened
from tests.databases import ask

NUMBERS = count()
ORACLE = settings.REAL_DATA / "vi_phones" / "vn_phone_oracle.csv"
UNACCENTED = settings.REAL_DATA / "vi_provinces" / "unaccent_pairs.csv"
NAMES = settings.REAL_DATA / "vi_names"
START = datetime(2026, 1, 1, tzinfo=UTC)
ACCENTED = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
"""The letters of Vietnamese that have an accent."""


# values


@pytest.mark.skipif(not ORACLE.is_file(), reason="the public data are not beside the project")
def test_phones_are_what_the_library_says_for_every_spelling() -> None:
    with ORACLE.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 214
    # numbers of eleven digits are invalid for the library, and ours to translate
    ours = [row for row in rows if values.ELEVEN_DIGITS.match(row["input"].replace(" ", ""))]
    for row in (row for row in rows if row not in ours):
        expected = row["e164"] if row["valid"] == "True" else None
        assert values.normalise_phone(row["input"]) == expected, row


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0120 212 3456", "+84702123456"),
        ("0169-212-3456", "+84392123456"),
        ("+84 123 212 3456", "+84832123456"),
        ("84 188 212 3456", "+84582123456"),
        ("(0199) 2123456", "+84592123456"),
    ],
)
def test_a_mobile_number_of_before_2018_is_the_number_that_it_became(old: str, new: str) -> None:
    assert values.normalise_phone(old) == new


def test_every_moved_prefix_becomes_a_valid_number() -> None:
    assert len(values.MOVED_PREFIXES) == 21
    found = {values.normalise_phone(f"0{old}2123456") for old in values.MOVED_PREFIXES}
    assert found == {f"+84{new}2123456" for new in values.MOVED_PREFIXES.values()}


@pytest.mark.parametrize("value", ["", "không có", "123", "0000000000", "+", "1900 1000 1000 1000 1000"])
def test_what_is_no_phone_is_none(value: str) -> None:
    assert values.normalise_phone(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" An.Nguyen@Gmail.com ", "annguyen@gmail.com"),
        ("an.nguyen+shop@googlemail.com", "annguyen@gmail.com"),
        ("An.Nguyen+x@Công-ty.VN", "an.nguyen@công-ty.vn"),
        ("a@b", None),
        ("@b.vn", None),
        ("+x@b.vn", None),
        ("a b@c.vn", None),
        ("no address", None),
        ("", None),
    ],
)
def test_emails_are_folded(value: str, expected: str | None) -> None:
    assert values.normalise_email(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("an.nguyen@gmial.com", "annguyen@gmail.com"),
        ("an.nguyen@yaho.com.vn", "an.nguyen@yahoo.com.vn"),
        ("an.nguyen@shop.vn", "an.nguyen@shop.vn"),
    ],
)
def test_a_slip_in_a_domain_joins_the_mailbox_that_was_meant(value: str, expected: str) -> None:
    # and is shown as it was given
    assert values.normalise_email(value) == value
    assert values.as_meant("email", value) == expected
    assert values.as_meant("loyalty_id", value) == value


@pytest.mark.skipif(not UNACCENTED.is_file(), reason="the public data are not beside the project")
def test_every_vietnamese_letter_loses_its_accent() -> None:
    with UNACCENTED.open() as file:
        pairs = [(row["input"], row["expected"]) for row in csv.DictReader(file)]
    assert len(pairs) > 80
    for accented, plain in pairs:
        for form in ("NFC", "NFD"):
            assert values.unaccented(unicodedata.normalize(form, accented)) == plain, accented


@pytest.mark.skipif(not NAMES.is_dir(), reason="the public data are not beside the project")
@pytest.mark.parametrize("who", ["boy", "girl"])
def test_real_names_without_accents_are_the_names(who: str) -> None:
    accented = (NAMES / f"{who}.txt").read_text().splitlines()
    plain = (NAMES / f"{who}_no_accents.txt").read_text().splitlines()
    assert len(accented) == len(plain) > 900
    differ = [
        (ours, theirs) for ours, theirs in zip(accented, plain, strict=True)
        if values.unaccented(ours).lower().split() != values.unaccented(theirs).lower().split()
    ]  # fmt: skip
    assert not differ


def test_the_67_accented_letters_and_the_icelandic_one() -> None:
    letters = ACCENTED
    plain = "a" * 17 + "e" * 11 + "i" * 5 + "o" * 17 + "u" * 11 + "y" * 5 + "d"
    assert len(letters) == len(plain) == 67
    for form in ("NFC", "NFD"):
        for written, expected in ((letters, plain), (letters.upper(), plain.upper()), ("Ðð", "Dd")):
            assert values.unaccented(unicodedata.normalize(form, written)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Nguyễn Văn An", "an nguyen van"),
        ("an NGUYEN  van", "an nguyen van"),
        (unicodedata.normalize("NFD", "Nguyễn Văn An"), "an nguyen van"),
        ("Anh Nguyễn Văn An", "an nguyen van"),
        ("Mr. Ðỗ Văn Minh", "do minh van"),
        # here it is a part of the name
        ("Anh Tuấn", "anh tuan"),
        ("Chu Văn An", "an chu van"),
        ("Khách hàng Shopee", ""),
        ("N***g V***n A", ""),
        ("A B", ""),
        ("Lan", ""),
        ("Khách 12", ""),
        ("0912 345 678", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_names_are_words_without_accents_in_one_order(value: str | None, expected: str) -> None:
    assert values.normalise_name(value) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Nguyễn Thị Thu Hà", "ha nguyen thi thu", True),
        ("Nguyễn Thị Thu Hà", "Thu Hà", True),
        ("Ng. Thị Thu Hà", "Nguyễn T. Thu Hà", True),
        ("Đinh Đức Lco", "Đinh Đức Lộc", True),
        ("Chị Trần Ngọc Lan", "Trần Ngọc Lan", True),
        ("Nguyễn Th. Thu Hà", "Nguyễn Thị Thu Hà", True),
        ("Trần Ngọc Lan", "Trần Ngọc Loan", False),
        ("Trần Ngọc An", "Trần Ngọc Anh", False),
        ("Lê Thị Hà", "Lê Thị Hạnh", False),
        ("Lê Thị Thảo", "Lê Thị Thoa", False),
        ("Hồ Minh Long", "Hoàng Minh Long", False),
        ("Lê Minh Khanh", "Lê Minh Khang", False),
        ("Nguyễn Thị Thu Hà", "Nguyễn Thu Hà", True),
        ("Phạm Văn Hùng", "Phạm Thị Hoa", False),
        ("Nguyễn Văn A", "Trần Văn A", False),
    ],
)
def test_names_that_can_be_of_one_person(one: str, other: str, expected: bool) -> None:
    written = values.normalise_name(one), values.normalise_name(other)
    assert values.names_agree(*written) is values.names_agree(*reversed(written)) is expected


# components


def profile(number: int, batch_id: int = 1, name: str = "", born: int | None = None) -> Profile:
    seen_at = START + timedelta(days=number)
    return Profile(
        f"s:{number}", "s", str(number), seen_at, batch_id, own_key=f"c{number}",
        name=values.normalise_name(name), birth_year=born,
    )  # fmt: skip


def groups(answer: dict[str, tuple[str, str]]) -> set[frozenset[str]]:
    """Return who is together."""
    found: dict[str, set[str]] = {}
    for key, (customer, _) in answer.items():
        found.setdefault(customer, set()).add(key)
    return set(map(frozenset, found.values()))


def test_profiles_are_joined_through_each_other() -> None:
    answer = customer_keys(
        map(profile, range(1, 6)),
        [("s:1", "phone", "p"), ("s:2", "phone", "p"), ("s:2", "email", "e"), ("s:3", "email", "e"),
         ("s:4", "phone", "q")],
    )  # fmt: skip
    assert groups(answer) == {frozenset({"s:1", "s:2", "s:3"}), frozenset({"s:4"}), frozenset({"s:5"})}
    assert [answer[f"s:{n}"][1] for n in (1, 4)] == ["strong", "alone"]


def test_who_is_likely_one_is_one_where_the_names_can_be() -> None:
    names = {1: "Nguyễn Văn An", 2: "Nguyen Van An", 3: "Trần Thị Bình", 4: "Lê Thị Cúc"}
    profiles = [profile(number, name=name) for number, name in names.items()]
    likely_ones = [("s:2", "s:1"), ("s:3", "s:4"), ("s:1", "s:99")]
    answer = customer_keys(profiles, [], (), likely_ones)
    assert groups(answer) == {frozenset({"s:1", "s:2"}), frozenset({"s:3"}), frozenset({"s:4"})}
    assert [answer[f"s:{n}"][1] for n in (1, 3)] == ["likely", "alone"]
    decided = customer_keys(profiles, [], [Decision("s:1", "s:2", False)], likely_ones)
    assert len(groups(decided)) == 4


def test_a_provinces_name_is_known_however_it_is_written() -> None:
    for written in ("Thành phố Hồ Chí Minh", "TP. Hồ Chí Minh", "Ho Chi Minh City", "hồ chí minh "):
        assert values.normalise_province(written) == "ho chi minh"
    assert values.normalise_province("Tỉnh Bà Rịa – Vũng Tàu") == "ba ria vung tau"


def test_letters_lose_the_same_accents_in_sql() -> None:
    macro = (settings.DBT_PROJECT / "macros" / "portable" / "text.sql").read_text()
    accented, plain = re.search(r"'([^']*đð)',\s*'(\w+)'", macro).groups()
    assert [values.unaccented(letter) for letter in accented] == list(plain)
    assert set(ACCENTED) <= set(accented)
    assert len(accented) == len(plain)


def test_values_of_two_kinds_never_meet() -> None:
    answer = customer_keys(map(profile, (1, 2)), [("s:1", "phone", "x"), ("s:2", "loyalty_id", "x")])
    assert len(groups(answer)) == 2


@pytest.mark.parametrize("kind", DEGREE_CAP)
def test_a_value_that_too_many_share_joins_nobody(kind: str) -> None:
    cap = DEGREE_CAP[kind]
    for number, expected in ((cap, 1), (cap + 1, cap + 1)):
        members = range(number)
        answer = customer_keys(map(profile, members), [(f"s:{n}", kind, "x") for n in members])
        assert len(groups(answer)) == expected


def test_a_component_that_is_too_large_stays_apart() -> None:
    for number, expected, rule in ((COMPONENT_CAP, 1, "strong"), (COMPONENT_CAP + 1, 26, "component_cap")):
        chain = [(f"s:{n + side}", "phone", f"p{n}") for n in range(number - 1) for side in (0, 1)]
        answer = customer_keys(map(profile, range(number)), chain)
        assert len(groups(answer)) == expected
        assert {found for _, found in answer.values()} == {rule}


def test_a_kiosk_with_ten_thousand_profiles_takes_no_time() -> None:
    members = range(10_000)
    before = datetime.now(UTC)
    answer = customer_keys(map(profile, members), [(f"s:{n}", "phone", "kiosk") for n in members])
    assert len(groups(answer)) == 10_000
    assert datetime.now(UTC) - before < timedelta(seconds=5)


HUNG, HOA, LAN = "Phạm Văn Hùng", "Phạm Thị Hoa", "Trần Ngọc Lan"


def test_a_family_on_one_phone_stays_several_persons() -> None:
    members = [profile(n, name=name) for n, name in enumerate((HUNG, HOA, "Hung Pham Van", "P. Thị Hoa"))]
    answer = customer_keys(members, [(f"s:{n}", "phone", "p") for n in range(4)])
    assert groups(answer) == {frozenset({"s:0", "s:2"}), frozenset({"s:1", "s:3"})}


def test_a_parent_and_a_child_of_one_name_on_one_phone_are_two() -> None:
    shared = [(f"s:{n}", "phone", "p") for n in range(4)] + [("s:3", "email", "e"), ("s:4", "email", "e")]
    born = {0: 1960, 1: 1961, 2: 1991, 3: None, 4: 1991}
    members = [profile(n, name=HUNG, born=year) for n, year in born.items()]
    found = groups(customer_keys(members, shared))
    assert len(found) == 2
    assert {0, 1} <= {int(key[2:]) for key in next(each for each in found if "s:0" in each)}
    assert not any({"s:0", "s:2"} <= each for each in found)
    # near enough, or what the form offered by itself
    for year in (1973, 1990):
        born[2] = born[4] = year
        members = [profile(n, name=HUNG, born=each) for n, each in born.items()]
        assert len(groups(customer_keys(members, shared))) == 1


def test_two_persons_are_not_one_by_a_short_name_between_them() -> None:
    members = [profile(n, name=name) for n, name in enumerate((HUNG, "Hùng Phạm", "Phạm Minh Hùng"))]
    held = [("s:0", "email", "e"), ("s:1", "email", "e"), ("s:1", "phone", "p"), ("s:2", "phone", "p")]
    answer = customer_keys(members, held)
    assert groups(answer) == {frozenset({"s:0", "s:1"}), frozenset({"s:2"})}
    # what the source says joins them all the same
    said = [*held, ("s:0", "loyalty_id", "x"), ("s:2", "loyalty_id", "x")]
    assert customer_keys(members, said)["s:0"][0] == customer_keys(members, said)["s:2"][0]


def test_who_has_no_name_follows_the_one_person_whom_it_can_be() -> None:
    members = [profile(0, name=HUNG), profile(1), profile(2), profile(3, name="Hùng Phạm Văn")]
    held = [("s:0", "phone", "p"), ("s:1", "phone", "p"), ("s:1", "email", "e"), ("s:2", "email", "e")]
    assert groups(customer_keys(members, held)) == {frozenset({"s:0", "s:1", "s:2"}), frozenset({"s:3"})}
    # two numbers of one name: whoever has both says that it is one person
    both = [*held, ("s:2", "phone", "q"), ("s:3", "phone", "q")]
    assert len(groups(customer_keys(members, both))) == 1


def test_who_has_no_name_and_may_be_several_stays_apart() -> None:
    members = [profile(0, name=HUNG), profile(1, name=HOA), profile(2), profile(3)]
    held = [(f"s:{n}", "phone", "p") for n in range(4)]
    answer = customer_keys(members, held)
    assert groups(answer) == {frozenset({"s:0"}), frozenset({"s:1"}), frozenset({"s:2", "s:3"})}
    assert [answer[f"s:{n}"][1] for n in range(4)] == ["alone", "alone", "ambiguous", "ambiguous"]
    # it never joins them either, whichever way it is asked
    bridge = [("s:0", "phone", "p"), ("s:2", "phone", "p"), ("s:2", "email", "e"), ("s:1", "email", "e")]
    answer = customer_keys(members, bridge)
    assert answer["s:0"][0] != answer["s:1"][0]


def test_a_number_that_many_persons_give_joins_none_of_them() -> None:
    names = [f"{family} Văn {given}" for family in ("Lê", "Trần") for given in ("Hùng", "Long")]
    assert len(names) == FAMILY + 1
    twice = [profile(n, name=name) for n, name in enumerate(names * 2)]
    answer = customer_keys(twice, [(profile.identifier_key, "phone", "p") for profile in twice])
    assert len(groups(answer)) == len(twice)


def test_a_loyal_customer_of_one_name_may_have_many_profiles() -> None:
    many = [profile(n, name=HUNG) for n in range(DEGREE_CAP["phone"] + 4)]
    assert len(groups(customer_keys(many, [(p.identifier_key, "phone", "p") for p in many]))) == 1
    many = [profile(n, name=HUNG) for n in range(VALUE_CAP + 1)]
    assert len(groups(customer_keys(many, [(p.identifier_key, "phone", "p") for p in many]))) == len(many)


def test_a_slip_in_a_number_joins_one_full_name_and_no_other() -> None:
    numbers = [("s:0", "phone", "+84912345678"), ("s:1", "phone", "+84912345679")]
    for name, expected in ((HUNG, 1), ("Hùng Phạm", 2)):
        answer = customer_keys([profile(0, name=name), profile(1, name=name)], numbers)
        assert len(groups(answer)) == expected
    assert len(groups(customer_keys([profile(0, name=HUNG), profile(1, name=HOA)], numbers))) == 2
    series = [(f"s:{n}", "phone", f"+8491234567{n}") for n in range(NEIGHBOURS + 1)]
    answer = customer_keys([profile(n, name=HUNG) for n in range(NEIGHBOURS + 1)], series)
    assert len(groups(answer)) == NEIGHBOURS + 1
    apart = [("s:0", "phone", "+84912345678"), ("s:1", "phone", "+84912345689")]
    assert len(groups(customer_keys([profile(0, name=HUNG), profile(1, name=HUNG)], apart))) == 2


def test_what_the_source_says_joins_whatever_the_names() -> None:
    members = [profile(0, name=HUNG), profile(1, name=LAN)]
    for kind, expected in (("loyalty_id", 1), ("merged_id", 1), ("email", 2)):
        answer = customer_keys(members, [("s:0", kind, "x"), ("s:1", kind, "x")])
        assert len(groups(answer)) == expected


def test_what_the_source_says_of_too_many_joins_nobody_whatever_their_names() -> None:
    members = [profile(n, name=f"Trần Văn {name}") for n, name in enumerate("ABCDEFG")]
    assert len(members) == DEGREE_CAP["loyalty_id"] + 1
    answer = customer_keys(members, [(each.identifier_key, "loyalty_id", "TEST") for each in members])
    assert len(groups(answer)) == len(members)


def test_who_has_no_name_has_that_of_whom_the_source_says_it_is() -> None:
    members = [profile(0, name=HUNG), profile(1), profile(2, name=HUNG), profile(3, name=HOA)]
    held = [("s:0", "loyalty_id", "x"), ("s:1", "loyalty_id", "x")]
    held += [(f"s:{n}", "phone", "p") for n in (1, 2, 3)]
    assert groups(customer_keys(members, held)) == {frozenset({"s:0", "s:1", "s:2"}), frozenset({"s:3"})}


def test_orders_without_a_name_that_hang_together_by_a_clerks_mailbox_fall_apart() -> None:
    guests = [
        Profile(f"s:guest:{n}", "s", f"guest:{n}", START, 1, own_key=f"c{n}") for n in range(MEMBER_CAP + 1)
    ]
    chain = [
        (guests[n + side].identifier_key, "phone", f"p{n}") for n in range(MEMBER_CAP) for side in (0, 1)
    ]
    answer = customer_keys(guests, chain)
    assert len(groups(answer)) == len(guests)
    assert {rule for _, rule in answer.values()} == {"component_cap"}


def test_the_people_of_the_sandbox_are_told_apart_as_well_as_is_promised() -> None:
    company = world.build(seed=11, customers=3000, end=date(2026, 10, 31))
    found, whose, joined = accuracy.measure(company)
    assert truth.agreement(found, whose).precision >= 0.99
    assert truth.agreement(found, joined).recall >= 0.95


def test_a_short_name_that_can_be_of_several_is_of_none() -> None:
    names = ("Nguyễn Văn Anh", "Trần Văn Anh", "Văn Anh")
    answer = customer_keys(
        [profile(n, name=name) for n, name in enumerate(names)], [(f"s:{n}", "phone", "p") for n in range(3)]
    )
    assert len(groups(answer)) == 3


def test_a_name_of_a_megabyte_takes_no_time_and_is_no_name() -> None:
    before = datetime.now(UTC)
    assert values.normalise_name("a b " * 250_000) == ""
    assert datetime.now(UTC) - before < timedelta(seconds=1)


def test_what_a_person_decides_wins_over_every_rule() -> None:
    members = [profile(0, name=HUNG), profile(1, name=HUNG), profile(2, name=HOA), profile(3)]
    held = [(f"s:{n}", "phone", "p") for n in (0, 1)] + [("s:1", "email", "e"), ("s:3", "email", "e")]
    assert groups(customer_keys(members, held)) == {frozenset({"s:0", "s:1", "s:3"}), frozenset({"s:2"})}
    two = customer_keys(members, held, [Decision("s:0", "s:1", False)])
    assert groups(two) == {frozenset({"s:0"}), frozenset({"s:1", "s:3"}), frozenset({"s:2"})}
    assert [two[f"s:{n}"][1] for n in range(4)] == ["decided", "decided", "alone", "decided"]
    one = customer_keys(members, held, [Decision("s:0", "s:2", True)])
    assert len(groups(one)) == 1
    assert {rule for _, rule in one.values()} == {"decided"}
    # a profile that is gone is waited for
    assert customer_keys(members, held, [Decision("s:0", "s:9", True)]) == customer_keys(members, held)


def test_two_who_are_decided_apart_are_joined_by_no_third() -> None:
    members = [profile(n, name=name) for n, name in enumerate((HUNG, HUNG, "", HUNG))]
    held = [("s:0", "phone", "p"), ("s:2", "phone", "p"), ("s:2", "email", "e"), ("s:1", "email", "e")]
    held += [("s:0", "email", "f"), ("s:3", "email", "f"), ("s:3", "phone", "q"), ("s:1", "phone", "q")]
    assert len(groups(customer_keys(members, held))) == 1
    answer = customer_keys(members, held, [Decision("s:0", "s:1", False)])
    assert answer["s:0"][0] != answer["s:1"][0]
    assert len(groups(answer)) == 2


def test_a_decision_holds_where_there_are_too_many() -> None:
    number = COMPONENT_CAP + 1
    chain = [(f"s:{n + side}", "phone", f"p{n}") for n in range(number - 1) for side in (0, 1)]
    answer = customer_keys(map(profile, range(number)), chain, [Decision("s:3", "s:7", True)])
    assert answer["s:3"][0] == answer["s:7"][0]
    assert len(groups(answer)) == number - 1


def test_nobody_is_nobody() -> None:
    assert customer_keys([], []) == {}


def test_the_oldest_profile_gives_the_key_whatever_arrives_later() -> None:
    alone = customer_keys([profile(5)], [])["s:5"][0]
    older_in_time_but_later_met = profile(1, batch_id=2)._replace(seen_at=START - timedelta(days=900))
    shared = [("s:1", "phone", "p"), ("s:5", "phone", "p")]
    answer = customer_keys([older_in_time_but_later_met, profile(5)], shared)
    assert {customer for customer, _ in answer.values()} == {alone}


@given(
    st.lists(st.tuples(st.integers(0, 7), st.sampled_from(("phone", "email")), st.sampled_from("pqr"))),
    st.lists(st.sampled_from(("", HUNG, HOA, "Hùng Phạm", "Phạm Minh Hùng")), min_size=8, max_size=8),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.booleans()), max_size=3),
    st.randoms(use_true_random=False),
)
@hypothesis_settings(max_examples=500)
def test_the_answer_does_not_depend_on_the_order_of_what_is_given(
    held: list, names: list[str], said: list, chance: object
) -> None:
    identifiers = list({(f"s:{n}", kind, value) for n, kind, value in held})
    profiles = [profile(n, name=name) for n, name in enumerate(names)]
    decisions = [
        Decision(f"s:{one}", f"s:{other}", is_one)
        for (one, other), is_one in {
            (min(a, b), max(a, b)): is_one for a, b, is_one in said if a != b
        }.items()
    ]
    expected = customer_keys(profiles, identifiers, decisions)
    for given_again in (identifiers, profiles, decisions):
        chance.shuffle(given_again)
    assert customer_keys(profiles, identifiers, decisions) == expected
    for one, other, is_one_person in decisions:
        if not is_one_person:
            assert expected[one][0] != expected[other][0]
        elif all(each.is_one_person for each in decisions):
            assert expected[one][0] == expected[other][0]
    if decisions:
        return
    for _, kind, value in identifiers:
        holders = [key for key, k, v in identifiers if (k, v) == (kind, value) and not names[int(key[2:])]]
        # who has no name is with all others who have none, or with a person of a name
        together = {expected[key][0] for key in holders}
        assert len(together) <= 1 or len(holders) > DEGREE_CAP[kind]
    for customer in {key for key, _ in expected.values()}:
        said_names = {p.name for p in profiles if expected[p.identifier_key][0] == customer} - {""}
        assert all(values.names_agree(a, b) for a in said_names for b in said_names)


def slips(profiles: list[Profile], identifiers: list[tuple[str, str, str]]) -> list[tuple[int, int]]:
    """Return profiles of one full name whose numbers differ in one digit, number by number."""
    places = {each.identifier_key: n for n, each in enumerate(profiles)}
    fully: dict[str, dict[str, int]] = {}
    for key, kind, value in sorted(identifiers):
        if kind == "phone" and (name := profiles[places[key]].name).count(" ") > 1:
            fully.setdefault(value, {}).setdefault(name, places[key])
    found = []
    for place in range(FIRST_DIGIT, 12):
        near: dict[str, list[str]] = {}
        for value in sorted(fully):
            near.setdefault(f"{value[:place]}*{value[place + 1 :]}", []).append(value)
        for alike in near.values():
            if 1 < len(alike) <= NEIGHBOURS:
                for one, other in combinations(alike, 2):
                    names = sorted(fully[one].keys() & fully[other].keys())
                    found += [(fully[one][name], fully[other][name]) for name in names]
    return found


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9),
            st.one_of(
                st.tuples(st.just("phone"), st.sampled_from([f"+8490000001{n}" for n in (0, 1, 2, 9)])),
                st.tuples(st.just("phone"), st.sampled_from(["+84900000020", "+84900000120", "+1555123456"])),
                st.tuples(st.just("email"), st.sampled_from("pqrst")),
                st.tuples(st.just("loyalty_id"), st.sampled_from("vw")),
            ),
        ),
        max_size=14,
    ),
    st.lists(st.sampled_from(("", HUNG, HOA, "Hùng Phạm", HUNG, LAN)), min_size=10, max_size=10),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=2),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=2),
    st.lists(st.sampled_from((None, 1990, 1960, 1991)), min_size=10, max_size=10),
)
@hypothesis_settings(max_examples=1000)
def test_neighbourhoods_give_what_the_rules_give_link_by_link(
    held: list, names: list[str], said: list, alike: list, years: list[int | None]
) -> None:
    identifiers = sorted({(f"s:{n}", *value) for n, value in held})
    profiles = [profile(n, name=name, born=years[n]) for n, name in enumerate(names)]
    pairs = {(min(a, b), max(a, b)): is_one for a, b, is_one in said if a != b}
    decisions = sorted(Decision(f"s:{a}", f"s:{b}", is_one) for (a, b), is_one in pairs.items())
    likely_ones = [(f"s:{a}", f"s:{b}") for a, b in alike if a != b]
    assert customer_keys(profiles, identifiers, decisions, likely_ones) == by_rules(
        profiles, identifiers, decisions, likely_ones, slips(profiles, identifiers)
    )


@dataclass
class Days:
    """What profiles say before a change and after it."""

    before: dict[str, tuple[Profile, set[reaching.Value]]]
    after: dict[str, tuple[Profile, set[reaching.Value]]]

    @property
    def changed(self) -> set[str]:
        both = self.before.keys() | self.after.keys()
        return {key for key in both if self.before.get(key) != self.after.get(key)}

    def values_of(self, profiles: Collection[str]) -> dict[str, set[reaching.Value]]:
        return {
            key: {value for day in (self.before, self.after) if key in day for value in day[key][1]}
            for key in profiles
        }

    def holders_of(self, values: Collection[reaching.Value]) -> dict[reaching.Value, set[str]]:
        return {
            value: {
                key for day in (self.before, self.after) for key, (_, said) in day.items() if value in said
            }
            for value in values
        }

    def full_names_of(self, profiles: Collection[str]) -> dict[str, set[str]]:
        names = {
            key: {day[key][0].name for day in (self.before, self.after) if key in day} for key in profiles
        }
        full = {key: {name for name in each if values.is_full(name)} for key, each in names.items()}
        return {key: each for key, each in full.items() if each}


SOMEBODY = st.tuples(
    st.sampled_from(("", HUNG, HOA, "Hùng Phạm", HUNG, HUNG, LAN)),
    st.sets(
        st.one_of(
            st.tuples(st.just("phone"), st.sampled_from([f"+8490000001{n}" for n in range(5)])),
            st.tuples(st.just("phone"), st.sampled_from(["+84900000020", "+84900000120", "+1555123456"])),
            st.tuples(st.just("email"), st.sampled_from("pqrs")),
            st.tuples(st.just("loyalty_id"), st.sampled_from("vw")),
        ),
        max_size=3,
    ),
    st.sampled_from((None, 1990, 1960, 1991)),
    st.booleans(),
)  # fmt: skip
"""A name, values, a year of birth, and whether it is a guest."""


def _day(people: Mapping[int, tuple]) -> dict[str, tuple[Profile, set[reaching.Value]]]:
    found = {}
    for number, (name, said, born, is_guest) in people.items():
        one = profile(number, name=name, born=born)
        if is_guest:
            one = one._replace(profile_id=f"guest:{number}")
        found[one.identifier_key] = one, said
    return found


def _decisions(said: list[tuple[int, int, bool]]) -> list[Decision]:
    pairs = {(min(a, b), max(a, b)): is_one for a, b, is_one in said if a != b}
    return sorted(Decision(f"s:{a}", f"s:{b}", is_one) for (a, b), is_one in pairs.items())


@given(
    st.dictionaries(st.integers(0, 15), SOMEBODY, min_size=6, max_size=16),
    st.dictionaries(st.integers(0, 17), st.one_of(st.none(), SOMEBODY), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15), st.booleans()), max_size=2),
    st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15), st.booleans()), max_size=2),
    st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=2),
    st.integers(2, 6),
)
@hypothesis_settings(max_examples=1500, deadline=None)
def test_whom_a_change_does_not_reach_stays_who_they_are(
    people: dict[int, tuple], news: dict, said_before: list, said: list, alike: list, cap: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # so that few people are many
        patch.setattr(joining, "VALUE_CAP", cap)
        patch.setattr(joining, "DEGREE_CAP", dict.fromkeys(DEGREE_CAP, 2))
        now = {number: each for number, each in (people | news).items() if each}
        days = Days(_day(people), _day(now))
        former, decisions = map(_decisions, (said_before, said))
        likely_ones = [(f"s:{a}", f"s:{b}") for a, b in alike if a != b]
        linked: dict[str, set[str]] = {}
        for one, other in [*(each[:2] for each in (*former, *decisions)), *likely_ones]:
            linked.setdefault(one, set()).add(other)
            linked.setdefault(other, set()).add(one)

        def keys(
            day: dict, decided: list[Decision], chosen: reaching.Reached | None = None
        ) -> dict[str, tuple[str, str]]:
            of = day.keys() if chosen is None else day.keys() & chosen.profiles
            silent = chosen.silent if chosen else set()
            return customer_keys(
                [day[key][0] for key in of],
                [(key, *value) for key in of for value in day[key][1] - silent],
                decided, likely_ones, chosen.strangers if chosen else (),
            )  # fmt: skip

        changed = days.changed | {key for each in {*former} ^ {*decisions} for key in each[:2]}
        reached = reaching.reach(changed, linked, days, value_cap=cap, sure=2)
        stay = {key: given for key, given in keys(days.before, former).items() if key not in reached.profiles}
        assert stay | keys(days.after, decisions, reached) == keys(days.after, decisions)


# over time


@pytest.fixture
def company(built: Built, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    # of a small company, one change concerns a large share
    monkeypatch.setattr(reading, "LARGEST_SHARE", 0)
    with databases.made(f"cx_identity_{next(NUMBERS)}", built.database):
        _built.append(built)
        known = opened()
        known.arrive()
        yield known
        _built.pop()


_built: list[Built] = []
"""Whose models the tests of a company run."""


def resolve() -> dict[str, int]:
    """Open a batch on what arrived and resolve who is who; return what changed."""
    batch_id, _ = transform.open_batch()
    changes = dict(_built[-1].resolve(batch_id))
    assert not who_is_otherwise()
    return changes


def resolve_everybody() -> dict[str, int]:
    """Resolve who is who without trusting what was resolved before."""
    ask("delete from identity.rules")
    return resolve()


def publish() -> None:
    """Resolve who is who for a batch that is then the published one."""
    resolve()
    ask("update ops.head set batch_id = (select max(batch_id) from ops.batches)")


def customer(profile_key: str) -> str:
    ((key,),) = ask("select customer_key from identity.identity_map where identifier_key = %s", profile_key)
    return key


def events() -> list[tuple]:
    """Return (kind, former customer, new customer, a profile that moved, what joined) of each change."""
    return ask(
        "select kind, from_customer_key, to_customer_key, profile, edge from ops.identity_events "
        "order by batch_id"
    )


@pytest.mark.server
def test_a_merge_keeps_the_oldest_key_and_a_split_restores_the_former(company: Company) -> None:
    company.shop_customer(8, phone=4, city=0)
    company.arrive()
    resolve()
    ask("delete from ops.identity_events")
    older, younger = customer("haravan:3"), customer("haravan:8")
    assert older != younger
    company.shop_customer(8, phone=3, city=0)
    company.arrive()
    assert resolve()["profiles_changed"] == 1
    assert customer("haravan:3") == customer("haravan:8") == older
    company.shop_customer(8, phone=4, city=0)
    company.arrive()
    resolve()
    assert (customer("haravan:3"), customer("haravan:8")) == (older, younger)
    assert events() == [
        ("merge", younger, older, "haravan:8", "phone: haravan:8, files:kiosk/p3"),
        ("split", older, younger, "haravan:8", None),
    ]


@pytest.mark.server
def test_only_what_differs_is_written_and_logged(company: Company) -> None:
    resolve()
    before = ask("select xmin::text, * from identity.identity_map order by identifier_key")
    logged = ask("select count(*) from changed.identity_map")
    assert not any(resolve().values())
    assert ask("select xmin::text, * from identity.identity_map order by identifier_key") == before
    assert ask("select count(*) from changed.identity_map") == logged


@pytest.mark.server
def test_a_change_is_logged_with_the_former_customer_and_the_new(company: Company) -> None:
    resolve()
    former = customer("haravan:3")
    company.shop_customer(3, phone=1, city=0)
    company.arrive()
    resolve()
    rows = ask(
        "select op, customer_key from changed.identity_map where identifier_key = 'haravan:3' "
        "and batch_id = (select max(batch_id) from ops.batches)"
    )
    assert set(rows) == {("u", former), ("u", customer("haravan:3"))}


@pytest.mark.server
def test_a_map_built_anew_is_the_one_that_grew(company: Company) -> None:
    for phone in (1, 3, 2, 4, 0):
        company.shop_customer(3, phone=phone, city=0)
        company.counter_customer(2, phone=4 - phone, city=1)
        company.desk_user(1, phone=phone)
        company.arrive()
        resolve()
    grown = "select identifier_key, customer_key, rule from identity.identity_map order by 1"
    rows = ask(grown)
    ask("update identity.identity_map set customer_key = 'wrong', rule = 'wrong'")
    resolve_everybody()
    assert ask(grown) == rows


def plain_hash(profile_key: str) -> str:
    """Return the key of a customer as whoever knows the source's id could make it."""
    return "c" + hashlib.sha256(profile_key.encode()).hexdigest()[:15]


@pytest.mark.server
def test_no_key_can_be_made_from_a_sources_id(company: Company) -> None:
    resolve()
    keys = ask("select identifier_key, own_key, customer_key from identity.identity_map")
    assert keys
    for identifier_key, *made in keys:
        assert plain_hash(identifier_key) not in made


@pytest.mark.server
def test_a_key_that_was_given_stays_whatever_the_secret_is(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve()
    before = customer("haravan:3")
    monkeypatch.setenv("CX_CUSTOMER_SECRET", "another")
    assert not any(resolve().values())
    ask("update identity.identity_map set own_key = null")
    resolve_everybody()
    assert customer("haravan:3") not in (before, plain_hash("haravan:3"))


@pytest.mark.server
def test_an_older_map_keeps_the_keys_that_readers_know(company: Company) -> None:
    resolve_everybody()
    ask("alter table identity.identity_map drop column own_key")
    resolve_everybody()
    assert customer("haravan:3") == plain_hash("haravan:3")
    assert not any(resolve().values())
    company.shop_customer(8, phone=4, city=0)
    company.arrive()
    resolve_everybody()
    assert customer("haravan:3") == plain_hash("haravan:3")
    assert customer("haravan:8") != plain_hash("haravan:8")


@pytest.mark.server
def test_a_blocked_value_joins_nobody_and_is_nobodys_contact(company: Company) -> None:
    ((value,),) = ask(
        "select identifier_value from seeds.blocked_identifiers "
        "where identifier_type = 'phone' and identifier_value like '+849%' limit 1"
    )
    for number in (21, 22):
        company.shop_customer(number, value, city=0)
    company.arrive()
    resolve()
    assert customer("haravan:21") != customer("haravan:22")
    contacts = "select phone from identity.profile_contacts where identifier_key = 'haravan:21'"
    assert ask(contacts) == [(None,)]


@pytest.mark.server
def test_a_profile_that_is_gone_leaves_the_map(company: Company) -> None:
    company.counter_customer(7, phone=0, city=0)
    company.arrive()
    resolve()
    former = customer("files:kiosk/p7")
    company.drop("customers", ("p7",))
    company.arrive()
    assert resolve()["profiles_gone"] == 1
    assert ask("select op, customer_key from changed.identity_map where identifier_key = "
               "'files:kiosk/p7' order by batch_id") == [("i", former), ("d", former)]  # fmt: skip


@pytest.mark.server
def test_a_decision_survives_rebuilds_until_it_is_taken_back(company: Company) -> None:
    company.shop_customer(8, phone=4, city=0)
    company.arrive()
    resolve()
    former = customer("haravan:3"), customer("haravan:8")
    assert former[0] != former[1]
    # a customer's key stands for the profile that gave it
    said = command.main(["one-customer", "haravan:8", former[0], "she said so at the counter"])
    assert "are one customer from the next build on" in said
    for _ in range(2):
        resolve()
        assert customer("haravan:3") == customer("haravan:8") == former[0]
    with pytest.raises(deciding.NotDecided, match=r"decided so of .* already"):
        command.main(["one-customer", "haravan:3", "haravan:8", "again"])
    command.main(["two-customers", "haravan:3", "haravan:8", "it was her sister"])
    company.shop_customer(8, phone=3, city=0)
    company.arrive()
    resolve()
    assert customer("haravan:3") != customer("haravan:8")
    assert ask("select is_one_person, reason from identity.decisions") == [(False, "it was her sister")]
    command.main(["forget", "haravan:8", "haravan:3"])
    resolve()
    assert customer("haravan:3") == customer("haravan:8")
    assert events()[0][0::4] == ("merge", "decided: haravan:8, haravan:3")


@pytest.mark.server
def test_who_may_be_one_person_is_asked_until_somebody_decides(company: Company) -> None:
    company.shop_customer(8, phone=4, city=0)
    company.arrive()
    resolve()
    assert command.main(["review"]) == "Nobody is left to decide of."
    # too few people to learn from: nobody was scored, and it is not tried again each night
    assert ask("select model, pair_count from identity.match_models") == [(None, 0)]
    ask("insert into identity.likely_pairs values ('haravan:3', 'haravan:8', 0.9731, false, 1)")
    told = command.main(["review", "5"]).splitlines()
    assert told[0].startswith("0.97  haravan:3 · Nguyễn Khách 3 · ")
    assert told[1].startswith("      haravan:8 · Nguyễn Khách 8 · ")
    resolve()
    assert customer("haravan:3") != customer("haravan:8")
    command.main(["two-customers", "haravan:3", "haravan:8", "asked them"])
    assert command.main(["review"]) == "Nobody is left to decide of."


@pytest.mark.server
def test_who_is_likely_one_person_is_one_customer_and_the_log_says_so(company: Company) -> None:
    company.shop_customer(8, phone=4, city=0)
    company.arrive()
    resolve()
    ask("delete from ops.identity_events")
    ask("insert into identity.likely_pairs values ('haravan:1', 'haravan:8', 0.9931, true, 1)")
    younger = customer("haravan:8")
    resolve()
    assert customer("haravan:8") == customer("haravan:1") != younger
    assert ask("select rule from identity.identity_map where identifier_key = 'haravan:8'") == [("likely",)]
    assert [edge for *_, edge in events()] == ["likely: haravan:8, haravan:1"]
    command.main(["two-customers", "haravan:1", "haravan:8", "asked them"])
    resolve()
    assert customer("haravan:8") == younger


@pytest.mark.server
def test_scores_are_renewed_when_they_are_old_or_the_settings_are_others(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve()

    def scorings() -> int:
        return ask("select count(*) from identity.match_models")[0][0]

    first = scorings()
    resolve()
    assert scorings() == first
    ask("update identity.match_models set scored_at = scored_at - make_interval(days => 8)")
    resolve()
    assert scorings() == first + 1
    monkeypatch.setattr(likely, "_settings_hash", lambda: "another")
    resolve()
    assert scorings() == first + 2


@pytest.mark.server
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["review", "0"], "usage:"),
        (["one-customer", "haravan:3", "haravan:99", "why"], "no profile or customer 'haravan:99'"),
        (["one-customer", "haravan:3", "haravan:3", "why"], "are one profile"),
        (["two-customers", "haravan:3", "haravan:1", " "], "say why"),
        (["forget", "haravan:3", "haravan:1"], "Nothing was decided"),
        (["unite", "haravan:3"], "usage:"),
    ],
)
def test_what_cannot_be_decided_is_told_in_a_sentence(
    company: Company, arguments: list[str], told: str
) -> None:
    resolve()
    with pytest.raises(deciding.NotDecided, match=told):
        command.main(arguments)
    assert ask("select count(*) from identity.decisions") == [(0,)]


@pytest.mark.server
def test_who_was_who_at_a_moment_can_be_asked(company: Company) -> None:
    company.shop_customer(8, phone=4, city=0)
    company.counter_customer(7, phone=0, city=0)
    company.arrive()
    publish()
    apart = customer("haravan:3"), customer("haravan:8")
    moments = [ask("select clock_timestamp()")[0][0]]
    company.shop_customer(8, phone=3, city=0)
    company.drop("customers", ("p7",))
    company.arrive()
    publish()
    moments.append(ask("select clock_timestamp()")[0][0])
    company.shop_customer(8, phone=4, city=0)
    company.arrive()
    publish()
    moments.append(ask("select clock_timestamp()")[0][0])

    def as_of(moment: datetime) -> dict[str, str]:
        return dict(ask("select identifier_key, customer_key from identity.identity_as_of(%s)", moment))

    found = [as_of(moment) for moment in moments]
    assert [(each["haravan:3"], each["haravan:8"]) for each in found] == [apart, (apart[0],) * 2, apart]
    assert [("files:kiosk/p7" in each) for each in found] == [True, False, False]
    assert found[-1] == dict(ask("select identifier_key, customer_key from identity.identity_map"))
    assert as_of(START - timedelta(days=3650)) == {}
    # what was resolved for a batch that was never published is forgotten with the next
    company.shop_customer(8, phone=3, city=0)
    company.arrive()
    resolve()
    assert customer("haravan:8") == apart[0]
    company.shop_customer(8, phone=4, city=0)
    company.arrive()
    resolve()
    assert as_of(datetime.now(UTC)) == found[-1]
    # what is resolved again says nothing new
    rows = "select count(*) from identity.identity_history"
    before = ask(rows)
    resolve()
    assert ask(rows) == before


# finding somebody


HEADS = ("0", "+84", "84", "0084", "+84 (0)", "(+84) ", "", "+1", "+65", "001")
MOBILES = (*values.MOVED_PREFIXES, "90", "70", "32", "86", "24", "28", "650", "9")
DOMAINS = ("gmail.com", "GoogleMail.com", "a.vn", "Đ.vn", "x@b.com", "nodot")


def spelled(chance: Random) -> str:
    """Return a phone number, or what somebody may take for one, as it may be typed."""
    digits = chance.choice(MOBILES) + "".join(chance.choices("0123456789", k=chance.choice((6, 7, 7, 8))))
    return chance.choice(HEADS) + "".join(
        digit + chance.choice((*[""] * 3, " ", "-", ".")) for digit in digits
    )


def addressed(chance: Random) -> str:
    """Return an e-mail address, or what somebody may take for one, as it may be typed."""
    mailbox = chance.choices("aB.+_-1Đ@ ", (9, 9, 3, 3, 2, 2, 9, 2, 1, 1), k=chance.randint(1, 9))
    around = chance.choice(("", " ", "\t", "\n"))
    return "".join((around, *mailbox, "@", chance.choice(DOMAINS), around))


def meant(function: str, typed: list[str]) -> list[tuple]:
    """Return what the warehouse looks for where something is typed."""
    found = ask(
        f"select place, care.{function}(typed) from unnest(%s) with ordinality as t (typed, place)", typed
    )
    return [value for _, value in sorted(found)]


@pytest.mark.server
def test_a_phone_is_looked_for_as_it_is_kept(prepared: str) -> None:
    chance = Random(7)
    typed = [spelled(chance) for _ in range(4000)]
    kept = [values.normalise_phone(text) for text in typed]
    assert sum(normal is not None for normal in kept) > 800
    with databases.used(prepared):
        for text, normal, looked_for in zip(typed, kept, meant("phones_meant", typed), strict=True):
            assert normal is None or normal in looked_for, text


@pytest.mark.server
@pytest.mark.skipif(not ORACLE.is_file(), reason="the public data are not beside the project")
def test_every_phone_of_the_public_data_is_looked_for_as_it_is_kept(prepared: str) -> None:
    with ORACLE.open() as file:
        typed = [row["input"] for row in csv.DictReader(file)]
    typed += [f"0{old}2123456" for old in values.MOVED_PREFIXES]
    with databases.used(prepared):
        for text, looked_for in zip(typed, meant("phones_meant", typed), strict=True):
            normal = values.normalise_phone(text)
            assert normal is None or normal in looked_for, text


@pytest.mark.server
def test_an_email_is_looked_for_as_it_is_kept(prepared: str) -> None:
    chance = Random(7)
    typed = [addressed(chance) for _ in range(4000)]
    kept = [values.normalise_email(text) for text in typed]
    assert sum(normal is not None for normal in kept) > 1000
    with databases.used(prepared):
        for text, normal, looked_for in zip(typed, kept, meant("email_meant", typed), strict=True):
            assert normal is None or normal == looked_for, text


def found(typed: str) -> set[tuple[str, str]]:
    """Return (profile or device, kind of identifier) of what somebody of care finds."""
    rows = ask(
        "select carrier_key, found_by from care.find_customer(%s) where valid_to_local is null",
        typed, role="cx_care",
    )  # fmt: skip
    return {(carrier, kind) for carrier, kind in rows}


@pytest.fixture(scope="module")
def copy(built: Built) -> Iterator[None]:
    with databases.made("cx_found", built.database):
        yield


@pytest.mark.server
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("+84 (0)901-000-002", {(key, "phone") for key in ("haravan:3", "files:kiosk/p3", "zendesk:3")}),
        ("0120 100 0003", set()),
        ("  NGUOI1+tin@A.vn ", {("zendesk:1", "email")}),
        ("haravan:1", {("haravan:1", "profile")}),
        ("files:kiosk/p2", {("files:kiosk/p2", "profile")}),
        ("kiosk/p2", {("files:kiosk/p2", "profile")}),
        ("p2", {("files:kiosk/p2", "profile")}),
        ("nobody", set()),
        ("", set()),
        ("%", set()),
    ],
)
def test_who_cares_for_customers_finds_one_by_what_they_have(
    copy: None, typed: str, expected: set[tuple[str, str]]
) -> None:
    assert found(typed) == expected


@pytest.mark.server
def test_a_customer_is_found_by_a_device_and_by_a_key(copy: None) -> None:
    ((device, customer_key),) = ask(
        "select visitor_key, customer_key from published.bridge_visitor where valid_to_local is null "
        "and visitor_key in (select visitor_key from core.fct_events where anonymous_id = 'kiosk/d1')"
    )
    for typed in ("d1", "kiosk/d1", device):
        assert found(typed) == {(device, "device")}
    for name in (device, customer_key):
        assert {key for (key,) in ask("select customer_key from care.find_customer(%s)", name)} == {
            customer_key
        }


@pytest.mark.server
def test_a_slip_in_a_domain_is_found_by_what_was_meant_and_by_what_was_given(company: Company) -> None:
    company.desk_user(7, phone=0)
    company._news["zendesk", "users"][0]["email"] = "An.Nam@gmial.com"
    company.arrive()
    resolve()
    kept = "select identifier_value from identity.profile_identifiers where identifier_key = 'zendesk:7'"
    assert ask(f"{kept} order by 1") == [("an.nam@gmial.com",), ("annam@gmail.com",)]
    log = "select count(*) from changed.profile_identifiers where identifier_key = 'zendesk:7'"
    assert ask(log) == [(1,)]
    resolve()
    assert ask(log) == [(1,)]
    company.desk_user(7, phone=1)
    company.arrive()
    resolve()
    assert ask(f"{kept} order by 1") == [("+84901000001",), ("nguoi7@a.vn",)]
    assert ask(log) == [(2,)]
