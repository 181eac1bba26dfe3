"""Calls that are signed: what of a call a vendor wants signed, and where the signature goes."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from requests import PreparedRequest

Sign = Callable[[str, Mapping[str, str]], str]
"""Makes the signature of a path and its parameters."""


def put(request: PreparedRequest, home: str, shown: Mapping[str, str], sign: Sign) -> PreparedRequest:
    """Put what a call shows of itself and its signature into it, in place of those that it has.

    HOME is the address before the vendor's paths: what a proxy has before them is not signed.
    """
    parts = urlsplit(request.url or "")
    asked = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name != "sign" and name not in shown
    ]
    asked += shown.items()
    signature = sign(parts.path.removeprefix(urlsplit(home).path.rstrip("/")), dict(asked))
    request.url = urlunsplit(parts._replace(query=urlencode([*asked, ("sign", signature)])))
    return request


def digest(secret: str, said: str | bytes) -> str:
    """Return the HMAC-SHA256 of what is said, in hexadecimal."""
    said = said.encode() if isinstance(said, str) else said
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def in_order(shown: Mapping[str, str]) -> str:
    """Return parameters as some vendors sign them: by name, each followed by its value."""
    return "".join(f"{name}{shown[name]}" for name in sorted(shown))
