"""What a server answers before any call is made: pages, and refusals of the HTTP layer (recorded from 16.0 to 19.0)."""

from collections.abc import Mapping
from typing import Final

import orjson

from demo.odoo.faults import HttpError
from demo.odoo.simulator import Simulator
from demo.odoo.transports import JSON2, Json2, Reply

HTML: Final = "text/html; charset=utf-8"
NOT_FOUND: Final = Reply(b"<!doctype html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n", HTML, 404)
_NO_DATABASE: Final = (
    b"<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>No database is selected and the requested "
    b"URL was not found in the server-wide controllers.</p>\n<p>Please verify the hostname, <a href=/web/login>login"
    b"</a> and try again.</p>\n\n<!-- Alternatively, use the X-Odoo-Database header. -->\n"
)
_REFUSED: Final = {400: "Bad Request", 415: "Unsupported Media Type"}
_JSON: Final = "application/json; charset=utf-8"


def answer(simulator: Simulator, verb: str, path: str, headers: Mapping[str, str]) -> Reply | None:
    """What a request gets without a call, or None if it is one to be carried out."""
    version = simulator.store.version
    if path == "/web/health" and verb == "GET":
        return Reply(orjson.dumps({"status": "pass"}), "application/json")
    if path == "/web/version" and verb == "GET" and version.json2:
        return Reply(orjson.dumps({"version_info": version.info, "version": version.build}), _JSON)
    if path == "/web/webclient/version_info" and verb == "POST":
        return Reply(orjson.dumps({"jsonrpc": "2.0", "id": None, "result": simulator.version}), _JSON)
    if path == "/jsonrpc" and (verb == "GET" or not _is_json(headers)):
        return _wrong_type(version.wrong_type)
    if path.startswith(JSON2) and version.json2:
        return _json2(simulator, verb, path, headers)
    return None if verb == "POST" else NOT_FOUND


def _json2(simulator: Simulator, verb: str, path: str, headers: Mapping[str, str]) -> Reply | None:
    if headers.get("X-Odoo-Database", simulator.db) != simulator.db:
        return Reply(_NO_DATABASE, HTML, 404)
    if verb != "POST":
        refused = HttpError(404, "NotFound", "Did you mean POST /json/2/<model>/<method>?")
        return Json2(path, headers).failure(None, refused)
    return None if _is_json(headers) else _wrong_type(415)


def _is_json(headers: Mapping[str, str]) -> bool:
    return (headers.get("Content-Type") or "").partition(";")[0].strip() in ("application/json", "application/json-rpc")


def _wrong_type(status: int) -> Reply:
    name = _REFUSED[status]
    text = "Request inferred type is compatible with [&#39;http&#39;] but the path is of another type."
    page = f"<!doctype html>\n<title>{status} {name}</title>\n<h1>{name}</h1>\n<p>{text}</p>\n"
    return Reply(page.encode(), HTML, status)
