"""The simulator as a child process, started and stopped the same way by everything that uses it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx

from demo.simulators import simulator, steer
from demo.tiny.oauth import Client
from demo.tiny.simulator import API, AUTH, TOKEN

_CALLBACK: Final = "http://127.0.0.1:1/callback"  # nobody listens: the code is read from the redirect itself


@dataclass(frozen=True)
class TinyProcess:
    """A simulator that is serving: where, and as whom to authorise."""

    url: str
    pid: int
    log: Path  # its output
    client_id: str = Client.id
    client_secret: str = Client.secret

    @property
    def api(self) -> str:
        """The base of the API's paths."""
        return f"{self.url}{API}"

    @property
    def auth_url(self) -> str:
        """Where a person consents."""
        return f"{self.url}{AUTH}"

    @property
    def token_url(self) -> str:
        """Where codes and refresh tokens are exchanged."""
        return f"{self.url}{TOKEN}"

    def control(self, verb: str, /, **body: Any) -> dict[str, Any]:
        """Use the control surface, see `demo.tiny.control`."""
        return steer(self.url, verb, body)

    def authorize(self) -> dict[str, Any]:
        """Consent as a person would, and exchange the code; answers what the token endpoint does.

        Raises:
            httpx.HTTPStatusError: the exchange was refused.
        """
        with httpx.Client(trust_env=False, timeout=30, verify=False) as client:
            wanted = {"response_type": "code", "scope": "openid", "redirect_uri": _CALLBACK}
            consented = client.get(self.auth_url, params={**wanted, "client_id": self.client_id})
            code = parse_qs(urlsplit(consented.headers["Location"]).query)["code"][0]
            secret = {"client_id": self.client_id, "client_secret": self.client_secret}
            form = {"grant_type": "authorization_code", "code": code, "redirect_uri": _CALLBACK, **secret}
            response = client.post(self.token_url, data=form).raise_for_status()
        tokens: dict[str, Any] = response.json()
        return tokens


@contextmanager
def tiny_process(**options: object) -> Iterator[TinyProcess]:
    """Run a simulator in a block, with options such as `orders=40, quota=60, minute=1.5, drift="off"`."""
    with simulator("the Tiny simulator", "demo.tiny", options) as (url, child):
        client = Client(str(options.get("client_id", Client.id)), str(options.get("client_secret", Client.secret)))
        yield TinyProcess(url, child.pid, child.log, client.id, client.secret)
