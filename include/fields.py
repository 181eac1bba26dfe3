"""Fields that a source may retire one by one, of which a single one kills the whole call."""

from collections.abc import Callable, Sequence


class FieldsRefused(Exception):
    """The source refuses a call because of at least one of its fields; the text is what it said."""


def bisect(names: Sequence[str], ask: Callable[[Sequence[str]], None]) -> dict[str, str]:
    """Return the fields that ASK is refused for, each with what the source said of it.

    ASK is called with halves of NAMES until each refused one stands alone, so that a retired field
    among many costs a handful of calls, and only itself.
    """
    if not names:
        return {}
    try:
        ask(names)
    except FieldsRefused as refused:
        if len(names) == 1:
            return {names[0]: str(refused)}
        middle = len(names) // 2
        return bisect(names[:middle], ask) | bisect(names[middle:], ask)
    return {}
