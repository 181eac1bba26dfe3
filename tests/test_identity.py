"""One customer from many profiles: joined by what is theirs alone, under a key that persists."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from include import identity, settings, transform
from include.identity import COMPONENT_CAP, DEGREE_CAP, Profile, customer_keys
from tests import databases
from tests.built import Built
from tests.company import Company, opened
from tests.databases import ask

NUMBERS = count()
ORACLE = settings.REAL_DATA / "vi_phones" / "vn_phone_oracle.csv"
START = datetime(2026, 1, 1, tzinfo=UTC)


# values


@pytest.mark.skipif(not ORACLE.is_file(), reason="the public data are not beside the project")
def test_phones_are_what_the_library_says_for_every_spelling() -> None:
    with ORACLE.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 214
    # numbers of eleven digits are invalid for the library, and ours to translate
    ours = [row for row in rows if identity.ELEVEN_DIGITS.match(row["input"].replace(" ", ""))]
    for row in (row for row in rows if row not in ours):
        expected = row["e164"] if row["valid"] == "True" else None
        assert identity.normalise_phone(row["input"]) == expected, row


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
    assert identity.normalise_phone(old) == new


def test_every_moved_prefix_becomes_a_valid_number() -> None:
    assert len(identity.MOVED_PREFIXES) == 21
    found = {identity.normalise_phone(f"0{old}2123456") for old in identity.MOVED_PREFIXES}
    assert found == {f"+84{new}2123456" for new in identity.MOVED_PREFIXES.values()}


@pytest.mark.parametrize("value", ["", "không có", "123", "0000000000", "+", "1900 1000 1000 1000 1000"])
def test_what_is_no_phone_is_none(value: str) -> None:
    assert identity.normalise_phone(value) is None


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
    assert identity.normalise_email(value) == expected


# components


def profile(number: int, batch_id: int = 1) -> Profile:
    seen_at = START + timedelta(days=number)
    return Profile(f"s:{number}", "s", str(number), seen_at, batch_id, own_key=f"c{number}")


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


def test_nobody_is_nobody() -> None:
    assert customer_keys([], []) == {}


def test_the_oldest_profile_gives_the_key_whatever_arrives_later() -> None:
    alone = customer_keys([profile(5)], [])["s:5"][0]
    older_in_time_but_later_met = replace(profile(1, batch_id=2), seen_at=START - timedelta(days=900))
    shared = [("s:1", "phone", "p"), ("s:5", "phone", "p")]
    answer = customer_keys([older_in_time_but_later_met, profile(5)], shared)
    assert {customer for customer, _ in answer.values()} == {alone}


@given(
    st.lists(st.tuples(st.integers(0, 7), st.sampled_from(("phone", "email")), st.sampled_from("pqr"))),
    st.randoms(use_true_random=False),
)
@hypothesis_settings(max_examples=200)
def test_the_answer_does_not_depend_on_the_order_of_what_is_given(held: list, chance: object) -> None:
    identifiers = list({(f"s:{n}", kind, value) for n, kind, value in held})
    profiles = [profile(n) for n in range(8)]
    expected = customer_keys(profiles, identifiers)
    chance.shuffle(identifiers)
    chance.shuffle(profiles)
    assert customer_keys(profiles, identifiers) == expected
    for _, kind, value in identifiers:
        holders = [key for key, k, v in identifiers if (k, v) == (kind, value)]
        assert len({expected[key][0] for key in holders}) == 1 or len(holders) > DEGREE_CAP[kind]


# over time


@pytest.fixture
def company(built: Built) -> Iterator[Company]:
    with databases.made(f"cx_identity_{next(NUMBERS)}", built.database):
        known = opened()
        known.arrive()
        yield known


def resolve() -> dict[str, int]:
    """Open a batch on what arrived and resolve who is who; return what changed."""
    batch_id, _ = transform.open_batch()
    return dict(identity.resolve(batch_id))


def customer(profile_key: str) -> str:
    ((key,),) = ask("select customer_key from identity.identity_map where identifier_key = %s", profile_key)
    return key


def events() -> list[tuple]:
    """Return (kind, former customer, new customer, a profile that moved) of each merge and split."""
    rows = ask("select * from ops.identity_events order by batch_id")
    return [(kind, former, new, moved) for _, kind, former, new, _, _, moved in rows]


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
    assert events() == [("merge", younger, older, "haravan:8"), ("split", older, younger, "haravan:8")]


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
    resolve()
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
    resolve()
    assert customer("haravan:3") not in (before, plain_hash("haravan:3"))


@pytest.mark.server
def test_an_older_map_keeps_the_keys_that_readers_know(company: Company) -> None:
    resolve()
    ask("alter table identity.identity_map drop column own_key")
    resolve()
    assert customer("haravan:3") == plain_hash("haravan:3")
    assert not any(resolve().values())
    company.shop_customer(8, phone=4, city=0)
    company.arrive()
    resolve()
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
