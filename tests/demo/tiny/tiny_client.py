"""A plain client of the simulator: no retries, no renewal, answers as they come."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from demo.tiny import TinyProcess

CALLBACK = "http://127.0.0.1:8765/callback"


class Api:
    """Calls with one access token; the simulator's control verbs beside them."""

    def __init__(self, tiny: TinyProcess, token: str = "") -> None:
        self.tiny = tiny
        self.token = token or tiny.authorize()["access_token"]

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.tiny.api}{path}"
        return httpx.get(url, params=parameters, headers=headers, trust_env=False, timeout=20, verify=False)

    def page(self, **parameters: Any) -> httpx.Response:
        return self.get("/ordem-servico", **parameters)

    def ids(self, **parameters: Any) -> list[int]:
        """The ids on one page."""
        answer = self.page(**parameters)
        return [] if answer.status_code == 204 else [item["id"] for item in answer.json()["itens"]]

    def detail(self, id_: int) -> httpx.Response:
        return self.get(f"/ordem-servico/{id_}")

    def items(self, **parameters: Any) -> list[dict[str, Any]]:
        """All pages."""
        items: list[dict[str, Any]] = []
        while (answer := self.page(offset=len(items), **parameters)).status_code == 200:
            items += answer.json()["itens"]
        return items

    def stored(self) -> list[dict[str, Any]]:
        """The orders as a person knows them."""
        orders: list[dict[str, Any]] = self.tiny.control("orders")["orders"]
        return orders


def consent(tiny: TinyProcess, **parameters: str) -> dict[str, str]:
    """What the consent page puts into its redirect."""
    wanted = {
        "response_type": "code",
        "client_id": tiny.client_id,
        "redirect_uri": CALLBACK,
        "state": "x",
        **parameters,
    }
    answer = httpx.get(tiny.auth_url, params=wanted, trust_env=False, verify=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(CALLBACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def exchange(tiny: TinyProcess, **form: str) -> httpx.Response:
    """A call of the token endpoint."""
    secret = {"client_id": tiny.client_id, "client_secret": tiny.client_secret}
    return httpx.post(tiny.token_url, data={**secret, **form}, trust_env=False, verify=False)


def renew(tiny: TinyProcess, token: str) -> httpx.Response:
    """A renewal."""
    return exchange(tiny, grant_type="refresh_token", refresh_token=token)
