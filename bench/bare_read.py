"""What a person would write to read the same from Odoo, and throw it away: no mapping, no database, one call at a time.

A program of its own, so that its time and memory are its own: it takes the errand (`bench.errand`) as JSON on standard
input and prints what it did as JSON. JSON-RPC over httpx; headers and lines page by page in order of their ids,
what they refer to by ids, each record once.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import httpx

PAGE = 2000
"""Records a call: as many as the project's own client asks for."""

Record = dict[str, Any]


class Odoo:
    """One user's calls of one database, counted."""

    def __init__(self, http: httpx.Client, errand: Record) -> None:
        self._http = http
        self._errand = errand
        self.calls = 0
        self._user = self._post("common", "login", [errand["db"], errand["username"], errand["password"]])

    def call(self, model: str, method: str, arguments: list[Any], **named: Any) -> list[Record]:
        """The records that a method of a model gives."""
        labels = {} if self._errand["models"][model]["labels"] else {"load": ""}
        named = {**named, **labels, "context": {"lang": "pt_BR", "active_test": False}}
        login = [self._errand["db"], self._user, self._errand["password"]]
        answer: list[Record] = self._post("object", "execute_kw", [*login, model, method, arguments, named])
        return answer

    def _post(self, service: str, method: str, arguments: list[Any]) -> Any:
        self.calls += 1
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "id": self.calls,
            "params": {"service": service, "method": method, "args": arguments},
        }
        answer = self._http.post(f"{self._errand['url']}/jsonrpc", json=body).raise_for_status().json()
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]


def pages(odoo: Odoo, model: str, fields: list[str]) -> Iterator[list[Record]]:
    """All records of a model, in growing order of id."""
    last, size = 0, PAGE
    while size == PAGE:
        page = odoo.call(model, "search_read", [[["id", ">", last]]], fields=fields, limit=PAGE, order="id")
        size = len(page)
        if page:
            yield page
            last = page[-1]["id"]


def read_all(odoo: Odoo, errand: Record) -> dict[str, int]:
    """Read the documents, their lines and all that these refer to; the number of records by model."""
    count: dict[str, int] = defaultdict(int)
    waiting: defaultdict[str, set[int]] = defaultdict(set)
    seen: defaultdict[str, set[int]] = defaultdict(set)

    def follow(model: str, page: list[Record]) -> None:
        count[model] += len(page)
        for field, target in errand["models"][model]["links"].items():
            waiting[target].update(key for record in page for key in ids(record[field]))

    for model in (errand["document"], errand["line"]):
        for page in pages(odoo, model, errand["models"][model]["fields"]):
            follow(model, page)
    while waiting:
        model, wanted = waiting.popitem()
        missing = sorted(wanted - seen[model])
        seen[model] |= wanted
        for start in range(0, len(missing), PAGE):
            batch = missing[start : start + PAGE]
            follow(model, odoo.call(model, "read", [batch], fields=errand["models"][model]["fields"]))
    return dict(count)


def ids(value: Any) -> list[int]:
    """The ids in a relational field: a bare id, an id with its label, a list of ids, or none."""
    if isinstance(value, list):
        return value[:1] if len(value) == 2 and isinstance(value[1], str) else value
    return [value] if value else []


def main() -> None:
    """Run the errand of standard input."""
    errand = json.load(sys.stdin)
    began = time.perf_counter()
    with httpx.Client(timeout=90, trust_env=False) as http:
        odoo = Odoo(http, errand)
        records = read_all(odoo, errand)
    print(json.dumps({"seconds": time.perf_counter() - began, "calls": odoo.calls, "records": records}))


if __name__ == "__main__":
    main()
