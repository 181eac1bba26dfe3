"""The registry: every module beside this one plays the source of its name."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from include.sandbox.channel import Channel
from include.sandbox.world import World


def names() -> list[str]:
    """Return the names of all channels, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def kind(name: str) -> type[Channel]:
    """Return the class that plays the source NAME.

    Raises:
        ModuleNotFoundError: there is no such channel.
    """
    return importlib.import_module(f"{__name__}.{name}").Channel


def secrets(chosen: Iterable[str] | None = None) -> list[str]:
    """Return the names of all secrets that callers of the channels have to show."""
    return [secret for name in chosen or names() for secret in kind(name).SECRETS]


@cache
def private_key(name: str) -> str:
    """Return a private key for the secret NAME, the same within a process; "" where it is no key."""
    algorithm = {key: value for each in names() for key, value in kind(each).PRIVATE_KEYS.items()}.get(name)
    if not algorithm:
        return ""
    made = (
        ec.generate_private_key(ec.SECP256R1())
        if algorithm == "ES256"
        else rsa.generate_private_key(65537, 2048)
    )
    form = serialization.PrivateFormat.PKCS8
    return made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode().strip()


def build(world: World, shown: Mapping[str, str], chosen: Iterable[str] | None = None) -> dict[str, Channel]:
    """Return the channels over a world, by name; SHOWN holds the values of the secrets."""
    built = {name: kind(name)(name, world, shown) for name in chosen or names()}
    for channel in built.values():
        # where few are chosen, there is somebody to meet all the same
        unseen = {name: kind(name)(name, world, shown) for name in channel.MEETS if name not in built}
        channel.meet(built | unseen)
    return built
