"""The three protocols of Odoo: pure functions that build an `httpx.Request` and decode an `httpx.Response`.

XML-RPC (`/xmlrpc/2`) and JSON-RPC (`/jsonrpc`) carry positional and named arguments and give the same results. JSON-2
(`/json/2/<model>/<method>`, Odoo 19 and later) takes named arguments and an API key only. See docs/odoo.md, "Protocols"
and
https://www.odoo.com/documentation/19.0/developer/reference/external_api.html

A decoder returns the method's result or raises an `OdooError` that never quotes the request: its body holds the secret.
"""

import xmlrpc.client
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import httpx

from blocks.odoo.encoding import GARBAGE, json_body, json_value, xml_body, xml_value
from blocks.odoo.errors import AccessDenied
from blocks.odoo.faults import (
    USER_ERROR,
    Account,
    ServerFault,
    fault_error,
    last_of_traceback,
    not_rpc,
    spoilt,
    status_error,
    unknown_database,
)

Protocol = Literal["auto", "jsonrpc", "xmlrpc", "json2"]


@dataclass(frozen=True)
class Call:
    """One method of one model, as `execute_kw` takes it."""

    model: str
    method: str
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def within(self, context: Mapping[str, Any]) -> "Call":
        """The same call in an Odoo context (language, archived records)."""
        return replace(self, kwargs={**self.kwargs, "context": dict(context)})


@dataclass(frozen=True)
class Wire:
    """One protocol.

    Attributes:
        ping: the request of its cheapest call.
        version: the request for the server's version.
        authenticate: the request for the user's id.
        uid: takes the user's id out of the decoded answer to `authenticate`; a false value if login was refused.
        execute: the request that calls a method as the user with that id.
        decode: the result in an answer.
        by_uid: whether `execute` uses the user's id.
    """

    ping: Callable[[Account], httpx.Request]
    version: Callable[[Account], httpx.Request]
    authenticate: Callable[[Account], httpx.Request]
    uid: Callable[[Any], Any]
    execute: Callable[[Account, int, Call], httpx.Request]
    decode: Callable[[httpx.Response, Account], Any]
    by_uid: bool = True


_HEADERS = {"User-Agent": "sincronia", "Accept-Encoding": "gzip, deflate"}


def _request(account: Account, path: str, body: bytes, content_type: str, **headers: str) -> httpx.Request:
    return httpx.Request(
        "POST",
        _under(account.url, path),
        content=body,
        headers={"Content-Type": content_type, **_HEADERS, **headers},
    )


def _under(base: httpx.URL, path: str) -> httpx.URL:
    return base.copy_with(path=base.path.rstrip("/") + path)


# XML-RPC

_FAULTS = {2: USER_ERROR, 3: "odoo.exceptions.AccessDenied", 4: "odoo.exceptions.AccessError"}
_XML_ANSWER = b"</methodResponse>"
_NONE_RESULT = "cannot marshal None unless allow_none is enabled"


def _xml_request(account: Account, service: str, method: str, *params: Any) -> httpx.Request:
    return _request(account, f"/xmlrpc/2/{service}", xml_body(method, params), "text/xml")


def _xml_decode(response: httpx.Response, account: Account) -> Any:
    if error := status_error(response, account):
        raise error
    try:
        result = xml_value(response.content)
    except xmlrpc.client.Fault as fault:
        code, text = fault.faultCode, str(fault.faultString)
    else:
        if result is GARBAGE and response.is_success and _XML_ANSWER in response.content:
            raise spoilt(account)
        if result is GARBAGE or not response.is_success:
            raise not_rpc(response, account)
        return result
    known = isinstance(code, int) and code in _FAULTS
    said = ServerFault(_FAULTS[code], text) if known else last_of_traceback(text)
    if said == ServerFault("TypeError", _NONE_RESULT):
        return None  # the method ran and was committed (docs/odoo.md, "Dropped connections")
    raise fault_error(said, account)


# JSON-RPC


def _json_request(account: Account, service: str, method: str, *args: Any) -> httpx.Request:
    params = {"service": service, "method": method, "args": args}
    body = json_body({"jsonrpc": "2.0", "method": "call", "params": params, "id": 1})
    return _request(account, "/jsonrpc", body, "application/json")


