"""An Odoo in memory behind `httpx.MockTransport`: the three protocols, and failures on demand."""

import json
import xmlrpc.client
from typing import Any

import httpx
from pydantic import SecretStr

from blocks.breaker import CircuitBreaker
from blocks.odoo.client import OdooClient

SECRET = "s3nh4-muito-secreta"
DATE = "Sun, 22 Nov 2026 02:18:00 GMT"
_TARGETS = {
    "order_id": "sale.order",
    "order_line": "sale.order.line",
    "return_ids": "stock.return",
    "partner_id": "res.partner",
}


class Refused(Exception):
    def __init__(self, code: int, name: str, message: str) -> None:
        super().__init__(message)
        self.code, self.name, self.message = code, name, message


class FakeOdoo:
    """`models` is {model: {field: type}}, `rows` is {model: {id: {field: stored value}}}; labels are `"label <id>"`.

    `failures` are given, one a request, before anything is answered; a page of more than `most` rows is dropped.
    A search shows no more than `shown_at_most` rows, whatever was asked for; `counted` is answered to a count.
    """

    def __init__(self, models: dict[str, dict[str, str]], rows: dict[str, dict[int, dict[str, Any]]]) -> None:
        models = {"res.users": {}, **models}
        self.models = {name: {"id": "integer", "write_date": "datetime", **types} for name, types in models.items()}
        self.rows = rows
        self.calls: list[tuple[str, str]] = []
        self.requests: list[httpx.Request] = []
        self.failures: list[Any] = []
        self.most = 10**9
        self.shown_at_most: int | None = None
        self.counted: Any = "really"
        self.paths = ("/jsonrpc", "/xmlrpc/2/", "/json/2/", "/web/version")
        self.missing = "<title>404 Not Found</title>"
        self.slept: list[float] = []

    def client(self, **changes: Any) -> OdooClient:
        settings: dict[str, Any] = {
            "url": "https://odoo.example",
            "db": "producao",
            "username": "admin",
            "secret": SecretStr(SECRET),
            "transport": httpx.MockTransport(self),
            "breaker": CircuitBreaker(),
            "sleep": self.slept.append,
        }
        return OdooClient(**settings | changes)

    def reads(self, model: str) -> int:
        return sum(1 for name, method in self.calls if name == model and method in ("read", "search_read", "search"))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            if failure is not None:
                return failure
        path = request.url.path
        if not path.startswith(self.paths):
            return httpx.Response(404, html=self.missing)
        if path == "/web/version":
            return httpx.Response(200, json={"version": "19.0"}, headers={"date": DATE})
        if path.startswith("/json/2/"):
            return self._json2(request)
        if path == "/jsonrpc":
            return self._jsonrpc(request)
        return self._xmlrpc(request)

    def _jsonrpc(self, request: httpx.Request) -> httpx.Response:
        params = json.loads(request.content)["params"]
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": 1}
        try:
            reply["result"] = self._service(params["method"], params["args"])
            if reply["result"] is None:
                del reply["result"]
        except Refused as refused:
            reply["error"] = {
                "code": 200,
                "message": "Odoo Server Error",
                "data": {"name": refused.name, "message": refused.message, "debug": f"Traceback {SECRET}"},
            }
        return httpx.Response(200, content=json.dumps(reply), headers={"date": DATE})

    def _xmlrpc(self, request: httpx.Request) -> httpx.Response:
        args, method = xmlrpc.client.loads(request.content)
        try:
            result = self._service(method, args)
            if result is None:
                raise Refused(1, "builtins.TypeError", "cannot marshal None unless allow_none is enabled")
            try:
                body = xmlrpc.client.dumps((result,), methodresponse=True)
            except (OverflowError, TypeError) as error:
                raise Refused(1, f"builtins.{type(error).__name__}", str(error)) from None
        except Refused as refused:
            text = refused.message
            if refused.code == 1:
                name = refused.name.removeprefix("builtins.")
                text = f"Traceback (most recent call last):\n  File {SECRET}\n{name}: {text}\n"
            body = xmlrpc.client.dumps(xmlrpc.client.Fault(refused.code, text))
        content = body.encode(errors="surrogatepass")
        return httpx.Response(200, content=content, headers={"date": DATE, "content-type": "text/xml"})

    def _json2(self, request: httpx.Request) -> httpx.Response:
        model, method = request.url.path.removeprefix("/json/2/").split("/")
        named = json.loads(request.content)
        try:
            if request.headers["authorization"] != f"bearer {SECRET}":
                raise Refused(3, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
            args = (named.pop("ids"),) if "ids" in named else ()
            if method == "context_get":
                return httpx.Response(200, json={"uid": 2, "lang": "pt_BR"})
            body = json.dumps(self._method(model, method, args, named))
            return httpx.Response(200, content=body, headers={"date": DATE})
        except Refused as refused:
            unknown = refused.code == 2
            name = "werkzeug.exceptions.NotFound" if unknown else refused.name
            status = 404 if unknown else 401 if refused.code == 3 else 500
            return httpx.Response(status, json={"name": name, "message": refused.message, "debug": SECRET})

    def _service(self, method: str, args: Any) -> Any:
        if method == "version":
            return {"server_version": "17.0"}
        if args[0] != "producao":
            raise Refused(1, "builtins.KeyError", f"'{args[0]}'")
        if method == "authenticate":
            return 2 if tuple(args[1:3]) == ("admin", SECRET) else False
        _, uid, secret, model, name, positional, named = args
        if (uid, secret) != (2, SECRET):
            raise Refused(3, "odoo.exceptions.AccessDenied", "Access Denied")
        return self._method(model, name, positional, named)

    def _method(self, model: str, method: str, args: Any, named: dict[str, Any]) -> Any:
        self.calls.append((model, method))
        if model not in self.models:
            raise Refused(2, "odoo.exceptions.UserError", f"O objeto {model} não existe")
        if method == "fields_get":
            return {name: {"type": kind} for name, kind in self.models[model].items()}
        if method == "action_nothing":
            return None
        if method == "action_refused":
            raise Refused(2, "odoo.exceptions.UserError", "Pedido já faturado")
        names = dict(zip(("ids", "fields") if method == "read" else ("domain", "fields"), args, strict=False)) | named
        rows = self.rows.get(model, {})
        if method == "read":
            if list(names["fields"]) == ["id"]:
                return [{"id": key} for key in names["ids"]]  # whether they exist or not (recording 21)
            found = [key for key in names["ids"] if key in rows]
        else:
            found = sorted(key for key in rows if self._matches(model, key, list(names["domain"])))
            if method == "search_count":
                return self.counted if self.counted != "really" else len(found)
            found = found[names.get("offset", 0) :][: names.get("limit") or None][: self.shown_at_most]
        if method == "read_group":  # without groups, as columns
            rows_of = [{"id": key, **rows[key]} for key in found]
            columns = {spec.partition(":")[0]: spec.partition("(")[2].rstrip(")") for spec in names["fields"]}
            return [{"__count": len(found), **{ours: [row[name] for row in rows_of] for ours, name in columns.items()}}]
        if len(found) > self.most:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return found if method == "search" else [self._shown(model, key, names) for key in found]

    def _shown(self, model: str, key: int, names: dict[str, Any]) -> dict[str, Any]:
        row = {"id": key, **self.rows[model][key]}
        shown = {}
        for name in {"id", *names["fields"]}:
            if name not in self.models[model]:
                raise Refused(1, "builtins.ValueError", f"Invalid field '{name}' on model '{model}'")
            value = row.get(name, False)
            labelled = self.models[model][name] == "many2one" and value and names.get("load") != ""
            shown[name] = [value, f"label {value}"] if labelled else value
        return shown

    def _matches(self, model: str, key: int, domain: list[Any]) -> bool:
        def term() -> bool:
            head = domain.pop(0)
            if head in ("&", "|"):
                left, right = term(), term()
                return left and right if head == "&" else left or right
            return self._leaf(model, key, *head)

        truth = True
        while domain:
            truth = term() and truth
        return truth

    def _leaf(self, model: str, key: int, path: str, operator: str, wanted: Any) -> bool:
        name, _, rest = path.partition(".")
        value = {"id": key, **self.rows[model][key]}.get(name, False)
        if rest:
            keys = value if isinstance(value, list) else [value] if value else []
            return any(self._leaf(_TARGETS[name], key, rest, operator, wanted) for key in keys)
        if operator == "in":
            return value in wanted
        if operator in ("=", "!="):
            return bool(value == wanted) == (operator == "=")
        return {">": value > wanted, ">=": value >= wanted, "<": value < wanted}[operator]
