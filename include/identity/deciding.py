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


def undecided(limit: int) -> str:
    """Return who may be one person and is not, the likeliest first, as a table for whoever decides.

    Raises:
        NotDecided: nothing was scored yet.
    """
    with warehouse.transaction("cx_transformer") as connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('identity.likely_pairs')")
        if not cursor.fetchone()[0]:
            raise NotDecided(NOBODY)
        cursor.execute(_UNDECIDED, (limit,))
        rows = cursor.fetchall()
    if not rows:
        return "Nobody is left to decide of."
    lines = []
    for place, (probability, *said) in enumerate(rows):
        mark = f"{probability:.2f}" if place % 2 == 0 else "    "
        lines.append(f"{mark}  {' · '.join(str(value or '–') for value in said)}")
    return "\n".join((*lines, "", "Decide with one-customer or two-customers, and a reason."))


NOBODY = "Nobody is known yet: the first build makes the tables of who is who."
_UNDECIDED = """
with pairs as (
    select
        p.one, p.other, p.probability,
        row_number() over (order by p.probability desc, p.one, p.other) as place
    from identity.likely_pairs as p
    inner join identity.identity_map as ours on ours.identifier_key = p.one
    inner join identity.identity_map as theirs on theirs.identifier_key = p.other
    left join identity.decisions as d on d.one = p.one and d.other = p.other
    where ours.customer_key <> theirs.customer_key and d.one is null
    order by place
    limit %s
)
select
    pairs.probability, m.identifier_key, max(c.full_name), max(c.birth_year), max(c.city), max(k.phone),
    max(k.email)
from pairs
inner join identity.identity_map as m on m.identifier_key in (pairs.one, pairs.other)
left join intermediate.int_customers_unioned as c
    on c.source_key = m.source_key and c.profile_id = m.profile_id
left join identity.profile_contacts as k on k.identifier_key = m.identifier_key
group by pairs.place, pairs.probability, m.identifier_key
order by pairs.place, m.identifier_key
"""


def _profile(cursor: Cursor, name: str) -> str:
    cursor.execute("select to_regclass('identity.decisions')")
    if not cursor.fetchone()[0]:
        raise NotDecided(NOBODY)
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
