"""The bearer token of every call: renewed before it expires, and once more where Tiny refuses it."""

from collections.abc import Generator

import httpx

from blocks.tiny.tokens import Tokens

_UNAUTHORIZED = 401


class TinyAuth(httpx.Auth):
    """httpx's way to put a token on a request. Thread-safe. Raises what `Tokens` raises."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The request with a token; after a 401 exactly one renewal and one more attempt."""
        kept = self._tokens.current()
        request.headers["Authorization"] = f"Bearer {kept.access.get_secret_value()}"
        response = yield request
        if response.status_code == _UNAUTHORIZED:
            kept = self._tokens.renewed(after=kept.version)
            request.headers["Authorization"] = f"Bearer {kept.access.get_secret_value()}"
            yield request
