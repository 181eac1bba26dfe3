"""How well the people of the sandbox's company are told apart, held against its truth."""

import csv

from include import settings
from include.identity.joining import Profile, customer_keys
from include.identity.values import NORMALISE, as_meant, is_blocked, normalise_name
from include.sandbox import channels, truth
from include.sandbox.stage import EveryKey
from include.sandbox.truth import Known
from include.sandbox.world import World

Labels = dict[str, object]


def known(company: World) -> list[Known]:
    """Return every profile that a channel shows of somebody."""
    return list(truth.profiles(channels.build(company, EveryKey())))


def identify(profiles: list[Known]) -> Labels:
    """Return the customer of each profile, as the warehouse joins them."""
    blocked = blocked_values()
    held = []
    for profile in profiles:
        for kind, value in (("phone", profile.phone), ("email", profile.email)):
            normal = NORMALISE[kind](value) if value else None
            if normal and not is_blocked(kind, normal, blocked):
                held.append((profile.key, kind, as_meant(kind, normal)))
    keys = customer_keys(
        (
            Profile(
                each.key, each.source, each.identifier, None, 1, own_key=each.key,
                name=normalise_name(each.name), birth_year=each.birth_year,
            )
            for each in profiles
        ),
        held,
    )  # fmt: skip
    return {key: customer for key, (customer, _) in keys.items()}


def measure(company: World) -> tuple[Labels, Labels, Labels]:
    """Return by profile: the customer found, the person it is, and the person as far as it can be known."""
    profiles = known(company)
    whose = {profile.key: profile.person for profile in profiles}
    return identify(profiles), whose, truth.linkable(company, profiles)


def blocked_values() -> set[tuple[str, str]]:
    """Return the values that name nobody."""
    with (settings.DBT_PROJECT / "seeds" / "blocked_identifiers.csv").open() as file:
        return {(row["identifier_type"], row["identifier_value"]) for row in csv.DictReader(file)}
