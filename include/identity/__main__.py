"""Run `one-customer A B REASON`, `two-customers A B REASON`, `forget A B` or `review [HOW MANY]`."""

import sys

import psycopg2

from include import settings
from include.identity import deciding

SHOWN = 10
"""Pairs that are listed where nothing is said."""
USAGE = (
    "usage: python -m include.identity one-customer A B REASON | two-customers A B REASON | forget A B | "
    "review [HOW MANY], where A and B are an identifier_key or a customer_key"
)


def main(arguments: list[str]) -> str:
    """Do what is asked of two profiles; return what was done, for a person.

    Raises:
        NotDecided: it cannot be decided so.
    """
    match arguments:
        case ["one-customer", one, other, reason]:
            return deciding.decide(one, other, True, reason)
        case ["two-customers", one, other, reason]:
            return deciding.decide(one, other, False, reason)
        case ["forget", one, other]:
            return deciding.forget(one, other)
        case ["review"]:
            return deciding.undecided(SHOWN)
        case ["review", number] if number.isdigit() and int(number):
            return deciding.undecided(int(number))
    raise deciding.NotDecided(USAGE)


if __name__ == "__main__":
    try:
        sys.stdout.write(main(sys.argv[1:]) + "\n")
    except (deciding.NotDecided, settings.SettingMissing, psycopg2.OperationalError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
