"""As much of GraphQL as is asked of Shopify: selections with arguments, and what they cost."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LARGEST_PAGE = 250
CONNECTIONS = {"lineItems", "refundLineItems", "variants"}
"""Lists that come in pages, wherever they are nested."""
TOKEN = re.compile(r'[\s,]+|#[^\n]*|(?P<word>\.\.\.|[{}():!=@$\[\]]|"(?:[^"\\]|\\.)*"|-?\d+|\w+)')
WORDS = {"true": True, "false": False, "null": None}


class Mistake(Exception):
    """What GraphQL answers to a query that is none."""


@dataclass
class Field:
    """A field that is asked for; what inline fragments ask for is their parent's."""

    name: str
    arguments: dict[str, object] = field(default_factory=dict)
    selection: list["Field"] = field(default_factory=list)

    def asked(self, *path: str) -> list["Field"]:
        """Return what is asked of the field at a path below this one."""
        found = self.selection
        for name in path:
            found = next((each.selection for each in found if each.name == name), [])
        return found


def parse(text: str, variables: Mapping[str, object]) -> list[Field]:
    """Return what a query asks for.

    Raises:
        Mistake: it is no query.
    """
    words = [found["word"] for found in TOKEN.finditer(text) if found["word"]]
    if words[:1] == ["query"]:
        words = words[words.index("{") :] if "{" in words else []
    return _Reader(words, variables).selection()


class _Reader:
    def __init__(self, words: Sequence[str], variables: Mapping[str, object]) -> None:
        self._words = [*words]
        self._variables = variables

    def _take(self, expected: str = "") -> str:
        word = self._words.pop(0) if self._words else ""
        if not word or (expected and word != expected):
            raise Mistake(f'syntax error, unexpected "{word}", expecting {expected or "a name"}')
        return word

    def selection(self) -> list[Field]:
        self._take("{")
        found: list[Field] = []
        while self._words[:1] != ["}"]:
            word = self._take()
            if word == "...":
                self._take("on")
                self._take()
                found += self.selection()
                continue
            each = Field(word)
            if self._words[:1] == ["("]:
                each.arguments = self._arguments()
            if self._words[:1] == ["{"]:
                each.selection = self.selection()
            found.append(each)
        self._take("}")
        return found

    def _arguments(self) -> dict[str, object]:
        self._take("(")
        found: dict[str, object] = {}
        while self._words[:1] != [")"]:
            name = self._take()
            self._take(":")
            found[name] = self._value()
        self._take(")")
        return found

    def _value(self) -> object:
        word = self._take()
        if word == "$":
            return self._variables.get(self._take())
        if word.lstrip("-").isdigit():
            return int(word)
        return WORDS.get(word, word.strip('"'))


def size(asked: Field) -> int:
    """Return how many entries of a connection are asked for.

    Raises:
        Mistake: none are, or too many.
    """
    first = asked.arguments.get("first")
    if not isinstance(first, int):
        raise Mistake("you must provide one of first or last")
    if first > LARGEST_PAGE:
        raise Mistake(f"first cannot exceed {LARGEST_PAGE}")
    return first


def cost(fields: Sequence[Field]) -> int:
    """Return the points of a selection: an object is one, a connection as many as it may show."""
    points = 0
    for each in fields:
        if not each.selection:
            continue
        if "first" in each.arguments:
            entry = 1 + cost(each.asked("nodes"))
            points += 2 + size(each) * entry
        else:
            points += 1 + cost(each.selection)
    return points


def objects(answer: object) -> int:
    """Return how many objects an answer holds: what a query has cost in the end."""
    if isinstance(answer, Mapping):
        return 1 + sum(map(objects, answer.values()))
    return sum(map(objects, answer)) if isinstance(answer, list) else 0


def select(kind: str, record: Mapping[str, object], fields: Sequence[Field]) -> dict[str, object]:
    """Return of a record what is asked for.

    Raises:
        Mistake: it has no such field.
    """
    found: dict[str, object] = {}
    for each in fields:
        if each.name not in record:
            raise Mistake(f"Field '{each.name}' doesn't exist on type '{kind}'")
        value = record[each.name]
        if isinstance(value, Mapping | list) and not each.selection and not _is_plain(value):
            raise Mistake(f"Field must have selections (field '{each.name}')")
        found[each.name] = _selected(each, value)
    return found


def _selected(asked: Field, value: object) -> object:
    if asked.name in CONNECTIONS:
        first = int(str(asked.arguments.get("after") or 0))
        end = first + size(asked)
        page = {
            "hasNextPage": end < len(value), "hasPreviousPage": first > 0,
            "endCursor": str(min(end, len(value))) if value else None,
        }  # fmt: skip
        nodes = [select(asked.name, entry, asked.asked("nodes")) for entry in value[first:end]]
        return {"nodes": nodes, "pageInfo": select("PageInfo", page, asked.asked("pageInfo"))}
    if isinstance(value, Mapping) and asked.selection:
        return select(asked.name, value, asked.selection)
    if isinstance(value, list) and asked.selection:
        return [select(asked.name, entry, asked.selection) for entry in value]
    return value


def _is_plain(value: object) -> bool:
    return isinstance(value, list) and not any(isinstance(entry, Mapping) for entry in value)
