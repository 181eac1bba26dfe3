"""Numbers as people write them, in Vietnamese (1.234,5 · 12,5 tr ₫) and English (1,234.5 · ₫12.5M).

Python's `locale` would need the host's Vietnamese locale installed, and is process-wide.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

LANGUAGES = ("vi", "en")
NO_BREAK = "\N{NO-BREAK SPACE}"
SYMBOLS = {"VND": "₫", "USD": "US$", "EUR": "€", "THB": "฿", "SGD": "S$"}
WITHOUT_DECIMALS = {"VND", "JPY", "KRW"}
SHORT = ((1e9, NO_BREAK + "tỷ", "B"), (1e6, NO_BREAK + "tr", "M"))
DURATIONS = ((3600, "giờ", "h"), (60, "phút", "min"), (1, "giây", "s"))


class Text(NamedTuple):
    """One text in the languages that everything delivered speaks."""

    vi: str
    en: str

    def of(self, language: str) -> str:
        """Return the text in one of `LANGUAGES`."""
        return self.vi if language == "vi" else self.en


def both(write: Callable[[str], str]) -> Text:
    """Return what WRITE gives for each of `LANGUAGES`."""
    return Text(*(write(language) for language in LANGUAGES))


def number(value: float, digits: int, language: str, sign: bool = False) -> str:
    """Return VALUE with DIGITS decimals and the language's separators; SIGN shows a plus too."""
    # what is shown as nought has no sign
    value = round(value, digits) or 0
    text = f"{value:{'+' if sign else ''},.{digits}f}".replace("-", "\N{MINUS SIGN}")
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def short(value: float, language: str) -> str:
    """Return VALUE in three significant digits, with the word for million or billion from there."""
    size, word = 1.0, ""
    for each, vi, en in SHORT:
        if abs(value) >= each * 0.9995:
            size, word = each, vi if language == "vi" else en
            break
    scaled = value / size
    digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
    kept = len(f"{scaled:.{digits}f}".rstrip("0").partition(".")[2])
    return number(scaled, kept, language) + word


def money(text: str, currency: str, language: str) -> str:
    """Return a written number with its currency: behind it in Vietnamese, before it in English."""
    symbol = SYMBOLS.get(currency, currency)
    if language == "vi":
        return f"{text}{NO_BREAK}{symbol}"
    minus = "\N{MINUS SIGN}" if text.startswith("\N{MINUS SIGN}") else ""
    gap = NO_BREAK if symbol.isalpha() else ""
    return minus + symbol + gap + text.removeprefix(minus)


@dataclass(frozen=True)
class Measure:
    """What a value counts: `money` (of a currency), `count`, `score`, `share`, `seconds` or `number`."""

    kind: str
    currency: str = ""

    def full(self, value: float | None, language: str) -> str:
        """Return VALUE for a table or a tooltip; a dash where there is none."""
        if value is None:
            return "–"
        match self.kind:
            case "money":
                digits = 0 if self.currency in WITHOUT_DECIMALS else 2
                return money(number(value, digits, language), self.currency, language)
            case "share":
                return f"{number(value * 100, 1, language)}%"
            case "seconds":
                size, vi, en = _duration(value)
                word = vi if language == "vi" else en
                return f"{number(value / size, 0 if size == 1 else 1, language)}{NO_BREAK}{word}"
            case "score":
                return number(value, 1, language)
            case "number":
                return number(value, 0 if value == round(value) or abs(value) >= 100 else 2, language)
        return number(value, 0, language)

    def brief(self, value: float | None, language: str) -> str:
        """Return VALUE for a tile: like `full`, with large sums shortened."""
        if value is None or self.kind not in ("money", "count"):
            return self.full(value, language)
        if self.kind == "money":
            return money(short(value, language), self.currency, language)
        return number(value, 0, language) if abs(value) < 1e6 else short(value, language)

    def change(self, now: float | None, before: float | None, language: str) -> str | None:
        """Return how far NOW is from BEFORE: in points for a score or a share, else in per cent."""
        if now is None or before is None:
            return None
        match self.kind:
            case "score":
                words = Text(" điểm", " pts").of(language)
                return number(now - before, 1, language, sign=True) + words
            case "share":
                words = Text(" điểm %", " pp").of(language)
                return number((now - before) * 100, 1, language, sign=True) + words
        return number((now / before - 1) * 100, 1, language, sign=True) + "%" if before else None

    def scale(self, values: Sequence[float]) -> tuple[list[float], dict[str, list[str]]]:
        """Return about five round marks that span VALUES, and their words per language.

        Money, counts and numbers start at zero, because bars are compared by their length.
        """
        low, high = min(values, default=0.0), max(values, default=1.0)
        size, vi, en = 1.0, "", ""
        match self.kind:
            case "share":
                size, vi, en = 0.01, "%", "%"
                # a net share may be below nothing; one of all cannot
                low = min(low, max(0.0, low - 0.05))
            case "seconds":
                low = 0.0
                size, vi, en = _duration(high)
                vi, en = NO_BREAK + vi, NO_BREAK + en
            case "money" | "count" | "number":
                low, high = min(low, 0.0), max(high, 0.0)
        marks = _round_marks(low / size, high / size)
        words = {}
        for language, word in zip(LANGUAGES, (vi, en), strict=True):
            texts = [short(mark, language) for mark in marks]
            if self.kind == "money":
                texts = [money(text, self.currency, language) for text in texts]
            words[language] = [text + word for text in texts]
        return [mark * size for mark in marks], words


def measure_of(unit: str, currency: str, otherwise: str = "number") -> Measure:
    """Return the measure of what the catalogue counts in UNIT; OTHERWISE is that of things and people."""
    if unit == "currency" or unit == currency:
        return Measure("money", currency)
    return Measure(unit if unit in ("share", "score", "seconds") else otherwise)


def _duration(seconds: float) -> tuple[float, str, str]:
    """Return the largest unit of which SECONDS holds at least one and a half, with its words."""
    return next((each for each in DURATIONS if abs(seconds) >= 1.5 * each[0]), DURATIONS[-1])


def _round_marks(low: float, high: float) -> list[float]:
    """Return multiples of 1, 2, 2.5 or 5 times a power of ten from below LOW to above HIGH."""
    # one value alone, or none, still needs an axis
    high = max(high, low + max(1.0, abs(low) * 0.02))
    span = high - low
    power = 10 ** math.floor(math.log10(span / 5))
    step = next((s * power for s in (1, 2, 2.5, 5) if span / (s * power) <= 5.5), 10 * power)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(index * step, 10) for index in range(first, max(last, first + 1) + 1)]
