"""What profiles say of people, written alike: phones, e-mails and names, so that they can be compared."""

import re
import unicodedata
from collections.abc import Set
from functools import lru_cache

import phonenumbers

MOVED_PREFIXES = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",
    "186": "56", "188": "58", "199": "59",
}  # fmt: skip
"""Mobile prefixes of eleven digits that became ten in September 2018, without the leading zero."""
ELEVEN_DIGITS = re.compile(r"^(?:\+?84|0)(1(?:2\d|6[2-9]|86|88|99))(\d{7})$")
GOOGLE = ("gmail.com", "googlemail.com")
MISTYPED_DOMAINS = {
    "gmial.com": "gmail.com", "gmai.com": "gmail.com", "gmal.com": "gmail.com", "gmil.com": "gmail.com",
    "gamil.com": "gmail.com", "gnail.com": "gmail.com", "gmaill.com": "gmail.com", "gmail.con": "gmail.com",
    "gmail.co": "gmail.com", "gmail.cm": "gmail.com", "gmail.vn": "gmail.com", "gmail.com.vn": "gmail.com",
    "yaho.com": "yahoo.com", "yahooo.com": "yahoo.com", "yahoo.con": "yahoo.com", "yhaoo.com": "yahoo.com",
    "yaho.com.vn": "yahoo.com.vn", "hotmial.com": "hotmail.com", "hotmal.com": "hotmail.com",
    "hotmail.con": "hotmail.com", "outlok.com": "outlook.com", "outloo.com": "outlook.com",
    "outlook.con": "outlook.com", "iclod.com": "icloud.com", "icloud.con": "icloud.com",
}  # fmt: skip
"""Slips in the names of the large providers: joined as they were meant, and shown as they were given."""
HONORIFICS = {
    "anh", "chi", "co", "chu", "bac", "ong", "ba", "em", "cau", "di", "mr", "mrs", "ms", "miss", "mister",
}  # fmt: skip
"""How people are addressed, without accents."""
LONGEST_NAME = 200
"""Characters; what is longer is no name, and comparing its words would take for ever."""
DIGRAPHS = {"ch", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr"}
"""What stands, beside one letter, for a word that begins so: Ng. for Nguyễn, T. or Th. for Thị."""
GENERIC = ({"khach", "hang"}, {"khach", "le"}, {"nguoi", "mua"}, {"guest"})
"""Words that make of a name anybody's."""
SYLLABLE = re.compile(
    r"(b|ch?|d|gh?|gi|h|kh?|l|m|nh?|ngh?|ph?|qu?|r|s|th?|tr|v|x)?"
    r"((uye|ie|ye|oa|oe|oo|ue|uo|uy|a|e|i|o|u|y)(ch?|m|nh?|ng|p|t)?"
    r"|oai|oay|oeo|uay|uya|uyu|uoi|uou|ieu|yeu|ai|ao|au|ay|eo|eu|ia|iu|oi|ua|ui|uu)"
)
"""What a word of Vietnamese can be, without accents."""


def unaccented(text: str) -> str:
    """Return a Vietnamese text without accents, whether they are letters of their own or marks behind them.

    Đ and đ become D and d, the Icelandic Ð and ð that some keyboards give for them as well.
    """
    plain = text.translate(_CROSSED)
    decomposed = unicodedata.normalize("NFD", plain)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


_CROSSED = str.maketrans("ĐđÐð", "DdDd")


@lru_cache(1 << 16)
def normalise_phone(value: str) -> str | None:
    """Return a Vietnamese or international phone number in E.164, None where it is none."""
    digits = re.sub(r"[^\d+]", "", value)
    if moved := ELEVEN_DIGITS.match(digits):
        digits = f"0{MOVED_PREFIXES[moved[1]]}{moved[2]}"
    try:
        number = phonenumbers.parse(digits, "VN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_email(value: str) -> str | None:
    """Return an e-mail address in lower case without tag, None where it is none."""
    name, at, domain = value.strip().lower().rpartition("@")
    if not at or not name or "." not in domain or any(c.isspace() for c in name + domain):
        return None
    name = name.split("+")[0]
    if domain in GOOGLE:
        name, domain = name.replace(".", ""), GOOGLE[0]
    # 320 characters are the longest address that the standard allows
    return f"{name}@{domain}" if name and len(name) + len(domain) < 320 else None


def is_blocked(kind: str, value: str, blocked: Set[tuple[str, str]]) -> bool:
    """Return whether a normalised value names nobody; of e-mails, a mailbox may be blocked at any domain."""
    mailbox = f"{value.split('@')[0]}@" if kind == "email" else value
    return (kind, value) in blocked or (kind, mailbox) in blocked


def as_meant(kind: str, value: str) -> str:
    """Return a normalised value as it joins: an e-mail with a slip in its domain joins the mailbox meant."""
    name, _, domain = value.partition("@")
    if kind != "email" or domain not in MISTYPED_DOMAINS:
        return value
    return normalise_email(f"{name}@{MISTYPED_DOMAINS[domain]}") or value


def normalise_province(value: str) -> str:
    """Return a province's or a city's name without accents, and without saying that it is one."""
    words = " ".join(re.findall(r"[a-z]+", unaccented(value).lower()))
    return re.sub(r"^(thanh pho |tinh |tp )+|( city| province)+$", "", words)


NORMALISE = {
    "phone": normalise_phone,
    "email": normalise_email,
    "loyalty_id": lambda value: value.strip().upper() or None,
    # a profile that its source merged into another: both have it, as source/id
    "merged_id": lambda value: value.strip() or None,
}


@lru_cache(1 << 16)
def normalise_name(value: str | None) -> str:
    """Return a name's words in the order of the alphabet, '' where it does not tell a person.

    Accents, capitals, the order of the words and how somebody is addressed do not tell people apart. One
    word tells nobody, half a family has it; nor does what is masked, or said of any customer.
    """
    if not value or len(value) > LONGEST_NAME or "*" in value:
        return ""
    words = re.findall(r"[^\W\d_]+", unaccented(value).lower())
    # of three, the first may be the family's: Chu Văn An
    if len(words) > 3 and words[0] in HONORIFICS:
        del words[0]
    tells = len(words) > 1 and max(map(len, words)) > 1 and not any(each <= set(words) for each in GENERIC)
    return " ".join(sorted(words)) if tells else ""


def is_full(name: str) -> bool:
    """Return whether a name, as `normalise_name` gives it, has the words of a full one."""
    return name.count(" ") > 1


@lru_cache(1 << 18)
def names_agree(one: str, other: str) -> bool:
    """Return whether two names, as `normalise_name` gives them, can be of one person.

    Each word of the shorter stands in the longer: as it is, abbreviated, or with two neighbours swapped
    where that makes no word of Vietnamese. Letters that are missing or others are not forgiven: Lan and
    Loan, An and Anh, Thảo and Thoa are sisters.
    """
    if one == other:
        return True
    words, rest = sorted((one.split(), other.split()), key=len)
    words, rest = words.copy(), rest.copy()
    for word in [word for word in words if word in rest]:
        if word in rest:
            words.remove(word)
            rest.remove(word)
    for word in words:
        alike = next((each for each in rest if _abbreviates(word, each) or _is_swapped(word, each)), None)
        if alike is None:
            return False
        rest.remove(alike)
    return True


def _abbreviates(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return (len(short) == 1 or short in DIGRAPHS) and long.startswith(short)


def _is_swapped(one: str, other: str) -> bool:
    """Return whether two neighbouring letters changed places, and one of the words is none."""
    apart = [n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    return (
        len(one) == len(other)
        and len(apart) == 2
        and apart[1] == apart[0] + 1
        and one[apart[0]] == other[apart[1]]
        and one[apart[1]] == other[apart[0]]
        and not (SYLLABLE.fullmatch(one) and SYLLABLE.fullmatch(other))
    )
