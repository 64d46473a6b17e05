"""Clients as small as they can be, one for each transport: what goes over the wire is seen in the tests."""

import xmlrpc.client
from types import TracebackType
from typing import Any, Self

import httpx

from demo.odoo import OdooProcess

ADMIN = 2


class Failed(Exception):
    """The server answered with an error: what XML-RPC calls the code, or the exception's class, and the text."""


class Client:
    """A connection that sends calls as the administrator."""

    def __init__(self, odoo: OdooProcess) -> None:
        self.odoo = odoo
        self.http = httpx.Client(base_url=odoo.url, trust_env=False, timeout=30, verify=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()


class JsonRpc(Client):
    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        params = [self.odoo.db, ADMIN, self.odoo.password, model, method, list(args), kwargs]
        return self.decoded(self.post(*params))

    def post(self, *params: Any, service: str = "object", method: str = "execute_kw") -> httpx.Response:
        body = {"jsonrpc": "2.0", "method": "call", "id": 7}
        return self.http.post(
            "/jsonrpc", json={**body, "params": {"service": service, "method": method, "args": params}}
        )

    @staticmethod
    def decoded(response: httpx.Response) -> Any:
        answer = response.json()
        if "error" in answer:
            raise Failed(answer["error"]["data"]["name"], answer["error"]["data"]["message"])
        return answer.get("result")


class XmlRpc(Client):
    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        params = (self.odoo.db, ADMIN, self.odoo.password, model, method, list(args), kwargs)
        return self.decoded(self.post(xmlrpc.client.dumps(params, "execute_kw", allow_none=True).encode()))

    def post(self, body: bytes, path: str = "/xmlrpc/2/object") -> httpx.Response:
        return self.http.post(path, content=body, headers={"Content-Type": "text/xml"})

    @staticmethod
    def decoded(response: httpx.Response) -> Any:
        try:
            return xmlrpc.client.loads(response.content)[0][0]
        except xmlrpc.client.Fault as fault:
            raise Failed(fault.faultCode, fault.faultString) from None


class Json2(Client):
    def call(self, model: str, method: str, **arguments: Any) -> Any:
        return self.decoded(self.post(model, method, arguments))

    def post(self, model: str, method: str, body: Any, **headers: str) -> httpx.Response:
        given = {"Authorization": f"bearer {self.odoo.api_key}", "X-Odoo-Database": self.odoo.db, **headers}
        return self.http.post(f"/json/2/{model}/{method}", json=body, headers=given)

    @staticmethod
    def decoded(response: httpx.Response) -> Any:
        answer = response.json()
        if response.is_error:
            raise Failed(answer["name"], answer["message"])
        return answer
