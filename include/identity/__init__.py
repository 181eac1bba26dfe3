"""Who is who: profiles of one person are one customer, under a key that persists.

`values` writes phones, e-mails and names alike; values that name nobody are dropped (blocked, or shared
by too many), and `joining` says which profiles are one person; what a person decides wins (`deciding`). A
customer's key belongs to the oldest profile of its component, so the oldest survives a merge, and a split
gives the parts their former keys back. Each profile is given its key once: a keyed hash, because readers
see it, and a plain one of a source's id, which may be a phone number, would be found by trying them all.
The map is a pure function of the profiles, their keys and their order of arrival, and of the decisions: a
run over what is new gives the labels of a full rebuild. Only rows that differ are written, and they are
logged for the models that follow.
"""

import hmac
from collections import Counter

from psycopg2.extensions import cursor as Cursor

from include import settings, warehouse
from include.identity import likely, reading, writing
from include.identity.joining import Decision, Profile, customer_keys, uncollected
from include.identity.reaching import Reached, Value
from include.identity.tables import TABLES


def _keyed(profile: Profile, secret: bytes) -> Profile:
    """Return a profile with a key of its own, the one that it has if it has one."""
    digest = hmac.digest(secret, profile.identifier_key.encode(), "sha256").hex()
    return profile._replace(own_key=profile.own_key or f"c{digest[:15]}")


def resolve(batch_id: int) -> Counter[str]:
    """Bring `identity_map` up to date for a batch; return what changed, by kind of change.

    Whom no change reaches is not looked at; everybody is once a week, when scores are due, and when the rules
    are others.

    Raises:
        SettingMissing: there is no CX_CUSTOMER_SECRET.
    """
    secret = settings.secret("CX_CUSTOMER_SECRET").encode()
    with (
        uncollected(),
        warehouse.transaction("cx_transformer") as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(TABLES + likely.TABLES)
        blocked, decisions = reading.blocked_values(cursor), reading.decisions(cursor)
        rules_hash = reading.rules_hash(blocked)
        is_scored = not likely.is_due(cursor)
        reached = None
        if is_scored and _rules_in_force(cursor) == rules_hash:
            reached = _reached(cursor, batch_id, blocked, decisions)
        of = reached.profiles if reached else None
        profiles = [_keyed(profile, secret) for profile in reading.profiles(cursor, batch_id, of)]
        identifiers = reading.identifiers(cursor, blocked, of)
        strong = reading.joining_values(identifiers)
        if reached:
            strong = [each for each in strong if each[1:] not in reached.silent]
        if not is_scored:
            customers = {
                key: customer for key, (customer, _) in customer_keys(profiles, strong, decisions).items()
            }
            likely.find(cursor, batch_id, profiles, strong, customers)
        pairs = likely.joined(cursor)
        keys = customer_keys(profiles, strong, decisions, pairs, reached.strangers if reached else ())
        changes = writing.write_map(
            cursor, batch_id, profiles, keys, writing.Causes(strong, decisions, pairs), of
        )
        contacts = writing.keep(
            cursor, batch_id, "profile_contacts", writing.contacts(profiles, identifiers), of
        )
        writing.keep(cursor, batch_id, "full_names", writing.full_names(profiles), of)
        households = writing.keep(
            cursor, batch_id, "households", writing.households(profiles, strong, keys),
            _customers(cursor, batch_id, keys) if reached else None,
        )  # fmt: skip
        changes.update(
            contacts_changed=contacts[0], contacts_gone=contacts[1], households_changed=sum(households)
        )
        changes += writing.write_identifiers(cursor, batch_id, keys.keys(), identifiers, of)
        writing.note_decisions(cursor, decisions)
        if not reached:
            writing.note_rules(cursor, rules_hash)
            # what is built next joins to these, and the server would look at them a minute late
            cursor.execute(
                "analyze identity.identity_map, identity.identity_history, identity.profile_contacts, "
                "identity.households"
            )
        return changes


def _rules_in_force(cursor: Cursor) -> str | None:
    cursor.execute("select rules_hash from identity.rules")
    found = cursor.fetchone()
    return found[0] if found else None


def _reached(cursor: Cursor, batch_id: int, blocked: set[Value], decisions: list[Decision]) -> Reached | None:
    """Return whom it reaches what changed since the published batch; None where everybody is asked."""
    changed = reading.changed(cursor, decisions)
    if changed is None:
        return None
    said = reading.joining_values(reading.identifiers(cursor, blocked, changed))
    now = reading.profiles(cursor, batch_id, changed)
    former = reading.decisions(cursor, "decisions_applied")
    return reading.reached(cursor, changed, said, now, [*decisions, *former, *likely.joined(cursor)])


def _customers(cursor: Cursor, batch_id: int, keys: dict[str, tuple[str, str]]) -> set[str]:
    """Return the customers that profiles are, or were before this batch."""
    cursor.execute("select customer_key from changed.identity_map where batch_id = %s", (batch_id,))
    return {customer for customer, _ in keys.values()} | {customer for (customer,) in cursor.fetchall()}
