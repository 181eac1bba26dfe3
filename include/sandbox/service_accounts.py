"""Google's service accounts, as its token endpoint knows them: what a key has signed gets an access token."""

import hashlib
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fastapi import HTTPException, Request


class ServiceAccount:
    """One account; who holds its private key may have an access token for a SCOPE."""

    def __init__(self, private_key: str, scope: str) -> None:
        self._public = load_pem_private_key(private_key.encode(), None).public_key()
        self._scope = scope
        self._token = hashlib.sha256(private_key.encode()).hexdigest()

    async def grant(self, request: Request) -> dict[str, object]:
        """Return an access token for an assertion that the key has signed.

        Raises:
            HTTPException: another key has, or for another scope.
        """
        form = parse_qs((await request.body()).decode())
        try:
            claims = jwt.decode(
                form["assertion"][0], self._public, ["RS256"],
                options={"verify_aud": False, "require": ["exp"]},
            )  # fmt: skip
        except (KeyError, jwt.InvalidTokenError) as error:
            raise HTTPException(400, "invalid_grant") from error
        if self._scope not in str(claims.get("scope")).split():
            raise HTTPException(400, "invalid_scope")
        return {"access_token": self._token, "expires_in": 3599, "token_type": "Bearer"}

    def is_borne(self, request: Request) -> bool:
        """Return whether a request bears the access token."""
        return request.headers.get("authorization") == f"Bearer {self._token}"
