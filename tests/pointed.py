"""Point every source at a sandbox that this process plays."""

from collections.abc import Iterable
from urllib.parse import urlsplit

import pytest

from include import settings
from include.sandbox import channels
from include.sandbox.live import Played
from include.sandbox.stage import EveryKey


def point(patch: pytest.MonkeyPatch, played: Played, chosen: Iterable[str] | None = None) -> None:
    """Let sources find the sandbox's port, its files and the key that opens everything."""
    home, port = played.stage.home, urlsplit(played.url).port
    patch.setattr(settings, "SANDBOX_PORT", port)
    patch.setattr(settings, "PACE", 1e4)
    patch.setattr(settings, "INBOX", home / "inbox")
    patch.setenv("CX_SANDBOX_PORT", str(port))
    patch.setenv("CX_PACE", "1e4")
    patch.setenv("CX_TOKEN_KEY", "a key of the tests")
    for name in channels.names():
        patch.setenv(f"{name.upper()}_FOLDER", str(home / "exports" / name))
        patch.delenv(f"{name.upper()}_URL", raising=False)
    for name in channels.secrets(chosen):
        patch.setenv(name, EveryKey()[name])
