"""The three ways into an Odoo: XML-RPC, JSON-RPC, and the JSON-2 of version 19.

XML-RPC and JSON-RPC answer with HTTP 200 even for faults (recorded from Odoo 17.0); JSON-2 uses HTTP status codes and
says what went wrong in an object with name, message, arguments, context and debug (recorded from Odoo 19.0).
"""

import json
import re
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from demo.odoo.faults import Description, HttpError, describe
from demo.odoo.simulator import Json2Call, Request
from demo.odoo.version import Version

_XML_PATHS: Final = {
    "/xmlrpc/2/common": "common",
    "/xmlrpc/2/object": "object",
    "/xmlrpc/common": "common",
    "/xmlrpc/object": "object",
}
_JSON: Final = "application/json; charset=utf-8"
JSON2: Final = "/json/2/"  # the path of JSON-2, before model and method
_UNAUTHENTICATED: Final = "User not authenticated, use an API Key with a Bearer Authorization header."
_CONTROL_CHARACTERS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; of its body only the first `sent` bytes are sent, if that is given."""

    body: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None


class NotJson(Exception):
    """A body that is no JSON, which /jsonrpc refuses in plain words."""


class XmlRpc:
    """XML-RPC; the paths without `/2/` put the message where the code belongs (recorded from Odoo 17.0)."""

    def __init__(self, service: str, *, legacy: bool) -> None:
        self._service = service
        self._legacy = legacy

    def read(self, body: bytes) -> Request:
        """The call that a body holds."""
        params, method = xmlrpc.client.loads(body, use_builtin_types=True)
        return Request(self._service, method or "", list(params))

    def reply(self, request: Request | Json2Call | None, result: Any) -> Reply:
        """The answer with a result.

        Raises:
            TypeError: the result is or holds None, which Odoo's XML-RPC cannot send.
        """
        return self._reply(xmlrpc.client.dumps((result,), methodresponse=True))

    def failure(self, request: Request | Json2Call | None, error: Exception) -> Reply:
        """The answer to a call that failed."""
        told = describe(error)
        text = told.message if told.code != 1 else told.traceback
        fault = xmlrpc.client.Fault(told.code, text)
        if self._legacy:
            fault = xmlrpc.client.Fault(told.message, told.traceback)  # type: ignore[arg-type]
        return self._reply(xmlrpc.client.dumps(fault))

    def _reply(self, text: str) -> Reply:
        return Reply(_CONTROL_CHARACTERS.sub("", text).encode(), "text/xml; charset=utf-8")


class JsonRpc:
    """JSON-RPC 2.0; a method that returns None is answered without `result` (recorded from Odoo 17.0)."""

    def __init__(self, error_code: int) -> None:
        self._error_code = error_code

    def read(self, body: bytes) -> Request:
        """The call that a body holds."""
        try:
            call = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise NotJson from None
        params = call["params"]
        return Request(params["service"], params["method"], list(params["args"]), call.get("id"))

    def reply(self, request: Request | Json2Call | None, result: Any) -> Reply:
        """The answer with a result."""
        return self._reply(request, {} if result is None else {"result": result})

    def failure(self, request: Request | Json2Call | None, error: Exception) -> Reply:
        """The answer to a call that failed."""
        data = _told(describe(error))
        return self._reply(request, {"error": {"code": self._error_code, "message": "Odoo Server Error", "data": data}})

    def _reply(self, request: Request | Json2Call | None, content: dict[str, Any]) -> Reply:
        number = request.id if isinstance(request, Request) else None
        return Reply(_json({"jsonrpc": "2.0", "id": number, **content}), _JSON)


class Json2:
    """JSON-2: the path says what is called, the body holds arguments by name."""

    def __init__(self, path: str, headers: Mapping[str, str]) -> None:
        self._parts = path.removeprefix(JSON2).rstrip("/").split("/")
        self._headers = headers

    def read(self, body: bytes) -> Json2Call:
        """The call that path, headers and body hold."""
        if len(self._parts) != 2:
            raise HttpError(404, "NotFound", "Did you mean POST /json/2/<model>/<method>?")
        scheme, _, key = (self._headers.get("Authorization") or "").partition(" ")
        if scheme.lower() != "bearer":
            raise HttpError(401, "Unauthorized", _UNAUTHENTICATED)
        try:
            arguments = json.loads(body or b"{}")
        except ValueError as error:
            raise HttpError(400, "BadRequest", f"could not parse the body as json: {error}") from None
        if not isinstance(arguments, dict):
            arguments = {}  # as if nothing were given: a required argument is missing then
        return Json2Call(self._headers.get("X-Odoo-Database"), key.strip(), self._parts[0], self._parts[1], arguments)

    def reply(self, request: Request | Json2Call | None, result: Any) -> Reply:
        """The answer with a result."""
        return Reply(_json(result), _JSON)

    def failure(self, request: Request | Json2Call | None, error: Exception) -> Reply:
        """The answer to a call that failed."""
        told = describe(error)
        return Reply(_json(_told(told)), _JSON, told.status)


def _json(value: Any) -> bytes:
    """JSON as Odoo writes it, with Python's own library: `NaN` and `Infinity` as they are, which JSON does not know."""
    return json.dumps(value, ensure_ascii=False).encode()


def _told(error: Description) -> dict[str, Any]:
    """An error as the JSON transports tell it."""
    told = {name: getattr(error, name) for name in ("name", "message", "arguments")}
    return {**told, "debug": error.traceback, "context": {}}


Transport = XmlRpc | JsonRpc | Json2


def transport(path: str, headers: Mapping[str, str], version: Version) -> Transport | None:
    """The transport that serves a path on a version, if any."""
    if path in _XML_PATHS:
        return XmlRpc(_XML_PATHS[path], legacy="/2/" not in path)
    if path == "/jsonrpc":
        return JsonRpc(version.error_code)
    return Json2(path, headers) if version.json2 and path.startswith(JSON2) else None
