"""What tests do to the simulator, apart from everything a client does: `POST /_sim/<verb>` with a JSON object.

| verb | body | does |
|---|---|---|
| `calls` | `{}` | answers `{"total", "concurrent", "methods": {"sale.order.read": n, …}}` since the last reset |
| `reset` | `{}` | forgets the calls, planned faults and what is hidden; records and clock stay |
| `save`, `restore` | `{}` | keeps records, sequences and clock; puts them back as they were kept, as often as asked |
| `faults` | `{"kind", "times": 1, "after"?, "model"?, "method"?, "seconds"?, "records"?}` | plans faults (below) |
| `hide_field` | `{"model", "field"}` | the model behaves as if it had no such field, until a reset |
| `hide_model` | `{"model"}` | the same for a model and the fields that lead to it |
| `hide_records` | `{"model", "ids"}` | a record rule hides these records of the model, and no others, until a reset |
| `clock` | `{"seconds"}` | skips ahead; answers `{"now"}`, UTC with microseconds |
| `date_header` | `{"seconds"}` | the `Date` header is so far ahead of the clock, as a proxy's may be, until a reset |
| `late_commit` | `{"model", "ids", "values", "seconds"}` | a write stamped `seconds` ago that becomes visible now |
| `webhook` | `{"url", "models", "fields"?, "deletions"?}` | until a reset, saved records are told to the URL |
| `raw` | `{"model", "id", "values"}` | sets stored values as they are given: no check, no stamp, no recomputation |
| `invoice` | `{"order", "refund_of"?}` | makes a draft invoice or credit note of an order; answers `{"id"}` |
| `return` | `{"picking", "quantities"?}` | makes a return of a done picking, by move or of all; answers `{"id"}` |
| `undo_receipt` | `{"picking"}` | puts a done picking and its moves into the state cancel, as a server action does |
| `order_requests` | `{"lines", "partner"}` | makes a draft purchase order of request lines; answers `{"id"}` |
| `start` | `{"production"}` | what starting its first work order does: the planned start becomes the real one |
| `produced` | `{"production", "quantity"}` | says how much was produced, which moves no write date |

Kinds of faults, for the next `times` calls (of that model and method, where given): `502` (HTML body), `html` (an HTML
page with status 200), `drop` (the connection closes without an answer), `drop_over` (the same, when the answer would
hold more than `records` records), `delay` (the answer comes `seconds` later), `garbage` (200 with bytes that mean
nothing), `429` (with `Retry-After: seconds`), `reset` (the connection is reset), `truncated` (it closes in mid-body),
`busy` (PostgreSQL could not serialize, as the server tells it). Only `delay`, `drop_over` and `truncated`
execute the call. With `after`, so many calls that the fault would strike pass first.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from demo.odoo import closings, invoices, moments, requests, returns
from demo.odoo.fields import Field
from demo.odoo.simulator import Simulator
from demo.odoo.transports import Reply
from demo.odoo.webhooks import Webhook, Webhooks
from demo.simulators import kind_checked

_KINDS: Final = frozenset({"502", "html", "drop", "drop_over", "delay", "garbage", "429", "reset", "truncated", "busy"})
# What people do with a wizard or a server action: functions with the parameters of the body, which may make a record.
_ACTS: Final[dict[str, Callable[..., int | None]]] = {
    "invoice": invoices.from_order,
    "return": returns.give_back,
    "undo_receipt": returns.undo,
    "order_requests": requests.order,
    "start": closings.start,
    "produced": closings.correct,
}


@dataclass
class Fault:
    """A planned fault and how often it still strikes."""

    kind: str
    times: int = 1
    model: str | None = None
    method: str | None = None
    seconds: float = 1.0
    records: int = 0
    after: int = 0

    def __post_init__(self) -> None:
        kind_checked(self.kind, _KINDS)

    @property
    def reply(self) -> Reply | None:
        """What is answered instead of executing the call, if anything."""
        html = "text/html; charset=utf-8"
        if self.kind == "502":
            return Reply(b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", html, 502)
        if self.kind == "html":
            return Reply(b"<!DOCTYPE html><html><body>Em manuten\xc3\xa7\xc3\xa3o</body></html>", html)
        if self.kind == "garbage":
            return Reply(b"\x00\xff<?xml {{{", "application/octet-stream")
        if self.kind == "429":
            return Reply(b"Too Many Requests", "text/plain", 429, {"Retry-After": f"{self.seconds:g}"})
        return None


class Control:
    """Counts calls, plans faults and carries out the verbs."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._running = 0
        self._concurrent = 0
        self._faults: list[Fault] = []
        self._hidden: list[tuple[str, str, Field]] = []
        self._saved: Callable[[], None] | None = None
        self._webhooks = Webhooks(simulator.store)
        self.header_ahead = 0.0  # seconds

    @contextmanager
    def counted(self, model: str, method: str) -> Iterator[None]:
        """Count a call, and that it runs now."""
        with self._lock:
            self._calls[f"{model}.{method}"] += 1
            self._running += 1
            self._concurrent = max(self._concurrent, self._running)
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1

    def struck(self, model: str, method: str, records: int | None = None) -> Fault | None:
        """The fault that strikes a call: before it is executed, or given how many records its answer holds."""
        with self._lock:
            for fault in self._faults:
                due = (fault.kind == "drop_over") == (records is not None) and (records or 0) >= fault.records
                over = records is None or records > fault.records
                if due and over and fault.model in (None, model) and fault.method in (None, method):
                    if fault.after:
                        fault.after -= 1
                        continue
                    fault.times -= 1
                    if not fault.times:
                        self._faults.remove(fault)
                    return fault
        return None

    def command(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """Carry out a verb.

        Raises:
            LookupError: there is no such verb, model, record or field.
            TypeError: it does not take these arguments.
            ValueError: a value makes no sense.
        """
        verbs: dict[str, Callable[..., dict[str, Any]]] = {
            "calls": self._calls_so_far,
            "reset": self._reset,
            "save": self._save,
            "restore": self._restore,
            "faults": self._plan,
            "hide_field": self._hide,
            "hide_model": self._hide_model,
            "hide_records": self._hide_records,
            "clock": self._advance,
            "date_header": self._disagree,
            "late_commit": self._late_commit,
            "webhook": self._tell,
            "raw": self._raw,
        }
        if verb not in _ACTS:
            return verbs[verb](**body)
        made = self._simulator.act(_ACTS[verb], **body)
        return {} if made is None else {"id": made}

    def _calls_so_far(self) -> dict[str, Any]:
        with self._lock:
            return {"total": self._calls.total(), "concurrent": self._concurrent, "methods": dict(self._calls)}

    def _reset(self) -> dict[str, Any]:
        with self._lock, self._simulator.store.lock:
            self._calls.clear()
            self._concurrent = self._running
            self._faults.clear()
            self.header_ahead = 0.0
            self._webhooks.plan(None)
            store = self._simulator.store
            for model, name, field in self._hidden:
                store.tables[model].fields[name] = field
            self._hidden.clear()
            store.hidden.intersection_update(store.version.gone)
            store.unseen.clear()
        return {}

    def _save(self) -> dict[str, Any]:
        self._saved = self._simulator.store.saved()
        return {}

    def _restore(self) -> dict[str, Any]:
        if self._saved is None:
            raise ValueError("nothing was saved")
        self._saved()
        return {}

    def _plan(self, **plan: Any) -> dict[str, Any]:
        with self._lock:
            self._faults.append(Fault(**plan))
        return {}

    def _hide(self, model: str, field: str) -> dict[str, Any]:
        with self._lock, self._simulator.store.lock:
            self._hidden.append((model, field, self._simulator.store.tables[model].fields.pop(field)))
        return {}

    def _hide_model(self, model: str) -> dict[str, Any]:
        store = self._simulator.store
        with self._lock, store.lock:
            store.hidden.add(store.tables[model].model)
            for name, table in store.tables.items():
                for field in [key for key, field in table.fields.items() if field.relation == model]:
                    self._hidden.append((name, field, table.fields.pop(field)))
        return {}

    def _hide_records(self, model: str, ids: list[int]) -> dict[str, Any]:
        store = self._simulator.store
        with store.lock:
            store.tables[model]  # a model that does not exist is a mistake of the test
            store.unseen[model] = set(ids)
        return {}

    def _advance(self, seconds: float) -> dict[str, Any]:
        clock = self._simulator.store.clock
        clock.advance(seconds)
        return {"now": moments.timestamp(clock.now())}

    def _disagree(self, seconds: float) -> dict[str, Any]:
        self.header_ahead = seconds
        return {}

    def _late_commit(self, model: str, ids: list[int], values: dict[str, Any], seconds: float) -> dict[str, Any]:
        self._simulator.late(seconds, model, ids, values)
        return {}

    def _tell(
        self, url: str, models: list[str], fields: Iterable[str] = ("write_date",), *, deletions: bool = False
    ) -> dict[str, Any]:
        self._webhooks.plan(Webhook(url, tuple(models), tuple(fields), deletions))
        return {}

    def _raw(self, model: str, id: int, values: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - the wire's name
        store = self._simulator.store
        with store.transaction():
            table = store.tables[model]
            for name, value in values.items():
                table.put(id, table.fields[name].name, tuple(value) if isinstance(value, list) else value)
        return {}
