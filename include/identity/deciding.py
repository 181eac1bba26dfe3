"""What a person decides of two profiles: that they are one customer, or are not.

A decision wins over every rule, is kept until it is taken back, and takes effect with the next build.
"""

import getpass

from psycopg2.extensions import cursor as Cursor

from include import warehouse

WHERE = "`select * from identity.decisions` has all"


class NotDecided(Exception):
    """What was asked for cannot be decided so; the message says why and what to do."""


def decide(one: str, other: str, is_one_person: bool, reason: str) -> str:
    """Keep that two profiles are one person, or are not; return a sentence for whoever asked.

    ONE and OTHER are an `identifier_key` (haravan:1036000001), or a `customer_key`, which stands for the
    profile that gave it.

    Raises:
        NotDecided: there is no reason, no such profile, both are one, or it is decided so already.
    """
    if not reason.strip():
        raise NotDecided("say why, for those who ask later: REASON.")
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        first, second = sorted((_profile(cursor, one), _profile(cursor, other)))
        if first == second:
            raise NotDecided(f"{one} and {other} are one profile, {first}: there is nothing to decide.")
        cursor.execute(
            "insert into identity.decisions (one, other, is_one_person, reason, decided_by) "
            "values (%s, %s, %s, %s, %s) on conflict (one, other) do update set "
            "is_one_person = excluded.is_one_person, reason = excluded.reason, "
            "decided_by = excluded.decided_by, decided_at = clock_timestamp() "
            "where decisions.is_one_person <> excluded.is_one_person",
            (first, second, is_one_person, reason, getpass.getuser()),
        )
        if not cursor.rowcount:
            raise NotDecided(
                f"It is decided so of {first} and {second} already: `select * from identity.decisions`."
            )
    what = "are one customer" if is_one_person else "are two customers"
    return f"{first} and {second} {what} from the next build on."


def forget(one: str, other: str) -> str:
    """Take a decision back; return a sentence for whoever asked.

    Raises:
        NotDecided: there is no such profile, or nothing was decided of the two.
    """
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        first, second = sorted((_profile(cursor, one), _profile(cursor, other)))
        cursor.execute("delete from identity.decisions where one = %s and other = %s", (first, second))
        if not cursor.rowcount:
            raise NotDecided(
                f"Nothing was decided of {first} and {second}: `select * from identity.decisions`."
            )
    return f"The rules decide of {first} and {second} again, from the next build on."


def _profile(cursor: Cursor, name: str) -> str:
    cursor.execute("select to_regclass('identity.decisions')")
    if not cursor.fetchone()[0]:
        raise NotDecided("Nobody is known yet: the first build makes the tables of who is who.")
    cursor.execute(
        "select identifier_key from identity.identity_map "
        "where identifier_key = %s or (own_key = %s and customer_key = own_key)",
        (name, name),
    )
    found = cursor.fetchone()
    if not found:
        raise NotDecided(
            f"There is no profile or customer {name!r}: give an identifier_key such as haravan:1036000001, "
            "or a customer_key; `select identifier_key, customer_key from identity.identity_map` has all."
        )
    return found[0]
