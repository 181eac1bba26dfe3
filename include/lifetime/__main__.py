"""Run `refit UNIT`: the next build fits the models of a business unit, also where they are not due."""

import sys

import psycopg2

from include import lifetime, settings

USAGE = "usage: python -m include.lifetime refit UNIT, where UNIT is a business_unit_code"


def main(arguments: list[str]) -> str:
    """Do what is asked of a unit; return what was done, for a person.

    Raises:
        NotAsked: it cannot be done.
    """
    match arguments:
        case ["refit", unit]:
            return lifetime.ask(unit)
    raise lifetime.NotAsked(USAGE)


if __name__ == "__main__":
    try:
        sys.stdout.write(main(sys.argv[1:]) + "\n")
    except (lifetime.NotAsked, settings.SettingMissing, psycopg2.OperationalError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