def _json_decode(response: httpx.Response, account: Account) -> Any:
    if error := status_error(response, account):
        raise error
    reply = json_value(response.content)
    if not response.is_success or not isinstance(reply, dict) or reply.get("jsonrpc") != "2.0":
        raise not_rpc(response, account)
    if error := reply.get("error"):
        raise fault_error(_json_fault(error), account)
    return reply.get("result")  # absent when the method returned None


# JSON-2

_POSITIONS: Mapping[str, Sequence[str]] = {
    "search": ("domain", "offset", "limit", "order"),
    "search_read": ("domain", "fields", "offset", "limit", "order"),
    "search_count": ("domain", "limit"),
    "read": ("ids", "fields", "load"),
    "exists": ("ids",),
    "fields_get": ("allfields", "attributes"),
}
"""By method, the names of its positional arguments: JSON-2 takes named arguments only."""


def _json2_request(account: Account, call: Call) -> httpx.Request:
    named = {**dict(zip(_POSITIONS.get(call.method, ()), call.args, strict=False)), **call.kwargs}
    if len(call.args) > len(_POSITIONS.get(call.method, ())):
        raise ValueError(f"JSON-2 só aceita argumentos nomeados: {call.model}.{call.method}")
    secret = account.secret.get_secret_value()
    if not (secret.isascii() and secret.isprintable()):  # httpx would show the header in its error
        raise AccessDenied(f"A chave de API para {account.place} tem caracteres que não cabem em um cabeçalho HTTP.")
    if not (account.db.isascii() and account.db.isprintable()):  # a header holds no other name, and Odoo knows none
        raise unknown_database(account)
    return _request(
        account,
        f"/json/2/{call.model}/{call.method}",
        json_body(named),
        "application/json; charset=utf-8",
        **{"Authorization": f"bearer {secret}", "X-Odoo-Database": account.db},
    )


def _json2_decode(response: httpx.Response, account: Account) -> Any:
    if error := status_error(response, account):
        raise error
    reply = json_value(response.content)
    if response.is_success and reply is not GARBAGE:
        return reply
    if isinstance(reply, dict) and "name" in reply:
        raise fault_error(_json_fault(reply), account)
    raise not_rpc(response, account)


# shared by both JSON protocols


def _json_fault(error: Any) -> ServerFault:
    """The exception that an error tells, in its `data` if it has any; a server in trouble sends any shape."""
    told = error if isinstance(error, dict) else {"message": error}
    data = told.get("data")
    if isinstance(data, dict) and data:
        told = data
    elif data:
        told = {"message": f"{told.get('message', '')}: {data}"}
    return ServerFault(str(told.get("name", "")), str(told.get("message", "")))


# the table


def _rpc(request: Callable[..., httpx.Request], decode: Callable[[httpx.Response, Account], Any]) -> Wire:
    """XML-RPC or JSON-RPC: both offer the same services."""

    def version(account: Account) -> httpx.Request:
        return request(account, "common", "version")

    def authenticate(account: Account) -> httpx.Request:
        login = (account.db, account.username, account.secret.get_secret_value())
        return request(account, "common", "authenticate", *login, {})

    def execute(account: Account, uid: int, call: Call) -> httpx.Request:
        login = (account.db, uid, account.secret.get_secret_value())
        return request(account, "object", "execute_kw", *login, call.model, call.method, call.args, call.kwargs)

    return Wire(version, version, authenticate, lambda result: result, execute, decode)


WIRES: Mapping[str, Wire] = {
    "jsonrpc": _rpc(_json_request, _json_decode),
    "xmlrpc": _rpc(_xml_request, _xml_decode),
    "json2": Wire(
        ping=lambda a: _json2_request(a, Call("res.users", "fields_get", (["id"], ["type"]))),
        version=lambda a: httpx.Request("GET", _under(a.url, "/web/version"), headers=_HEADERS),
        authenticate=lambda a: _json2_request(a, Call("res.users", "context_get")),
        uid=lambda context: context.get("uid", False) if isinstance(context, dict) else False,
        execute=lambda a, uid, c: _json2_request(a, c),
        decode=_json2_decode,
        by_uid=False,
    ),
}
"""The protocols by name, in the order in which `auto` tries them: the fastest first (docs/odoo.md, "Speed")."""
