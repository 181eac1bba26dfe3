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
    return {key: customer for key, (customer, _) in _joined(profiles, held(profiles)).items()}


def held(profiles: list[Known]) -> list[tuple[str, str, str]]:
    """Return what each profile is known by, as it joins: its key, kind and value."""
    blocked, found = blocked_values(), []
    for profile in profiles:
        for kind, value in (("phone", profile.phone), ("email", profile.email)):
            normal = NORMALISE[kind](value) if value else None
            if normal and not is_blocked(kind, normal, blocked):
                found.append((profile.key, kind, as_meant(kind, normal)))
    return found


def _joined(profiles: list[Known], said: list[tuple[str, str, str]]) -> dict[str, tuple[str, str]]:
    return customer_keys(
        (
            Profile(
                each.key, each.source, each.identifier, None, 1, own_key=each.key,
                name=normalise_name(each.name), birth_year=each.birth_year,
            )
            for each in profiles
        ),
        said,
    )  # fmt: skip


def measure(company: World) -> tuple[Labels, Labels, Labels]:
    """Return by profile: the customer found, the person it is, and the person as far as it can be known."""
    profiles = known(company)
    whose = {profile.key: profile.person for profile in profiles}
    return identify(profiles), whose, truth.linkable(company, profiles)


def blocked_values() -> set[tuple[str, str]]:
    """Return the values that name nobody."""
    with (settings.DBT_PROJECT / "seeds" / "blocked_identifiers.csv").open() as file:
        return {(row["identifier_type"], row["identifier_value"]) for row in csv.DictReader(file)}
