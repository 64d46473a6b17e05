"""The HTTP side: a thread per connection, one call per connection, and the cost of a call paid outside every lock."""

import json
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

import orjson

from demo.odoo.control import Control
from demo.odoo.faults import DatabaseError
from demo.odoo.moments import Clock
from demo.odoo.simulator import Json2Call, Simulator
from demo.odoo.transports import NotJson, Reply, transport
from demo.odoo.web import HTML, NOT_FOUND, answer
from demo.simulators import CONTROL, LoopbackServer

_LARGEST_BODY: Final = 128 * 1024 * 1024
_GATHERED: Final = 50  # dates and other texts of an array cost as much as one record: no record is made of them
BUSY: Final = "could not serialize access due to concurrent update"


@dataclass(frozen=True)
class Cost:
    """What a call takes on a real server far away, in seconds: each call, and each record in its answer."""

    call: float = 0.0
    record: float = 0.0


class OdooServer(LoopbackServer):
    """Serves a simulator on loopback.

    Attributes:
        called: told of each call, by model and method, before it is carried out.
    """

    def __init__(self, address: tuple[str, int], simulator: Simulator, cost: Cost) -> None:
        super().__init__(address, _Handler)
        self.simulator = simulator
        self.control = Control(simulator)
        self.cost = cost
        self.called: Callable[[str, str], None] = lambda model, method: None

    @property
    def clock(self) -> Clock:
        """The clock behind the `Date` header and the write dates."""
        return self.simulator.store.clock


class _Handler(BaseHTTPRequestHandler):
    server: OdooServer
    protocol_version = "HTTP/1.1"
    server_version = "Werkzeug/2.2.2"
    sys_version = "Python/3.11.2"
    _reset = False

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LARGEST_BODY:
            self._send(Reply(b"<h1>Request Entity Too Large</h1>", HTML, 413))
            return
        body = self.rfile.read(length)
        if self.path.startswith(CONTROL):
            self._send(self._controlled(self.path.removeprefix(CONTROL), body))
            return
        reply = self._told("POST") or self._called(body)
        if reply is None:
            self._hang_up()
        else:
            self._send(reply)

    def do_GET(self) -> None:
        self._send(self._told("GET") or NOT_FOUND)

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._send(self._told("PUT") or NOT_FOUND)

    def _told(self, verb: str) -> Reply | None:
        """What the HTTP layer answers by itself."""
        return answer(self.server.simulator, verb, self.path, self.headers)  # type: ignore[arg-type]

    def _called(self, body: bytes) -> Reply | None:
        """The answer to a call; None drops the connection."""
        served = transport(self.path, self.headers, self.server.simulator.store.version)  # type: ignore[arg-type]
        if served is None:
            return NOT_FOUND
        try:
            request = served.read(body)
        except NotJson:
            return Reply(b"Invalid JSON data", HTML, 400)
        except Exception as error:
            return served.failure(None, error)
        control, simulator = self.server.control, self.server.simulator
        with control.counted(*request.called):
            self.server.called(*request.called)
            fault = control.struck(*request.called)
            if fault is not None and fault.kind in ("drop", "reset"):
                self._reset = fault.kind == "reset"
                return None
            if fault is not None and fault.reply is not None:
                return fault.reply
            records = 0
            try:
                if fault is not None and fault.kind == "busy":
                    raise DatabaseError("psycopg2.errors.SerializationFailure", BUSY)
                result = (
                    simulator.execute_json2(request) if isinstance(request, Json2Call) else simulator.execute(request)
                )
                records = _records(result)
                reply = served.reply(request, result)
            except Exception as error:
                reply = served.failure(request, error)
            time.sleep(self.server.cost.call + self.server.cost.record * records + (fault.seconds if fault else 0))
            if fault is not None and fault.kind == "truncated":
                reply = replace(reply, sent=len(reply.body) // 2)
            return None if control.struck(*request.called, records) else reply

    def _hang_up(self) -> None:
        """Close the connection; with a reset, if that is what was planned."""
        if self._reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _controlled(self, verb: str, body: bytes) -> Reply:
        try:
            answer = self.server.control.command(verb, json.loads(body or b"{}"))
        except Exception as error:
            told = orjson.dumps({"error": f"{type(error).__name__}: {error}"})
            return Reply(told, "application/json", 400)
        return Reply(orjson.dumps(answer), "application/json")

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Connection", "close")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[: reply.sent])
        if reply.sent is not None:
            self.wfile.flush()
            self._hang_up()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` header, by the simulated clock or that of a proxy."""
        moment: datetime = self.server.clock.now() + timedelta(seconds=self.server.control.header_ahead)
        return format_datetime(moment, usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing: the calls are counted, see `demo.odoo.control`."""


def _records(result: Any) -> int:
    """As much as how many records an answer costs; ids alone cost nothing worth simulating, gathered texts little."""
    if not isinstance(result, list) or not result or not isinstance(result[0], dict):
        return 0
    gathered = (value for row in result if "__count" in row for value in row.values() if isinstance(value, list))
    return len(result) + sum(len(values) for values in gathered if values and isinstance(values[0], str)) // _GATHERED
