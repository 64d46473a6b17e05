"""Puts the access token on every call; renews it before it expires, and once more if Tiny refuses it (401)."""

from collections.abc import Generator

import httpx

from blocks.tiny.tokens import Tokens

_UNAUTHORIZED = 401


class TinyAuth(httpx.Auth):
    """The authentication of an httpx client. Thread-safe. Raises the errors of `Tokens`."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with a token; after a 401, renew the token once and send it once more."""
        kept = self._tokens.current()
        request.headers["Authorization"] = f"Bearer {kept.access.get_secret_value()}"
        response = yield request
        if response.status_code == _UNAUTHORIZED:
            kept = self._tokens.renewed(after=kept.version)
            request.headers["Authorization"] = f"Bearer {kept.access.get_secret_value()}"
            yield request
