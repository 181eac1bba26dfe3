"""The people of the synthetic company, and how each source writes them down.

A person is the truth; a profile is what one source holds of a person. The spellings differ as they
do in life: phones with and without +84, spaces and old prefixes, names without accents, mistyped
e-mails, values shared by a family. Rates follow the world's specification, per profile.
"""

import unicodedata
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from include.sandbox.places import PLACES
from include.sandbox.vocabulary import FAMILY_NAMES, GIVEN_NAMES, HONORIFICS, MIDDLE_NAMES

PREFIXES = (
    "32", "33", "34", "35", "36", "37", "38", "39", "70", "76", "77", "78", "79", "81", "82", "83",
    "84", "85", "86", "88", "89", "90", "91", "93", "94", "96", "97", "98",
)  # fmt: skip
OLD_PREFIXES = {
    "32": "162", "33": "163", "34": "164", "35": "165", "36": "166", "37": "167", "38": "168",
    "39": "169", "70": "120", "79": "121", "77": "122", "76": "126", "78": "128", "83": "123",
    "84": "124", "85": "125", "81": "127", "82": "129",
}  # fmt: skip
"""What mobile prefixes were before September 2018, when eleven digits became ten."""
RENUMBERED = np.datetime64("2018-09-15", "s").astype("int64")
HOTLINE, SHOP_PHONE = "1900636099", "2873001234"
MAIL_DOMAINS = ("gmail.com", "gmail.com", "gmail.com", "yahoo.com.vn", "outlook.com")
MISTYPED_DOMAINS = ("gmial.com", "gmail.con", "gmai.com")
PLACEHOLDERS = ("noreply@shop.example", "a@a.com")


@dataclass(frozen=True)
class Person:
    """One human being, as nobody in the company knows them."""

    gender: int
    family: str
    middle: str
    given: str
    birth_year: int
    phone: str
    """National number without the leading 0."""
    email: str
    place: int
    is_staff: bool
    former_phone: str = ""
    """Number before the SIM was changed; empty for most."""
    changed_at: int = 0

    def phone_at(self, at: int) -> str:
        """Return the person's own number at an epoch second."""
        return self.former_phone if at < self.changed_at else self.phone


@dataclass
class Profiles:
    """What one source knows of people: one entry per profile in every list, oldest first."""

    person: np.ndarray
    created_at: np.ndarray
    names: list[str | None] = field(default_factory=list)
    phones: list[str | None] = field(default_factory=list)
    emails: list[str | None] = field(default_factory=list)
    birth_years: list[int | None] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    """By which id the source shows each, where a channel has said so."""

    def __len__(self) -> int:
        """Return the number of profiles."""
        return len(self.person)

    def only(self, rows: np.ndarray) -> "Profiles":
        """Return the profiles of these rows."""
        names, phones, emails, years = (
            [values[row] for row in rows.tolist()]
            for values in (self.names, self.phones, self.emails, self.birth_years)
        )
        return Profiles(self.person[rows], self.created_at[rows], names, phones, emails, years)


def fold(text: str) -> str:
    """Return a Vietnamese text without accents."""
    decomposed = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def make_people(rng: Generator, count: int) -> list[Person]:
    """Return COUNT persons, their family names as common as in Vietnam."""
    families, weights = list(FAMILY_NAMES), np.array(list(FAMILY_NAMES.values()))
    family = rng.choice(len(families), count, p=weights / weights.sum())
    gender = (rng.random(count) < 0.42).astype(int)
    middle, given = rng.integers(0, 12, count), rng.integers(0, 32, count)
    year = np.clip(rng.normal(1993, 9, count), 1950, 2008).astype(int)
    places = np.array([place.weight for place in PLACES])
    place = rng.choice(len(PLACES), count, p=places / places.sum())
    prefix, tail = rng.integers(0, len(PREFIXES), count), rng.permutation(10_000_000)[:count]
    domain, staff = rng.integers(0, len(MAIL_DOMAINS), count), rng.random(count) < 0.002
    people: list[Person] = []
    for i in range(count):
        names = MIDDLE_NAMES[gender[i]][middle[i]], GIVEN_NAMES[gender[i]][given[i]]
        local = fold(f"{names[1]}{families[family[i]]}").lower().replace(" ", "")
        people.append(
            Person(
                int(gender[i]),
                families[family[i]],
                *names,
                int(year[i]),
                PREFIXES[prefix[i]] + f"{tail[i]:07d}",
                f"{local}{year[i] % 100:02d}.{i}@{MAIL_DOMAINS[domain[i]]}",
                int(place[i]),
                bool(staff[i]),
            )
        )
    return people


def write_profiles(
    rng: Generator, people: list[Person], persons: np.ndarray, created_at: np.ndarray
) -> Profiles:
    """Return profiles of PERSONS as a source would hold them, sorted by time of creation."""
    order = np.lexsort((persons, created_at))
    profiles = Profiles(persons[order], created_at[order])
    chance = rng.random((len(persons), 12))
    whim = rng.integers(0, 1 << 30, (len(persons), 3))
    for i, index in enumerate(profiles.person):
        person, dice, lot = people[index], chance[i], whim[i]
        family = people[int(index) ^ 1] if int(index) ^ 1 < len(people) else person
        profiles.names.append(_name(person, dice, int(lot[0])))
        at = int(profiles.created_at[i])
        own, familys = person.phone_at(at), family.phone_at(at)
        profiles.phones.append(_phone(own, familys, dice, int(lot[1]), at < RENUMBERED))
        profiles.emails.append(_email(person, family, dice, int(lot[2])))
        wrong = 1 if dice[11] < 0.008 else 0
        profiles.birth_years.append(person.birth_year + wrong if dice[11] < 0.4 else None)
    return profiles


def _name(person: Person, dice: np.ndarray, lot: int) -> str:
    parts = [person.family, person.middle, person.given]
    if dice[0] < 0.05:
        parts[0] = "Ng." if person.family == "Nguyễn" else f"{person.family[0]}."
    if 0.05 < dice[0] < 0.15:
        parts = [person.given, person.family, person.middle]
    if 0.15 < dice[0] < 0.25:
        parts.insert(0, HONORIFICS[person.gender][lot % 3])
    if 0.25 < dice[0] < 0.29 and len(person.given) > 2:
        parts[-1] = person.given[0] + person.given[2] + person.given[1] + person.given[3:]
    name = " ".join(parts)
    if dice[1] < 0.35:
        return fold(name)
    if dice[1] < 0.38:
        return unicodedata.normalize("NFD", name)
    if dice[1] < 0.385:
        return name.replace("Đ", "Ð")
    return name


def _phone(own: str, familys: str, dice: np.ndarray, lot: int, is_old: bool) -> str | None:
    if dice[2] > 0.82:
        return None
    number = own
    if dice[3] < 0.03:
        place = 2 + lot % 7
        number = number[:place] + str((int(number[place]) + 1 + lot % 9) % 10) + number[place + 1 :]
    elif dice[3] < 0.05:
        number = familys
    elif dice[3] < 0.055:
        return "0" + SHOP_PHONE
    elif dice[3] < 0.065:
        return HOTLINE
    if is_old and dice[4] < 0.12 and number[:2] in OLD_PREFIXES:
        number = OLD_PREFIXES[number[:2]] + number[2:]
    return spell_phone(number, lot)


def spell_phone(number: str, form: int) -> str:
    """Return a national number as people write it, in one of six ways."""
    return _PHONE_FORMS[form % 6](number)


_PHONE_FORMS = (
    lambda number: f"+84{number}",
    lambda number: f"84{number}",
    lambda number: f"0{number}",
    lambda number: f"0{number[:3]} {number[3:6]} {number[6:]}",
    lambda number: f"0{number[:3]}.{number[3:6]}.{number[6:]}",
    lambda number: f"0{number[:3]}-{number[3:6]}-{number[6:]}",
)


def _email(person: Person, family: Person, dice: np.ndarray, lot: int) -> str | None:
    if dice[5] > 0.48:
        return None
    local, domain = person.email.split("@")
    if dice[6] < 0.08:
        spellings = (
            f"{local.title()}@{domain}",
            f"{local}+shop@{domain}",
            f"{local.upper()}@{domain}",
        )
        return spellings[lot % 3]
    if dice[6] < 0.10:
        return f"{local}@{MISTYPED_DOMAINS[lot % 3]}"
    if dice[6] < 0.11:
        return family.email
    if dice[6] < 0.125:
        return PLACEHOLDERS[lot % 2]
    return person.email
